//! What an indicator says of facts. The facts come through a port, so that a definition's worked
//! examples, the read model and the tests' plain recomputation share one meaning of each measure.
//!
//! **Invariant** a ratio is made of unrounded parts; a figure that cannot be made is null with its
//! reason, never zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use shared::{Date, Month};
use thiserror::Error;

use super::{
    Condition, FactKind, Facts, Fold, Grain, Grouping, Indicator, Measure, Number, Span, Unit,
};

/// The groups of a figure: one text per grouping asked for, in their order; empty where the fact
/// has none.
pub type Key = Vec<String>;

/// One figure. Exactly one of `value` and `missing` is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// In the indicator's unit: fen, basis points, hundredths of a month, or a count.
    pub value: Option<i64>,
    pub missing: Option<Missing>,
    /// The day of the last fact, for measures that take the last one.
    pub reaches: Option<Date>,
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Error)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Missing {
    #[error("nothing was recorded")]
    NoFacts,
    #[error("the divisor is zero")]
    DivisionByZero,
    #[error("the value does not fit in 64 bits")]
    Overflow,
    #[error("the figure of {month} was not published")]
    NotPublished { month: Month },
    #[error("the facts of {context} are not recorded yet")]
    Awaiting { context: String },
    #[error("too few to be shown")]
    SmallGroup,
}

impl Missing {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFacts => "no-facts",
            Self::DivisionByZero => "division-by-zero",
            Self::Overflow => "overflow",
            Self::NotPublished { .. } => "not-published",
            Self::Awaiting { .. } => "awaiting",
            Self::SmallGroup => "small-group",
        }
    }

    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::NoFacts => "没有记录".to_owned(),
            Self::DivisionByZero => "除数为零".to_owned(),
            Self::Overflow => "数值超出范围".to_owned(),
            Self::NotPublished { month } => format!("{month} 的数据未公布"),
            Self::Awaiting { context } => format!("{context} 的事实尚未记录"),
            Self::SmallGroup => "人数过少，不予显示".to_owned(),
        }
    }
}

impl Figure {
    #[must_use]
    pub fn of(value: i128) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self { value: Some(value), missing: None, reaches: None },
            Err(_) => Self::none(Missing::Overflow),
        }
    }

    #[must_use]
    pub fn none(missing: Missing) -> Self {
        Self { value: None, missing: Some(missing), reaches: None }
    }

    fn reaching(self, day: Date) -> Self {
        Self { reaches: Some(day), ..self }
    }
}

/// What is asked of the facts: those of a kind, within a span, that meet every condition, by group.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub kind: FactKind,
    pub conditions: Vec<&'a Condition>,
    pub span: Span,
    pub by: &'a [Grouping],
}

/// How many facts, and the sum of one of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    pub count: i64,
    pub sum: i128,
}

/// Which of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    Minimum,
    Maximum,
    /// The smallest value that at least so many of a hundred do not exceed (nearest rank).
    Percentile(u8),
}

impl Pick {
    /// The place, from 0, among `count` values in rising order; `count` is above 0.
    #[must_use]
    pub fn place(self, count: u64) -> u64 {
        match self {
            Self::Minimum => 0,
            Self::Maximum => count.saturating_sub(1),
            Self::Percentile(percent) => {
                (count.saturating_mul(u64::from(percent))).div_ceil(100).max(1) - 1
            }
        }
    }
}

/// Where facts are found. A group without facts is not in the answer.
pub trait FactTable {
    type Error;

    /// # Errors
    /// When the facts cannot be read; so for all of these.
    fn totals(
        &self,
        ask: &Ask<'_>,
        number: Option<Number>,
    ) -> Result<BTreeMap<Key, Total>, Self::Error>;

    /// How many different subjects.
    fn distinct(&self, ask: &Ask<'_>) -> Result<BTreeMap<Key, i64>, Self::Error>;

    fn pick(
        &self,
        ask: &Ask<'_>,
        number: Number,
        pick: Pick,
    ) -> Result<BTreeMap<Key, i64>, Self::Error>;

    /// The sum on each group's last day that has a fact, and that day.
    fn last(
        &self,
        ask: &Ask<'_>,
        number: Number,
    ) -> Result<BTreeMap<Key, (Date, i128)>, Self::Error>;
}

/// An indicator asked for a span, by groups, under further conditions.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    pub span: Span,
    pub by: &'a [Grouping],
    pub conditions: &'a [Condition],
}

