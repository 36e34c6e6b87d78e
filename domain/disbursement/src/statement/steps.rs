//! What a statement says, and what each step of it comes to.

use std::collections::BTreeSet;

use shared::Money;

use super::{Direction, Error, Event, Line, Settling, Share, Statement};
use crate::faults::{Fault, planted};

impl Statement {
    /// What left, and what came.
    #[must_use]
    pub fn sums(&self) -> (Money, Money) {
        let of = |direction| {
            let lines = self.lines.iter().filter(move |line| line.direction == direction);
            lines.map(|line| line.amount).sum()
        };
        (of(Direction::Debit), of(Direction::Credit))
    }

    #[must_use]
    pub fn open(&self) -> usize {
        let settled = |line: &&Line| match self.settled.get(&line.serial) {
            Some(
                Settling::Matched { .. }
                | Settling::Shared { .. }
                | Settling::Entered { .. }
                | Settling::Cleared { .. }
                | Settling::Resolved { .. },
            ) => true,
            Some(Settling::Different { .. }) | None => false,
        };
        self.lines.len() - self.lines.iter().filter(settled).count()
    }

    /// The line of this serial.
    #[must_use]
    pub fn line(&self, serial: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.serial == serial)
    }

    /// What is matched with a batch, on one side.
    #[must_use]
    pub fn stated(&self, direction: Direction, batch: &str) -> Money {
        let of = self.lines.iter().filter(|line| line.direction == direction);
        of.map(|line| match self.settled.get(&line.serial) {
            Some(Settling::Matched { batch: own }) if own == batch => line.amount,
            Some(Settling::Shared { batches }) => {
                batches.iter().filter(|share| share.batch == batch).map(|share| share.amount).sum()
            }
            Some(
                Settling::Matched { .. }
                | Settling::Entered { .. }
                | Settling::Different { .. }
                | Settling::Cleared { .. }
                | Settling::Resolved { .. },
            )
            | None => Money::ZERO,
        })
        .sum()
    }

    pub(super) fn known(&self, serial: &str) -> Result<&Line, Error> {
        self.line(serial).ok_or_else(|| Error::NoLine(serial.to_owned()))
    }

    pub(super) fn unsettled(&self, serial: &str) -> Result<&Line, Error> {
        let line = self.known(serial)?;
        if self.settled.contains_key(serial) {
            return Err(Error::Settled(serial.to_owned()));
        }
        Ok(line)
    }

    /// A line that is new, or whose difference is open and not held in the book: it can be matched.
    /// The second is what ends the difference.
    pub(super) fn matchable(&self, serial: &str, by: &str) -> Result<(&Line, Vec<Event>), Error> {
        let line = self.known(serial)?;
        match self.settled.get(serial) {
            None => Ok((line, vec![])),
            Some(Settling::Different { booked: None, .. }) => {
                let note = format!("matched: {by}");
                let (serial, by) = (serial.to_owned(), by.to_owned());
                Ok((line, vec![Event::DifferenceResolved { serial, by, note }]))
            }
            Some(
                Settling::Different { booked: Some(_), .. }
                | Settling::Matched { .. }
                | Settling::Shared { .. }
                | Settling::Entered { .. }
                | Settling::Cleared { .. }
                | Settling::Resolved { .. },
            ) => Err(Error::Settled(serial.to_owned())),
        }
    }

    pub(super) fn difference(&self, serial: &str) -> Result<(&str, Option<u64>), Error> {
        self.known(serial)?;
        match self.settled.get(serial) {
            Some(Settling::Different { owner, booked }) => Ok((owner, *booked)),
            Some(
                Settling::Matched { .. }
                | Settling::Shared { .. }
                | Settling::Entered { .. }
                | Settling::Cleared { .. }
                | Settling::Resolved { .. },
            )
            | None => Err(Error::NoDifference(serial.to_owned())),
        }
    }

    pub(super) fn share(&self, serial: String, shares: Vec<Share>) -> Result<Vec<Event>, Error> {
        let (line, mut events) = self.matchable(&serial, "batches")?;
        let amount = line.amount;
        let distinct: BTreeSet<&str> = shares.iter().map(|share| share.batch.as_str()).collect();
        let each = shares.iter().all(|share| share.amount.is_positive());
        if distinct.len() != shares.len() || shares.len() < 2 || !each {
            return Err(Error::NotShares(serial));
        }
        let sum: Money = shares.iter().map(|share| share.amount).sum();
        if sum != amount && !planted(Fault::SharesUnchecked) {
            return Err(Error::SharesDiffer { serial, amount, sum });
        }
        events.push(Event::MatchedToMany { serial, batches: shares });
        Ok(events)
    }
}

impl Statement {
    /// The voucher that holds a difference in a suspense account.
    #[must_use]
    pub fn booked(&self, serial: &str) -> Option<u64> {
        match self.settled.get(serial) {
            Some(
                Settling::Different { booked, .. }
                | Settling::Cleared { booked, .. }
                | Settling::Resolved { booked },
            ) => *booked,
            Some(Settling::Matched { .. } | Settling::Shared { .. } | Settling::Entered { .. })
            | None => None,
        }
    }
}
