//! The train: reads and decodes each event once, has every read model aboard fold it in memory, and
//! commits all of them at one instant for every reader.
//!
//! One OS thread. A read model that fails leaves the train with an alarm, the others go on; one
//! that is far behind is filled beside the train and boards when it has caught up.
//!
//! **Limits** a chunk event holds at most 1,000 lines, so the rows of one batch stay within memory
//! and one transaction; sub-checkpoints inside an event are not needed and do not exist.
//!
//! **Invariant** readers see every read model that is aboard at one position, and that position is
//! the end of an append.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kernel::{Position, ReadError, Recorded};
use tokio::runtime::Handle;

use super::batch::{Batch, read};
use super::blocking::block_unless;
use super::build::begin_build;
use super::handle::{Published, PublishedView};
use super::member::{Around, Folded, Member, lowest, text};
use super::orders::{Aligned, Ending, Fault, Order, ReplayError, Shared, Unaligned, Unboarded};
use super::session::Reader;
use super::store::{Standing, StoreError};

/// A read model no further behind than this is caught up by the train itself, in between.
pub(super) const BEHIND_MAX: u64 = 8_000;

/// Events behind the head from which the train takes batches as a rebuild does.
const FAR_BEHIND: u64 = 16_000;

/// How long the train, and a rebuild, wait before they ask a log or a database again that was away.
pub(super) const AWAY_RETRY: Duration = Duration::from_millis(200);

pub(super) struct Driver {
    shared: Arc<Shared>,
    members: Vec<(Member, Option<Fault>)>,
    log_error: Option<String>,
}

