//! What the pure part asks of the world: time and ids. Adapters stand in `infra`, fixed ones here.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::process::derived_id;

/// Microseconds since 1970-01-01T00:00:00Z: the only precision of recorded time, on every backend.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.6}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Micros;
}

pub trait Ids: Send + Sync + 'static {
    fn next(&self) -> Uuid;
}

/// A clock that moves only when told.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    #[must_use]
    pub fn at(now: Micros) -> Self {
        Self(AtomicI64::new(now.0))
    }

    pub fn set(&self, now: Micros) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that follow from a seed: the same seed gives the same ids in the same order.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    next: AtomicU64,
}

impl SeededIds {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(0) }
    }
}

impl Ids for SeededIds {
    fn next(&self) -> Uuid {
        let index = self.next.fetch_add(1, Ordering::SeqCst);
        derived_id("seeded", &[&self.seed.to_be_bytes(), &index.to_be_bytes()])
    }
}
