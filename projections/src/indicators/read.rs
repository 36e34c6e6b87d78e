//! Indicators evaluated over facts and cells, as they stand or as they stood at a position.
//!
//! Counts and sums come from cells: whole years, then whole months, then days. Everything else, and
//! everything of the past, comes from the facts themselves.

use std::collections::BTreeMap;

use definitions::indicator::evaluate::{
    Ask, FactTable, Figure, Key, Missing, Pick, Query, Total, evaluate,
};
use definitions::{Dimension, Grouping, Indicator, Number, Span};
use kernel::Position;
use shared::{Date, Month};

use super::NAME;
use super::rows::{DAY, MONTH, YEAR};
use crate::engine::{ReadSession, Row, Value, ViewError};
use crate::scope::Scope;

/// Sums are taken in two parts, so that no store's 64 bits overflow: what is above, what is below.
const PARTS: i64 = 1_000_000_000;

/// The figures of an indicator, by group, small groups hidden.
///
/// # Errors
/// When the read model cannot be read.
pub fn figures(
    facts: &StoredFacts<'_>,
    indicator: &Indicator,
    among: &BTreeMap<String, Indicator>,
    query: Query<'_>,
) -> Result<BTreeMap<Key, Figure>, ViewError> {
    let mut figures = evaluate(indicator, among, query, facts)?;
    hide(&mut figures, indicator.hide_below);
    Ok(figures)
}

/// Hides groups that are too small, and where that is one alone the next smallest as well: it could
/// be told from the total.
pub fn hide(figures: &mut BTreeMap<Key, Figure>, below: i64) {
    let small = |figure: &Figure| figure.value.is_some_and(|value| 0 < value && value < below);
    let hidden: Vec<Key> =
        figures.iter().filter(|(_, figure)| small(figure)).map(|(key, _)| key.clone()).collect();
    let next = match hidden.as_slice() {
        [only] if figures.len() > 1 => figures
            .iter()
            .filter(|(key, figure)| *key != only && figure.value.is_some_and(|value| value > 0))
            .min_by_key(|(_, figure)| figure.value)
            .map(|(key, _)| key.clone()),
        _ => None,
    };
    for key in hidden.into_iter().chain(next) {
        figures.insert(key, Figure::none(Missing::SmallGroup));
    }
}

/// The facts of one look at the read models, as far as a scope goes.
pub struct StoredFacts<'a> {
    pub session: &'a ReadSession,
    pub scope: &'a Scope,
    /// As they were held at this position; `None`: as they are held now.
    pub as_of: Option<Position>,
}

impl FactTable for StoredFacts<'_> {
    type Error = ViewError;

    fn totals(
        &self,
        ask: &Ask<'_>,
        number: Option<Number>,
    ) -> Result<BTreeMap<Key, Total>, ViewError> {
        let column = number.map_or_else(|| "0".to_owned(), |number| number_column(ask, number));
        let mut totals: BTreeMap<Key, Total> = BTreeMap::new();
        let mut add = |rows: Vec<Row>| -> Result<(), ViewError> {
            for row in rows {
                let (key, rest) = key_and_rest(&row, ask)?;
                let total = totals.entry(key).or_default();
                total.count += int(rest, 0)?;
                total.sum += whole(rest, 1)?;
            }
            Ok(())
        };
        if self.as_of.is_some() {
            let sums = format!("COUNT(*), {}", sum_in_parts(&column));
            add(self.facts(ask, &sums, "", "")?)?;
        } else {
            for piece in pieces(ask.span) {
                let mut sql = self.statement(ask);
                let sums = format!("CAST(SUM(facts) AS BIGINT), {}", sum_in_parts(&column));
                let (grain, from, to) = piece;
                sql.and("grain =", i64::from(grain));
                sql.and("start >=", from);
                sql.and("start <=", to);
                let text = sql.select(&sums, "indicator_cell", "", "");
                add(self.session.rows(NAME, &text, &sql.binds)?)?;
            }
        }
        // Without groups a statement answers also where there are no facts.
        totals.retain(|_, total| total.count != 0);
        Ok(totals)
    }

    fn distinct(&self, ask: &Ask<'_>) -> Result<BTreeMap<Key, i64>, ViewError> {
        let counted = "COUNT(DISTINCT CASE WHEN subject <> '' THEN subject END)";
        let rows = self.facts(ask, counted, "", "")?;
        rows.iter()
            .map(|row| {
                let (key, rest) = key_and_rest(row, ask)?;
                Ok((key, int(rest, 0)?))
            })
            .collect()
    }

    fn pick(
        &self,
        ask: &Ask<'_>,
        number: Number,
        pick: Pick,
    ) -> Result<BTreeMap<Key, i64>, ViewError> {
        let column = number_column(ask, number);
        // How often each value occurs, in rising order.
        let rows = self.facts(ask, &format!("{column}, COUNT(*)"), &column, &column)?;
        let mut values: BTreeMap<Key, Vec<(i64, u64)>> = BTreeMap::new();
        for row in &rows {
            let (key, rest) = key_and_rest(row, ask)?;
            let often = u64::try_from(int(rest, 1)?).unwrap_or_default();
            values.entry(key).or_default().push((int(rest, 0)?, often));
        }
        let picked = |values: Vec<(i64, u64)>| {
            let place = pick.place(values.iter().map(|(_, often)| often).sum());
            let mut passed = 0;
            let at = values.iter().find(|(_, often)| {
                passed += often;
                place < passed
            });
            at.map(|(value, _)| *value)
        };
        let picked = values.into_iter().map(|(key, values)| Some((key, picked(values)?)));
        Ok(picked.flatten().collect())
    }

    fn last(
        &self,
        ask: &Ask<'_>,
        number: Number,
    ) -> Result<BTreeMap<Key, (Date, i128)>, ViewError> {
        let sums = format!("day, {}", sum_in_parts(&number_column(ask, number)));
        let rows = self.facts(ask, &sums, "day", "day")?;
        let mut last = BTreeMap::new();
        for row in &rows {
            let (key, rest) = key_and_rest(row, ask)?;
            let day: Date = rest.first().unwrap_or(&Value::Null).to()?;
            // In the order of days: the later one stands.
            last.insert(key, (day, whole(rest, 1)?));
        }
        Ok(last)
    }
}

