//! Commands of processes that a rule refused: what lies in the inbox, and how it was dealt with.
//!
//! The decider stands on the write side, which is no dependency of ours, so its events are spelled
//! here once more. They name ids and rule texts, never people: the scope hides none.

use kernel::{Micros, Position};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, ViewError,
};
use crate::record;
use crate::scope::{Filter, Scope};
use crate::words::words;

pub const NAME: &str = "inbox";

/// The category of the streams `inbox-<command id>`.
const CATEGORY: &str = "inbox";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Event {
    #[serde(rename = "inbox.refused.v1")]
    Refused(Item),
    #[serde(rename = "inbox.resolved.v1")]
    Resolved { by: String, note: String },
    #[serde(rename = "inbox.retried.v1")]
    Retried { by: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Item {
    process: String,
    event: Uuid,
    stream: String,
    index: u32,
    operation: String,
    code: String,
    zh: String,
    en: String,
}

words! {
    InboxState {
        Open "open",
        /// Closed by a person, without the command.
        Resolved "resolved",
        /// Tried again and carried out.
        Retried "retried",
    }
}

record! {
    pub struct InboxRow in "inbox" key(command: Uuid) index("state", "command") {
        pub process: String,
        /// The event that the command answered, and its stream.
        pub event: Uuid,
        pub stream: String,
        /// Which of the event's commands it is, from 0.
        pub place: u32,
        pub operation: String,
        /// The refusal.
        pub code: String,
        pub zh: String,
        pub en: String,
        pub state: InboxState,
        /// Who dealt with it, and what he noted.
        pub closed_by: Option<String>,
        pub note: Option<String>,
        pub refused_at: Micros,
        pub closed_at: Option<Micros>,
        pub position: Position,
    }
}

#[derive(Default)]
pub struct Inbox {
    rows: Cached<InboxRow>,
}

impl Projection for Inbox {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![InboxRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &[CATEGORY]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        if happened.recorded.stream.category() != CATEGORY {
            return Ok(());
        }
        let command: Uuid = happened.id()?;
        let (state, by, noted) = match happened.decode::<Event>()? {
            Event::Refused(item) => {
                self.rows.put(refused(command, item, happened));
                return Ok(());
            }
            Event::Resolved { by, note } => (InboxState::Resolved, by, Some(note)),
            Event::Retried { by } => (InboxState::Retried, by, None),
        };
        self.rows.update(&command, store, |row| {
            (row.state, row.closed_by, row.note) = (state, Some(by), noted);
            row.closed_at = Some(happened.recorded.recorded_at);
            row.position = happened.position();
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

fn refused(command: Uuid, item: Item, happened: &Happened<'_>) -> InboxRow {
    let Item { process, event, stream, index, operation, code, zh, en } = item;
    InboxRow {
        command,
        process,
        event,
        stream,
        place: index,
        operation,
        code,
        zh,
        en,
        state: InboxState::Open,
        closed_by: None,
        note: None,
        refused_at: happened.recorded.recorded_at,
        closed_at: None,
        position: happened.position(),
    }
}

/// Refused commands after `after`, by command id; in one state, or in all.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn refused_commands(
    session: &ReadSession,
    _scope: &Scope,
    state: Option<InboxState>,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<InboxRow>, ViewError> {
    let filter = Filter::new().and_if("state =", state).and_if("command >", after);
    session.query(&filter.tail(&format!("ORDER BY command LIMIT {limit}")), filter.binds())
}

pub fn count(
    session: &ReadSession,
    _scope: &Scope,
    state: Option<InboxState>,
) -> Result<u64, ViewError> {
    let filter = Filter::new().and_if("state =", state);
    let sql = filter.tail("");
    session.scalar(NAME, &format!("SELECT COUNT(*) FROM inbox {sql}"), filter.binds())
}
