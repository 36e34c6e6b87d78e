//! One read model with its generation: folds a batch, or parks, or gives up whole.
//!
//! **Invariant** after a failed batch nothing of it is in the store or in the caches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kernel::{Position, Recorded};

use super::batch::Batch;
use super::gate::{Gate, GivingWay};
use super::orders::Fault;
use super::projection::{Failure, FoldError, Projection, folds};
use super::store::{Checkpoint, Generation, Parked, Plan, Standing, Store, StoreError};

/// Events folded between two looks at the gate or at a wish to end.
const EVENTS_BETWEEN: usize = 256;

pub(super) struct Member {
    pub(super) projection: Box<dyn Projection>,
    pub(super) generation: Box<dyn Generation>,
    pub(super) plan: Plan,
    pub(super) standing: Standing,
    pub(super) parked: usize,
}

/// What folding a batch came to.
pub(super) enum Folded {
    /// In the open transaction, ready to be committed.
    Prepared,
    /// Rolled back because the program ends.
    Abandoned,
}

/// What the world outside says while a batch is folded.
pub(super) struct Around<'a> {
    /// Set for a rebuild, which lets the train go first.
    pub(super) give_way: Option<&'a Gate>,
    pub(super) abandoned: &'a (dyn Fn() -> bool + Sync),
}

