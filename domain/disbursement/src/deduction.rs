//! A standing order to keep something back from what a person is paid (扣款): mutual aid, a court's
//! order, what was paid too much.
//!
//! **Streams** `deduction-<id>`.
//! **Invariant** no more is kept back than was ordered, and what a cancelled run kept is given back.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::Decider;
use shared::{Money, Month};

pub use self::error::Error;
pub use self::event::{Event, Kind, Order};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deduction {
    pub order: Option<Order>,
    /// What each part kept back.
    pub kept: BTreeMap<String, Money>,
    pub ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Order(Order),
    /// In the append that calculates the lines of that part.
    Keep {
        part: String,
        amount: Money,
    },
    /// The run was cancelled.
    GiveBack {
        part: String,
    },
    End {
        by: String,
        reason: String,
    },
}

impl Deduction {
    /// What is still to be kept back; `None` where the order has no end of its own.
    #[must_use]
    pub fn left(&self) -> Option<Money> {
        let total = self.order.as_ref()?.total?;
        Some(total - self.kept.values().copied().sum())
    }

    /// What a line of `month` that pays `net` so far gives up to it.
    #[must_use]
    pub fn due(&self, month: Month, net: Money) -> Money {
        let Some(order) = self.order.as_ref().filter(|_| !self.ended) else { return Money::ZERO };
        if month < order.from || order.to.is_some_and(|last| month > last) {
            return Money::ZERO;
        }
        let most = order.per_month.map_or(net, |most| most.min(net));
        self.left().map_or(most, |left| left.min(most))
    }
}

impl Decider for Deduction {
    const CATEGORY: &'static str = "deduction";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Order(_) if self.order.is_some() => Err(Error::OrderedAlready),
            Command::Order(order) => {
                order.check()?;
                Ok(vec![Event::Ordered(order)])
            }
            _ if self.order.is_none() => Err(Error::Unknown),
            Command::Keep { amount, .. } if !amount.is_positive() => {
                Err(Error::NotPositive { amount })
            }
            Command::Keep { .. } if self.ended => Err(Error::Ended),
            Command::Keep { part, amount } => match self.left() {
                Some(left) if amount > left => Err(Error::TooMuch { amount, left }),
                Some(_) | None => Ok(vec![Event::Kept { part, amount }]),
            },
            Command::GiveBack { part } => match self.kept.get(&part) {
                Some(amount) => Ok(vec![Event::GivenBack { amount: *amount, part }]),
                None => Err(Error::NothingKept { part }),
            },
            Command::End { .. } if self.ended => Err(Error::Ended),
            Command::End { reason, .. } if reason.trim().is_empty() => Err(Error::NoBasis),
            Command::End { by, reason } => Ok(vec![Event::Ended { by, reason }]),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Ordered(order) => self.order = Some(order.clone()),
            Event::Kept { part, amount } => {
                *self.kept.entry(part.clone()).or_insert(Money::ZERO) += *amount;
            }
            Event::GivenBack { part, .. } => {
                self.kept.remove(part);
            }
            Event::Ended { .. } => self.ended = true,
        }
        self
    }
}
