//! Notes on figures, each person's inbox of questions and instructions, and how he sees his screens.

use ::desk::layout::Placed;
use ::desk::{layout, note};
use kernel::{Decider, Position, Revision};
use shared::Date;
use uuid::Uuid;

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, Value,
    ViewError,
};
use crate::facts::Fact;
use crate::lists::Seen;
use crate::scope::Scope;
use crate::{json_column, record};

pub const NAME: &str = "desk";

json_column!(Vec<Placed>);

record! {
    pub struct NoteRow in "note" key(note: Uuid)
        index("addressee", "open") index("about", "written_on")
    {
        /// `comment`, `question` or `instruction`.
        pub kind: String,
        /// `indicator` or `panel`.
        pub of_kind: String,
        pub about: String,
        pub period: Option<String>,
        pub addressee: Option<String>,
        pub text: String,
        pub written_by: String,
        pub written_on: Date,
        /// It waits for an answer, or is a comment that stands.
        pub open: bool,
        pub withdrawn: bool,
        pub answer: Option<String>,
        pub answered_on: Option<Date>,
        pub position: Position,
        pub revision: Revision,
    }

    pub struct LayoutRow in "layout" key(dashboard: String, actor: String) {
        pub panels: Vec<Placed>,
        pub arranged_on: Date,
    }
}

/// A comment is everybody's; what is put to a person is his and the writer's.
impl Seen for NoteRow {
    const VIEW: &'static str = NAME;

    fn seen(scope: &Scope, first: usize) -> (String, Vec<Value>) {
        let clause = format!("(kind = 'comment' OR written_by = ${first} OR addressee = ${first})");
        (clause, vec![Value::from(scope.actor.as_str())])
    }
}

#[derive(Default)]
pub struct Desk {
    notes: Cached<NoteRow>,
    layouts: Cached<LayoutRow>,
}

impl Projection for Desk {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![NoteRow::TABLE, LayoutRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &[::desk::Note::CATEGORY, ::desk::Layout::CATEGORY]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Note(event) => self.note(event, happened, store),
            Fact::Layout(event) => self.layout(event, happened),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.notes.flush(store)?;
        self.layouts.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Desk {
    fn note(
        &mut self,
        event: &note::Event,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let note: Uuid = happened.id()?;
        let (position, revision) = (happened.position(), happened.recorded.revision);
        match event {
            note::Event::Written(written) => self.notes.put(NoteRow {
                note,
                kind: written.kind.code().to_owned(),
                of_kind: written.of.code().to_owned(),
                about: written.about.clone(),
                period: written.period.clone(),
                addressee: written.to.clone(),
                text: written.text.clone(),
                written_by: written.by.clone(),
                written_on: written.on,
                open: true,
                withdrawn: false,
                answer: None,
                answered_on: None,
                position,
                revision,
            }),
            note::Event::Answered { on, text, .. } => {
                self.notes.update(&note, store, |row| {
                    row.open = false;
                    row.answer = Some(text.clone());
                    row.answered_on = Some(*on);
                    row.revision = revision;
                })?;
            }
            note::Event::Withdrawn { .. } => {
                self.notes.update(&note, store, |row| {
                    (row.open, row.withdrawn) = (false, true);
                    row.revision = revision;
                })?;
            }
        }
        Ok(())
    }

    fn layout(&mut self, event: &layout::Event, happened: &Happened<'_>) -> Result<(), FoldError> {
        let Some((dashboard, actor)) = happened.subject().split_once('/') else {
            let stream = &happened.recorded.stream;
            return Err(FoldError::refused(format!("{stream} names no screen of a person")));
        };
        let (dashboard, actor) = (dashboard.to_owned(), actor.to_owned());
        match event {
            layout::Event::Arranged { panels, on } => self.layouts.put(LayoutRow {
                dashboard,
                actor,
                panels: panels.clone(),
                arranged_on: *on,
            }),
            layout::Event::Reset { .. } => self.layouts.remove(&(dashboard, actor)),
        }
        Ok(())
    }
}

/// How the reader sees a screen, where he has arranged it.
///
/// # Errors
/// When the read model cannot be read.
pub fn layout(
    session: &ReadSession,
    scope: &Scope,
    dashboard: &str,
) -> Result<Option<LayoutRow>, ViewError> {
    session.get(&(dashboard.to_owned(), scope.actor.clone()))
}
