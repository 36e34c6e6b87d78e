//! What a rule would have done over the whole log: a tag's population, a warning's cases by level.
//!
//! A trial folds in memory with the rule as if it had always held, touches no table and raises
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use conditions::Type;
use definitions::kinds::warning::Warning;
use definitions::{Catalogue, Mistake};
use kernel::log::ReadError;
use kernel::{EventLog, Limit, Meta, Position, Recorded};
use shared::Date;
use thiserror::Error;

use super::rules::{Rules, WarningRule};
use super::{SignalBody, SubjectRow, Tags};
use crate::engine::signal::Signal;
use crate::engine::store::{Store, StoreError};
use crate::engine::{FoldError, Happened, Projection, Record, Row, Table, Value};
use crate::facts::Fact;
use crate::scope::Scope;

/// A rule on its way through the log.
pub struct Trial {
    tags: Tags,
    store: Memory,
    rule: String,
    signals: Vec<(Position, Date, SignalBody)>,
    reached: Position,
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
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    #[error("the trial was cut off")]
    Cut,
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
    let beside = inhibitors(&rules, &wanted);
    rules.warnings.retain(|rule| rule.rule.id == id || beside.contains(&rule.rule.id));
    let reads: BTreeSet<String> =
        rules.warnings.iter().flat_map(|rule| rule.tags.iter().cloned()).collect();
    rules.tags.retain(|rule| reads.contains(&rule.tag.id));
    Ok(Trial::of(rules, id))
}

/// The rules in force whose worse cases say it already, and those that say so of them.
fn inhibitors(rules: &Rules, wanted: &WarningRule) -> BTreeSet<String> {
    let (mut found, mut next) = (BTreeSet::new(), wanted.rule.inhibited_by.clone());
    while let Some(id) = next.pop() {
        let active = rules.warnings.iter().find(|other| other.rule.id == id);
        let Some(other) = active.filter(|other| other.rule.is_active()) else { continue };
        if found.insert(id) {
            next.extend(other.rule.inhibited_by.iter().cloned());
        }
    }
    found
}

impl Trial {
    fn of(rules: Rules, rule: &str) -> Self {
        let (tags, store) = (Tags::trying(rules), Memory::default());
        let (rule, reached) = (rule.to_owned(), Position::START);
        Self { tags, store, rule, signals: Vec::new(), reached }
    }

    /// Folds everything that the log holds now. The work is done where threads may block.
    ///
    /// # Errors
    /// When the log cannot be read, or an event of it.
    pub async fn over(mut self, log: &dyn EventLog) -> Result<Self, TrialError> {
        let head = log.head();
        while self.reached < head {
            let page = log.read(self.reached, Limit::PAGE).await?;
            let folded = tokio::task::spawn_blocking(move || {
                page.iter().try_for_each(|recorded| self.fold(recorded)).map(|()| self)
            });
            self = folded.await.map_err(|_| TrialError::Cut)??;
        }
        Ok(self)
    }

    /// The position of the last event that was folded.
    #[must_use]
    pub const fn reached(&self) -> Position {
        self.reached
    }

    /// # Errors
    /// When the event cannot be read; one that no state follows from is passed over.
    pub fn fold(&mut self, recorded: &Recorded) -> Result<(), TrialError> {
        self.reached = recorded.position;
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
        let mut signals = std::mem::take(&mut self.store.signals);
        // As the process that raises warnings reads them.
        signals.sort_by(|one, other| one.subject.cmp(&other.subject));
        for signal in signals {
            if let Ok(body) = serde_json::from_str(&signal.payload) {
                self.signals.push((signal.position, meta.business_date, body));
            }
        }
        Ok(())
    }

    /// Every signal that the rule would have left, with its day.
    pub fn signals(&self) -> impl Iterator<Item = &(Position, Date, SignalBody)> {
        self.signals.iter().filter(|(_, _, body)| body.rule == self.rule)
    }

    /// These, and those of the rules that inhibit it.
    pub(super) fn all_signals(&self) -> &[(Position, Date, SignalBody)] {
        &self.signals
    }

    /// The rule that is tried.
    pub(super) fn rule(&self) -> &str {
        &self.rule
    }

    /// It, or one of those that inhibit it.
    pub(super) fn warning(&self, id: &str) -> Option<&Warning> {
        let rules = self.tags.rules.as_ref()?.warnings.iter();
        rules.map(|rule| &rule.rule).find(|rule| rule.id == id)
    }

    /// The values of the tag on a date, of the subjects that a scope covers.
    #[must_use]
    pub fn population(&self, on: Date, scope: &Scope) -> Population {
        let mut found = Population::default();
        let rule = self.tags.rule(&self.rule);
        let seen = |row: &&SubjectRow| {
            let covered = match row.county {
                Some(county) => scope.covers(county),
                None => scope.divisions.is_none(),
            };
            covered && rule.is_none_or(|rule| rule.tag.subject == row.kind)
        };
        // A flag that nothing sets is kept nowhere.
        let unset = rule.filter(|rule| rule.tag.value == Type::Flag).map(|_| "false".to_owned());
        for row in self.tags.subjects.held().filter(seen) {
            let spans = row.body.tags.get(&self.rule).map_or(&[][..], |state| &state.spans);
            let value = match spans.iter().rev().find(|span| span.from <= on) {
                Some(span) => Some(match &span.value {
                    Some(value) => value.to_string(),
                    None => "unknown".to_owned(),
                }),
                None => unset.clone(),
            };
            if let Some(value) = value {
                *found.values.entry(value).or_default() += 1;
            }
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
