//! A human is erased: the keys of every id are destroyed, and no look-up leads to him any more.
//!
//! **Invariant** the event is durable before a key goes; whoever finds the event destroys the keys
//! again, so that a crash in between leaves nobody readable for long.

use std::sync::Arc;

use kernel::log::Answer;
use kernel::{Decider, Position, StreamName};
use registry::claims;
use registry::person::{self, Command, Erasure, Person};
use serde::{Deserialize, Serialize};
use shared::PersonId;
use uuid::Uuid;

use super::held::{self, HeldFields};
use super::{Registry, number};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::personal::kind;
use crate::taken;
use crate::unit::Unit;

pub use registry::person::Retained;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasePerson {
    /// The id that stays of a group; the ids that were merged into it are erased with it.
    pub person: PersonId,
    pub reason: String,
    /// The provision that it rests on.
    pub basis: String,
}

/// The port: what the law keeps about these ids, and the position at which that was so.
pub trait Retention: Send + Sync + 'static {
    /// # Errors
    /// When the read models cannot be read or are too far behind.
    fn of<'a>(
        &'a self,
        people: &'a [PersonId],
        at_least: Position,
    ) -> Answer<'a, Result<(Retained, Position), CommandError>>;
}

/// What makes somebody a person about whom something is kept.
const KEEPS: [&str; 4] = [
    "grant.registered.v1",
    "card.made.v1",
    "pay-address.registered.v1",
    "part.lines-calculated.v1",
];

impl Registry {
    /// With what erasing needs to know: without it nobody is erased.
    #[must_use]
    pub fn with_retention(mut self, retention: Arc<dyn Retention>) -> Self {
        self.retention = Some(retention);
        self
    }

    /// Every id that was erased.
    ///
    /// # Errors
    /// [`person::Error::Retained`] for whom the law keeps data; a merged id; a blank reason.
    pub async fn erase_person(
        &self,
        envelope: &Envelope,
        input: &ErasePerson,
    ) -> Result<Done<Vec<PersonId>>, CommandError> {
        let done = self
            .executor
            .run(envelope, "person.erase", input, async |unit: Unit| {
                let people = group(&unit, input.person).await?;
                let (retained, at) = self.retained(&people, unit.log().head()).await?;
                unit.none_since(KEEPS, at);
                let ErasePerson { reason, basis, .. } = input.clone();
                let erasure = Erasure { people: people.clone(), reason, basis };
                for person in &people {
                    forget(&unit, *person).await?;
                    let erase = Command::Erase { erasure: erasure.clone(), retained };
                    unit.decide::<Person>(*person, erase).await?;
                }
                Ok(people)
            })
            .await?;
        if !done.dry_run {
            let subjects: Vec<Uuid> = done.result.iter().map(|person| person.uuid()).collect();
            self.executor.keys().erase(&subjects).await?;
        }
        Ok(done)
    }

    async fn retained(
        &self,
        people: &[PersonId],
        at_least: Position,
    ) -> Result<(Retained, Position), CommandError> {
        match &self.retention {
            Some(retention) => retention.of(people, at_least).await,
            None => Err(CommandError::Unavailable {
                what: "what the law keeps is not known here".to_owned(),
                retryable: false,
            }),
        }
    }
}

/// The id and those that were merged into it, by id.
async fn group(unit: &Unit, person: PersonId) -> Result<Vec<PersonId>, CommandError> {
    let (state, _) = unit.guard::<Person>(person).await?;
    match &*state {
        Person::Unknown => Err(person::Error::Unknown.into()),
        Person::Merged { into, .. } => Err(person::Error::Merged { into: *into }.into()),
        Person::Registered(record) if record.erased => Err(person::Error::Erased.into()),
        Person::Registered(record) => {
            let mut people: Vec<PersonId> = record.members.iter().copied().collect();
            people.push(person);
            people.sort_unstable();
            Ok(people)
        }
    }
}

/// Gives the number's claim up and takes every look-up entry away.
async fn forget(unit: &Unit, person: PersonId) -> Result<(), CommandError> {
    let fields = HeldFields::of(unit, person).await?;
    let (keys, subject) = (unit.keys(), person.uuid());
    let holder = StreamName::new(Person::CATEGORY, person);
    if let Some(number) = &fields.number {
        let clear = held::open(unit, person, Some(&number.sealed))?;
        let forms = clear.map(|clear| number::spellings(number.kind, clear.expose()));
        let blinds: Vec<String> =
            forms.iter().flatten().map(|form| number::blind(keys, form)).collect();
        let claimed = blinds.iter().map(|blind| claims::person_no(blind)).collect();
        for key in taken::held_by(unit.log(), claimed, holder.as_str()).await? {
            unit.release(key, holder.as_str());
        }
        for blind in blinds {
            unit.unindex(kind::PERSON_NO, blind, subject);
        }
    }
    if let Some(name) = held::open(unit, person, fields.name.as_ref())? {
        unit.unindex(kind::NAME, keys.blind(kind::NAME, name.expose()), subject);
    }
    if let Some(phone) = held::open(unit, person, fields.phone.as_ref())? {
        unit.unindex(kind::PHONE, keys.blind(kind::PHONE, phone.expose()), subject);
    }
    Ok(())
}
