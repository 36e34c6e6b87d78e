//! What comments, questions and instructions tell: one fact when one is written, two when it is
//! answered or withdrawn. Who wrote what stays where it was written.

use definitions::{Dimension, FactKind, Number};
use desk::note::{Event, Kind};
use shared::Date;
use uuid::Uuid;

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::NoteRow;
use crate::engine::FoldError;
use crate::words::word_of;

pub(super) fn note(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let note: Uuid = teller.happened.id()?;
    let (on, status) = match event {
        Event::Written(written) => {
            // Nobody has to answer a comment.
            let status = if written.kind == Kind::Comment { "written" } else { "open" };
            let row = NoteRow { note, kind: word_of(&written.kind), status: status.to_owned() };
            teller.tell(row.told(written.on, "in", 1))?;
            known.notes.put(row);
            return Ok(());
        }
        Event::Answered { on, .. } => (*on, "answered"),
        Event::Withdrawn { on, .. } => (*on, "withdrawn"),
    };
    let Some(before) = known.notes.get(&note, teller.store)?.cloned() else {
        return Err(FoldError::refused(format!("note {note} was never written")));
    };
    let after = NoteRow { status: status.to_owned(), ..before.clone() };
    teller.tell(before.told(on, "out", -1))?;
    teller.tell(after.told(on, "in", 1))?;
    known.notes.put(after);
    Ok(())
}

impl NoteRow {
    fn told(&self, on: Date, what: &str, change: i64) -> Told {
        let name = format!("{}|{}|{what}", self.note, self.status);
        Told::new(FactKind::NoteStep, name, on)
            .with(Dimension::Kind, &self.kind)
            .with(Dimension::Status, &self.status)
            .number(Number::Change, change)
    }
}
