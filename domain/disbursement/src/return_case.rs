//! One returned attempt (退票), from the day the bank gave it back until it is paid or passed on.
//!
//! **Streams** `return-<obligation>#<attempt>`.
//! **Invariant** nothing is reissued to an account that the bank refused: the case needs an address
//! of another version, or the same one verified again where the reason was not the account.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{Date, PayAddressId, ReturnReason};

pub use self::error::Error;
pub use self::event::{Corrected, Event, Opened, Outcome};
use crate::faults::{Fault, planted};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnCase {
    pub stage: Stage,
    pub opened: Option<Opened>,
    pub notices: u32,
    pub corrected: Option<Corrected>,
    /// The part in which the next attempt stands.
    pub part: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unopened,
    Open,
    Notified,
    Corrected,
    Reissued,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Open(Opened),
    /// The payee, or who stands for him, was told.
    Notify {
        by: String,
        channel: String,
        on: Date,
    },
    /// `verified`: the command looked up that this version is the current one and is verified.
    Correct {
        address: PayAddressId,
        version: u32,
        verified: bool,
        by: String,
        on: Date,
    },
    /// A reissue run took it.
    Reissue {
        part: String,
    },
    /// That run was cancelled.
    Free {
        part: String,
    },
    Close {
        outcome: Outcome,
        on: Date,
    },
}

impl ReturnCase {
    /// Days since the bank returned it; `None` before it is open and after it is closed.
    #[must_use]
    pub fn age_days(&self, on: Date) -> Option<i32> {
        let opened = self.opened.as_ref()?;
        match self.stage {
            Stage::Open | Stage::Notified | Stage::Corrected | Stage::Reissued => {
                on.since(opened.returned_on).ok().map(|span| span.get_days())
            }
            Stage::Unopened | Stage::Closed => None,
        }
    }

    fn at(&self, allowed: &[Stage], needs: Stage) -> Result<(), Error> {
        if allowed.contains(&self.stage) {
            Ok(())
        } else {
            Err(Error::Stage { is: self.stage, needs })
        }
    }

    fn correct(
        &self,
        address: PayAddressId,
        version: u32,
        verified: bool,
        by: String,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        self.at(&[Stage::Open, Stage::Notified, Stage::Corrected], Stage::Open)?;
        let Some(opened) = &self.opened else { return Err(Error::NotOpen) };
        if opened.reason == ReturnReason::PayeeDeceased {
            return Err(Error::PayeeDeceased);
        }
        if !verified {
            return Err(Error::NotVerified { version });
        }
        let same = address == opened.address && version == opened.address_version;
        if same && blames_account(opened.reason) && !planted(Fault::SameAccountReissued) {
            return Err(Error::SameAccount { reason: opened.reason });
        }
        Ok(vec![Event::Corrected(Corrected { address, version, by, on })])
    }
}

/// Whether the bank said that this account cannot be credited at all.
#[must_use]
pub fn blames_account(reason: ReturnReason) -> bool {
    match reason {
        ReturnReason::NameMismatch
        | ReturnReason::NoSuchAccount
        | ReturnReason::AccountClosed
        | ReturnReason::AccountFrozen
        | ReturnReason::AccountLimited
        | ReturnReason::PayeeDeceased => true,
        // The card gets activated, the document renewed, the bank reached.
        ReturnReason::CardNotActive
        | ReturnReason::DocumentExpired
        | ReturnReason::BankNotReached
        | ReturnReason::AmountLimit
        | ReturnReason::DuplicateAtBank
        | ReturnReason::FileFormat
        | ReturnReason::Other => false,
    }
}

impl Decider for ReturnCase {
    const CATEGORY: &'static str = "return";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open(_) if self.stage != Stage::Unopened => Err(Error::AlreadyOpen),
            Command::Open(opened) => Ok(vec![Event::Opened(opened)]),
            _ if self.stage == Stage::Unopened => Err(Error::NotOpen),
            Command::Notify { by, channel, on } => {
                self.at(&[Stage::Open, Stage::Notified, Stage::Corrected], Stage::Open)?;
                if channel.trim().is_empty() {
                    return Err(Error::NoChannel);
                }
                Ok(vec![Event::Notified { by, channel, on }])
            }
            Command::Correct { address, version, verified, by, on } => {
                self.correct(address, version, verified, by, on)
            }
            Command::Reissue { part } => {
                self.at(&[Stage::Corrected], Stage::Corrected)?;
                Ok(vec![Event::Reissued { part }])
            }
            Command::Free { part } => {
                self.at(&[Stage::Reissued], Stage::Reissued)?;
                if self.part.as_ref() != Some(&part) {
                    return Err(Error::OtherPart { part });
                }
                Ok(vec![Event::Freed { part }])
            }
            Command::Close { outcome, on } => {
                match outcome {
                    Outcome::Paid | Outcome::ReturnedAgain => {
                        self.at(&[Stage::Reissued], Stage::Reissued)?;
                    }
                    Outcome::PassedOn | Outcome::Cancelled => {
                        self.at(&[Stage::Open, Stage::Notified, Stage::Corrected], Stage::Open)?;
                    }
                }
                Ok(vec![Event::Closed { outcome, on }])
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened(opened) => {
                self.opened = Some(opened.clone());
                self.stage = Stage::Open;
            }
            Event::Notified { .. } => {
                self.notices += 1;
                if self.stage == Stage::Open {
                    self.stage = Stage::Notified;
                }
            }
            Event::Corrected(corrected) => {
                self.corrected = Some(corrected.clone());
                self.stage = Stage::Corrected;
            }
            Event::Reissued { part } => {
                self.part = Some(part.clone());
                self.stage = Stage::Reissued;
            }
            Event::Freed { .. } => {
                self.part = None;
                self.stage = Stage::Corrected;
            }
            Event::Closed { .. } => self.stage = Stage::Closed,
        }
        self
    }
}
