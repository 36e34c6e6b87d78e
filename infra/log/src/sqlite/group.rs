//! One group: every append judged against what is stored and what stands before it in the group.
//!
//! Nothing is written while judging, so a refusal has nothing to undo. What a UNIQUE index will
//! catch anyway — a taken event id, claim or command, a stream that is not new — is first taken on
//! [`Care::Trusting`]: no look-up, and in the rare case that the index objects, the group is rolled
//! back and judged again with [`Care::Checking`].

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

use kernel::append::Held;
use kernel::log::Done;
use kernel::{
    Append, AppendError, Appended, ClaimConflict, Conflicts, Micros, Position, Revision,
    RevisionConflict,
};
use lru::LruCache;
use rusqlite::Connection;
use uuid::Uuid;

use super::file::Stored;
use super::queries;
use super::rows::{Bulk, ClaimRow, CommandRow, EventRow, LookupRow};
use super::writer::{Refused, Verdict};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    Trusting,
    Checking,
}

/// What the writer knows of the stored log without asking it.
pub(super) struct Known {
    pub(super) stored: Stored,
    revisions: LruCache<Box<str>, u64>,
}

impl Known {
    pub(super) fn new(stored: Stored, revisions_max: usize) -> Self {
        let max = NonZeroUsize::new(revisions_max).unwrap_or(NonZeroUsize::MIN);
        Self { stored, revisions: LruCache::new(max) }
    }

    fn revision(&mut self, connection: &Connection, stream: &str) -> rusqlite::Result<u64> {
        if let Some(revision) = self.revisions.get(stream) {
            return Ok(*revision);
        }
        let revision = queries::revision(connection, stream)?;
        self.revisions.put(stream.into(), revision);
        Ok(revision)
    }

    /// The group is durable: what was staged is stored now.
    pub(super) fn advance(&mut self, changes: Changes) {
        self.stored.head = changes.head;
        self.stored.recorded_at = changes.recorded_at;
        for (stream, revision) in changes.revisions {
            self.revisions.put(stream, revision);
        }
        for (name, last) in changes.types {
            self.stored.types.insert(name, last);
        }
    }
}

/// What a group changes in [`Known`].
pub(super) struct Changes {
    pub(super) head: u64,
    recorded_at: Option<i64>,
    revisions: Vec<(Box<str>, u64)>,
    types: Vec<(String, u64)>,
}

