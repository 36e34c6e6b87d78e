//! Who there is: every person id with what is known of it now, envelopes as they lie in the events.
//!
//! An id that was merged keeps its row; `merged_into` says where the human goes on.

use kernel::{Micros, Position, Revision};
use registry::person::{Correction, DeathSource, Event, GroupId, IdentityKind, Registration};
use shared::{Date, DivisionCode, Month, PersonId, Sealed, Sex};

use crate::engine::{
    Cached, Column, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table,
    Unreadable, Value, ViewError,
};
use crate::facts::Fact;
use crate::lists::seen;
use crate::many::{by_keys, within};
use crate::record;
use crate::scope::{Filter, Scope};
use crate::words::{word_columns, words};

pub const NAME: &str = "people";

words! {
    Life {
        Alive "alive",
        /// Held back until it is verified; not dead in law.
        DeathReported "death_reported",
        Dead "dead",
    }
}

word_columns!(IdentityKind, DeathSource);

impl Column for GroupId {
    const KIND: crate::engine::Kind = crate::engine::Kind::Text;

    fn write(&self) -> Value {
        self.0.write()
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        Column::read(value).map(Self)
    }
}

record! {
    pub struct PersonRow in "person" key(person: PersonId)
        index("county", "person") index("merged_into") index("guardian") index("life", "person")
    {
        pub sex: Sex,
        pub birth: Month,
        pub county: DivisionCode,
        pub life: Life,
        /// As reported, or as confirmed.
        pub died_on: Option<Date>,
        pub death_reported_on: Option<Date>,
        pub death_confirmed_on: Option<Date>,
        pub death_source: Option<DeathSource>,
        /// The last day to verify a reported death.
        pub verify_by: Option<Date>,
        /// The group that it leads or was merged into.
        pub group_id: Option<GroupId>,
        pub merged_into: Option<PersonId>,
        /// How many ids it has absorbed.
        pub members: u32,
        pub guardian: Option<PersonId>,
        pub guardian_from: Option<Date>,
        pub number_kind: IdentityKind,
        pub number: Sealed,
        pub name: Sealed,
        pub phone: Option<Sealed>,
        pub registered_address: Option<Sealed>,
        pub usual_address: Option<Sealed>,
        pub usual_county: Option<DivisionCode>,
        /// No envelope is held any more: those of name and number are empty.
        pub erased: bool,
        pub registered_on: Date,
        pub registered_at: Micros,
        pub revision: Revision,
        pub position: Position,
    }

    /// Who is not simply alive under an id of his own: few, so that a population asks them quickly.
    pub struct ApartRow in "person_apart" key(person: PersonId) {
        pub life: Life,
        pub died_on: Option<Date>,
        pub merged_into: Option<PersonId>,
    }
}

seen! { NAME; PersonRow: by("county"); }

#[derive(Default)]
pub struct People {
    people: Cached<PersonRow>,
    apart: Cached<ApartRow>,
}

