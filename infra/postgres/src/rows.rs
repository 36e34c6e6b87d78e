//! Rows in bulk: columns as arrays, one statement for all that every group writes.

use std::collections::HashMap;

use kernel::log::Done;
use kernel::{CommandRecord, Identity, Lookup, NewEvent, Position};
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::Query;
use sqlx::{Error, Postgres, Row as _};
use uuid::Uuid;

use crate::queries::integer;

type Bound<'q> = Query<'q, Postgres, PgArguments>;

/// Events, types, claims, commands and the counter: one round trip. The notification, where there is
/// a channel, leaves with the COMMIT.
const WRITE: &str = "WITH added AS ( \
         INSERT INTO events (position, stream, revision, type, id, recorded_at, meta, data) \
         SELECT $1::bigint + n, stream, revision, type, id, recorded_at, meta, data \
         FROM UNNEST($2::text[], $3::bigint[], $4::text[], $5::uuid[], $6::bigint[], $7::text[], \
             $8::text[]) WITH ORDINALITY AS e (stream, revision, type, id, recorded_at, meta, data, n) \
     ), counted AS ( \
         INSERT INTO types (name, last) SELECT * FROM UNNEST($9::text[], $10::bigint[]) \
         ON CONFLICT (name) DO UPDATE SET last = excluded.last \
     ), taken AS ( \
         INSERT INTO claims (key, holder, position) \
         SELECT * FROM UNNEST($11::text[], $12::text[], $13::bigint[]) \
     ), carried_out AS ( \
         INSERT INTO commands (id, digest, result, last) \
         SELECT * FROM UNNEST($14::uuid[], $15::bytea[], $16::text[], $17::bigint[]) \
     ) \
     UPDATE installation SET head = $18, recorded_at = $19 WHERE one = 1 \
     RETURNING CASE WHEN $20::text IS NOT NULL THEN pg_notify($20::text, $18::text)::text END";

/// As [`WRITE`], in a transaction of its own that also checks what the rows were judged on.
const WRITE_AT_ONCE: &str = "SELECT write_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
     $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";

/// What rows were judged on, as the writer knows it.
pub(crate) struct Stand<'a> {
    pub(crate) identity: Identity,
    pub(crate) fence: i64,
    pub(crate) head: i64,
    pub(crate) node: &'a str,
    pub(crate) lease: i64,
    pub(crate) lease_millis: i64,
}

/// Columns of new events.
pub(crate) struct EventRows<'g> {
    /// The position before the first.
    after: u64,
    streams: Vec<&'g str>,
    revisions: Vec<i64>,
    types: Vec<&'g str>,
    ids: Vec<Uuid>,
    recorded: Vec<i64>,
    metas: Vec<&'g str>,
    datas: Vec<&'g str>,
}

impl<'g> EventRows<'g> {
    pub(crate) fn after(after: u64) -> Self {
        Self {
            after,
            streams: Vec::new(),
            revisions: Vec::new(),
            types: Vec::new(),
            ids: Vec::new(),
            recorded: Vec::new(),
            metas: Vec::new(),
            datas: Vec::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        stream: &'g str,
        revision: u64,
        event: &'g NewEvent,
        recorded_at: i64,
        meta: &'g str,
    ) {
        self.streams.push(stream);
        self.revisions.push(integer(revision));
        self.types.push(&event.type_name);
        self.ids.push(event.id);
        self.recorded.push(recorded_at);
        self.metas.push(meta);
        self.datas.push(&event.data);
    }
}

/// Columns of commands carried out.
#[derive(Default)]
pub(crate) struct CommandRows<'g> {
    ids: Vec<Uuid>,
    digests: Vec<&'g [u8]>,
    results: Vec<&'g str>,
    lasts: Vec<i64>,
    records: Vec<&'g CommandRecord>,
}

impl<'g> CommandRows<'g> {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn push(&mut self, command: &'g CommandRecord, last: u64) {
        self.ids.push(command.id);
        self.digests.push(&command.digest);
        self.results.push(&command.result);
        self.lasts.push(integer(last));
        self.records.push(command);
    }

    pub(crate) fn done(&self, place: usize) -> Done {
        let record = self.records[place];
        let last = Position(self.lasts[place].cast_unsigned());
        Done { digest: record.digest, result: record.result.clone(), last }
    }
}

#[derive(Clone, Copy)]
pub(crate) enum LookupChange<'g> {
    Add(&'g Lookup),
    Remove(&'g Lookup),
}

pub(crate) struct Rows<'g> {
    pub(crate) head: u64,
    pub(crate) recorded_at: Option<i64>,
    pub(crate) events: EventRows<'g>,
    pub(crate) types: HashMap<&'g str, u64>,
    /// Key, holder, position.
    pub(crate) taken: Vec<(&'g str, &'g str, u64)>,
    pub(crate) released: Vec<&'g str>,
    pub(crate) lookups: Vec<LookupChange<'g>>,
    pub(crate) commands: CommandRows<'g>,
    pub(crate) cursors: HashMap<&'g str, u64>,
}

