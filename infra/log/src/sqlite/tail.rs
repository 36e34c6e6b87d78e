//! Whether what is stored keeps the log's promises.

use std::collections::HashMap;

use kernel::{Position, ReadError};
use rusqlite::{Connection, OptionalExtension};

use super::file::{OpenError, Stored};
use super::queries::{integer, unavailable};

/// Checks the last `depth` events against each other and against what was derived from them.
///
/// SQLite's own checks read the whole file; what an unclean end can hurt is its tail.
pub(super) fn check(connection: &Connection, stored: &Stored, depth: u64) -> Result<(), OpenError> {
    let fault =
        |position: u64, what: String| OpenError::Damaged { position: Position(position), what };
    let unreadable = |error: rusqlite::Error| fault(stored.head, error.to_string());
    let from = stored.head.saturating_sub(depth);
    let mut statement = connection
        .prepare(
            "SELECT position, stream, revision, type, recorded_at FROM events \
             WHERE position > ?1 ORDER BY position",
        )
        .map_err(unreadable)?;
    let mut rows = statement.query([integer(from)]).map_err(unreadable)?;
    let mut revisions: HashMap<String, i64> = HashMap::new();
    let mut types: HashMap<String, u64> = HashMap::new();
    let (mut next, mut before) = (from + 1, i64::MIN);
    while let Some(row) = rows.next().map_err(unreadable)? {
        let read = || Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        let (position, stream, revision, type_name, recorded_at): (i64, String, i64, _, i64) =
            read().map_err(unreadable)?;
        if position.cast_unsigned() != next {
            return Err(fault(next, format!("the event is missing, the next is {position}")));
        }
        if recorded_at <= before {
            return Err(fault(next, format!("recorded at {recorded_at} µs, not after {before}")));
        }
        let expected = match revisions.get(&stream) {
            Some(last) => last + 1,
            None => 1 + last_revision(connection, &stream, position).map_err(unreadable)?,
        };
        if revision != expected {
            return Err(fault(next, format!("revision {revision} of {stream}, not {expected}")));
        }
        revisions.insert(stream, revision);
        types.insert(type_name, next);
        (next, before) = (next + 1, recorded_at);
    }
    for (name, last) in types {
        if stored.types.get(&name) != Some(&last) {
            return Err(fault(last, format!("it is not counted as the last {name}")));
        }
    }
    Ok(())
}

fn last_revision(connection: &Connection, stream: &str, before: i64) -> rusqlite::Result<i64> {
    // Walks back from the end of the stream: past its events in the tail, no further.
    let found = connection
        .prepare_cached(
            "SELECT revision FROM events WHERE stream = ?1 AND position < ?2 \
             ORDER BY revision DESC LIMIT 1",
        )?
        .query_row((stream, before), |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Checks the whole file.
pub(super) fn whole(connection: &Connection) -> Result<(), ReadError> {
    let fault = |position: i64, what: String| ReadError::Damaged {
        position: Position(position.cast_unsigned()),
        what,
    };
    let said: String = connection
        .query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
        .map_err(unavailable)?;
    if said != "ok" {
        return Err(fault(0, said));
    }
    let gap: Option<i64> = connection
        .query_row(
            "SELECT position FROM (SELECT position, recorded_at, \
                 lag(position, 1, 0) OVER (ORDER BY position) AS before, \
                 lag(recorded_at) OVER (ORDER BY position) AS time_before FROM events) \
             WHERE position <> before + 1 OR recorded_at <= time_before LIMIT 1",
            (),
            |row| row.get(0),
        )
        .optional()
        .map_err(unavailable)?;
    if let Some(position) = gap {
        return Err(fault(position, "position or recorded time does not follow".to_owned()));
    }
    let stream: Option<(String, i64)> = connection
        .query_row(
            "SELECT stream, max(position) FROM events GROUP BY stream \
             HAVING max(revision) <> count(*) OR min(revision) <> 1 LIMIT 1",
            (),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(unavailable)?;
    match stream {
        Some((stream, position)) => {
            Err(fault(position, format!("the revisions of {stream} have a gap")))
        }
        None => Ok(()),
    }
}
