//! Warnings as cases: where each stands, when its step is due, and how it went.
//!
//! Red and orange ones with the same fingerprint reopen; what is closed stays readable.

use kernel::{Decider, Micros, Position, Revision};
use shared::{Date, DivisionCode};
use uuid::Uuid;
use warnings::case::Event;
use warnings::{Case, Channel, Due, Handling, Level, Stage, Step};

use crate::engine::{
    Cached, Column, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table,
    Value, ViewError,
};
use crate::facts::Fact;
use crate::many::within;
use crate::scope::{Filter, Scope};
use crate::{json_column, record, text_column};

pub const NAME: &str = "warnings";

text_column!(Channel, Level, Stage, Step);
json_column!(Vec<Handling>);

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
}

#[derive(Default)]
pub struct Warnings {
    rows: Cached<WarningRow>,
    steps: Cached<StepRow>,
}

impl Projection for Warnings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![WarningRow::TABLE, StepRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &[Case::CATEGORY]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let Fact::Warning(event) = happened.fact else { return Ok(()) };
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
        let case = self.case(warning, happened, store)?;
        let Some(record) = case.record() else {
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
    /// The case folded from its own rows: they hold its events, and it has few.
    fn case(
        &mut self,
        warning: Uuid,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<Case, FoldError> {
        let mut case = Case::default();
        for place in 1..=happened.recorded.revision.0 {
            let Some(step) = self.steps.get(&(warning, place), store)? else { continue };
            let event = <Event as kernel::Event>::decode(&step.what, &step.data)?;
            case = case.evolve(&event);
        }
        Ok(case)
    }
}

/// Which warnings are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarningFilter {
    pub division: Option<DivisionCode>,
    pub level: Option<Level>,
    pub stage: Option<Stage>,
    pub open: Option<bool>,
    pub rule: Option<String>,
    pub class: Option<String>,
    pub channel: Option<Channel>,
    pub late: Option<bool>,
}

impl WarningFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        let of = |column: &str| format!("COALESCE({column}, '')");
        within(Filter::new().divisions(scope, &of("division")), &of("division"), self.division)
            .and_if("level =", self.level.map(|level| level.code()))
            .and_if("stage =", self.stage.map(|stage| stage.code()))
            .and_if("open =", self.open.map(i64::from))
            .and_if("rule =", self.rule.as_deref())
            .and_if("class =", self.class.as_deref())
            .and_if("channel =", self.channel.map(|channel| channel.code()))
            .and_if("late =", self.late.map(i64::from))
    }
}

fn seen(scope: &Scope, row: &WarningRow) -> bool {
    match row.division {
        Some(division) => scope.covers(division),
        None => scope.divisions.is_none(),
    }
}

/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn warning(
    session: &ReadSession,
    scope: &Scope,
    warning: Uuid,
) -> Result<Option<WarningRow>, ViewError> {
    let row: Option<WarningRow> = session.get(&warning)?;
    Ok(row.filter(|row| seen(scope, row)))
}

/// The life of a case that may be seen, in order.
pub fn steps(session: &ReadSession, scope: &Scope, of: Uuid) -> Result<Vec<StepRow>, ViewError> {
    if warning(session, scope, of)?.is_none() {
        return Ok(Vec::new());
    }
    session.query("WHERE warning = $1 ORDER BY place", &[Value::from(of)])
}

/// Warnings after `after`, by id.
pub fn warnings(
    session: &ReadSession,
    scope: &Scope,
    filter: &WarningFilter,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<WarningRow>, ViewError> {
    let filter = filter.filter(scope).and_if("warning >", after);
    session.query(&filter.tail(&format!("ORDER BY warning LIMIT {limit}")), filter.binds())
}

pub fn count(
    session: &ReadSession,
    scope: &Scope,
    filter: &WarningFilter,
) -> Result<u64, ViewError> {
    let filter = filter.filter(scope);
    let sql = format!("SELECT COUNT(*) FROM warning {}", filter.tail(""));
    session.scalar(NAME, &sql, filter.binds())
}

/// The open ones whose clock is due by this day: whom the process of reminders asks.
pub fn due(session: &ReadSession, by: Date, at: Micros) -> Result<Vec<WarningRow>, ViewError> {
    let tail = "WHERE open = 1 AND (due_on <= $1 OR due_at <= $2) ORDER BY warning";
    session.query(tail, &[Value::from(by), Value::Int(at.0)])
}

/// How many there are, by column: division, level, class, stage, rule, channel.
pub fn counted(
    session: &ReadSession,
    scope: &Scope,
    by: By,
    filter: &WarningFilter,
) -> Result<Vec<(String, Level, u64)>, ViewError> {
    let filter = filter.filter(scope);
    let column = by.column();
    let sql = format!(
        "SELECT COALESCE({column}, ''), level, COUNT(*) FROM warning {}",
        filter.tail(&format!("GROUP BY {column}, level ORDER BY {column}, level"))
    );
    let rows = session.rows(NAME, &sql, filter.binds())?;
    let read = |row: &crate::engine::Row| -> Result<(String, Level, u64), ViewError> {
        Ok((Column::read(&row[0])?, Column::read(&row[1])?, Column::read(&row[2])?))
    };
    rows.iter().map(read).collect()
}

/// By what warnings are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Division,
    Class,
    Stage,
    Rule,
    Channel,
}

impl By {
    const fn column(self) -> &'static str {
        match self {
            Self::Division => "division",
            Self::Class => "class",
            Self::Stage => "stage",
            Self::Rule => "rule",
            Self::Channel => "channel",
        }
    }
}
