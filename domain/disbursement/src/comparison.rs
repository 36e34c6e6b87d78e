//! The comparison of a calculated plan with the item's month before (环比比对): new, ended, resumed,
//! back-paid, and what looks wrong.
//!
//! **Streams** `comparison-<plan>`.
//! **Invariant** a plan is submitted only when every exception was accepted, with a reason.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::Decider;

pub use self::error::Error;
pub use self::event::{Counts, Decision, Entry, Event, Kind};
use crate::faults::{Fault, planted};

pub const CHUNK_ENTRIES_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    pub entries: Vec<Entry>,
    pub chunks: u32,
    pub sealed: bool,
    pub counts: Counts,
    /// By place in the list.
    pub decided: BTreeMap<u32, Decision>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Draw { chunk: u32, entries: Vec<Entry> },
    Seal { previous: Option<String>, counts: Counts },
    Decide { entries: Vec<u32>, decision: Decision, by: String, reason: String },
}

impl Comparison {
    /// Places of exceptions that nobody accepted.
    pub fn undecided(&self) -> impl Iterator<Item = u32> {
        let open = |place: &u32| self.decided.get(place) != Some(&Decision::Accepted);
        (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| entry.kind == Kind::Exception)
            .map(|(place, _)| place)
            .filter(move |place| open(place))
    }

    /// # Errors
    /// When the list is not drawn up, or an exception is not accepted.
    pub fn passes(&self) -> Result<(), Error> {
        if !self.sealed {
            return Err(Error::NotSealed);
        }
        match u32::try_from(self.undecided().count()).expect("a list is shorter than a plan") {
            0 => Ok(()),
            _ if planted(Fault::ExceptionPassedOver) => Ok(()),
            left => Err(Error::Undecided { left }),
        }
    }

    fn draw(&self, chunk: u32, entries: Vec<Entry>) -> Result<Vec<Event>, Error> {
        if self.sealed {
            return Err(Error::Sealed);
        }
        if chunk != self.chunks {
            return Err(Error::Order { expected: self.chunks, given: chunk });
        }
        if entries.len() > CHUNK_ENTRIES_MAX {
            return Err(Error::TooLarge(entries.len()));
        }
        Ok(vec![Event::Drawn { chunk, entries }])
    }
}

impl Decider for Comparison {
    const CATEGORY: &'static str = "comparison";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Draw { chunk, entries } => self.draw(chunk, entries),
            Command::Seal { .. } if self.sealed => Err(Error::Sealed),
            Command::Seal { previous, counts } => Ok(vec![Event::Sealed { previous, counts }]),
            Command::Decide { .. } if !self.sealed => Err(Error::NotSealed),
            Command::Decide { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::Decide { entries, decision, by, reason } => {
                let exception = |place: &u32| {
                    let entry = self.entries.get(*place as usize);
                    entry.is_some_and(|entry| entry.kind == Kind::Exception)
                };
                match entries.iter().find(|place| !exception(place)) {
                    Some(place) => Err(Error::NoException(*place)),
                    None => Ok(vec![Event::Decided { entries, decision, by, reason }]),
                }
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Drawn { entries, .. } => {
                self.entries.extend(entries.iter().cloned());
                self.chunks += 1;
            }
            Event::Sealed { counts, .. } => {
                self.counts = *counts;
                self.sealed = true;
            }
            Event::Decided { entries, decision, .. } => {
                self.decided.extend(entries.iter().map(|place| (*place, *decision)));
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + self.entries.len() * size_of::<Entry>() + self.decided.len() * 16
    }
}
