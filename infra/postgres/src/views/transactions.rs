//! One thread, one transaction: the train's read models fold into the same one and are committed
//! together; a rebuild, on its own thread, has its own.
//!
//! Each read model works behind a savepoint, so one that fails takes nothing of the others away
//! ([`super::transaction`]).
//!
//! **Invariant** a checkpoint is moved by the transaction that holds what it stands for, and only
//! from where it was expected.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use projections::engine::Row;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::catalogue;
use super::options::ViewOptions;
use super::tables::Tables;
use super::transaction::{Broken, Transaction};
use super::values::Statement;
use crate::connect::{OpenError, connect};
use crate::threads::Threads;
use crate::trouble::{self, Trouble};

/// Idle connections kept.
const IDLE_MAX: usize = 4;

pub(super) struct Transactions {
    pub(super) threads: Arc<Threads>,
    pub(super) options: ViewOptions,
    session: PgConnectOptions,
    /// Holds the right to fold for as long as it stands.
    guard: Mutex<Option<PgConnection>>,
    idle: Mutex<Vec<PgConnection>>,
    open: Mutex<HashMap<ThreadId, Arc<Transaction>>>,
}

impl Transactions {
    pub(super) fn new(
        threads: Arc<Threads>,
        session: PgConnectOptions,
        options: ViewOptions,
        guard: PgConnection,
    ) -> Self {
        Self {
            threads,
            options,
            session,
            guard: Mutex::new(Some(guard)),
            idle: Mutex::default(),
            open: Mutex::default(),
        }
    }

    /// Takes part in this thread's transaction, which is begun if there is none, behind a savepoint
    /// whose number is given.
    pub(super) fn join(&self, tables: &Arc<Tables>) -> Result<(Arc<Transaction>, u32), Broken> {
        let here = thread::current().id();
        let known = lock(&self.open).get(&here).cloned();
        if let Some(transaction) = known {
            let joined = transaction.join(self, tables)?;
            if let Some(mark) = joined {
                return Ok((transaction, mark));
            }
        }
        let begin = Transaction::begin_text(tables);
        let (connection, _) = self.fresh(|| Ok(vec![Statement::plain(begin.clone())]))?;
        let transaction = Arc::new(Transaction::begun(connection, tables));
        lock(&self.open).insert(here, Arc::clone(&transaction));
        Ok((transaction, 1))
    }

    /// Statements in a transaction of their own; gives the rows of the last.
    pub(super) fn alone(
        &self,
        statements: impl Fn() -> Result<Vec<Statement>, sqlx::Error>,
    ) -> Result<Vec<Row>, Broken> {
        let (mut connection, rows) = self.fresh(|| {
            // Which generations there are must outlive a crash of the server, unlike the last folds.
            let mut all = vec![Statement::plain("BEGIN; SET LOCAL synchronous_commit = on")];
            all.extend(statements()?);
            Ok(all)
        })?;
        let ended = self.threads.wait(async move {
            let ended = Statement::plain("COMMIT").ask(&mut connection).await;
            (connection, ended)
        });
        let (connection, ended) = ended.ok_or_else(panicked)?;
        ended?;
        self.give_back(connection);
        Ok(rows)
    }

    /// Carries out the first statements on a connection that nobody uses, on a new one where the
    /// server has closed the idle ones; gives the connection and the rows of the last.
    fn fresh(
        &self,
        statements: impl Fn() -> Result<Vec<Statement>, sqlx::Error>,
    ) -> Result<(PgConnection, Vec<Row>), Broken> {
        loop {
            let idle = lock(&self.idle).pop();
            let was_idle = idle.is_some();
            let connection = match idle {
                Some(connection) => connection,
                None => self.connection()?,
            };
            let statements = statements()?;
            let carried = self.threads.wait(carry_out(connection, statements));
            let (connection, carried) = carried.ok_or_else(panicked)?;
            match carried {
                Ok(rows) => return Ok((connection, rows)),
                Err(error) if was_idle && trouble::of(&error) == Trouble::Gone => {}
                Err(error) => {
                    if trouble::of(&error) != Trouble::Gone {
                        self.roll_back(connection);
                    }
                    return Err(error.into());
                }
            }
        }
    }

    fn connection(&self) -> Result<PgConnection, Broken> {
        let (session, options) = (self.session.clone(), self.options.clone());
        let mut guard = lock(&self.guard);
        let held = guard.take();
        let connecting = self.threads.wait(async move {
            let guard = guarded(held, &session, &options).await?;
            let connection = connect(&session, options.patience).await?;
            Ok::<_, OpenError>((guard, connection))
        });
        let (held, connection) = connecting.ok_or_else(panicked)?.map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            Broken::Lost(match source {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            })
        })?;
        *guard = Some(held);
        Ok(connection)
    }

    pub(super) fn roll_back(&self, mut connection: PgConnection) {
        let ended = self.threads.wait(async move {
            let ended = Statement::plain("ROLLBACK").ask(&mut connection).await;
            ended.map(|_| connection)
        });
        // Where that fails the connection is closed, and the server rolls back.
        if let Some(Ok(connection)) = ended {
            self.give_back(connection);
        }
    }

    pub(super) fn give_back(&self, connection: PgConnection) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }

    pub(super) fn forget(&self, transaction: &Transaction) {
        lock(&self.open).retain(|_, open| !std::ptr::eq(&**open, transaction));
    }
}

async fn carry_out(
    mut connection: PgConnection,
    statements: Vec<Statement>,
) -> (PgConnection, Result<Vec<Row>, sqlx::Error>) {
    let mut rows = Vec::new();
    for statement in statements {
        match statement.ask(&mut connection).await {
            Ok(found) => rows = found,
            Err(error) => return (connection, Err(error)),
        }
    }
    (connection, Ok(rows))
}

/// The guard, held on if it still stands.
async fn guarded(
    held: Option<PgConnection>,
    session: &PgConnectOptions,
    options: &ViewOptions,
) -> Result<PgConnection, OpenError> {
    if let Some(mut held) = held
        && held.ping().await.is_ok()
    {
        return Ok(held);
    }
    let mut connection = connect(session, options.patience).await?;
    catalogue::guard(&mut connection, options).await?;
    Ok(connection)
}

pub(super) fn panicked() -> Broken {
    Broken::Lost("the work on the database panicked".to_owned())
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded here changes by whole values.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
