//! Many people at once.

use kernel::{Decider, Revision, StreamName};
use registry::person::{Command, Person};
use shared::PersonId;

use super::Registry;
use super::person::{Entry, RegisterPerson};
use crate::bulk::{self, Bulk, Claims, Row};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::unit::Unit;

impl Registry {
    /// Registers every row that can be; the others are refused one by one, with code and field. A
    /// number that is registered already, or stands in an earlier row, names its holder.
    ///
    /// # Errors
    /// A fault of the log or the keys; what was written before it stays, and asking again goes on.
    pub async fn register_persons(
        &self,
        envelope: &Envelope,
        rows: &[RegisterPerson],
    ) -> Result<Bulk<PersonId>, CommandError> {
        bulk::in_pieces(
            &self.executor,
            envelope,
            "person.register-many",
            rows,
            async |unit: Unit, piece: &[RegisterPerson]| register(&unit, piece).await,
        )
        .await
    }
}

async fn register(
    unit: &Unit,
    piece: &[RegisterPerson],
) -> Result<Vec<Row<PersonId>>, CommandError> {
    let entries: Vec<Result<Entry, CommandError>> =
        (0..).zip(piece).map(|(index, input)| Entry::check(unit, input, index)).collect();
    let checked = || entries.iter().flatten();
    let keys = checked().flat_map(|entry| entry.keys(unit.keys())).collect();
    let mut claims = Claims::look_up(unit, keys).await?;
    // One durable write of keys for the whole piece.
    let subjects: Vec<_> = checked().map(|entry| entry.person.uuid()).collect();
    unit.keys().ensure(&subjects).await?;
    let mut rows = Vec::with_capacity(piece.len());
    for (input, entry) in piece.iter().zip(entries) {
        let outcome = match entry {
            Ok(entry) => admit(unit, &mut claims, &entry, input.person.is_none()).await,
            Err(error) => Err(error),
        };
        rows.push(bulk::row(outcome)?);
    }
    Ok(rows)
}

/// Nothing of a refused row is in the unit: what can be refused comes first.
async fn admit(
    unit: &Unit,
    claims: &mut Claims,
    entry: &Entry,
    made: bool,
) -> Result<PersonId, CommandError> {
    let person = entry.person;
    let keys = entry.keys(unit.keys());
    claims.free(&keys)?;
    let register = Command::Register(entry.registration(unit)?);
    let contact = entry.contact.sealed(unit, person, 1)?.map(Command::ChangeContact);
    let stream = StreamName::new(Person::CATEGORY, person);
    if made {
        // An id that follows from the command names a stream that nobody has written to: there is
        // nothing to read, and the append says so if it were not true.
        let mut state = Person::default();
        let mut events = Vec::new();
        for command in [Some(register), contact].into_iter().flatten() {
            for event in state.decide(command)? {
                state = state.evolve(&event);
                events.push(event);
            }
        }
        unit.write(stream.clone(), Revision::NONE, &events)?;
    } else {
        unit.decide::<Person>(person, register).await?;
        if let Some(contact) = contact {
            unit.decide::<Person>(person, contact).await?;
        }
    }
    entry.index(unit);
    claims.take(unit, keys, stream.as_str());
    Ok(person)
}
