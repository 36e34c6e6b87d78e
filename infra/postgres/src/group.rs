//! One group: every append judged against what is stored and what stands before it in the group.
//!
//! Nothing is written while judging, so a refusal has nothing to undo. What a UNIQUE index will
//! catch anyway — a taken event id, claim or command, a stream that is not new — is first taken on
//! [`Care::Trusting`]: no look-up, and in the rare case that the index objects, the group is rolled
//! back and judged again with [`Care::Checking`].

use std::collections::{HashMap, HashSet};

use kernel::append::Held;
use kernel::log::Done;
use kernel::{
    Append, AppendError, Appended, ClaimConflict, Clock, Conflicts, Micros, NoneSince, Position,
    Revision, RevisionConflict,
};
use uuid::Uuid;

use crate::facts::Facts;
use crate::request::Request;
use crate::rows::{CommandRows, EventRows, LookupChange, Rows};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    Trusting,
    Checking,
}

pub(crate) type Verdict = Result<Appended, Refused>;

type Judged<'g> = (Vec<Option<Verdict>>, Staged<'g>);

pub(crate) fn judge<'g>(
    facts: &Facts<'g>,
    group: &'g [Request],
    mut staged: Staged<'g>,
    clock: &dyn Clock,
) -> Result<Judged<'g>, Doubtful> {
    let mut verdicts = Vec::with_capacity(group.len());
    for request in group {
        verdicts.push(match request {
            Request::Append(asked) => {
                Some(staged.judge(facts, &asked.append, &asked.meta, clock.now())?)
            }
            Request::Cursor { process, to, .. } => {
                staged.cursor(process, *to);
                None
            }
        });
    }
    Ok((verdicts, staged))
}

#[derive(Debug)]
pub(crate) enum Refused {
    For(AppendError),
    /// Events came between; which ones, up to `upto`, is for a reader to list.
    Since {
        conflicts: Conflicts,
        since: NoneSince,
        upto: u64,
    },
}

/// Something stands in the way of an append that was judged on trust: judge again with care, to
/// list everything that does.
pub(crate) struct Doubtful;

/// The rows of a group so far.
pub(crate) struct Staged<'g> {
    care: Care,
    head: u64,
    recorded_at: Option<i64>,
    events: EventRows<'g>,
    revisions: HashMap<&'g str, u64>,
    types: HashMap<&'g str, u64>,
    ids: HashSet<Uuid>,
    /// Keys that this group changed: the row that takes it, or nothing where it was released.
    claims: HashMap<&'g str, Option<usize>>,
    taken: Vec<Option<(&'g str, &'g str, u64)>>,
    /// Stored keys to delete.
    released: Vec<&'g str>,
    lookups: Vec<LookupChange<'g>>,
    commands: CommandRows<'g>,
    command_places: HashMap<Uuid, usize>,
    cursors: HashMap<&'g str, u64>,
    changed: bool,
    /// A key taken on trust was released again: no index will see whether it was free.
    unproven: bool,
}

impl<'g> Staged<'g> {
    pub(crate) fn new(head: u64, recorded_at: Option<i64>, care: Care) -> Self {
        Self {
            care,
            head,
            recorded_at,
            events: EventRows::after(head),
            revisions: HashMap::new(),
            types: HashMap::new(),
            ids: HashSet::new(),
            claims: HashMap::new(),
            taken: Vec::new(),
            released: Vec::new(),
            lookups: Vec::new(),
            commands: CommandRows::default(),
            command_places: HashMap::new(),
            cursors: HashMap::new(),
            changed: false,
            unproven: false,
        }
    }

    /// Judges one append, and stages it if it stands.
    pub(crate) fn judge(
        &mut self,
        facts: &Facts<'g>,
        append: &'g Append,
        meta: &'g str,
        now: Micros,
    ) -> Result<Verdict, Doubtful> {
        match self.refusal(facts, append) {
            None => Ok(Ok(self.stage(append, meta, now))),
            Some(_) if self.care == Care::Trusting => Err(Doubtful),
            Some(verdict) => Ok(verdict),
        }
    }

