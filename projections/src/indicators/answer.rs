//! An indicator as it is asked: a period, perhaps cut into steps, by groups, compared with the
//! period before or the year before. One code for the endpoint and for the terminal.

use std::collections::BTreeMap;

use definitions::indicator::Condition;
use definitions::indicator::evaluate::{Figure, Key, Query, quotient};
use definitions::{Compared, Grain, Grouping, Indicator, Panel, Span, Unit, Window};
use shared::{Date, Month};
use thiserror::Error;

use super::read::{StoredFacts, figures};
use crate::engine::ViewError;

/// How many steps one answer has at most.
pub const STEPS_MAX: usize = 400;

#[derive(Debug, Clone)]
pub struct Asked {
    pub span: Span,
    /// Cut into these; `None`: the span is one.
    pub steps: Option<Grain>,
    pub by: Vec<Grouping>,
    pub conditions: Vec<Condition>,
    pub compare: Option<Compared>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub span: Span,
    /// One group for each grouping asked for.
    pub key: Key,
    pub figure: Figure,
    /// The same group in the period it is compared with.
    pub compared: Option<Figure>,
    /// The change against it, basis points.
    pub change: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// By step, then by group; the groups of one step only where it is asked by groups.
    pub cells: Vec<Cell>,
    /// Of the whole span, without groups.
    pub total: Option<Cell>,
}

#[derive(Debug, Error)]
pub enum AskError {
    #[error("{id} cannot be asked by {by}")]
    NotGroupable { id: String, by: Grouping, allowed: Vec<String> },
    #[error("{asked} steps are more than {STEPS_MAX}")]
    TooManySteps { asked: usize },
    #[error("the figures cannot be read")]
    View(#[from] ViewError),
}

/// # Errors
/// See [`AskError`].
pub fn answer(
    facts: &StoredFacts<'_>,
    indicator: &Indicator,
    among: &BTreeMap<String, Indicator>,
    asked: &Asked,
) -> Result<Answer, AskError> {
    let conditions = asked.conditions.iter().map(|condition| condition.by);
    for by in asked.by.iter().copied().chain(conditions) {
        if !indicator.allows(by) {
            let allowed = indicator.by.iter().map(|by| by.word().to_owned()).collect();
            return Err(AskError::NotGroupable { id: indicator.id.clone(), by, allowed });
        }
    }
    let steps = asked.steps.map_or_else(|| vec![asked.span], |grain| asked.span.steps(grain));
    if steps.len() > STEPS_MAX {
        return Err(AskError::TooManySteps { asked: steps.len() });
    }
    let ask = |span: Span, by: &[Grouping]| -> Result<Vec<Cell>, AskError> {
        let of = |span| {
            figures(facts, indicator, among, Query { span, by, conditions: &asked.conditions })
        };
        let now = of(span)?;
        let before = match asked.compare {
            Some(Compared::Previous) => Some(of(span.previous())?),
            Some(Compared::YearBefore) => Some(of(span.year_before())?),
            None => None,
        };
        Ok(now.into_iter().map(|(key, figure)| cell(span, key, figure, before.as_ref())).collect())
    };
    let mut cells = Vec::new();
    if asked.steps.is_some() || !asked.by.is_empty() {
        for step in steps {
            cells.extend(ask(step, &asked.by)?);
        }
    }
    let total = ask(asked.span, &[])?.into_iter().next();
    Ok(Answer { cells, total })
}

fn cell(span: Span, key: Key, figure: Figure, before: Option<&BTreeMap<Key, Figure>>) -> Cell {
    let compared = before.map(|before| {
        let nothing = || Figure::none(definitions::indicator::evaluate::Missing::NoFacts);
        before.get(&key).cloned().unwrap_or_else(nothing)
    });
    let change = compared.as_ref().map(|before| match (figure.value, before.value) {
        (Some(now), Some(then)) => {
            let rise = Figure::of(i128::from(now) - i128::from(then));
            let base = Figure::of(i128::from(then).abs());
            quotient(Some(&rise), Some(&base), Unit::BasisPoints)
        }
        (None, _) => figure.clone(),
        (_, None) => before.clone(),
    });
    Cell { span, key, figure, compared, change }
}

/// What a panel asks of each of its indicators, seen from a day.
#[must_use]
pub fn asked_by(panel: &Panel, today: Date) -> Asked {
    let month = Month::of(today);
    let months = |before: i32| {
        Span::new(month.plus(-before).first_day(), month.last_day())
            .unwrap_or_else(|_| Span::month(month))
    };
    let span = match panel.window {
        Window::Day => Span::day(today),
        Window::Month => Span::month(month),
        Window::Year => Span::year(month.year()),
        Window::TwelveMonths => months(11),
        Window::TenYears => {
            let from = Span::year(month.year() - 9).from();
            Span::new(from, Span::year(month.year()).to()).unwrap_or_else(|_| Span::month(month))
        }
    };
    let (by, conditions) = (panel.by.clone(), Vec::new());
    Asked { span, steps: panel.steps, by, conditions, compare: panel.compare }
}
