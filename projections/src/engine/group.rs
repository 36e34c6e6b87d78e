//! Filling several generations together: each event is read and decoded once for all of them, and
//! each folds it in a thread of its own.
//!
//! **Invariant** a group is a quicker way and nothing more: whoever fails leaves it as of its last
//! commit, and whoever has come near the head too; from there each goes on alone.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use kernel::Position;
use tokio::runtime::Handle;

use super::batch::{Batch, read};
use super::build::{BATCHES_PER_COMMIT, NEAR, Wanted, background, begin_build, rate};
use super::member::{Around, Folded, Member};
use super::orders::Shared;
use super::projection::folds;
use super::rebuild::{Outcome, Rebuild};

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
            group.push(Passenger { wanted, left: false });
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

/// Batches that wait for a member that is slower than the others.
const BATCHES_AHEAD: usize = 1;

struct Passenger {
    wanted: Wanted,
    /// Something failed: alone it finds out what, and parks or waits.
    left: bool,
}

impl Passenger {
    fn categories(&self) -> &'static [&'static str] {
        self.wanted.built.projection.categories()
    }
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

    /// Some batches in one transaction of each, every member in a thread of its own: that is what a
    /// transaction belongs to. False where nothing more can be read together.
    fn commit_of_many(&self, group: &mut [Passenger]) -> bool {
        let wanted: Vec<_> = group.iter().map(Passenger::categories).collect();
        let Some(first) = self.read(&wanted, position(group)) else { return false };
        thread::scope(|threads| {
            let mut seats = Vec::with_capacity(group.len());
            for passenger in group {
                let (seat, batches) = mpsc::sync_channel::<Arc<Batch>>(BATCHES_AHEAD);
                let member = &mut passenger.wanted.built;
                let name = format!("rebuild {}", member.plan.name);
                let riding = thread::Builder::new().name(name).spawn_scoped(threads, move || {
                    let _inside = self.shared.runtime.as_ref().map(Handle::enter);
                    self.shared.stores.in_the_background();
                    self.ride(member, &batches)
                });
                match riding {
                    Ok(riding) => seats.push((seat, riding, &mut passenger.left)),
                    Err(_) => passenger.left = true,
                }
            }
            let mut next = Some(first);
            for more in (0..BATCHES_PER_COMMIT).rev() {
                let Some(batch) = next.take().map(Arc::new) else { break };
                for (seat, ..) in &seats {
                    // Nobody hears it where the member has failed.
                    let _left = seat.send(Arc::clone(&batch));
                }
                if more > 0 {
                    next = self.read(&wanted, batch.end.position);
                }
            }
            for (seat, riding, left) in seats {
                drop(seat);
                *left = !matches!(riding.join(), Ok(Some(())));
            }
        });
        true
    }

    /// Folds what comes into one transaction and commits it. None: it failed, and stands where it
    /// stood before.
    fn ride(&self, member: &mut Member, batches: &mpsc::Receiver<Arc<Batch>>) -> Option<()> {
        let abandoned = || self.shared.is_ending();
        let around = Around { give_way: Some(&self.shared.gate), abandoned: &abandoned };
        member.begin_many()?;
        let mut end = member.checkpoint();
        for batch in batches {
            match member.fold_more(&batch, &around)? {
                Folded::Prepared => end = batch.end,
                Folded::Abandoned => return None,
            }
        }
        member.end_many(end, &around)?;
        member.commit().ok()?;
        member.generation.tidy().ok()
    }

    /// None where there is nothing, or it cannot be read: who goes on alone is told why.
    fn read(&self, wanted: &[&[&str]], after: Position) -> Option<Batch> {
        let wanted = |category: &str| wanted.iter().any(|own| folds(own, category));
        let between = || self.shared.gate.give_way();
        let batching = self.shared.rebuild;
        read(&*self.shared.log, after, None, batching, &wanted, &between).ok().flatten()
    }
}

/// Where all of them stand.
fn position(group: &[Passenger]) -> Position {
    let positions = group.iter().map(|passenger| passenger.wanted.built.checkpoint().position);
    positions.min().unwrap_or_default()
}
