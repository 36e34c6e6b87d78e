//! A log in memory, written through the deciders only, and the train behind it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use benefits::grant::Grant;
use disbursement::account::Account;
use disbursement::batch::Batch;
use disbursement::comparison::Comparison;
use disbursement::deduction::Deduction;
use disbursement::feed::Feed;
use disbursement::heirs::Heirs;
use disbursement::journal::Journal;
use disbursement::obligation::Obligation;
use disbursement::opening::Opening;
use disbursement::part::Part;
use disbursement::period::Period;
use disbursement::plan::Plan;
use disbursement::recovery::Recovery;
use disbursement::return_case::ReturnCase;
use disbursement::statement::Statement;
use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, Decider, Event, EventLog, Ids, Limit, Meta, Micros, NewEvent, Position, Revision,
    StreamName, Write,
};
use projections::books::Books;
use projections::cases::Cases;
use projections::engine::{Batching, Outcome, Projection, ReadSession, Train, TrainHandle};
use projections::feeds::Feeds;
use projections::payments::Payments;
use projections::quality::Quality;
use projections::runs::Runs;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use uuid::Uuid;

use crate::stores::{On, Place};
use crate::world::day;

pub const NAMES: [&str; 6] = [
    projections::payments::NAME,
    projections::runs::NAME,
    projections::books::NAME,
    projections::cases::NAME,
    projections::feeds::NAME,
    projections::quality::NAME,
];

/// The deciders' own states, by the ids of their streams.
#[derive(Clone, Default)]
pub struct Streams {
    pub plans: BTreeMap<String, Plan>,
    pub parts: BTreeMap<String, Part>,
    pub batches: BTreeMap<String, Batch>,
    pub obligations: BTreeMap<String, Obligation>,
    pub accounts: BTreeMap<String, Account>,
    pub statements: BTreeMap<String, Statement>,
    pub periods: BTreeMap<String, Period>,
    pub grants: BTreeMap<String, Grant>,
    pub returns: BTreeMap<String, ReturnCase>,
    pub heirs: BTreeMap<String, Heirs>,
    pub recoveries: BTreeMap<String, Recovery>,
    pub deductions: BTreeMap<String, Deduction>,
    pub comparisons: BTreeMap<String, Comparison>,
    pub feeds: BTreeMap<String, Feed>,
    pub openings: BTreeMap<String, Opening>,
}

pub trait Kept: Decider {
    fn map(streams: &mut Streams) -> &mut BTreeMap<String, Self>;
}

macro_rules! kept {
    ($($decider:ident in $map:ident;)+) => {$(
        impl Kept for $decider {
            fn map(streams: &mut Streams) -> &mut BTreeMap<String, Self> {
                &mut streams.$map
            }
        }
    )+};
}

kept! {
    Plan in plans;
    Part in parts;
    Batch in batches;
    Obligation in obligations;
    Account in accounts;
    Statement in statements;
    Period in periods;
    Grant in grants;
    ReturnCase in returns;
    Heirs in heirs;
    Recovery in recoveries;
    Deduction in deductions;
    Comparison in comparisons;
    Feed in feeds;
    Opening in openings;
}

pub type Asked = Result<(), String>;

/// One append: all of it happens, or nothing. The events of one stream stand together.
pub struct Unit<'a> {
    pub streams: Streams,
    revisions: &'a BTreeMap<StreamName, u64>,
    ids: &'a SeededIds,
    writes: Vec<Write>,
}

impl Unit<'_> {
    pub fn ask<D: Kept>(&mut self, id: &str, command: D::Command) -> Asked {
        let known = D::map(&mut self.streams).remove(id);
        let mut state = known.unwrap_or_default();
        let decided = state.decide(command).map_err(|refused| refused.to_string());
        for event in decided.iter().flatten() {
            state = state.evolve(event);
            self.write(StreamName::new(D::CATEGORY, id), event);
        }
        D::map(&mut self.streams).insert(id.to_owned(), state);
        decided.map(drop)
    }

    fn write(&mut self, stream: StreamName, event: &impl Event) {
        let event = NewEvent::encoded(self.ids.next(), event.encode());
        if let Some(write) = self.writes.iter_mut().find(|write| write.stream == stream) {
            write.events.push(event);
            return;
        }
        let expected = Revision(self.revisions.get(&stream).copied().unwrap_or(0));
        self.writes.push(Write { stream, expected, events: vec![event] });
    }
}

