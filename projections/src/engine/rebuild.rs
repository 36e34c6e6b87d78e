//! Filling a generation beside live traffic: a thread, a file and a log reader of its own.
//!
//! It gives way to the train, keeps its checkpoint in its own file, so that it goes on after a kill,
//! and boards when it has caught up. **Invariant** a rebuild of the same version is read only if its
//! content hash equals the live one's at the same position.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use kernel::Position;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::batch::{Batch, read};
use super::hash::content_hash;
use super::member::{Around, Folded, Member, text};
use super::orders::{Aligned, Fault, Order, Shared, lock};
use super::store::{Standing, StoreError};
use super::train::BEHIND_MAX;

/// Distance to the head at which the train takes over the rest.
const NEAR: u64 = BEHIND_MAX / 4;

/// How many batches go into one commit.
const BATCHES_PER_COMMIT: usize = 8;

/// A rebuild that was begun.
#[derive(Debug, Clone)]
pub struct Rebuild {
    progress: watch::Receiver<Progress>,
}

/// How far a rebuild is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub view: &'static str,
    pub generation: u32,
    pub done: Position,
    /// The head of the log when last looked at.
    pub total: Position,
    /// Since this run of it began; 0 before the first commit.
    pub events_per_second: u64,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Filling,
    Comparing,
    /// It is read now.
    Flipped,
    /// It is not read: the live one holds something else.
    Different {
        live: [u8; 32],
        rebuilt: [u8; 32],
    },
    Failed(Fault),
    /// The program ended first; it goes on when it is asked for again.
    Interrupted,
}

#[derive(Debug, Error)]
pub enum RebuildError {
    #[error("no read model is called {0}")]
    Unknown(String),
    #[error("{0} is being rebuilt already")]
    Running(String),
    #[error("the train has ended")]
    Ended,
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the rebuild's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl Progress {
    /// Seconds until it has caught up at this rate, if there is one yet.
    #[must_use]
    pub fn remaining_seconds(&self) -> Option<u64> {
        let left = self.total.0.saturating_sub(self.done.0);
        (self.events_per_second > 0).then(|| left.div_ceil(self.events_per_second))
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self.outcome, Outcome::Filling | Outcome::Comparing)
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        match &self.outcome {
            Outcome::Failed(fault) => Some(fault.clone()),
            Outcome::Filling
            | Outcome::Comparing
            | Outcome::Flipped
            | Outcome::Different { .. }
            | Outcome::Interrupted => None,
        }
    }
}

impl Rebuild {
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until it is over.
    pub async fn finished(mut self) -> Progress {
        // The sender lives as long as the train; when it goes, the last word stands.
        let _ended = self.progress.wait_for(Progress::is_over).await.is_err();
        self.progress.borrow().clone()
    }
}

