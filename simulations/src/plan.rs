//! What city is wanted.

use shared::Month;
use thiserror::Error;

/// The order for a city. The same plan gives the same city, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    /// The real pension sheets among them.
    pub people: u32,
    pub employers: u32,
    /// The first month that is paid.
    pub month: Month,
    /// How many months are paid, from 1 to 12: one-off grants arise in each.
    pub months: u32,
    /// Puts the name with 「䶮」 at the bank that takes GBK only. Off, it is at a bank that takes
    /// every character, and the straight path pays it.
    pub hard_names: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlanError {
    #[error("a city of {people} people is too small for its groups; the least is {PEOPLE_MIN}")]
    TooFewPeople { people: u32 },
    #[error("a city of {people} people is too large; the most is {PEOPLE_MAX}")]
    TooManyPeople { people: u32 },
    #[error("{employers} employers: from 1 to {EMPLOYERS_MAX} are possible")]
    Employers { employers: u32 },
    #[error("{months} months: from 1 to 12 are possible")]
    Months { months: u32 },
    #[error("the city begins in {month}; years from 2010 to 2026 are possible")]
    Month { month: Month },
}

/// The 91 sheets and at least one of each group, for a year.
pub const PEOPLE_MIN: u32 = 500;
/// Beyond it numbers of one day and county run out.
pub const PEOPLE_MAX: u32 = 10_000_000;
pub const EMPLOYERS_MAX: u32 = 1_000_000;

impl Default for Plan {
    /// The demo city: 20,000 people and 600 employers, January 2026.
    fn default() -> Self {
        Self {
            seed: 2026,
            people: 20_000,
            employers: 600,
            month: Month::new(2026, 1).expect("a month"),
            months: 1,
            hard_names: false,
        }
    }
}

impl Plan {
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        let Self { people, employers, month, months, .. } = *self;
        if people < PEOPLE_MIN {
            return Err(PlanError::TooFewPeople { people });
        }
        if people > PEOPLE_MAX {
            return Err(PlanError::TooManyPeople { people });
        }
        if !(1..=EMPLOYERS_MAX).contains(&employers) {
            return Err(PlanError::Employers { employers });
        }
        if !(1..=12).contains(&months) {
            return Err(PlanError::Months { months });
        }
        // Later years have other counties and no holiday notice; earlier ones no such cards.
        if !(2010..=2026).contains(&month.year()) {
            return Err(PlanError::Month { month });
        }
        Ok(())
    }
}
