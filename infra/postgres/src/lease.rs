//! The right to write: one epoch per node, rising over all nodes, checked inside every append.
//!
//! **Invariant** an append commits only while its node's row holds the epoch under which the
//! append was accepted, and is not past its time by the server's clock.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Error, Row};

use crate::connect::{OpenError, refused};
use crate::options::Options;

/// Takes the lease in a transaction of its own, from whoever has this node's name.
pub(crate) async fn take(
    connection: &mut PgConnection,
    options: &Options,
) -> Result<i64, OpenError> {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
    let taken = raise(connection, &options.node, options.lease).await;
    let end = if taken.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = sqlx::raw_sql(end).execute(&mut *connection).await;
    let taken = taken.map_err(refused)?;
    ended.map_err(refused)?;
    Ok(taken)
}

/// Gives `node` the next epoch, inside the caller's transaction.
pub(crate) async fn raise(
    connection: &mut PgConnection,
    node: &str,
    lease: Duration,
) -> Result<i64, Error> {
    let row =
        sqlx::query("UPDATE installation SET fence = fence + 1 WHERE one = 1 RETURNING fence")
            .fetch_one(&mut *connection)
            .await?;
    let epoch: i64 = row.try_get(0)?;
    sqlx::query(
        "INSERT INTO writers (node, epoch, until) \
         VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond') \
         ON CONFLICT (node) DO UPDATE SET epoch = excluded.epoch, until = excluded.until",
    )
    .bind(node)
    .bind(epoch)
    .bind(millis(lease))
    .execute(connection)
    .await?;
    Ok(epoch)
}

/// A sign of life. False where the lease has run out or was taken over: then nothing changes.
pub(crate) async fn renew(
    connection: &mut PgConnection,
    node: &str,
    epoch: i64,
    lease: Duration,
) -> Result<bool, Error> {
    let renewed = sqlx::query(
        "UPDATE writers SET until = clock_timestamp() + $3 * interval '1 millisecond' \
         WHERE node = $1 AND epoch = $2 AND until > clock_timestamp()",
    )
    .bind(node)
    .bind(epoch)
    .bind(millis(lease))
    .execute(connection)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