impl StoredFacts<'_> {
    /// What `select` makes of the facts asked for, by group.
    fn facts(
        &self,
        ask: &Ask<'_>,
        select: &str,
        also_by: &str,
        order: &str,
    ) -> Result<Vec<Row>, ViewError> {
        let mut sql = self.statement(ask);
        sql.and("day >=", ask.span.from());
        sql.and("day <=", ask.span.to());
        let table = self.held(&mut sql);
        let text = sql.select(select, &table, also_by, order);
        self.session.rows(NAME, &text, &sql.binds)
    }

    /// The facts held: those of now, or those of a position, as a table.
    pub(super) fn held(&self, sql: &mut Statement) -> String {
        const COLUMNS: &str = "kind, fact, day, subject, d1, d2, d3, d4, d5, d6, d7, d8, \
                               n1, n2, n3, event, position";
        match self.as_of {
            None => "indicator_fact".to_owned(),
            Some(position) => {
                let at = sql.bind(Value::from(position));
                format!(
                    "(SELECT {COLUMNS} FROM indicator_fact WHERE position <= {at} UNION ALL \
                     SELECT {COLUMNS} FROM indicator_past_fact \
                     WHERE position <= {at} AND until > {at}) AS held"
                )
            }
        }
    }

    pub(super) fn statement(&self, ask: &Ask<'_>) -> Statement {
        let mut sql = Statement {
            groups: ask.by.iter().map(|by| group_column(ask, *by)).collect(),
            conditions: Vec::new(),
            binds: Vec::new(),
        };
        sql.and("kind =", ask.kind.word());
        for condition in &ask.conditions {
            let places: Vec<String> =
                condition.is.iter().map(|is| sql.bind(Value::from(is.as_str()))).collect();
            let column = group_column(ask, condition.by);
            sql.conditions.push(format!("{column} IN ({})", places.join(", ")));
        }
        // What lies in no division is public.
        if ask.kind.place(Dimension::County).is_some() {
            let (clause, binds) = self.scope.division_clause("d1", sql.binds.len() + 1);
            sql.conditions.push(clause);
            sql.binds.extend(binds);
        }
        sql
    }
}

/// A statement while it is put together; binds are numbered as they come.
#[derive(Default)]
pub(super) struct Statement {
    groups: Vec<String>,
    conditions: Vec<String>,
    pub binds: Vec<Value>,
}

impl Statement {
    pub fn bind(&mut self, value: Value) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    pub fn and(&mut self, column_and_operator: &str, value: impl Into<Value>) {
        let place = self.bind(value.into());
        self.conditions.push(format!("{column_and_operator} {place}"));
    }

    pub fn conditions(&self) -> String {
        self.conditions.join(" AND ")
    }

    fn select(&self, what: &str, table: &str, also_by: &str, order: &str) -> String {
        let mut by = self.groups.clone();
        by.extend((!also_by.is_empty()).then(|| also_by.to_owned()));
        let groups: String = self.groups.iter().map(|group| format!("{group}, ")).collect();
        let mut text = format!("SELECT {groups}{what} FROM {table} WHERE {}", self.conditions());
        if !by.is_empty() {
            text.push_str(" GROUP BY ");
            text.push_str(&by.join(", "));
        }
        if !order.is_empty() {
            text.push_str(" ORDER BY ");
            text.push_str(order);
        }
        text
    }
}

fn group_column(ask: &Ask<'_>, by: Grouping) -> String {
    let (dimension, first) = by.of();
    match (ask.kind.place(dimension), first) {
        (Some(place), None) => format!("d{}", place + 1),
        (Some(place), Some(first)) => format!("SUBSTR(d{}, 1, {first})", place + 1),
        // A fact without this dimension is in the group of those that have none.
        (None, _) => "''".to_owned(),
    }
}

