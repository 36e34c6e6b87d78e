//! How many warnings there are, how they are handled, how long it takes, and where they come back.
//!
//! Every figure is of the warnings that a condition finds within the scope; shares are basis points
//! of whole counts, and there is none of nothing.

use std::collections::BTreeMap;

use shared::Date;

use super::{NAME, WarningRow};
use crate::engine::{Column, ReadSession, Row, Value, ViewError};
use crate::lists::{Clause, Only};
use crate::scope::Scope;

/// By what warnings are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Division,
    /// The county of the division, by its code.
    County,
    Class,
    Stage,
    Level,
    Rule,
    Channel,
    /// The month in which it was raised.
    Month,
    /// The day on which it was raised.
    Day,
    /// 1 while somebody still has to do something.
    Open,
    /// 1 where the present step is late.
    Late,
    /// The ways of handling that were used, as a list.
    Handled,
    ClosedOn,
}

impl By {
    const fn column(self) -> &'static str {
        match self {
            Self::Division => "COALESCE(division, '')",
            Self::County => "COALESCE(SUBSTR(division, 1, 6), '')",
            Self::Class => "class",
            Self::Stage => "stage",
            Self::Level => "level",
            Self::Rule => "COALESCE(rule, '')",
            Self::Channel => "channel",
            Self::Month => "SUBSTR(raised_on, 1, 7)",
            Self::Day => "raised_on",
            Self::Open => "open",
            Self::Late => "late",
            Self::Handled => "handled",
            Self::ClosedOn => "COALESCE(closed_on, '')",
        }
    }
}

/// The values of a group, in the order asked, and how many warnings are in it.
pub type Group = (Vec<String>, u64);

/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn counted(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    by: &[By],
) -> Result<Vec<Group>, ViewError> {
    let columns = by.iter().map(|by| by.column()).collect::<Vec<_>>().join(", ");
    let select = format!("{columns}, COUNT(*)");
    let tail = format!("GROUP BY {columns} ORDER BY {columns}");
    let read = |row: &Row| -> Result<Group, ViewError> {
        let (number, groups) = row.split_last().unwrap_or((&Value::Null, &[]));
        Ok((groups.iter().map(word).collect(), Column::read(number)?))
    };
    selected(session, scope, only, &select, &tail)?.iter().map(read).collect()
}

/// How many came to each step of a case, each warning once a step: the type of the event behind it.
pub fn reached(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
) -> Result<BTreeMap<String, u64>, ViewError> {
    let clause = clause(scope, only)?;
    let sql = format!(
        "SELECT what, COUNT(DISTINCT warning) FROM warning_step \
         WHERE warning IN (SELECT warning FROM warning {}) GROUP BY what ORDER BY what",
        clause.text()
    );
    let read = |row: &Row| Ok((word(&row[0]), Column::read(&row[1])?));
    session.rows(NAME, &sql, &clause.binds)?.iter().map(read).collect()
}

/// How often each kind of handling was used, by its code; a case counts once for each of its kinds.
pub fn handled(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
) -> Result<BTreeMap<String, u64>, ViewError> {
    let mut kinds = BTreeMap::new();
    for (group, warnings) in counted(session, scope, only, &[By::Handled])? {
        let mut of: Vec<String> = serde_json::from_str(&group[0]).unwrap_or_default();
        of.sort_unstable();
        of.dedup();
        for kind in of {
            *kinds.entry(kind).or_default() += warnings;
        }
    }
    Ok(kinds)
}

/// How a county works: how many it had, has closed and is late with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ranked {
    pub county: String,
    pub warnings: u64,
    pub closed: u64,
    pub late: u64,
    /// Basis points.
    pub completion: Option<u32>,
}

/// The counties, the one that has closed the largest share first; equal ones by their code.
pub fn ranking(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
) -> Result<Vec<Ranked>, ViewError> {
    let mut counties: BTreeMap<String, Ranked> = BTreeMap::new();
    for (group, warnings) in counted(session, scope, only, &[By::County, By::Open, By::Late])? {
        let [county, open, late] = group.as_slice() else { continue };
        let of = counties.entry(county.clone()).or_default();
        of.county.clone_from(county);
        of.warnings += warnings;
        match (open.as_str(), late.as_str()) {
            ("0", _) => of.closed += warnings,
            (_, "1") => of.late += warnings,
            _ => {}
        }
    }
    let mut ranked: Vec<Ranked> = counties.into_values().collect();
    for of in &mut ranked {
        of.completion = share(of.closed, of.warnings);
    }
    ranked.sort_by_key(|of| std::cmp::Reverse(of.completion));
    Ok(ranked)
}

/// How long warnings took that are closed, calendar days from the day they were raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Handling {
    pub closed: u64,
    /// Tenths of a day, rounded half up.
    pub average_tenths: Option<u64>,
    /// Half of them took no longer.
    pub median_days: Option<u64>,
    pub longest_days: Option<u64>,
}

