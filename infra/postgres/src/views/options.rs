//! How one process uses the read models, and how its connections are set up.

use std::time::Duration;

use kernel::stream::LogId;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::connect::OpenError;
use crate::options::{address, is_schema};

/// A transaction that stands still for longer is ended by the server: a fold that takes so long for
/// one batch is stuck.
const STILL: Duration = Duration::from_secs(60);

/// Statements kept prepared on a connection.
const STATEMENTS: usize = 512;

/// Schemas of generations are named after this one: that leaves room for the read model's name.
const SCHEMA_MAX: usize = 24;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewOptions {
    /// The schema of the list of generations; each generation stands in one of its own, named
    /// `<schema>_<read model>_g<number>`.
    pub schema: String,
    /// The log that the read models are folded from: of another log none is shown.
    pub log: LogId,
    /// Answers that can be read at once; further ones wait.
    pub readers: u32,
    /// Threads that drive the connections.
    pub threads: usize,
    /// What one statement may take; longer ones are cancelled by the server.
    pub statement: Duration,
    /// For how long a lost server or a free connection is waited for before a caller is told.
    pub patience: Duration,
}

impl ViewOptions {
    #[must_use]
    pub fn new(log: LogId) -> Self {
        Self {
            schema: "renshe_views".to_owned(),
            log,
            readers: 16,
            threads: 2,
            statement: Duration::from_secs(60),
            patience: Duration::from_secs(5),
        }
    }

    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    pub(super) fn check(&self) -> Result<(), OpenError> {
        if self.schema.len() > SCHEMA_MAX || !is_schema(&self.schema) {
            return Err(OpenError::SchemaName { name: self.schema.clone() });
        }
        Ok(())
    }

    /// Connections that write. A crash of the server may take the last commits of a read model and
    /// leaves a whole older state, from whose checkpoint the train goes on: the log is durable.
    pub(super) fn writing(&self, url: &str) -> Result<PgConnectOptions, OpenError> {
        let session = self.session(url, "writer")?;
        Ok(session.options([
            ("synchronous_commit", "off"),
            // Every statement of a fold goes by a key, also while its tables are still empty.
            ("enable_seqscan", "off"),
            ("plan_cache_mode", "force_generic_plan"),
        ]))
    }

    /// Connections that read.
    pub(super) fn reading(&self, url: &str) -> Result<PgConnectOptions, OpenError> {
        self.session(url, "reader")
    }

    fn session(&self, url: &str, part: &str) -> Result<PgConnectOptions, OpenError> {
        let named: String =
            format!("renshe-views {} {part}", self.schema).chars().take(63).collect();
        let (still, statement) =
            (STILL.as_millis().to_string(), self.statement.as_millis().max(1).to_string());
        Ok(address(url)?
            .application_name(&named)
            .statement_cache_capacity(STATEMENTS)
            .options([
                ("statement_timeout", statement.as_str()),
                ("idle_in_transaction_session_timeout", &still),
                ("client_min_messages", "error"),
                ("jit", "off"),
            ])
            .disable_statement_logging())
    }
}
