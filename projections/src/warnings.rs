//! Warnings as cases: where each stands, when its step is due, and how it went.
//!
//! Red and orange ones with the same fingerprint reopen; what is closed stays readable.
//!
//! | question | file |
//! |---|---|
//! | Where does one stand, and who waits for it? | [`read`] |
//! | How many, how fast, how well? | [`figures`] |

pub mod figures;
mod read;

use std::collections::HashMap;

use kernel::{Decider, Micros, Position, Revision};
use shared::{Date, DivisionCode};
use uuid::Uuid;
use warnings::case::Event;
use warnings::message;
use warnings::{Case, Channel, Due, Handling, Level, Message, Notice, Sending, Stage, Step};

pub use self::read::{due, steps, warning, warnings};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;
use crate::lists::seen;
use crate::{json_column, record, text_column};

pub const NAME: &str = "warnings";

text_column!(Channel, Level, Notice, Sending, Stage, Step);
json_column!(Vec<Handling>);

// One without a division is seen by whoever sees every division.
seen! { NAME;
    WarningRow: by("division");
    StepRow: through("warning", "division");
    MessageRow: by("division");
}

record! {
    pub struct WarningRow in "warning" key(warning: Uuid)
        index("stage", "warning") index("division", "warning") index("due_on", "warning")
    {
        pub rule: Option<String>,
        pub version: Option<u32>,
        pub fingerprint: Option<Uuid>,
        pub channel: Channel,
        pub class: String,
        pub about_kind: String,
        pub about: String,
        pub division: Option<DivisionCode>,
        pub level: Level,
        pub stage: Stage,
        pub open: bool,
        pub step: Option<Step>,
        /// The last day of the step, by its clock.
        pub due_on: Option<Date>,
        pub due_at: Option<Micros>,
        /// The days of this year are not published: nobody can say when it is due.
        pub due_unknown: Option<i32>,
        pub clock_stopped: bool,
        pub late: bool,
        pub escalated: u32,
        pub assigned_role: Option<String>,
        pub assigned_division: Option<DivisionCode>,
        pub assigned_person: Option<String>,
        pub handled: Vec<Handling>,
        pub signals: u32,
        pub reopened: u32,
        pub raised_on: Date,
        pub closed_on: Option<Date>,
        pub revision: Revision,
        pub position: Position,
    }

    /// The life of a case, event by event.
    pub struct StepRow in "warning_step" key(warning: Uuid, place: u64) {
        pub event: Uuid,
        pub what: String,
        pub by: String,
        pub on_day: Date,
        pub at: Micros,
        /// The event's data, as its type of today writes it.
        pub data: String,
        pub position: Position,
    }

    /// What somebody was told, and whether he has seen it.
    pub struct MessageRow in "warning_message" key(message: Uuid)
        index("role", "seen", "sent_on") index("warning")
    {
        pub warning: Uuid,
        pub through: Sending,
        pub notice: Notice,
        pub level: Level,
        pub role: String,
        pub division: Option<DivisionCode>,
        pub person: Option<String>,
        pub text: String,
        pub sent_on: Date,
        pub seen: bool,
        pub seen_by: Option<String>,
        pub seen_on: Option<Date>,
        pub position: Position,
    }
}

#[derive(Default)]
pub struct Warnings {
    rows: Cached<WarningRow>,
    steps: Cached<StepRow>,
    messages: Cached<MessageRow>,
    /// Cases as they were last folded, with their revision. Losing one costs reading its steps.
    folded: HashMap<Uuid, (Revision, Case)>,
}

/// So many cases are kept folded.
const FOLDED_KEPT: usize = 2_048;

