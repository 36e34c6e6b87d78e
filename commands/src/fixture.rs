//! The ports without a world behind them, for tests: a log in memory, a clock that stands still,
//! keys that hide nothing. And logs that misbehave in the ways that the contract allows.

mod servers;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::{Date, date};
use kernel::log::{Answer, Capabilities, Done, ReadError};
use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::process::derived_id;
use kernel::{
    Append, AppendError, Appended, Claim, EventLog, Identity, Limit, Micros, Position, Recorded,
    Revision, StreamName,
};
use shared::Pii;
use uuid::Uuid;

pub use self::servers::{MemoryServer, MemoryServers};
use crate::execute::{Executor, Ports};
use crate::ports::{KeyFault, Keys};

/// 2026-03-02, a Monday, at 10:00 in Asia/Shanghai.
pub const NOW: Micros = Micros(1_772_416_800_000_000);
pub const TODAY: Date = date(2026, 3, 2);

/// An executor on an empty log in memory.
pub struct World {
    pub executor: Executor,
    pub ports: Ports,
    pub log: Arc<MemoryLog>,
    pub clock: Arc<FixedClock>,
    pub keys: Arc<PlainKeys>,
}

impl Default for World {
    fn default() -> Self {
        let clock = Arc::new(FixedClock::at(NOW));
        let log = Arc::new(MemoryLog::new(Uuid::from_u128(1), clock.clone()));
        let keys = Arc::new(PlainKeys::default());
        let ports = Ports {
            log: log.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            ids: Arc::new(SeededIds::new(1)),
        };
        Self { executor: Executor::new(ports.clone()), ports, log, clock, keys }
    }
}

impl World {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An executor of its own, without the folded states of the first, on the same log.
    #[must_use]
    pub fn other_node(&self) -> Executor {
        Executor::new(self.ports.clone())
    }
}

/// Seals by writing backwards: enough to see whether something was sealed, for whom and as what.
#[derive(Default)]
pub struct PlainKeys {
    ensured: Mutex<HashSet<Uuid>>,
    erased: Mutex<HashSet<Uuid>>,
}

impl Keys for PlainKeys {
    fn ensure<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>> {
        self.ensured.lock().unwrap_or_else(PoisonError::into_inner).extend(subjects);
        Box::pin(std::future::ready(Ok(())))
    }

    fn seal(
        &self,
        subject: Uuid,
        event: Uuid,
        path: &str,
        clear: &str,
    ) -> Result<String, KeyFault> {
        if !self.ensured.lock().unwrap_or_else(PoisonError::into_inner).contains(&subject) {
            return Err(KeyFault::Broken(format!("subject {subject} has no key")));
        }
        let backwards: String = clear.chars().rev().collect();
        Ok(format!("plain|{subject}|{event}|{path}|{backwards}"))
    }

    fn open(&self, subject: Uuid, envelope: &str) -> Result<Pii<String>, KeyFault> {
        let mut parts = envelope.splitn(5, '|');
        let (Some("plain"), Some(held), Some(_), Some(_), Some(backwards)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyFault::Broken("not an envelope".to_owned()));
        };
        if self.erased.lock().unwrap_or_else(PoisonError::into_inner).contains(&subject) {
            return Err(KeyFault::Erased { subject });
        }
        if held != subject.to_string() {
            return Err(KeyFault::Broken(format!("not about subject {subject}")));
        }
        Ok(Pii::new(backwards.chars().rev().collect()))
    }

    fn erase<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>> {
        self.erased.lock().unwrap_or_else(PoisonError::into_inner).extend(subjects);
        Box::pin(std::future::ready(Ok(())))
    }

    fn blind(&self, kind: &str, text: &str) -> String {
        derived_id(kind, &[text.as_bytes()]).simple().to_string()
    }

    fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = [0; 32];
        mac[..16].copy_from_slice(derived_id("mac-0", &[bytes]).as_bytes());
        mac[16..].copy_from_slice(derived_id("mac-1", &[bytes]).as_bytes());
        mac
    }
}

/// A log whose answers come a turn later, so that two writers on one thread run into each other,
/// and whose next appends may be lost before or after they are written.
pub struct Lagging {
    log: Arc<dyn EventLog>,
    lost_before: AtomicU32,
    lost_after: AtomicU32,
}

impl Lagging {
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log, lost_before: AtomicU32::new(0), lost_after: AtomicU32::new(0) }
    }

    /// An executor of its own whose log answers a turn later than that of `executor`.
    #[must_use]
    pub fn over(executor: &Executor) -> Executor {
        let ports = executor.ports().clone();
        Executor::new(Ports { log: Arc::new(Self::new(ports.log)), ..ports })
    }

    /// The next `before` appends never arrive, the `after` following ones are written unanswered.
    pub fn lose(&self, before: u32, after: u32) {
        self.lost_before.store(before, Ordering::SeqCst);
        self.lost_after.store(after, Ordering::SeqCst);
    }
}

fn one_less(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl EventLog for Lagging {
    fn identity(&self) -> Identity {
        self.log.identity()
    }

    fn capabilities(&self) -> Capabilities {
        self.log.capabilities()
    }

    fn append(&self, append: Append) -> Answer<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if one_less(&self.lost_before) {
                return Err(AppendError::Unavailable("lost on the way".to_owned()));
            }
            let appended = self.log.append(append).await;
            if one_less(&self.lost_after) {
                return Err(AppendError::Uncertain("the answer was lost".to_owned()));
            }
            appended
        })
    }

    fn head(&self) -> Position {
        self.log.head()
    }

    fn read(&self, after: Position, limit: Limit) -> Answer<'_, Result<Vec<Recorded>, ReadError>> {
        self.log.read(after, limit)
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamName,
        after: Revision,
        limit: Limit,
    ) -> Answer<'a, Result<Vec<Recorded>, ReadError>> {
        Box::pin(async move {
            let page = self.log.read_stream(stream, after, limit).await;
            tokio::task::yield_now().await;
            page
        })
    }

    fn event(&self, id: Uuid) -> Answer<'_, Result<Option<Recorded>, ReadError>> {
        self.log.event(id)
    }

    fn beyond(&self, position: Position) -> Answer<'_, Position> {
        self.log.beyond(position)
    }

    fn claims<'a>(
        &'a self,
        keys: &'a [String],
    ) -> Answer<'a, Result<Vec<Option<kernel::append::Held>>, ReadError>> {
        self.log.claims(keys)
    }

    fn claims_from<'a>(
        &'a self,
        prefix: &'a str,
        after: &'a str,
        max: usize,
    ) -> Answer<'a, Result<Vec<Claim>, ReadError>> {
        self.log.claims_from(prefix, after, max)
    }

    fn look_up<'a>(
        &'a self,
        kind: &'a str,
        blind: &'a str,
    ) -> Answer<'a, Result<Vec<Uuid>, ReadError>> {
        self.log.look_up(kind, blind)
    }

    fn command(&self, id: Uuid) -> Answer<'_, Result<Option<Done>, ReadError>> {
        self.log.command(id)
    }

    fn cursor<'a>(&'a self, process: &'a str) -> Answer<'a, Result<Position, ReadError>> {
        self.log.cursor(process)
    }

    fn move_cursor<'a>(
        &'a self,
        process: &'a str,
        to: Position,
    ) -> Answer<'a, Result<(), ReadError>> {
        self.log.move_cursor(process, to)
    }
}
