//! What is asked of the connections that read.

use std::time::Duration;

use futures_util::TryStreamExt;
use kernel::append::Held;
use kernel::log::{Done, Scanned};
use kernel::{
    Claim, EventRef, Limit, Micros, NoneSince, Position, ReadError, Recorded, Revision,
    SinceConflict, StreamName,
};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{Error, Row};
use uuid::Uuid;

use crate::trouble::{self, Trouble};

const READ: &str = "SELECT position, stream, revision, type, id, recorded_at, meta, data \
     FROM events WHERE position > $1 ORDER BY position LIMIT $2";
const READ_STREAM: &str = "SELECT position, stream, revision, type, id, recorded_at, meta, data \
     FROM events WHERE stream = $3 AND revision > $1 ORDER BY revision LIMIT $2";
const READ_EVENT: &str = "SELECT position, stream, revision, type, id, recorded_at, meta, data \
     FROM events WHERE id = $1";

/// Rows of the first question of a page. How many more fit into its bytes is known after it.
const FIRST_ROWS: usize = 512;

/// A question may be asked so often when its connection was lost under it.
const ATTEMPTS: usize = 3;

/// PostgreSQL counts to 2⁶³ - 1; nothing lies beyond.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) pool: PgPool,
    pub(crate) patience: Duration,
}

/// Asks again where the connection was lost: a question changes nothing.
macro_rules! asked {
    ($reader:expr, $query:expr, $fetch:ident) => {{
        let mut attempt = 1;
        loop {
            match $query.$fetch(&$reader.pool).await {
                Err(error) if attempt < ATTEMPTS && lost(&error) => attempt += 1,
                other => break other.map_err(|error| $reader.unavailable(error)),
            }
        }
    }};
}

fn lost(error: &Error) -> bool {
    !matches!(error, Error::PoolTimedOut) && trouble::of(error) == Trouble::Gone
}

impl Reader {
    fn unavailable(&self, error: Error) -> ReadError {
        ReadError::Unavailable(match error {
            Error::PoolTimedOut => format!(
                "no connection to the database was free within {} ms",
                self.patience.as_millis()
            ),
            other => other.to_string(),
        })
    }

    /// Events after `after`, given to `each` in heaps of rows as they come.
    pub(crate) async fn page(
        &self,
        place: Place<'_>,
        limit: Limit,
        mut each: impl FnMut(PgRow) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let (mut events, mut bytes, mut attempt) = (0, 0, 1);
        let mut after = place.after();
        while limit.admits(events, bytes) {
            let rows_max = match events {
                0 => FIRST_ROWS,
                // As many as fit, going by those before.
                seen => (limit.bytes - bytes) / (bytes / seen).max(1) + 1,
            };
            let rows_max = rows_max.min(limit.events - events);
            let query = match place {
                Place::Log(_) => sqlx::query(READ).bind(after).bind(count(rows_max)),
                Place::Stream(name, _) => {
                    sqlx::query(READ_STREAM).bind(after).bind(count(rows_max)).bind(name.as_str())
                }
            };
            let mut rows = query.fetch(&self.pool);
            let mut came = 0;
            let fault = loop {
                let row = match rows.try_next().await {
                    Ok(Some(row)) => row,
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                };
                came += 1;
                if !limit.admits(events, bytes) {
                    // The rest is read off the connection and dropped.
                    continue;
                }
                let event = event_of(&row)?;
                events += 1;
                bytes += event.bytes();
                after = match place {
                    Place::Log(_) => integer(event.position.0),
                    Place::Stream(..) => integer(event.revision.0),
                };
                each(row)?;
            };
            match fault {
                // What came is given on already: go on behind it.
                Some(error) if attempt < ATTEMPTS && lost(&error) => attempt += 1,
                Some(error) => return Err(self.unavailable(error)),
                None if came < rows_max => break,
                None => {}
            }
        }
        Ok(())
    }

    pub(crate) async fn read(
        &self,
        place: Place<'_>,
        limit: Limit,
    ) -> Result<Vec<Recorded>, ReadError> {
        let mut events = Vec::new();
        self.page(place, limit, |row| {
            events.push(event_of(&row)?.to_recorded());
            Ok(())
        })
        .await?;
        Ok(events)
    }

    pub(crate) async fn event(&self, id: Uuid) -> Result<Option<Recorded>, ReadError> {
        let row = asked!(self, sqlx::query(READ_EVENT).bind(id), fetch_optional)?;
        row.map(|row| event_of(&row).map(EventRef::to_recorded)).transpose()
    }

    pub(crate) async fn head(&self) -> Result<u64, ReadError> {
        let query = || sqlx::query("SELECT head FROM installation WHERE one = 1");
        let row = asked!(self, query(), fetch_one)?;
        self.column::<i64>(&row, 0).map(i64::cast_unsigned)
    }

