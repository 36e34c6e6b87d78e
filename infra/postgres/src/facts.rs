//! What a group's judgement needs to know of the stored log, asked for in one question per kind.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

use kernel::append::Held;
use kernel::log::Done;
use kernel::{Append, Position, Revision};
use lru::LruCache;
use sqlx::postgres::PgConnection;
use sqlx::{Error, Row};
use uuid::Uuid;

use crate::counter::Counter;
use crate::group::{Care, Changes};
use crate::queries::{done_of, integer};

/// What the writer knows without asking. It holds as long as nobody else wrote.
pub(crate) struct Known {
    head: u64,
    revisions: LruCache<Box<str>, u64>,
    alone: Option<Alone>,
}

/// No other node held a lease when the counter was last locked: that is so as long as the fence
/// stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alone {
    pub(crate) fence: i64,
    /// The counter's recorded time.
    pub(crate) recorded_at: Option<i64>,
}

impl Known {
    pub(crate) fn new(head: u64, revisions_max: usize) -> Self {
        let max = NonZeroUsize::new(revisions_max).unwrap_or(NonZeroUsize::MIN);
        Self { head, revisions: LruCache::new(max), alone: None }
    }

    /// Called with the counter locked: another node's events make all of it doubtful.
    pub(crate) fn reconcile(&mut self, counter: &Counter) {
        let Counter { heard, head, fence, recorded_at } = *counter;
        if head != self.head {
            self.revisions.clear();
            self.head = head;
        }
        self.alone = (!heard).then_some(Alone { fence, recorded_at });
    }

    pub(crate) fn advance(&mut self, changes: Changes) {
        let Changes { head, recorded_at, revisions } = changes;
        self.head = head;
        if let Some(alone) = &mut self.alone {
            alone.recorded_at = recorded_at;
        }
        for (stream, revision) in revisions {
            self.revisions.put(stream, revision);
        }
    }

    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    pub(crate) fn alone(&self) -> Option<Alone> {
        self.alone
    }

    /// Something did not go as it should: the counter is locked before the next group is judged.
    pub(crate) fn doubt(&mut self) {
        self.alone = None;
    }
}

#[derive(Default)]
pub(crate) struct Facts<'g> {
    pub(crate) revisions: HashMap<&'g str, u64>,
    pub(crate) claims: HashMap<String, Held>,
    pub(crate) commands: HashMap<Uuid, Done>,
    pub(crate) ids: HashSet<Uuid>,
    /// Types that occurred after the earliest position that anyone asked about.
    pub(crate) types: Vec<(String, u64)>,
}

impl<'g> Facts<'g> {
    /// Asks on the connection that holds the counter: nobody can change the answers until COMMIT.
    pub(crate) async fn gather(
        connection: &mut PgConnection,
        known: &mut Known,
        appends: &[&'g Append],
        care: Care,
    ) -> Result<Self, Error> {
        let mut facts = Self::default();
        facts.gather_revisions(connection, known, appends, care).await?;
        facts.gather_claims(connection, appends, care).await?;
        facts.gather_types(connection, appends).await?;
        if care == Care::Checking {
            facts.gather_commands(connection, appends).await?;
            facts.gather_ids(connection, appends).await?;
        }
        Ok(facts)
    }

    async fn gather_revisions(
        &mut self,
        connection: &mut PgConnection,
        known: &mut Known,
        appends: &[&'g Append],
        care: Care,
    ) -> Result<(), Error> {
        let mut unknown = HashSet::new();
        for append in appends {
            let written = append
                .writes
                .iter()
                // UNIQUE (stream, revision) catches a first event that is not the first.
                .filter(|write| {
                    care == Care::Checking
                        || write.expected != Revision::NONE
                        || write.events.is_empty()
                })
                .map(|write| write.stream.as_str());
            let guarded = append.guards.iter().map(|guard| guard.stream.as_str());
            for stream in written.chain(guarded) {
                match known.revisions.get(stream) {
                    Some(revision) => {
                        self.revisions.insert(stream, *revision);
                    }
                    None => {
                        unknown.insert(stream);
                    }
                }
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<&str> = unknown.into_iter().collect();
        let rows = sqlx::query(
            "SELECT COALESCE((SELECT e.revision FROM events e WHERE e.stream = s.stream \
                 ORDER BY e.revision DESC LIMIT 1), 0) \
             FROM UNNEST($1::text[]) WITH ORDINALITY s (stream, n) ORDER BY s.n",
        )
        .bind(unknown.as_slice())
        .fetch_all(connection)
        .await?;
        for (stream, row) in unknown.into_iter().zip(rows) {
            let revision = row.try_get::<i64, _>(0)?.cast_unsigned();
            self.revisions.insert(stream, revision);
            known.revisions.put(stream.into(), revision);
        }
        Ok(())
    }

    async fn gather_claims(
        &mut self,
        connection: &mut PgConnection,
        appends: &[&'g Append],
        care: Care,
    ) -> Result<(), Error> {
        let released = appends.iter().flat_map(|append| &append.release);
        let taken =
            appends.iter().filter(|_| care == Care::Checking).flat_map(|append| &append.take);
        let keys: HashSet<&str> = released.chain(taken).map(|claim| claim.key.as_str()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query("SELECT key, holder, position FROM claims WHERE key = ANY($1)")
            .bind(keys.into_iter().collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        for row in rows {
            let position = Position(row.try_get::<i64, _>(2)?.cast_unsigned());
            self.claims.insert(row.try_get(0)?, Held { holder: row.try_get(1)?, position });
        }
        Ok(())
    }

    async fn gather_types(
        &mut self,
        connection: &mut PgConnection,
        appends: &[&'g Append],
    ) -> Result<(), Error> {
        let earliest = appends.iter().filter_map(|append| append.none_since.as_ref());
        let Some(earliest) = earliest.map(|since| since.after.0).min() else { return Ok(()) };
        let rows = sqlx::query("SELECT name, last FROM types WHERE last > $1")
            .bind(integer(earliest))
            .fetch_all(connection)
            .await?;
        for row in rows {
            self.types.push((row.try_get(0)?, row.try_get::<i64, _>(1)?.cast_unsigned()));
        }
        Ok(())
    }

    async fn gather_commands(
        &mut self,
        connection: &mut PgConnection,
        appends: &[&'g Append],
    ) -> Result<(), Error> {
        let commands = appends.iter().filter_map(|append| append.command.as_ref());
        let ids: Vec<Uuid> = commands.map(|command| command.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query("SELECT id, digest, result, last FROM commands WHERE id = ANY($1)")
            .bind(ids)
            .fetch_all(connection)
            .await?;
        for row in rows {
            self.commands.insert(row.try_get(0)?, done_of(&row, 1)?);
        }
        Ok(())
    }

    async fn gather_ids(
        &mut self,
        connection: &mut PgConnection,
        appends: &[&'g Append],
    ) -> Result<(), Error> {
        let events = appends.iter().flat_map(|append| &append.writes).flat_map(|w| &w.events);
        let ids: Vec<Uuid> = events.map(|event| event.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query("SELECT id FROM events WHERE id = ANY($1)")
            .bind(ids)
            .fetch_all(connection)
            .await?;
        for row in rows {
            self.ids.insert(row.try_get(0)?);
        }
        Ok(())
    }
}