impl Projection for People {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![PersonRow::TABLE, ApartRow::TABLE]
    }

    /// A population is frozen from it: nobody dead is paid because an event was passed over.
    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["person"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let Fact::Person(event) = happened.fact else { return Ok(()) };
        let person: PersonId = happened.id()?;
        if let Event::Registered(registration) = event {
            self.people.put(registered(person, registration, happened));
            return Ok(());
        }
        let mut apart = (None, None);
        let known = self.people.update(&person, store, |row| {
            apart.0 = row.apart();
            row.change(event);
            (row.revision, row.position) = (happened.recorded.revision, happened.position());
            apart.1 = row.apart();
        })?;
        if !known {
            return Err(FoldError::refused(format!("person {person} was never registered")));
        }
        match apart {
            (_, Some(row)) => self.apart.put(row),
            (Some(_), None) => self.apart.remove(&person),
            (None, None) => {}
        }
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.people.flush(store)?;
        self.apart.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

fn registered(person: PersonId, as_is: &Registration, happened: &Happened<'_>) -> PersonRow {
    PersonRow {
        person,
        sex: as_is.sex,
        birth: as_is.birth,
        county: as_is.county,
        life: Life::Alive,
        died_on: None,
        death_reported_on: None,
        death_confirmed_on: None,
        death_source: None,
        verify_by: None,
        group_id: None,
        merged_into: None,
        members: 0,
        guardian: None,
        guardian_from: None,
        number_kind: as_is.number.kind,
        number: as_is.number.sealed.clone(),
        name: as_is.name.clone(),
        phone: None,
        registered_address: None,
        usual_address: None,
        usual_county: None,
        erased: false,
        registered_on: happened.meta.business_date,
        registered_at: happened.recorded.recorded_at,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}

impl PersonRow {
    fn change(&mut self, event: &Event) {
        match event {
            Event::DetailsCorrected(correction) => self.correct(correction),
            Event::ContactChanged(contact) => {
                replace(&mut self.phone, contact.phone.as_ref());
                replace(&mut self.registered_address, contact.registered_address.as_ref());
                replace(&mut self.usual_address, contact.usual_address.as_ref());
                replace(&mut self.usual_county, contact.usual_county.as_ref());
            }
            Event::GuardianAssigned { guardian, from, .. } => {
                (self.guardian, self.guardian_from) = (Some(*guardian), Some(*from));
            }
            Event::GuardianReleased { .. } => (self.guardian, self.guardian_from) = (None, None),
            Event::DeathReported(report) => {
                self.life = Life::DeathReported;
                self.died_on = Some(report.died_on);
                self.death_reported_on = Some(report.reported_on);
                self.death_source = Some(report.source);
                self.verify_by = Some(report.verify_by);
            }
            Event::DeathConfirmed { died_on, confirmed_on, source } => {
                self.life = Life::Dead;
                self.died_on = Some(*died_on);
                self.death_confirmed_on = Some(*confirmed_on);
                self.death_source = Some(*source);
                self.verify_by = None;
            }
            Event::DeathReportWithdrawn { .. } => {
                self.life = Life::Alive;
                (self.died_on, self.death_reported_on) = (None, None);
                (self.death_confirmed_on, self.death_source) = (None, None);
                self.verify_by = None;
            }
            Event::Merged { into, group, .. } => {
                (self.merged_into, self.group_id) = (Some(*into), Some(*group));
            }
            Event::Split { .. } => (self.merged_into, self.group_id) = (None, None),
            Event::Absorbed { group, .. } => {
                self.members += 1;
                self.group_id = Some(*group);
            }
            Event::Separated { .. } => {
                self.members = self.members.saturating_sub(1);
                self.group_id = self.group_id.filter(|_| self.members > 0);
            }
            Event::Erased(_) => {
                let nothing = || Sealed(String::new());
                (self.number, self.name) = (nothing(), nothing());
                (self.phone, self.registered_address) = (None, None);
                self.usual_address = None;
                self.erased = true;
            }
            // Handled before: it makes the row.
            Event::Registered(_) => {}
        }
    }

    fn correct(&mut self, correction: &Correction) {
        if let Some(number) = &correction.number {
            (self.number_kind, self.number) = (number.kind, number.sealed.clone());
        }
        if let Some(name) = &correction.name {
            self.name = name.clone();
        }
        self.sex = correction.sex.unwrap_or(self.sex);
        self.birth = correction.birth.unwrap_or(self.birth);
        self.county = correction.county.unwrap_or(self.county);
    }

    fn apart(&self) -> Option<ApartRow> {
        let Self { person, life, died_on, merged_into, .. } = self;
        let (person, life, died_on, merged_into) = (*person, *life, *died_on, *merged_into);
        (life != Life::Alive || merged_into.is_some()).then_some(ApartRow {
            person,
            life,
            died_on,
            merged_into,
        })
    }
}

/// What is absent stays as it was.
fn replace<T: Clone>(now: &mut Option<T>, new: Option<&T>) {
    if let Some(new) = new {
        *now = Some(new.clone());
    }
}

/// Which people are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFilter {
    /// A division: the people of every county within it.
    pub county: Option<DivisionCode>,
    pub sex: Option<Sex>,
    pub life: Option<Life>,
    /// Born in this month or later.
    pub born_from: Option<Month>,
    /// Born in this month or earlier.
    pub born_to: Option<Month>,
    pub guardian: Option<PersonId>,
    /// Ids that were merged into others are left out unless they are asked for.
    pub with_merged: bool,
}

impl PersonFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        let filter = within(Filter::new().divisions(scope, "county"), "county", self.county)
            .and_if("sex =", self.sex)
            .and_if("life =", self.life)
            .and_if("birth >=", self.born_from)
            .and_if("birth <=", self.born_to)
            .and_if("guardian =", self.guardian);
        if self.with_merged { filter } else { filter.and_that("merged_into IS NULL") }
    }
}

/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn person(
    session: &ReadSession,
    scope: &Scope,
    person: PersonId,
) -> Result<Option<PersonRow>, ViewError> {
    let row: Option<PersonRow> = session.get(&person)?;
    Ok(row.filter(|row| scope.covers(row.county)))
}

/// Those of `people` that there are and that may be seen, by id.
pub fn many(
    session: &ReadSession,
    scope: &Scope,
    people: &[PersonId],
) -> Result<Vec<PersonRow>, ViewError> {
    let mut rows: Vec<PersonRow> =
        by_keys(session, "person", people.iter().map(|person| Value::from(*person)))?;
    rows.retain(|row| scope.covers(row.county));
    rows.sort_unstable_by_key(|row| row.person);
    Ok(rows)
}

/// People after `after`, by id.
pub fn persons(
    session: &ReadSession,
    scope: &Scope,
    filter: &PersonFilter,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonRow>, ViewError> {
    let filter = filter.filter(scope).and_if("person >", after);
    session.query(&filter.tail(&format!("ORDER BY person LIMIT {limit}")), filter.binds())
}

pub fn count(
    session: &ReadSession,
    scope: &Scope,
    filter: &PersonFilter,
) -> Result<u64, ViewError> {
    let filter = filter.filter(scope);
    let sql = filter.tail("");
    session.scalar(NAME, &format!("SELECT COUNT(*) FROM person {sql}"), filter.binds())
}

/// The ids that were merged into this one, by id.
pub fn members(
    session: &ReadSession,
    scope: &Scope,
    survivor: PersonId,
) -> Result<Vec<PersonRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "county").and("merged_into =", survivor);
    session.query(&filter.tail("ORDER BY person"), filter.binds())
}
