//! What happens in the city in its first quarter (DISBURSEMENT section 4): a table for each group of
//! facts, of what becomes of whom on which day.
//!
//! | facts | module |
//! |---|---|
//! | 5, 6: deaths, when they become known, what comes back | [`deaths`] |
//! | 4, 7, 8, 11, 12, 13: what changes in grants | [`pensions`] |
//! | 3, 9, 11, 12: what is wrong with accounts | [`accounts`] |
//! | 10: what the banks do wrong | [`banks`] |
//! | 14: what the grid reports | [`grid`] |
//!
//! The counts of the tables are those among 20,000 people. Another city has each row scaled, rounded
//! and at least once, so that every fact has its people in any city; the grid's cases are as many in
//! every city.
//!
//! **Invariant** the same city has the same story; nobody plays two parts.

pub mod accounts;
pub mod banks;
mod cast;
pub mod deaths;
pub mod grid;
pub mod pensions;

use std::collections::BTreeSet;

use thiserror::Error;

use self::accounts::Accounts;
use self::cast::Cast;
use self::deaths::{Death, FalseMatch, Funeral};
use self::grid::GridCase;
use self::pensions::{Certification, DoubleDrawer, Keyed, LateApproval, SecondClaim, Twin};
use crate::city::City;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoryError {
    #[error("a city of {people} people is too small for what happens in it")]
    TooFewPeople { people: u32 },
}

/// Everything that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    pub deaths: Vec<Death>,
    pub funerals: Vec<Funeral>,
    pub false_match: FalseMatch,
    pub late_approvals: Vec<LateApproval>,
    pub double_drawers: Vec<DoubleDrawer>,
    pub twin: Twin,
    pub certification: Certification,
    pub keyed: Keyed,
    pub second_claim: Option<SecondClaim>,
    pub accounts: Accounts,
    pub grid: Vec<GridCase>,
    /// Grants of the city that are not registered at its start, by place: those that come later, and
    /// those that make room for the second pensions.
    pub withheld: BTreeSet<u32>,
}

impl Story {
    /// Nobody plays a part: everybody is registered as he is, and no account is wrong.
    pub fn quieten(&mut self) {
        self.withheld.clear();
        self.funerals.clear();
        self.accounts.returns.clear();
        self.twin.given_up = u32::MAX;
        self.keyed.grant = u32::MAX;
    }

    /// # Errors
    /// When the city has too few people for all parts.
    pub fn of(city: &City) -> Result<Self, StoryError> {
        let mut cast = Cast::new(city);
        let late_approvals = pensions::late_approvals(&mut cast);
        let mut deaths = deaths::deaths(&mut cast)?;
        let false_match = deaths::false_match(&mut cast)?;
        let double_drawers = pensions::double_drawers(&mut cast)?;
        let twin = pensions::twin(&mut cast)?;
        let certification = pensions::certification(&mut cast)?;
        let keyed = pensions::keyed(&mut cast)?;
        let second_claim = pensions::second_claim(&mut cast);
        let accounts = accounts::accounts(&mut cast)?;
        let dead = certification.stopped.iter().filter(|one| one.died);
        deaths.extend(dead.map(|one| deaths::uncertified(one.who)));
        let funerals = deaths::funerals(&cast, &deaths);
        let mut withheld: BTreeSet<u32> =
            pensions::without_grant(&mut cast, double_drawers.len())?.into_iter().collect();
        withheld.extend(late_approvals.iter().map(|one| one.grant));
        withheld.extend(double_drawers.iter().map(|one| one.grant));
        let grid = grid::cases(city.employers());
        Ok(Self {
            deaths,
            funerals,
            false_match,
            late_approvals,
            double_drawers,
            twin,
            certification,
            keyed,
            second_claim,
            accounts,
            grid,
            withheld,
        })
    }
}
