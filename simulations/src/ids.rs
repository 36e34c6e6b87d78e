//! Ids that the caller of a command makes: here from the seed.

use jiff::tz::TimeZone;
use uuid::{Builder, Uuid};

use crate::dice::Dice;
use crate::plan::Plan;

/// A version 7 id whose instant is the plan's first midnight in Shanghai plus a millisecond for
/// each index: ids of one kind sort by index and lie together in a table's index. `kind` keeps
/// different things with the same index apart.
#[must_use]
pub fn uuid(plan: &Plan, kind: &str, index: u32) -> Uuid {
    // China has kept UTC+8 since 1991.
    let midnight = TimeZone::fixed(jiff::tz::offset(8))
        .to_timestamp(plan.month.first_day().at(0, 0, 0, 0))
        .expect("a plan's month is in this century");
    let millis = u64::try_from(midnight.as_millisecond()).expect("a plan's month is after 1970");
    let random = Dice::new(plan.seed, kind, index).bytes();
    Builder::from_unix_timestamp_millis(millis + u64::from(index), &random).into_uuid()
}
