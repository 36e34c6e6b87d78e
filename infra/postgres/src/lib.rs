//! The log in PostgreSQL, written by any number of nodes.
//!
//! **Writing** callers queue; one task per node drains the queue into one transaction (group
//! commit). A node that writes alone needs one round trip for it ([`one_trip`]). Else the
//! transaction locks the counter's row ([`open`] lists the tables), which orders the
//! groups of all nodes, makes positions gapless in commit order, and carries the last recorded
//! time ([`counter`]); it checks this node's lease ([`lease`]), judges every append ([`group`]) on facts asked for
//! in bulk ([`facts`]), and writes all rows in one statement ([`rows`]).
//! **Reading** goes to a small pool; positions are polled, a notification is only a hint
//! ([`follow`]).
//! **Invariant** a reader that sees position n sees all of 1…n-1: whoever commits n held the row
//! that everybody before it had to give up.
//!
//! All database work runs in tasks on threads of the log's own, so a caller may give up at any
//! point and be of any runtime or none: sqlx 0.9.0 hands back a connection with an open transaction
//! when `begin()` is cancelled.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, mpsc as channel};
use std::time::Duration;

use kernel::append::Held;
use kernel::log::{Done, Scanned};
use kernel::{
    Answer, Append, AppendError, Appended, Capabilities, Claim, Clock, EventLog, EventRef,
    Identity, Limit, Position, ReadError, Recorded, Revision, StreamName,
};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

mod connect;
mod counter;
mod facts;
mod fault;
mod follow;
mod gather;
mod group;
mod lease;
mod one_trip;
mod open;
mod options;
mod queries;
mod request;
mod rows;
mod threads;
mod trouble;
pub mod views;
mod writer;

pub use connect::OpenError;
pub use open::raise_epoch;
pub use options::Options;
pub use views::PostgresViews;

use group::Refused;
use queries::{Place, Reader};
use request::{Asked, Request};
use threads::{Threads, reader};
use writer::Writer;

/// Payload that may wait in the queue at once, in KiB: callers beyond it wait outside.
const WAITING_KIB_MAX: u32 = 128 * 1024;

/// Rows that a scan hands over at once.
const HEAP_ROWS: usize = 256;

pub struct PostgresLog {
    identity: Identity,
    head: Arc<watch::Sender<u64>>,
    failure: watch::Receiver<Option<String>>,
    lease: Arc<AtomicI64>,
    queue: Option<mpsc::Sender<Request>>,
    room: Arc<Semaphore>,
    reader: Reader,
    ended: Mutex<channel::Receiver<()>>,
    threads: Threads,
}

impl PostgresLog {
    /// Opens the log that stands in the schema, brings its tables up to date and takes the lease of
    /// this node. A process that still runs under the same name is fenced off.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Missing`] where no log was created yet.
    pub async fn connect(
        url: &str,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        Self::start(url, options, clock, None).await
    }

    /// Creates a log with this id in the schema, which may not hold one.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Exists`] where a log stands already.
    pub async fn create(
        url: &str,
        log_id: Uuid,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        Self::start(url, options, clock, Some(log_id)).await
    }

