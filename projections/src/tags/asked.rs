//! Tags that ask: what a query is told on a day, and what follows for the subjects when it was told.
//!
//! **Invariant** the answer to a query of a day is what was known at the position at which that day
//! was opened, however late it is asked.

use std::collections::BTreeSet;

use conditions::Subject;
use definitions::indicator::evaluate::{Query as Asked, evaluate};
use definitions::kinds::tag::{Query, Tag};
use definitions::{Catalogue, Indicator};
use kernel::Position;
use shared::{Date, DivisionCode};
use tags::query::{Event, Figure};

use super::rows::Body;
use super::trial::Population;
use super::{SubjectRow, Tags};
use crate::engine::{FoldError, Happened, ReadSession, Store, ViewError};
use crate::indicators::read::StoredFacts;
use crate::scope::Scope;

/// Who asks for a query.
const ACTOR: &str = "process:tag-queries";

/// The figure of every subject that has one, as it was known at a position; `None`: now.
///
/// # Errors
/// When the read model of indicators cannot be read.
pub fn answers(
    session: &ReadSession,
    catalogue: &Catalogue,
    tag: &Tag,
    on: Date,
    as_of: Option<Position>,
) -> Result<Vec<(String, i64)>, ViewError> {
    let all = catalogue.all::<Indicator>();
    let Some(query) = tag.query() else { return Ok(Vec::new()) };
    let (Some(indicator), Some(by)) = (all.get(&query.indicator), Query::grouping(tag.subject))
    else {
        return Ok(Vec::new());
    };
    let scope = Scope::everything(ACTOR);
    let facts = StoredFacts { session, scope: &scope, as_of };
    let asked = Asked { span: query.span(on), by: &[by], conditions: &[] };
    let figures = evaluate(indicator, all, asked, &facts)?;
    let named = figures.into_iter().filter_map(|(key, figure)| {
        let subject = key.into_iter().next().filter(|subject| !subject.is_empty())?;
        Some((subject, figure.value?))
    });
    Ok(named.collect())
}

/// How many subjects would have each value if the query asked on this day.
///
/// # Errors
/// As [`answers`].
pub fn asked_now(
    session: &ReadSession,
    catalogue: &Catalogue,
    tag: &Tag,
    on: Date,
) -> Result<Population, ViewError> {
    let mut found = Population::default();
    let Some(query) = tag.query() else { return Ok(found) };
    for (_, figure) in answers(session, catalogue, tag, on, None)? {
        let value = query.says(&query.value(figure)).to_string();
        *found.values.entry(value).or_default() += 1;
    }
    Ok(found)
}

impl Tags {
    pub(super) fn ran(
        &mut self,
        Event::Ran(run): &Event,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        self.load(store)?;
        let query = self.rule(&run.tag).and_then(|rule| rule.tag.query().cloned());
        // Retired since, or another version asks something else: nobody reads what it was told.
        let Some(query) = query.filter(|query| query.indicator == run.indicator) else {
            return Ok(());
        };
        let kind: Subject =
            run.kind.parse().map_err(|error: conditions::facts::NoSuchSubject| {
                FoldError::refused(error.to_string())
            })?;
        let origin = happened.origin();
        let (fact, tag) =
            (query.fact(&run.tag), BTreeSet::from([("tag".to_owned(), run.tag.clone())]));
        for Figure { subject, value } in &run.figures {
            let county = match kind {
                Subject::Division => DivisionCode::parse(subject).ok(),
                Subject::Person
                | Subject::Employer
                | Subject::Bank
                | Subject::Fund
                | Subject::Project
                | Subject::Channel => None,
            };
            let first =
                || SubjectRow { kind, subject: subject.clone(), county, body: Body::default() };
            self.subjects.update_or(&(kind, subject.clone()), store, first, |row| {
                let line = row.body.facts.entry(fact.clone()).or_default();
                line.set(run.due, value.map(|figure| query.value(figure)), &origin);
            })?;
            self.ask(kind, subject, &tag, happened, store)?;
        }
        Ok(())
    }
}
