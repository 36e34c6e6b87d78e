//! What every subject is called, why, since when, and since when we knew: states of subjects folded
//! from the log, the tags that the definitions make of them, and the signals of warning rules.
//!
//! | question | file |
//! |---|---|
//! | Which event says what about whom? | [`tell`] |
//! | What do people say against a rule? | [`manual`] |
//! | What is a rule told that asks when it is due? | [`asked`] |
//! | Which rules are in force? | [`rules`] |
//! | What does a rule say of values? | [`said`] |
//! | What follows for a subject? | [`subject`] |
//! | What is kept? | [`rows`], as bytes in [`packed`] |
//! | What can be asked? | [`read`] |
//! | What would a rule have done? | [`trial`], [`backtest`] |
//!
//! **Invariant** a value depends on the log and the published definitions alone: it holds from the
//! position of the event that made it, and a recompute that changes nothing writes nothing.

pub mod asked;
pub mod backtest;
mod line;
mod manual;
mod notice;
mod packed;
mod read;
mod rows;
mod rules;
mod said;
mod subject;
mod tell;
mod trial;

use std::collections::BTreeSet;

use conditions::Subject;
use definitions::publication;

pub use self::read::{
    Counted, HIDE_BELOW, Move, SignalOf, SubjectFilter, TagFilter, catalogue, facts_of, in_force,
    members, moves, subjects_with, tags_of, value, version,
};
use self::rows::{BatchRow, ChunkRow, GrantRow, OwnerRow, PendingRow};
pub use self::rows::{DisputeRow, Evidence, RuleRow, SnapshotRow, SubjectRow, TagRow};
use self::rules::{Rules, TagRule};
pub use self::subject::SignalBody;
pub use self::trial::{Population, Trial, TrialError, try_tag, try_warning};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;
use crate::lists::seen;

pub const NAME: &str = "tags";

// A subject without a county, like a bank, is seen by whoever sees every division.
seen! { NAME;
    TagRow: by("county");
    DisputeRow: by("county");
}

/// The signals that warnings are raised from.
pub const SIGNAL: &str = "warning";

#[derive(Default)]
pub struct Tags {
    subjects: Cached<SubjectRow>,
    values: Cached<TagRow>,
    disputes: Cached<DisputeRow>,
    snapshots: Cached<SnapshotRow>,
    published: Cached<RuleRow>,
    grants: Cached<GrantRow>,
    owners: Cached<OwnerRow>,
    batches: Cached<BatchRow>,
    chunks: Cached<ChunkRow>,
    pending: Cached<PendingRow>,
    rules: Option<Rules>,
    /// A trial: its rules are given, and the log's definitions do not count.
    given: bool,
    /// Published and not yet asked about the subjects that there are.
    waiting: BTreeSet<(String, String)>,
}

impl Projection for Tags {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            SubjectRow::TABLE,
            TagRow::TABLE,
            DisputeRow::TABLE,
            SnapshotRow::TABLE,
            RuleRow::TABLE,
            GrantRow::TABLE,
            OwnerRow::TABLE,
            BatchRow::TABLE,
            ChunkRow::TABLE,
            PendingRow::TABLE,
        ]
    }

    /// A value that cannot be said must not keep money from being counted.
    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &[
            "definition",
            "person",
            "employer",
            "card",
            "address",
            "grant",
            "obligation",
            "batch",
            "observation",
            "tag_assignment",
            "segment_snapshot",
            "tag_query",
            "day",
        ]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        if let Fact::Definition(event) = happened.fact {
            return if self.given { Ok(()) } else { self.published(event, happened, store) };
        }
        if let Fact::TagAssignment(event) = happened.fact {
            return self.assigned(event, happened, store);
        }
        if let Fact::SegmentSnapshot(event) = happened.fact {
            return self.frozen(event, happened);
        }
        if let Fact::TagQuery(event) = happened.fact {
            return self.ran(event, happened, store);
        }
        let touched = tell::tell(self, happened, store)?;
        if touched.is_empty() {
            return Ok(());
        }
        self.load(store)?;
        for ((kind, id), facts) in touched {
            self.follow(kind, &id, &facts, happened, store)?;
        }
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.subjects.flush(store)?;
        self.values.flush(store)?;
        self.disputes.flush(store)?;
        self.snapshots.flush(store)?;
        self.published.flush(store)?;
        self.grants.flush(store)?;
        self.owners.flush(store)?;
        self.batches.flush(store)?;
        self.chunks.flush(store)?;
        self.pending.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = if self.given {
            Self { rules: self.rules.take(), given: true, ..Self::default() }
        } else {
            Self::default()
        };
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Tags {
    fn trying(rules: Rules) -> Self {
        Self { rules: Some(rules), given: true, ..Self::default() }
    }

    fn rule(&self, id: &str) -> Option<&TagRule> {
        let rules = self.rules.as_ref()?.tags.iter();
        rules.map(|rule| &**rule).find(|rule| rule.tag.id == id)
    }

    /// A version begins to hold: all subjects that there are now are asked once.
    fn published(
        &mut self,
        event: &publication::Event,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let (publication::Event::Published { kind, id, .. }
        | publication::Event::Retired { kind, id, .. }) = event;
        // Of indicators nothing follows here but that tags may ask for them.
        if !matches!(kind.as_str(), "tag" | "warning" | "indicator") {
            return Ok(());
        }
        let key = (kind.clone(), id.clone());
        match event {
            publication::Event::Published { version, digest, body, author, .. } => {
                self.published.put(RuleRow {
                    word: kind.clone(),
                    id: id.clone(),
                    version: *version,
                    digest: digest.clone(),
                    body: body.clone(),
                    author: author.clone(),
                    position: happened.position(),
                });
            }
            publication::Event::Retired { .. } => self.published.remove(&key),
        }
        self.rules = None;
        if kind != "indicator" {
            self.waiting.insert(key);
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.flush(store)?;
        if store.is_empty(SubjectRow::TABLE)? {
            self.waiting.clear();
            return Ok(());
        }
        // A file may publish a tag before one that it reads: it waits for that event.
        if self.load(store).is_err() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        for (kind, subject) in self.everybody(store)? {
            let all = self.subjects.get(&(kind, subject.clone()), store)?;
            if all.is_some() {
                self.ask(kind, &subject, &waiting, happened, store)?;
            }
        }
        Ok(())
    }

    fn everybody(&mut self, store: &mut dyn Store) -> Result<Vec<(Subject, String)>, FoldError> {
        let mut found = Vec::new();
        store.scan(SubjectRow::TABLE, &mut |row| {
            if let Ok(row) = SubjectRow::read(row) {
                found.push((row.kind, row.subject));
            }
        })?;
        Ok(found)
    }

    fn load(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        if self.rules.is_some() {
            return Ok(());
        }
        self.published.flush(store)?;
        let mut rows = Vec::new();
        store.scan(RuleRow::TABLE, &mut |row| rows.extend(RuleRow::read(row)))?;
        self.rules = Some(Rules::of(rows)?);
        Ok(())
    }
}