pub struct Town {
    pub streams: Streams,
    /// For names that never come twice.
    pub counter: u32,
    /// Rows of replies that are not applied yet, by batch and reply.
    pub replies: Vec<(String, shared::ReplyId, Vec<disbursement::batch::Row>)>,
    /// Debits that the bank has not stated yet: slip, batch and sum.
    pub unstated: Vec<(String, String, shared::Money)>,
    /// How often each type of event happened.
    pub happened: BTreeMap<String, u32>,
    log: Arc<MemoryLog>,
    ids: SeededIds,
    revisions: BTreeMap<StreamName, u64>,
    runtime: Runtime,
    train: TrainHandle,
    _place: Place,
}

impl Town {
    pub fn new() -> Self {
        Self::on(On::Sqlite)
    }

    pub fn on(on: On) -> Self {
        let clock = Arc::new(FixedClock::at(Micros(1_000_000)));
        let log = Arc::new(MemoryLog::new(Uuid::from_u128(7), clock));
        let place = on.place(&log);
        let models: Vec<Box<dyn Projection>> = vec![
            Box::<Payments>::default(),
            Box::<Runs>::default(),
            Box::<Books>::default(),
            Box::<Cases>::default(),
            Box::<Feeds>::default(),
            Box::<Quality>::default(),
        ];
        let of = |events| Batching { events, bytes: 1 << 20 };
        let runtime = Runtime::new().unwrap();
        let train =
            Train::start_with(log.clone(), place.stores.clone(), models, of(5), of(17)).unwrap();
        Self {
            streams: Streams::default(),
            counter: 0,
            replies: Vec::new(),
            unstated: Vec::new(),
            happened: BTreeMap::new(),
            log,
            ids: SeededIds::new(1),
            revisions: BTreeMap::new(),
            runtime,
            train,
            _place: place,
        }
    }

    pub fn next(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    /// What the deciders make of some commands together; where one refuses, nothing happens.
    pub fn unit(&mut self, actor: &str, work: impl FnOnce(&mut Unit<'_>) -> Asked) -> Asked {
        let mut unit = Unit {
            streams: self.streams.clone(),
            revisions: &self.revisions,
            ids: &self.ids,
            writes: Vec::new(),
        };
        work(&mut unit)?;
        let Unit { streams, writes, .. } = unit;
        self.streams = streams;
        if writes.is_empty() {
            return Ok(());
        }
        let mut append = Append::new(Meta::of(actor, day(), self.ids.next()));
        for write in writes {
            *self.revisions.entry(write.stream.clone()).or_default() += write.events.len() as u64;
            for event in &write.events {
                *self.happened.entry(event.type_name.clone()).or_default() += 1;
            }
            append = append.write(write);
        }
        let append = self.log.append(append);
        let mut append = std::pin::pin!(append);
        match append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(appended) => drop(appended.unwrap()),
            Poll::Pending => panic!("the memory log keeps nobody waiting"),
        }
        Ok(())
    }

    /// A book as it is printed, folded from its own events.
    pub fn journal(&self, book: &str) -> Journal {
        let stream = StreamName::new(Account::CATEGORY, book);
        let events = self.log.read_stream(&stream, Revision::NONE, Limit::PAGE);
        let mut events = std::pin::pin!(events);
        match events.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => {
                let read = read.unwrap();
                // A page holds every event of so small a town.
                assert_eq!(read.len() as u64, self.revisions.get(&stream).copied().unwrap_or(0));
                let events: Vec<_> = read.iter().map(|event| event.decode().unwrap()).collect();
                Journal::of(&events)
            }
            Poll::Pending => panic!("the memory log keeps nobody waiting"),
        }
    }

    pub fn head(&self) -> Position {
        self.log.head()
    }

    /// Everything that happened so far, folded.
    pub fn session(&self) -> ReadSession {
        let patience = Duration::from_secs(60);
        self.runtime
            .block_on(async { self.train.wait_for(self.head(), Instant::now() + patience).await })
            .unwrap();
        self.train.session().unwrap()
    }

    /// Every read model is filled again from zero, and the engine finds the two equal by hash.
    #[track_caller]
    pub fn rebuilt_equals_live(&self) {
        let before = self.session();
        for view in NAMES {
            let rebuild = self.train.rebuild(view).unwrap();
            let progress = self.runtime.block_on(rebuild.finished());
            assert_eq!(progress.outcome, Outcome::Flipped, "{view}");
            let after = self.session();
            assert_eq!(before.content_hash(view).unwrap(), after.content_hash(view).unwrap());
        }
    }
}
