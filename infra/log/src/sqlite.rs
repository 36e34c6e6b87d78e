//! The log in one SQLite file, `<data-dir>/log.db`, written by one thread of one process.
//!
//! **Writing** callers queue; the [`writer`] drains the queue into one transaction (group commit),
//! judges every append against what is stored and what stands earlier in the same group
//! ([`group`]), writes the rows in bulk ([`rows`]) and answers after COMMIT.
//! **Reading** pages and single rows go to a few threads with a read-only connection each
//! ([`readers`]); [`SqliteLog::scan`] reads on the caller's own thread without copies.
//! **Invariant** visible means durable: `synchronous=FULL` flushes the WAL before any connection
//! can see the commit.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use kernel::append::Held;
use kernel::log::{Done, Scanned};
use kernel::{
    Answer, Append, AppendError, Appended, Capabilities, Claim, Clock, EventLog, EventRef,
    Identity, Limit, Position, ReadError, Recorded, Revision, StreamName,
};
use rusqlite::Connection;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

mod file;
mod group;
mod queries;
mod readers;
mod rows;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

pub use file::{FILE, OpenError, raise_epoch};

use readers::Readers;
use writer::{Asked, Refused, Request, Writer};

/// Payload that may wait in the queue at once, in KiB: callers beyond it wait outside.
const WAITING_KIB_MAX: u32 = 128 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Free bytes of the disk below which the log takes no writes, so that it never fills it up.
    pub reserve_bytes: u64,
    /// Appends that wait for the writer; further callers wait to be queued.
    pub queue_max: usize,
    /// Threads that read.
    pub readers: usize,
    /// Streams whose revision the writer keeps in memory.
    pub revisions_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reserve_bytes: 512 * 1024 * 1024,
            queue_max: 1_024,
            readers: 2,
            revisions_max: 65_536,
        }
    }
}

pub struct SqliteLog {
    identity: Identity,
    path: PathBuf,
    head: Arc<AtomicU64>,
    moved: watch::Receiver<u64>,
    failure: watch::Receiver<Option<String>>,
    queue: Option<mpsc::Sender<Request>>,
    room: Arc<Semaphore>,
    writer: Option<JoinHandle<()>>,
    readers: Readers,
    scanners: Mutex<Vec<Connection>>,
    // Last: another process may open the log once everything above is closed.
    _lock: file::Lock,
}

impl SqliteLog {
    /// Opens the log in `dir`, and checks its tail.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Missing`] where no log was created yet.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>, options: Options) -> Result<Self, OpenError> {
        Self::start(file::open(dir, None)?, clock, options, Writer::commit_now)
    }

    /// Creates a log with this id in `dir`, which may not hold one.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Exists`] where a log stands already.
    pub fn create(
        dir: &Path,
        log_id: Uuid,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, OpenError> {
        Self::start(file::open(dir, Some(log_id))?, clock, options, Writer::commit_now)
    }

    /// Opens the log in `dir`, or creates it with the id that `log_id` makes.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_or_create(
        dir: &Path,
        log_id: impl FnOnce() -> Uuid,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, OpenError> {
        match Self::open(dir, clock.clone(), options) {
            Err(OpenError::Missing { .. }) => Self::create(dir, log_id(), clock, options),
            other => other,
        }
    }

    fn start(
        opened: file::Opened,
        clock: Arc<dyn Clock>,
        options: Options,
        commit: writer::Commit,
    ) -> Result<Self, OpenError> {
        let file::Opened { lock, path, connection, identity, known } = opened;
        let head = Arc::new(AtomicU64::new(known.head));
        let (moves, moved) = watch::channel(known.head);
        let (failures, failure) = watch::channel(None);
        let (queue, requests) = mpsc::channel(options.queue_max.max(1));
        let readers = Readers::start(&path, options.readers.max(1))?;
        let writer = Writer {
            connection,
            known: group::Known::new(known, options.revisions_max),
            clock,
            requests,
            carried: None,
            head: Arc::clone(&head),
            moves,
            failures,
            directory: lock.directory().to_owned(),
            reserve_bytes: options.reserve_bytes,
            bulk: rows::Bulk::new(),
            wary: 0,
            commit,
        };
        let writer = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(OpenError::Thread)?;
        Ok(Self {
            identity,
            path,
            head,
            moved,
            failure,
            queue: Some(queue),
            room: Arc::new(Semaphore::new(WAITING_KIB_MAX as usize)),
            writer: Some(writer),
            readers,
            scanners: Mutex::default(),
            _lock: lock,
        })
    }

    /// Resolves when the writer has stopped for good, with the reason. The owner ends the process:
    /// after a failed flush only a restart, which checks the tail, knows what is on the disk.
    pub fn failed(&self) -> impl Future<Output = String> + Send + use<> {
        let mut failure = self.failure.clone();
        async move {
            let failed = failure.wait_for(Option::is_some).await.map(|reason| reason.clone());
            match failed {
                Ok(Some(reason)) => reason,
                // The log was closed in good order: it can no longer fail.
                Ok(None) | Err(_) => std::future::pending().await,
            }
        }
    }

    /// Checks the whole file, on the calling thread: SQLite's own check, then that positions and
    /// revisions have no gap. Minutes for a big log.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] with the first fault.
    pub fn integrity(&self) -> Result<(), ReadError> {
        self.with_scanner(tail::whole)
    }

    fn with_scanner<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let idle = self.scanners.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => file::scanner(&self.path).map_err(queries::unavailable)?,
        };
        let result = work(&connection);
        self.scanners.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    fn stopped(&self) -> String {
        let reason = self.failure.borrow().clone();
        reason.unwrap_or_else(|| "the log is closing".to_owned())
    }

    async fn queued(&self, append: Append) -> Result<Appended, AppendError> {
        append.check()?;
        let meta = append.meta.to_text();
        let (events, bytes) = (append.len(), append.bytes() + append.len() * meta.len());
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX).min(WAITING_KIB_MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await;
        let room = room.expect("the semaphore is never closed");
        let (answer, verdict) = oneshot::channel();
        let asked = Asked { append, meta, events, bytes, answer, _room: room };
        let queue = self.queue.as_ref().expect("the queue stands until the log is dropped");
        if queue.send(Request::Append(Box::new(asked))).await.is_err() {
            return Err(AppendError::ReadOnly(self.stopped()));
        }
        match verdict.await {
            Ok(Ok(appended)) => Ok(appended),
            Ok(Err(Refused::For(error))) => Err(error),
            Ok(Err(Refused::Since { mut conflicts, since, upto })) => {
                // The writer knows that events came between; listing them is not worth its time.
                let listed = self.readers.ask(move |reader| queries::since(reader, &since, upto));
                match listed.await {
                    Ok(listed) => conflicts.since = listed,
                    Err(error) => return Err(AppendError::Unavailable(error.to_string())),
                }
                Err(AppendError::Conflict(conflicts))
            }
            Err(_) => Err(AppendError::Uncertain(self.stopped())),
        }
    }
}

