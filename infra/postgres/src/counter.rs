//! How a group begins: the counter's row is locked, the lease is checked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::fault::Fault;
use crate::lease;
use crate::writer::Writer;

pub(crate) struct Counter {
    /// Whether there is another node to notify.
    pub(crate) heard: bool,
    pub(crate) head: u64,
    /// The last lease that was given to any node: it rises when one comes.
    pub(crate) fence: i64,
    pub(crate) recorded_at: Option<i64>,
}

/// Begins, and locks the counter. The lease is read by a statement of its own: it sees what was
/// committed while the lock was waited for, a join would not.
pub(crate) fn begin(node: &str, lease: Duration) -> Arc<str> {
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; \
         SELECT head, recorded_at, log_id, epoch, fence FROM installation WHERE one = 1 FOR UPDATE; \
         SELECT epoch, until > clock_timestamp(), \
             until < clock_timestamp() + {} * interval '1 millisecond', \
             EXISTS (SELECT 1 FROM writers o WHERE o.node <> '{node}' \
                 AND o.until > clock_timestamp()) \
         FROM writers WHERE node = '{node}'",
        lease::millis(lease * 2 / 3)
    )
    .into()
}

impl Writer {
    /// Locks the counter, and makes sure that this node may still write this log.
    pub(crate) async fn begin(&self, connection: &mut PgConnection) -> Result<Counter, Fault> {
        let text = AssertSqlSafe(Arc::clone(&self.begin));
        let rows = sqlx::raw_sql(text).fetch_all(&mut *connection).await?;
        let mut rows = rows.iter();
        let changed = |reason: &str| Fault::Changed(reason.to_owned());
        let row = rows.next().ok_or_else(|| changed("the log's installation row is gone"))?;
        let (log_id, epoch): (Uuid, i64) = (row.try_get(2)?, row.try_get(3)?);
        if log_id != self.identity.log_id.0 {
            return Err(changed("another log stands in the schema now"));
        }
        if epoch != i64::from(self.identity.epoch.0) {
            return Err(changed("the log was restored: its epoch was raised"));
        }
        let mut counter = Counter {
            heard: false,
            head: row.try_get::<i64, _>(0)?.cast_unsigned(),
            fence: row.try_get(4)?,
            recorded_at: row.try_get(1)?,
        };
        let held = self.lease.load(Ordering::Acquire);
        let Some(row) = rows.next() else {
            return Err(Fault::Superseded { held, current: counter.fence });
        };
        let (current, live, ends): (i64, bool, bool) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if current != held {
            return Err(Fault::Superseded { held, current });
        }
        if !live {
            let current = lease::raise(connection, &self.node, self.lease_lasts).await?;
            sqlx::raw_sql("COMMIT").execute(connection).await?;
            self.lease.store(current, Ordering::Release);
            return Err(Fault::Lapsed { held, current });
        }
        counter.heard = row.try_get(3)?;
        if ends {
            lease::renew(connection, &self.node, held, self.lease_lasts).await?;
        }
        Ok(counter)
    }
}
