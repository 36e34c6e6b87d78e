//! What a batch has sent and was told, and what each step of it comes to.

use shared::{Date, Money, ReplyId, ReturnReason};

use super::{Answer, Batch, Error, Event, Outcome, Reply, ReplyCounts, Sent, Stage};
use crate::faults::{Fault, planted};

impl Batch {
    /// Lines and money by result.
    #[must_use]
    pub fn sum(&self, wanted: impl Fn(Outcome) -> bool) -> (u32, Money) {
        self.lines
            .iter()
            .filter(|line| wanted(line.result))
            .fold((0, Money::ZERO), |(lines, sum), line| (lines + 1, sum + line.attempt.amount))
    }

    #[must_use]
    pub fn returned(&self) -> (u32, Money) {
        self.sum(|result| matches!(result, Outcome::Returned(_)))
    }

    /// What a reply has said so far.
    #[must_use]
    pub fn counts(&self, reply: ReplyId) -> Option<ReplyCounts> {
        self.replies.iter().find(|known| known.id == reply).map(|known| known.counts)
    }

    /// The line behind a sequence number.
    #[must_use]
    pub fn line(&self, seq: u32) -> Option<&Sent> {
        self.lines.get((seq as usize).checked_sub(1)?)
    }

    pub(super) fn at(&self, needs: Stage) -> Result<(), Error> {
        if self.stage == needs { Ok(()) } else { Err(Error::Stage { is: self.stage, needs }) }
    }

    pub(super) fn is_out(&self) -> Result<(), Error> {
        match self.stage {
            Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown => Ok(()),
            Stage::Unopened | Stage::Open | Stage::Composed | Stage::Signed | Stage::Rejected => {
                Err(Error::Stage { is: self.stage, needs: Stage::Sent })
            }
        }
    }

    pub(super) fn debit(&self, slip: String, amount: Money, on: Date) -> Result<Vec<Event>, Error> {
        self.is_out()?;
        if self.debited.is_some() {
            return Err(Error::DebitedAlready);
        }
        let file = self.total.unwrap_or(Money::ZERO);
        if amount != file && !planted(Fault::AnyDebitAccepted) {
            return Err(Error::WrongDebit { slip: amount, file });
        }
        Ok(vec![Event::Debited { slip, amount, on }])
    }

    pub(super) fn query(&self, by: String, answer: Answer) -> Result<Vec<Event>, Error> {
        self.is_out()?;
        let asked = Event::StatusQueried { by, answer: answer.clone() };
        let follows = match answer {
            Answer::Unknown => None,
            Answer::Received { .. } if self.stage == Stage::Acknowledged => None,
            Answer::Received { reference } => Some(Event::Acknowledged { reference }),
            Answer::Refused { .. } if self.debited.is_some() => {
                return Err(Error::DebitedAlready);
            }
            Answer::Refused { reason } if reason.trim().is_empty() => return Err(Error::NoReason),
            Answer::Refused { reason } => Some(Event::Rejected { reason }),
        };
        Ok(std::iter::once(asked).chain(follows).collect())
    }

    pub(super) fn return_late(
        &self,
        seq: u32,
        reason: ReturnReason,
        reference: String,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        self.is_out()?;
        if reference.trim().is_empty() {
            return Err(Error::NoReason);
        }
        let line = self.line(seq).ok_or(Error::NoLine(seq))?;
        match line.result {
            Outcome::Paid => {}
            Outcome::Returned(_) if line.late && planted(Fault::LateReturnTwice) => {}
            Outcome::Unknown | Outcome::Returned(_) => return Err(Error::NotPaid { seq }),
        }
        let amount = Some(line.attempt.amount);
        Ok(vec![Event::ReturnedLate { seq, reason, amount, reference, on }])
    }

    pub(super) fn is_debited(&self) -> Result<(), Error> {
        if self.debited.is_some() { Ok(()) } else { Err(Error::NotDebited) }
    }

    pub(super) fn open_reply(&self, id: ReplyId) -> Result<&Reply, Error> {
        let reply = self.replies.iter().find(|reply| reply.id == id).ok_or(Error::NoReply(id))?;
        if reply.applied { Err(Error::Applied(id)) } else { Ok(reply) }
    }

    pub(super) fn return_money(
        &self,
        serial: String,
        amount: Money,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        self.is_out()?;
        if self.serials.contains(&serial) {
            return Err(Error::CreditAgain(serial));
        }
        let (_, returned) = self.returned();
        let before = self.money_returned.unwrap_or(Money::ZERO);
        let too_much = before + amount > returned && !planted(Fault::AnyCreditTaken);
        if too_much || !amount.is_positive() {
            return Err(Error::TooMuchBack { amount, returned, before });
        }
        Ok(vec![Event::MoneyReturned { serial, amount, on }])
    }
}
