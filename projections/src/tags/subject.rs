//! What follows for one subject when some of its facts changed or a rule was published.

use std::collections::BTreeSet;

use conditions::{Subject, Timeline, Value};
use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode};

use super::line::{Line, lines};
use super::manual::with_manual;
use super::notice::{Noticed, noticed};
use super::rows::{Evidence, RuleState, SubjectRow, TagRow, TagSpan, TagState};
use super::rules::{TagRule, WarningRule};
use super::{SIGNAL, Tags};
use crate::engine::{FoldError, Happened, Store};

/// What a signal tells the process that raises warnings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalBody {
    pub rule: String,
    pub version: u32,
    pub digest: String,
    /// Who published the version.
    pub author: String,
    pub kind: Subject,
    pub subject: String,
    pub county: Option<DivisionCode>,
    /// `None`: the metric is back.
    pub level: Option<String>,
    pub value: i64,
    pub threshold: i64,
    /// Set where there is one warning for each period.
    pub period: Option<String>,
    pub evidence: Vec<Evidence>,
}

impl Tags {
    /// Asks the rules that hang on `changed`.
    pub(super) fn follow(
        &mut self,
        kind: Subject,
        id: &str,
        changed: &BTreeSet<&'static str>,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let Some(rules) = &self.rules else { return Ok(()) };
        let tags: Vec<_> = rules.tags_on(kind, changed).cloned().collect();
        let warnings: Vec<_> = rules.warnings_on(kind, changed).cloned().collect();
        for rule in tags {
            self.tag(kind, id, &rule, happened, store)?;
        }
        for rule in warnings {
            self.warn(kind, id, &rule, happened, store)?;
        }
        Ok(())
    }

    /// Asks what was published, and what reads it.
    pub(super) fn ask(
        &mut self,
        kind: Subject,
        id: &str,
        published: &BTreeSet<(String, String)>,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let Some(rules) = &self.rules else { return Ok(()) };
        let is_new = |word: &str, id: &str| published.contains(&(word.to_owned(), id.to_owned()));
        let reads_new = |tags: &BTreeSet<String>| tags.iter().any(|tag| is_new("tag", tag));
        let tags: Vec<_> = rules
            .tags
            .iter()
            .filter(|rule| rule.tag.subject == kind)
            .filter(|rule| is_new("tag", &rule.tag.id) || reads_new(&rule.tags))
            .cloned()
            .collect();
        let warnings: Vec<_> = rules
            .warnings
            .iter()
            .filter(|rule| rule.rule.subject == kind)
            .filter(|rule| is_new("warning", &rule.rule.id) || reads_new(&rule.tags))
            .cloned()
            .collect();
        let known: BTreeSet<&str> = rules.tags.iter().map(|rule| rule.tag.id.as_str()).collect();
        let retired: Vec<String> = published
            .iter()
            .filter(|(word, id)| word == "tag" && !known.contains(id.as_str()))
            .map(|(_, id)| id.clone())
            .collect();
        for tag in retired {
            self.replace(kind, id, &tag, (0, Vec::new()), happened, store)?;
        }
        for rule in tags {
            self.tag(kind, id, &rule, happened, store)?;
        }
        for rule in warnings {
            self.warn(kind, id, &rule, happened, store)?;
        }
        Ok(())
    }

    fn tag(
        &mut self,
        kind: Subject,
        id: &str,
        rule: &TagRule,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let Some(row) = self.subjects.get(&(kind, id.to_owned()), store)? else { return Ok(()) };
        let body = &row.body;
        let lines = lines(body, rule);
        let spans = computed(&lines, rule);
        let held = body.tags.get(&rule.tag.id).map_or(&[][..], |state| state.spans.as_slice());
        // Nearly always nothing changed: then nobody asks for the evidence.
        if !body.manual.contains_key(&rule.tag.id) && all_as(spans.iter(), held) {
            return Ok(());
        }
        let found = with_manual(with_evidence(spans, &lines, rule), body, rule);
        if all_as(found.iter().map(|(span, _)| span), held) {
            return Ok(());
        }
        self.replace(kind, id, &rule.tag.id, (rule.version, found), happened, store)
    }

    /// Closes the rows that no longer hold and opens those that now do.
    fn replace(
        &mut self,
        kind: Subject,
        id: &str,
        tag: &str,
        (version, found): (u32, Vec<Found>),
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let key = (kind, id.to_owned());
        let Some(row) = self.subjects.get(&key, store)? else { return Ok(()) };
        let county = row.county;
        let TagState { mut next, mut spans } = row.body.tags.get(tag).cloned().unwrap_or_default();
        let mut kept = Vec::new();
        for (mut span, evidence) in found {
            let place = spans.iter().position(|held| span.is_as(held));
            if let Some(place) = place {
                kept.push(spans.swap_remove(place));
                continue;
            }
            let said = span.value != Some(Value::Flag(false))
                && (span.value.is_some() || !span.missing.is_empty());
            let shown = said || span.by_hand.is_some();
            if shown {
                span.row = Some(next);
                self.values.put(TagRow {
                    kind,
                    subject: id.to_owned(),
                    tag: tag.to_owned(),
                    place: next,
                    county,
                    value: span.value.as_ref().map(ToString::to_string),
                    missing: span.missing.clone(),
                    valid_from: span.from,
                    valid_to: span.to,
                    known_from: happened.position(),
                    known_to: None,
                    known_from_at: happened.recorded.recorded_at,
                    known_to_at: None,
                    version,
                    by_hand: span.by_hand.is_some(),
                    evidence,
                });
                next += 1;
            }
            kept.push(span);
        }
        for gone in spans.iter().filter_map(|span| span.row) {
            let row = (kind, id.to_owned(), tag.to_owned(), gone);
            self.values.update(&row, store, |row| {
                row.known_to = Some(happened.position());
                row.known_to_at = Some(happened.recorded.recorded_at);
            })?;
        }
        kept.sort_by_key(|span| span.from);
        // Held for every subject, and rarely more than one.
        kept.shrink_to_fit();
        self.subjects.update(&key, store, |row| {
            if kept.is_empty() && next == 0 {
                row.body.tags.remove(tag);
            } else {
                row.body.tags.insert(tag.to_owned(), TagState { next, spans: kept });
            }
        })?;
        Ok(())
    }

