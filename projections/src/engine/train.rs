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

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use kernel::{EventLog, Position, ReadError, Recorded};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::batch::{Batch, Batching, read};
use super::blocking::block_unless;
use super::gate::Gate;
use super::handle::{Published, PublishedView, TrainHandle};
use super::member::{Around, Folded, Member, lowest, text};
use super::projection::Projection;
use super::rebuild::{Progress, begin_build};
use super::session::{Reader, Views};
use super::store::{Plan, Standing, StoreError, Stores};

/// A read model no further behind than this is caught up by the train itself, in between.
pub(super) const BEHIND_MAX: u64 = 8_000;

/// How long the train waits before it asks a log again that could not be read.
const LOG_RETRY: Duration = Duration::from_millis(200);

pub struct Train;

/// Why a read model stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The event that could not be folded, or the checkpoint where the store failed.
    pub position: Position,
    pub error: String,
}

#[derive(Debug, Error)]
pub enum StartError {
    #[error("two read models are called {0}")]
    NameTwice(&'static str),
    #[error("two read models have a table {0}")]
    TableTwice(&'static str),
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the train's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl Train {
    /// Opens or creates every read model's generation and starts to fold.
    ///
    /// Inside a tokio runtime the log's futures find that runtime; without one they must not need
    /// it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(
        log: Arc<dyn EventLog>,
        stores: Arc<dyn Stores>,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<TrainHandle, StartError> {
        Self::start_with(log, stores, projections, Batching::LIVE, Batching::REBUILD)
    }

    /// With other batch sizes: for tests and measurements.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_with(
        log: Arc<dyn EventLog>,
        stores: Arc<dyn Stores>,
        projections: Vec<Box<dyn Projection>>,
        live: Batching,
        rebuild: Batching,
    ) -> Result<TrainHandle, StartError> {
        check_names(&projections)?;
        let owned = projections.iter().map(|model| (model.name(), model.tables()));
        let views = Views::new(Arc::clone(&stores), owned);
        let makers = projections.iter().map(|model| (model.name(), model.fresh())).collect();
        let shared = Arc::new(Shared {
            log,
            stores,
            live,
            rebuild,
            published: watch::Sender::new(Published::default()),
            wish: AtomicU8::new(GO_ON),
            orders: Mutex::default(),
            thread: OnceLock::new(),
            gate: Gate::default(),
            builds: Mutex::default(),
            builders: Mutex::default(),
            makers: Mutex::new(makers),
            runtime: Handle::try_current().ok(),
        });
        let mut members = Vec::new();
        for projection in projections {
            members.push(open(&shared, projection)?);
        }
        let at = start_position(&members);
        let (aboard, behind): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| {
            let position = member.checkpoint().position;
            position <= at && at.0 - position.0 <= BEHIND_MAX
        });
        let mut driver = Driver { shared: Arc::clone(&shared), members: Vec::new(), log_error: None };
        for member in aboard {
            driver.admit(member)?;
        }
        driver.publish();
        for member in behind {
            begin_build(&shared, member, false).map_err(StartError::Thread)?;
        }
        let train = thread::Builder::new()
            .name("train".to_owned())
            .spawn(move || driver.run())
            .map_err(StartError::Thread)?;
        Ok(TrainHandle::new(shared, views, train))
    }
}

const GO_ON: u8 = 0;
const STOP: u8 = 1;
const ABANDON: u8 = 2;

/// What the train, the rebuilds and the handle have in common.
pub(super) struct Shared {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) stores: Arc<dyn Stores>,
    live: Batching,
    pub(super) rebuild: Batching,
    pub(super) published: watch::Sender<Published>,
    wish: AtomicU8,
    orders: Mutex<VecDeque<Order>>,
    thread: OnceLock<Thread>,
    pub(super) gate: Gate,
    pub(super) builds: Mutex<BTreeMap<&'static str, watch::Sender<Progress>>>,
    pub(super) builders: Mutex<Vec<JoinHandle<()>>>,
    /// One of each read model, to make others from.
    pub(super) makers: Mutex<BTreeMap<&'static str, Box<dyn Projection>>>,
    pub(super) runtime: Option<Handle>,
}

