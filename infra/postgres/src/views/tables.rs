//! The tables of one generation, and their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::values::Statement;
use crate::connect::connect;
use crate::threads::Threads;

/// How long a drop waits for a lock at a time: whoever asks for these tables meanwhile waits too.
const LOCK_MAX: Duration = Duration::from_millis(200);

/// How often a drop is tried before the next start does it.
const DROPS_MAX: u32 = 50;

/// **Invariant** the tables stand for as long as somebody holds this.
pub(super) struct Tables {
    pub(super) view: String,
    pub(super) number: u32,
    /// The schema that they stand in.
    pub(super) schema: String,
    doomed: AtomicBool,
    threads: Arc<Threads>,
    session: PgConnectOptions,
}

impl Tables {
    pub(super) fn new(
        view: &str,
        number: u32,
        schema: String,
        threads: Arc<Threads>,
        session: PgConnectOptions,
    ) -> Self {
        let view = view.to_owned();
        Self { view, number, schema, doomed: AtomicBool::new(false), threads, session }
    }

    /// Nobody wants them any more: gone when the last holder lets go.
    pub(super) fn doom(&self) {
        self.doomed.store(true, Ordering::SeqCst);
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        if self.doomed.load(Ordering::SeqCst) {
            self.threads.handle().spawn(dropped(self.session.clone(), self.schema.clone()));
        }
    }
}

/// Drops a schema that nobody reads; where it does not go through, the next start tries again.
pub(super) async fn dropped(session: PgConnectOptions, schema: String) {
    let patience = Duration::from_secs(5);
    for _ in 0..DROPS_MAX {
        let Ok(mut connection) = connect(&session, patience).await else { continue };
        let text = format!(
            "SET lock_timeout = {}; DROP SCHEMA IF EXISTS {schema} CASCADE",
            LOCK_MAX.as_millis()
        );
        match Statement::plain(text).ask(&mut connection).await {
            Ok(_) => return,
            Err(error) => tracing::debug!(schema, %error, "a dropped generation stays for now"),
        }
    }
    tracing::warn!(schema, "a dropped generation stays until the next start");
}
