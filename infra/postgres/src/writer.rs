//! The one task of a node that writes: it drains the queue into groups and commits each at once.
//!
//! Other nodes write the same tables: a group is judged and written while its transaction holds
//! the counter's row, so the groups of all nodes follow one another.
//!
//! **Invariant** an answer follows the COMMIT that holds it. A group whose connection died is tried
//! again, unless it is found to be stored; where the server stays away, one that died after COMMIT was
//! sent is answered `Uncertain`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kernel::{AppendError, Clock, Identity};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Error};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval, timeout};

use crate::facts::{Facts, Known};
use crate::fault::{Fault, Stop, Told};
use crate::gather::gather;
use crate::group::{Care, Changes, Doubtful, Staged, Verdict, judge};
use crate::lease;
use crate::one_trip::Doubt;
use crate::request::{Request, appends, size};
use crate::trouble::{self, Trouble};

/// Groups judged with care after one that an index objected to: trouble rarely comes alone.
const WARY_GROUPS: u32 = 32;

/// The longest wait for callers that were just answered.
const COMPANY_WAIT_MAX: Duration = Duration::from_millis(1);

/// How often a server that is not there is called.
const CALL_EVERY: Duration = Duration::from_millis(20);

pub(crate) struct Writer {
    pub(crate) session: PgConnectOptions,
    pub(crate) connection: Option<PgConnection>,
    pub(crate) identity: Identity,
    pub(crate) known: Known,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) requests: mpsc::Receiver<Request>,
    /// Taken from the queue, but too large for the group before it.
    pub(crate) carried: Option<Request>,
    pub(crate) head: Arc<watch::Sender<u64>>,
    pub(crate) failures: watch::Sender<Option<String>>,
    pub(crate) node: String,
    pub(crate) channel: String,
    pub(crate) lease: Arc<AtomicI64>,
    pub(crate) lease_lasts: Duration,
    pub(crate) patience: Duration,
    /// What one group may take before its connection is given up.
    pub(crate) group_lasts: Duration,
    pub(crate) begin: Arc<str>,
    pub(crate) wary: u32,
    /// How many requests the last group held, and what it took.
    pub(crate) company: usize,
    pub(crate) last_took: Duration,
    /// The group in hand, while its COMMIT is sent and not answered.
    pub(crate) doubt: Option<Doubt>,
}

/// A group that was carried out: one verdict for each request, and what is stored now.
pub(crate) struct Done {
    pub(crate) verdicts: Vec<Option<Verdict>>,
    pub(crate) head: u64,
    pub(crate) changes: Option<Changes>,
}

impl Writer {
    pub(crate) async fn run(mut self) {
        // If anything below panics, whoever waits for a failure hears of it.
        let _alarm = Alarm(self.failures.clone());
        loop {
            let first = match self.carried.take() {
                Some(carried) => carried,
                None => match timeout(self.lease_lasts / 3, self.requests.recv()).await {
                    Ok(Some(first)) => first,
                    Ok(None) => break,
                    Err(_) => match self.sign_of_life().await {
                        Ok(()) => continue,
                        Err(stop) => return self.stop(&stop).await,
                    },
                },
            };
            self.wait_for_company().await;
            let group = gather(first, &mut self.requests, &mut self.carried, size);
            let (begun, company) = (Instant::now(), group.len());
            if let Err(stop) = self.carry_out(group).await {
                return self.stop(&stop).await;
            }
            (self.last_took, self.company) = (begun.elapsed(), company);
        }
        if let Some(connection) = self.connection.take() {
            self.give_back(connection).await;
        }
    }

    /// Callers that were just answered come back at once, but not at the same moment: a group that
    /// starts with the first of them has the others wait for two flushes instead of one.
    async fn wait_for_company(&self) {
        if self.company < 2 {
            return;
        }
        let until = Instant::now() + (self.last_took / 6).min(COMPANY_WAIT_MAX);
        // A timer is too coarse for this.
        while self.requests.len() + 1 < self.company && Instant::now() < until {
            std::thread::yield_now();
            tokio::task::yield_now().await;
        }
    }

