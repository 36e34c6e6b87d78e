//! What one item had paid in one pooling area before its first run here: cumulative figures, and
//! the obligations that are settled, so that a cut-over never pays twice.
//!
//! **Streams** `opening-<item>-<area>`.
//! **Invariant** nothing is entered once payments have begun; they begin on a whole opening, or on
//! none.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use kernel::Decider;

pub use self::error::Error;
pub use self::event::{Cumulative, Event, Settled};
use crate::faults::{Fault, planted};

pub const CHUNK_OBLIGATIONS_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    pub stage: Stage,
    pub before: Option<Cumulative>,
    pub chunks: u32,
    pub settled: u32,
    pub returned: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unopened,
    Entered,
    Sealed,
    /// Payments have begun: what was before can no longer be told.
    Running,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Enter(Cumulative),
    /// The claims of these are taken in the same append.
    Settle {
        chunk: u32,
        obligations: Vec<Settled>,
    },
    /// `declared` are those that the file names.
    Seal {
        declared: u32,
    },
    /// The first run of the item opens.
    BeginRuns,
}

impl Opening {
    fn untouched(&self) -> Result<(), Error> {
        let begun = self.stage == Stage::Running && !planted(Fault::OpeningAfterRun);
        if begun { Err(Error::AfterFirstRun) } else { Ok(()) }
    }

    fn settle(&self, chunk: u32, obligations: Vec<Settled>) -> Result<Vec<Event>, Error> {
        self.untouched()?;
        match self.stage {
            Stage::Unopened => return Err(Error::NotEntered),
            Stage::Sealed => return Err(Error::Sealed),
            Stage::Entered | Stage::Running => {}
        }
        if chunk != self.chunks {
            return Err(Error::Order { expected: self.chunks, given: chunk });
        }
        if obligations.is_empty() || obligations.len() > CHUNK_OBLIGATIONS_MAX {
            return Err(Error::ChunkSize(obligations.len()));
        }
        if let Some(row) = obligations.iter().position(|one| one.amount.is_negative()) {
            return Err(Error::Negative { row });
        }
        Ok(vec![Event::ObligationsSettled { chunk, obligations }])
    }
}

impl Decider for Opening {
    const CATEGORY: &'static str = "opening";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Enter(before) => {
                self.untouched()?;
                if matches!(self.stage, Stage::Entered | Stage::Sealed) {
                    return Err(Error::Again);
                }
                let Cumulative { people, payments, money, .. } = before;
                let sound = u64::from(people) <= payments
                    && !money.is_negative()
                    && (payments == 0) == money.is_zero();
                if !sound {
                    return Err(Error::Figures { people, payments, money });
                }
                Ok(vec![Event::Entered(before)])
            }
            Command::Settle { chunk, obligations } => self.settle(chunk, obligations),
            Command::Seal { declared } => {
                self.untouched()?;
                match self.stage {
                    Stage::Unopened | Stage::Running => Err(Error::NotEntered),
                    Stage::Sealed => Err(Error::Sealed),
                    Stage::Entered if declared != self.settled => {
                        Err(Error::CountDiffers { declared, settled: self.settled })
                    }
                    Stage::Entered => Ok(vec![Event::Sealed { settled: self.settled }]),
                }
            }
            Command::BeginRuns => match self.stage {
                Stage::Running => Ok(vec![]),
                Stage::Entered => Err(Error::HalfDone),
                Stage::Unopened | Stage::Sealed => Ok(vec![Event::RunsBegun {}]),
            },
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Entered(before) => {
                self.before = Some(before.clone());
                self.stage = Stage::Entered;
            }
            Event::ObligationsSettled { obligations, .. } => {
                self.chunks += 1;
                let count = |wanted: bool| {
                    let of = obligations.iter().filter(|one| one.returned.is_some() == wanted);
                    u32::try_from(of.count()).expect("a chunk is small")
                };
                self.settled += count(false) + count(true);
                self.returned += count(true);
            }
            Event::Sealed { .. } => self.stage = Stage::Sealed,
            Event::RunsBegun {} => self.stage = Stage::Running,
        }
        self
    }
}
