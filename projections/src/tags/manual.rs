//! What people say against a rule: values that two of them set by hand for a time, and objections;
//! and the snapshots that they take.
//!
//! **Invariant** a value set by hand stands in its own days and in no others, and what the rule says
//! on these days stands in its evidence.

use std::collections::BTreeSet;

use conditions::{Subject, Type};
use kernel::Position;
use shared::{Date, EventId};
use tags::assignment::Event;
use tags::snapshot;

use super::Tags;
use super::rows::{Body, ByHand, DisputeRow, Evidence, SnapshotRow, SubjectRow, TagSpan};
use super::rules::TagRule;
use super::subject::Found;
use crate::engine::{FoldError, Happened, Store, Value};
use crate::lists::Seen;
use crate::scope::Scope;

/// The evidence that says what the rule says.
const COMPUTED: &str = "computed";
const OVERRIDE: &str = "override";
const OVERRIDDEN: &str = "tag.overridden.v1";

impl Tags {
    pub(super) fn assigned(
        &mut self,
        event: &Event,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let (kind, subject, tag) = of_stream(happened)?;
        let key = (kind, subject.clone());
        let first =
            || SubjectRow { kind, subject: subject.clone(), county: None, body: Body::default() };
        let event_id = EventId::from_uuid(happened.recorded.id);
        let (mut county, mut place) = (None, 0);
        self.subjects.update_or(&key, store, first, |row| {
            county = row.county;
            match event {
                Event::Overridden(manual) => {
                    let spans = row.body.manual.entry(tag.clone()).or_default();
                    end(spans, manual.on);
                    spans.push(ByHand {
                        value: manual.value.clone(),
                        from: manual.on,
                        to: manual.until.tomorrow().unwrap_or(Date::MAX),
                        event: event_id,
                        position: happened.position().0,
                    });
                }
                Event::Ended { on, .. } => {
                    end(row.body.manual.entry(tag.clone()).or_default(), *on);
                }
                Event::Disputed { .. } => {
                    let count = row.body.disputes.entry(tag.clone()).or_default();
                    *count += 1;
                    place = *count;
                }
                Event::Answered { .. } => {
                    place = row.body.disputes.get(&tag).copied().unwrap_or_default();
                }
            }
        })?;
        let dispute = (kind, subject.clone(), tag.clone(), place);
        match event {
            Event::Disputed { by, on, reason } => self.disputes.put(DisputeRow {
                kind,
                subject: subject.clone(),
                tag: tag.clone(),
                place,
                county,
                reason: reason.clone(),
                disputed_by: by.clone(),
                disputed_on: *on,
                open: true,
                upheld: None,
                answer: None,
                answered_by: None,
                answered_on: None,
                position: happened.position(),
            }),
            Event::Answered { by, on, upheld, answer } => {
                self.disputes.update(&dispute, store, |row| {
                    row.open = false;
                    row.upheld = Some(*upheld);
                    row.answer = Some(answer.clone());
                    row.answered_by = Some(by.clone());
                    row.answered_on = Some(*on);
                })?;
            }
            Event::Overridden(_) | Event::Ended { .. } => {
                self.load(store)?;
                let changed = BTreeSet::from([("tag".to_owned(), tag)]);
                self.ask(kind, &subject, &changed, happened, store)?;
            }
        }
        Ok(())
    }

    pub(super) fn frozen(
        &mut self,
        snapshot::Event::Frozen(frozen): &snapshot::Event,
        happened: &Happened<'_>,
    ) -> Result<(), FoldError> {
        self.snapshots.put(SnapshotRow {
            snapshot: happened.id()?,
            segment: frozen.segment.clone(),
            value: frozen.value.clone(),
            version: frozen.version,
            valid_on: frozen.valid_on,
            known_at: Position(frozen.known_at),
            members: frozen.members,
            file: frozen.file,
            purpose: frozen.purpose.clone(),
            frozen_by: frozen.by.clone(),
            frozen_on: frozen.on,
            position: happened.position(),
        });
        Ok(())
    }
}

