//! One server for all tests that do not harm it, and a schema for each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use kernel::conformance::{block_on, clock, id};
use kernel::{
    Append, AppendError, Appended, Clock, CommandRecord, EventLog, Limit, Position, Recorded,
};
use postgres::{Options, PostgresLog};

use postgres_server::{Disk, Server};

pub static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Disk::Unflushed));

static SCHEMAS: AtomicU64 = AtomicU64::new(1);

/// A place for one log.
pub struct Place {
    pub url: String,
    pub schema: String,
    pub number: u64,
}

impl Place {
    pub fn new() -> Self {
        Self::on(&SERVER)
    }

    pub fn on(server: &Server) -> Self {
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        Self { url: server.url("postgres"), schema: format!("test_{number}"), number }
    }

    /// Options of a node whose name no other test has.
    pub fn options(&self, node: &str) -> Options {
        Options::new(self.node(node)).schema(&self.schema)
    }

    pub fn node(&self, node: &str) -> String {
        format!("{}.{node}", self.schema)
    }

    pub fn log(&self, node: &str) -> PostgresLog {
        self.log_with(self.options(node))
    }

    pub fn log_with(&self, options: Options) -> PostgresLog {
        self.log_at(options, clock())
    }

    pub fn log_at(&self, options: Options, clock: Arc<dyn Clock>) -> PostgresLog {
        let log_id = || id("log", self.number);
        block_on(PostgresLog::open_or_create(&self.url, log_id, options, clock)).unwrap()
    }

    /// Runs `text` in this schema, and returns what it answers.
    pub fn sql(&self, text: &str) -> String {
        let schema = format!("SET search_path = {}, pg_catalog", self.schema);
        let output = SERVER.psql("postgres").args(["-c", &schema, "-c", text]).output().unwrap();
        assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Asks the server until `text` answers true; the waiting is the server's.
    pub fn until(&self, text: &str) {
        for _ in 0..600 {
            if self.sql(text) == "t" {
                return;
            }
            self.sql("SELECT pg_sleep(0.02)");
        }
        panic!("it never became true: {text}");
    }
}

pub fn all(log: &PostgresLog) -> Vec<Recorded> {
    let mut events = Vec::new();
    loop {
        let after = Position(events.len() as u64);
        let page = block_on(log.read(after, Limit::PAGE)).unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

pub fn command(append: Append, number: u64) -> Append {
    let result = number.to_string();
    append.command(CommandRecord { id: id("c", number), digest: [1; 32], result })
}

/// Asks again as long as it makes sense, as a caller with a command id does.
pub fn insist(log: &PostgresLog, append: &Append) -> Result<Appended, AppendError> {
    for _ in 0..100 {
        match block_on(log.append(append.clone())) {
            Err(error) if error.is_retryable() => {}
            other => return other,
        }
    }
    Err(AppendError::Unavailable("it never came back".to_owned()))
}
