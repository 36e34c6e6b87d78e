//! One file on disk, its idle readers, and its end.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use projections::engine::StoreError;
use rusqlite::{Connection, OpenFlags};

use super::{failed, lock};

/// Idle connections kept per file.
const IDLE_MAX: usize = 8;

/// Statements kept prepared per connection.
const STATEMENTS: usize = 256;

#[derive(Debug)]
pub(super) struct File {
    pub(super) view: String,
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    doomed: AtomicBool,
}

pub(super) fn file_name(name: &str, version: u32, number: u32) -> String {
    format!("{name}-v{version}-g{number}.db")
}

impl File {
    pub(super) fn new(dir: &Path, name: &str, version: u32, number: u32) -> Self {
        Self {
            view: name.to_owned(),
            path: dir.join(file_name(name, version, number)),
            idle: Mutex::default(),
            doomed: AtomicBool::new(false),
        }
    }

    /// The one connection that writes.
    pub(super) fn writer(&self) -> Result<Connection, StoreError> {
        let connection = Connection::open(&self.path).map_err(failed(&self.view))?;
        // Checkpoints of the WAL flush the disk: they happen in `tidy`, never inside a commit.
        // Of a row without rowid a quarter of a page lies in its tree, the rest in pages of its own.
        connection
            .execute_batch(
                "PRAGMA page_size = 8192; \
                 PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                 PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 33554432; \
                 PRAGMA busy_timeout = 5000; \
                 PRAGMA cache_size = -24000; PRAGMA temp_store = MEMORY; \
                 PRAGMA trusted_schema = OFF;",
            )
            .map_err(failed(&self.view))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    }

    /// A connection that only reads, from the pool if there is one.
    pub(super) fn reader(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = lock(&self.idle).pop() {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&self.path, flags).map_err(failed(&self.view))?;
        connection
            .execute_batch(
                "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; \
                 PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY; \
                 PRAGMA trusted_schema = OFF;",
            )
            .map_err(failed(&self.view))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    }

    /// Takes a connection back whose transaction is over.
    pub(super) fn give_back(&self, connection: Connection) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_MAX && connection.is_autocommit() {
            idle.push(connection);
        }
    }

    /// Bytes of the write-ahead log.
    pub(super) fn wal_bytes(&self) -> u64 {
        std::fs::metadata(beside(&self.path, "-wal")).map_or(0, |file| file.len())
    }

    /// Nobody wants it any more: gone when the last holder lets go.
    pub(super) fn doom(&self) {
        self.doomed.store(true, Ordering::SeqCst);
    }
}

impl Drop for File {
    fn drop(&mut self) {
        lock(&self.idle).clear();
        if self.doomed.load(Ordering::SeqCst) {
            unlink(&self.path);
        }
    }
}

/// Removes files of generations that nobody knows: what a crash left of a drop.
pub(super) fn sweep(dir: &Path, known: &HashSet<String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_generation = name.ends_with(".db") && name.contains("-v") && name.contains("-g");
        if is_generation && !known.contains(&name) {
            unlink(&entry.path());
        }
    }
}

fn unlink(path: &Path) {
    for path in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                // The next start sweeps it.
                tracing::warn!(file = %path.display(), %error, "a dropped generation stays on disk");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
