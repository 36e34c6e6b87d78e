//! The one thread that writes: it drains the queue into groups and makes each durable at once.
//!
//! **Invariant** an answer follows the COMMIT that holds it. After a COMMIT whose outcome is not
//! known nothing more is written: the next process checks the tail.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX};
use kernel::{Append, AppendError, Appended, Clock, Conflicts, NoneSince, Position, ReadError};
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

use super::file;
use super::group::{Care, Changes, Known, Staged};
use super::rows::Bulk;

/// One group holds at most what one append may: then every append fits.
const GROUP_EVENTS_MAX: usize = APPEND_EVENTS_MAX;
const GROUP_BYTES_MAX: usize = APPEND_BYTES_MAX;

/// Groups judged with care after one that an index objected to: trouble rarely comes alone.
const WARY_GROUPS: u32 = 32;

pub(super) type Verdict = Result<Appended, Refused>;

#[derive(Debug)]
pub(super) enum Refused {
    For(AppendError),
    /// Events came between; which ones, up to `upto`, is for a reader to list.
    Since {
        conflicts: Conflicts,
        since: NoneSince,
        upto: u64,
    },
}

pub(super) struct Asked {
    pub(super) append: Append,
    pub(super) meta: String,
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) answer: oneshot::Sender<Verdict>,
    /// The room it takes in the queue, given back when it is answered.
    pub(super) _room: OwnedSemaphorePermit,
}

pub(super) enum Request {
    Append(Box<Asked>),
    Cursor { process: String, to: Position, answer: oneshot::Sender<Result<(), ReadError>> },
}

impl Request {
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Append(asked) => (asked.events.max(1), asked.bytes),
            Self::Cursor { .. } => (1, 0),
        }
    }

    // An answer that nobody waits for is dropped: the caller gave up, the outcome stands.
    fn refuse(self, error: impl FnOnce() -> AppendError) {
        match self {
            Self::Append(asked) => {
                let _ = asked.answer.send(Err(Refused::For(error())));
            }
            Self::Cursor { answer, .. } => {
                let _ = answer.send(Err(ReadError::Unavailable(error().to_string())));
            }
        }
    }
}

/// How a group is made durable; tests put a failing disk here.
pub(super) type Commit = fn(&Connection) -> rusqlite::Result<()>;

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) known: Known,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) requests: mpsc::Receiver<Request>,
    /// Taken from the queue, but too large for the group before it.
    pub(super) carried: Option<Request>,
    pub(super) head: Arc<AtomicU64>,
    pub(super) moves: watch::Sender<u64>,
    pub(super) failures: watch::Sender<Option<String>>,
    pub(super) directory: PathBuf,
    pub(super) reserve_bytes: u64,
    pub(super) bulk: Bulk,
    pub(super) wary: u32,
    pub(super) commit: Commit,
}

/// Why a group was not written.
enum Fault {
    /// A UNIQUE index objected to what was taken on trust.
    Objection,
    /// Nothing of the group is stored.
    Before(rusqlite::Error),
    /// COMMIT failed: whether the group is stored, nobody knows.
    Commit(rusqlite::Error),
}

/// A group that was carried out: one verdict for each request, and what is stored now.
struct Done {
    verdicts: Vec<Option<Verdict>>,
    changes: Option<Changes>,
}

impl Writer {
    pub(super) fn commit_now(connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached("COMMIT")?.execute(())?;
        Ok(())
    }

    pub(super) fn run(mut self) {
        // If anything below panics, whoever waits for a failure hears of it.
        let _alarm = Alarm(self.failures.clone());
        while let Some(first) = self.carried.take().or_else(|| self.requests.blocking_recv()) {
            let group = self.gather(first);
            if let Err(reason) = self.carry_out(group) {
                return self.stop(reason);
            }
        }
        if let Err(error) = file::mark(&self.connection, true) {
            tracing::warn!(%error, "the log was not closed in good order");
        }
    }

    /// What waits in the queue now, as far as it fits.
    fn gather(&mut self, first: Request) -> Vec<Request> {
        let (mut events, mut bytes) = first.size();
        let mut group = vec![first];
        while let Ok(next) = self.requests.try_recv() {
            let size = next.size();
            if events + size.0 > GROUP_EVENTS_MAX || bytes + size.1 > GROUP_BYTES_MAX {
                self.carried = Some(next);
                break;
            }
            events += size.0;
            bytes += size.1;
            group.push(next);
        }
        group
    }

