//! At most 50,000 lines of a plan, so that a stream and a bank file stay small.
//!
//! **Streams** `part-<plan>-<k>`.
//! **Invariant** a sealed part's lines never change; a held line is in no batch.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::Decider;
use shared::{BankCode, Component, Money, Month, PersonId};

pub use self::error::Error;
pub use self::event::{Event, Held, Hold};
use crate::faults::{Fault, planted};
use crate::line::{Excluded, Line, Totals};

pub const LINES_MAX: usize = 50_000;
pub const CHUNK_LINES_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    pub sealed: bool,
    pub lines: Vec<Line>,
    /// Where each obligation's line stands, until the part is sealed: the next chunk is compared
    /// with it and not with every line.
    planned: HashMap<Key, u32>,
    pub chunks: u32,
    pub excluded: u32,
    pub totals: Totals,
    /// Places of the held lines.
    pub held: BTreeMap<u32, Hold>,
    /// The batch in which the lines of a bank stand.
    pub instructed: BTreeMap<BankCode, String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Calculate {
        chunk: u32,
        lines: Vec<Line>,
        excluded: Vec<Excluded>,
    },
    Seal,
    Hold {
        lines: Vec<(u32, Hold)>,
    },
    /// Held lines whose bank is not instructed yet go into its file after all.
    Release {
        lines: Vec<u32>,
    },
    /// The payable lines of a bank now stand in a batch: in the append that seals the batch.
    Instruct {
        bank: BankCode,
        batch: String,
        lines: u32,
        total: Money,
    },
    /// The batch was refused by the bank, or withdrawn.
    Free {
        batch: String,
    },
}

impl Part {
    /// Lines that go to a bank, with their places.
    pub fn payable(&self) -> impl Iterator<Item = (u32, &Line)> {
        let held = |place: &u32| self.held.contains_key(place) && !planted(Fault::HeldStillPayable);
        let nothing = |line: &Line| line.net().is_zero() && !planted(Fault::NettedInstructed);
        (0..).zip(&self.lines).filter(move |(place, line)| !held(place) && !nothing(line))
    }

    /// Lines of which deductions leave nothing, with their places: settled without an instruction.
    pub fn netted(&self) -> impl Iterator<Item = (u32, &Line)> {
        (0..)
            .zip(&self.lines)
            .filter(|(place, line)| line.net().is_zero() && !self.held.contains_key(place))
    }

    /// Payable lines that stand in no batch: what can still be held.
    pub fn uninstructed(&self) -> impl Iterator<Item = (u32, &Line)> {
        self.payable().filter(|(_, line)| !self.instructed.contains_key(&line.bank))
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
        let mut here: BTreeSet<Key> = BTreeSet::new();
        for (place, line) in (self.totals.lines..).zip(&lines) {
            // Deductions may take all of it: such a line settles without an instruction.
            if !line.gross.is_positive()
                || line.net().is_negative()
                || line.deductions.is_negative()
            {
                return Err(Error::NotPositive { line: place, net: line.net() });
            }
            if !here.insert(key(line)) {
                return Err(Error::Again { line: place });
            }
        }
        // Across parts and plans the obligation's claim keeps it unique.
        if let Some(place) = here.iter().find_map(|key| self.planned.get(key)) {
            return Err(Error::Again { line: *place });
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
            if let Some(batch) = self.instructed.get(&line.bank) {
                return Err(Error::Instructed { line: place, batch: batch.clone() });
            }
            if self.held.contains_key(&place) || held.iter().any(|h: &Held| h.line == place) {
                return Err(Error::HeldAlready(place));
            }
            let (person, component) = (line.person, line.component);
            held.push(Held { line: place, person, component, reason });
        }
        Ok(if held.is_empty() { vec![] } else { vec![Event::LinesHeld { lines: held }] })
    }

    fn release(&self, lines: Vec<u32>) -> Result<Vec<Event>, Error> {
        for place in &lines {
            let line = self.lines.get(*place as usize).ok_or(Error::NoLine(*place))?;
            if !self.held.contains_key(place) {
                return Err(Error::NotHeld(*place));
            }
            if let Some(batch) = self.instructed.get(&line.bank) {
                return Err(Error::Instructed { line: *place, batch: batch.clone() });
            }
        }
        Ok(if lines.is_empty() { vec![] } else { vec![Event::LinesReleased { lines }] })
    }

    fn instruct(
        &self,
        bank: BankCode,
        batch: String,
        lines: u32,
        total: Money,
    ) -> Result<Vec<Event>, Error> {
        if !self.sealed {
            return Err(Error::NotSealed);
        }
        if let Some(known) = self.instructed.get(&bank)
            && !planted(Fault::InstructedTwice)
        {
            return Err(Error::InstructedAlready { bank, batch: known.clone() });
        }
        let here =
            Totals::of(self.payable().map(|(_, line)| line).filter(|line| line.bank == bank));
        let (lines_here, total_here) = (here.lines, here.net());
        if (lines, total) != (lines_here, total_here) || lines == 0 {
            return Err(Error::OtherLines { lines, total, lines_here, total_here });
        }
        Ok(vec![Event::Instructed { bank, batch, lines, total }])
    }
}

/// What makes a line another obligation in one plan.
type Key = (PersonId, Component, Option<Month>, u16);

fn key(line: &Line) -> Key {
    (line.person, line.component, line.month, line.adjustment)
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
            Command::Release { lines } => self.release(lines),
            Command::Instruct { bank, batch, lines, total } => {
                self.instruct(bank, batch, lines, total)
            }
            Command::Free { batch } => {
                match self.instructed.iter().find(|(_, known)| **known == batch) {
                    Some((&bank, _)) => Ok(vec![Event::Freed { bank, batch }]),
                    None => Err(Error::NotInstructed(batch)),
                }
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::LinesCalculated { lines, .. } => {
                let places = self.totals.lines..;
                self.planned.extend(places.zip(lines).map(|(place, line)| (key(line), place)));
                self.totals = self.totals.plus(Totals::of(lines));
                self.lines.extend(lines.iter().cloned());
                self.chunks += 1;
            }
            Event::GrantsExcluded { excluded, .. } => {
                self.excluded += u32::try_from(excluded.len()).expect("a chunk is small");
            }
            Event::Sealed { .. } => (self.sealed, self.planned) = (true, HashMap::new()),
            Event::LinesHeld { lines } => {
                self.held.extend(lines.iter().map(|held| (held.line, held.reason)));
            }
            Event::LinesReleased { lines } => {
                self.held.retain(|place, _| !lines.contains(place));
            }
            Event::Instructed { bank, batch, .. } => {
                self.instructed.insert(*bank, batch.clone());
            }
            Event::Freed { bank, .. } => {
                self.instructed.remove(bank);
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self)
            + self.lines.len() * size_of::<Line>()
            + self.planned.len() * size_of::<(Key, u32)>()
            + self.held.len() * 32
    }
}
