//! The file: its lock, its tables, its installation row, and how connections to it are opened.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use kernel::stream::LogId;
use kernel::{Epoch, Identity, Position};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};
use thiserror::Error;
use uuid::Uuid;

use super::tail;

/// The log's file in its data directory.
pub const FILE: &str = "log.db";
const LOCK: &str = "log.lock";

/// SQLite 3.7.0 to 3.51.2 can lose a committed transaction when a WAL restarts: 3.51.3 mended it.
const VERSION_MIN: i32 = 3_051_003;
const SCHEMA: u32 = 1;

/// How much of the tail is checked after an orderly end, and after any other.
const TAIL_CLEAN: u64 = 1_000;
const TAIL_UNCLEAN: u64 = 100_000;

#[derive(Debug, Error)]
pub enum OpenError {
    #[error(
        "this program was built with SQLite {found}, which can damage a log; build it with {} or newer",
        version(VERSION_MIN)
    )]
    SqliteTooOld { found: String },
    #[error(
        "another process uses {}: stop it, or start this one with a data directory of its own",
        path.display()
    )]
    Locked { path: PathBuf },
    #[error("there is no log in {} yet", path.display())]
    Missing { path: PathBuf },
    #[error("there is a log in {} already", path.display())]
    Exists { path: PathBuf },
    #[error("the log has schema {found}, this program knows up to {known}: use a newer program")]
    NewerSchema { found: u32, known: u32 },
    #[error("the log is damaged at position {position}: {what}; restore the last good backup")]
    Damaged { position: Position, what: String },
    #[error("the data directory {} cannot be used", path.display())]
    Directory {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the log {} cannot be opened", path.display())]
    Sqlite {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("a thread of the log cannot be started")]
    Thread(#[source] io::Error),
}

fn version(number: i32) -> String {
    format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000)
}

fn supported(number: i32) -> Result<(), OpenError> {
    if number < VERSION_MIN {
        return Err(OpenError::SqliteTooOld { found: version(number) });
    }
    Ok(())
}

/// Held as long as this process may touch the file. The system gives it back however we end.
pub(super) struct Lock {
    _file: File,
    directory: PathBuf,
}

impl Lock {
    fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(LOCK);
        let fault = |source| OpenError::Directory { path: dir.to_owned(), source };
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file, directory: dir.to_owned() }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path }),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

pub(super) struct Opened {
    pub(super) lock: Lock,
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) identity: Identity,
    pub(super) known: Stored,
}

/// What the writer starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) head: u64,
    pub(super) recorded_at: Option<i64>,
    /// The last position of every type name.
    pub(super) types: HashMap<String, u64>,
}

/// Opens the log in `dir`, or creates it if an id is given.
pub(super) fn open(dir: &Path, create: Option<Uuid>) -> Result<Opened, OpenError> {
    supported(rusqlite::version_number())?;
    let directory = |source| OpenError::Directory { path: dir.to_owned(), source };
    let path = dir.join(FILE);
    if create.is_some() {
        std::fs::create_dir_all(dir).map_err(directory)?;
    } else if !path.exists() {
        return Err(OpenError::Missing { path: dir.to_owned() });
    }
    let lock = Lock::take(dir)?;
    let sqlite = |source| OpenError::Sqlite { path: path.clone(), source };
    let mut connection = Connection::open(&path).map_err(sqlite)?;
    prepare(&connection).map_err(sqlite)?;
    let stands = installed(&connection).map_err(sqlite)?;
    match (create, stands) {
        (Some(log_id), None) => {
            install(&mut connection, log_id).map_err(sqlite)?;
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(directory)?;
        }
        (None, Some(_)) => {}
        (Some(_), Some(_)) => return Err(OpenError::Exists { path: dir.to_owned() }),
        // The process died while it created the log: there is a file without tables.
        (None, None) => return Err(OpenError::Missing { path: dir.to_owned() }),
    }
    let installation = installed(&connection)
        .map_err(sqlite)?
        .ok_or(OpenError::Missing { path: dir.to_owned() })?;
    if installation.schema > SCHEMA {
        return Err(OpenError::NewerSchema { found: installation.schema, known: SCHEMA });
    }
    let known = stored(&connection).map_err(sqlite)?;
    let depth = if installation.clean { TAIL_CLEAN } else { TAIL_UNCLEAN };
    tail::check(&connection, &known, depth)?;
    mark(&connection, false).map_err(sqlite)?;
    Ok(Opened { lock, path, connection, identity: installation.identity, known })
}

/// Raises the epoch of the log in `dir`: done once after a restore, before anything else opens it.
/// Tokens, cursors and checkpoints of the epoch before no longer fit.
///
/// # Errors
/// [`OpenError`], also when the log is open somewhere.
pub fn raise_epoch(dir: &Path) -> Result<Epoch, OpenError> {
    let opened = open(dir, None)?;
    let epoch = Epoch(opened.identity.epoch.0 + 1);
    let raise = || {
        opened.connection.execute("UPDATE installation SET epoch = ?1", [epoch.0])?;
        mark(&opened.connection, true)
    };
    raise().map_err(|source| OpenError::Sqlite { path: opened.path.clone(), source })?;
    Ok(epoch)
}

/// Remembers whether the log was closed in good order.
pub(super) fn mark(connection: &Connection, clean: bool) -> rusqlite::Result<()> {
    connection.execute("UPDATE installation SET clean = ?1", [clean])?;
    Ok(())
}

/// A connection that answers questions: it keeps the upper pages of the indexes in memory.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = scanner(path)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    Ok(connection)
}

/// A connection that reads from one end to the other. No page is seen twice, so its cache stays
/// small enough for the processor's own.
pub(super) fn scanner(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "cache_size", -1_024)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    // A checkpoint every 16 MiB: pages of the indexes that every group touches are copied once.
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

struct Installation {
    identity: Identity,
    schema: u32,
    clean: bool,
}

fn installed(connection: &Connection) -> rusqlite::Result<Option<Installation>> {
    if !connection.table_exists(None, "installation")? {
        return Ok(None);
    }
    let read = |row: &rusqlite::Row<'_>| {
        let log_id: [u8; 16] = row.get(0)?;
        let identity =
            Identity { log_id: LogId(Uuid::from_bytes(log_id)), epoch: Epoch(row.get(1)?) };
        Ok(Installation { identity, schema: row.get(2)?, clean: row.get(3)? })
    };
    connection
        .query_row("SELECT log_id, epoch, schema, clean FROM installation", (), read)
        .optional()
}

fn install(connection: &mut Connection, log_id: Uuid) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.execute(
        "INSERT INTO installation (one, log_id, epoch, schema, clean) VALUES (1, ?1, 1, ?2, 1)",
        (log_id.as_bytes(), SCHEMA),
    )?;
    transaction.commit()
}

fn stored(connection: &Connection) -> rusqlite::Result<Stored> {
    let last = connection
        .query_row(
            "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1",
            (),
            |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)),
        )
        .optional()?;
    let types = connection
        .prepare("SELECT name, last FROM types")?
        .query_map((), |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Stored {
        head: last.map_or(0, |(position, _)| position.cast_unsigned()),
        recorded_at: last.map(|(_, recorded_at)| recorded_at),
        types,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_sqlite_is_refused() {
        assert!(supported(rusqlite::version_number()).is_ok());
        let error = supported(3_051_002).unwrap_err().to_string();
        assert!(error.contains("3.51.2") && error.contains("3.51.3"), "{error}");
    }
}