pub(super) fn begin_rebuild(
    shared: &Arc<Shared>,
    name: &str,
    compare: bool,
) -> Result<Rebuild, RebuildError> {
    if shared.is_ending() {
        return Err(RebuildError::Ended);
    }
    // Held to the end: two rebuilds of one read model cannot begin at once.
    let makers = lock(&shared.makers);
    let projection = makers
        .get(name)
        .map(|maker| maker.fresh())
        .ok_or_else(|| RebuildError::Unknown(name.to_owned()))?;
    let last = lock(&shared.builds).get(name).map(|build| build.borrow().clone());
    if last.as_ref().is_some_and(|progress| !progress.is_over()) {
        return Err(RebuildError::Running(name.to_owned()));
    }
    if let Some(Progress { outcome: Outcome::Different { .. }, generation, .. }) = last {
        // Looked at or not: the next one starts from zero.
        shared.stores.drop_generation(name, generation)?;
    }
    let plan = shared.plan(&*projection);
    let begun = shared
        .stores
        .generations(name)?
        .into_iter()
        .rfind(|known| known.standing == Standing::Building && known.version == plan.version);
    let resumed = match begun {
        Some(known) => match shared.stores.open(&plan, known.number) {
            Ok(generation) => Some(generation),
            Err(StoreError::OtherLog) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let mut generation = match resumed {
        Some(generation) => generation,
        None => shared.stores.create(&plan)?,
    };
    let parked = generation.parked()?.len();
    let standing = Standing::Building;
    let member = Member { projection, generation, plan, standing, parked };
    begin_build(shared, member, compare).map_err(RebuildError::Thread)
}

/// Starts the thread that fills `member` and then lets it board.
pub(super) fn begin_build(
    shared: &Arc<Shared>,
    member: Member,
    compare: bool,
) -> std::io::Result<Rebuild> {
    let (progress, seen) = watch::channel(Progress {
        view: member.plan.name,
        generation: member.generation.number(),
        done: member.checkpoint().position,
        total: shared.log.head(),
        events_per_second: 0,
        outcome: Outcome::Filling,
    });
    let name = member.plan.name;
    lock(&shared.builds).insert(name, progress.clone());
    let sharing = Arc::clone(shared);
    let thread = thread::Builder::new().name(format!("rebuild {name}")).spawn(move || {
        let _inside = sharing.runtime.as_ref().map(Handle::enter);
        sharing.stores.in_the_background();
        let outcome =
            Build { shared: &sharing, progress: &progress }.run(Box::new(member), compare);
        tracing::info!(view = name, ?outcome, "a rebuild is over");
        progress.send_modify(|progress| progress.outcome = outcome);
    })?;
    let mut builders = lock(&shared.builders);
    builders.retain(|builder| !builder.is_finished());
    builders.push(thread);
    Ok(Rebuild { progress: seen })
}

struct Build<'a> {
    shared: &'a Shared,
    progress: &'a watch::Sender<Progress>,
}

/// Why a build ends before it boards.
enum Halt {
    Interrupted,
    Failed(Fault),
    Different { live: [u8; 32], rebuilt: [u8; 32] },
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl Build<'_> {
    fn run(&self, built: Box<Member>, compare: bool) -> Outcome {
        match self.steps(built, compare) {
            Ok(()) => Outcome::Flipped,
            Err(Halt::Interrupted) => Outcome::Interrupted,
            Err(Halt::Failed(fault)) => Outcome::Failed(fault),
            Err(Halt::Different { live, rebuilt }) => Outcome::Different { live, rebuilt },
        }
    }

    fn steps(&self, mut built: Box<Member>, compare: bool) -> Result<(), Halt> {
        self.fill(&mut built)?;
        let at = built.checkpoint().position;
        let filled = built.generation.filled();
        filled.map_err(|error| Fault { position: at, error: text(&error) })?;
        if compare {
            built = self.compare(built)?;
            // The log went on while the two were compared.
            self.fill(&mut built)?;
        }
        let (reply, answer) = mpsc::channel();
        self.shared.order(Order::Board { built, reply });
        answer.recv().map_err(|_| Halt::Interrupted)??;
        Ok(())
    }

    /// Folds until the head is near.
    fn fill(&self, built: &mut Member) -> Result<(), Halt> {
        let began = Instant::now();
        let from = built.checkpoint().position;
        let abandoned = || self.shared.is_ending();
        let around = Around { give_way: Some(&self.shared.gate), abandoned: &abandoned };
        // After a failure, as many batches go by one and one.
        let mut singly = 0;
        loop {
            let at = built.checkpoint().position;
            let total = self.shared.log.head();
            let events_per_second = rate(at.0 - from.0, began);
            self.progress.send_modify(|progress| {
                (progress.done, progress.total) = (at, total);
                if events_per_second > 0 {
                    progress.events_per_second = events_per_second;
                }
            });
            if self.shared.is_ending() {
                return Err(Halt::Interrupted);
            }
            if total.0.saturating_sub(at.0) <= NEAR {
                return Ok(());
            }
            let folded = match singly {
                0 => self.fold_many(built, &around),
                _ => None,
            };
            let folded = match folded {
                Some(folded) => folded,
                None => {
                    singly = if singly == 0 { BATCHES_PER_COMMIT } else { singly - 1 };
                    let Some(batch) = self.read(built, at)? else { return Ok(()) };
                    built.fold(&batch, &around)?
                }
            };
            match folded {
                Folded::Prepared => built.commit()?,
                Folded::Abandoned => return Err(Halt::Interrupted),
            }
            let tidied = built.generation.tidy();
            tidied.map_err(|error| Fault { position: at, error: text(&error) })?;
        }
    }

    fn fold_many(&self, built: &mut Member, around: &Around<'_>) -> Option<Folded> {
        let categories = built.projection.categories();
        let wanted = |category: &str| categories.is_empty() || categories.contains(&category);
        // A log that cannot be read ends the group here and is reported by the next single batch.
        let mut next = |after| {
            let between = || self.shared.gate.give_way();
            let batching = self.shared.rebuild;
            read(&*self.shared.log, after, None, batching, &wanted, &between).ok().flatten()
        };
        built.fold_many(BATCHES_PER_COMMIT, &mut next, around)
    }

    fn read(&self, built: &Member, after: Position) -> Result<Option<Batch>, Fault> {
        let wanted = |category: &str| built.folds(category);
        let between = || self.shared.gate.give_way();
        read(&*self.shared.log, after, None, self.shared.rebuild, &wanted, &between)
            .map_err(|error| Fault { position: after, error: text(&error) })
    }

    /// Both generations at one position, the live one through a reader that stays there.
    fn compare(&self, built: Box<Member>) -> Result<Box<Member>, Halt> {
        self.progress.send_modify(|progress| progress.outcome = Outcome::Comparing);
        let (reply, answer) = mpsc::channel();
        self.shared.order(Order::Align { built, reply });
        let Aligned { mut built, live } = answer.recv().map_err(|_| Halt::Interrupted)?;
        if let Some(reader) = live? {
            let at = built.checkpoint().position;
            let fault = |error: StoreError| Fault { position: at, error: text(&error) };
            let (name, tables) = (built.plan.name, built.plan.tables.clone());
            // Each has a connection of its own.
            let (live, rebuilt) = thread::scope(|threads| {
                let live = threads.spawn(|| {
                    self.shared.stores.in_the_background();
                    content_hash(&tables, &mut |table, each| reader.scan(name, table, each))
                });
                let generation = &mut built.generation;
                let rebuilt =
                    content_hash(&tables, &mut |table, each| generation.scan(table, each));
                (live.join(), rebuilt)
            });
            let panicked = |_| Fault { position: at, error: "the comparison panicked".to_owned() };
            let live = live.map_err(panicked)?.map_err(fault)?;
            let rebuilt = rebuilt.map_err(fault)?;
            if live != rebuilt {
                return Err(Halt::Different { live, rebuilt });
            }
        }
        Ok(built)
    }
}

/// Whole events per second.
fn rate(events: u64, since: Instant) -> u64 {
    let micros = since.elapsed().as_micros().max(1);
    u64::try_from(u128::from(events) * 1_000_000 / micros).unwrap_or(u64::MAX)
}
