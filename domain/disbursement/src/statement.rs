//! One day of one bank account as the bank tells it, matched line by line to our batches.
//!
//! **Streams** `statement-<bank>-<account>-<date>`.
//! **Invariant** opening + credits − debits = closing; a line is matched or has a difference with
//! an owner, and never both.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::Decider;
use shared::Money;

pub use self::error::Error;
pub use self::event::{Difference, Direction, Event, Header, Line};

pub const LINES_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statement {
    pub header: Option<Header>,
    pub lines: Vec<Line>,
    pub settled: BTreeMap<String, Settling>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settling {
    Matched { batch: String },
    Different { owner: String },
    Resolved,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Import {
        header: Header,
        lines: Vec<Line>,
    },
    /// `expected` is what the batch says of this movement.
    Match {
        serial: String,
        batch: String,
        expected: Money,
    },
    FindDifference {
        serial: String,
        owner: String,
        reason: Difference,
    },
    Resolve {
        serial: String,
        by: String,
        note: String,
    },
}

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
            Some(Settling::Matched { .. } | Settling::Resolved) => true,
            Some(Settling::Different { .. }) | None => false,
        };
        self.lines.len() - self.lines.iter().filter(settled).count()
    }

    fn unsettled(&self, serial: &str) -> Result<&Line, Error> {
        let line = self.lines.iter().find(|line| line.serial == serial);
        let line = line.ok_or_else(|| Error::NoLine(serial.to_owned()))?;
        if self.settled.contains_key(serial) {
            return Err(Error::Settled(serial.to_owned()));
        }
        Ok(line)
    }
}

fn check(header: &Header, lines: &[Line]) -> Result<(), Error> {
    if lines.len() > LINES_MAX {
        return Err(Error::TooLong(lines.len()));
    }
    let mut serials = std::collections::BTreeSet::new();
    let mut balance = header.opening;
    for Line { serial, direction, amount, balance: stated, .. } in lines {
        if !serials.insert(serial) {
            return Err(Error::SerialTwice(serial.clone()));
        }
        if !amount.is_positive() {
            return Err(Error::NotPositive { serial: serial.clone(), amount: *amount });
        }
        balance = match direction {
            Direction::Debit => balance - *amount,
            Direction::Credit => balance + *amount,
        };
        if balance != *stated {
            let (serial, stated) = (serial.clone(), *stated);
            return Err(Error::Balance { serial, stated, counted: balance });
        }
    }
    if balance != header.closing {
        return Err(Error::Closing { stated: header.closing, counted: balance });
    }
    Ok(())
}

impl Decider for Statement {
    const CATEGORY: &'static str = "statement";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Import { .. } if self.header.is_some() => Err(Error::Again),
            Command::Import { header, lines } => {
                check(&header, &lines)?;
                Ok(vec![Event::Imported { header, lines }])
            }
            Command::Match { .. } | Command::FindDifference { .. } | Command::Resolve { .. }
                if self.header.is_none() =>
            {
                Err(Error::Missing)
            }
            Command::Match { serial, batch, expected } => {
                let amount = self.unsettled(&serial)?.amount;
                if amount != expected {
                    return Err(Error::OtherAmount { serial, amount, expected });
                }
                Ok(vec![Event::Matched { serial, batch }])
            }
            Command::FindDifference { owner, .. } if owner.trim().is_empty() => Err(Error::NoWords),
            Command::FindDifference { serial, owner, reason } => {
                let amount = self.unsettled(&serial)?.amount;
                Ok(vec![Event::DifferenceFound { serial, amount, owner, reason }])
            }
            Command::Resolve { note, .. } if note.trim().is_empty() => Err(Error::NoWords),
            Command::Resolve { serial, by, note } => match self.settled.get(&serial) {
                Some(Settling::Different { .. }) => {
                    Ok(vec![Event::DifferenceResolved { serial, by, note }])
                }
                Some(Settling::Matched { .. } | Settling::Resolved) | None => {
                    Err(Error::NoDifference(serial))
                }
            },
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Imported { header, lines } => {
                self.header = Some(header.clone());
                self.lines.clone_from(lines);
            }
            Event::Matched { serial, batch } => {
                self.settled.insert(serial.clone(), Settling::Matched { batch: batch.clone() });
            }
            Event::DifferenceFound { serial, owner, .. } => {
                self.settled.insert(serial.clone(), Settling::Different { owner: owner.clone() });
            }
            Event::DifferenceResolved { serial, .. } => {
                self.settled.insert(serial.clone(), Settling::Resolved);
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + 160 * (self.lines.len() + self.settled.len())
    }
}
