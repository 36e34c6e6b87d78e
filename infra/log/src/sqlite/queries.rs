//! What is asked of a connection that reads.

use kernel::append::Held;
use kernel::log::{Done, Scanned};
use kernel::{
    Claim, EventRef, Limit, Micros, NoneSince, Position, ReadError, Recorded, Revision,
    SinceConflict, StreamName,
};
use rusqlite::types::{FromSqlError, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Rows};
use uuid::Uuid;

const READ: &str = "SELECT position, stream, revision, type, id, recorded_at, meta, data \
     FROM events WHERE position > ?1 ORDER BY position LIMIT ?2";
const READ_STREAM: &str = "SELECT position, stream, revision, type, id, recorded_at, meta, data \
     FROM events WHERE stream = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3";
const READ_EVENT: &str = "SELECT position, stream, revision, type, id, recorded_at, meta, data \
     FROM events WHERE id = ?1";

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(super) fn unavailable(error: rusqlite::Error) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

/// SQLite counts to 2⁶³ - 1; nothing lies beyond.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

pub(super) fn scan(
    reader: &Connection,
    after: Position,
    limit: Limit,
    each: &mut dyn FnMut(EventRef<'_>),
) -> Result<Scanned, ReadError> {
    let mut statement = reader.prepare_cached(READ).map_err(unavailable)?;
    let bounds = (integer(after.0), count(limit.events));
    let rows = statement.query(bounds).map_err(unavailable)?;
    page(rows, after, limit, each)
}

pub(super) fn stream(
    reader: &Connection,
    stream: &StreamName,
    after: Revision,
    limit: Limit,
) -> Result<Vec<Recorded>, ReadError> {
    let mut statement = reader.prepare_cached(READ_STREAM).map_err(unavailable)?;
    let bounds = (stream.as_str(), integer(after.0), count(limit.events));
    let rows = statement.query(bounds).map_err(unavailable)?;
    let mut events = Vec::new();
    page(rows, Position::START, limit, &mut |event| events.push(event.to_recorded()))?;
    Ok(events)
}

pub(super) fn event(reader: &Connection, id: Uuid) -> Result<Option<Recorded>, ReadError> {
    let mut statement = reader.prepare_cached(READ_EVENT).map_err(unavailable)?;
    let rows = statement.query([id.as_bytes().as_slice()]).map_err(unavailable)?;
    let mut found = None;
    page(rows, Position::START, Limit::events(1), &mut |event| found = Some(event.to_recorded()))?;
    Ok(found)
}

fn page(
    mut rows: Rows<'_>,
    after: Position,
    limit: Limit,
    each: &mut dyn FnMut(EventRef<'_>),
) -> Result<Scanned, ReadError> {
    let mut scanned = Scanned { events: 0, last: after };
    let mut bytes = 0;
    while limit.admits(scanned.events, bytes) {
        let Some(row) = rows.next().map_err(unavailable)? else { break };
        let event = event_of(row).map_err(|error| {
            let position = row.get::<_, i64>(0).unwrap_or_default().cast_unsigned();
            ReadError::Damaged { position: Position(position), what: error.to_string() }
        })?;
        bytes += event.bytes();
        scanned = Scanned { events: scanned.events + 1, last: event.position };
        each(event);
    }
    Ok(scanned)
}

fn event_of<'a>(row: &'a Row<'_>) -> Result<EventRef<'a>, FromSqlError> {
    // The columns are STRICT and NOT NULL: only damage makes one of these fail.
    let column = |index| row.get_ref(index).unwrap_or(ValueRef::Null);
    Ok(EventRef {
        position: Position(column(0).as_i64()?.cast_unsigned()),
        stream: column(1).as_str()?,
        revision: Revision(column(2).as_i64()?.cast_unsigned()),
        type_name: column(3).as_str()?,
        id: Uuid::from_slice(column(4).as_blob()?).map_err(FromSqlError::other)?,
        recorded_at: Micros(column(5).as_i64()?),
        meta: column(6).as_str()?,
        data: column(7).as_str()?,
    })
}

/// Events of these types after its position and not beyond `upto`.
pub(super) fn since(
    reader: &Connection,
    since: &NoneSince,
    upto: u64,
) -> Result<Vec<SinceConflict>, ReadError> {
    let list = || {
        let mut statement = reader.prepare_cached(
            "SELECT position, stream, type FROM events \
             WHERE position > ?1 AND position <= ?2 ORDER BY position",
        )?;
        let mut rows = statement.query((integer(since.after.0), integer(upto)))?;
        let mut listed = Vec::new();
        while let Some(row) = rows.next()? {
            let type_name = row.get_ref(2)?.as_str()?;
            if since.matches(type_name) {
                listed.push(SinceConflict {
                    position: Position(row.get::<_, i64>(0)?.cast_unsigned()),
                    stream: StreamName::stored(row.get::<_, String>(1)?),
                    type_name: type_name.to_owned(),
                });
            }
        }
        Ok(listed)
    };
    list().map_err(unavailable)
}

pub(super) fn revision(connection: &Connection, stream: &str) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT max(revision) FROM events WHERE stream = ?1")?
        .query_row([stream], |row| row.get::<_, Option<i64>>(0))
        .map(|revision| revision.unwrap_or_default().cast_unsigned())
}

pub(super) fn has_event(connection: &Connection, id: Uuid) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM events WHERE id = ?1")?
        .exists([id.as_bytes().as_slice()])
}

pub(super) fn held(connection: &Connection, key: &str) -> rusqlite::Result<Option<Held>> {
    connection
        .prepare_cached("SELECT holder, position FROM claims WHERE key = ?1")?
        .query_row([key], |row| {
            let position = Position(row.get::<_, i64>(1)?.cast_unsigned());
            Ok(Held { holder: row.get(0)?, position })
        })
        .optional()
}

pub(super) fn claims_from(
    reader: &Connection,
    prefix: &str,
    after: &str,
    max: usize,
) -> rusqlite::Result<Vec<Claim>> {
    let (text, from) = if after < prefix {
        ("SELECT key, holder FROM claims WHERE key >= ?1 ORDER BY key LIMIT ?2", prefix)
    } else {
        ("SELECT key, holder FROM claims WHERE key > ?1 ORDER BY key LIMIT ?2", after)
    };
    let mut statement = reader.prepare_cached(text)?;
    let mut rows = statement.query((from, count(max)))?;
    let mut claims = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        claims.push(Claim { key, holder: row.get(1)? });
    }
    Ok(claims)
}

pub(super) fn look_up(reader: &Connection, kind: &str, blind: &str) -> rusqlite::Result<Vec<Uuid>> {
    reader
        .prepare_cached(
            "SELECT subject FROM lookups WHERE kind = ?1 AND blind = ?2 ORDER BY subject",
        )?
        .query_map((kind, blind), |row| row.get(0).map(Uuid::from_bytes))?
        .collect()
}

pub(super) fn command(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<Done>> {
    connection
        .prepare_cached("SELECT digest, result, last FROM commands WHERE id = ?1")?
        .query_row([id.as_bytes().as_slice()], |row| {
            let last = Position(row.get::<_, i64>(2)?.cast_unsigned());
            Ok(Done { digest: row.get(0)?, result: row.get(1)?, last })
        })
        .optional()
}

pub(super) fn cursor(reader: &Connection, process: &str) -> rusqlite::Result<Position> {
    let position = reader
        .prepare_cached("SELECT position FROM cursors WHERE process = ?1")?
        .query_row([process], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(Position(position.unwrap_or_default().cast_unsigned()))
}
