//! What an obligation is due, and what each step of it comes to.

use shared::{Date, Money, ReturnReason};

use super::{Error, Event, NotOwed, Obligation, Overpayment, Stage};
use crate::faults::{Fault, planted};
use crate::part::Hold;

impl Obligation {
    /// The number of the attempt that is to be made, or was made and not returned.
    #[must_use]
    pub fn due(&self) -> u16 {
        match self {
            Self::AsPlanned => 1,
            Self::Held { attempt, .. }
            | Self::Released { attempt, .. }
            | Self::Taken { attempt, .. }
            | Self::DueToHeirs { attempt, .. }
            | Self::Cancelled { attempt, .. } => *attempt,
            Self::Returned { attempt, .. } => attempt.saturating_add(1),
            Self::Overpaid { was, .. } => was.due(),
        }
    }

    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self::AsPlanned => Stage::AsPlanned,
            Self::Held { .. } => Stage::Held,
            Self::Released { .. } => Stage::Released,
            Self::Returned { .. } => Stage::Returned,
            Self::Taken { .. } => Stage::Taken,
            Self::DueToHeirs { .. } => Stage::DueToHeirs,
            Self::Cancelled { .. } => Stage::Cancelled,
            Self::Overpaid { .. } => Stage::Overpaid,
        }
    }

    /// What waits for a run: never something that a bank may still pay.
    #[must_use]
    pub fn waiting(&self) -> Option<Money> {
        match self {
            Self::Released { amount, .. }
            | Self::Returned { amount, .. }
            | Self::DueToHeirs { amount, .. } => Some(*amount),
            Self::AsPlanned
            | Self::Held { .. }
            | Self::Taken { .. }
            | Self::Cancelled { .. }
            | Self::Overpaid { .. } => None,
        }
    }

    pub(super) fn wrong_stage(&self) -> Error {
        Error::Stage { is: self.stage() }
    }

    pub(super) fn is_due(&self, attempt: u16) -> Result<(), Error> {
        let next = self.due();
        match attempt {
            _ if attempt == next => Ok(()),
            0 => Err(Error::NoAttempt { attempt, next }),
            _ if attempt < next => Err(Error::ReturnedAlready { attempt }),
            _ => Err(Error::NoAttempt { attempt, next }),
        }
    }

    pub(super) fn hold(
        &self,
        attempt: u16,
        reason: Hold,
        amount: Money,
        by: String,
        verify_by: Option<Date>,
    ) -> Result<Vec<Event>, Error> {
        match self {
            Self::Held { .. } => Err(Error::HeldAlready),
            Self::AsPlanned
            | Self::Released { .. }
            | Self::Returned { .. }
            | Self::Taken { .. } => {
                self.is_due(attempt)?;
                Ok(vec![Event::Held { attempt, reason, amount, by, verify_by }])
            }
            Self::DueToHeirs { .. } | Self::Cancelled { .. } | Self::Overpaid { .. } => {
                Err(self.wrong_stage())
            }
        }
    }

    pub(super) fn give_back(
        &self,
        attempt: u16,
        batch: String,
        reason: ReturnReason,
        amount: Money,
    ) -> Result<Vec<Event>, Error> {
        match self {
            Self::AsPlanned | Self::Taken { .. } => {
                self.is_due(attempt)?;
                Ok(vec![Event::Returned { attempt, batch, reason, amount }])
            }
            Self::Returned { attempt: over, .. } if attempt <= *over && attempt > 0 => {
                Err(Error::ReturnedAlready { attempt })
            }
            Self::Held { .. } | Self::Released { .. } | Self::Returned { .. } => {
                Err(if attempt > 0 && attempt < self.due() {
                    Error::ReturnedAlready { attempt }
                } else {
                    Error::NotSent
                })
            }
            Self::DueToHeirs { .. } | Self::Cancelled { .. } | Self::Overpaid { .. } => {
                Err(self.wrong_stage())
            }
        }
    }

    pub(super) fn take(&self, part: String, amount: Money) -> Result<Vec<Event>, Error> {
        let blindly = planted(Fault::UnknownReissued) && matches!(self, Self::AsPlanned);
        let (owed, attempt) = match self.waiting() {
            Some(owed) => (owed, self.due()),
            None if blindly => (amount, 2),
            None => {
                return Err(match self {
                    Self::Held { .. } => Error::HeldAlready,
                    Self::AsPlanned | Self::Taken { .. } => Error::NotWaiting,
                    Self::Released { .. }
                    | Self::Returned { .. }
                    | Self::DueToHeirs { .. }
                    | Self::Cancelled { .. }
                    | Self::Overpaid { .. } => self.wrong_stage(),
                });
            }
        };
        if amount != owed {
            return Err(Error::OtherAmount { amount, owed });
        }
        Ok(vec![Event::Taken { attempt, part, amount }])
    }

    pub(super) fn overpaid(&self, found: Overpayment) -> Result<Vec<Event>, Error> {
        match self {
            Self::AsPlanned | Self::Taken { .. } => {
                self.is_due(found.attempt)?;
                if !found.amount.is_positive() {
                    return Err(Error::NotPositive { amount: found.amount });
                }
                Ok(vec![Event::Overpaid(found)])
            }
            Self::Held { .. }
            | Self::Released { .. }
            | Self::Returned { .. }
            | Self::DueToHeirs { .. }
            | Self::Cancelled { .. }
            | Self::Overpaid { .. } => Err(self.wrong_stage()),
        }
    }

    pub(super) fn cancel(&self, reason: NotOwed, by: String) -> Result<Vec<Event>, Error> {
        match self {
            Self::Held { amount, .. }
            | Self::Released { amount, .. }
            | Self::Returned { amount, .. }
            | Self::DueToHeirs { amount, .. } => {
                let (attempt, amount) = (self.due(), *amount);
                Ok(vec![Event::Cancelled { attempt, amount, reason, by }])
            }
            Self::AsPlanned
            | Self::Taken { .. }
            | Self::Cancelled { .. }
            | Self::Overpaid { .. } => Err(self.wrong_stage()),
        }
    }
}