    /// Gives the lease back. One that cannot be given back runs out by itself.
    async fn give_back(&self, mut connection: PgConnection) {
        let given = sqlx::query("DELETE FROM writers WHERE node = $1 AND epoch = $2")
            .bind(&self.node)
            .bind(self.lease.load(Ordering::Acquire))
            .execute(&mut connection);
        if let Ok(Ok(_)) = timeout(self.patience, given).await {
            // The server ends the session anyway once the socket is closed.
            let _ = timeout(self.patience, connection.close()).await;
        }
    }

    /// Keeps the lease while nobody asks for anything, also over the loss of a connection.
    async fn sign_of_life(&mut self) -> Result<(), Stop> {
        let fault = match timeout(self.patience, self.renewed()).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(fault)) => fault,
            Err(_) => Fault::Gone("the server does not answer".to_owned()),
        };
        match fault.told(&self.node) {
            Ok(Told::Fenced(..)) => Ok(()),
            Ok(told) => {
                tracing::warn!(?told, "the lease of the log could not be renewed");
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    async fn renewed(&mut self) -> Result<(), Fault> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => PgConnection::connect_with(&self.session).await?,
        };
        let lease = self.lease.load(Ordering::Acquire);
        if !lease::renew(&mut connection, &self.node, lease, self.lease_lasts).await? {
            // It tells why, and takes a new lease where the old one only ran out.
            let begun = self.begin(&mut connection).await;
            sqlx::raw_sql("ROLLBACK").execute(&mut connection).await?;
            self.connection = Some(connection);
            return begun.map(drop);
        }
        self.connection = Some(connection);
        Ok(())
    }

    async fn carry_out(&mut self, mut group: Vec<Request>) -> Result<(), Stop> {
        let current = self.lease.load(Ordering::Acquire);
        for stale in group.extract_if(.., |request| request.lease() != current) {
            let (held, current) = (stale.lease().cast_unsigned(), current.cast_unsigned());
            stale.refuse(AppendError::Fenced { held, current });
        }
        if group.is_empty() {
            return Ok(());
        }
        let mut care = if self.wary > 0 { Care::Checking } else { Care::Trusting };
        self.wary = self.wary.saturating_sub(1);
        let deadline = Instant::now() + self.patience;
        let mut calls = interval(CALL_EVERY);
        loop {
            let told = match self.in_time(&group, care, deadline).await {
                Ok(done) => {
                    self.publish(group, done);
                    return Ok(());
                }
                Err(Fault::Objection(_)) if care == Care::Trusting => {
                    (self.wary, care) = (WARY_GROUPS, Care::Checking);
                    continue;
                }
                Err(Fault::Gone(reason)) if Instant::now() < deadline => {
                    tracing::debug!(%reason, "the writer calls the database again");
                    calls.tick().await;
                    continue;
                }
                // One of them is at fault: alone, the others stand.
                Err(Fault::Objection(_) | Fault::Unfit(_)) if group.len() > 1 => {
                    return self.one_by_one(group).await;
                }
                Err(fault) => fault.told(&self.node),
            };
            // Set where nobody found out whether it is stored.
            let doubted = self.doubt.take().is_some();
            return match told {
                Ok(told) => {
                    let told = if doubted { told.uncertain() } else { told };
                    group.into_iter().for_each(|request| request.refuse(told.error()));
                    Ok(())
                }
                Err(stop) => {
                    let error = || match doubted {
                        true => AppendError::Uncertain(stop.reason.clone()),
                        false => stop.error(),
                    };
                    group.into_iter().for_each(|request| request.refuse(error()));
                    Err(stop)
                }
            };
        }
    }

    async fn one_by_one(&mut self, group: Vec<Request>) -> Result<(), Stop> {
        let mut group = group.into_iter();
        while let Some(request) = group.next() {
            if let Err(stop) = self.alone(request).await {
                group.for_each(|request| request.refuse(stop.error()));
                return Err(stop);
            }
        }
        Ok(())
    }

    fn alone(
        &mut self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<(), Stop>> + Send + '_>> {
        Box::pin(self.carry_out(vec![request]))
    }

    /// One attempt, given up when it takes too long: then the server is as good as gone.
    async fn in_time(
        &mut self,
        group: &[Request],
        care: Care,
        deadline: Instant,
    ) -> Result<Done, Fault> {
        if self.connection.is_none() {
            let connecting = PgConnection::connect_with(&self.session);
            let left = deadline.saturating_duration_since(Instant::now()).max(CALL_EVERY);
            match timeout(left, connecting).await {
                Ok(Ok(connection)) => self.connection = Some(connection),
                // Whatever the reason: as long as there is no connection, nothing is stored.
                Ok(Err(error)) => return Err(Fault::Gone(error.to_string())),
                Err(_) => return Err(Fault::Gone("the server does not answer".to_owned())),
            }
        }
        let outcome = match timeout(self.group_lasts, self.attempt(group, care)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::Gone("the server stopped answering".to_owned())),
        };
        match outcome {
            Err(Fault::Gone(reason)) => {
                self.known.doubt();
                // Nobody will be able to tell.
                match self.doubt.take_if(|doubt| doubt.stays()) {
                    Some(_) => Err(Fault::Uncertain(reason)),
                    None => Err(Fault::Gone(reason)),
                }
            }
            outcome => outcome,
        }
    }

    async fn attempt(&mut self, group: &[Request], care: Care) -> Result<Done, Fault> {
        // Whoever cancels this drops the connection, and the server rolls back.
        let Some(mut connection) = self.connection.take() else {
            return Err(Fault::Gone("there is no connection".to_owned()));
        };
        let outcome = self.transact(&mut connection, group, care).await;
        match &outcome {
            Ok(_) => self.connection = Some(connection),
            Err(fault) if fault.keeps_the_connection() => {
                if sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.is_ok() {
                    self.connection = Some(connection);
                }
            }
            Err(_) => {}
        }
        outcome
    }

    async fn transact(
        &mut self,
        connection: &mut PgConnection,
        group: &[Request],
        mut care: Care,
    ) -> Result<Done, Fault> {
        if let Some(done) = self.at_once(connection, group, care).await? {
            return Ok(done);
        }
        let counter = self.begin(connection).await?;
        if let Some(done) = self.settled(connection).await? {
            return Ok(done);
        }
        self.known.reconcile(&counter);
        let appends = appends(group);
        let (verdicts, staged) = loop {
            let facts = Facts::gather(connection, &mut self.known, &appends, care).await?;
            match judge(
                &facts,
                group,
                Staged::new(counter.head, counter.recorded_at, care),
                &*self.clock,
            ) {
                Ok(judged) => break judged,
                Err(Doubtful) => care = Care::Checking,
            }
        };
        if !staged.is_changed() {
            sqlx::raw_sql("ROLLBACK").execute(connection).await?;
            return Ok(Done { verdicts, head: counter.head, changes: None });
        }
        if !staged.is_provable() {
            return Err(Fault::Objection(Error::RowNotFound));
        }
        let (rows, changes) = staged.rows();
        let channel = counter.heard.then_some(self.channel.as_str());
        rows.write(connection, channel).await?;
        let done = Done { verdicts, head: changes.head, changes: Some(changes) };
        self.doubt = Some(Doubt::new(counter.head, rows.first(), done));
        let Err(error) = sqlx::raw_sql("COMMIT").execute(connection).await else {
            let doubt = self.doubt.take().expect("it was sent just now");
            return Ok(doubt.done());
        };
        if trouble::of(&error) == Trouble::Gone {
            return Err(error.into());
        }
        self.doubt = None;
        if trouble::surely_rolled_back(&error) {
            return Err(error.into());
        }
        Err(Fault::Uncertain(error.to_string()))
    }

    fn publish(&mut self, group: Vec<Request>, done: Done) {
        if let Some(changes) = done.changes {
            self.known.advance(changes);
        }
        advance(&self.head, done.head);
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

    /// Ends for good: whoever waits, and whoever comes, is told.
    async fn stop(mut self, stop: &Stop) {
        tracing::error!(reason = %stop.reason, "this node takes no more writes");
        self.failures.send_replace(Some(stop.reason.clone()));
        if let Some(carried) = self.carried.take() {
            carried.refuse(stop.error());
        }
        while let Some(waiting) = self.requests.recv().await {
            waiting.refuse(stop.error());
        }
    }
}

/// The head only moves on, whoever says so.
pub(crate) fn advance(head: &watch::Sender<u64>, to: u64) {
    head.send_if_modified(|head| {
        let moves = to > *head;
        *head = to.max(*head);
        moves
    });
}

struct Alarm(watch::Sender<Option<String>>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.send_replace(Some("the writer panicked".to_owned()));
        }
    }
}