impl Member {
    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.generation.checkpoint()
    }

    /// Whether a category is folded here.
    pub(super) fn folds(&self, category: &str) -> bool {
        folds(self.projection.categories(), category)
    }

    /// Folds what lies after the own checkpoint and leaves the transaction open for the commit.
    pub(super) fn fold(&mut self, batch: &Batch, around: &Around<'_>) -> Result<Folded, Fault> {
        let mut parked: Vec<Parked> = Vec::new();
        loop {
            // A panic leaves caches that are dropped and a transaction that is rolled back.
            let folding = AssertUnwindSafe(|| self.attempt(batch, &parked, around));
            let failed = match catch_unwind(folding) {
                Ok(Ok(folded)) => {
                    self.parked += parked.len();
                    return Ok(folded);
                }
                Ok(Err(failed)) => failed,
                Err(_) => Failed { event: None, what: "the fold panicked".to_owned() },
            };
            self.give_up();
            match (failed.event, self.projection.failure()) {
                (Some(event), Failure::Park) => parked.push(Parked { error: failed.what, ..event }),
                (event, Failure::Park | Failure::Stop) => {
                    let position = event.map_or(self.checkpoint().position, |at| at.position);
                    return Err(Fault { position, error: failed.what });
                }
            }
        }
    }

    /// Commits on its own: nobody reads this generation yet, or alone.
    pub(super) fn commit(&mut self) -> Result<(), Fault> {
        let position = self.checkpoint().position;
        self.generation.commit().map_err(|error| {
            self.give_up();
            Fault { position, error: text(&error) }
        })
    }

    /// Folds one parked event now and takes it off the list.
    pub(super) fn replay(&mut self, recorded: &Recorded, batch: &Batch) -> Result<(), FoldError> {
        let folded = (|| {
            self.generation.begin()?;
            for event in &batch.events {
                self.projection.fold(&event.happened()?, &mut *self.generation)?;
            }
            self.projection.flush(&mut *self.generation)?;
            self.generation.unpark(recorded.position)?;
            self.generation.commit()?;
            Ok(())
        })();
        match folded {
            Ok(()) => self.parked = self.parked.saturating_sub(1),
            Err(_) => self.give_up(),
        }
        folded
    }

    pub(super) fn give_up(&mut self) {
        self.generation.rollback();
        self.projection.forget();
    }

    /// Folds up to `count` batches into one transaction, since every commit writes each changed row
    /// once. None: something failed, all of it was given up, and only single batches can tell what
    /// or park it.
    pub(super) fn fold_many(
        &mut self,
        count: usize,
        next: &mut dyn FnMut(Position) -> Option<Batch>,
        around: &Around<'_>,
    ) -> Option<Folded> {
        self.begin_many()?;
        let began = self.checkpoint();
        let mut end = began;
        for _ in 0..count {
            let Some(batch) = next(end.position) else { break };
            if let Folded::Abandoned = self.fold_more(&batch, around)? {
                return Some(Folded::Abandoned);
            }
            end = batch.end;
        }
        if end == began {
            // Nothing could be read.
            self.give_up();
            return None;
        }
        self.end_many(end, around)?;
        Some(Folded::Prepared)
    }

    /// Begins a transaction over several batches. None, here and below: something failed, and all of
    /// it was given up.
    pub(super) fn begin_many(&mut self) -> Option<()> {
        self.or_nothing(|member| Ok(member.generation.begin()?))
    }

    /// One more batch of the transaction.
    pub(super) fn fold_more(&mut self, batch: &Batch, around: &Around<'_>) -> Option<Folded> {
        self.or_nothing(|member| {
            let folded = member.fold_events(batch, &[], around)?;
            if let Folded::Abandoned = folded {
                member.give_up();
            }
            Ok(folded)
        })
    }

    /// Ready to be committed.
    pub(super) fn end_many(&mut self, end: Checkpoint, around: &Around<'_>) -> Option<()> {
        self.or_nothing(|member| member.finish(end, around))
    }

    fn or_nothing<T>(&mut self, step: impl FnOnce(&mut Self) -> Result<T, Failed>) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| step(self)));
        if let Ok(Ok(done)) = done {
            return Some(done);
        }
        self.give_up();
        None
    }

    fn attempt(
        &mut self,
        batch: &Batch,
        parked: &[Parked],
        around: &Around<'_>,
    ) -> Result<Folded, Failed> {
        self.generation.begin()?;
        for event in parked {
            self.generation.park(event)?;
        }
        if let Folded::Abandoned = self.fold_events(batch, parked, around)? {
            self.give_up();
            return Ok(Folded::Abandoned);
        }
        self.finish(batch.end, around)?;
        Ok(Folded::Prepared)
    }

    fn fold_events(
        &mut self,
        batch: &Batch,
        parked: &[Parked],
        around: &Around<'_>,
    ) -> Result<Folded, Failed> {
        let after = self.checkpoint().position;
        let first = batch.events.partition_point(|event| event.recorded.position <= after);
        for (place, event) in batch.events[first..].iter().enumerate() {
            if place % EVENTS_BETWEEN == 0 {
                if let Some(gate) = around.give_way {
                    gate.give_way();
                }
                if (around.abandoned)() {
                    return Ok(Folded::Abandoned);
                }
            }
            let recorded = &event.recorded;
            let skipped = parked.iter().any(|parked| parked.position == recorded.position);
            if skipped || !self.folds(recorded.stream.category()) {
                continue;
            }
            event
                .happened()
                .and_then(|happened| self.projection.fold(&happened, &mut *self.generation))
                .map_err(|error| Failed::at(recorded, error))?;
        }
        Ok(Folded::Prepared)
    }

    fn finish(&mut self, end: Checkpoint, around: &Around<'_>) -> Result<(), Failed> {
        let flushed = match around.give_way {
            Some(gate) => {
                let store: &mut dyn Store = &mut *self.generation;
                self.projection.flush(&mut GivingWay { store, gate })
            }
            None => self.projection.flush(&mut *self.generation),
        };
        flushed.map_err(|error| Failed { event: None, what: text(&error) })?;
        Ok(self.generation.advance(end)?)
    }
}

/// Where and why a batch failed; `event` is set where it can be parked.
struct Failed {
    event: Option<Parked>,
    what: String,
}

impl Failed {
    fn at(recorded: &Recorded, error: FoldError) -> Self {
        let what = text(&error);
        let event = match error {
            FoldError::Decode(_) | FoldError::Refused(_) => Some(Parked {
                position: recorded.position,
                event: recorded.id,
                type_name: recorded.type_name.clone(),
                error: String::new(),
            }),
            // The event is not to blame.
            FoldError::Store(_) => None,
        };
        Self { event, what }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self { event: None, what: text(&error) }
    }
}

/// An error with its causes, on one line.
pub(super) fn text(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

/// The lowest of several positions.
pub(super) fn lowest(positions: impl IntoIterator<Item = Position>) -> Option<Position> {
    positions.into_iter().min()
}