pub(super) fn number_column(ask: &Ask<'_>, number: Number) -> String {
    match ask.kind.number_place(number) {
        Some(place) => format!("n{}", place + 1),
        None => "0".to_owned(),
    }
}

/// Two columns that [`whole`] reads.
pub(super) fn sum_in_parts(column: &str) -> String {
    format!("CAST(SUM({column} / {PARTS}) AS BIGINT), CAST(SUM({column} % {PARTS}) AS BIGINT)")
}

/// The sum whose two parts stand at `place` and behind it.
pub(super) fn whole(row: &[Value], place: usize) -> Result<i128, ViewError> {
    let (above, below) = (int(row, place)?, int(row, place + 1)?);
    Ok(i128::from(above) * i128::from(PARTS) + i128::from(below))
}

/// A sum of nothing is null.
pub(super) fn int(row: &[Value], place: usize) -> Result<i64, ViewError> {
    let value = row.get(place).unwrap_or(&Value::Null);
    Ok(value.to::<Option<i64>>()?.unwrap_or_default())
}

fn key_and_rest<'r>(row: &'r Row, ask: &Ask<'_>) -> Result<(Key, &'r [Value]), ViewError> {
    let (groups, rest) = row.split_at(ask.by.len().min(row.len()));
    let key = groups.iter().map(Value::to::<String>).collect::<Result<_, _>>()?;
    Ok((key, rest))
}

/// A span as cells of years, months and days: first and last start of each.
fn pieces(span: Span) -> Vec<(u8, Date, Date)> {
    let (from, to) = (span.from(), span.to());
    let (mut first, mut last) = (span.first_month(), span.last_month());
    if first.first_day() < from {
        first = first.next();
    }
    if last.last_day() > to {
        last = last.previous();
    }
    if first > last {
        return vec![(DAY, from, to)];
    }
    let mut pieces = Vec::new();
    if from < first.first_day() {
        pieces.push((DAY, from, first.previous().last_day()));
    }
    if last.last_day() < to {
        pieces.push((DAY, last.next().first_day(), to));
    }
    let year = |year: i16, month: i8| Month::new(year, month).ok();
    let from_year = if first.month() == 1 { first.year() } else { first.year() + 1 };
    let to_year = if last.month() == 12 { last.year() } else { last.year() - 1 };
    match (year(from_year, 1), year(to_year, 12)) {
        (Some(begin), Some(end)) if begin <= end => {
            let begin_of = |month: Month| month.first_day();
            let last_year = year(to_year, 1).unwrap_or(end);
            pieces.push((YEAR, begin_of(begin), begin_of(last_year)));
            if first < begin {
                pieces.push((MONTH, begin_of(first), begin_of(begin.previous())));
            }
            if end < last {
                pieces.push((MONTH, begin_of(end.next()), begin_of(last)));
            }
        }
        _ => pieces.push((MONTH, first.first_day(), last.first_day())),
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_every_day_once() {
        for text in [
            "2026-01-05",
            "2026-01",
            "2025-11..2026-02",
            "2023-12-31..2026-01-01",
            "2023-02-10..2026-11-20",
            "2024",
            "2026-01-01..2026-01-30",
        ] {
            let span: Span = text.parse().unwrap();
            let mut days: Vec<Date> = Vec::new();
            for (grain, from, to) in pieces(span) {
                let mut start = from;
                while start <= to {
                    let end = match grain {
                        DAY => start,
                        MONTH => Month::of(start).last_day(),
                        _ => Span::year(start.year()).to(),
                    };
                    days.extend(
                        Span::new(start, end)
                            .unwrap()
                            .steps(definitions::Grain::Day)
                            .iter()
                            .map(|day| day.from()),
                    );
                    start = end.tomorrow().unwrap();
                }
            }
            days.sort_unstable();
            let all: Vec<Date> =
                span.steps(definitions::Grain::Day).iter().map(|day| day.from()).collect();
            assert_eq!(days, all, "{text}");
        }
    }

    #[test]
    fn a_small_group_alone_takes_the_next_one_with_it() {
        let figures = |values: &[i64]| -> BTreeMap<Key, Figure> {
            let keyed = values.iter().enumerate();
            keyed.map(|(key, n)| (vec![key.to_string()], Figure::of(i128::from(*n)))).collect()
        };
        let shown = |values: &[i64]| -> Vec<Option<i64>> {
            let mut figures = figures(values);
            hide(&mut figures, 5);
            figures.into_values().map(|figure| figure.value).collect()
        };
        assert_eq!(shown(&[3, 40, 9, 0]), [None, Some(40), None, Some(0)]);
        assert_eq!(shown(&[3, 4, 9]), [None, None, Some(9)]);
        assert_eq!(shown(&[5, 9]), [Some(5), Some(9)]);
        assert_eq!(shown(&[4]), [None]);
    }
}
