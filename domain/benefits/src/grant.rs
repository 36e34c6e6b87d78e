//! One person's entitlement to one pay item, month by month.
//!
//! **Streams** `grant-<id>`.
//! **Invariant** there is an amount only for months within the grant that no standing or forfeited
//! stop covers; stops follow each other without overlap.

mod error;
mod event;
#[cfg(test)]
mod laws;
mod record;
mod registration;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{GrantId, ItemId, Month, PayAddressId, Payee, StopReason};

pub use error::Error;
pub use event::{ComponentAmount, EndReason, Event, Registration};
pub use record::{Record, Stop};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Grant {
    #[default]
    Unknown,
    Registered(Box<Record>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Register(Registration),
    Adjust {
        from: Month,
        components: Vec<ComponentAmount>,
        reason: String,
    },
    Suspend {
        from: Month,
        reason: StopReason,
    },
    Resume {
        from: Month,
        missed: Missed,
        reason: String,
    },
    End {
        last: Month,
        reason: EndReason,
    },
    /// The death that ended it was false.
    Reinstate {
        reason: String,
    },
    /// The matrix of competing benefits lets it stand, with a note.
    NoteCompeting {
        other: GrantId,
        item: ItemId,
        rule: String,
    },
    /// The address is the new payee's: the command looked it up.
    ChangePayee {
        payee: Payee,
        address: PayAddressId,
        basis: String,
    },
}

/// What becomes of the months of a stop when it is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// Owed: the stop was right but its cause was cured, or it was wrong.
    Owed,
    /// Not owed, like the months of a sentence.
    Forfeited,
}

impl Grant {
    /// What is owed for a month, as far as is known now; `None` when nothing is. Backdated
    /// adjustments are in it: what was paid before is for the caller to subtract.
    #[must_use]
    pub fn amounts_for(&self, month: Month) -> Option<&[ComponentAmount]> {
        match self {
            Self::Unknown => None,
            Self::Registered(record) => record.amounts_for(month),
        }
    }

    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Unknown => None,
            Self::Registered(record) => Some(record),
        }
    }

    fn registered(&self) -> Result<&Record, Error> {
        self.record().ok_or(Error::Unknown)
    }
}

impl Decider for Grant {
    const CATEGORY: &'static str = "grant";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Register(granted) => match self {
                Self::Unknown => registration::register(granted),
                Self::Registered(_) => Err(Error::AlreadyRegistered),
            },
            Command::Adjust { from, components, reason } => {
                self.registered()?.adjust(from, components, reason)
            }
            Command::Suspend { from, reason } => self.registered()?.suspend(from, reason),
            Command::Resume { from, missed, reason } => {
                self.registered()?.resume(from, missed, reason)
            }
            Command::End { last, reason } => self.registered()?.end(last, reason),
            Command::Reinstate { reason } => self.registered()?.reinstate(reason),
            Command::NoteCompeting { other, item, rule } => {
                self.registered()?;
                Ok(vec![Event::CompetingNoted { other, item, rule }])
            }
            Command::ChangePayee { payee, address, basis } => {
                self.registered()?.change_payee(payee, address, basis)
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Registered(registration)) => {
                Self::Registered(Box::new(Record::new(registration)))
            }
            (Self::Registered(record), event) => Self::Registered(Box::new(record.evolve(event))),
            (Self::Unknown, _) => Self::Unknown,
        }
    }

    fn weight(&self) -> usize {
        size_of_val(self) + self.record().map_or(0, Record::weight)
    }
}
