//! The published definitions, version by version, and the catalogue that they make on a date.
//!
//! Definitions are public to every reader: the scope hides none.

use definitions::mistake::Mistake;
use definitions::publication::Event;
use definitions::{Catalogue, History};
use kernel::{Micros, Position};
use shared::Date;
use thiserror::Error;

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, ViewError,
};
use crate::facts::Fact;
use crate::lists::seen;
use crate::record;
use crate::scope::{Filter, Scope};

pub const NAME: &str = "rulebook";

record! {
    /// One published version, and its end if it was retired.
    pub struct DefinitionRow in "definition" key(kind: String, id: String, version: u32) {
        pub digest: String,
        /// The first business date on which it holds.
        pub from_day: Date,
        /// Canonical JSON.
        pub body: String,
        pub author: String,
        pub approver: String,
        pub reason: Option<String>,
        pub at: Micros,
        pub position: Position,
        /// The first business date on which the definition no longer holds.
        pub retired_from: Option<Date>,
        pub retired_by: Option<String>,
        pub retirement_approver: Option<String>,
        pub retirement_reason: Option<String>,
        pub retired_at: Option<Micros>,
        pub retired_position: Option<Position>,
    }
}

// Definitions are public within the bureau.
seen! { NAME; DefinitionRow: public; }

#[derive(Default)]
pub struct Rulebook {
    definitions: Cached<DefinitionRow>,
}

impl Projection for Rulebook {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![DefinitionRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["definition"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let Fact::Definition(event) = happened.fact else { return Ok(()) };
        match event {
            Event::Published {
                kind,
                id,
                version,
                digest,
                from,
                body,
                author,
                approver,
                reason,
            } => {
                self.definitions.put(DefinitionRow {
                    kind: kind.clone(),
                    id: id.clone(),
                    version: *version,
                    digest: digest.clone(),
                    from_day: *from,
                    body: body.clone(),
                    author: author.clone(),
                    approver: approver.clone(),
                    reason: reason.clone(),
                    at: happened.recorded.recorded_at,
                    position: happened.position(),
                    retired_from: None,
                    retired_by: None,
                    retirement_approver: None,
                    retirement_reason: None,
                    retired_at: None,
                    retired_position: None,
                });
            }
            Event::Retired { kind, id, version, from, author, approver, reason } => {
                let key = (kind.clone(), id.clone(), *version);
                self.definitions.update(&key, store, |row| {
                    row.retired_from = Some(*from);
                    row.retired_by = Some(author.clone());
                    row.retirement_approver = Some(approver.clone());
                    row.retirement_reason = Some(reason.clone());
                    row.retired_at = Some(happened.recorded.recorded_at);
                    row.retired_position = Some(happened.position());
                })?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.definitions.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl DefinitionRow {
    /// The events that it came from, in their order.
    fn events(self) -> impl Iterator<Item = Event> {
        let Self { kind, id, version, .. } = self;
        let retired = match (self.retired_from, self.retired_by, self.retirement_approver) {
            (Some(from), Some(author), Some(approver)) => Some(Event::Retired {
                kind: kind.clone(),
                id: id.clone(),
                version,
                from,
                author,
                approver,
                reason: self.retirement_reason.unwrap_or_default(),
            }),
            _ => None,
        };
        let published = Event::Published {
            kind,
            id,
            version,
            digest: self.digest,
            from: self.from_day,
            body: self.body,
            author: self.author,
            approver: self.approver,
            reason: self.reason,
        };
        std::iter::once(published).chain(retired)
    }
}

#[derive(Debug, Error)]
pub enum RulebookError {
    #[error("no definitions are published yet")]
    Empty,
    #[error("what is published does not fit together on {date}: {} mistakes", mistakes.len())]
    Mistaken { date: Date, mistakes: Vec<Mistake> },
    #[error("the published definitions cannot be read")]
    View(#[from] ViewError),
}

/// Versions by kind, id and number; of one kind and one id, or of all.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn definitions(
    session: &ReadSession,
    _scope: &Scope,
    kind: Option<&str>,
    id: Option<&str>,
) -> Result<Vec<DefinitionRow>, ViewError> {
    let filter = Filter::new().and_if("kind =", kind).and_if("id =", id);
    session.query(&filter.tail("ORDER BY kind, id, version"), filter.binds())
}

/// Every version of every definition, as the definitions themselves fold them.
pub fn history(session: &ReadSession) -> Result<History, ViewError> {
    let rows: Vec<DefinitionRow> = session.query("ORDER BY kind, id, version", &[])?;
    let mut history = History::default();
    for event in rows.into_iter().flat_map(DefinitionRow::events) {
        history.apply(&event);
    }
    Ok(history)
}

/// The catalogue of a business date.
///
/// # Errors
/// When nothing is published, or what is does not fit together on that date.
pub fn catalogue(session: &ReadSession, date: Date) -> Result<Catalogue, RulebookError> {
    let history = history(session)?;
    if history.is_empty() {
        return Err(RulebookError::Empty);
    }
    history.as_of(date).map_err(|mistakes| RulebookError::Mistaken { date, mistakes })
}
