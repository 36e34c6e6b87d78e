//! What is asked of payments: pages of lines, sums, cells, distinct people.

use std::collections::BTreeSet;

use shared::{BankCode, DivisionCode, ItemId, Money, Month, ObligationId, PersonId};

use super::{CellRow, ExcludedRow, LineRow, LineState, NAME, OpeningObligationRow, OpeningRow};
use crate::engine::{ReadSession, Row, Value, ViewError};
use crate::lists::{By, Clause, Only, Page, of_many, pages_of, seen, sums_of};
use crate::runs;
use crate::scope::{Filter, Scope};

seen! { NAME;
    LineRow: by("county");
    CellRow: by("county");
    OpeningRow: by("area");
    OpeningObligationRow: by("area");
}

/// Which lines are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineFilter {
    pub plan: Option<String>,
    pub batch: Option<String>,
    pub person: Option<PersonId>,
    pub item: Option<ItemId>,
    pub month: Option<Month>,
    pub bank: Option<BankCode>,
    pub county: Option<DivisionCode>,
    pub state: Option<LineState>,
}

impl LineFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        Filter::new()
            .divisions(scope, "county")
            .and_if("plan =", self.plan.clone())
            .and_if("batch =", self.batch.clone())
            .and_if("person =", self.person)
            .and_if("item =", self.item)
            .and_if("run_month =", self.month)
            .and_if("bank =", self.bank)
            .and_if("county =", self.county)
            .and_if("state =", self.state.map(|state| state.code().to_owned()))
    }
}

/// Lines after `after`, by obligation.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn lines(
    session: &ReadSession,
    scope: &Scope,
    filter: &LineFilter,
    after: Option<ObligationId>,
    limit: u32,
) -> Result<Vec<LineRow>, ViewError> {
    let filter = filter.filter(scope).and_if("obligation >", after);
    let tail = filter.tail(&format!("ORDER BY obligation LIMIT {limit}"));
    session.query(&tail, filter.binds())
}

/// How many lines, how many people, and their net sum.
pub fn line_totals(
    session: &ReadSession,
    scope: &Scope,
    filter: &LineFilter,
) -> Result<(u64, u64, Money), ViewError> {
    let filter = filter.filter(scope);
    let sql = filter.tail("");
    let sql = format!(
        "SELECT COUNT(*), COUNT(DISTINCT person), CAST(COALESCE(SUM(net), 0) AS BIGINT) \
         FROM line {sql}"
    );
    let rows = session.rows(NAME, &sql, filter.binds())?;
    let value = |place: usize| {
        rows.first().and_then(|row| row.get(place)).cloned().unwrap_or(Value::Int(0))
    };
    Ok((value(0).to()?, value(1).to()?, value(2).to()?))
}

pub fn line(
    session: &ReadSession,
    scope: &Scope,
    obligation: ObligationId,
) -> Result<Option<LineRow>, ViewError> {
    let line: Option<LineRow> = session.get(&obligation)?;
    Ok(line.filter(|line| scope.covers(line.county)))
}

/// Cells of the months asked for, whichever county may be seen.
pub fn cells(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
) -> Result<Vec<CellRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "county").and("month >=", from).and("month <=", to);
    session.query(&filter.tail("ORDER BY month, item, fund, bank, county"), filter.binds())
}