    fn refusal(&self, facts: &Facts<'g>, append: &'g Append) -> Option<Verdict> {
        if let Some(command) = &append.command
            && let Some(done) = self.done(facts, command.id)
        {
            return Some(if done.digest == command.digest {
                Ok(Appended::Before { result: done.result, last: done.last })
            } else {
                Err(Refused::For(AppendError::CommandAltered { id: command.id }))
            });
        }
        let conflicts = Conflicts {
            revisions: self.moved(facts, append),
            since: Vec::new(),
            claims: self.contested(facts, append),
        };
        if let Some(since) = &append.none_since
            && self.occurred(facts, since)
        {
            let since = since.clone();
            return Some(Err(Refused::Since { conflicts, since, upto: self.head }));
        }
        if !conflicts.is_empty() {
            return Some(Err(Refused::For(AppendError::Conflict(conflicts))));
        }
        if self.care == Care::Checking {
            let mut ids = append.writes.iter().flat_map(|write| &write.events).map(|e| e.id);
            let taken = ids.find(|id| self.ids.contains(id) || facts.ids.contains(id));
            return taken.map(|id| Err(Refused::For(AppendError::EventIdTaken { id })));
        }
        None
    }

    fn done(&self, facts: &Facts<'g>, id: Uuid) -> Option<Done> {
        match self.command_places.get(&id) {
            Some(place) => Some(self.commands.done(*place)),
            None => facts.commands.get(&id).cloned(),
        }
    }

    fn moved(&self, facts: &Facts<'g>, append: &'g Append) -> Vec<RevisionConflict> {
        let written = append.writes.iter().map(|write| (&write.stream, write.expected));
        let guarded = append.guards.iter().map(|guard| (&guard.stream, guard.revision));
        written
            .chain(guarded)
            .filter_map(|(stream, expected)| {
                let name = stream.as_str();
                // A stream that nobody looked up is taken for new, on trust.
                let actual = self.revisions.get(name).or_else(|| facts.revisions.get(name));
                let actual = Revision(actual.copied().unwrap_or(expected.0));
                let moved = actual != expected;
                moved.then(|| RevisionConflict { stream: stream.clone(), expected, actual })
            })
            .collect()
    }

    fn occurred(&self, facts: &Facts<'g>, since: &NoneSince) -> bool {
        let stored = facts.types.iter().map(|(name, last)| (name.as_str(), *last));
        let staged = self.types.iter().map(|(name, last)| (*name, *last));
        stored.chain(staged).any(|(name, last)| last > since.after.0 && since.matches(name))
    }

    fn contested(&self, facts: &Facts<'g>, append: &'g Append) -> Vec<ClaimConflict> {
        let mut contested = Vec::new();
        for claim in &append.release {
            let held = self.held(facts, &claim.key);
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
            if let Some(held) = self.held(facts, &claim.key) {
                contested.push(ClaimConflict { key: claim.key.clone(), held: Some(held) });
            }
        }
        contested
    }

    fn held(&self, facts: &Facts<'g>, key: &str) -> Option<Held> {
        match self.claims.get(key) {
            Some(change) => {
                let (_, holder, position) = change.and_then(|place| self.taken[place])?;
                Some(Held { holder: holder.to_owned(), position: Position(position) })
            }
            None => facts.claims.get(key).cloned(),
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
                    self.ids.insert(event.id);
                }
                self.events.push(stream, revision, event, recorded_at, meta);
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
            self.taken.push(Some((&claim.key, &claim.holder, last)));
        }
        self.lookups.extend(append.unindex.iter().map(LookupChange::Remove));
        self.lookups.extend(append.index.iter().map(LookupChange::Add));
        if let Some(command) = &append.command {
            self.command_places.insert(command.id, self.commands.len());
            self.commands.push(command, last);
        }
        Appended::Now { first, last: Position(last), recorded_at: Micros(recorded_at) }
    }

    pub(crate) fn cursor(&mut self, process: &'g str, to: Position) {
        self.changed = true;
        let cursor = self.cursors.entry(process).or_default();
        *cursor = to.0.max(*cursor);
    }

    /// Whether there is anything to write.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Whether the indexes will object to whatever was wrongly taken on trust.
    pub(crate) fn is_provable(&self) -> bool {
        !self.unproven
    }

    /// What is to be written, and what is known once it is.
    pub(crate) fn rows(self) -> (Rows<'g>, Changes) {
        let revisions = self.revisions.into_iter().map(|(name, at)| (name.into(), at)).collect();
        let rows = Rows {
            head: self.head,
            recorded_at: self.recorded_at,
            events: self.events,
            types: self.types,
            taken: self.taken.into_iter().flatten().collect(),
            released: self.released,
            lookups: self.lookups,
            commands: self.commands,
            cursors: self.cursors,
        };
        (rows, Changes { head: self.head, recorded_at: self.recorded_at, revisions })
    }
}

pub(crate) struct Changes {
    pub(crate) head: u64,
    pub(crate) recorded_at: Option<i64>,
    pub(crate) revisions: Vec<(Box<str>, u64)>,
}
