//! A log in memory, the one read model under test behind it, and a folder that goes with the test.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, EventLog, Ids, Meta, Micros, NewEvent, Position, Revision, StreamName, Write,
};
use projections::engine::{Batching, Outcome, Projection, ReadSession, Train, TrainHandle};
use projections::indicators::{Indicators, NAME};
use serde_json::Value as Json;
use shared::Date;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use uuid::Uuid;

use crate::stores::{On, Place};

pub struct House {
    log: Arc<MemoryLog>,
    ids: SeededIds,
    revisions: HashMap<StreamName, u64>,
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
        let models: Vec<Box<dyn Projection>> = vec![Box::<Indicators>::default()];
        let of = |events| Batching { events, bytes: 1 << 20 };
        let runtime = Runtime::new().unwrap();
        let train =
            Train::start_with(log.clone(), place.stores.clone(), models, of(7), of(13)).unwrap();
        let (ids, revisions) = (SeededIds::new(1), HashMap::new());
        Self { log, ids, revisions, runtime, train, _place: place }
    }

    /// One event in one append, as it lies in a log.
    pub fn happened(&mut self, stream: &str, type_name: &str, data: &Json, on: Date) -> Position {
        let (category, id) = stream.split_once('-').unwrap();
        let stream = StreamName::new(category, id);
        let revision = self.revisions.entry(stream.clone()).or_default();
        let expected = Revision(*revision);
        *revision += 1;
        let event = NewEvent {
            id: self.ids.next(),
            type_name: type_name.to_owned(),
            data: data.to_string(),
        };
        let meta = Meta::of("chen", on, self.ids.next());
        let write = Write { stream, expected, events: vec![event] };
        let append = self.log.append(Append::new(meta).write(write));
        let mut append = std::pin::pin!(append);
        match append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(appended) => drop(appended.unwrap()),
            Poll::Pending => panic!("the memory log keeps nobody waiting"),
        }
        self.log.head()
    }

    /// Everything that happened so far, folded.
    pub fn session(&self) -> ReadSession {
        let patience = Duration::from_secs(60);
        self.runtime
            .block_on(async {
                self.train.wait_for(self.log.head(), Instant::now() + patience).await
            })
            .unwrap();
        self.train.session().unwrap()
    }

    #[track_caller]
    pub fn rebuilt_equals_live(&self) {
        drop(self.session());
        let rebuild = self.train.rebuild(NAME).unwrap();
        let progress = self.runtime.block_on(rebuild.finished());
        assert_eq!(progress.outcome, Outcome::Flipped);
    }
}
