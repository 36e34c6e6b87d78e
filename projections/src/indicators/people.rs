//! What events of people tell. A merged id tells nothing: its human is counted under the other.

use definitions::{Dimension, FactKind};
use registry::person::{DeathStage, Event};
use shared::PersonId;

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::PersonRow;
use crate::engine::FoldError;

pub(super) fn person(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let person: PersonId = teller.happened.id()?;
    if let Event::Registered(registration) = event {
        let row = PersonRow {
            person,
            county: registration.county,
            sex: registration.sex,
            birth: registration.birth,
            registered_on: teller.happened.meta.business_date,
            merged: false,
            died_on: None,
        };
        teller.tell(row.living())?;
        known.people.put(row);
        return Ok(());
    }
    let Some(mut row) = known.people.get(&person, teller.store)?.cloned() else {
        return Err(FoldError::refused(format!("person {person} was never registered")));
    };
    match event {
        Event::DetailsCorrected(correction) => {
            row.county = correction.county.unwrap_or(row.county);
            row.sex = correction.sex.unwrap_or(row.sex);
            row.birth = correction.birth.unwrap_or(row.birth);
        }
        Event::DeathConfirmed { died_on, .. } => row.died_on = Some(*died_on),
        Event::DeathReportWithdrawn { stage: DeathStage::Confirmed, .. } => row.died_on = None,
        Event::Merged { .. } => row.merged = true,
        Event::Split { .. } => row.merged = false,
        // The others change nothing that is counted.
        _ => return Ok(()),
    }
    let name = person.to_string();
    if row.merged {
        teller.withdraw(FactKind::Person, name.clone())?;
    } else {
        teller.tell_anew(row.living())?;
    }
    match row.dead().filter(|_| !row.merged) {
        Some(told) => teller.tell_anew(told)?,
        None => teller.withdraw(FactKind::Death, name)?,
    }
    known.people.put(row);
    Ok(())
}

impl PersonRow {
    fn living(&self) -> Told {
        self.told(FactKind::Person, self.registered_on)
    }

    fn dead(&self) -> Option<Told> {
        self.died_on.map(|died_on| self.told(FactKind::Death, died_on))
    }

    fn told(&self, kind: FactKind, day: shared::Date) -> Told {
        Told::new(kind, self.person.to_string(), day)
            .with(Dimension::County, self.county)
            .with(Dimension::Sex, self.sex)
            .with(Dimension::BirthYear, format_args!("{:04}", self.birth.year()))
    }
}
