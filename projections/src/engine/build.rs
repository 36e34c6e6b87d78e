//! Filling a generation beside live traffic: a thread, a file and a log reader of its own.
//!
//! It gives way to the train, keeps its checkpoint in its own file, so that it goes on after a kill,
//! waits where the database or the log is away, and boards when it has caught up. **Invariant** a
//! rebuild of the same version is read only if its content hash equals the live one's at the same
//! position.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use kernel::{Position, ReadError};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::batch::{Batch, read};
use super::hash::content_hash;
use super::member::{Around, Folded, Member, text};
use super::orders::{Aligned, Fault, Order, Shared, Unaligned, Unboarded, lock};
use super::projection::folds;
use super::rebuild::{Outcome, Progress, Rebuild};
use super::session::Reader;
use super::store::StoreError;
use super::train::{AWAY_RETRY, BEHIND_MAX};

/// Distance to the head at which the train takes over the rest.
pub(super) const NEAR: u64 = BEHIND_MAX / 4;

/// How many batches go into one commit.
pub(super) const BATCHES_PER_COMMIT: usize = 8;

/// A generation that is to be filled, and those who watch it.
pub(super) struct Wanted {
    pub(super) built: Box<Member>,
    pub(super) compare: bool,
    pub(super) progress: watch::Sender<Progress>,
}

impl Wanted {
    /// From now on it is told as being filled.
    pub(super) fn announced(shared: &Shared, member: Member, compare: bool) -> (Self, Rebuild) {
        let (progress, seen) = watch::channel(Progress {
            view: member.plan.name,
            generation: member.generation.number(),
            done: member.checkpoint().position,
            total: shared.log.head(),
            events_per_second: 0,
            outcome: Outcome::Filling,
        });
        lock(&shared.builds).insert(member.plan.name, progress.clone());
        (Self { built: Box::new(member), compare, progress }, Rebuild::of(seen))
    }

    /// Fills it to its end in a thread of its own.
    pub(super) fn alone(self, shared: &Arc<Shared>) -> std::io::Result<()> {
        let name = self.built.plan.name;
        let ended = self.progress.clone();
        let begun = background(shared, format!("rebuild {name}"), move |shared| {
            let Self { built, compare, progress } = self;
            let outcome = Build { shared, progress: &progress }.run(built, compare);
            tracing::info!(view = name, ?outcome, "a rebuild is over");
            progress.send_modify(|progress| progress.outcome = outcome);
        });
        begun.inspect_err(|_| {
            ended.send_modify(|progress| progress.outcome = Outcome::Interrupted);
        })
    }
}

/// Starts the thread that fills `member` and then lets it board.
pub(super) fn begin_build(
    shared: &Arc<Shared>,
    member: Member,
    compare: bool,
) -> std::io::Result<Rebuild> {
    let (wanted, rebuild) = Wanted::announced(shared, member, compare);
    wanted.alone(shared)?;
    Ok(rebuild)
}

/// Starts a thread that ends before the train does, and leaves the processor to others.
pub(super) fn background(
    shared: &Arc<Shared>,
    name: String,
    work: impl FnOnce(&Arc<Shared>) + Send + 'static,
) -> std::io::Result<()> {
    let sharing = Arc::clone(shared);
    let thread = thread::Builder::new().name(name).spawn(move || {
        let _inside = sharing.runtime.as_ref().map(Handle::enter);
        sharing.stores.in_the_background();
        work(&sharing);
    })?;
    let mut builders = lock(&shared.builders);
    builders.retain(|builder| !builder.is_finished());
    builders.push(thread);
    Ok(())
}

struct Build<'a> {
    shared: &'a Shared,
    progress: &'a watch::Sender<Progress>,
}

/// Why filling stops before the head is near.
enum Stop {
    Interrupted,
    At(Fault),
    /// Only as long as the database, or the log, is away.
    Away(Fault),
}

/// Why a build ends before it boards.
enum Halt {
    Interrupted,
    Failed(Fault),
    Different {
        live: [u8; 32],
        rebuilt: [u8; 32],
    },
    /// It goes on from what is committed.
    Away(Box<Member>, Fault),
}

impl Halt {
    fn of(stop: Stop, built: Box<Member>) -> Self {
        match stop {
            Stop::Interrupted => Self::Interrupted,
            Stop::At(fault) => Self::Failed(fault),
            Stop::Away(fault) => Self::Away(built, fault),
        }
    }
}

impl Stop {
    fn of(fault: Fault, built: &Member) -> Self {
        if built.generation.is_away() { Self::Away(fault) } else { Self::At(fault) }
    }

    fn at(position: Position, error: &StoreError) -> Self {
        let fault = Fault { position, error: text(error) };
        if error.is_away() { Self::Away(fault) } else { Self::At(fault) }
    }
}