impl Projection for Warnings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![WarningRow::TABLE, StepRow::TABLE, MessageRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &[Case::CATEGORY, Message::CATEGORY]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let event = match happened.fact {
            Fact::Warning(event) => event,
            Fact::WarningMessage(event) => return self.message(event, happened, store),
            _ => return Ok(()),
        };
        let warning: Uuid = happened.id()?;
        let stamp = event.stamp();
        // The recorded text is not kept beside a decoded event: it is written anew.
        let said = kernel::Event::encode(event);
        self.steps.put(StepRow {
            warning,
            place: happened.recorded.revision.0,
            event: happened.recorded.id,
            what: said.type_name.to_owned(),
            by: stamp.by.clone(),
            on_day: stamp.now.on,
            at: stamp.now.at,
            data: said.data,
            position: happened.position(),
        });
        self.follow(warning, event, happened, store)?;
        let case = self.folded.get(&warning).map(|(_, case)| case);
        let Some(record) = case.and_then(Case::record) else {
            return Err(FoldError::refused(format!("warning {warning} was never raised")));
        };
        let before = self.rows.get(&warning, store)?;
        let raised_on = before.map_or(stamp.now.on, |row| row.raised_on);
        let escalated = before.map_or(0, |row| row.escalated)
            + u32::from(matches!(event, Event::Escalated { .. }));
        let due = record.clock.map(|clock| clock.due());
        let open = record.stage.is_open();
        let assigned = record.assignment.as_ref();
        self.rows.put(WarningRow {
            warning,
            rule: record.rule.as_ref().map(|(rule, _)| rule.clone()),
            version: record.rule.as_ref().map(|(_, version)| *version),
            fingerprint: record.fingerprint,
            channel: record.channel,
            class: record.class.clone(),
            about_kind: record.about.kind.clone(),
            about: record.about.id.clone(),
            division: record.division,
            level: record.level,
            stage: record.stage,
            open,
            step: record.stage.step(),
            due_on: match due {
                Some(Due::On(date)) => Some(date),
                Some(Due::At(_) | Due::Stopped | Due::Unpublished { .. }) | None => None,
            },
            due_at: match due {
                Some(Due::At(at)) => Some(at),
                Some(Due::On(_) | Due::Stopped | Due::Unpublished { .. }) | None => None,
            },
            due_unknown: match due {
                Some(Due::Unpublished { year }) => Some(i32::from(year)),
                Some(Due::On(_) | Due::At(_) | Due::Stopped) | None => None,
            },
            clock_stopped: due == Some(Due::Stopped),
            late: record.late_days > 0,
            escalated,
            assigned_role: assigned.map(|to| to.role.clone()),
            assigned_division: assigned.and_then(|to| to.division),
            assigned_person: assigned.and_then(|to| to.person.clone()),
            handled: record.handled.clone(),
            signals: record.signals,
            reopened: record.reopened,
            raised_on,
            closed_on: (!open).then_some(stamp.now.on),
            revision: happened.recorded.revision,
            position: happened.position(),
        });
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.rows.flush(store)?;
        self.steps.flush(store)?;
        self.messages.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Warnings {
    fn message(
        &mut self,
        event: &message::Event,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let message: Uuid = happened.id()?;
        match event {
            message::Event::Sent(sent) => self.messages.put(MessageRow {
                message,
                warning: sent.warning,
                through: sent.through,
                notice: sent.notice,
                level: sent.level,
                role: sent.role.clone(),
                division: sent.division,
                person: sent.person.clone(),
                text: sent.text.clone(),
                sent_on: sent.on,
                seen: false,
                seen_by: None,
                seen_on: None,
                position: happened.position(),
            }),
            message::Event::Seen { by, on } => {
                self.messages.update(&message, store, |row| {
                    row.seen = true;
                    row.seen_by = Some(by.clone());
                    row.seen_on = Some(*on);
                })?;
            }
        }
        Ok(())
    }

    /// Folds one event more, from where the case stands or from its own rows: they hold its events.
    fn follow(
        &mut self,
        warning: Uuid,
        event: &Event,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let revision = happened.recorded.revision;
        let before = match self.folded.remove(&warning) {
            Some((at, case)) if at.0 + 1 == revision.0 => case,
            Some(_) | None => self.case(warning, revision.0, store)?,
        };
        if self.folded.len() >= FOLDED_KEPT {
            self.folded.clear();
        }
        self.folded.insert(warning, (revision, before.evolve(event)));
        Ok(())
    }

    /// The case before a revision.
    fn case(
        &mut self,
        warning: Uuid,
        before: u64,
        store: &mut dyn Store,
    ) -> Result<Case, FoldError> {
        let mut case = Case::default();
        for place in 1..before {
            let Some(step) = self.steps.get(&(warning, place), store)? else { continue };
            let event = <Event as kernel::Event>::decode(&step.what, &step.data)?;
            case = case.evolve(&event);
        }
        Ok(case)
    }
}