    /// Opens the log, or creates it with the id that `log_id` makes; nodes may race.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_or_create(
        url: &str,
        log_id: impl FnOnce() -> Uuid,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        match Self::connect(url, options.clone(), clock.clone()).await {
            Err(OpenError::Missing { .. }) => {}
            other => return other,
        }
        match Self::create(url, log_id(), options.clone(), clock.clone()).await {
            Err(OpenError::Exists { .. }) => Self::connect(url, options, clock).await,
            other => other,
        }
    }

    async fn start(
        url: &str,
        options: Options,
        clock: Arc<dyn Clock>,
        create: Option<Uuid>,
    ) -> Result<Self, OpenError> {
        let threads = Threads::start(options.threads.max(1))?;
        let (url, asked) = (url.to_owned(), options.clone());
        let opening = async move { open::open(&url, &asked, create).await };
        let opened = threads.handle().spawn(opening).await.expect("opening does not panic")?;
        // The pool starts tasks of its own: it must find the runtime.
        let entered = threads.handle().enter();
        let reader = reader(opened.session.clone(), &options);
        drop(entered);

        let head = Arc::new(watch::channel(opened.head).0);
        let lease = Arc::new(AtomicI64::new(opened.lease));
        let (failures, failure) = watch::channel(None);
        let (queue, requests) = mpsc::channel(options.queue_max.max(1));
        let channel = options.channel();
        let writer = Writer {
            session: opened.session,
            connection: Some(opened.connection),
            identity: opened.identity,
            known: facts::Known::new(opened.head, options.revisions_max),
            clock,
            requests,
            carried: None,
            head: Arc::clone(&head),
            failures,
            channel: channel.clone(),
            lease: Arc::clone(&lease),
            lease_lasts: options.lease,
            patience: options.patience,
            group_lasts: options.statement * 3 + options.patience,
            begin: counter::begin(&options.node, options.lease),
            node: options.node,
            wary: 0,
            company: 1,
            last_took: Duration::ZERO,
            doubt: None,
        };
        let (end, ended) = channel::channel();
        let handle = threads.handle();
        handle.spawn(follow::poll(reader.clone(), Arc::clone(&head), options.poll));
        handle.spawn(follow::listen(reader.clone(), Arc::clone(&head), channel, options.poll));
        handle.spawn(async move {
            writer.run().await;
            // Nobody waits when the log was not dropped yet.
            let _ = end.send(());
        });
        Ok(Self {
            identity: opened.identity,
            head,
            failure,
            lease,
            queue: Some(queue),
            room: Arc::new(Semaphore::new(WAITING_KIB_MAX as usize)),
            reader,
            ended: Mutex::new(ended),
            threads,
        })
    }

    /// Resolves when this node will never write again, with the reason: another process took its
    /// name, or the log is no longer the one that was opened. The owner ends the process.
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

    fn stopped(&self) -> String {
        let reason = self.failure.borrow().clone();
        reason.unwrap_or_else(|| "the log is closing".to_owned())
    }

    /// Runs a question on the log's own threads, to its end even if the caller gives up.
    fn ask<'a, T, F>(
        &'a self,
        question: impl FnOnce(Reader) -> F + Send + 'a,
    ) -> Answer<'a, Result<T, ReadError>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ReadError>> + Send + 'static,
    {
        Box::pin(async move {
            let answer = self.threads.handle().spawn(question(self.reader.clone())).await;
            answer.unwrap_or_else(|ended| Err(ReadError::Unavailable(ended.to_string())))
        })
    }

    async fn queued(&self, append: Append) -> Result<Appended, AppendError> {
        append.check()?;
        let lease = self.lease.load(Ordering::Acquire);
        let meta = append.meta.to_text();
        let (events, bytes) = (append.len(), append.bytes() + append.len() * meta.len());
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX).min(WAITING_KIB_MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await;
        let room = room.expect("the semaphore is never closed");
        let (answer, verdict) = oneshot::channel();
        let asked = Asked { append, meta, events, bytes, lease, answer, _room: room };
        let queue = self.queue.as_ref().expect("the queue stands until the log is dropped");
        if queue.send(Request::Append(Box::new(asked))).await.is_err() {
            return Err(AppendError::ReadOnly(self.stopped()));
        }
        match verdict.await {
            Ok(Ok(appended)) => Ok(appended),
            Ok(Err(Refused::For(error))) => Err(error),
            Ok(Err(Refused::Since { mut conflicts, since, upto })) => {
                // The writer knows that events came between; listing them is not worth its time.
                let listed =
                    self.ask(move |reader| async move { reader.since(&since, upto).await });
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

impl Drop for PostgresLog {
    /// Waits until everything queued is written and answered.
    fn drop(&mut self) {
        self.queue = None;
        // An error means that the writer panicked; whoever waits for a failure heard of it.
        if let Ok(ended) = self.ended.get_mut()
            && ended.recv().is_err()
        {
            tracing::error!("the writer of the log ended in a panic");
        }
    }
}

impl EventLog for PostgresLog {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { full_profile: true, durable: true, many_writers: true }
    }

    fn append(&self, append: Append) -> Answer<'_, Result<Appended, AppendError>> {
        Box::pin(self.queued(append))
    }

    fn head(&self) -> Position {
        Position(*self.head.borrow())
    }

    fn read(&self, after: Position, limit: Limit) -> Answer<'_, Result<Vec<Recorded>, ReadError>> {
        self.ask(move |reader| async move { reader.read(Place::Log(after), limit).await })
    }

    /// Rows come over on the log's own threads while `each` folds those before them here.
    fn scan(
        &self,
        after: Position,
        limit: Limit,
        each: &mut dyn FnMut(EventRef<'_>),
    ) -> Option<Result<Scanned, ReadError>> {
        let (heaps, came) = channel::channel();
        let reader = self.reader.clone();
        self.threads.handle().spawn(async move {
            let mut heap = Vec::with_capacity(HEAP_ROWS);
            let ended = reader
                .page(Place::Log(after), limit, |row| {
                    heap.push(row);
                    if heap.len() == HEAP_ROWS {
                        let full = std::mem::replace(&mut heap, Vec::with_capacity(HEAP_ROWS));
                        // A scan whose `each` panicked takes no more.
                        let _ = heaps.send(Ok(full));
                    }
                    Ok(())
                })
                .await;
            let _ = heaps.send(ended.map(|()| heap));
        });
        Some(queries::scanned(came.into_iter(), after, each))
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamName,
        after: Revision,
        limit: Limit,
    ) -> Answer<'a, Result<Vec<Recorded>, ReadError>> {
        let stream = stream.clone();
        self.ask(
            move |reader| async move { reader.read(Place::Stream(&stream, after), limit).await },
        )
    }

    fn event(&self, id: Uuid) -> Answer<'_, Result<Option<Recorded>, ReadError>> {
        self.ask(move |reader| async move { reader.event(id).await })
    }

    fn beyond(&self, position: Position) -> Answer<'_, Position> {
        let mut moved = self.head.subscribe();
        Box::pin(async move {
            let head = moved.wait_for(|head| *head > position.0).await.map(|head| *head);
            match head {
                Ok(head) => Position(head),
                // The log is gone: nothing will ever lie beyond. The caller bounds the wait.
                Err(_) => std::future::pending().await,
            }
        })
    }

    fn claims<'a>(
        &'a self,
        keys: &'a [String],
    ) -> Answer<'a, Result<Vec<Option<Held>>, ReadError>> {
        let keys = keys.to_vec();
        self.ask(move |reader| async move { reader.claims(&keys).await })
    }

    fn claims_from<'a>(
        &'a self,
        prefix: &'a str,
        after: &'a str,
        max: usize,
    ) -> Answer<'a, Result<Vec<Claim>, ReadError>> {
        let (prefix, after) = (prefix.to_owned(), after.to_owned());
        self.ask(move |reader| async move { reader.claims_from(&prefix, &after, max).await })
    }

    fn look_up<'a>(
        &'a self,
        kind: &'a str,
        blind: &'a str,
    ) -> Answer<'a, Result<Vec<Uuid>, ReadError>> {
        let (kind, blind) = (kind.to_owned(), blind.to_owned());
        self.ask(move |reader| async move { reader.look_up(&kind, &blind).await })
    }

    fn command(&self, id: Uuid) -> Answer<'_, Result<Option<Done>, ReadError>> {
        self.ask(move |reader| async move { reader.command(id).await })
    }

    fn cursor<'a>(&'a self, process: &'a str) -> Answer<'a, Result<Position, ReadError>> {
        let process = process.to_owned();
        self.ask(move |reader| async move { reader.cursor(&process).await })
    }

    fn move_cursor<'a>(
        &'a self,
        process: &'a str,
        to: Position,
    ) -> Answer<'a, Result<(), ReadError>> {
        let (process, lease) = (process.to_owned(), self.lease.load(Ordering::Acquire));
        Box::pin(async move {
            let (answer, moved) = oneshot::channel();
            let queue = self.queue.as_ref().expect("the queue stands until the log is dropped");
            if queue.send(Request::Cursor { process, to, lease, answer }).await.is_err() {
                return Err(ReadError::Unavailable(self.stopped()));
            }
            let moved = moved.await;
            moved.unwrap_or_else(|_| Err(ReadError::Unavailable(self.stopped())))
        })
    }
}