impl Build<'_> {
    /// To its end, through every absence of the database or the log.
    fn run(&self, mut built: Box<Member>, compare: bool) -> Outcome {
        loop {
            match self.steps(built, compare) {
                Ok(()) => return Outcome::Flipped,
                Err(Halt::Interrupted) => return Outcome::Interrupted,
                Err(Halt::Failed(fault)) => return Outcome::Failed(fault),
                Err(Halt::Different { live, rebuilt }) => {
                    return Outcome::Different { live, rebuilt };
                }
                Err(Halt::Away(left, fault)) => {
                    built = left;
                    if let Err(outcome) = self.wait_until_back(&mut built, fault) {
                        return outcome;
                    }
                }
            }
        }
    }

    fn wait_until_back(&self, built: &mut Member, fault: Fault) -> Result<(), Outcome> {
        let Fault { position, error } = &fault;
        let view = built.plan.name;
        tracing::warn!(view, position = position.0, error, "a rebuild waits for what is away");
        self.progress.send_modify(|progress| progress.outcome = Outcome::Filling);
        loop {
            thread::park_timeout(AWAY_RETRY);
            if self.shared.is_ending() {
                return Err(Outcome::Interrupted);
            }
            if !built.generation.is_away() || built.generation.come_back() {
                return Ok(());
            }
            if !built.generation.is_away() {
                // It is there, and is not what was left: somebody else fills it.
                return Err(Outcome::Failed(fault));
            }
        }
    }

    fn steps(&self, mut built: Box<Member>, compare: bool) -> Result<(), Halt> {
        built = self.filled(built)?;
        if compare {
            built = self.compare(built)?;
            // The log went on while the two were compared.
            built = self.filled(built)?;
        }
        let (reply, answer) = mpsc::channel();
        self.shared.order(Order::Board { built, reply });
        match answer.recv().map_err(|_| Halt::Interrupted)? {
            Ok(()) => Ok(()),
            Err(Unboarded { built, fault, away: true }) => Err(Halt::Away(built, fault)),
            Err(Unboarded { fault, away: false, .. }) => Err(Halt::Failed(fault)),
        }
    }

    /// Near the head, with everything that readers need.
    fn filled(&self, mut built: Box<Member>) -> Result<Box<Member>, Halt> {
        let filled = self.fill(&mut built).and_then(|()| {
            let position = built.checkpoint().position;
            let filled = built.generation.filled();
            filled.map_err(|error| Stop::at(position, &error))
        });
        match filled {
            Ok(()) => Ok(built),
            Err(stop) => Err(Halt::of(stop, built)),
        }
    }

    /// Folds until the head is near.
    fn fill(&self, built: &mut Member) -> Result<(), Stop> {
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
                return Err(Stop::Interrupted);
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
                    let folded = built.fold(&batch, &around);
                    folded.map_err(|fault| Stop::of(fault, built))?
                }
            };
            match folded {
                Folded::Prepared => {
                    let committed = built.commit();
                    committed.map_err(|fault| Stop::of(fault, built))?;
                }
                Folded::Abandoned => return Err(Stop::Interrupted),
            }
            let tidied = built.generation.tidy();
            tidied.map_err(|error| Stop::at(at, &error))?;
        }
    }

    fn fold_many(&self, built: &mut Member, around: &Around<'_>) -> Option<Folded> {
        let categories = built.projection.categories();
        let wanted = |category: &str| folds(categories, category);
        // A log that cannot be read ends the group here and is reported by the next single batch.
        let mut next = |after| {
            let between = || self.shared.gate.give_way();
            let batching = self.shared.rebuild;
            read(&*self.shared.log, after, None, batching, &wanted, &between).ok().flatten()
        };
        built.fold_many(BATCHES_PER_COMMIT, &mut next, around)
    }

    fn read(&self, built: &Member, after: Position) -> Result<Option<Batch>, Stop> {
        let wanted = |category: &str| built.folds(category);
        let between = || self.shared.gate.give_way();
        let batch = read(&*self.shared.log, after, None, self.shared.rebuild, &wanted, &between);
        batch.map_err(|error| {
            let fault = Fault { position: after, error: text(&error) };
            match error {
                ReadError::Unavailable(_) => Stop::Away(fault),
                ReadError::Damaged { .. } => Stop::At(fault),
            }
        })
    }

    /// Both generations at one position, the live one through a reader that stays there.
    fn compare(&self, built: Box<Member>) -> Result<Box<Member>, Halt> {
        self.progress.send_modify(|progress| progress.outcome = Outcome::Comparing);
        let (reply, answer) = mpsc::channel();
        self.shared.order(Order::Align { built, reply });
        let Aligned { mut built, live } = answer.recv().map_err(|_| Halt::Interrupted)?;
        let hashes = match live {
            Ok(Some(reader)) => self.hashes(&mut built, &*reader),
            Ok(None) => return Ok(built),
            Err(Unaligned { fault, away: true }) => Err(Stop::Away(fault)),
            Err(Unaligned { fault, away: false }) => Err(Stop::At(fault)),
        };
        match hashes {
            Ok([live, rebuilt]) if live == rebuilt => Ok(built),
            Ok([live, rebuilt]) => Err(Halt::Different { live, rebuilt }),
            Err(stop) => Err(Halt::of(stop, built)),
        }
    }

    /// Of the live one and of the rebuilt one, each through a connection of its own.
    fn hashes(&self, built: &mut Member, live: &dyn Reader) -> Result<[[u8; 32]; 2], Stop> {
        let at = built.checkpoint().position;
        let (name, tables) = (built.plan.name, built.plan.tables.clone());
        let (live, rebuilt) = thread::scope(|threads| {
            let live = threads.spawn(|| {
                self.shared.stores.in_the_background();
                content_hash(&tables, &mut |table, each| live.scan(name, table, each))
            });
            let generation = &mut built.generation;
            let rebuilt = content_hash(&tables, &mut |table, each| generation.scan(table, each));
            (live.join(), rebuilt)
        });
        let error = "the comparison panicked".to_owned();
        let live = live.map_err(|_| Stop::At(Fault { position: at, error }))?;
        let told = |error: StoreError| Stop::at(at, &error);
        Ok([live.map_err(told)?, rebuilt.map_err(told)?])
    }
}

/// Whole events per second.
pub(super) fn rate(events: u64, since: Instant) -> u64 {
    let micros = since.elapsed().as_micros().max(1);
    u64::try_from(u128::from(events) * 1_000_000 / micros).unwrap_or(u64::MAX)
}