/// Whoever took it sees it, and whoever sees every division.
impl Seen for SnapshotRow {
    const VIEW: &'static str = super::NAME;

    fn seen(scope: &Scope, first: usize) -> (String, Vec<Value>) {
        match scope.divisions {
            None => ("1 = 1".to_owned(), Vec::new()),
            Some(_) => (format!("frozen_by = ${first}"), vec![Value::from(scope.actor.as_str())]),
        }
    }
}

/// `kind/subject/tag`, as the stream is called.
fn of_stream(happened: &Happened<'_>) -> Result<(Subject, String, String), FoldError> {
    let id = happened.subject();
    let unfit = || FoldError::refused(format!("{id} names no tag of a subject"));
    let (kind, rest) = id.split_once('/').ok_or_else(unfit)?;
    let (subject, tag) = rest.rsplit_once('/').ok_or_else(unfit)?;
    Ok((kind.parse().map_err(|_| unfit())?, subject.to_owned(), tag.to_owned()))
}

/// Nothing set by hand stands from `on`.
fn end(spans: &mut Vec<ByHand>, on: Date) {
    for span in spans.iter_mut() {
        span.to = span.to.min(on);
    }
    spans.retain(|span| span.from < span.to);
}

/// What a rule says, with what was set by hand in its days.
pub(super) fn with_manual(found: Vec<Found>, body: &Body, rule: &TagRule) -> Vec<Found> {
    let Some(manual) = body.manual.get(&rule.tag.id) else { return found };
    manual.iter().fold(found, |found, by_hand| overlaid(found, by_hand, rule))
}

fn overlaid(found: Vec<Found>, by_hand: &ByHand, rule: &TagRule) -> Vec<Found> {
    // A value that the type of today's version does not read is none.
    let Some(value) = rule.tag.value.read(&by_hand.value) else { return found };
    let found = if found.is_empty() { vec![nothing(rule)] } else { found };
    let mut pieces = Vec::with_capacity(found.len() + 2);
    for (span, evidence) in found {
        let ends = span.to.unwrap_or(Date::MAX);
        let mut piece = |from: Date, to: Date, by_hand: Option<&ByHand>| {
            if from >= to {
                return;
            }
            let open = span.to.is_none() && to == Date::MAX;
            let mut span = TagSpan { from, to: (!open).then_some(to), ..span.clone() };
            let mut evidence = evidence.clone();
            if let Some(by_hand) = by_hand {
                evidence.push(computed(&span));
                evidence.insert(0, set(by_hand));
                span.value = Some(value.clone());
                span.missing = Vec::new();
                span.by_hand = Some(by_hand.event);
            }
            pieces.push((span, evidence));
        };
        let (from, to) = (by_hand.from, by_hand.to);
        piece(span.from, ends.min(from), None);
        piece(span.from.max(from), ends.min(to), Some(by_hand));
        piece(span.from.max(to), ends, None);
    }
    pieces
}

fn nothing(rule: &TagRule) -> Found {
    // A flag that nothing sets is not set.
    let value = (rule.tag.value == Type::Flag).then_some(conditions::Value::Flag(false));
    let span = TagSpan {
        from: conditions::timeline::EVER,
        to: None,
        value,
        missing: Vec::new(),
        version: rule.version,
        by_hand: None,
        row: None,
    };
    (span, Vec::new())
}

fn computed(span: &TagSpan) -> Evidence {
    Evidence {
        name: COMPUTED.to_owned(),
        tag: None,
        value: span.value.as_ref().map(ToString::to_string),
        from: Some(span.from),
        event: None,
        position: None,
        source: String::new(),
    }
}

fn set(by_hand: &ByHand) -> Evidence {
    Evidence {
        name: OVERRIDE.to_owned(),
        tag: None,
        value: Some(by_hand.value.clone()),
        from: Some(by_hand.from),
        event: Some(by_hand.event),
        position: Some(by_hand.position),
        source: OVERRIDDEN.to_owned(),
    }
}
