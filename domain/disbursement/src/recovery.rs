//! One overpayment from its finding to its last fen: demanded, paid back, offset or written off.
//!
//! **Streams** `recovery-<obligation id>`.
//! **Invariant** what came back, was offset and was written off is never more than what was
//! overpaid; no receipt enters the expenditure account (财社〔2017〕144号 art 41); an offset stays
//! inside one fund; a write-off names the outside approval (社会保险经办条例 art 46).

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kernel::Decider;
use shared::{Date, FundCode, Money, ObligationId};

pub use self::error::Error;
pub use self::event::{About, Event, Instalment, Place};
use crate::faults::{Fault, planted};

pub const INSTALMENTS_MAX: usize = 120;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovery {
    pub about: Option<About>,
    pub stage: Stage,
    /// The written notices, with the day by which each asks for the money.
    pub notices: Vec<(String, Date)>,
    /// The agreement that stands, and from which day it counts.
    pub instalments: Vec<Instalment>,
    pub agreed_on: Option<Date>,
    /// What made the debt smaller, in the order in which it was recorded.
    pub moves: Vec<Move>,
    pub serials: BTreeSet<String>,
    pub in_court: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unopened,
    Found,
    Demanded,
    Settled,
    /// Nobody was overpaid.
    Withdrawn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub on: Date,
    pub amount: Money,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Received,
    Offset,
    WrittenOff,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Open(About),
    /// The written notice 书面通知.
    Demand {
        notice: String,
        on: Date,
        due: Date,
        by: String,
    },
    Agree {
        agreement: String,
        on: Date,
        instalments: Vec<Instalment>,
        by: String,
    },
    Receive {
        serial: String,
        amount: Money,
        into: Place,
        on: Date,
    },
    /// `fund` pays the obligation that is paid net.
    Offset {
        against: ObligationId,
        fund: FundCode,
        amount: Money,
        on: Date,
    },
    GoToCourt {
        court: String,
        case: String,
        on: Date,
        by: String,
    },
    WriteOff {
        approval: String,
        authority: String,
        amount: Money,
        on: Date,
        by: String,
    },
    Withdraw {
        reason: String,
        on: Date,
        by: String,
    },
}

impl Recovery {
    /// What is still owed at the end of a day.
    #[must_use]
    pub fn owed_on(&self, day: Date) -> Money {
        match &self.about {
            Some(about) if about.found_on <= day => {
                let moved = self.moves.iter().filter(|moved| moved.on <= day);
                about.amount - moved.map(|moved| moved.amount).sum()
            }
            Some(_) | None => Money::ZERO,
        }
    }

    /// What is owed after everything that is recorded.
    #[must_use]
    pub fn owed(&self) -> Money {
        let amount = self.about.as_ref().map_or(Money::ZERO, |about| about.amount);
        amount - self.moves.iter().map(|moved| moved.amount).sum()
    }

    /// What of the agreed instalments should have come by the end of a day and did not.
    #[must_use]
    pub fn overdue_on(&self, day: Date) -> Money {
        let Some(since) = self.agreed_on else { return Money::ZERO };
        let due: Money =
            self.instalments.iter().filter(|part| part.due <= day).map(|part| part.amount).sum();
        let came = self.moves.iter().filter(|moved| since <= moved.on && moved.on <= day);
        let missing = due - came.map(|moved| moved.amount).sum();
        missing.max(Money::ZERO)
    }

    /// The sum of one way of settling.
    #[must_use]
    pub fn by(&self, how: How) -> Money {
        self.moves.iter().filter(|moved| moved.how == how).map(|moved| moved.amount).sum()
    }

    fn open(&self) -> Result<&About, Error> {
        match (&self.about, self.stage) {
            (None, _) | (_, Stage::Unopened) => Err(Error::NotOpen),
            (_, Stage::Settled | Stage::Withdrawn) => Err(Error::Over { is: self.stage }),
            (Some(about), Stage::Found | Stage::Demanded) => Ok(about),
        }
    }

    fn demanded(&self) -> Result<&About, Error> {
        let about = self.open()?;
        if self.stage == Stage::Demanded { Ok(about) } else { Err(Error::NotDemanded) }
    }

    /// A sum by which the debt gets smaller.
    fn payable(&self, amount: Money) -> Result<(), Error> {
        let owed = self.owed();
        if !amount.is_positive() {
            return Err(Error::NotPositive(amount));
        }
        if amount > owed && !planted(Fault::OverRecovered) {
            return Err(Error::TooMuch { amount, owed });
        }
        Ok(())
    }

    /// The event, and the settlement where nothing is owed after it.
    fn and_settled(&self, event: Event, amount: Money, on: Date) -> Vec<Event> {
        let mut events = vec![event];
        if self.owed() == amount {
            events.push(Event::Settled { on });
        }
        events
    }