impl Rows<'_> {
    /// Writes every row; the transaction is the caller's.
    pub(crate) async fn write(
        &self,
        connection: &mut PgConnection,
        channel: Option<&str>,
    ) -> Result<(), Error> {
        if !self.released.is_empty() {
            sqlx::query("DELETE FROM claims WHERE key = ANY($1)")
                .bind(self.released.as_slice())
                .execute(&mut *connection)
                .await?;
        }
        let same = |one: &LookupChange<'_>, next: &LookupChange<'_>| {
            matches!(one, LookupChange::Add(_)) == matches!(next, LookupChange::Add(_))
        };
        for run in self.lookups.chunk_by(same) {
            write_lookups(connection, run).await?;
        }
        if !self.cursors.is_empty() {
            let (processes, positions): (Vec<&str>, Vec<i64>) =
                self.cursors.iter().map(|(process, to)| (*process, integer(*to))).unzip();
            sqlx::query(
                "INSERT INTO cursors (process, position) \
                 SELECT * FROM UNNEST($1::text[], $2::bigint[]) ON CONFLICT (process) DO UPDATE \
                 SET position = GREATEST(cursors.position, excluded.position)",
            )
            .bind(processes)
            .bind(positions)
            .execute(&mut *connection)
            .await?;
        }
        self.write_rest(connection, channel).await
    }

    /// Writes them in one round trip and commits; false where they were judged on something that
    /// has moved, and nothing was written.
    pub(crate) async fn write_at_once(
        &self,
        connection: &mut PgConnection,
        stand: &Stand<'_>,
    ) -> Result<bool, Error> {
        let query = sqlx::query(WRITE_AT_ONCE)
            .bind(stand.identity.log_id.0)
            .bind(i64::from(stand.identity.epoch.0))
            .bind(stand.fence)
            .bind(stand.head)
            .bind(stand.node)
            .bind(stand.lease)
            .bind(stand.lease_millis);
        self.columns(query).fetch_one(connection).await?.try_get(0)
    }

    /// Whether there is nothing to change or remove, and an event to add.
    pub(crate) fn only_add_events(&self) -> bool {
        let Self { events, released, lookups, cursors, .. } = self;
        !events.ids.is_empty() && released.is_empty() && lookups.is_empty() && cursors.is_empty()
    }

    /// The first event.
    pub(crate) fn first(&self) -> Option<Uuid> {
        self.events.ids.first().copied()
    }

    async fn write_rest(
        &self,
        connection: &mut PgConnection,
        channel: Option<&str>,
    ) -> Result<(), Error> {
        let query = sqlx::query(WRITE).bind(integer(self.events.after));
        self.columns(query).bind(channel).execute(connection).await?;
        Ok(())
    }

    /// Binds events, types, claims, commands and the counter.
    fn columns<'q>(&'q self, query: Bound<'q>) -> Bound<'q> {
        let (types, lasts): (Vec<&str>, Vec<i64>) =
            self.types.iter().map(|(name, last)| (*name, integer(*last))).unzip();
        let keys: Vec<&str> = self.taken.iter().map(|(key, ..)| *key).collect();
        let holders: Vec<&str> = self.taken.iter().map(|(_, holder, _)| *holder).collect();
        let since: Vec<i64> = self.taken.iter().map(|(.., position)| integer(*position)).collect();
        let EventRows { streams, revisions, types: names, ids, recorded, metas, datas, .. } =
            &self.events;
        query
            .bind(streams.as_slice())
            .bind(revisions.as_slice())
            .bind(names.as_slice())
            .bind(ids.as_slice())
            .bind(recorded.as_slice())
            .bind(metas.as_slice())
            .bind(datas.as_slice())
            .bind(types)
            .bind(lasts)
            .bind(keys)
            .bind(holders)
            .bind(since)
            .bind(self.commands.ids.as_slice())
            .bind(self.commands.digests.as_slice())
            .bind(self.commands.results.as_slice())
            .bind(self.commands.lasts.as_slice())
            .bind(integer(self.head))
            .bind(self.recorded_at)
    }
}

/// A run of additions, or of removals.
async fn write_lookups(
    connection: &mut PgConnection,
    run: &[LookupChange<'_>],
) -> Result<(), Error> {
    let (mut kinds, mut blinds, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
    for LookupChange::Add(entry) | LookupChange::Remove(entry) in run {
        kinds.push(entry.kind.as_str());
        blinds.push(entry.blind.as_str());
        subjects.push(entry.subject);
    }
    let text = match run.first() {
        Some(LookupChange::Remove(_)) => {
            "DELETE FROM lookups l USING UNNEST($1::text[], $2::text[], $3::uuid[]) \
                 AS gone (kind, blind, subject) \
             WHERE l.kind = gone.kind AND l.blind = gone.blind AND l.subject = gone.subject"
        }
        Some(LookupChange::Add(_)) | None => {
            "INSERT INTO lookups (kind, blind, subject) \
             SELECT * FROM UNNEST($1::text[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING"
        }
    };
    sqlx::query(text).bind(kinds).bind(blinds).bind(subjects).execute(connection).await?;
    Ok(())
}
