//! What can be asked of tags. Every answer is narrowed to the counties of the scope; a subject
//! without a county, like a bank, is seen by whoever sees every division.

use conditions::{Subject, Timeline};
use kernel::Position;
use shared::Date;

use super::rows::{RuleRow, SubjectRow, TagRow};
use super::{NAME, SubjectRow as Row};
use crate::engine::{Column, ReadSession, Value, ViewError};
use crate::lists::{self, By, Clause, Only, Page, Test};
use crate::scope::Scope;

/// Values of fewer subjects are counted and not told, so that nobody is picked out of a group.
pub const HIDE_BELOW: i64 = 5;

/// Rows of one read while a snapshot is taken.
const PAGE: u32 = 10_000;

/// On which date, as known at which position; absent: now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TagFilter {
    pub valid_on: Option<Date>,
    pub known_at: Option<Position>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectFilter {
    pub times: TagFilter,
    /// Only those whose value reads so.
    pub value: Option<String>,
}

/// A value of a tag and how many subjects have it; `None`: few, so hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub tag: String,
    pub value: Option<String>,
    pub subjects: Option<u64>,
}

/// As signals are read.
pub type SignalOf = super::SignalBody;

impl TagFilter {
    /// As a condition on the rows of values.
    #[must_use]
    pub fn only(self) -> Only {
        let known = match self.known_at {
            Some(position) => Only::at_most("known_from", &position)
                .and(ends_after("known_to", Value::from(position))),
            None => Only::Null("known_to", true),
        };
        match self.valid_on {
            Some(date) => known
                .and(Only::at_most("valid_from", &date))
                .and(ends_after("valid_to", Value::from(date))),
            None => known,
        }
    }
}

fn ends_after(column: &'static str, at: Value) -> Only {
    Only::Any(vec![Only::Null(column, true), Only::Is(column, Test::Above, at)])
}

impl SubjectFilter {
    /// The rows of those who have the tag.
    #[must_use]
    pub fn only(&self, tag: &str) -> Only {
        let known = self.times.only().and(Only::equal("tag", &tag.to_owned()));
        match &self.value {
            Some(value) => known.and(Only::equal("value", value)),
            None => known.and(Only::Null("value", false)),
        }
    }
}

/// The tags of one subject, by tag and date.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn tags_of(
    session: &ReadSession,
    scope: &Scope,
    (kind, subject): (Subject, &str),
    times: TagFilter,
) -> Result<Vec<TagRow>, ViewError> {
    let mut clause = Clause::seen::<TagRow>(scope);
    let of = Only::equal("kind", &kind).and(Only::equal("subject", &subject.to_owned()));
    clause.and::<TagRow>(&of.and(times.only()))?;
    session.query(&format!("{} ORDER BY tag, valid_from, place", clause.text()), &clause.binds)
}

/// One tag of one subject on a date.
pub fn value(
    session: &ReadSession,
    scope: &Scope,
    of: (Subject, &str),
    tag: &str,
    times: TagFilter,
) -> Result<Option<TagRow>, ViewError> {
    let rows = tags_of(session, scope, of, times)?;
    Ok(rows.into_iter().find(|row| row.tag == tag))
}

/// Who has a tag, by subject, after `after`.
pub fn subjects_with(
    session: &ReadSession,
    scope: &Scope,
    tag: &str,
    wanted: &SubjectFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<TagRow>, ViewError> {
    let mut only = wanted.only(tag);
    if let Some(after) = after {
        only = only.and(Only::Is("subject", Test::Above, Value::from(after)));
    }
    let order = [By::up("subject"), By::up("kind"), By::up("place")];
    let page =
        Page { only: &only, order: &order, after: None, before: None, backward: false, limit };
    lists::page(session, scope, &page)
}

/// The ids of all who have a tag on a date, each once, in order: what a snapshot freezes.
pub fn members(
    session: &ReadSession,
    scope: &Scope,
    segment: &str,
    wanted: &SubjectFilter,
) -> Result<Vec<String>, ViewError> {
    let mut members: Vec<String> = Vec::new();
    loop {
        let after = members.last().cloned();
        let page = subjects_with(session, scope, segment, wanted, after.as_deref(), PAGE)?;
        let last = page.len() < PAGE as usize;
        members.extend(page.into_iter().map(|row| row.subject));
        members.dedup();
        if last {
            return Ok(members);
        }
    }
}

/// One who came into a segment, or went out of it, between two looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub kind: Subject,
    pub subject: String,
    pub entered: bool,
}

