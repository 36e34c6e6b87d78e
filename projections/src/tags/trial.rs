//! What a rule would have done over the whole log: a tag's population, a warning's cases by level.
//!
//! A trial folds in memory with the rule as if it had always held, touches no table and raises
//! nothing. Its events come by the caller, batch by batch, so that it needs no log.

use std::collections::BTreeMap;

use definitions::{Catalogue, Mistake};
use kernel::{Meta, Position, Recorded};
use shared::Date;
use thiserror::Error;

use super::rules::Rules;
use super::{SignalBody, Tags};
use crate::engine::signal::Signal;
use crate::engine::store::{Store, StoreError};
use crate::engine::{FoldError, Happened, Projection, Record, Row, Table, Value};
use crate::facts::Fact;

/// A rule on its way through the log.
pub struct Trial {
    tags: Tags,
    store: Memory,
    rule: String,
    signals: Vec<(Position, Date, SignalBody)>,
}

/// How many subjects have each value at the end, `unknown` among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Population {
    pub values: BTreeMap<String, u64>,
}

#[derive(Debug, Error)]
pub enum TrialError {
    #[error("the rule has mistakes")]
    Mistaken(Vec<Mistake>),
    #[error("there is no rule {0} to try")]
    NoSuchRule(String),
    #[error("an event cannot be folded")]
    Fold(#[from] FoldError),
}

/// A trial of a tag of a checked catalogue.
///
/// # Errors
/// When there is no such tag.
pub fn try_tag(catalogue: &Catalogue, id: &str) -> Result<Trial, TrialError> {
    let mut rules = Rules::compiled(catalogue, |_, _| 0, |_| None);
    let Some(wanted) = rules.tags.iter().find(|rule| rule.tag.id == id).cloned() else {
        return Err(TrialError::NoSuchRule(id.to_owned()));
    };
    rules.tags.retain(|rule| rule.tag.id == id || wanted.tags.contains(&rule.tag.id));
    rules.warnings.clear();
    Ok(Trial::of(rules, id))
}

/// A trial of a warning rule, draft or not.
///
/// # Errors
/// When there is no such rule.
pub fn try_warning(catalogue: &Catalogue, id: &str) -> Result<Trial, TrialError> {
    let mut rules = Rules::compiled(catalogue, |_, _| 0, |_| None);
    let Some(wanted) = rules.warnings.iter().find(|rule| rule.rule.id == id).cloned() else {
        return Err(TrialError::NoSuchRule(id.to_owned()));
    };
    rules.tags.retain(|rule| wanted.tags.contains(&rule.tag.id));
    rules.warnings.retain(|rule| rule.rule.id == id);
    Ok(Trial::of(rules, id))
}

impl Trial {
    fn of(rules: Rules, rule: &str) -> Self {
        let (tags, store) = (Tags::trying(rules), Memory::default());
        Self { tags, store, rule: rule.to_owned(), signals: Vec::new() }
    }

    /// # Errors
    /// When the event cannot be read; one that no state follows from is passed over.
    pub fn fold(&mut self, recorded: &Recorded) -> Result<(), TrialError> {
        if !self.tags.categories().contains(&recorded.stream.category()) {
            return Ok(());
        }
        let fact = Fact::decode(recorded).map_err(FoldError::from)?;
        let meta: Meta = recorded.meta().map_err(FoldError::from)?;
        let happened = Happened { recorded, meta: &meta, fact: &fact };
        match self.tags.fold(&happened, &mut self.store) {
            // The live read model parks it as well.
            Ok(()) | Err(FoldError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
        for signal in std::mem::take(&mut self.store.signals) {
            if let Ok(body) = serde_json::from_str(&signal.payload) {
                self.signals.push((signal.position, meta.business_date, body));
            }
        }
        Ok(())
    }

    /// Every signal that the rule would have left, with its day.
    #[must_use]
    pub fn signals(&self) -> &[(Position, Date, SignalBody)] {
        &self.signals
    }

    /// The values of the tag on a date, of all subjects.
    #[must_use]
    pub fn population(&mut self, on: Date) -> Population {
        let mut found = Population::default();
        for row in self.tags.subjects.held() {
            let Some(state) = row.body.tags.get(&self.rule) else { continue };
            let Some(span) = state.spans.iter().rev().find(|span| span.from <= on) else {
                continue;
            };
            let value =
                span.value.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
            *found.values.entry(value).or_default() += 1;
        }
        found
    }
}

/// An empty database that keeps signals only: everything else stays in the caches.
#[derive(Default)]
struct Memory {
    signals: Vec<Signal>,
}

impl Store for Memory {
    fn get(&mut self, _: &'static Table, _: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(None)
    }

    fn is_empty(&mut self, _: &'static Table) -> Result<bool, StoreError> {
        Ok(true)
    }

    fn put(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        if table.name == Signal::TABLE.name {
            let shape = |source| StoreError::Shape { table: table.name, source };
            for row in rows {
                self.signals.push(Signal::read(row).map_err(shape)?);
            }
        }
        Ok(())
    }

    fn delete(&mut self, _: &'static Table, _: &[Row]) -> Result<(), StoreError> {
        Ok(())
    }

    fn rows(&mut self, _: &str, _: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(Vec::new())
    }

    fn scan(&mut self, _: &'static Table, _: &mut dyn FnMut(&[Value])) -> Result<(), StoreError> {
        Ok(())
    }
}