impl Drop for SqliteLog {
    /// Waits until everything queued is written and answered.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the log ended in a panic");
        }
    }
}

impl EventLog for SqliteLog {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { full_profile: true, durable: true, many_writers: false }
    }

    fn append(&self, append: Append) -> Answer<'_, Result<Appended, AppendError>> {
        Box::pin(self.queued(append))
    }

    fn head(&self) -> Position {
        Position(self.head.load(Ordering::Acquire))
    }

    fn read(&self, after: Position, limit: Limit) -> Answer<'_, Result<Vec<Recorded>, ReadError>> {
        Box::pin(self.readers.ask(move |reader| {
            let mut events = Vec::new();
            queries::scan(reader, after, limit, &mut |event| events.push(event.to_recorded()))?;
            Ok(events)
        }))
    }

    fn scan(
        &self,
        after: Position,
        limit: Limit,
        each: &mut dyn FnMut(EventRef<'_>),
    ) -> Option<Result<Scanned, ReadError>> {
        Some(self.with_scanner(|reader| queries::scan(reader, after, limit, each)))
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamName,
        after: Revision,
        limit: Limit,
    ) -> Answer<'a, Result<Vec<Recorded>, ReadError>> {
        let stream = stream.clone();
        Box::pin(self.readers.ask(move |reader| queries::stream(reader, &stream, after, limit)))
    }

    fn event(&self, id: Uuid) -> Answer<'_, Result<Option<Recorded>, ReadError>> {
        Box::pin(self.readers.ask(move |reader| queries::event(reader, id)))
    }

    fn beyond(&self, position: Position) -> Answer<'_, Position> {
        let mut moved = self.moved.clone();
        Box::pin(async move {
            let head = moved.wait_for(|head| *head > position.0).await.map(|head| *head);
            match head {
                Ok(head) => Position(head),
                // The writer is gone: nothing will ever lie beyond. The caller bounds the wait.
                Err(_) => std::future::pending().await,
            }
        })
    }

    fn claims<'a>(
        &'a self,
        keys: &'a [String],
    ) -> Answer<'a, Result<Vec<Option<Held>>, ReadError>> {
        let keys = keys.to_vec();
        Box::pin(self.readers.ask(move |reader| {
            keys.iter()
                .map(|key| queries::held(reader, key).map_err(queries::unavailable))
                .collect()
        }))
    }

    fn claims_from<'a>(
        &'a self,
        prefix: &'a str,
        after: &'a str,
        max: usize,
    ) -> Answer<'a, Result<Vec<Claim>, ReadError>> {
        let (prefix, after) = (prefix.to_owned(), after.to_owned());
        Box::pin(self.readers.ask(move |reader| {
            queries::claims_from(reader, &prefix, &after, max).map_err(queries::unavailable)
        }))
    }

    fn look_up<'a>(
        &'a self,
        kind: &'a str,
        blind: &'a str,
    ) -> Answer<'a, Result<Vec<Uuid>, ReadError>> {
        let (kind, blind) = (kind.to_owned(), blind.to_owned());
        Box::pin(self.readers.ask(move |reader| {
            queries::look_up(reader, &kind, &blind).map_err(queries::unavailable)
        }))
    }

    fn command(&self, id: Uuid) -> Answer<'_, Result<Option<Done>, ReadError>> {
        Box::pin(
            self.readers
                .ask(move |reader| queries::command(reader, id).map_err(queries::unavailable)),
        )
    }

    fn cursor<'a>(&'a self, process: &'a str) -> Answer<'a, Result<Position, ReadError>> {
        let process = process.to_owned();
        Box::pin(
            self.readers
                .ask(move |reader| queries::cursor(reader, &process).map_err(queries::unavailable)),
        )
    }

    fn move_cursor<'a>(
        &'a self,
        process: &'a str,
        to: Position,
    ) -> Answer<'a, Result<(), ReadError>> {
        let process = process.to_owned();
        Box::pin(async move {
            let (answer, moved) = oneshot::channel();
            let queue = self.queue.as_ref().expect("the queue stands until the log is dropped");
            if queue.send(Request::Cursor { process, to, answer }).await.is_err() {
                return Err(ReadError::Unavailable(self.stopped()));
            }
            let moved = moved.await;
            moved.unwrap_or_else(|_| Err(ReadError::Unavailable(self.stopped())))
        })
    }
}
