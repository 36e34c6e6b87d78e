//! What happens to one obligation alone, apart from the plan it is a line of.
//!
//! **Streams** `obligation-<item>/<month>/<component>/<adjustment>/<person>`.
//! **Invariant** at most one attempt is open, unknown or paid: the next one needs a return. What is
//! due to heirs, cancelled or overpaid is never paid to the beneficiary.

mod error;
pub mod event;
mod steps;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{Date, Money, Month, ObligationId, ReturnReason};

pub use self::error::Error;
pub use self::event::{Event, NotOwed, Overpayment};
use crate::part::Hold;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Obligation {
    /// A line of its plan and nothing else, or never planned.
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
    /// A line of another run than its first one.
    Taken {
        attempt: u16,
        amount: Money,
        /// The part's id.
        part: String,
    },
    /// Waits for the heirs' case.
    DueToHeirs {
        attempt: u16,
        amount: Money,
    },
    Cancelled {
        attempt: u16,
        amount: Money,
        reason: NotOwed,
    },
    Overpaid {
        amount: Money,
        reason: NotOwed,
        /// What it was when it was found.
        was: Box<Obligation>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    AsPlanned,
    Held,
    Released,
    Returned,
    Taken,
    DueToHeirs,
    Cancelled,
    Overpaid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Hold {
        attempt: u16,
        reason: Hold,
        amount: Money,
        by: String,
        verify_by: Option<Date>,
    },
    /// `part`: the one whose bank file takes it after all.
    Release {
        by: String,
        reason: String,
        part: Option<String>,
    },
    Return {
        attempt: u16,
        batch: String,
        reason: ReturnReason,
        amount: Money,
    },
    /// A run takes what waits: the next attempt after a return, or what was never sent.
    Take {
        part: String,
        amount: Money,
    },
    /// The run of that part was cancelled. Held there as its first line it is as if never planned;
    /// taken there it waits again.
    Free {
        part: String,
    },
    /// The month lies at or before that of the death, which the command looked up.
    PassOn {
        amount: Money,
        died_in: Month,
    },
    Cancel {
        reason: NotOwed,
        by: String,
    },
    Reinstate {
        by: String,
        reason: String,
    },
    /// The command looked up that the bank paid this attempt.
    FindOverpayment(Overpayment),
    WithdrawOverpayment {
        by: String,
        reason: String,
    },
    /// A special payment 特殊补发: an adjustment that a clerk orders and another person approves.
    Order {
        amount: Money,
        reason: String,
        by: String,
        approver: String,
    },
    /// `paid`: what was paid of this one; absent where nothing went out.
    FindDuplicate {
        other: ObligationId,
        paid: Option<Overpayment>,
        by: String,
    },
}

impl Decider for Obligation {
    const CATEGORY: &'static str = "obligation";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Hold { attempt, reason, amount, by, verify_by } => {
                self.hold(attempt, reason, amount, by, verify_by)
            }
            Command::Release { reason, .. }
            | Command::Reinstate { reason, .. }
            | Command::WithdrawOverpayment { reason, .. }
            | Command::Order { reason, .. }
                if reason.trim().is_empty() =>
            {
                Err(Error::NoReason)
            }
            Command::Release { by, reason, part } => match self {
                Self::Held { .. } => Ok(vec![Event::Released { by, reason, part }]),
                Self::AsPlanned
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::Taken { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. }
                | Self::Overpaid { .. } => Err(Error::NotHeld),
            },
            Command::Return { attempt, batch, reason, amount } => {
                self.give_back(attempt, batch, reason, amount)
            }
            Command::Take { part, amount } => self.take(part, amount),
            Command::Free { part } => match self {
                Self::Taken { part: own, .. } if *own == part => Ok(vec![Event::Freed { part }]),
                Self::Held { attempt: 1, .. } => Ok(vec![Event::Freed { part }]),
                Self::AsPlanned
                | Self::Held { .. }
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::Taken { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. }
                | Self::Overpaid { .. } => Err(Error::OtherPart { part }),
            },
            Command::PassOn { amount, .. } if !amount.is_positive() => {
                Err(Error::NotPositive { amount })
            }
            Command::PassOn { amount, died_in } => match self {
                Self::AsPlanned
                | Self::Held { .. }
                | Self::Released { .. }
                | Self::Returned { .. } => {
                    Ok(vec![Event::DueToHeirs { attempt: self.due(), amount, died_in }])
                }
                Self::Taken { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. }
                | Self::Overpaid { .. } => Err(self.wrong_stage()),
            },
            Command::Cancel { reason, by } => self.cancel(reason, by),
            Command::Reinstate { by, reason } => match self {
                Self::DueToHeirs { .. } | Self::Cancelled { .. } => {
                    Ok(vec![Event::Reinstated { by, reason }])
                }
                Self::AsPlanned
                | Self::Held { .. }
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::Taken { .. }
                | Self::Overpaid { .. } => Err(self.wrong_stage()),
            },
            Command::FindOverpayment(found) => self.overpaid(found),
            Command::WithdrawOverpayment { by, reason } => match self {
                Self::Overpaid { amount, .. } => {
                    Ok(vec![Event::OverpaymentWithdrawn { amount: *amount, by, reason }])
                }
                Self::AsPlanned
                | Self::Held { .. }
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::Taken { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. } => Err(self.wrong_stage()),
            },
            Command::Order { amount, .. } if !amount.is_positive() => {
                Err(Error::NotPositive { amount })
            }
            Command::Order { by, approver, .. } if by == approver => Err(Error::SamePerson { by }),
            Command::Order { amount, reason, by, approver } => match self {
                Self::AsPlanned => Ok(vec![Event::Ordered { amount, reason, by, approver }]),
                Self::Held { .. }
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::Taken { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. }
                | Self::Overpaid { .. } => Err(self.wrong_stage()),
            },
            Command::FindDuplicate { other, paid, by } => {
                let follows = match paid {
                    Some(found) => self.overpaid(found)?,
                    None => self.cancel(NotOwed::Duplicate, by)?,
                };
                Ok(std::iter::once(Event::DuplicateFound { other }).chain(follows).collect())
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Held { attempt, reason, amount, .. } => {
                Self::Held { attempt: *attempt, reason: *reason, amount: *amount }
            }
            Event::Released { part, .. } => {
                let Self::Held { attempt, amount, .. } = self else { return self };
                match part.clone() {
                    Some(part) => Self::Taken { attempt, amount, part },
                    None => Self::Released { attempt, amount },
                }
            }
            Event::Returned { attempt, reason, amount, .. } => {
                Self::Returned { attempt: *attempt, amount: *amount, reason: *reason }
            }
            Event::Taken { attempt, part, amount } => {
                Self::Taken { attempt: *attempt, amount: *amount, part: part.clone() }
            }
            Event::Freed { .. } => match self {
                Self::Taken { attempt, amount, .. } => Self::Released { attempt, amount },
                // Held in its first plan: the next normal run plans it anew.
                Self::Held { .. } => Self::AsPlanned,
                Self::AsPlanned
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. }
                | Self::Overpaid { .. } => self,
            },
            Event::DueToHeirs { attempt, amount, .. } => {
                Self::DueToHeirs { attempt: *attempt, amount: *amount }
            }
            Event::Cancelled { attempt, amount, reason, .. } => {
                Self::Cancelled { attempt: *attempt, amount: *amount, reason: *reason }
            }
            Event::Reinstated { .. } => {
                let (Self::DueToHeirs { attempt, amount }
                | Self::Cancelled { attempt, amount, .. }) = self
                else {
                    return self;
                };
                Self::Released { attempt, amount }
            }
            Event::Overpaid(found) => {
                let (amount, reason) = (found.amount, found.reason);
                Self::Overpaid { amount, reason, was: Box::new(self) }
            }
            Event::OverpaymentWithdrawn { .. } => match &self {
                Self::Overpaid { was, .. } => was.as_ref().clone(),
                Self::AsPlanned
                | Self::Held { .. }
                | Self::Released { .. }
                | Self::Returned { .. }
                | Self::Taken { .. }
                | Self::DueToHeirs { .. }
                | Self::Cancelled { .. } => self,
            },
            Event::Ordered { amount, .. } => Self::Released { attempt: 1, amount: *amount },
            Event::DuplicateFound { .. } => self,
        }
    }
}