    fn agree(
        &self,
        agreement: String,
        on: Date,
        instalments: Vec<Instalment>,
        by: String,
    ) -> Result<Vec<Event>, Error> {
        self.demanded()?;
        words(&[&agreement])?;
        if instalments.is_empty() || instalments.len() > INSTALMENTS_MAX {
            return Err(Error::InstalmentCount(instalments.len()));
        }
        let mut last = on;
        for (number, part) in (1..).zip(&instalments) {
            if !part.amount.is_positive() || part.due < last {
                return Err(Error::Instalment { number, due: part.due, amount: part.amount });
            }
            last = part.due;
        }
        let (sum, owed) = (instalments.iter().map(|part| part.amount).sum(), self.owed());
        if sum != owed {
            return Err(Error::InstalmentsDiffer { sum, owed });
        }
        Ok(vec![Event::InstalmentsAgreed { agreement, on, instalments, by }])
    }

    fn receive(
        &self,
        serial: String,
        amount: Money,
        into: Place,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        self.open()?;
        words(&[&serial])?;
        if into == Place::ExpenditureAccount && !planted(Fault::RecoveredIntoExpenditure) {
            return Err(Error::NeverThere);
        }
        if self.serials.contains(&serial) {
            return Err(Error::ReceiptAgain(serial));
        }
        self.payable(amount)?;
        Ok(self.and_settled(Event::Received { serial, amount, into, on }, amount, on))
    }
}

fn words(texts: &[&str]) -> Result<(), Error> {
    let all = texts.iter().all(|text| !text.trim().is_empty());
    if all { Ok(()) } else { Err(Error::NoWords) }
}

impl Decider for Recovery {
    const CATEGORY: &'static str = "recovery";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open(_) if self.about.is_some() => Err(Error::AlreadyOpen),
            Command::Open(about) if !about.amount.is_positive() => {
                Err(Error::NotPositive(about.amount))
            }
            Command::Open(about) => Ok(vec![Event::Opened(about)]),
            Command::Demand { notice, on, due, by } => {
                self.open()?;
                words(&[&notice])?;
                if due < on {
                    return Err(Error::DueBefore { on, due });
                }
                Ok(vec![Event::Demanded { notice, on, due, by }])
            }
            Command::Agree { agreement, on, instalments, by } => {
                self.agree(agreement, on, instalments, by)
            }
            Command::Receive { serial, amount, into, on } => self.receive(serial, amount, into, on),
            Command::Offset { against, fund, amount, on } => {
                let about = self.demanded()?;
                if about.fund != fund && !planted(Fault::OffsetAcrossFunds) {
                    return Err(Error::OtherFund { given: fund, owed_to: about.fund });
                }
                if about.obligation == against {
                    return Err(Error::OffsetOfItself);
                }
                self.payable(amount)?;
                Ok(self.and_settled(Event::Offset { against, fund, amount, on }, amount, on))
            }
            Command::GoToCourt { court, case, on, by } => {
                self.demanded()?;
                words(&[&court, &case])?;
                if self.in_court {
                    return Err(Error::InCourtAlready);
                }
                Ok(vec![Event::SentToCourt { court, case, on, by }])
            }
            Command::WriteOff { approval, authority, amount, on, by } => {
                self.demanded()?;
                let named = !approval.trim().is_empty() && !authority.trim().is_empty();
                if !named && !planted(Fault::WrittenOffUnapproved) {
                    return Err(Error::NoApproval);
                }
                self.payable(amount)?;
                let event = Event::WrittenOff { approval, authority, amount, on, by };
                Ok(self.and_settled(event, amount, on))
            }
            Command::Withdraw { reason, on, by } => {
                self.open()?;
                words(&[&reason])?;
                let received = self.by(How::Received) + self.by(How::Offset);
                if received.is_positive() {
                    return Err(Error::PaidAlready { received });
                }
                Ok(vec![Event::Withdrawn { reason, on, by }])
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened(about) => {
                self.about = Some(about.clone());
                self.stage = Stage::Found;
            }
            Event::Demanded { notice, due, .. } => {
                self.notices.push((notice.clone(), *due));
                self.stage = Stage::Demanded;
            }
            Event::InstalmentsAgreed { on, instalments, .. } => {
                self.instalments.clone_from(instalments);
                self.agreed_on = Some(*on);
            }
            Event::Received { serial, amount, on, .. } => {
                self.serials.insert(serial.clone());
                self.moves.push(Move { on: *on, amount: *amount, how: How::Received });
            }
            Event::Offset { amount, on, .. } => {
                self.moves.push(Move { on: *on, amount: *amount, how: How::Offset });
            }
            Event::SentToCourt { .. } => self.in_court = true,
            Event::WrittenOff { amount, on, .. } => {
                self.moves.push(Move { on: *on, amount: *amount, how: How::WrittenOff });
            }
            Event::Settled { .. } => self.stage = Stage::Settled,
            Event::Withdrawn { on, .. } => {
                let amount = self.owed();
                self.moves.push(Move { on: *on, amount, how: How::Withdrawn });
                self.stage = Stage::Withdrawn;
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + 48 * (self.moves.len() + self.instalments.len() + self.serials.len())
    }
}
