//! A log in memory, the train, and views in a folder that goes with the test.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, Decider, Event, EventLog, Ids, Meta, Micros, Position, Revision, StreamName, Write,
};
use projections::cards::Cards;
use projections::employers::Employers;
use projections::engine::{Batching, Outcome, Projection, ReadSession, Train, TrainHandle};
use projections::grants::Grants;
use projections::inbox::Inbox;
use projections::people::People;
use projections::rulebook::Rulebook;
use shared::{
    CardId, Date, DivisionCode, EmployerId, GrantId, Month, PayAddressId, PersonId, Sealed,
};
use tokio::runtime::Runtime;
use tokio::time::Instant;
use uuid::Uuid;

use crate::stores::{On, Place};

pub const NAMES: [&str; 6] = [
    projections::people::NAME,
    projections::employers::NAME,
    projections::cards::NAME,
    projections::grants::NAME,
    projections::rulebook::NAME,
    projections::inbox::NAME,
];

pub struct House {
    log: Arc<MemoryLog>,
    ids: SeededIds,
    revisions: RefCell<HashMap<StreamName, u64>>,
    /// Who acts, and on which business date.
    pub actor: RefCell<(String, Date)>,
    runtime: Runtime,
    train: TrainHandle,
    _place: Place,
}

impl House {
    pub fn new() -> Self {
        Self::on(On::Sqlite)
    }

    pub fn on(on: On) -> Self {
        let clock = Arc::new(FixedClock::at(Micros(1_000_000)));
        let log = Arc::new(MemoryLog::new(Uuid::from_u128(7), clock));
        let place = on.place(&log);
        let models: Vec<Box<dyn Projection>> = vec![
            Box::<People>::default(),
            Box::<Employers>::default(),
            Box::<Cards>::default(),
            Box::<Grants>::default(),
            Box::<Rulebook>::default(),
            Box::<Inbox>::default(),
        ];
        let of = |events| Batching { events, bytes: 1 << 20 };
        let runtime = Runtime::new().unwrap();
        let train =
            Train::start_with(log.clone(), place.stores.clone(), models, of(7), of(13)).unwrap();
        Self {
            log,
            ids: SeededIds::new(1),
            revisions: RefCell::default(),
            actor: RefCell::new(("chen".to_owned(), day(5))),
            runtime,
            train,
            _place: place,
        }
    }

    /// One event in one append.
    pub fn happened(&self, category: &str, id: impl Display, event: &impl Event) {
        self.all_happened(category, id, std::slice::from_ref(event));
    }

    pub fn all_happened<E: Event>(&self, category: &str, id: impl Display, events: &[E]) {
        let stream = StreamName::new(category, id);
        let mut revisions = self.revisions.borrow_mut();
        let revision = revisions.entry(stream.clone()).or_default();
        let expected = Revision(*revision);
        *revision += events.len() as u64;
        let (actor, on) = self.actor.borrow().clone();
        let meta = Meta::of(actor, on, self.ids.next());
        let write = Write::new(stream, expected, &mut || self.ids.next(), events);
        let append = self.log.append(Append::new(meta).write(write));
        let mut append = std::pin::pin!(append);
        match append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(appended) => drop(appended.unwrap()),
            Poll::Pending => panic!("the memory log keeps nobody waiting"),
        }
    }

    /// What the decider makes of a command; a refusal changes nothing.
    pub fn asked<D: Decider>(&self, id: impl Display, state: &mut D, command: D::Command) -> bool {
        let Ok(events) = state.decide(command) else { return false };
        if !events.is_empty() {
            self.all_happened(D::CATEGORY, id, &events);
        }
        *state = events.iter().fold(std::mem::take(state), |state, event| state.evolve(event));
        true
    }

    /// Everything that happened so far, folded.
    pub fn session(&self) -> ReadSession {
        let patience = Duration::from_secs(60);
        self.runtime
            .block_on(async {
                self.train.wait_for(self.log.head(), Instant::now() + patience).await
            })
            .unwrap();
        let session = self.train.session().unwrap();
        for view in NAMES {
            assert!(session.parked(view).unwrap().is_empty(), "{view} went past an event");
        }
        session
    }

    pub fn head(&self) -> Position {
        self.log.head()
    }

    /// Every read model is filled again from zero, and the engine finds the two equal.
    #[track_caller]
    pub fn rebuilt_equals_live(&self) {
        drop(self.session());
        for view in NAMES {
            let rebuild = self.train.rebuild(view).unwrap();
            let progress = self.runtime.block_on(rebuild.finished());
            assert_eq!(progress.outcome, Outcome::Flipped, "{view}");
        }
    }
}

pub fn day(day: i8) -> Date {
    Date::constant(2026, 1, day)
}

pub fn month(month: i8) -> Month {
    Month::new(2026, month).unwrap()
}

pub fn division(code: &str) -> DivisionCode {
    DivisionCode::parse(code).unwrap()
}

pub fn sealed(text: &str) -> Sealed {
    Sealed(text.to_owned())
}

pub fn person(number: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(0x1000 + number))
}

pub fn employer(number: u128) -> EmployerId {
    EmployerId::from_uuid(Uuid::from_u128(0x2000 + number))
}

pub fn card(number: u128) -> CardId {
    CardId::from_uuid(Uuid::from_u128(0x3000 + number))
}

pub fn address(number: u128) -> PayAddressId {
    PayAddressId::from_uuid(Uuid::from_u128(0x4000 + number))
}

pub fn grant(number: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(0x5000 + number))
}
