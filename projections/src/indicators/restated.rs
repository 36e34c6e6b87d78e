//! Figures of months that were over and were changed: what they said before, each with the event and
//! the position that changed it; and what a month said when it was closed.

use std::collections::{BTreeMap, BTreeSet};

use definitions::indicator::evaluate::{Figure, Query};
use definitions::{FactKind, Indicator, Measure};
use kernel::Position;
use shared::Month;
use uuid::Uuid;

use super::NAME;
use super::read::{Statement, StoredFacts, figures};
use super::rows::CloseRow;
use crate::engine::{Column, ReadSession, ViewError};
use crate::scope::Scope;

/// A figure before and after an event that changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restated {
    pub position: Position,
    pub event: Uuid,
    /// As it was known just before `position`.
    pub before: Figure,
    pub after: Figure,
}

/// The changes of one figure behind `after`, by position, of the next `limit` events that touched
/// its months. The second value is where the next page begins, if there is one.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn restated(
    (session, scope): (&ReadSession, &Scope),
    indicator: &Indicator,
    among: &BTreeMap<String, Indicator>,
    query: Query<'_>,
    (after, limit): (Position, u32),
) -> Result<(Vec<Restated>, Option<Position>), ViewError> {
    let at = |position: Position| -> Result<Figure, ViewError> {
        let facts = StoredFacts { session, scope, as_of: Some(position) };
        let found = figures(&facts, indicator, among, Query { by: &[], ..query })?;
        Ok(found.into_values().next().unwrap_or_else(|| indicator.of_nothing()))
    };
    let touched = touched(session, indicator, among, &query, (after, limit))?;
    let next = touched.last().map(|(position, _)| *position);
    let next = next.filter(|_| touched.len() >= limit as usize);
    let mut found = Vec::new();
    for (position, event) in touched {
        let (before, after) = (at(Position(position.0.saturating_sub(1)))?, at(position)?);
        if before != after {
            found.push(Restated { position, event, before, after });
        }
    }
    Ok((found, next))
}

/// The events that changed a closed month of the span, in facts that the indicator counts.
fn touched(
    session: &ReadSession,
    indicator: &Indicator,
    among: &BTreeMap<String, Indicator>,
    query: &Query<'_>,
    (after, limit): (Position, u32),
) -> Result<Vec<(Position, Uuid)>, ViewError> {
    let mut kinds = BTreeSet::new();
    counts(indicator, among, &mut kinds, 0);
    let mut sql = Statement::default();
    let places: Vec<String> = kinds.iter().map(|kind| sql.bind(kind.word().into())).collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    sql.and("month >=", Column::write(&query.span.first_month()));
    sql.and("month <=", Column::write(&query.span.last_month()));
    sql.and("position >", after);
    let text = format!(
        "SELECT DISTINCT position, event FROM indicator_restated WHERE kind IN ({}) AND {} \
         ORDER BY position LIMIT {limit}",
        places.join(", "),
        sql.conditions()
    );
    let rows = session.rows(NAME, &text, &sql.binds)?;
    rows.iter().map(|row| Ok((Column::read(&row[0])?, Column::read(&row[1])?))).collect()
}

/// The kinds of facts that an indicator counts, by way of others as well.
fn counts(
    indicator: &Indicator,
    among: &BTreeMap<String, Indicator>,
    kinds: &mut BTreeSet<FactKind>,
    depth: usize,
) {
    if let Some(Measure::Of { facts, .. }) = &indicator.measure {
        kinds.insert(facts.kind);
    }
    // No indicator is made of itself; the depth only bounds what a fault could cost.
    if depth < 16 {
        let parts = indicator.parts().filter_map(|part| among.get(part));
        parts.for_each(|part| counts(part, among, kinds, depth + 1));
    }
}

/// The position at which a month was closed: the first day of a later month was opened there.
pub fn closed_at(session: &ReadSession, month: Month) -> Result<Option<Position>, ViewError> {
    let row: Option<CloseRow> = session.get(&month)?;
    Ok(row.map(|row| row.position))
}
