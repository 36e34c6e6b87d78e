//! A group in one round trip: judged on what this node knows, written if nothing has moved since.
//!
//! That takes a node that writes alone, and a group that only adds. What has moved — the counter,
//! the epoch, the lease, a node that came — the statement sees with the counter locked, and writes
//! nothing; then the group is judged again in a transaction.
//!
//! **Invariant** of a group whose answer was lost it is found out, with the counter locked, whether
//! it is stored, before it is written again: a statement that is still on its way finds the head
//! moved.

use std::sync::atomic::Ordering;

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::facts::Facts;
use crate::fault::Fault;
use crate::group::{Care, Doubtful, Staged, judge};
use crate::lease;
use crate::queries::integer;
use crate::request::{Request, appends};
use crate::rows::Stand;
use crate::trouble::{self, Trouble};
use crate::writer::{Done, Writer};

/// A group that was sent to be committed, and is not answered.
pub(crate) struct Doubt {
    /// The head that it was to follow.
    after: u64,
    /// Its first event; none where it adds none, and nobody can tell.
    first: Option<Uuid>,
    done: Done,
}

impl Doubt {
    pub(crate) fn new(after: u64, first: Option<Uuid>, done: Done) -> Self {
        Self { after, first, done }
    }

    pub(crate) fn done(self) -> Done {
        self.done
    }

    pub(crate) fn stays(&self) -> bool {
        self.first.is_none()
    }
}

impl Writer {
    /// None where it has to be judged with the counter locked.
    pub(crate) async fn at_once(
        &mut self,
        connection: &mut PgConnection,
        group: &[Request],
        care: Care,
    ) -> Result<Option<Done>, Fault> {
        let Some(alone) = self.known.alone() else { return Ok(None) };
        if care == Care::Checking || self.doubt.is_some() {
            return Ok(None);
        }
        // Without the lock: true as long as the head is still the known one.
        let facts = Facts::gather(connection, &mut self.known, &appends(group), care).await?;
        let after = self.known.head();
        let staged = Staged::new(after, alone.recorded_at, care);
        let (verdicts, staged) = match judge(&facts, group, staged, &*self.clock) {
            Ok((verdicts, staged)) if staged.is_changed() && staged.is_provable() => {
                (verdicts, staged)
            }
            Ok(_) | Err(Doubtful) => return Ok(None),
        };
        let (rows, changes) = staged.rows();
        if !rows.only_add_events() {
            return Ok(None);
        }
        let done = Done { verdicts, head: changes.head, changes: Some(changes) };
        self.doubt = Some(Doubt::new(after, rows.first(), done));
        let stand = Stand {
            identity: self.identity,
            fence: alone.fence,
            head: integer(after),
            node: &self.node,
            lease: self.lease.load(Ordering::Acquire),
            lease_millis: lease::millis(self.lease_lasts),
        };
        match rows.write_at_once(connection, &stand).await {
            Ok(true) => Ok(self.doubt.take().map(Doubt::done)),
            Ok(false) => {
                self.doubt = None;
                Ok(None)
            }
            Err(error) => {
                if trouble::of(&error) != Trouble::Gone {
                    self.doubt = None;
                }
                Err(error.into())
            }
        }
    }

    /// The group whose answer was lost, if it is stored; asked with the counter locked, which it
    /// then gives up.
    pub(crate) async fn settled(
        &mut self,
        connection: &mut PgConnection,
    ) -> Result<Option<Done>, Fault> {
        let Some(Doubt { after, first, .. }) = &self.doubt else { return Ok(None) };
        let stored = sqlx::query("SELECT 1 FROM events WHERE position = $1 AND id = $2")
            .bind(integer(after + 1))
            .bind(*first)
            .fetch_optional(&mut *connection)
            .await?;
        if stored.is_none() {
            self.doubt = None;
            return Ok(None);
        }
        sqlx::raw_sql("ROLLBACK").execute(connection).await?;
        Ok(self.doubt.take().map(Doubt::done))
    }
}