impl Driver {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, members: Vec::new(), log_error: None }
    }

    pub(super) fn spawn(self) -> std::io::Result<JoinHandle<()>> {
        thread::Builder::new().name("train".to_owned()).spawn(move || self.run())
    }

    fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _inside = shared.runtime.as_ref().map(Handle::enter);
        // Only this thread sets it, once.
        let _first = shared.thread.set(thread::current());
        let _ending = Ending(&shared);
        while !shared.is_ending() {
            self.carry_out();
            let away = self.take_back();
            let Some(from) = self.position() else {
                if !away {
                    block_unless(std::future::pending::<()>(), || shared.is_wanted());
                }
                continue;
            };
            match self.read(from, None, None) {
                Ok(Some(batch)) => self.fold(&batch),
                Ok(None) => {
                    self.clear_log_error();
                    if !away {
                        block_unless(shared.log.beyond(from), || shared.is_wanted());
                    }
                }
                Err(error) => {
                    tracing::error!(error = text(&error), "the log cannot be read");
                    self.log_error = Some(text(&error));
                    self.publish();
                    thread::park_timeout(AWAY_RETRY);
                }
            }
        }
    }

    /// Lets those try again whose database was only away; true where it still is. The others go on
    /// meanwhile, a little slower.
    fn take_back(&mut self) -> bool {
        let is_away = |(member, fault): &(Member, Option<Fault>)| {
            fault.is_some() && member.generation.is_away()
        };
        if !self.members.iter().any(is_away) {
            return false;
        }
        thread::park_timeout(AWAY_RETRY);
        for (member, fault) in &mut self.members {
            if fault.is_some() && member.generation.is_away() && member.generation.come_back() {
                *fault = None;
            }
        }
        self.publish();
        self.members.iter().any(is_away)
    }

    /// The lowest checkpoint of those aboard.
    fn position(&self) -> Option<Position> {
        lowest(self.aboard().map(|member| member.checkpoint().position))
    }

    fn aboard(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|(_, fault)| fault.is_none()).map(|(member, _)| member)
    }

    fn read(
        &self,
        after: Position,
        until: Option<Position>,
        alone: Option<&Member>,
    ) -> Result<Option<Batch>, ReadError> {
        let wanted = |category: &str| match alone {
            Some(member) => member.folds(category),
            None => self.aboard().any(|member| member.folds(category)),
        };
        // Far behind, larger batches write each changed row less often.
        let behind = self.shared.log.head().0.saturating_sub(after.0);
        let batching = if behind > FAR_BEHIND { self.shared.rebuild } else { self.shared.live };
        read(&*self.shared.log, after, until, batching, &wanted, &|| {})
    }

    fn fold(&mut self, batch: &Batch) {
        let shared = Arc::clone(&self.shared);
        let busy = shared.gate.enter();
        let abandoned = || shared.is_abandoned();
        let around = Around { give_way: None, abandoned: &abandoned };
        let mut prepared = HashSet::new();
        for (member, fault) in &mut self.members {
            if fault.is_some() || member.checkpoint().position >= batch.end.position {
                continue;
            }
            match member.fold(batch, &around) {
                Ok(Folded::Prepared) => {
                    prepared.insert(member.plan.name);
                }
                Ok(Folded::Abandoned) => {}
                Err(failed) => *fault = Some(alarm(member, failed)),
            }
        }
        if shared.is_abandoned() {
            for (member, _) in &mut self.members {
                member.give_up();
            }
            return;
        }
        self.commit(&prepared);
        drop(busy);
        self.log_error = None;
        self.publish();
        for (member, _) in &mut self.members {
            if let Err(error) = member.generation.tidy() {
                tracing::warn!(view = member.plan.name, error = text(&error), "tidying failed");
            }
        }
    }

    /// Under the turnstile, all at one instant.
    fn commit(&mut self, prepared: &HashSet<&'static str>) {
        let (mut committing, mut generations) = (Vec::new(), Vec::new());
        for (member, fault) in &mut self.members {
            if prepared.contains(member.plan.name) {
                let Member { generation, projection, plan, .. } = member;
                generations.push(&mut **generation);
                committing.push((projection, plan, fault));
            }
        }
        let results = self.shared.stores.commit(generations);
        let mut failed = Vec::new();
        for ((_, plan, fault), result) in committing.into_iter().zip(results) {
            if let Err(error) = result {
                tracing::error!(view = plan.name, error = text(&error), "the commit failed");
                *fault = Some(Fault { position: Position::START, error: text(&error) });
                failed.push(plan.name);
            }
        }
        for (member, fault) in &mut self.members {
            if failed.contains(&member.plan.name) {
                member.give_up();
                if let Some(fault) = fault {
                    fault.position = member.checkpoint().position;
                }
            }
        }
    }

    fn carry_out(&mut self) {
        loop {
            let Some(order) = self.shared.next_order() else { return };
            // Who asked may be gone by now: then nobody needs the answer.
            match order {
                Order::Align { mut built, reply } => {
                    self.reach(built.checkpoint().position);
                    let live = self.align(&mut built);
                    let _gone = reply.send(Aligned { built, live });
                }
                Order::Board { built, reply } => {
                    self.reach(built.checkpoint().position);
                    let boarded = self.board(built);
                    self.publish();
                    let _gone = reply.send(boarded);
                }
                Order::Replay { name, position, reply } => {
                    let replayed = self.replay(&name, position);
                    self.publish();
                    let _gone = reply.send(replayed);
                }
                Order::Resume { name } => self.resume(&name),
            }
        }
    }

    /// Lets a member take its place, and the place of the one of its name.
    pub(super) fn admit(&mut self, mut member: Member) -> Result<(), StoreError> {
        self.flip(&mut member)?;
        self.seat(member);
        Ok(())
    }

    fn board(&mut self, mut built: Box<Member>) -> Result<(), Unboarded> {
        let (fault, away) = match self.catch_up(&mut built) {
            Err(fault) => (fault, built.generation.is_away()),
            Ok(()) => match self.flip(&mut built) {
                Err(error) => (self.fault(&error), error.is_away()),
                Ok(()) => {
                    self.seat(*built);
                    return Ok(());
                }
            },
        };
        Err(Unboarded { built, fault, away })
    }

    /// Makes its generation the one that is read.
    fn flip(&self, member: &mut Member) -> Result<(), StoreError> {
        if member.standing != Standing::Current {
            member.generation.filled()?;
            self.shared.stores.flip(&member.plan, member.generation.number())?;
            member.standing = Standing::Current;
        }
        Ok(())
    }

    fn seat(&mut self, member: Member) {
        self.members.retain(|(other, _)| other.plan.name != member.plan.name);
        self.members.push((member, None));
    }

    /// Folds on to where a generation stands that was filled faster than the train goes: the two
    /// are compared, and change places, at one position.
    fn reach(&mut self, target: Position) {
        while let Some(from) = self.position().filter(|from| *from < target) {
            match self.read(from, None, None) {
                Ok(Some(batch)) => self.fold(&batch),
                // The order is carried out at unequal positions, and a comparison says so.
                Ok(None) | Err(_) => return,
            }
            if self.shared.is_abandoned() {
                return;
            }
        }
    }

    /// Brings a generation to where the one it replaces stands, or, if that one stands still or is
    /// missing, to where the train is.
    fn catch_up(&self, built: &mut Member) -> Result<(), Fault> {
        let replaced = self.aboard().find(|member| member.plan.name == built.plan.name);
        let target = replaced.map(|member| member.checkpoint().position).or(self.position());
        let Some(target) = target else { return Ok(()) };
        while built.checkpoint().position < target {
            let from = built.checkpoint().position;
            let batch = self
                .read(from, Some(target), Some(&*built))
                .map_err(|error| Fault { position: from, error: text(&error) })?;
            let Some(batch) = batch else { return Ok(()) };
            let around = Around { give_way: None, abandoned: &|| false };
            built.fold(&batch, &around)?;
            built.commit()?;
        }
        Ok(())
    }

    fn align(&self, built: &mut Member) -> Result<Option<Box<dyn Reader>>, Unaligned> {
        let caught_up = self.catch_up(built);
        let away = built.generation.is_away();
        caught_up.map_err(|fault| Unaligned { fault, away })?;
        let live = self.aboard().find(|member| member.plan.name == built.plan.name);
        if live.is_none_or(|live| live.plan.version != built.plan.version) {
            return Ok(None);
        }
        let reader = self.shared.stores.reader(&[built.plan.name]);
        reader
            .map(Some)
            .map_err(|error| Unaligned { fault: self.fault(&error), away: error.is_away() })
    }

    fn replay(&mut self, name: &str, position: Position) -> Result<(), ReplayError> {
        let shared = Arc::clone(&self.shared);
        let (member, _) = self
            .members
            .iter_mut()
            .find(|(member, _)| member.plan.name == name)
            .ok_or_else(|| ReplayError::Unknown(name.to_owned()))?;
        let fails = |error: String| ReplayError::Fails { position, error };
        let parked = member.generation.parked().map_err(|error| fails(text(&error)))?;
        if !parked.iter().any(|event| event.position == position) {
            return Err(ReplayError::NotParked { name: name.to_owned(), position });
        }
        let before = Position(position.0.saturating_sub(1));
        let batch = read(&*shared.log, before, Some(position), shared.live, &|_| true, &|| {})
            .map_err(|error| fails(text(&error)))?;
        let Some(batch) = batch else { return Err(fails("the log does not hold it".to_owned())) };
        let recorded: Recorded = batch.events[0].recorded.clone();
        member.replay(&recorded, &batch).map_err(|error| fails(text(&error)))
    }

    /// Lets a read model that stands still try again.
    fn resume(&mut self, name: &str) {
        let at = self.position();
        let found = self
            .members
            .iter()
            .position(|(member, fault)| member.plan.name == name && fault.is_some());
        let Some(place) = found else { return };
        let behind =
            at.map_or(0, |at| at.0.saturating_sub(self.members[place].0.checkpoint().position.0));
        if behind <= BEHIND_MAX {
            self.members[place].1 = None;
        } else {
            let (member, _) = self.members.remove(place);
            if let Err(error) = begin_build(&self.shared, member, false) {
                tracing::error!(view = name, error = text(&error), "it cannot be resumed");
            }
        }
        self.publish();
    }

    fn clear_log_error(&mut self) {
        if self.log_error.take().is_some() {
            self.publish();
        }
    }

    fn fault(&self, error: &StoreError) -> Fault {
        Fault { position: self.position().unwrap_or_default(), error: text(error) }
    }

    pub(super) fn publish(&self) {
        let views = self.members.iter().map(|(member, fault)| PublishedView {
            name: member.plan.name,
            version: member.plan.version,
            generation: member.generation.number(),
            checkpoint: member.checkpoint(),
            parked: member.parked,
            // Whoever waits for it waits on: it comes back by itself.
            fault: fault.clone().filter(|_| !member.generation.is_away()),
        });
        let published = Published {
            reached: self.position(),
            views: views.collect(),
            log_error: self.log_error.clone(),
            ended: false,
        };
        self.shared.published.send_replace(published);
    }
}

fn alarm(member: &Member, fault: Fault) -> Fault {
    tracing::error!(
        alarm = true,
        view = member.plan.name,
        position = fault.position.0,
        error = fault.error,
        "a read model left the train",
    );
    fault
}
