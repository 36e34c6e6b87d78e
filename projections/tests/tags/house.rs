//! A log in memory, the train with the tags alone, and views in a folder that goes with the test.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use definitions::publication::{self, Publication};
use definitions::{Catalogue, Source};
use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, Decider, Event, EventLog, Ids, Meta, Micros, Position, Recorded, Revision, StreamName,
    Write,
};
use projections::engine::{Batching, Outcome, Projection, ReadSession, Train, TrainHandle};
use projections::tags::{NAME, Tags};
use registry::person::{IdentityKind, IdentityNumber, Registration};
use shared::{Date, DivisionCode, GrantId, Money, Month, PayAddressId, PersonId, Sealed, Sex};
use tags::observation::{self, Recorded as Observed};
use tokio::runtime::Runtime;
use tokio::time::Instant;
use uuid::Uuid;

use crate::stores::{On, Place};

pub struct House {
    log: Arc<MemoryLog>,
    ids: SeededIds,
    revisions: RefCell<HashMap<StreamName, u64>>,
    today: RefCell<Date>,
    runtime: Runtime,
    train: TrainHandle,
    _place: Place,
}

impl House {
    /// With every bundled tag and rule in force.
    pub fn published() -> Self {
        Self::published_on(On::Sqlite)
    }

    pub fn published_on(on: On) -> Self {
        let house = Self::new_on(on);
        let catalogue = Catalogue::load(&Source::bundled()).unwrap();
        for (stream, command) in publication::first_start(&catalogue, day(1, 1)) {
            let events = Publication::default().decide(command).unwrap();
            house.happened(stream.category(), stream.id(), &events[0]);
        }
        house
    }

    fn new_on(on: On) -> Self {
        let clock = Arc::new(FixedClock::at(Micros(1_000_000)));
        let log = Arc::new(MemoryLog::new(Uuid::from_u128(7), clock));
        let place = on.place(&log);
        let models: Vec<Box<dyn Projection>> = vec![Box::<Tags>::default()];
        let of = |events| Batching { events, bytes: 1 << 20 };
        let runtime = Runtime::new().unwrap();
        let train =
            Train::start_with(log.clone(), place.stores.clone(), models, of(7), of(13)).unwrap();
        Self {
            log,
            ids: SeededIds::new(1),
            revisions: RefCell::default(),
            today: RefCell::new(day(1, 20)),
            runtime,
            train,
            _place: place,
        }
    }

    pub fn today(&self) -> Date {
        *self.today.borrow()
    }

    pub fn on(&self, today: Date) {
        *self.today.borrow_mut() = today;
    }

    /// One event in one append.
    pub fn happened(&self, category: &str, id: impl Display, event: &impl Event) {
        let stream = StreamName::new(category, id);
        let mut revisions = self.revisions.borrow_mut();
        let revision = revisions.entry(stream.clone()).or_default();
        let expected = Revision(*revision);
        *revision += 1;
        let meta = Meta::of("chen".to_owned(), *self.today.borrow(), self.ids.next());
        let write =
            Write::new(stream, expected, &mut || self.ids.next(), std::slice::from_ref(event));
        let append = self.log.append(Append::new(meta).write(write));
        let mut append = std::pin::pin!(append);
        match append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(appended) => drop(appended.unwrap()),
            Poll::Pending => panic!("the memory log keeps nobody waiting"),
        }
    }

    /// A bundled definition, changed and published again.
    pub fn publish(&self, kind: &str, id: &str, right: &str, wrong: &str, version: u32) {
        let mut sources = Source::bundled();
        let source = sources
            .iter_mut()
            .find(|source| {
                source.text.contains(&format!("id = \"{id}\"\n")) && source.text.contains(right)
            })
            .unwrap();
        source.text = source
            .text
            .replacen(right, wrong, 1)
            .replace("[[tag.example]]\ngiven = [\"items = A1\"]\nvalue = \"true\"\n", "");
        let catalogue = Catalogue::load(&sources).unwrap();
        let one = catalogue.definition(kind, id).unwrap();
        let published = publication::Event::Published {
            kind: kind.to_owned(),
            id: id.to_owned(),
            version,
            digest: one.digest.clone(),
            from: day(1, 1),
            body: one.body.clone(),
            author: "anna".to_owned(),
            approver: "bo".to_owned(),
            reason: None,
        };
        let stream = publication::stream(kind, id);
        self.happened(stream.category(), stream.id(), &published);
    }

    pub fn observed(&self, kind: &str, subject: &str, fact: &str, from: Date, value: Money) {
        self.said((kind, subject), fact, from, &value.to_string());
    }

    pub fn said(&self, (kind, subject): (&str, &str), fact: &str, from: Date, value: &str) {
        let recorded = observation::Event::Recorded(Observed {
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            fact: fact.to_owned(),
            from,
            value: value.to_owned(),
            source: "人社部月报".to_owned(),
            by: "chen".to_owned(),
        });
        let id = observation::stream_id(kind, subject, fact);
        self.happened("observation", id, &recorded);
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
        let parked = session.parked(NAME).unwrap();
        assert!(parked.is_empty(), "it went past events: {parked:?}");
        session
    }

    pub fn head(&self) -> Position {
        self.log.head()
    }

    pub fn events(&self) -> Vec<Recorded> {
        self.log.events()
    }

    #[track_caller]
    pub fn rebuilt_equals_live(&self) {
        drop(self.session());
        let rebuild = self.train.rebuild(NAME).unwrap();
        let progress = self.runtime.block_on(rebuild.finished());
        assert_eq!(progress.outcome, Outcome::Flipped);
    }
}

pub fn day(month: i8, day: i8) -> Date {
    Date::constant(2026, month, day)
}

pub fn county() -> DivisionCode {
    DivisionCode::parse("320602").unwrap()
}

pub fn person(number: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(0x1000 + number))
}

pub fn address(number: u128) -> PayAddressId {
    PayAddressId::from_uuid(Uuid::from_u128(0x4000 + number))
}

pub fn grant(number: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(0x5000 + number))
}

pub fn registration(person: PersonId) -> Registration {
    let sealed = |text: &str| Sealed(text.to_owned());
    Registration {
        person,
        name: sealed("name"),
        number: IdentityNumber { kind: IdentityKind::ResidentId, sealed: sealed("number") },
        sex: Sex::Female,
        birth: Month::parse("1955-05").unwrap(),
        county: county(),
    }
}
