//! Two ids of one human are merged and split. Claims stay where they are (DESIGN, section 2).

use registry::claims;
use registry::person::{self, Command, GroupId, Person};
use serde::{Deserialize, Serialize};
use shared::PersonId;

use super::Registry;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::taken;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergePersons {
    /// The id that stays.
    pub into: PersonId,
    /// The id that is given up.
    pub from: PersonId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitPersons {
    /// The id that was given up.
    pub person: PersonId,
    pub reason: String,
}

impl Registry {
    /// The group of both ids.
    ///
    /// # Errors
    /// The rules of merging, as [`registry::person::Error`] has them.
    pub async fn merge_persons(
        &self,
        envelope: &Envelope,
        input: &MergePersons,
    ) -> Result<Done<GroupId>, CommandError> {
        let MergePersons { into, from, .. } = *input;
        self.executor
            .run(envelope, "person.merge", input, async |unit: Unit| {
                let (survivor, _) = unit.guard::<Person>(into).await?;
                let group = match &*survivor {
                    Person::Registered(record) => record.group.unwrap_or(GroupId::of(into)),
                    Person::Unknown => return Err(person::Error::Unknown.into()),
                    Person::Merged { into, .. } => {
                        return Err(person::Error::Merged { into: *into }.into());
                    }
                };
                let died_on = survivor.died_on();
                drop(survivor);
                let reason = input.reason.clone();
                unit.decide::<Person>(from, Command::Merge { into, group, died_on, reason })
                    .await?;
                unit.decide::<Person>(into, Command::Absorb { person: from, group }).await?;
                unit.take(claims::group_member(into, from), format!("person-{from}"));
                Ok(group)
            })
            .await
    }

    /// The id from which it was split.
    ///
    /// # Errors
    /// When it is not merged.
    pub async fn split_persons(
        &self,
        envelope: &Envelope,
        input: &SplitPersons,
    ) -> Result<Done<PersonId>, CommandError> {
        let person = input.person;
        self.executor
            .run(envelope, "person.split", input, async |unit: Unit| {
                let (given_up, _) = unit.guard::<Person>(person).await?;
                let into = match &*given_up {
                    Person::Merged { into, .. } => Some(*into),
                    Person::Unknown | Person::Registered(_) => None,
                };
                drop(given_up);
                let reason = input.reason.clone();
                unit.decide::<Person>(person, Command::Split { reason }).await?;
                // The split of an id that is not merged was just refused.
                let into = into.ok_or(person::Error::NotMerged)?;
                unit.decide::<Person>(into, Command::Separate { person }).await?;
                // Links of before the claims were kept have none.
                let (key, holder) =
                    (claims::group_member(into, person), format!("person-{person}"));
                for key in taken::held_by(unit.log(), vec![key], &holder).await? {
                    unit.release(key, &holder);
                }
                Ok(into)
            })
            .await
    }
}