    fn warn(
        &mut self,
        kind: Subject,
        id: &str,
        rule: &WarningRule,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        if !rule.rule.is_active() && !self.given {
            return Ok(());
        }
        let key = (kind, id.to_owned());
        let Some(row) = self.subjects.get(&key, store)? else { return Ok(()) };
        let Some(noticed) = noticed(&row.body, rule, happened.meta.business_date) else {
            return Ok(());
        };
        let name = rule.rule.id.as_str();
        let before = row.body.rules.get(name).filter(|state| state.period == noticed.period);
        let was = before.map(|state| (Some(state.level.as_str()), state.value));
        let (was_level, was_value) = was.unwrap_or((None, noticed.value));
        if noticed.level.as_deref() == was_level && noticed.value == was_value {
            return Ok(());
        }
        if noticed.level.is_none() && (was_level.is_none() || !noticed.is_over(&row.body, rule)) {
            return Ok(());
        }
        let evidence = noticed.evidence(&row.body, rule);
        let Noticed { level, value, threshold, period, .. } = noticed;
        let body = SignalBody {
            rule: name.to_owned(),
            version: rule.version,
            digest: rule.digest.clone(),
            author: rule.author.clone(),
            kind,
            subject: id.to_owned(),
            county: row.county,
            level: level.clone(),
            value,
            threshold,
            period: period.clone(),
            evidence,
        };
        let payload = serde_json::to_string(&body).expect("signals serialise: they are plain data");
        let about = format!("{name}/{kind}/{id}");
        self.subjects.update(&key, store, |row| match level {
            Some(level) => {
                let state = RuleState { level, value, period };
                row.body.rules.insert(name.to_owned(), state);
            }
            None => {
                row.body.rules.remove(name);
            }
        })?;
        happened.signal(store, SIGNAL, about, payload)
    }
}

impl TagSpan {
    fn is_as(&self, held: &Self) -> bool {
        (self.from, self.to, self.version, self.by_hand)
            == (held.from, held.to, held.version, held.by_hand)
            && (&self.value, &self.missing) == (&held.value, &held.missing)
    }
}

fn all_as<'a>(found: impl ExactSizeIterator<Item = &'a TagSpan>, held: &[TagSpan]) -> bool {
    found.len() == held.len() && found.zip(held).all(|(found, held)| found.is_as(held))
}

/// What a tag is for a time, and what that rests on.
pub(super) type Found = (TagSpan, Vec<Evidence>);

/// What a tag is on every date. A flag that is never set gives nothing.
fn computed(lines: &[Line<'_>], rule: &TagRule) -> Vec<TagSpan> {
    let mut dates: Vec<Date> = vec![conditions::timeline::EVER];
    lines.iter().for_each(|line| dates.extend(line.dates()));
    for (place, days, halvings) in rule.evaluator.decays() {
        for since in lines[place].dates().collect::<Vec<_>>() {
            let mut date = since;
            for _ in 0..halvings {
                let later = days_after(date, days);
                date = later;
                dates.push(later);
            }
        }
    }
    dates.sort_unstable();
    dates.dedup();
    let mut found: Vec<TagSpan> = Vec::new();
    let mut parts = Vec::with_capacity(lines.len());
    for date in dates {
        parts.clear();
        parts.extend(lines.iter().map(|line| line.at(date)));
        let (value, missing) = rule.says(date, &parts);
        if let Some(last) = found.last_mut() {
            if (&last.value, &last.missing) == (&value, &missing) {
                continue;
            }
            last.to = Some(date);
        }
        let (version, by_hand, row) = (rule.version, None, None);
        found.push(TagSpan { from: date, to: None, value, missing, version, by_hand, row });
    }
    let nothing = |span: &TagSpan| {
        span.value == Some(Value::Flag(false)) || (span.value.is_none() && span.missing.is_empty())
    };
    if found.iter().all(nothing) { Vec::new() } else { found }
}

/// With what each value rests on, as it was when the value began.
fn with_evidence(spans: Vec<TagSpan>, lines: &[Line<'_>], rule: &TagRule) -> Vec<Found> {
    let inputs = &rule.evaluator.inputs;
    let resting = |span: TagSpan| {
        let named = inputs.iter().zip(lines);
        let evidence = named.map(|(input, line)| line.evidence(&input.name, span.from)).collect();
        (span, evidence)
    };
    spans.into_iter().map(resting).collect()
}

fn days_after(date: Date, days: i64) -> Date {
    let far = jiff::Span::new().days(days);
    date.checked_add(far).unwrap_or(Date::MAX)
}

impl SubjectRow {
    /// The timelines of what is recorded of the subject.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &Timeline)> {
        self.body.facts.iter().map(|(name, line)| (name.as_str(), line))
    }
}
