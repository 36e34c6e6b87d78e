//! Opening a log: which one, which version of its tables, and whether its tail is whole.

use kernel::stream::LogId;
use kernel::{Epoch, Identity, Position};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::connect::{OpenError, connect, refused};
use crate::lease;
use crate::options::Options;
use crate::queries::integer;
use crate::threads::Threads;

/// Forward only: what once ran anywhere is never edited, a change is one more line.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_log.sql"),
    include_str!("migrations/0002_leases.sql"),
    include_str!("migrations/0003_one_trip.sql"),
];

const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// How many events at the end are counted when a log is opened.
const TAIL: u64 = 1_000;

/// The tables of a log, whatever its version.
const TABLES: [&str; 8] =
    ["installation", "events", "types", "claims", "lookups", "commands", "cursors", "writers"];

pub(crate) struct Opened {
    pub(crate) session: PgConnectOptions,
    pub(crate) connection: PgConnection,
    pub(crate) identity: Identity,
    pub(crate) head: u64,
    /// The epoch of the lease that was taken.
    pub(crate) lease: i64,
}

/// Opens the log, or creates it if an id is given; migrates it, checks its tail, takes the lease.
pub(crate) async fn open(
    url: &str,
    options: &Options,
    create: Option<Uuid>,
) -> Result<Opened, OpenError> {
    let (session, mut connection) = connected(url, options).await?;
    let prepared = prepared(&mut connection, options, create).await?;
    let found = prepared.identity.log_id.0;
    if let Some(LogId(expected)) = options.expected
        && expected != found
    {
        let schema = options.schema.clone();
        return Err(OpenError::OtherLog { schema, expected, found });
    }
    check_tail(&mut connection).await?;
    let lease = lease::take(&mut connection, options).await?;
    let Installation { identity, head } = prepared;
    Ok(Opened { session, connection, identity, head, lease })
}

/// Raises the epoch of the log: done once after a restore, before any node opens it. Tokens,
/// cursors and checkpoints of the epoch before no longer fit; a node that still runs stops.
///
/// # Errors
/// [`OpenError`].
pub async fn raise_epoch(url: &str, options: &Options) -> Result<Epoch, OpenError> {
    let threads = Threads::start(1)?;
    let (url, options) = (url.to_owned(), options.clone());
    let raising = async move { raise(&url, &options).await };
    threads.handle().spawn(raising).await.expect("opening does not panic")
}

async fn raise(url: &str, options: &Options) -> Result<Epoch, OpenError> {
    let (_, mut connection) = connected(url, options).await?;
    let prepared = prepared(&mut connection, options, None).await?;
    let epoch = prepared.identity.epoch.0 + 1;
    sqlx::query("UPDATE installation SET epoch = $1, fence = fence + 1")
        .bind(i64::from(epoch))
        .execute(&mut connection)
        .await
        .map_err(refused)?;
    Ok(Epoch(epoch))
}

async fn connected(
    url: &str,
    options: &Options,
) -> Result<(PgConnectOptions, PgConnection), OpenError> {
    options.check()?;
    let session = options.session(url)?;
    let connection = connect(&session, options.patience).await?;
    Ok((session, connection))
}

struct Installation {
    identity: Identity,
    head: u64,
}

/// Whoever creates or migrates holds this lock; the others wait and find it done.
async fn prepared(
    connection: &mut PgConnection,
    options: &Options,
    create: Option<Uuid>,
) -> Result<Installation, OpenError> {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
    let prepared = prepare(connection, options, create).await;
    let end = if prepared.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = sqlx::raw_sql(end).execute(&mut *connection).await;
    let prepared = prepared?;
    ended.map_err(refused)?;
    Ok(prepared)
}

async fn prepare(
    connection: &mut PgConnection,
    options: &Options,
    create: Option<Uuid>,
) -> Result<Installation, OpenError> {
    let schema = &options.schema;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('renshe-log:' || $1, 0))")
        .bind(schema)
        .execute(&mut *connection)
        .await?;
    let found = installed(connection, schema).await?;
    let version = match (create, found) {
        (Some(_), Some(_)) => return Err(OpenError::Exists { schema: schema.clone() }),
        (None, None) => return Err(OpenError::Missing { schema: schema.clone() }),
        (None, Some(version)) => version,
        (Some(log_id), None) => {
            let text = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
            run(connection, AssertSqlSafe(text)).await?;
            run(connection, MIGRATIONS[0]).await?;
            sqlx::query(
                "INSERT INTO installation (one, log_id, epoch, schema, head) \
                 VALUES (1, $1, 1, 1, 0)",
            )
            .bind(log_id)
            .execute(&mut *connection)
            .await?;
            1
        }
    };
    if version > SCHEMA {
        return Err(OpenError::NewerSchema { found: version, known: SCHEMA });
    }
    migrate(connection, version).await?;
    installation(connection).await
}

