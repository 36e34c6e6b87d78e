//! At most 50,000 lines of a plan, so that a stream and a bank file stay small.
//!
//! **Streams** `part-<plan>-<k>`.
//! **Invariant** a sealed part's lines never change; a held line is in no batch.

pub mod event;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::{Component, Money, PersonId};
use thiserror::Error;

pub use self::event::{Event, Held, Hold};
use crate::line::{Excluded, Line, Totals};

pub const LINES_MAX: usize = 50_000;
pub const CHUNK_LINES_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    pub sealed: bool,
    pub lines: Vec<Line>,
    pub chunks: u32,
    pub excluded: u32,
    pub totals: Totals,
    /// Places of the held lines.
    pub held: BTreeMap<u32, Hold>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Calculate { chunk: u32, lines: Vec<Line>, excluded: Vec<Excluded> },
    Seal,
    Hold { lines: Vec<(u32, Hold)> },
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    #[error("the part is sealed")]
    Sealed,
    #[error("the part is not sealed")]
    NotSealed,
    #[error("the next chunk is {expected}, not {given}")]
    Order { expected: u32, given: u32 },
    #[error("a part holds at most {LINES_MAX} lines, a chunk {CHUNK_LINES_MAX}")]
    TooLarge,
    #[error("an amount to be paid lies above zero, line {line} has {net}")]
    NotPositive { line: u32, net: Money },
    #[error("line {line} names a person and component of this part again")]
    Again { line: u32 },
    #[error("there is no line {0}")]
    NoLine(u32),
    #[error("line {0} is held already")]
    HeldAlready(u32),
}

impl Part {
    /// Lines that go to a bank, with their places.
    pub fn payable(&self) -> impl Iterator<Item = (u32, &Line)> {
        (0..).zip(&self.lines).filter(|(place, _)| !self.held.contains_key(place))
    }

    /// Distinct grants that got a line.
    #[must_use]
    pub fn grants(&self) -> u32 {
        let grants: BTreeSet<_> = self.lines.iter().map(|line| line.grant).collect();
        u32::try_from(grants.len()).expect("a part holds at most 50,000 lines")
    }

    #[must_use]
    pub fn held_totals(&self) -> (u32, Money) {
        let net = |place: &u32| self.lines.get(*place as usize).map_or(Money::ZERO, Line::net);
        let lines = u32::try_from(self.held.len()).expect("a part holds at most 50,000 lines");
        (lines, self.held.keys().map(net).sum())
    }

    fn calculate(
        &self,
        chunk: u32,
        lines: Vec<Line>,
        excluded: Vec<Excluded>,
    ) -> Result<Vec<Event>, Error> {
        if self.sealed {
            return Err(Error::Sealed);
        }
        if chunk != self.chunks {
            return Err(Error::Order { expected: self.chunks, given: chunk });
        }
        if lines.len().max(excluded.len()) > CHUNK_LINES_MAX
            || self.lines.len() + lines.len() > LINES_MAX
        {
            return Err(Error::TooLarge);
        }
        let mut here: BTreeSet<(PersonId, Component, Option<shared::Month>, u16)> = BTreeSet::new();
        for (place, line) in (self.totals.lines..).zip(&lines) {
            if !line.net().is_positive() || line.deductions.is_negative() {
                return Err(Error::NotPositive { line: place, net: line.net() });
            }
            // Across chunks the obligation's claim keeps it unique.
            if !here.insert((line.person, line.component, line.month, line.adjustment)) {
                return Err(Error::Again { line: place });
            }
        }
        let mut events = vec![Event::LinesCalculated { chunk, lines }];
        if !excluded.is_empty() {
            events.push(Event::GrantsExcluded { chunk, excluded });
        }
        Ok(events)
    }

    fn hold(&self, lines: Vec<(u32, Hold)>) -> Result<Vec<Event>, Error> {
        if !self.sealed {
            return Err(Error::NotSealed);
        }
        let mut held = Vec::with_capacity(lines.len());
        for (place, reason) in lines {
            let line = self.lines.get(place as usize).ok_or(Error::NoLine(place))?;
            if self.held.contains_key(&place) || held.iter().any(|h: &Held| h.line == place) {
                return Err(Error::HeldAlready(place));
            }
            let (person, component) = (line.person, line.component);
            held.push(Held { line: place, person, component, reason });
        }
        Ok(if held.is_empty() { vec![] } else { vec![Event::LinesHeld { lines: held }] })
    }
}

impl Decider for Part {
    const CATEGORY: &'static str = "part";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Calculate { chunk, lines, excluded } => self.calculate(chunk, lines, excluded),
            Command::Seal if self.sealed => Err(Error::Sealed),
            Command::Seal => Ok(vec![Event::Sealed {
                grants: self.grants(),
                totals: self.totals,
                excluded: self.excluded,
            }]),
            Command::Hold { lines } => self.hold(lines),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::LinesCalculated { lines, .. } => {
                self.totals = self.totals.plus(Totals::of(lines));
                self.lines.extend(lines.iter().cloned());
                self.chunks += 1;
            }
            Event::GrantsExcluded { excluded, .. } => {
                self.excluded += u32::try_from(excluded.len()).expect("a chunk is small");
            }
            Event::Sealed { .. } => self.sealed = true,
            Event::LinesHeld { lines } => {
                self.held.extend(lines.iter().map(|held| (held.line, held.reason)));
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + self.lines.len() * size_of::<Line>() + self.held.len() * 32
    }
}
