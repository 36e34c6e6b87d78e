//! What the train, the rebuilds and the handle have in common, and what they ask of the train.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{JoinHandle, Thread};

use kernel::{EventLog, Position};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::batch::Batching;
use super::gate::Gate;
use super::handle::Published;
use super::member::Member;
use super::projection::Projection;
use super::rebuild::Progress;
use super::session::Reader;
use super::store::{Plan, Stores};

/// Why a read model stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The event that could not be folded, or the checkpoint where the store failed.
    pub position: Position,
    pub error: String,
}

const GO_ON: u8 = 0;
const STOP: u8 = 1;
const ABANDON: u8 = 2;

/// What the train, the rebuilds and the handle have in common.
pub(super) struct Shared {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) stores: Arc<dyn Stores>,
    pub(super) live: Batching,
    pub(super) rebuild: Batching,
    pub(super) published: watch::Sender<Published>,
    wish: AtomicU8,
    /// None once the train has ended: an order given later is dropped, and its sender sees that.
    orders: Mutex<Option<VecDeque<Order>>>,
    pub(super) thread: OnceLock<Thread>,
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
    Align {
        built: Box<Member>,
        reply: Sender<Aligned>,
    },
    /// Bring it to the train's position and let it take its place.
    Board {
        built: Box<Member>,
        reply: Sender<Result<(), Unboarded>>,
    },
    Replay {
        name: String,
        position: Position,
        reply: Sender<Result<(), ReplayError>>,
    },
    Resume {
        name: String,
    },
}

pub(super) struct Aligned {
    pub(super) built: Box<Member>,
    /// None where the live one has left the train: there is nothing to compare with.
    pub(super) live: Result<Option<Box<dyn Reader>>, Unaligned>,
}

/// Why the two cannot be compared; `away`, where it is only that the database is.
pub(super) struct Unaligned {
    pub(super) fault: Fault,
    pub(super) away: bool,
}

/// What could not take its place, and why.
pub(super) struct Unboarded {
    pub(super) built: Box<Member>,
    pub(super) fault: Fault,
    pub(super) away: bool,
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
    pub(super) fn new(
        log: Arc<dyn EventLog>,
        stores: Arc<dyn Stores>,
        [live, rebuild]: [Batching; 2],
        makers: BTreeMap<&'static str, Box<dyn Projection>>,
    ) -> Self {
        Self {
            log,
            stores,
            live,
            rebuild,
            published: watch::Sender::new(Published::default()),
            wish: AtomicU8::new(GO_ON),
            orders: Mutex::new(Some(VecDeque::new())),
            thread: OnceLock::new(),
            gate: Gate::default(),
            builds: Mutex::default(),
            builders: Mutex::default(),
            makers: Mutex::new(makers),
            runtime: Handle::try_current().ok(),
        }
    }

    pub(super) fn order(&self, order: Order) {
        if let Some(orders) = lock(&self.orders).as_mut() {
            orders.push_back(order);
        }
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

    /// Whether the train should stop waiting for events.
    pub(super) fn is_wanted(&self) -> bool {
        self.is_ending() || lock(&self.orders).as_ref().is_some_and(|orders| !orders.is_empty())
    }

    pub(super) fn next_order(&self) -> Option<Order> {
        lock(&self.orders).as_mut().and_then(VecDeque::pop_front)
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

/// However the train ends, whoever waits for it learns of it.
pub(super) struct Ending<'a>(pub(super) &'a Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        lock(&self.0.orders).take();
        self.0.published.send_modify(|published| published.ended = true);
    }
}

/// None of the locks here guards more than whole values.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