/// The rows of a group so far.
pub(super) struct Staged<'g> {
    care: Care,
    head: u64,
    recorded_at: Option<i64>,
    events: Vec<EventRow<'g>>,
    revisions: HashMap<&'g str, u64>,
    types: HashMap<&'g str, u64>,
    ids: HashSet<&'g [u8; 16]>,
    /// Keys that this group changed: the row that takes it, or nothing where it was released.
    claims: HashMap<&'g str, Option<usize>>,
    taken: Vec<Option<ClaimRow<'g>>>,
    /// Stored keys to delete.
    released: Vec<&'g str>,
    lookups: Vec<(LookupChange, LookupRow<'g>)>,
    commands: Vec<CommandRow<'g>>,
    command_places: HashMap<&'g [u8; 16], usize>,
    cursors: Vec<(&'g str, u64)>,
    changed: bool,
    /// A key taken on trust was released again: no index will see whether it was free.
    unproven: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookupChange {
    Add,
    Remove,
}

impl<'g> Staged<'g> {
    pub(super) fn new(known: &Known, care: Care) -> Self {
        Self {
            care,
            head: known.stored.head,
            recorded_at: known.stored.recorded_at,
            events: Vec::new(),
            revisions: HashMap::new(),
            types: HashMap::new(),
            ids: HashSet::new(),
            claims: HashMap::new(),
            taken: Vec::new(),
            released: Vec::new(),
            lookups: Vec::new(),
            commands: Vec::new(),
            command_places: HashMap::new(),
            cursors: Vec::new(),
            changed: false,
            unproven: false,
        }
    }

    /// Judges one append, and stages it if it stands.
    pub(super) fn judge(
        &mut self,
        connection: &Connection,
        known: &mut Known,
        append: &'g Append,
        meta: &'g str,
        now: Micros,
    ) -> rusqlite::Result<Verdict> {
        let mut refused = self.refusal(connection, known, append, self.care)?;
        if refused.is_some() && self.care == Care::Trusting {
            // It is refused; now find out everything that stands in its way.
            refused = self.refusal(connection, known, append, Care::Checking)?;
        }
        match refused {
            Some(verdict) => Ok(verdict),
            None => Ok(Ok(self.stage(append, meta, now))),
        }
    }

    fn refusal(
        &self,
        connection: &Connection,
        known: &mut Known,
        append: &'g Append,
        care: Care,
    ) -> rusqlite::Result<Option<Verdict>> {
        if let Some(command) = &append.command
            && let Some(done) = self.done(connection, command.id, care)?
        {
            return Ok(Some(if done.digest == command.digest {
                Ok(Appended::Before { result: done.result, last: done.last })
            } else {
                Err(Refused::For(AppendError::CommandAltered { id: command.id }))
            }));
        }
        let conflicts = Conflicts {
            revisions: self.moved(connection, known, append, care)?,
            since: Vec::new(),
            claims: self.contested(connection, append, care)?,
        };
        if let Some(since) = &append.none_since
            && self.occurred(known, since)
        {
            let since = since.clone();
            return Ok(Some(Err(Refused::Since { conflicts, since, upto: self.head })));
        }
        if !conflicts.is_empty() {
            return Ok(Some(Err(Refused::For(AppendError::Conflict(conflicts)))));
        }
        if care == Care::Checking {
            for event in append.writes.iter().flat_map(|write| &write.events) {
                let id = event.id;
                if self.ids.contains(id.as_bytes()) || queries::has_event(connection, id)? {
                    return Ok(Some(Err(Refused::For(AppendError::EventIdTaken { id }))));
                }
            }
        }
        Ok(None)
    }

    fn done(
        &self,
        connection: &Connection,
        id: Uuid,
        care: Care,
    ) -> rusqlite::Result<Option<Done>> {
        if let Some(place) = self.command_places.get(id.as_bytes()) {
            let row = &self.commands[*place];
            return Ok(Some(Done {
                digest: *row.digest,
                result: row.result.to_owned(),
                last: Position(row.last),
            }));
        }
        match care {
            Care::Trusting => Ok(None),
            Care::Checking => queries::command(connection, id),
        }
    }

    fn moved(
        &self,
        connection: &Connection,
        known: &mut Known,
        append: &Append,
        care: Care,
    ) -> rusqlite::Result<Vec<RevisionConflict>> {
        let mut moved = Vec::new();
        let mut compare = |stream: &kernel::StreamName, expected: Revision, trusted| {
            let actual = match self.revisions.get(stream.as_str()) {
                Some(revision) => *revision,
                None if trusted => return Ok(()),
                None => known.revision(connection, stream.as_str())?,
            };
            let actual = Revision(actual);
            if actual != expected {
                moved.push(RevisionConflict { stream: stream.clone(), expected, actual });
            }
            Ok::<_, rusqlite::Error>(())
        };
        for write in &append.writes {
            // UNIQUE (stream, revision) catches a first event that is not the first.
            let first = write.expected == Revision::NONE && !write.events.is_empty();
            compare(&write.stream, write.expected, first && care == Care::Trusting)?;
        }
        for guard in &append.guards {
            compare(&guard.stream, guard.revision, false)?;
        }
        Ok(moved)
    }

    fn occurred(&self, known: &Known, since: &kernel::NoneSince) -> bool {
        let stored = known.stored.types.iter().map(|(name, last)| (name.as_str(), *last));
        let staged = self.types.iter().map(|(name, last)| (*name, *last));
        stored.chain(staged).any(|(name, last)| last > since.after.0 && since.matches(name))
    }

    fn contested(
        &self,
        connection: &Connection,
        append: &Append,
        care: Care,
    ) -> rusqlite::Result<Vec<ClaimConflict>> {
        let mut contested = Vec::new();
        for claim in &append.release {
            let held = self.held(connection, &claim.key, Care::Checking)?;
            if held.as_ref().is_none_or(|held| held.holder != claim.holder) {
                contested.push(ClaimConflict { key: claim.key.clone(), held });
            }
        }
        let released: HashSet<&str> =
            append.release.iter().map(|claim| claim.key.as_str()).collect();
        for claim in &append.take {
            if released.contains(claim.key.as_str()) {
                continue;
            }
            if let Some(held) = self.held(connection, &claim.key, care)? {
                contested.push(ClaimConflict { key: claim.key.clone(), held: Some(held) });
            }
        }
        Ok(contested)
    }

    fn held(
        &self,
        connection: &Connection,
        key: &str,
        care: Care,
    ) -> rusqlite::Result<Option<Held>> {
        match (self.claims.get(key), care) {
            (Some(change), _) => {
                let row = change.and_then(|place| self.taken[place].as_ref());
                Ok(row.map(|row| Held {
                    holder: row.holder.to_owned(),
                    position: Position(row.position),
                }))
            }
            (None, Care::Trusting) => Ok(None),
            (None, Care::Checking) => queries::held(connection, key),
        }
    }

    fn stage(&mut self, append: &'g Append, meta: &'g str, now: Micros) -> Appended {
        self.changed = true;
        let first = Position(self.head + 1);
        let mut recorded_at = now.0;
        for write in &append.writes {
            let stream = write.stream.as_str();
            let mut revision = write.expected.0;
            for event in &write.events {
                self.head += 1;
                revision += 1;
                recorded_at = self.recorded_at.map_or(now.0, |last| now.0.max(last + 1));
                self.recorded_at = Some(recorded_at);
                if self.care == Care::Checking {
                    self.ids.insert(event.id.as_bytes());
                }
                self.events.push(EventRow {
                    position: self.head.cast_signed(),
                    stream,
                    revision: revision.cast_signed(),
                    type_name: &event.type_name,
                    id: event.id.as_bytes(),
                    recorded_at,
                    meta,
                    data: &event.data,
                });
                self.types.insert(&event.type_name, self.head);
            }
            self.revisions.insert(stream, revision);
        }
        let last = self.head;
        for claim in &append.release {
            match self.claims.insert(&claim.key, None) {
                Some(Some(place)) => {
                    self.taken[place] = None;
                    self.unproven |= self.care == Care::Trusting;
                }
                Some(None) => {}
                None => self.released.push(&claim.key),
            }
        }
        for claim in &append.take {
            self.claims.insert(&claim.key, Some(self.taken.len()));
            let row = ClaimRow { key: &claim.key, holder: &claim.holder, position: last };
            self.taken.push(Some(row));
        }
        let removed = append.unindex.iter().map(|entry| (LookupChange::Remove, entry));
        let added = append.index.iter().map(|entry| (LookupChange::Add, entry));
        for (change, entry) in removed.chain(added) {
            let (kind, blind, subject) = (&entry.kind, &entry.blind, entry.subject.as_bytes());
            self.lookups.push((change, LookupRow { kind, blind, subject }));
        }
        if let Some(command) = &append.command {
            self.command_places.insert(command.id.as_bytes(), self.commands.len());
            self.commands.push(CommandRow {
                id: command.id.as_bytes(),
                digest: &command.digest,
                result: &command.result,
                last,
            });
        }
        Appended::Now { first, last: Position(last), recorded_at: Micros(recorded_at) }
    }

    pub(super) fn cursor(&mut self, process: &'g str, to: Position) {
        self.changed = true;
        self.cursors.push((process, to.0));
    }

    /// Whether there is anything to write.
    pub(super) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Whether the indexes will object to whatever was wrongly taken on trust.
    pub(super) fn is_provable(&self) -> bool {
        !self.unproven
    }

    /// Writes every row; the transaction is the caller's.
    pub(super) fn write(self, connection: &Connection, bulk: &Bulk) -> rusqlite::Result<Changes> {
        bulk.events(connection, &self.events)?;
        for (name, last) in &self.types {
            connection
                .prepare_cached(
                    "INSERT INTO types (name, last) VALUES (?1, ?2) \
                     ON CONFLICT (name) DO UPDATE SET last = excluded.last",
                )?
                .execute((name, last.cast_signed()))?;
        }
        for key in &self.released {
            connection.prepare_cached("DELETE FROM claims WHERE key = ?1")?.execute([key])?;
        }
        let taken: Vec<_> = self.taken.into_iter().flatten().collect();
        bulk.claims(connection, &taken)?;
        for run in self.lookups.chunk_by(|(one, _), (next, _)| one == next) {
            write_lookups(connection, bulk, run)?;
        }
        bulk.commands(connection, &self.commands)?;
        for (process, to) in &self.cursors {
            connection
                .prepare_cached(
                    "INSERT INTO cursors (process, position) VALUES (?1, ?2) \
                     ON CONFLICT (process) DO UPDATE SET position = max(position, excluded.position)",
                )?
                .execute((process, queries::integer(*to)))?;
        }
        Ok(Changes {
            head: self.head,
            recorded_at: self.recorded_at,
            revisions: self.revisions.into_iter().map(|(name, at)| (name.into(), at)).collect(),
            types: self.types.into_iter().map(|(name, at)| (name.to_owned(), at)).collect(),
        })
    }
}

fn write_lookups(
    connection: &Connection,
    bulk: &Bulk,
    run: &[(LookupChange, LookupRow<'_>)],
) -> rusqlite::Result<()> {
    if run.first().is_some_and(|(change, _)| *change == LookupChange::Add) {
        return bulk.lookups(connection, run);
    }
    for (_, row) in run {
        connection
            .prepare_cached("DELETE FROM lookups WHERE kind = ?1 AND blind = ?2 AND subject = ?3")?
            .execute((row.kind, row.blind, &row.subject[..]))?;
    }
    Ok(())
}
