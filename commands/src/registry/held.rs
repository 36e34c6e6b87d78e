//! What a person's stream holds sealed: opened to release a claim or a look-up entry, never kept.

use kernel::{Decider, Limit, Revision, StreamName};
use registry::person::{Event, IdentityNumber, Person};
use shared::{PersonId, Pii, Sealed};

use crate::error::CommandError;
use crate::unit::Unit;

/// The newest of each field.
#[derive(Default)]
pub(super) struct HeldFields {
    pub name: Option<Sealed>,
    pub number: Option<IdentityNumber>,
    pub phone: Option<Sealed>,
}

impl HeldFields {
    /// Reads the stream of `person`, which the unit guards: if it moves, the append fails.
    pub(super) async fn of(unit: &Unit, person: PersonId) -> Result<Self, CommandError> {
        let stream = StreamName::new(Person::CATEGORY, person);
        let mut fields = Self::default();
        let mut after = Revision::NONE;
        loop {
            let page = unit.log().read_stream(&stream, after, Limit::PAGE).await?;
            let Some(last) = page.last() else { return Ok(fields) };
            after = last.revision;
            for recorded in &page {
                fields.apply(recorded.decode()?);
            }
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Registered(registration) => {
                self.name = Some(registration.name);
                self.number = Some(registration.number);
            }
            Event::DetailsCorrected(correction) => {
                self.name = correction.name.or(self.name.take());
                self.number = correction.number.or(self.number.take());
            }
            Event::ContactChanged(contact) => self.phone = contact.phone.or(self.phone.take()),
            Event::GuardianAssigned { .. }
            | Event::GuardianReleased { .. }
            | Event::DeathReported(_)
            | Event::DeathConfirmed { .. }
            | Event::DeathReportWithdrawn { .. }
            | Event::Merged { .. }
            | Event::Absorbed { .. }
            | Event::Split { .. }
            | Event::Separated { .. }
            | Event::Erased(_) => {}
        }
    }
}

/// The clear text of a field, if there is one.
pub(super) fn open(
    unit: &Unit,
    person: PersonId,
    sealed: Option<&Sealed>,
) -> Result<Option<Pii<String>>, CommandError> {
    sealed.map(|sealed| Ok(unit.keys().open(person.uuid(), &sealed.0)?)).transpose()
}
