//! What happens to one obligation alone, apart from the plan it is a line of.
//!
//! **Streams** `obligation-<item>/<month>/<component>/<adjustment>/<person>`.
//! **Invariant** at most one attempt is open, unknown or paid: the next one needs a return.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{Money, ReturnReason};

pub use self::error::Error;
pub use self::event::Event;
use crate::part::Hold;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Obligation {
    /// A line of its plan and nothing else.
    #[default]
    AsPlanned,
    Held {
        attempt: u16,
        reason: Hold,
        amount: Money,
    },
    /// The hold is over; the next run takes it.
    Released {
        attempt: u16,
        amount: Money,
    },
    /// The bank gave it back: attempt `attempt` is over.
    Returned {
        attempt: u16,
        amount: Money,
        reason: ReturnReason,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Hold { attempt: u16, reason: Hold, amount: Money, by: String },
    Release { by: String, reason: String },
    Return { attempt: u16, batch: String, reason: ReturnReason, amount: Money },
}

impl Obligation {
    /// The number of the attempt that is to be made, or was made and not returned.
    #[must_use]
    pub fn due(&self) -> u16 {
        match self {
            Self::AsPlanned => 1,
            Self::Held { attempt, .. } | Self::Released { attempt, .. } => *attempt,
            Self::Returned { attempt, .. } => attempt.saturating_add(1),
        }
    }

    fn is_due(&self, attempt: u16) -> Result<(), Error> {
        let next = self.due();
        match attempt {
            _ if attempt == next => Ok(()),
            0 => Err(Error::NoAttempt { attempt, next }),
            _ if attempt < next => Err(Error::ReturnedAlready { attempt }),
            _ => Err(Error::NoAttempt { attempt, next }),
        }
    }
}

impl Decider for Obligation {
    const CATEGORY: &'static str = "obligation";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Held { .. }, Command::Hold { .. }) => Err(Error::HeldAlready),
            (
                Self::AsPlanned | Self::Released { .. } | Self::Returned { .. },
                Command::Hold { attempt, reason, amount, by },
            ) => {
                self.is_due(attempt)?;
                Ok(vec![Event::Held { attempt, reason, amount, by }])
            }
            (
                Self::AsPlanned | Self::Held { .. } | Self::Released { .. } | Self::Returned { .. },
                Command::Release { reason, .. },
            ) if reason.trim().is_empty() => Err(Error::NoReason),
            (Self::Held { .. }, Command::Release { by, reason }) => {
                Ok(vec![Event::Released { by, reason }])
            }
            (
                Self::AsPlanned | Self::Released { .. } | Self::Returned { .. },
                Command::Release { .. },
            ) => Err(Error::NotHeld),
            (Self::Held { .. }, Command::Return { .. }) => Err(Error::NotSent),
            (
                Self::AsPlanned | Self::Released { .. } | Self::Returned { .. },
                Command::Return { attempt, batch, reason, amount },
            ) => {
                self.is_due(attempt)?;
                Ok(vec![Event::Returned { attempt, batch, reason, amount }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Held { attempt, reason, amount, .. } => {
                Self::Held { attempt: *attempt, reason: *reason, amount: *amount }
            }
            Event::Released { .. } => match self {
                Self::Held { attempt, amount, .. } => Self::Released { attempt, amount },
                Self::AsPlanned | Self::Released { .. } | Self::Returned { .. } => self,
            },
            Event::Returned { attempt, reason, amount, .. } => {
                Self::Returned { attempt: *attempt, amount: *amount, reason: *reason }
            }
        }
    }
}
