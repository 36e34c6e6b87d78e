//! Filling several generations together: each event is read and decoded once for all of them, and
//! they fold it on as many threads as there are processors.
//!
//! **Invariant** a group is a quicker way and nothing more: whoever fails leaves it as of its last
//! commit, and whoever has come near the head too; from there each goes on alone.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kernel::Position;
use tokio::runtime::Handle;

use super::batch::{Batch, read};
use super::build::{BATCHES_PER_COMMIT, NEAR, Wanted, background, begin_build, rate};
use super::member::{Around, Folded, Member};
use super::orders::Shared;
use super::rebuild::{Outcome, Rebuild};
use super::workers;

/// Fills `members` and lets each board. Those that stand where the last of them stands go together.
pub(super) fn begin_builds(
    shared: &Arc<Shared>,
    members: Vec<Member>,
    compare: bool,
) -> std::io::Result<Vec<Rebuild>> {
    let from = members.iter().map(|member| member.checkpoint().position).min();
    let together = |member: &Member| Some(member.checkpoint().position) == from;
    if members.iter().filter(|member| together(member)).count() < 2 {
        return members.into_iter().map(|member| begin_build(shared, member, compare)).collect();
    }
    let mut rebuilds = Vec::with_capacity(members.len());
    let mut group = Vec::with_capacity(members.len());
    for member in members {
        let goes_along = together(&member);
        let (wanted, rebuild) = Wanted::announced(shared, member, compare);
        rebuilds.push(rebuild);
        if goes_along {
            group.push(Passenger { wanted, took: Duration::ZERO, left: false });
        } else {
            wanted.alone(shared)?;
        }
    }
    background(shared, "rebuild of several".to_owned(), move |shared| {
        let began = Instant::now();
        Group { shared, from: from.unwrap_or_default(), began }.run(group);
    })?;
    Ok(rebuilds)
}

struct Passenger {
    wanted: Wanted,
    /// So far: the slowest begin first.
    took: Duration,
    /// Something failed: alone it finds out what, and parks or waits.
    left: bool,
}

struct Group<'a> {
    shared: &'a Arc<Shared>,
    from: Position,
    began: Instant,
}

impl Group<'_> {
    fn run(&self, mut group: Vec<Passenger>) {
        while group.len() > 1 && self.is_far(&group) && !self.shared.is_ending() {
            let read_on = self.commit_of_many(&mut group);
            for index in (0..group.len()).rev() {
                if group[index].left {
                    self.leaves(group.swap_remove(index));
                }
            }
            if !read_on {
                break;
            }
            self.tell(&group);
        }
        for passenger in group {
            self.leaves(passenger);
        }
    }

    fn is_far(&self, group: &[Passenger]) -> bool {
        self.shared.log.head().0.saturating_sub(position(group).0) > NEAR
    }

    fn leaves(&self, passenger: Passenger) {
        let progress = passenger.wanted.progress.clone();
        if self.shared.is_ending() {
            progress.send_modify(|progress| progress.outcome = Outcome::Interrupted);
        } else if let Err(error) = passenger.wanted.alone(self.shared) {
            tracing::error!(%error, "the thread of a rebuild cannot be started");
        }
    }

    fn tell(&self, group: &[Passenger]) {
        let (at, total) = (position(group), self.shared.log.head());
        let events_per_second = rate(at.0 - self.from.0, self.began);
        for Passenger { wanted, .. } in group {
            wanted.progress.send_modify(|progress| {
                (progress.done, progress.total) = (at, total);
                progress.events_per_second = events_per_second;
            });
        }
    }

    /// Some batches in one transaction of each. False where nothing more can be read together.
    fn commit_of_many(&self, group: &mut [Passenger]) -> bool {
        let abandoned = || self.shared.is_ending();
        let around = Around { give_way: Some(&self.shared.gate), abandoned: &abandoned };
        let Some(mut batch) = self.read(group, position(group)) else { return false };
        self.on_all(group, |member| member.begin_many());
        let mut more = BATCHES_PER_COMMIT;
        let end = loop {
            more -= 1;
            let next = thread::scope(|threads| {
                let at = batch.end.position;
                let categories = (more > 0).then(|| wanted_by(group));
                let reading = categories.map(|wanted| {
                    thread::Builder::new().spawn_scoped(threads, move || {
                        let _inside = self.shared.runtime.as_ref().map(Handle::enter);
                        self.shared.stores.in_the_background();
                        self.read_for(&wanted, at)
                    })
                });
                self.on_all(group, |member| match member.fold_more(&batch, &around)? {
                    Folded::Prepared => Some(()),
                    Folded::Abandoned => None,
                });
                reading.and_then(|reading| reading.ok()?.join().ok().flatten())
            });
            match next {
                Some(next) => batch = next,
                None => break batch.end,
            }
        };
        self.on_all(group, |member| {
            member.end_many(end, &around)?;
            member.commit().ok()?;
            member.generation.tidy().ok()
        });
        true
    }

    fn read(&self, group: &[Passenger], after: Position) -> Option<Batch> {
        self.read_for(&wanted_by(group), after)
    }

    /// None where there is nothing, or it cannot be read: who goes on alone is told why.
    fn read_for(&self, wanted: &Categories, after: Position) -> Option<Batch> {
        let folds = |category: &str| wanted.has(category);
        let between = || self.shared.gate.give_way();
        let batching = self.shared.rebuild;
        read(&*self.shared.log, after, None, batching, &folds, &between).ok().flatten()
    }

    /// Does `work` for each who has not left. Beside lively traffic one processor stays free.
    fn on_all(&self, group: &mut [Passenger], work: impl Fn(&mut Member) -> Option<()> + Sync) {
        group.sort_by_key(|passenger| std::cmp::Reverse(passenger.took));
        let taken = usize::from(self.shared.gate.is_lively());
        let workers = workers::processors().saturating_sub(taken).max(1);
        let waiting = group.iter_mut().filter(|passenger| !passenger.left);
        let aside = || self.shared.stores.in_the_background();
        workers::on(self.shared, workers, waiting, aside, |passenger| {
            let began = Instant::now();
            passenger.left = work(&mut passenger.wanted.built).is_none();
            passenger.took += began.elapsed();
        });
    }
}

/// Where all of them stand.
fn position(group: &[Passenger]) -> Position {
    let positions = group.iter().map(|passenger| passenger.wanted.built.checkpoint().position);
    positions.min().unwrap_or_default()
}

/// What some of them fold.
enum Categories {
    All,
    These(Vec<&'static str>),
}

impl Categories {
    fn has(&self, category: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.contains(&category),
        }
    }
}

fn wanted_by(group: &[Passenger]) -> Categories {
    let mut these = Vec::new();
    for passenger in group.iter().filter(|passenger| !passenger.left) {
        let own = passenger.wanted.built.projection.categories();
        if own.is_empty() {
            return Categories::All;
        }
        these.extend_from_slice(own);
    }
    Categories::These(these)
}
