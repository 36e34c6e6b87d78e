//! What can be asked of tags. Every answer is narrowed to the counties of the scope; a subject
//! without a county, like a bank, is seen by whoever sees every division.

use conditions::{Subject, Timeline};
use kernel::Position;
use shared::Date;

use super::rows::{RuleRow, SubjectRow, TagRow};
use super::{NAME, SubjectRow as Row};
use crate::engine::{ReadSession, Value, ViewError};
use crate::scope::{Filter, Scope};

/// Values of fewer subjects are counted and not told, so that nobody is picked out of a group.
const HIDE_BELOW: i64 = 5;

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
    fn narrow(self, filter: Filter) -> Filter {
        let filter = match self.known_at {
            Some(position) => {
                let filter = filter.and("known_from <=", position);
                let condition = format!("(known_to IS NULL OR known_to > {})", position.0);
                filter.and_that(&condition)
            }
            None => filter.and_that("known_to IS NULL"),
        };
        match self.valid_on {
            Some(date) => {
                // Dates are texts without quotes in them: they came out of a date.
                let condition = format!("(valid_to IS NULL OR valid_to > '{date}')");
                filter.and("valid_from <=", date).and_that(&condition)
            }
            None => filter,
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
    let filter = Filter::new().divisions(scope, "COALESCE(county, '')");
    let filter = times.narrow(filter.and("kind =", kind.code()).and("subject =", subject));
    session.query(&filter.tail("ORDER BY tag, valid_from"), filter.binds())
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
    let filter = Filter::new().divisions(scope, "COALESCE(county, '')").and("tag =", tag);
    let filter = wanted.times.narrow(filter).and_that("value IS NOT NULL");
    let filter = filter.and_if("value =", wanted.value.as_deref()).and_if("subject >", after);
    session.query(&filter.tail(&format!("ORDER BY subject LIMIT {limit}")), filter.binds())
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

/// The rules in force, with how many subjects have each value on a date.
pub fn catalogue(
    session: &ReadSession,
    scope: &Scope,
    on: Date,
) -> Result<(Vec<RuleRow>, Vec<Counted>), ViewError> {
    let rules = session.query("WHERE word = 'tag' ORDER BY id", &[])?;
    let times = TagFilter { valid_on: Some(on), known_at: None };
    let filter = times.narrow(Filter::new().divisions(scope, "COALESCE(county, '')"));
    let sql = format!(
        "SELECT tag, value, CAST(COUNT(*) AS BIGINT) FROM tag_value {}",
        filter.tail("GROUP BY tag, value ORDER BY tag, value")
    );
    let mut counted = Vec::new();
    for row in session.rows(NAME, &sql, filter.binds())? {
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
