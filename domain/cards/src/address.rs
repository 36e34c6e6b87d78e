//! A place to pay to: a person's or an employer's account at a bank, and how sure we are of it.
//!
//! **Streams** `address-<id>`.
//! **Invariant** the version grows by one with each change of account and never otherwise; money
//! goes only to a version that was verified, is not frozen and whose card takes credits.

mod error;
mod event;
#[cfg(test)]
mod laws;
mod record;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{BankCode, CardId, Date, PayAddressId, ReturnReason};

pub use error::Error;
pub use event::{Account, Event, FreezeReason, Owner};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Address {
    #[default]
    Unknown,
    Registered(Record),
}

/// What rules need; the sealed account stays in the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub address: PayAddressId,
    pub owner: Owner,
    pub bank: BankCode,
    pub card: Option<CardId>,
    /// From 1.
    pub version: u32,
    pub verification: Verification,
    /// A freeze is of the address, not of a version: a change does not lift it.
    pub frozen_since: Option<Date>,
    pub frozen_for: Option<FreezeReason>,
    /// The day of the last event.
    pub since: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    Pending,
    Verified,
    Failed(ReturnReason),
}

/// What the card behind an account says, looked up with its revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardFact {
    /// The account has no card.
    None,
    /// As [`crate::card::Card::takes_credits`] says.
    TakesCredits,
    TakesNone,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Register {
        address: PayAddressId,
        owner: Owner,
        account: Account,
        on: Date,
    },
    /// The bank confirmed number and name of this version.
    Verify {
        version: u32,
        card: CardFact,
        on: Date,
    },
    FailVerification {
        version: u32,
        reason: ReturnReason,
        on: Date,
    },
    Change {
        account: Account,
        reason: String,
        on: Date,
    },
    Freeze {
        reason: FreezeReason,
        on: Date,
    },
    Unfreeze {
        reason: String,
        on: Date,
    },
}

impl Address {
    /// The version that money may go to now, given what its card says.
    ///
    /// # Errors
    /// Why money may not go there.
    pub fn usable(&self, card: CardFact) -> Result<u32, Error> {
        let record = match self {
            Self::Unknown => return Err(Error::Unknown),
            Self::Registered(record) => record,
        };
        if let Some(since) = record.frozen_since {
            return Err(Error::Frozen { since });
        }
        match record.verification {
            Verification::Pending | Verification::Failed(_) => {
                return Err(Error::NotVerified { version: record.version });
            }
            Verification::Verified => {}
        }
        record.credited(card)?;
        Ok(record.version)
    }

    fn registered(&self, on: Date) -> Result<&Record, Error> {
        match self {
            Self::Unknown => Err(Error::Unknown),
            Self::Registered(record) if on < record.since => {
                Err(Error::OutOfOrder { on, since: record.since })
            }
            Self::Registered(record) => Ok(record),
        }
    }
}

impl Decider for Address {
    const CATEGORY: &'static str = "address";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Register { address, owner, account, on } => {
                if *self != Self::Unknown {
                    return Err(Error::AlreadyRegistered);
                }
                record::fits(owner, &account)?;
                Ok(vec![Event::Registered { address, owner, account, on }])
            }
            Command::Verify { version, card, on } => self.registered(on)?.verify(version, card, on),
            Command::FailVerification { version, reason, on } => {
                self.registered(on)?.fail(version, reason, on)
            }
            Command::Change { account, reason, on } => {
                let record = self.registered(on)?;
                record::fits(record.owner, &account)?;
                let (version, reason) = (record.version + 1, given(reason)?);
                Ok(vec![Event::Changed { version, account, reason, on }])
            }
            Command::Freeze { reason, on } => match self.registered(on)?.frozen_since {
                None => Ok(vec![Event::Frozen { reason, on }]),
                Some(since) => Err(Error::Frozen { since }),
            },
            Command::Unfreeze { reason, on } => match self.registered(on)?.frozen_since {
                None => Err(Error::NotFrozen),
                Some(_) => Ok(vec![Event::Unfrozen { reason: given(reason)?, on }]),
            },
        }
    }

    fn evolve(self, event: &Event) -> Self {
        if let Event::Registered { address, owner, account, on } = event {
            return Self::Registered(Record::new(*address, *owner, account, *on));
        }
        match self {
            Self::Unknown => self,
            Self::Registered(record) => Self::Registered(record.evolve(event)),
        }
    }
}

fn given(text: String) -> Result<String, Error> {
    if text.trim().is_empty() { Err(Error::NoReason) } else { Ok(text) }
}