pub fn time_to_handle(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
) -> Result<Handling, ViewError> {
    let mut took: BTreeMap<u64, u64> = BTreeMap::new();
    for (group, warnings) in counted(session, scope, only, &[By::Day, By::ClosedOn])? {
        let dates = (group[0].parse::<Date>(), group[1].parse::<Date>());
        // One that is open has no day on which it was closed.
        let (Ok(raised), Ok(closed)) = dates else { continue };
        let days = raised.until(closed).map_or(0, |span| u64::from(span.get_days().unsigned_abs()));
        *took.entry(days).or_default() += warnings;
    }
    Ok(Handling::of(&took))
}

impl Handling {
    fn of(took: &BTreeMap<u64, u64>) -> Self {
        let closed: u64 = took.values().sum();
        if closed == 0 {
            return Self::default();
        }
        let days: u64 = took.iter().map(|(days, warnings)| days * warnings).sum();
        let mut passed = 0;
        let median = took.iter().find(|(_, warnings)| {
            passed += *warnings;
            passed * 2 >= closed
        });
        Self {
            closed,
            average_tenths: Some((days * 10 + closed / 2) / closed),
            median_days: median.map(|(days, _)| *days),
            longest_days: took.keys().next_back().copied(),
        }
    }
}

/// How often the same comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repeats {
    pub warnings: u64,
    /// Those after the first of the same class on the same subject.
    pub repeated: u64,
    /// Those that were opened again after they were closed.
    pub reopened: u64,
    /// `repeated` of `warnings`, basis points.
    pub rate: Option<u32>,
}

pub fn repeats(session: &ReadSession, scope: &Scope, only: &Only) -> Result<Repeats, ViewError> {
    let select = "COUNT(*), COUNT(DISTINCT class || '/' || about_kind || '/' || about), \
                  COUNT(CASE WHEN reopened > 0 THEN 1 END)";
    let rows = selected(session, scope, only, select, "")?;
    let Some(row) = rows.first() else { return Ok(Repeats::default()) };
    let number = |place: usize| -> Result<u64, ViewError> { Ok(Column::read(&row[place])?) };
    let (warnings, first, reopened) = (number(0)?, number(1)?, number(2)?);
    let repeated = warnings - first.min(warnings);
    Ok(Repeats { warnings, repeated, reopened, rate: share(repeated, warnings) })
}

/// What became of the warnings of a rule: whether it is worth its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quality {
    pub rule: String,
    pub warnings: u64,
    pub rejected: u64,
    pub cleared: u64,
    /// `rejected` of `warnings`, basis points: false alarms.
    pub false_alarms: Option<u32>,
}

/// By rule, the one that hits most first.
pub fn quality(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
) -> Result<Vec<Quality>, ViewError> {
    let mut rules: BTreeMap<String, Quality> = BTreeMap::new();
    for (group, warnings) in counted(session, scope, only, &[By::Rule, By::Stage])? {
        let [rule, stage] = group.as_slice() else { continue };
        let of = rules.entry(rule.clone()).or_default();
        of.rule.clone_from(rule);
        of.warnings += warnings;
        match stage.as_str() {
            "rejected" => of.rejected += warnings,
            "cleared" => of.cleared += warnings,
            _ => {}
        }
    }
    let mut rules: Vec<Quality> = rules.into_values().filter(|of| !of.rule.is_empty()).collect();
    for of in &mut rules {
        of.false_alarms = share(of.rejected, of.warnings);
    }
    rules.sort_by_key(|of| std::cmp::Reverse(of.warnings));
    Ok(rules)
}

fn clause(scope: &Scope, only: &Only) -> Result<Clause, ViewError> {
    let mut clause = Clause::seen::<WarningRow>(scope);
    clause.and::<WarningRow>(only)?;
    Ok(clause)
}

fn selected(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    select: &str,
    tail: &str,
) -> Result<Vec<Row>, ViewError> {
    let clause = clause(scope, only)?;
    let sql = format!("SELECT {select} FROM warning {} {tail}", clause.text());
    session.rows(NAME, &sql, &clause.binds)
}

fn word(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Null | Value::Blob(_) => String::new(),
    }
}

/// Basis points, rounded half up.
fn share(part: u64, whole: u64) -> Option<u32> {
    if whole == 0 {
        return None;
    }
    u32::try_from((part * 20_000 + whole) / (whole * 2)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_once_and_there_is_none_of_nothing() {
        assert_eq!([share(0, 0), share(0, 7)], [None, Some(0)]);
        assert_eq!(
            [share(1, 3), share(2, 3), share(3, 3)],
            [Some(3_333), Some(6_667), Some(10_000)]
        );
    }

    #[test]
    fn the_time_to_handle_is_of_closed_ones_alone() {
        assert_eq!(Handling::of(&BTreeMap::new()), Handling::default());
        let took = BTreeMap::from([(0, 1), (2, 2), (9, 1)]);
        let handling = Handling::of(&took);
        assert_eq!((handling.closed, handling.average_tenths), (4, Some(33)));
        assert_eq!((handling.median_days, handling.longest_days), (Some(2), Some(9)));
    }
}