/// Who has the value at the later look and had it not at the earlier one, and the other way round;
/// by subject, after `after`.
pub fn moves(
    session: &ReadSession,
    scope: &Scope,
    segment: &str,
    (earlier, later): (&SubjectFilter, &SubjectFilter),
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Move>, ViewError> {
    let mut moves = Vec::new();
    for (of, not_of, entered) in [(later, earlier, true), (earlier, later, false)] {
        let mut outer = Clause::seen::<TagRow>(scope);
        outer.and::<TagRow>(&of.only(segment))?;
        if let Some(after) = after {
            outer.and::<TagRow>(&Only::Is("subject", Test::Above, Value::from(after)))?;
        }
        // A name without a table is the inner table's there.
        let mut inner = outer.following();
        inner.and::<TagRow>(&not_of.only(segment))?;
        let sql = format!(
            "SELECT DISTINCT kind, subject FROM tag_value AS here {} AND NOT EXISTS \
             (SELECT 1 FROM tag_value AS there {} \
             AND there.kind = here.kind AND there.subject = here.subject) \
             ORDER BY subject, kind LIMIT {limit}",
            outer.text(),
            inner.text(),
        );
        for row in session.rows(NAME, &sql, &inner.binds)? {
            let (kind, subject) = (Column::read(&row[0])?, Column::read(&row[1])?);
            moves.push(Move { kind, subject, entered });
        }
    }
    moves.sort_by(|one, other| one.subject.cmp(&other.subject));
    moves.truncate(limit as usize);
    Ok(moves)
}

/// The facts of one subject, each with its course over time.
pub fn facts_of(
    session: &ReadSession,
    scope: &Scope,
    kind: Subject,
    subject: &str,
) -> Result<Vec<(String, Timeline)>, ViewError> {
    let row: Option<SubjectRow> = session.get(&(kind, subject.to_owned()))?;
    let seen = |row: &Row| match row.county {
        Some(county) => scope.covers(county),
        None => scope.divisions.is_none(),
    };
    Ok(row
        .filter(seen)
        .map(|row| row.facts().map(|(name, line)| (name.to_owned(), line.clone())).collect())
        .unwrap_or_default())
}

/// The version of a tag that is in force, and since when.
pub fn in_force(session: &ReadSession, tag: &str) -> Result<Option<RuleRow>, ViewError> {
    session.get(&("tag".to_owned(), tag.to_owned()))
}

/// The version of a tag that is in force.
pub fn version(session: &ReadSession, tag: &str) -> Result<Option<u32>, ViewError> {
    Ok(in_force(session, tag)?.map(|row| row.version))
}

/// The rules in force, with how many subjects have each value on a date.
pub fn catalogue(
    session: &ReadSession,
    scope: &Scope,
    on: Date,
) -> Result<(Vec<RuleRow>, Vec<Counted>), ViewError> {
    let rules = session.query("WHERE word = 'tag' ORDER BY id", &[])?;
    let times = TagFilter { valid_on: Some(on), known_at: None };
    let mut clause = Clause::seen::<TagRow>(scope);
    clause.and::<TagRow>(&times.only())?;
    let sql = format!(
        "SELECT tag, value, CAST(COUNT(*) AS BIGINT) FROM tag_value {} \
         GROUP BY tag, value ORDER BY tag, value NULLS LAST",
        clause.text()
    );
    let mut counted = Vec::new();
    for row in session.rows(NAME, &sql, &clause.binds)? {
        if let [Value::Text(tag), value, Value::Int(number)] = row.as_slice() {
            let value = match value {
                Value::Text(value) => Some(value.clone()),
                Value::Null | Value::Int(_) | Value::Blob(_) => None,
            };
            let subjects = (*number >= HIDE_BELOW).then(|| number.unsigned_abs());
            counted.push(Counted { tag: tag.clone(), value, subjects });
        }
    }
    Ok((rules, counted))
}
