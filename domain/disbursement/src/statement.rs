//! One day of one bank account as the bank tells it, matched line by line to our batches.
//!
//! **Streams** `statement-<bank>-<account>-<date>`.
//! **Invariant** opening + credits − debits = closing; a line is matched — with one batch, with
//! several that add up to it, or with a voucher — or has a difference with an owner, and never both;
//! a day has one statement.

mod error;
pub mod event;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::Money;

pub use self::error::Error;
pub use self::event::{Counter, Difference, Direction, Event, Header, Line, Share};
use crate::faults::{Fault, planted};

pub const LINES_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statement {
    pub header: Option<Header>,
    pub lines: Vec<Line>,
    pub settled: BTreeMap<String, Settling>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settling {
    Matched {
        batch: String,
    },
    /// With several batches: one payment order for all of them, or one credit.
    Shared {
        batches: Vec<Share>,
    },
    /// With an entry of the book that no batch stands behind: an appropriation.
    Entered {
        voucher: u64,
    },
    Different {
        owner: String,
        /// The voucher that holds it in a suspense account 暂收、暂付.
        booked: Option<u64>,
    },
    /// A later movement took it back.
    Cleared {
        by: Counter,
        booked: Option<u64>,
    },
    Resolved {
        booked: Option<u64>,
    },
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
    /// `shares` are the batches with what each of them says of this movement.
    Share {
        serial: String,
        shares: Vec<Share>,
    },
    /// `expected` is what the voucher moved.
    Enter {
        serial: String,
        voucher: u64,
        expected: Money,
    },
    FindDifference {
        serial: String,
        owner: String,
        reason: Difference,
    },
    /// Another person takes the difference.
    Assign {
        serial: String,
        owner: String,
        by: String,
    },
    /// The book holds it in a suspense account until it is cleared.
    Book {
        serial: String,
        voucher: u64,
    },
    /// A movement of the other direction and the same sum took it back.
    Clear {
        serial: String,
        by: Counter,
        amount: Money,
        direction: Direction,
        who: String,
    },
    Resolve {
        serial: String,
        by: String,
        note: String,
    },
}

fn check(header: &Header, lines: &[Line]) -> Result<(), Error> {
    if lines.len() > LINES_MAX {
        return Err(Error::TooLong(lines.len()));
    }
    let mut serials = BTreeSet::new();
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
            Command::Import { header, lines } => {
                if let Some(first) = &self.header
                    && !planted(Fault::DayTwice)
                {
                    let (on, artefact) = (first.on, first.artefact.to_string());
                    return Err(Error::Again { on, artefact });
                }
                check(&header, &lines)?;
                Ok(vec![Event::Imported { header, lines }])
            }
            Command::Match { .. }
            | Command::Share { .. }
            | Command::Enter { .. }
            | Command::FindDifference { .. }
            | Command::Assign { .. }
            | Command::Book { .. }
            | Command::Clear { .. }
            | Command::Resolve { .. }
                if self.header.is_none() =>
            {
                Err(Error::Missing)
            }
            Command::Match { serial, batch, expected } => {
                let (line, mut events) = self.matchable(&serial, &batch)?;
                let amount = line.amount;
                if amount != expected {
                    return Err(Error::OtherAmount { serial, amount, expected });
                }
                events.push(Event::Matched { serial, batch });
                Ok(events)
            }
            Command::Share { serial, shares } => self.share(serial, shares),
            Command::Enter { serial, voucher, expected } => {
                let (line, mut events) = self.matchable(&serial, &format!("voucher {voucher}"))?;
                let amount = line.amount;
                if amount != expected {
                    return Err(Error::OtherAmount { serial, amount, expected });
                }
                events.push(Event::MatchedToVoucher { serial, voucher });
                Ok(events)
            }
            Command::FindDifference { owner, .. } if owner.trim().is_empty() => Err(Error::NoWords),
            Command::FindDifference { serial, owner, reason } => {
                let amount = self.unsettled(&serial)?.amount;
                Ok(vec![Event::DifferenceFound { serial, amount, owner, reason }])
            }
            Command::Assign { owner, .. } if owner.trim().is_empty() => Err(Error::NoWords),
            Command::Assign { serial, owner, by } => {
                let (before, _) = self.difference(&serial)?;
                if before == owner {
                    return Err(Error::OwnerAlready { serial, owner });
                }
                Ok(vec![Event::DifferenceAssigned { serial, owner, by }])
            }
            Command::Book { serial, voucher } => match self.difference(&serial)? {
                (_, Some(voucher)) => Err(Error::BookedAlready { serial, voucher }),
                (_, None) => Ok(vec![Event::DifferenceBooked { serial, voucher }]),
            },
            Command::Clear { serial, by, amount, direction, who } => {
                self.difference(&serial)?;
                let line = self.known(&serial)?;
                if line.amount != amount || line.direction == direction {
                    let (own, other) = (line.amount, amount);
                    return Err(Error::NotCounter { serial, own, other });
                }
                Ok(vec![Event::DifferenceCleared { serial, by, who }])
            }
            Command::Resolve { note, .. } if note.trim().is_empty() => Err(Error::NoWords),
            Command::Resolve { serial, by, note } => {
                self.difference(&serial)?;
                Ok(vec![Event::DifferenceResolved { serial, by, note }])
            }
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
            Event::MatchedToMany { serial, batches } => {
                self.settled.insert(serial.clone(), Settling::Shared { batches: batches.clone() });
            }
            Event::MatchedToVoucher { serial, voucher } => {
                self.settled.insert(serial.clone(), Settling::Entered { voucher: *voucher });
            }
            Event::DifferenceFound { serial, owner, .. } => {
                let owner = owner.clone();
                self.settled.insert(serial.clone(), Settling::Different { owner, booked: None });
            }
            Event::DifferenceAssigned { serial, owner, .. } => {
                let (owner, booked) = (owner.clone(), self.booked(serial));
                self.settled.insert(serial.clone(), Settling::Different { owner, booked });
            }
            Event::DifferenceBooked { serial, voucher } => {
                if let Some(Settling::Different { booked, .. }) = self.settled.get_mut(serial) {
                    *booked = Some(*voucher);
                }
            }
            Event::DifferenceCleared { serial, by, .. } => {
                let (by, booked) = (by.clone(), self.booked(serial));
                self.settled.insert(serial.clone(), Settling::Cleared { by, booked });
            }
            Event::DifferenceResolved { serial, .. } => {
                let booked = self.booked(serial);
                self.settled.insert(serial.clone(), Settling::Resolved { booked });
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + 160 * (self.lines.len() + self.settled.len())
    }
}