    pub(super) fn carry_out(&mut self, group: Vec<Request>) -> Result<(), String> {
        if let Some(reason) = self.short_of_space() {
            refuse_all(group, || AppendError::ReadOnly(reason.clone()));
            return Ok(());
        }
        let care = if self.wary > 0 { Care::Checking } else { Care::Trusting };
        self.wary = self.wary.saturating_sub(1);
        let mut outcome = self.attempt(&group, care);
        if let Err(Fault::Objection) = outcome {
            self.wary = WARY_GROUPS;
            outcome = self.attempt(&group, Care::Checking);
        }
        match outcome {
            Ok(done) => {
                self.publish(group, done);
                Ok(())
            }
            Err(Fault::Before(error)) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                refuse_all(group, || AppendError::ReadOnly(error.to_string()));
                Ok(())
            }
            Err(Fault::Before(error)) => {
                refuse_all(group, || AppendError::Unavailable(error.to_string()));
                Err(format!("a write failed: {error}"))
            }
            Err(Fault::Objection) => {
                let reason = "the log contradicts its own index";
                refuse_all(group, || AppendError::Unavailable(reason.to_owned()));
                Err(reason.to_owned())
            }
            Err(Fault::Commit(error)) => {
                refuse_all(group, || AppendError::Uncertain(error.to_string()));
                Err(format!("a commit failed: {error}"))
            }
        }
    }

    fn attempt(&mut self, group: &[Request], care: Care) -> Result<Done, Fault> {
        begin(&self.connection).map_err(Fault::Before)?;
        let staged = match self.judge(group, care) {
            Ok(staged) => staged,
            Err(error) => {
                self.roll_back()?;
                return Err(Fault::Before(error));
            }
        };
        let (verdicts, staged) = staged;
        if !staged.is_changed() {
            self.roll_back()?;
            return Ok(Done { verdicts, changes: None });
        }
        if !staged.is_provable() {
            self.roll_back()?;
            return Err(Fault::Objection);
        }
        match staged.write(&self.connection, &self.bulk) {
            Ok(changes) => {
                (self.commit)(&self.connection).map_err(Fault::Commit)?;
                Ok(Done { verdicts, changes: Some(changes) })
            }
            Err(error) => {
                self.roll_back()?;
                let objection = error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation);
                Err(if objection { Fault::Objection } else { Fault::Before(error) })
            }
        }
    }

    fn judge<'g>(
        &mut self,
        group: &'g [Request],
        care: Care,
    ) -> rusqlite::Result<(Vec<Option<Verdict>>, Staged<'g>)> {
        let mut staged = Staged::new(&self.known, care);
        let mut verdicts = Vec::with_capacity(group.len());
        for request in group {
            verdicts.push(match request {
                Request::Append(asked) => Some(staged.judge(
                    &self.connection,
                    &mut self.known,
                    &asked.append,
                    &asked.meta,
                    self.clock.now(),
                )?),
                Request::Cursor { process, to, .. } => {
                    staged.cursor(process, *to);
                    None
                }
            });
        }
        Ok((verdicts, staged))
    }

    fn roll_back(&self) -> Result<(), Fault> {
        // Some errors end the transaction themselves.
        if self.connection.is_autocommit() {
            return Ok(());
        }
        let rolled =
            self.connection.prepare_cached("ROLLBACK").and_then(|mut text| text.execute(()));
        rolled.map(drop).map_err(Fault::Before)
    }

    fn publish(&mut self, group: Vec<Request>, done: Done) {
        if let Some(changes) = done.changes {
            let moved = changes.head > self.known.stored.head;
            self.known.advance(changes);
            if moved {
                self.head.store(self.known.stored.head, Ordering::Release);
                self.moves.send_replace(self.known.stored.head);
            }
        }
        for (request, verdict) in group.into_iter().zip(done.verdicts) {
            // A caller that gave up needs no answer; what was written stands.
            match (request, verdict) {
                (Request::Append(asked), Some(verdict)) => {
                    let _ = asked.answer.send(verdict);
                }
                (Request::Cursor { answer, .. }, _) => {
                    let _ = answer.send(Ok(()));
                }
                (Request::Append(_), None) => unreachable!("every append was judged"),
            }
        }
    }

    fn short_of_space(&self) -> Option<String> {
        // A disk that does not say how full it is, is not full: a failing write will tell.
        let disk = rustix::fs::statvfs(&self.directory).ok()?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        (free < self.reserve_bytes).then(|| {
            format!(
                "{free} bytes are free on the log's disk, {} are its reserve",
                self.reserve_bytes
            )
        })
    }

    /// Ends for good: whoever waits, and whoever comes, is told.
    fn stop(mut self, reason: String) {
        tracing::error!(%reason, "the log takes no more writes");
        self.failures.send_replace(Some(reason.clone()));
        self.requests.close();
        if let Some(carried) = self.carried.take() {
            carried.refuse(|| AppendError::ReadOnly(reason.clone()));
        }
        while let Some(waiting) = self.requests.blocking_recv() {
            waiting.refuse(|| AppendError::ReadOnly(reason.clone()));
        }
    }
}

fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
    Ok(())
}

fn refuse_all(group: Vec<Request>, error: impl Fn() -> AppendError) {
    for request in group {
        request.refuse(&error);
    }
}

struct Alarm(watch::Sender<Option<String>>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.send_replace(Some("the writer panicked".to_owned()));
        }
    }
}