/// Runs what is missing. Nodes of an older program find out with their next append, and stop.
async fn migrate(connection: &mut PgConnection, from: i64) -> Result<(), OpenError> {
    let known = usize::try_from(from).unwrap_or_default();
    for (place, text) in MIGRATIONS.iter().enumerate().skip(known) {
        // Holds off the appends of other nodes while the tables change.
        run(connection, "SELECT one FROM installation FOR UPDATE").await?;
        run(connection, *text).await?;
        sqlx::query("UPDATE installation SET schema = $1")
            .bind(place as i64 + 1)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn run(connection: &mut PgConnection, text: impl sqlx::SqlSafeStr) -> Result<(), OpenError> {
    sqlx::raw_sql(text).execute(connection).await.map(drop).map_err(refused)
}

/// The version of the tables that stand in the schema, if they are a log's.
async fn installed(connection: &mut PgConnection, schema: &str) -> Result<Option<i64>, OpenError> {
    let names = sqlx::query(
        "SELECT c.relname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
    )
    .bind(schema)
    .bind(TABLES.as_slice())
    .fetch_all(&mut *connection)
    .await?;
    let names: Vec<String> = names.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let Some(first) = names.first() else { return Ok(None) };
    let foreign =
        |table: &str| OpenError::Foreign { schema: schema.to_owned(), table: table.to_owned() };
    if !names.iter().any(|name| name == "installation") {
        return Err(foreign(first));
    }
    match sqlx::query("SELECT schema FROM installation WHERE log_id IS NOT NULL AND one = 1")
        .fetch_optional(connection)
        .await
    {
        Ok(Some(row)) => row.try_get(0).map(Some).map_err(|_| foreign("installation")),
        // Somebody else's table of that name: no such column, or other types.
        Ok(None) | Err(sqlx::Error::Database(_)) => Err(foreign("installation")),
        Err(error) => Err(error.into()),
    }
}

async fn installation(connection: &mut PgConnection) -> Result<Installation, OpenError> {
    let row =
        sqlx::query("SELECT log_id, epoch, head FROM installation").fetch_one(connection).await?;
    let epoch = u32::try_from(row.try_get::<i64, _>(1)?).unwrap_or(u32::MAX);
    Ok(Installation {
        identity: Identity { log_id: LogId(row.try_get(0)?), epoch: Epoch(epoch) },
        head: row.try_get::<i64, _>(2)?.cast_unsigned(),
    })
}

/// Whether the counter and the last events agree; one statement, so that other nodes may write.
async fn check_tail(connection: &mut PgConnection) -> Result<(), OpenError> {
    let row = sqlx::query(
        "SELECT i.head, i.recorded_at, \
             (SELECT max(position) FROM events), \
             (SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1), \
             (SELECT count(*) FROM events WHERE position > i.head - $1) \
         FROM installation i",
    )
    .bind(integer(TAIL))
    .fetch_one(connection)
    .await?;
    let head: i64 = row.try_get(0)?;
    let last = row.try_get::<Option<i64>, _>(2)?.unwrap_or_default();
    let damaged = |position: i64, what: String| {
        Err(OpenError::Damaged { position: Position(position.cast_unsigned()), what })
    };
    if head != last {
        return damaged(
            head.min(last),
            format!("the counter stands at {head}, the last event at {last}"),
        );
    }
    let (counted, recorded): (Option<i64>, Option<i64>) = (row.try_get(1)?, row.try_get(3)?);
    if counted != recorded {
        return damaged(head, "the counter's recorded time is not the last event's".to_owned());
    }
    let tail: i64 = row.try_get(4)?;
    let expected = head.min(integer(TAIL));
    if tail != expected {
        return damaged(head, format!("of the last {expected} events {tail} are there"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_counted_from_the_list() {
        assert_eq!(SCHEMA, 3);
        assert!(MIGRATIONS[0].contains("CREATE TABLE installation"));
    }
}
