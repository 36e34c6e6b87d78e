//! How one node uses the log, and how its connections are set up.

use std::time::Duration;

use kernel::stream::LogId;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::connect::OpenError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name of this node, one for each running process: letters, digits and `._:-`. A process
    /// that starts under a name in use takes it over, and the other one is fenced off.
    pub node: String,
    /// The schema that holds the log; several logs may stand in one database.
    pub schema: String,
    /// Refuse every other log than this one.
    pub expected: Option<LogId>,
    /// Appends that wait for the writer; further callers wait to be queued.
    pub queue_max: usize,
    /// Connections that read.
    pub readers: u32,
    /// Threads that drive the connections.
    pub threads: usize,
    /// Streams whose revision the writer keeps in memory.
    pub revisions_max: usize,
    /// For how long the right to write lasts without a sign of life. A transaction that stands
    /// still for a third of it is ended by the server, so that a stopped node stops nobody else.
    pub lease: Duration,
    /// What one statement may take; longer ones are cancelled by the server.
    pub statement: Duration,
    /// For how long a lost server or a free connection is waited for before a caller is told.
    pub patience: Duration,
    /// How often the head is asked for, where no notification tells it.
    pub poll: Duration,
}

impl Options {
    #[must_use]
    pub fn new(node: impl Into<String>) -> Self {
        Self {
            node: node.into(),
            schema: "renshe".to_owned(),
            expected: None,
            queue_max: 1_024,
            readers: 4,
            threads: 2,
            revisions_max: 65_536,
            lease: Duration::from_secs(15),
            statement: Duration::from_secs(30),
            patience: Duration::from_secs(5),
            poll: Duration::from_millis(250),
        }
    }

    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Names go into statement texts: only what needs no quoting is taken.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        if !is_schema(&self.schema) {
            return Err(OpenError::SchemaName { name: self.schema.clone() });
        }
        let word = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        if self.node.is_empty() || self.node.len() > 100 || !self.node.chars().all(word) {
            return Err(OpenError::NodeName { name: self.node.clone() });
        }
        Ok(())
    }

    /// How every connection of the log is set up.
    pub(crate) fn session(&self, url: &str) -> Result<PgConnectOptions, OpenError> {
        let parsed = address(url)?;
        let named: String = format!("renshe-log {}", self.node).chars().take(63).collect();
        let still = (self.lease / 3).as_millis().max(100).to_string();
        let statement = self.statement.as_millis().max(1).to_string();
        Ok(parsed
            .application_name(&named)
            .options([
                ("search_path", self.schema.as_str()),
                ("statement_timeout", &statement),
                ("idle_in_transaction_session_timeout", &still),
                ("client_min_messages", "error"),
                // Every statement goes by an index. Plans are made once, also while the tables are
                // still empty, where the planner would rather read them whole for ever.
                ("enable_seqscan", "off"),
                ("plan_cache_mode", "force_generic_plan"),
                ("jit", "off"),
            ])
            .disable_statement_logging())
    }

    /// NOTIFY goes to all schemas of a database alike.
    pub(crate) fn channel(&self) -> String {
        format!("renshe_log_{}", self.schema)
    }
}

/// Where the server is; the password stays inside.
pub(crate) fn address(url: &str) -> Result<PgConnectOptions, OpenError> {
    // The driver takes any address with a host in it.
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(OpenError::Url(sqlx::Error::Configuration("it is of another kind".into())));
    }
    url.parse().map_err(OpenError::Url)
}

/// Names go into statement texts: only what needs no quoting is taken.
pub(crate) fn is_schema(name: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    // PostgreSQL keeps the names with `pg_` to itself.
    begins && !name.starts_with("pg_") && name.len() <= 50 && name.chars().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_need_quoting_are_refused() {
        assert!(Options::new("node-1.a:7").schema("renshe_2").check().is_ok());
        for schema in ["", "Renshe", "1a", "a b", "a\"", "pg;", "_a"] {
            assert!(Options::new("a").schema(schema).check().is_err(), "{schema}");
        }
        for node in ["", "a'", "a b", "节点"] {
            assert!(Options::new(node).check().is_err(), "{node}");
        }
    }
}
