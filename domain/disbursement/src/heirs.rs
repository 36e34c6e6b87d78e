//! What a dead person was still owed, and who receives it in his place.
//!
//! **Streams** `heirs-<deceased>`.
//! **Invariant** a heir is another, living person, named on a document by one and approved by
//! another; no month after that of the death is in the case (劳社厅发〔2001〕8号).

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::Decider;
use shared::{Date, Money, Month, ObligationId, PersonId};

pub use self::error::Error;
pub use self::event::{Event, Named};
use crate::faults::{Fault, planted};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heirs {
    pub deceased: Option<PersonId>,
    pub died_on: Option<Date>,
    pub owed: BTreeMap<ObligationId, Money>,
    pub named: Option<Named>,
    pub withdrawn: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// With the first obligation; a later one is added to the case.
    Add { deceased: PersonId, died_on: Date, obligation: ObligationId, amount: Money },
    /// `alive` was looked up.
    Name { named: Named, alive: bool },
    /// The death was false.
    Withdraw { reason: String },
}

impl Heirs {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.deceased.is_some() && !self.withdrawn
    }

    fn add(
        &self,
        deceased: PersonId,
        died_on: Date,
        obligation: ObligationId,
        amount: Money,
    ) -> Result<Vec<Event>, Error> {
        if !amount.is_positive() {
            return Err(Error::NotPositive { amount });
        }
        if obligation.month > Month::of(died_on) && !planted(Fault::HeirsPaidForAll) {
            return Err(Error::AfterDeath { month: obligation.month, died_on });
        }
        if self.is_open() && self.owed.contains_key(&obligation) {
            return Ok(vec![]);
        }
        let add = Event::Added { obligation, amount };
        Ok(if self.is_open() { vec![add] } else { vec![Event::Opened { deceased, died_on }, add] })
    }
}

impl Decider for Heirs {
    const CATEGORY: &'static str = "heirs";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Add { deceased, died_on, obligation, amount } => {
                self.add(deceased, died_on, obligation, amount)
            }
            _ if !self.is_open() => Err(Error::NotOpen),
            Command::Name { named, .. } if named.basis.trim().is_empty() => Err(Error::NoBasis),
            Command::Name { named, .. } if named.by == named.approver => {
                Err(Error::SamePerson { by: named.by })
            }
            Command::Name { named, .. } if Some(named.heir) == self.deceased => {
                Err(Error::Deceased { heir: named.heir })
            }
            Command::Name { named, alive: false } => Err(Error::Deceased { heir: named.heir }),
            Command::Name { named, alive: true } => Ok(vec![Event::Named(named)]),
            Command::Withdraw { reason } if reason.trim().is_empty() => Err(Error::NoBasis),
            Command::Withdraw { reason } => Ok(vec![Event::Withdrawn { reason }]),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { deceased, died_on } => {
                self =
                    Self { deceased: Some(*deceased), died_on: Some(*died_on), ..Self::default() };
            }
            Event::Added { obligation, amount } => {
                self.owed.insert(*obligation, *amount);
            }
            Event::Named(named) => self.named = Some(named.clone()),
            Event::Withdrawn { .. } => self.withdrawn = true,
        }
        self
    }
}
