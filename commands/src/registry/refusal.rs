//! The deciders' errors as refusals, and what is wrong with a place.

use registry::{division, employer, grid, organisation, person};
use shared::{DivisionCode, DivisionLevel, Divisions};

use crate::error::Refused;

crate::refusal!(
    person::Error,
    employer::Error,
    organisation::Invalid,
    division::Invalid,
    grid::Invalid,
);

/// # Errors
/// When `code` is not one of a county, or never was one.
pub(super) fn county(code: DivisionCode, field: &'static str) -> Result<(), Refused> {
    let known = Divisions::bundled().known(code);
    if code.level() == DivisionLevel::County && known {
        return Ok(());
    }
    Err(Refused::new(
        "NOT_A_COUNTY",
        format!("{code}不是县级行政区划代码（6位）"),
        format!("{code} is not the six-digit code of a county"),
    )
    .field(field)
    .param("code", code))
}