/// What others ask of the train between two batches.
pub(super) enum Order {
    /// Bring this generation to the train's position, and open a reader there to compare with.
    Align { built: Box<Member>, reply: Sender<Aligned> },
    /// Bring it to the train's position and let it take its place.
    Board { built: Box<Member>, reply: Sender<Result<(), Fault>> },
    Replay { name: String, position: Position, reply: Sender<Result<(), ReplayError>> },
    Resume { name: String },
}

pub(super) struct Aligned {
    pub(super) built: Box<Member>,
    /// None where the live one has left the train: there is nothing to compare with.
    pub(super) live: Result<Option<Box<dyn Reader>>, Fault>,
}

#[derive(Debug, Error)]
pub enum ReplayError {
    #[error("no read model called {0} is on the train")]
    Unknown(String),
    #[error("{name} has no parked event at position {position}")]
    NotParked { name: String, position: Position },
    #[error("the event at position {position} still fails: {error}")]
    Fails { position: Position, error: String },
    #[error("the train has ended")]
    Ended,
}

impl Shared {
    pub(super) fn order(&self, order: Order) {
        lock(&self.orders).push_back(order);
        self.wake();
    }

    /// Ends after the batch in hand, or, abandoned, in the middle of it.
    pub(super) fn end(&self, abandon: bool) {
        self.wish.fetch_max(if abandon { ABANDON } else { STOP }, Ordering::SeqCst);
        self.wake();
    }

    pub(super) fn is_ending(&self) -> bool {
        self.wish.load(Ordering::SeqCst) != GO_ON
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.wish.load(Ordering::SeqCst) == ABANDON
    }

