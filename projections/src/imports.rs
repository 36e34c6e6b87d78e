//! Tables that were handed in: how far each is, and how it ended. They name files and rule texts,
//! never people: the scope hides none.

use imports::import::{Counts, Event, Fault, Format, Kind};
use kernel::{Micros, Position};
use shared::ArtefactId;
use uuid::Uuid;

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, ViewError,
};
use crate::facts::Fact;
use crate::lists::seen;
use crate::scope::{Filter, Scope};
use crate::words::{word_columns, words};
use crate::{json_column, record};

pub const NAME: &str = "imports";

words! {
    ImportState {
        Taking "taking",
        Finished "finished",
        /// No row could be read of the file.
        Refused "refused",
    }
}

word_columns!(Kind, Format);
json_column!(Vec<Fault>);

record! {
    pub struct ImportRow in "import" key(import: Uuid) index("state", "started_at") {
        pub kind: Kind,
        pub format: Format,
        pub file: ArtefactId,
        pub by: String,
        pub state: ImportState,
        pub rows_read: u64,
        pub accepted: u64,
        pub known: u64,
        pub refused: u64,
        pub report: Option<ArtefactId>,
        /// What is wrong with the file as a whole.
        pub faults: Vec<Fault>,
        pub started_at: Micros,
        pub ended_at: Option<Micros>,
        pub position: Position,
    }
}

seen! { NAME; ImportRow: public; }

impl ImportRow {
    fn count(&mut self, counts: Counts) {
        self.rows_read = counts.rows;
        self.accepted = counts.accepted;
        self.known = counts.known;
        self.refused = counts.refused;
    }
}

#[derive(Default)]
pub struct Imports {
    rows: Cached<ImportRow>,
}

impl Projection for Imports {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![ImportRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &["import"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let Fact::Import(event) = happened.fact else { return Ok(()) };
        let import: Uuid = happened.id()?;
        if let Event::Started(asked) = event {
            self.rows.put(ImportRow {
                import,
                kind: asked.kind,
                format: asked.format,
                file: asked.file,
                by: asked.by.clone(),
                state: ImportState::Taking,
                rows_read: 0,
                accepted: 0,
                known: 0,
                refused: 0,
                report: None,
                faults: Vec::new(),
                started_at: happened.recorded.recorded_at,
                ended_at: None,
                position: happened.position(),
            });
            return Ok(());
        }
        self.rows.update(&import, store, |row| {
            row.position = happened.position();
            match event {
                Event::Started(_) => {}
                Event::Advanced(counts) => row.count(*counts),
                Event::Finished { counts, report, broken } => {
                    row.count(*counts);
                    (row.state, row.report) = (ImportState::Finished, Some(*report));
                    row.faults = broken.iter().cloned().collect();
                    row.ended_at = Some(happened.recorded.recorded_at);
                }
                Event::Refused { faults } => {
                    (row.state, row.faults) = (ImportState::Refused, faults.clone());
                    row.ended_at = Some(happened.recorded.recorded_at);
                }
            }
        })?;
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.rows.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

/// What is still to be taken, the oldest first.
///
/// # Errors
/// When the read model cannot be read.
pub fn waiting(
    session: &ReadSession,
    _scope: &Scope,
    limit: u32,
) -> Result<Vec<ImportRow>, ViewError> {
    let filter = Filter::new().and("state =", ImportState::Taking);
    let tail = format!("ORDER BY started_at, import LIMIT {limit}");
    session.query(&filter.tail(&tail), filter.binds())
}
