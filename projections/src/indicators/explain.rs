//! The events behind a figure. **Invariant** the parts of a count or sum add up to the figure.

use std::collections::BTreeMap;

use definitions::indicator::evaluate::{Ask, FactTable, Key, Query};
use definitions::indicator::{Fold, Measure};
use definitions::{Indicator, Number, Span};
use kernel::Position;
use shared::{Date, Month};
use uuid::Uuid;

use super::NAME;
use super::read::{StoredFacts, int, number_column, sum_in_parts, whole};
use crate::engine::{Value, ViewError};

/// What one event adds to a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub event: Uuid,
    pub position: Position,
    /// The business dates of its facts.
    pub first_day: Date,
    pub last_day: Date,
    /// How many facts of it are in the figure.
    pub facts: i64,
    /// In the unit of the indicator; for an average its part of the sum that is divided; nothing
    /// where the measure picks one of many values.
    pub part: Option<i128>,
}

/// How a figure is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explained {
    /// Of events, by position.
    Parts(Vec<Part>),
    /// Of other indicators: each is explained for itself.
    Indicators(Vec<String>),
    /// Of nothing: the indicator awaits its facts.
    Nothing,
}

/// A page of the parts after `after`. The query's groups are conditions here: one figure.
///
/// # Errors
/// When the read model cannot be read.
pub fn explain(
    facts: &StoredFacts<'_>,
    indicator: &Indicator,
    query: Query<'_>,
    after: Position,
    limit: u32,
) -> Result<Explained, ViewError> {
    let (fold, of) = match &indicator.measure {
        None => return Ok(Explained::Nothing),
        Some(Measure::Of { fold, facts }) => (*fold, facts),
        Some(Measure::Ratio { .. } | Measure::Difference { .. } | Measure::Share { .. }) => {
            let parts = indicator.parts().map(str::to_owned).collect();
            return Ok(Explained::Indicators(parts));
        }
    };
    let conditions = of.conditions.iter().chain(query.conditions).collect();
    let ask = Ask { kind: of.kind, conditions, span: query.span, by: &[] };
    let so_far = Ask { span: Span::until(query.span.to()), ..ask.clone() };
    let page = Page { facts, after, limit };
    Ok(Explained::Parts(match fold {
        Fold::Count => page.parts(&ask, Sum::Facts)?,
        Fold::Sum(number) | Fold::Average(number) => page.parts(&ask, Sum::Of(number))?,
        Fold::Running(number) => page.parts(&so_far, Sum::Of(number))?,
        Fold::Minimum(_) | Fold::Maximum(_) | Fold::Percentile(..) => {
            page.parts(&ask, Sum::Nothing)?
        }
        Fold::Distinct => page.subjects(&ask)?,
        Fold::DistinctSoFar => page.subjects(&so_far)?,
        Fold::Last(number) => page.last(&ask, number)?,
        Fold::Single(number) => page.single(&ask, number)?,
    }))
}

#[derive(Clone, Copy)]
enum Sum {
    Facts,
    Of(Number),
    Nothing,
}

struct Page<'a> {
    facts: &'a StoredFacts<'a>,
    after: Position,
    limit: u32,
}

impl Page<'_> {
    fn parts(&self, ask: &Ask<'_>, sum: Sum) -> Result<Vec<Part>, ViewError> {
        let column = match sum {
            Sum::Of(number) => number_column(ask, number),
            Sum::Facts | Sum::Nothing => "0".to_owned(),
        };
        let mut sql = self.facts.statement(ask);
        sql.and("day >=", ask.span.from());
        sql.and("day <=", ask.span.to());
        sql.and("position >", self.after);
        let table = self.facts.held(&mut sql);
        let text = format!(
            "SELECT position, event, MIN(day), MAX(day), COUNT(*), {} FROM {table} WHERE {} \
             GROUP BY position, event ORDER BY position LIMIT {}",
            sum_in_parts(&column),
            sql.conditions(),
            self.limit
        );
        let rows = self.facts.session.rows(NAME, &text, &sql.binds)?;
        let mut parts = Vec::with_capacity(rows.len());
        for row in &rows {
            let count = int(row, 4)?;
            let part = match sum {
                Sum::Facts => Some(i128::from(count)),
                Sum::Of(_) => Some(whole(row, 5)?),
                Sum::Nothing => None,
            };
            parts.push(Part {
                position: at(row, 0).to()?,
                event: at(row, 1).to()?,
                first_day: at(row, 2).to()?,
                last_day: at(row, 3).to()?,
                facts: count,
                part,
            });
        }
        Ok(parts)
    }

    /// Each subject belongs to the first event that tells of it.
    fn subjects(&self, ask: &Ask<'_>) -> Result<Vec<Part>, ViewError> {
        let mut sql = self.facts.statement(ask);
        sql.and("day >=", ask.span.from());
        sql.and("day <=", ask.span.to());
        sql.and("subject <>", "");
        let table = self.facts.held(&mut sql);
        let after = sql.bind(Value::from(self.after));
        let text = format!(
            "SELECT first, COUNT(*) FROM (SELECT subject, MIN(position) AS first FROM {table} \
             WHERE {} GROUP BY subject) AS subjects WHERE first > {after} \
             GROUP BY first ORDER BY first LIMIT {}",
            sql.conditions(),
            self.limit
        );
        let rows = self.facts.session.rows(NAME, &text, &sql.binds)?;
        let mut first: BTreeMap<Position, i64> = BTreeMap::new();
        for row in &rows {
            first.insert(at(row, 0).to()?, int(row, 1)?);
        }
        let Some(last) = first.keys().next_back().copied() else { return Ok(Vec::new()) };
        // The events between tell only of subjects that were told of before: no part is theirs.
        let mut page = Page { facts: self.facts, after: self.after, limit: 10_000 };
        let mut parts = Vec::new();
        while page.after < last {
            let read = page.parts(ask, Sum::Nothing)?;
            let Some(end) = read.last().map(|part| part.position) else { break };
            page.after = end;
            parts.extend(read.into_iter().filter_map(|part| {
                let subjects = *first.get(&part.position)?;
                Some(Part { part: Some(i128::from(subjects)), ..part })
            }));
        }
        Ok(parts)
    }

    fn last(&self, ask: &Ask<'_>, number: Number) -> Result<Vec<Part>, ViewError> {
        match self.facts.last(ask, number)?.get(&Key::new()) {
            Some((day, _)) => {
                self.parts(&Ask { span: Span::day(*day), ..ask.clone() }, Sum::Of(number))
            }
            None => Ok(Vec::new()),
        }
    }

    /// The last month of each year of the span, less the month before the first one.
    fn single(&self, ask: &Ask<'_>, number: Number) -> Result<Vec<Part>, ViewError> {
        let mut parts = Vec::new();
        for year in ask.span.steps(definitions::Grain::Year) {
            let of = |month: Month| Ask { span: Span::month(month), ..ask.clone() };
            parts.extend(self.last(&of(year.last_month()), number)?);
            if year.first_month().month() > 1 {
                let earlier = self.last(&of(year.first_month().previous()), number)?;
                parts.extend(
                    earlier
                        .into_iter()
                        .map(|part| Part { part: part.part.map(|value| -value), ..part }),
                );
            }
        }
        parts.sort_unstable_by_key(|part| part.position);
        parts.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        Ok(parts)
    }
}

fn at(row: &[Value], place: usize) -> &Value {
    row.get(place).unwrap_or(&Value::Null)
}
