//! A schema for the read models of one test, on a server that they share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use kernel::EventLog as _;
use postgres::views::ViewOptions;
use postgres::{OpenError, PostgresViews};
use postgres_server::{Disk, Server};
use projections::engine::Stores;

use crate::toy::Toy;

/// Not flushed: read models may lose their last commits in any case.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Disk::Unflushed));

static SCHEMAS: AtomicU64 = AtomicU64::new(1);

pub struct Place {
    pub url: String,
    pub schema: String,
}

impl Place {
    pub fn new() -> Self {
        Self::on(&SERVER)
    }

    pub fn on(server: &Server) -> Self {
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        Self { url: server.url("postgres"), schema: format!("v{number}") }
    }

    pub fn options(&self, toy: &Toy) -> ViewOptions {
        ViewOptions::new(toy.log.identity().log_id).schema(&self.schema)
    }

    pub fn opened(&self, options: ViewOptions) -> Result<PostgresViews, OpenError> {
        PostgresViews::open(&self.url, options)
    }

    pub fn stores(&self, toy: &Toy) -> Arc<dyn Stores> {
        Arc::new(self.opened(self.options(toy)).unwrap())
    }

    pub fn holds(&self, view: &str, number: u32) -> bool {
        let name = format!("{}_{view}_g{number}", self.schema);
        let text = format!("SELECT count(*) FROM pg_namespace WHERE nspname = '{name}'");
        self.sql(&text) == "1"
    }

    /// Whether it is gone; a moment after the last one has let go.
    pub fn lets_go(&self, view: &str, number: u32) -> bool {
        let name = format!("{}_{view}_g{number}", self.schema);
        self.until(&format!("SELECT count(*) = 0 FROM pg_namespace WHERE nspname = '{name}'"));
        true
    }

    /// Runs `text` on the shared server, and returns what it answers.
    pub fn sql(&self, text: &str) -> String {
        let output = SERVER.psql("postgres").args(["-c", text]).output().unwrap();
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