    pub(super) fn plan(&self, projection: &dyn Projection) -> Plan {
        Plan {
            name: projection.name(),
            version: projection.version(),
            tables: projection.tables(),
            identity: self.log.identity(),
        }
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

struct Driver {
    shared: Arc<Shared>,
    members: Vec<(Member, Option<Fault>)>,
    log_error: Option<String>,
}

impl Driver {
    fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _inside = shared.runtime.as_ref().map(Handle::enter);
        // Only this thread sets it, once.
        let _first = shared.thread.set(thread::current());
        while !shared.is_ending() {
            self.carry_out();
            let Some(from) = self.position() else {
                let interrupted = || shared.is_ending() || !lock(&shared.orders).is_empty();
                block_unless(std::future::pending::<()>(), interrupted);
                continue;
            };
            match self.read(from, None, None) {
                Ok(Some(batch)) => self.fold(&batch),
                Ok(None) => {
                    self.clear_log_error();
                    let interrupted = || shared.is_ending() || !lock(&shared.orders).is_empty();
                    block_unless(shared.log.beyond(from), interrupted);
                }
                Err(error) => {
                    tracing::error!(error = text(&error), "the log cannot be read");
                    self.log_error = Some(text(&error));
                    self.publish();
                    thread::park_timeout(LOG_RETRY);
                }
            }
        }
        // Whoever waits for an answer sees that there is none.
        lock(&shared.orders).clear();
        self.members.clear();
        shared.published.send_modify(|published| published.ended = true);
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
        read(&*self.shared.log, after, until, self.shared.live, &wanted)
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
            let Some(order) = lock(&self.shared.orders).pop_front() else { return };
            // Who asked may be gone by now: then nobody needs the answer.
            match order {
                Order::Align { mut built, reply } => {
                    let live = self.align(&mut built);
                    let _gone = reply.send(Aligned { built, live });
                }
                Order::Board { mut built, reply } => {
                    let boarded = self
                        .catch_up(&mut built)
                        .and_then(|()| self.admit(*built).map_err(|error| self.fault(&error)));
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
    fn admit(&mut self, mut member: Member) -> Result<(), StoreError> {
        if member.standing != Standing::Current {
            self.shared.stores.flip(&member.plan, member.generation.number())?;
            member.standing = Standing::Current;
        }
        self.members.retain(|(other, _)| other.plan.name != member.plan.name);
        self.members.push((member, None));
        Ok(())
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

    fn align(&self, built: &mut Member) -> Result<Option<Box<dyn Reader>>, Fault> {
        self.catch_up(built)?;
        let live = self.aboard().find(|member| member.plan.name == built.plan.name);
        if live.is_none_or(|live| live.plan.version != built.plan.version) {
            return Ok(None);
        }
        let reader = self.shared.stores.reader(&[built.plan.name]);
        reader.map(Some).map_err(|error| self.fault(&error))
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
        let batch = read(&*shared.log, before, Some(position), shared.live, &|_| true)
            .map_err(|error| fails(text(&error)))?;
        let Some(batch) = batch else { return Err(fails("the log does not hold it".to_owned())) };
        let recorded: Recorded = batch.events[0].recorded.clone();
        member.replay(&recorded, &batch).map_err(|error| fails(text(&error)))
    }

    /// Lets a read model that stands still try again.
    fn resume(&mut self, name: &str) {
        let at = self.position();
        let found = self.members.iter().position(|(member, fault)| {
            member.plan.name == name && fault.is_some()
        });
        let Some(place) = found else { return };
        let behind = at.map_or(0, |at| {
            at.0.saturating_sub(self.members[place].0.checkpoint().position.0)
        });
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

    fn publish(&self) {
        let views = self.members.iter().map(|(member, fault)| PublishedView {
            name: member.plan.name,
            version: member.plan.version,
            generation: member.generation.number(),
            checkpoint: member.checkpoint(),
            parked: member.parked,
            fault: fault.clone(),
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

/// The current generation if it fits this program and this log, else one that is being filled, else
/// a new one.
fn open(shared: &Shared, projection: Box<dyn Projection>) -> Result<Member, StartError> {
    let plan = shared.plan(&*projection);
    let head = shared.log.head();
    for standing in [Standing::Current, Standing::Building] {
        let generations = shared.stores.generations(plan.name)?;
        let fitting = generations
            .iter()
            .rfind(|known| known.standing == standing && known.version == plan.version);
        let Some(known) = fitting else { continue };
        // Of a current one that does not fit nothing may be shown; it is replaced when the new
        // one boards.
        match shared.stores.open(&plan, known.number) {
            Ok(generation) if generation.checkpoint().position <= head => {
                let mut member = Member { projection, generation, plan, standing, parked: 0 };
                member.parked = member.generation.parked()?.len();
                return Ok(member);
            }
            Ok(_) | Err(StoreError::OtherLog) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let generation = shared.stores.create(&plan)?;
    Ok(Member { projection, generation, plan, standing: Standing::Building, parked: 0 })
}

/// Where the train begins: where the furthest of those that are read stands; if nothing is read
/// yet, where the furthest of all stands.
fn start_position(members: &[Member]) -> Position {
    let furthest = |members: &mut dyn Iterator<Item = &Member>| {
        members.map(|member| member.checkpoint().position).max()
    };
    furthest(&mut members.iter().filter(|member| member.standing == Standing::Current))
        .or_else(|| furthest(&mut members.iter()))
        .unwrap_or_default()
}

fn check_names(projections: &[Box<dyn Projection>]) -> Result<(), StartError> {
    let (mut names, mut tables) = (HashSet::new(), HashSet::new());
    for projection in projections {
        if !names.insert(projection.name()) {
            return Err(StartError::NameTwice(projection.name()));
        }
        for table in projection.tables() {
            if !tables.insert(table.name) {
                return Err(StartError::TableTwice(table.name));
            }
        }
    }
    Ok(())
}

/// None of the locks here guards more than whole values.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
