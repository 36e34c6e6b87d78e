//! The rules of merging the ids of one human, and of splitting them again.

use shared::{Date, PersonId};

use super::{Error, Event, GroupId, Life, Record, given};

impl Record {
    pub(super) fn merge(
        &self,
        into: PersonId,
        group: GroupId,
        into_died_on: Option<Date>,
        reason: String,
    ) -> Result<Vec<Event>, Error> {
        if into == self.person {
            return Err(Error::IntoItself);
        }
        if !self.members.is_empty() {
            return Err(Error::LeadsGroup { members: self.members.len() });
        }
        if let Life::Reported(report) = &self.life {
            return Err(Error::DeathReported { died_on: report.died_on });
        }
        // A merge must not bring anybody back to life.
        match (self.died_on(), into_died_on) {
            (Some(died_on), Some(other)) if died_on != other => {
                Err(Error::DeathsDiffer { died_on, other })
            }
            (Some(died_on), None) | (None, Some(died_on)) => Err(Error::OneIsDead { died_on }),
            (Some(_), Some(_)) | (None, None) => {
                Ok(vec![Event::Merged { into, group, reason: given(reason)? }])
            }
        }
    }

    pub(super) fn absorb(&self, person: PersonId, group: GroupId) -> Result<Vec<Event>, Error> {
        if person == self.person {
            return Err(Error::IntoItself);
        }
        if self.members.contains(&person) {
            return Err(Error::AlreadyMember { person });
        }
        let own = self.group.unwrap_or(GroupId::of(self.person));
        if group != own {
            return Err(Error::OtherGroup { group: own });
        }
        Ok(vec![Event::Absorbed { person, group }])
    }

    pub(super) fn separate(&self, person: PersonId) -> Result<Vec<Event>, Error> {
        match self.group {
            Some(group) if self.members.contains(&person) => {
                Ok(vec![Event::Separated { person, group }])
            }
            Some(_) | None => Err(Error::NotMember { person }),
        }
    }
}