/// The figures of an indicator, by group. Without groups there is always one figure.
///
/// # Errors
/// When the facts cannot be read.
pub fn evaluate<T: FactTable>(
    indicator: &Indicator,
    among: &BTreeMap<String, Indicator>,
    query: Query<'_>,
    table: &T,
) -> Result<BTreeMap<Key, Figure>, T::Error> {
    let mut figures = match &indicator.measure {
        None => BTreeMap::new(),
        Some(Measure::Of { fold, facts }) => fold_facts(*fold, facts, query, table)?,
        Some(Measure::Ratio { over, under }) => {
            let (over, under) =
                (part(over, among, query, table)?, part(under, among, query, table)?);
            joined(&over, &under, |over, under| quotient(over, under, indicator.unit))
        }
        Some(Measure::Difference { first, second }) => {
            let first = part(first, among, query, table)?;
            let second = part(second, among, query, table)?;
            joined(&first, &second, difference)
        }
        Some(Measure::Share { of, among: grouping }) => {
            let parts = part(of, among, query, table)?;
            let kept: Vec<Grouping> =
                query.by.iter().copied().filter(|by| by != grouping).collect();
            let wholes = part(of, among, Query { by: &kept, ..query }, table)?;
            let whole_of = |key: &Key| -> Key {
                let of = key.iter().zip(query.by).filter(|(_, by)| *by != grouping);
                of.map(|(group, _)| group.clone()).collect()
            };
            let share = |(key, figure): (&Key, &Figure)| {
                let whole = wholes.get(&whole_of(key));
                (key.clone(), quotient(Some(figure), whole, indicator.unit))
            };
            parts.iter().map(share).collect()
        }
    };
    if query.by.is_empty() && figures.is_empty() {
        figures.insert(Key::new(), indicator.of_nothing());
    }
    Ok(figures)
}

fn part<T: FactTable>(
    id: &str,
    among: &BTreeMap<String, Indicator>,
    query: Query<'_>,
    table: &T,
) -> Result<BTreeMap<Key, Figure>, T::Error> {
    match among.get(id) {
        Some(indicator) => evaluate(indicator, among, query, table),
        // A catalogue holds no dangling reference.
        None => Ok(BTreeMap::new()),
    }
}

fn fold_facts<T: FactTable>(
    fold: Fold,
    facts: &Facts,
    query: Query<'_>,
    table: &T,
) -> Result<BTreeMap<Key, Figure>, T::Error> {
    let conditions = facts.conditions.iter().chain(query.conditions).collect();
    let ask = Ask { kind: facts.kind, conditions, span: query.span, by: query.by };
    let figures = |values: BTreeMap<Key, i128>| -> BTreeMap<Key, Figure> {
        values.into_iter().map(|(key, value)| (key, Figure::of(value))).collect()
    };
    let totals = |ask: &Ask<'_>, number, value: fn(Total) -> i128| {
        let totals = table.totals(ask, number)?;
        Ok(figures(totals.into_iter().map(|(key, total)| (key, value(total))).collect()))
    };
    let picked = |number, pick| {
        let picked = table.pick(&ask, number, pick)?;
        Ok(figures(picked.into_iter().map(|(key, value)| (key, i128::from(value))).collect()))
    };
    match fold {
        Fold::Count => totals(&ask, None, |total| i128::from(total.count)),
        Fold::Sum(number) => totals(&ask, Some(number), |total| total.sum),
        Fold::Average(number) => totals(&ask, Some(number), |total| {
            rounded(total.sum, i128::from(total.count)).unwrap_or_default()
        }),
        Fold::Running(number) => {
            let ask = Ask { span: Span::until(query.span.to()), ..ask.clone() };
            totals(&ask, Some(number), |total| total.sum)
        }
        Fold::Distinct => {
            let distinct = table.distinct(&ask)?;
            Ok(figures(distinct.into_iter().map(|(key, n)| (key, i128::from(n))).collect()))
        }
        Fold::DistinctSoFar => {
            let ask = Ask { span: Span::until(query.span.to()), ..ask.clone() };
            let distinct = table.distinct(&ask)?;
            Ok(figures(distinct.into_iter().map(|(key, n)| (key, i128::from(n))).collect()))
        }
        Fold::Minimum(number) => picked(number, Pick::Minimum),
        Fold::Maximum(number) => picked(number, Pick::Maximum),
        Fold::Percentile(number, percent) => picked(number, Pick::Percentile(percent)),
        Fold::Last(number) => {
            let last = table.last(&ask, number)?;
            let figure = |(key, (day, value))| (key, Figure::of(value).reaching(day));
            Ok(last.into_iter().map(figure).collect())
        }
        Fold::Single(number) => single(&ask, number, table),
    }
}

