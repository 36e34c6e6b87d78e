//! What is known of a registered person, and the rules of correcting it and of caring for him.

use std::collections::BTreeSet;

use shared::{Date, PersonId};

use super::{
    Contact, Correction, Error, Event, IdentityKind, Life, Record, Registration, death, given,
};

impl Record {
    pub(super) fn new(registration: &Registration) -> Self {
        let Registration { person, name: _, number, sex, birth, county } = registration;
        Self {
            person: *person,
            kind: number.kind,
            sex: *sex,
            birth: *birth,
            county: *county,
            life: Life::Alive,
            guardian: None,
            group: None,
            members: BTreeSet::new(),
            erased: false,
        }
    }

    pub(super) fn died_on(&self) -> Option<Date> {
        match &self.life {
            Life::Alive | Life::Reported(_) => None,
            Life::Dead { died_on } => Some(*died_on),
        }
    }

    pub(super) fn correct(&self, mut correction: Correction) -> Result<Vec<Event>, Error> {
        correction.reason = given(correction.reason)?;
        if correction.is_double() {
            match &correction.second {
                None => return Err(Error::SecondMissing),
                Some(second) if *second == correction.by => {
                    return Err(Error::SecondIsSame { by: correction.by });
                }
                Some(_) => {}
            }
        }
        match &correction.number {
            Some(number) if number.kind == IdentityKind::ResidentId => {
                if correction.sex.is_none() || correction.birth.is_none() {
                    return Err(Error::NumberIncomplete);
                }
            }
            Some(_) => {}
            None => {
                correction.sex = correction.sex.filter(|sex| *sex != self.sex);
                correction.birth = correction.birth.filter(|birth| *birth != self.birth);
                let follows = correction.sex.is_some() || correction.birth.is_some();
                if follows && self.kind == IdentityKind::ResidentId {
                    return Err(Error::FollowsNumber);
                }
            }
        }
        let died_on = match &self.life {
            Life::Alive => None,
            Life::Reported(report) => Some(report.died_on),
            Life::Dead { died_on } => Some(*died_on),
        };
        if let (Some(birth), Some(died_on)) = (correction.birth, died_on) {
            death::born_by(birth, died_on)?;
        }
        correction.county = correction.county.filter(|county| *county != self.county);
        let unchanged = correction.is_empty();
        Ok(if unchanged { vec![] } else { vec![Event::DetailsCorrected(correction)] })
    }

    pub(super) fn change_contact(&self, contact: Contact) -> Result<Vec<Event>, Error> {
        self.not_dead()?;
        let nothing = contact == Contact::default();
        Ok(if nothing { vec![] } else { vec![Event::ContactChanged(contact)] })
    }

    pub(super) fn assign_guardian(
        &self,
        guardian: PersonId,
        guardian_died_on: Option<Date>,
        from: Date,
        basis: String,
    ) -> Result<Vec<Event>, Error> {
        self.not_dead()?;
        if guardian == self.person {
            return Err(Error::OwnGuardian);
        }
        if let Some(died_on) = guardian_died_on {
            return Err(Error::GuardianDead { died_on });
        }
        Ok(vec![Event::GuardianAssigned { guardian, from, basis: given(basis)? }])
    }

    pub(super) fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::DetailsCorrected(correction) => {
                self.kind = correction.number.as_ref().map_or(self.kind, |number| number.kind);
                self.sex = correction.sex.unwrap_or(self.sex);
                self.birth = correction.birth.unwrap_or(self.birth);
                self.county = correction.county.unwrap_or(self.county);
            }
            Event::GuardianAssigned { guardian, .. } => self.guardian = Some(*guardian),
            Event::GuardianReleased { .. } => self.guardian = None,
            Event::DeathReported(report) => self.life = Life::Reported(report.clone()),
            Event::DeathConfirmed { died_on, .. } => self.life = Life::Dead { died_on: *died_on },
            Event::DeathReportWithdrawn { .. } => self.life = Life::Alive,
            Event::Absorbed { person, group } => {
                self.members.insert(*person);
                self.group = Some(*group);
            }
            Event::Separated { person, .. } => {
                self.members.remove(person);
                self.group = self.group.filter(|_| !self.members.is_empty());
            }
            Event::Erased(_) => self.erased = true,
            // Sealed fields are no business of a rule; links are the whole person's, not the record's.
            Event::ContactChanged(_)
            | Event::Registered(_)
            | Event::Merged { .. }
            | Event::Split { .. } => {}
        }
        self
    }

    fn not_dead(&self) -> Result<(), Error> {
        self.died_on().map_or(Ok(()), |died_on| Err(Error::Dead { died_on }))
    }
}
