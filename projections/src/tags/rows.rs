//! What is kept of subjects, of their tags, and of what is needed to tell their states.

use std::collections::BTreeMap;

use conditions::{Subject, Timeline, Value};
use kernel::{Micros, Position};
use serde::{Deserialize, Serialize};
use shared::{
    ArtefactId, BankCode, Date, DivisionCode, EventId, GrantId, ItemId, Money, Month, PersonId,
};

use uuid::Uuid;

use crate::{json_column, record, text_column};

text_column!(Subject);
json_column!(Vec<Unanswered>);

/// Everything that is known of one subject, read and written as one ([`packed`](super::packed)).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body {
    pub facts: BTreeMap<String, Timeline>,
    /// What each tag is now thought to be, on every date. A flag that never was set is absent.
    pub tags: BTreeMap<String, TagState>,
    /// What people set by hand, each in days of its own, by tag.
    pub manual: BTreeMap<String, Vec<ByHand>>,
    /// How often each tag was disputed.
    pub disputes: BTreeMap<String, u32>,
    /// What each warning rule last said.
    pub rules: BTreeMap<String, RuleState>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct TagState {
    /// The number of the next row.
    pub next: u32,
    pub spans: Vec<TagSpan>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TagSpan {
    pub from: Date,
    pub to: Option<Date>,
    /// `None`: unknown.
    pub value: Option<Value>,
    pub missing: Vec<String>,
    pub version: u32,
    /// Set by this event and not by the rule.
    pub by_hand: Option<EventId>,
    /// The row that shows it, if one does.
    pub row: Option<u32>,
}

/// A value set by hand, from a day until before another.
#[derive(Debug, Clone, PartialEq)]
pub struct ByHand {
    pub value: String,
    pub from: Date,
    pub to: Date,
    pub event: EventId,
    pub position: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RuleState {
    pub level: String,
    pub value: i64,
    pub period: Option<String>,
}

/// One thing behind a value, and the event that said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub name: String,
    /// The tag that was read, where it was none of the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// `None`: missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A batch that a bank has not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unanswered {
    pub batch: String,
    pub bank: BankCode,
    pub sent_on: Date,
}

/// A sum of a person's month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instructed {
    pub person: PersonId,
    pub month: Month,
    pub sum: Money,
}

record! {
    /// Several kilobytes each.
    pub struct SubjectRow in "tag_subject" key(kind: Subject, subject: String) kept(10_000) {
        pub county: Option<DivisionCode>,
        pub(super) body: Body,
    }

    /// A value of a tag in both times.
    pub struct TagRow in "tag_value" key(kind: Subject, subject: String, tag: String, place: u32)
        index("tag", "known_to", "subject")
    {
        pub county: Option<DivisionCode>,
        /// As a definition writes it; `None`: unknown, and `missing` says why.
        pub value: Option<String>,
        pub missing: Vec<String>,
        /// True in the world from this date until before that one.
        pub valid_from: Date,
        pub valid_to: Option<Date>,
        /// Thought so from this position until before that one.
        pub known_from: Position,
        pub known_to: Option<Position>,
        pub known_from_at: Micros,
        pub known_to_at: Option<Micros>,
        pub version: u32,
        /// Set by two persons and not by the rule; what the rule says stands in the evidence.
        pub by_hand: bool,
        pub evidence: Vec<Evidence>,
    }

    /// The version in force of a tag or a warning rule.
    pub struct RuleRow in "tag_rule" key(word: String, id: String) {
        pub version: u32,
        pub digest: String,
        pub body: String,
        pub author: String,
        /// It holds from here.
        pub position: Position,
    }

    /// An objection to a tag, and what came of it.
    pub struct DisputeRow in "tag_dispute" key(kind: Subject, subject: String, tag: String, place: u32)
        index("open", "tag")
    {
        pub county: Option<DivisionCode>,
        pub reason: String,
        pub disputed_by: String,
        pub disputed_on: Date,
        pub open: bool,
        pub upheld: Option<bool>,
        pub answer: Option<String>,
        pub answered_by: Option<String>,
        pub answered_on: Option<Date>,
        pub position: Position,
    }

    /// Who belonged to a segment on a day, frozen.
    pub struct SnapshotRow in "tag_snapshot" key(snapshot: Uuid) index("segment", "frozen_on") {
        pub segment: String,
        pub value: String,
        pub version: u32,
        pub valid_on: Date,
        pub known_at: Position,
        pub members: u64,
        pub file: ArtefactId,
        pub purpose: String,
        pub frozen_by: String,
        pub frozen_on: Date,
        pub position: Position,
    }

    pub struct GrantRow in "tag_grant" key(grant_id: GrantId) {
        pub person: PersonId,
        pub item: ItemId,
        pub payee: String,
        pub from_month: Month,
        pub to_month: Option<Month>,
        pub stop: Option<String>,
    }

    /// Whose a card or pay address is.
    pub struct OwnerRow in "tag_owner" key(thing: String) {
        pub person: PersonId,
    }

    pub struct BatchRow in "tag_batch" key(batch: String) {
        pub bank: BankCode,
        pub month: Month,
    }

    /// What the lines of a part of a batch add to what is instructed for people, as long as the bank may
    /// refuse the batch.
    pub struct ChunkRow in "tag_chunk" key(batch: String, chunk: u32) {
        pub sums: Vec<Instructed>,
    }

    pub struct PendingRow in "tag_pending" key(place: u32) {
        pub batches: Vec<Unanswered>,
    }
}
