//! How a log is opened, and when it is not.

use std::path::Path;

use kernel::conformance::{block_on, clock, id, single};
use kernel::stream::TokenError;
use kernel::{AppendError, Epoch, EventLog, Position};
use log::sqlite::raise_epoch;
use log::{OpenError, Options, SqliteLog};
use rusqlite::Connection;

fn create(directory: &Path) -> Result<SqliteLog, OpenError> {
    SqliteLog::create(directory, id("log", 1), clock(), Options::default())
}

fn open(directory: &Path) -> Result<SqliteLog, OpenError> {
    SqliteLog::open(directory, clock(), Options::default())
}

/// A log of `count` events, closed, with `damage` done to its file.
fn damaged(count: u64, damage: &str) -> Result<SqliteLog, OpenError> {
    let directory = tempfile::tempdir().unwrap();
    let log = create(directory.path()).unwrap();
    for number in 0..count {
        block_on(log.append(single(number, number % 2, number / 2))).unwrap();
    }
    drop(log);
    Connection::open(directory.path().join("log.db")).unwrap().execute_batch(damage).unwrap();
    open(directory.path())
}

#[test]
fn a_second_process_is_kept_out() {
    let directory = tempfile::tempdir().unwrap();
    let log = create(directory.path()).unwrap();
    let error = open(directory.path()).err().unwrap();
    assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("stop it"), "it names the mend: {error}");
    assert!(matches!(raise_epoch(directory.path()), Err(OpenError::Locked { .. })));
    drop(log);
    open(directory.path()).unwrap();
}

#[test]
fn a_log_is_created_once() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(open(directory.path()), Err(OpenError::Missing { .. })));
    let identity = create(directory.path()).unwrap().identity();
    assert!(matches!(create(directory.path()), Err(OpenError::Exists { .. })));
    let other = || id("log", 2);
    let log = SqliteLog::open_or_create(directory.path(), other, clock(), Options::default());
    assert_eq!(log.unwrap().identity(), identity);
}

#[test]
fn a_restore_raises_the_epoch() {
    let directory = tempfile::tempdir().unwrap();
    let log = create(directory.path()).unwrap();
    let position = block_on(log.append(single(1, "a", 0))).unwrap().position();
    let token = log.identity().token(position);
    drop(log);
    assert_eq!(raise_epoch(directory.path()).unwrap(), Epoch(2));
    let log = open(directory.path()).unwrap();
    let answer = token.position_in(log.identity());
    assert_eq!(answer, Err(TokenError::OtherEpoch { given: 1, here: 2 }));
    assert_eq!(log.head(), Position(1));
}

#[test]
fn a_newer_schema_is_refused() {
    let opened = damaged(1, "UPDATE installation SET schema = 2");
    assert!(matches!(opened, Err(OpenError::NewerSchema { found: 2, known: 1 })));
}

#[test]
fn a_damaged_tail_is_refused_with_its_position() {
    for (damage, at, said) in [
        ("DELETE FROM events WHERE position = 7", 7, "missing"),
        ("UPDATE events SET recorded_at = 5 WHERE position = 4", 4, "recorded"),
        ("UPDATE events SET revision = 9 WHERE position = 10", 10, "revision"),
        ("UPDATE types SET last = 9", 10, "counted"),
        ("DELETE FROM events WHERE position = 10", 9, "counted"),
    ] {
        match damaged(10, damage).err() {
            Some(OpenError::Damaged { position, what }) => {
                assert_eq!(position, Position(at), "{damage}");
                assert!(what.contains(said), "{damage}: {what}");
            }
            other => panic!("{damage}: {other:?}"),
        }
    }
    assert!(damaged(10, "SELECT 1").is_ok());
}

#[test]
fn no_write_is_taken_into_the_reserve() {
    let directory = tempfile::tempdir().unwrap();
    drop(create(directory.path()).unwrap());
    let options = Options { reserve_bytes: u64::MAX, ..Options::default() };
    let log = SqliteLog::open(directory.path(), clock(), options).unwrap();
    let answer = block_on(log.append(single(1, "a", 0)));
    assert!(matches!(answer, Err(AppendError::ReadOnly(_))), "{answer:?}");
    assert!(block_on(log.move_cursor("p", Position(1))).is_err());
    assert_eq!(block_on(log.read(Position(0), kernel::Limit::PAGE)).unwrap(), []);
}