    /// Events of these types after its position and not beyond `upto`.
    pub(crate) async fn since(
        &self,
        since: &NoneSince,
        upto: u64,
    ) -> Result<Vec<SinceConflict>, ReadError> {
        let names = asked!(
            self,
            sqlx::query("SELECT name FROM types WHERE last > $1").bind(integer(since.after.0)),
            fetch_all
        )?;
        let names: Vec<String> =
            names.iter().map(|row| self.column(row, 0)).collect::<Result<_, _>>()?;
        let names: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| since.matches(name)).collect();
        let rows = asked!(
            self,
            sqlx::query(
                "SELECT position, stream, type FROM events \
                 WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position",
            )
            .bind(integer(since.after.0))
            .bind(integer(upto))
            .bind(names.as_slice()),
            fetch_all
        )?;
        let conflict = |row: &PgRow| {
            Ok(SinceConflict {
                position: Position(self.column::<i64>(row, 0)?.cast_unsigned()),
                stream: StreamName::stored(self.column::<String>(row, 1)?),
                type_name: self.column(row, 2)?,
            })
        };
        rows.iter().map(conflict).collect()
    }

    pub(crate) async fn claims(&self, keys: &[String]) -> Result<Vec<Option<Held>>, ReadError> {
        let rows = asked!(
            self,
            sqlx::query(
                "SELECT c.holder, c.position FROM UNNEST($1::text[]) WITH ORDINALITY k (key, n) \
                 LEFT JOIN claims c ON c.key = k.key ORDER BY k.n",
            )
            .bind(keys),
            fetch_all
        )?;
        let held = |row: &PgRow| {
            let holder: Option<String> = self.column(row, 0)?;
            let position: Option<i64> = self.column(row, 1)?;
            Ok(holder.zip(position).map(|(holder, position)| Held {
                holder,
                position: Position(position.cast_unsigned()),
            }))
        };
        rows.iter().map(held).collect()
    }

    pub(crate) async fn claims_from(
        &self,
        prefix: &str,
        after: &str,
        max: usize,
    ) -> Result<Vec<Claim>, ReadError> {
        let (text, from) = if after < prefix {
            ("SELECT key, holder FROM claims WHERE key >= $1 ORDER BY key LIMIT $2", prefix)
        } else {
            ("SELECT key, holder FROM claims WHERE key > $1 ORDER BY key LIMIT $2", after)
        };
        let rows = asked!(self, sqlx::query(text).bind(from).bind(count(max)), fetch_all)?;
        let mut claims = Vec::new();
        for row in &rows {
            let key: String = self.column(row, 0)?;
            if !key.starts_with(prefix) {
                break;
            }
            claims.push(Claim { key, holder: self.column(row, 1)? });
        }
        Ok(claims)
    }

    pub(crate) async fn look_up(&self, kind: &str, blind: &str) -> Result<Vec<Uuid>, ReadError> {
        let rows = asked!(
            self,
            sqlx::query(
                "SELECT subject FROM lookups WHERE kind = $1 AND blind = $2 ORDER BY subject",
            )
            .bind(kind)
            .bind(blind),
            fetch_all
        )?;
        rows.iter().map(|row| self.column(row, 0)).collect()
    }

    pub(crate) async fn command(&self, id: Uuid) -> Result<Option<Done>, ReadError> {
        let text = "SELECT digest, result, last FROM commands WHERE id = $1";
        let row = asked!(self, sqlx::query(text).bind(id), fetch_optional)?;
        row.map(|row| done_of(&row, 0).map_err(|error| self.unavailable(error))).transpose()
    }

    pub(crate) async fn cursor(&self, process: &str) -> Result<Position, ReadError> {
        let text = "SELECT position FROM cursors WHERE process = $1";
        let row = asked!(self, sqlx::query(text).bind(process), fetch_optional)?;
        let position = row.map(|row| self.column::<i64>(&row, 0)).transpose()?;
        Ok(Position(position.unwrap_or_default().cast_unsigned()))
    }

    fn column<'r, T>(&self, row: &'r PgRow, index: usize) -> Result<T, ReadError>
    where
        T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        row.try_get(index).map_err(|error| self.unavailable(error))
    }
}

/// Where a page begins.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Log(Position),
    Stream(&'a StreamName, Revision),
}

impl Place<'_> {
    fn after(&self) -> i64 {
        match self {
            Self::Log(position) => integer(position.0),
            Self::Stream(_, revision) => integer(revision.0),
        }
    }
}

/// Digest, result and last position from column `from` on.
pub(crate) fn done_of(row: &PgRow, from: usize) -> Result<Done, Error> {
    let digest: &[u8] = row.try_get(from)?;
    let digest = digest.try_into().map_err(|_| Error::ColumnDecode {
        index: from.to_string(),
        source: "the digest of a command has 32 bytes".into(),
    })?;
    let last: i64 = row.try_get(from + 2)?;
    Ok(Done { digest, result: row.try_get(from + 1)?, last: Position(last.cast_unsigned()) })
}

/// The event of a row, borrowed from what the server sent.
pub(crate) fn event_of(row: &PgRow) -> Result<EventRef<'_>, ReadError> {
    let number = |index: usize| row.try_get_unchecked::<i64, _>(index);
    // The columns' types are the tables': to compare them for every row costs a tenth of the rate.
    let text = |index: usize| row.try_get_unchecked::<&str, _>(index);
    let event = || {
        Ok::<_, Error>(EventRef {
            position: Position(number(0)?.cast_unsigned()),
            stream: text(1)?,
            revision: Revision(number(2)?.cast_unsigned()),
            type_name: text(3)?,
            id: row.try_get_unchecked(4)?,
            recorded_at: Micros(number(5)?),
            meta: text(6)?,
            data: text(7)?,
        })
    };
    event().map_err(|error| {
        let position = Position(number(0).unwrap_or_default().cast_unsigned());
        ReadError::Damaged { position, what: error.to_string() }
    })
}

/// Gives the rows of a page to `each` and counts them.
pub(crate) fn scanned(
    heaps: impl Iterator<Item = Result<Vec<PgRow>, ReadError>>,
    after: Position,
    each: &mut dyn FnMut(EventRef<'_>),
) -> Result<Scanned, ReadError> {
    let mut scanned = Scanned { events: 0, last: after };
    for heap in heaps {
        for row in heap? {
            let event = event_of(&row)?;
            scanned = Scanned { events: scanned.events + 1, last: event.position };
            each(event);
        }
    }
    Ok(scanned)
}