/// Distinct people among the lines of these months, by one column of the line register or in all.
pub fn people(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
    by: Option<PeopleBy>,
) -> Result<Vec<(String, u64)>, ViewError> {
    let filter =
        Filter::new().divisions(scope, "county").and("run_month >=", from).and("run_month <=", to);
    let (column, group) = match by {
        Some(by) => (by.column(), format!("GROUP BY {0} ORDER BY {0}", by.column())),
        None => ("'all'", String::new()),
    };
    let tail = filter.tail(&group);
    let sql = format!("SELECT {column}, COUNT(DISTINCT person) FROM line {tail}");
    let rows = session.rows(NAME, &sql, filter.binds())?;
    rows.iter()
        .map(|row| match row.as_slice() {
            [key, count] => Ok((key.to()?, count.to()?)),
            _ => Ok((String::new(), 0)),
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleBy {
    Month,
    Item,
    Fund,
    Bank,
    County,
}

impl PeopleBy {
    fn column(self) -> &'static str {
        match self {
            Self::Month => "run_month",
            Self::Item => "item",
            Self::Fund => "fund",
            Self::Bank => "bank",
            Self::County => "county",
        }
    }
}

/// Grants that a plan left out, by grant: nothing where the plan may not be seen, for the county of
/// a grant that got no line is not kept here.
pub fn excluded(
    session: &ReadSession,
    scope: &Scope,
    plan: &str,
    asked: &Page<'_>,
) -> Result<Vec<ExcludedRow>, ViewError> {
    let found = excluded_of(session, scope, &[(plan, asked.clone())])?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// The same for many plans at once, in their order; all pages go the way of the first.
pub fn excluded_of(
    session: &ReadSession,
    scope: &Scope,
    asked: &[(&str, Page<'_>)],
) -> Result<Vec<Vec<ExcludedRow>>, ViewError> {
    let visible = visible_plans(session, scope, asked.iter().map(|(plan, _)| *plan))?;
    let only: Vec<Only> =
        asked.iter().map(|(plan, page)| left_out(&visible, plan).and(page.only.clone())).collect();
    let pages: Vec<Page<'_>> =
        asked.iter().zip(&only).map(|((_, page), only)| Page { only, ..page.clone() }).collect();
    pages_of(session, NAME, &Clause::default(), &pages)
}

/// How many grants each of many plans left out, in their order.
pub fn excluded_counts(
    session: &ReadSession,
    scope: &Scope,
    plans: &[&str],
) -> Result<Vec<u64>, ViewError> {
    let visible = visible_plans(session, scope, plans.iter().copied())?;
    let lists: Vec<Only> = plans.iter().map(|plan| left_out(&visible, plan)).collect();
    let rows = sums_of::<ExcludedRow>(session, NAME, &Clause::default(), "COUNT(*)", &lists)?;
    rows.iter().map(|row| Ok(row.first().unwrap_or(&Value::Null).to()?)).collect()
}

fn visible_plans<'a>(
    session: &ReadSession,
    scope: &Scope,
    plans: impl Iterator<Item = &'a str>,
) -> Result<BTreeSet<String>, ViewError> {
    let keys = plans.map(Value::from);
    let rows = of_many::<runs::PlanRow>(session, scope, "plan", keys, &[By::up("plan")])?;
    Ok(rows.into_iter().map(|row| row.plan).collect())
}

/// What a plan left out, where the plan may be seen.
fn left_out(visible: &BTreeSet<String>, plan: &str) -> Only {
    if visible.contains(plan) {
        Only::equal("plan", &plan.to_owned())
    } else {
        Only::Any(Vec::new())
    }
}

/// The parts of these plans with their sums over the lines that may be seen, by plan and part.
pub fn parts(
    session: &ReadSession,
    scope: &Scope,
    plans: &[String],
) -> Result<Vec<PartSums>, ViewError> {
    let mut sums = Vec::new();
    for plan in plans.chunks(KEYS) {
        let filter = Filter::new().divisions(scope, "county");
        let first = filter.binds().len();
        let places: Vec<String> =
            (1..=plan.len()).map(|place| format!("${}", first + place)).collect();
        let mut binds = filter.binds().to_vec();
        binds.extend(plan.iter().map(|plan| Value::from(plan.as_str())));
        let tail = filter
            .and_that(&format!("plan IN ({})", places.join(", ")))
            .tail("GROUP BY plan, part ORDER BY plan, part");
        let sql = format!(
            "SELECT plan, part, COUNT(*), COUNT(DISTINCT person), CAST(SUM(gross) AS BIGINT), \
             CAST(SUM(deductions) AS BIGINT), CAST(SUM(net) AS BIGINT) FROM line {tail}"
        );
        for row in session.rows(NAME, &sql, &binds)? {
            let [plan, part, lines, people, gross, deductions, net] = row.as_slice() else {
                continue;
            };
            sums.push(PartSums {
                plan: plan.to()?,
                part: part.to()?,
                lines: lines.to()?,
                people: people.to()?,
                gross: gross.to()?,
                deductions: deductions.to()?,
                net: net.to()?,
            });
        }
    }
    Ok(sums)
}

/// The sums of one part of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartSums {
    pub plan: String,
    pub part: u32,
    pub lines: u64,
    /// Distinct.
    pub people: u64,
    pub gross: Money,
    pub deductions: Money,
    pub net: Money,
}

const KEYS: usize = 100;

/// Lines, distinct people and their net sum, under each of these conditions.
pub fn totals(
    session: &ReadSession,
    scope: &Scope,
    lists: &[Only],
) -> Result<Vec<(u64, u64, Money)>, ViewError> {
    let sums = "COUNT(*), COUNT(DISTINCT person), CAST(COALESCE(SUM(net), 0) AS BIGINT)";
    let seen = Clause::seen::<LineRow>(scope);
    let rows = sums_of::<LineRow>(session, NAME, &seen, sums, lists)?;
    let value = |row: &Row, place: usize| row.get(place).cloned().unwrap_or(Value::Int(0));
    rows.iter()
        .map(|row| Ok((value(row, 0).to()?, value(row, 1).to()?, value(row, 2).to()?)))
        .collect()
}

/// A dimension by which distinct people are counted: a column, or the class of an item, where
/// `classes` says which item has which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension<'a> {
    Column(PeopleBy),
    Class(&'a [(ItemId, &'static str)]),
}

/// Distinct people of these months in every group: the values of the dimensions, as text, and the
/// count. Never added up: one person stands in several groups.
pub fn people_in_groups(
    session: &ReadSession,
    scope: &Scope,
    months: (Month, Month),
    by: &[Dimension<'_>],
    limit: usize,
) -> Result<Vec<(Vec<String>, u64)>, ViewError> {
    let mut clause = Clause::seen::<LineRow>(scope);
    clause.and::<LineRow>(
        &Only::at_least("run_month", &months.0).and(Only::at_most("run_month", &months.1)),
    )?;
    let mut columns = Vec::with_capacity(by.len());
    for each in by {
        columns.push(match each {
            Dimension::Column(column) => column.column().to_owned(),
            Dimension::Class([]) => "''".to_owned(),
            Dimension::Class(classes) => {
                let mut cases = String::new();
                for (item, class) in *classes {
                    let item = clause.bind(Value::from(*item));
                    let class = clause.bind(Value::from(*class));
                    cases.push_str(&format!(" WHEN {item} THEN {class}"));
                }
                format!("CASE item{cases} ELSE '' END")
            }
        });
    }
    let places: Vec<String> = (1..=columns.len()).map(|place| place.to_string()).collect();
    columns.push("COUNT(DISTINCT person)".to_owned());
    let group = match places.as_slice() {
        [] => String::new(),
        places => format!("GROUP BY {}", places.join(", ")),
    };
    let sql =
        format!("SELECT {} FROM line {} {group} LIMIT {limit}", columns.join(", "), clause.text());
    let mut counted = Vec::new();
    for row in session.rows(NAME, &sql, &clause.binds)? {
        let Some((count, key)) = row.split_last() else { continue };
        let key: Result<Vec<String>, _> = key.iter().map(Value::to::<String>).collect();
        counted.push((key?, count.to()?));
    }
    Ok(counted)
}
