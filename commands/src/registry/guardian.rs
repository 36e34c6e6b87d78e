//! A guardian (监护人) is assigned and released.

use registry::person::{Command, Person};
use serde::{Deserialize, Serialize};
use shared::{Date, PersonId};

use super::{Registry, facts};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignGuardian {
    pub person: PersonId,
    pub guardian: PersonId,
    /// Absent: the business date.
    pub from: Option<Date>,
    /// The document that it rests on; no personal data.
    pub basis: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseGuardian {
    pub person: PersonId,
    /// Absent: the business date.
    pub on: Option<Date>,
    pub reason: String,
}

impl Registry {
    /// # Errors
    /// A guardian who is dead, merged or unknown: as of the append, not of the look-up.
    pub async fn assign_guardian(
        &self,
        envelope: &Envelope,
        input: &AssignGuardian,
    ) -> Result<Done<PersonId>, CommandError> {
        self.executor
            .run(envelope, "person.assign-guardian", input, async |unit: Unit| {
                let assign = Command::AssignGuardian {
                    guardian: input.guardian,
                    died_on: facts::death_of(&unit, input.guardian).await?,
                    from: input.from.unwrap_or(unit.business_date()),
                    basis: input.basis.clone(),
                };
                unit.decide::<Person>(input.person, assign).await?;
                Ok(input.person)
            })
            .await
    }

    /// # Errors
    /// When there is none.
    pub async fn release_guardian(
        &self,
        envelope: &Envelope,
        input: &ReleaseGuardian,
    ) -> Result<Done<PersonId>, CommandError> {
        self.executor
            .run(envelope, "person.release-guardian", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let release = Command::ReleaseGuardian { on, reason: input.reason.clone() };
                unit.decide::<Person>(input.person, release).await?;
                Ok(input.person)
            })
            .await
    }
}
