//! What a draft of an indicator would say otherwise than the version in force, row by row. Figures
//! are evaluated when they are asked, so nothing is filled for it.

use std::collections::BTreeSet;

use definitions::indicator::evaluate::{Figure, Key, Query};
use definitions::word::Word as _;
use definitions::{Catalogue, Grouping, Indicator, Span};

use super::read::{StoredFacts, figures};
use crate::engine::ViewError;

/// A row in which the two differ; `None` where one has no such row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    pub span: Span,
    pub by: Option<Grouping>,
    pub key: Key,
    pub now: Option<Figure>,
    pub draft: Option<Figure>,
}

/// What one period says in both, in one grouping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    pub rows: u64,
    pub differs: Vec<Differs>,
}

/// Compares one period in one grouping; without one, the whole of it.
///
/// # Errors
/// When the read model cannot be read.
pub fn compare(
    facts: &StoredFacts<'_>,
    (now, draft): (&Catalogue, &Catalogue),
    id: &str,
    span: Span,
    by: Option<Grouping>,
) -> Result<Compared, ViewError> {
    let of = |catalogue: &Catalogue| {
        let all = catalogue.all::<Indicator>();
        let Some(indicator) = all.get(id).filter(|one| by.is_none_or(|by| one.allows(by))) else {
            return Ok(Default::default());
        };
        let by: Vec<Grouping> = by.into_iter().collect();
        figures(facts, indicator, all, Query { span, by: &by, conditions: &[] })
    };
    let (now, draft) = (of(now)?, of(draft)?);
    let keys: BTreeSet<&Key> = now.keys().chain(draft.keys()).collect();
    let mut compared = Compared { rows: keys.len() as u64, differs: Vec::new() };
    for key in keys {
        let (now, draft) = (now.get(key).cloned(), draft.get(key).cloned());
        if now != draft {
            compared.differs.push(Differs { span, by, key: key.clone(), now, draft });
        }
    }
    Ok(compared)
}

/// The groupings that either version has.
#[must_use]
pub fn groupings(now: &Catalogue, draft: &Catalogue, id: &str) -> Vec<Option<Grouping>> {
    let of = |catalogue: &Catalogue| catalogue.all::<Indicator>().get(id).cloned();
    let versions: Vec<Indicator> = [now, draft].into_iter().filter_map(of).collect();
    let allowed = Grouping::ALL
        .iter()
        .map(|(_, by)| *by)
        .filter(|by| versions.iter().any(|version| version.allows(*by)));
    std::iter::once(None).chain(allowed.map(Some)).collect()
}
