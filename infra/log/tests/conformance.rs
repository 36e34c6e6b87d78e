//! The conformance suite, full and durable, on [`log::SqliteLog`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kernel::conformance::{Backend, id};
use kernel::{Clock, EventLog};
use log::{Options, SqliteLog};
use tempfile::TempDir;

/// Every log in a directory of its own, which goes with the test.
#[derive(Default)]
struct Sqlite {
    directories: Mutex<HashMap<u128, TempDir>>,
}

impl Backend for Sqlite {
    type Log = SqliteLog;

    fn open(&self, clock: Arc<dyn Clock>) -> SqliteLog {
        let mut directories = self.directories.lock().unwrap();
        let log_id = id("log", directories.len() as u64);
        let directory = tempfile::tempdir().unwrap();
        let log = SqliteLog::create(directory.path(), log_id, clock, Options::default()).unwrap();
        directories.insert(log_id.as_u128(), directory);
        log
    }

    fn reopen(&self, log: SqliteLog, clock: Arc<dyn Clock>) -> SqliteLog {
        let key = log.identity().log_id.0.as_u128();
        drop(log);
        let directories = self.directories.lock().unwrap();
        SqliteLog::open(directories[&key].path(), clock, Options::default()).unwrap()
    }
}

kernel::conformance!(durable, Sqlite::default());
