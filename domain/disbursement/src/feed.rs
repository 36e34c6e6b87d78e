//! Runs that another system paid and feeds back, in its own order: 省平台回流.
//!
//! **Streams** `feed-<source>-<item>-<area>`.
//! **Invariant** runs are applied one after the other without a gap; what arrived ahead waits and
//! is listed, and at most [`AHEAD_MAX`] runs are missing; a sequence number belongs to one file for
//! ever.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::{AreaCode, ItemId, Money};

pub use self::error::Error;
pub use self::event::{Event, Run};
use crate::faults::{Fault, planted};

/// How far ahead of the next run a run may arrive: a source that sends daily is out of step for
/// years before it gets there, and a mistyped number goes further.
pub const AHEAD_MAX: u32 = 1_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    pub about: Option<(String, ItemId, AreaCode)>,
    pub runs: BTreeMap<u32, Received>,
    /// Named as missing when something behind them arrived.
    pub missing: BTreeSet<u32>,
    /// The next run that may be applied; 0 before the feed is opened.
    pub next: u32,
    /// The run that is being applied, with its plan.
    pub running: Option<(u32, String)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub run: Run,
    /// The plan that it became, once all of it stands.
    pub plan: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `first` is the sequence number of the first run that counts here.
    Open {
        source: String,
        item: ItemId,
        area: AreaCode,
        first: u32,
    },
    /// `run` says what the file declares; the rest is what was counted in it.
    Receive {
        run: Run,
        lines: u32,
        total: Money,
        digest: String,
    },
    Begin {
        sequence: u32,
        plan: String,
    },
    Finish {
        sequence: u32,
    },
}

impl Feed {
    /// Runs that are here and may not be applied, because one before them is missing.
    pub fn waiting(&self) -> impl Iterator<Item = &Run> {
        let gap = self.missing.first().copied();
        let behind = move |sequence: u32| gap.is_some_and(|gap| sequence > gap);
        let open = self.runs.iter().filter(|(_, received)| received.plan.is_none());
        open.filter(move |(sequence, _)| behind(**sequence)).map(|(_, received)| &received.run)
    }

    fn opened(&self) -> Result<(), Error> {
        if self.about.is_some() { Ok(()) } else { Err(Error::NotOpen) }
    }

    fn receive(
        &self,
        run: Run,
        lines: u32,
        total: Money,
        digest: String,
    ) -> Result<Vec<Event>, Error> {
        self.opened()?;
        let sequence = run.sequence;
        if let Some(known) = self.runs.get(&sequence) {
            // The same bytes again: its first receipt stands.
            return if known.run.artefact == run.artefact {
                Ok(vec![])
            } else {
                Err(Error::SequenceTaken { sequence, by: known.run.artefact.to_string() })
            };
        }
        if sequence < self.next || sequence == 0 {
            return Err(Error::TooOld { sequence, next: self.next });
        }
        if sequence - self.next > AHEAD_MAX {
            return Err(Error::TooFarAhead { sequence, next: self.next, most: AHEAD_MAX });
        }
        if (run.lines, run.total) != (lines, total) {
            let (declared, declared_total) = (run.lines, run.total);
            return Err(Error::CountDiffers { declared, declared_total, lines, total });
        }
        if run.digest != digest {
            return Err(Error::DigestDiffers { declared: run.digest, counted: digest });
        }
        let last = self.runs.keys().next_back().copied().unwrap_or(self.next - 1);
        let mut events = Vec::with_capacity(2);
        if self.missing.contains(&sequence) {
            events.push(Event::GapFilled { sequence });
        } else if sequence > last.saturating_add(1) && sequence > self.next {
            let from = last.saturating_add(1).max(self.next);
            events.push(Event::GapFound { from, to: sequence - 1 });
        }
        events.push(Event::RunReceived(run));
        Ok(events)
    }

    fn begin(&self, sequence: u32, plan: String) -> Result<Vec<Event>, Error> {
        self.opened()?;
        match &self.running {
            // Cut in the middle and asked again.
            Some((running, of)) if *running == sequence && *of == plan => return Ok(vec![]),
            Some((running, _)) => return Err(Error::Running { sequence: *running }),
            None => {}
        }
        let received = self.runs.get(&sequence).ok_or(Error::NotReceived { sequence })?;
        if received.plan.is_some() {
            return Err(Error::Applied { sequence });
        }
        if sequence != self.next && !planted(Fault::GapPassedOver) {
            return Err(Error::OutOfOrder { sequence, next: self.next });
        }
        Ok(vec![Event::RunBegun { sequence, plan }])
    }
}

impl Decider for Feed {
    const CATEGORY: &'static str = "feed";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open { .. } if self.about.is_some() => Err(Error::AlreadyOpen),
            Command::Open { source, .. } if source.trim().is_empty() => Err(Error::NoSource),
            Command::Open { first: 0, .. } => Err(Error::TooOld { sequence: 0, next: 1 }),
            Command::Open { source, item, area, first } => {
                Ok(vec![Event::Opened { source, item, area, first }])
            }
            Command::Receive { run, lines, total, digest } => {
                self.receive(run, lines, total, digest)
            }
            Command::Begin { sequence, plan } => self.begin(sequence, plan),
            Command::Finish { sequence } => match &self.running {
                Some((running, plan)) if *running == sequence => {
                    Ok(vec![Event::RunApplied { sequence, plan: plan.clone() }])
                }
                Some(_) | None => Err(Error::NotRunning { sequence }),
            },
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { source, item, area, first } => {
                self.about = Some((source.clone(), *item, *area));
                self.next = *first;
            }
            Event::RunReceived(run) => {
                self.runs.insert(run.sequence, Received { run: run.clone(), plan: None });
            }
            Event::GapFound { from, to } => self.missing.extend(*from..=*to),
            Event::GapFilled { sequence } => {
                self.missing.remove(sequence);
            }
            Event::RunBegun { sequence, plan } => self.running = Some((*sequence, plan.clone())),
            Event::RunApplied { sequence, plan } => {
                self.running = None;
                self.next = sequence.saturating_add(1);
                if let Some(received) = self.runs.get_mut(sequence) {
                    received.plan = Some(plan.clone());
                }
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + 384 * self.runs.len() + 16 * self.missing.len()
    }
}