/// A figure that authorities count from January on, taken apart: what the last month says less
/// what the month before the first one said; each year for itself.
fn single<T: FactTable>(
    ask: &Ask<'_>,
    number: Number,
    table: &T,
) -> Result<BTreeMap<Key, Figure>, T::Error> {
    let mut years: Vec<BTreeMap<Key, Figure>> = Vec::new();
    for year in ask.span.steps(Grain::Year) {
        let of = |month| {
            let ask = Ask { span: Span::month(month), ..ask.clone() };
            table.last(&ask, number)
        };
        let (first, last) = (year.first_month(), year.last_month());
        let (before, until) = (first.previous(), of(last)?);
        let earlier = if first.month() == 1 { BTreeMap::new() } else { of(before)? };
        let keys: BTreeSet<&Key> = until.keys().chain(earlier.keys()).collect();
        let figure = |key: &Key| match (until.get(key), earlier.get(key)) {
            (None, _) => Figure::none(Missing::NotPublished { month: last }),
            (Some((day, value)), _) if first.month() == 1 => Figure::of(*value).reaching(*day),
            (Some(_), None) => Figure::none(Missing::NotPublished { month: before }),
            (Some((day, value)), Some((_, earlier))) => Figure::of(value - earlier).reaching(*day),
        };
        years.push(keys.into_iter().map(|key| (key.clone(), figure(key))).collect());
    }
    let keys: BTreeSet<Key> = years.iter().flat_map(BTreeMap::keys).cloned().collect();
    let sum = |key: &Key| {
        let mut sum = Figure::of(0);
        for year in &years {
            sum = match (sum.value, year.get(key)) {
                (None, _) => return sum,
                (_, None) => return Figure::none(Missing::NoFacts),
                (_, Some(figure)) if figure.value.is_none() => return figure.clone(),
                (Some(sum), Some(figure)) => {
                    let added = i128::from(sum) + i128::from(figure.value.unwrap_or_default());
                    Figure { reaches: figure.reaches, ..Figure::of(added) }
                }
            };
        }
        sum
    };
    Ok(keys.iter().map(|key| (key.clone(), sum(key))).collect())
}

fn joined(
    one: &BTreeMap<Key, Figure>,
    other: &BTreeMap<Key, Figure>,
    join: impl Fn(Option<&Figure>, Option<&Figure>) -> Figure,
) -> BTreeMap<Key, Figure> {
    let keys: BTreeSet<&Key> = one.keys().chain(other.keys()).collect();
    keys.into_iter().map(|key| (key.clone(), join(one.get(key), other.get(key)))).collect()
}

/// `over / under` in a unit, rounded half away from zero. A part that is not there counts nothing.
#[must_use]
pub fn quotient(over: Option<&Figure>, under: Option<&Figure>, unit: Unit) -> Figure {
    let nothing = Figure::of(0);
    let (over, under) = (over.unwrap_or(&nothing), under.unwrap_or(&nothing));
    match (over.value, under.value) {
        (None, _) => over.clone(),
        (_, None) => under.clone(),
        (Some(over), Some(under)) => {
            match rounded(i128::from(over) * i128::from(unit.scale()), i128::from(under)) {
                Some(value) => Figure::of(value),
                None => Figure::none(Missing::DivisionByZero),
            }
        }
    }
}

fn difference(first: Option<&Figure>, second: Option<&Figure>) -> Figure {
    match (first, second) {
        (
            Some(Figure { value: Some(first), reaches, .. }),
            Some(Figure { value: Some(second), .. }),
        ) => Figure { reaches: *reaches, ..Figure::of(i128::from(*first) - i128::from(*second)) },
        (Some(none @ Figure { value: None, .. }), _)
        | (_, Some(none @ Figure { value: None, .. })) => none.clone(),
        (Some(Figure { value: Some(first), .. }), None) => Figure::of(i128::from(*first)),
        (None, Some(Figure { value: Some(second), .. })) => Figure::of(-i128::from(*second)),
        (None, None) => Figure::none(Missing::NoFacts),
    }
}

/// Half away from zero (四舍五入); `None` when the divisor is zero.
fn rounded(over: i128, under: i128) -> Option<i128> {
    if under == 0 {
        return None;
    }
    let (whole, rest) = (over / under, over % under);
    let up = rest.unsigned_abs() * 2 >= under.unsigned_abs();
    let away = if (over < 0) == (under < 0) { 1 } else { -1 };
    Some(if up { whole + away } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_round_half_away_from_zero() {
        for (over, under, value) in
            [(1, 2, 1), (-1, 2, -1), (1, 3, 0), (2, 3, 1), (5, -2, -3), (0, 7, 0), (7, 7, 1)]
        {
            assert_eq!(rounded(over, under), Some(value), "{over}/{under}");
        }
        assert_eq!(rounded(1, 0), None);
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        for (percent, count, place) in
            [(50, 1, 0), (50, 2, 0), (50, 3, 1), (90, 10, 8), (100, 10, 9), (1, 10, 0), (91, 10, 9)]
        {
            assert_eq!(Pick::Percentile(percent).place(count), place, "{percent} of {count}");
        }
    }

    #[test]
    fn what_does_not_fit_has_no_value() {
        assert_eq!(Figure::of(i128::from(i64::MAX) + 1).missing, Some(Missing::Overflow));
        let (one, zero) = (Figure::of(1), Figure::of(0));
        let by_zero = quotient(Some(&one), Some(&zero), Unit::BasisPoints);
        assert_eq!(by_zero.missing, Some(Missing::DivisionByZero));
        let third = quotient(Some(&one), Some(&Figure::of(3)), Unit::BasisPoints);
        assert_eq!(third.value, Some(3_333));
    }
}
