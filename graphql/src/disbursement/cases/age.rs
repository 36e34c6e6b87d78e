//! How old something is on a day.

use async_graphql::InputObject;
use projections::cases;
use projections::lists::Only;

use super::words::AgeBand;
use crate::fault::Fault;
use crate::request::Request;
use crate::scalars::Date;

/// 账龄条件 / Which ages, counted to a day.
#[derive(Debug, Clone, InputObject)]
pub struct AgedInput {
    /// 账龄 / In one of these bands.
    pub bands: Vec<AgeBand>,
    /// 截止日 / Counted to this day.
    pub on: Date,
}

impl AgedInput {
    pub fn only(&self, column: &'static str) -> Only {
        let band = |band: &AgeBand| cases::AgeBand::from(*band).only(column, self.on.0);
        Only::Any(self.bands.iter().map(band).collect())
    }
}

impl From<AgeBand> for cases::AgeBand {
    fn from(band: AgeBand) -> Self {
        match band {
            AgeBand::UpTo7Days => Self::UpTo7,
            AgeBand::UpTo30Days => Self::UpTo30,
            AgeBand::UpTo90Days => Self::UpTo90,
            AgeBand::Over90Days => Self::Over90,
        }
    }
}

impl From<cases::AgeBand> for AgeBand {
    fn from(band: cases::AgeBand) -> Self {
        match band {
            cases::AgeBand::UpTo7 => Self::UpTo7Days,
            cases::AgeBand::UpTo30 => Self::UpTo30Days,
            cases::AgeBand::UpTo90 => Self::UpTo90Days,
            cases::AgeBand::Over90 => Self::Over90Days,
        }
    }
}

/// The day that was asked for, or today.
///
/// # Errors
/// When the clock shows no day.
pub fn day(request: &Request, on: Option<Date>) -> Result<shared::Date, Fault> {
    match on {
        Some(on) => Ok(on.0),
        None => Ok(request.app().executor.today()?),
    }
}

/// The days from one day to another.
pub fn days(from: shared::Date, to: shared::Date) -> i32 {
    to.since(from).map_or(0, |span| span.get_days())
}
