//! Of what there can be only one: an open grant, a funeral grant.
//!
//! A grant keeps its claim after its last month, and hands it over to the grant that follows: so
//! the months of two grants never overlap, whatever was backdated.

use benefits::claims;
use benefits::grant::{Grant, Record};
use definitions::{Item, OnePer};
use kernel::{Decider, StreamName};
use shared::{GrantId, ItemId, Month, PersonId};

use crate::error::CommandError;
use crate::unit::Unit;

/// What a grant is claimed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub item: ItemId,
    pub person: PersonId,
    pub arises_from: Option<PersonId>,
}

impl Key {
    fn open(self) -> String {
        claims::open_grant(self.item, self.person, self.arises_from)
    }

    /// The keys that a grant of this item takes: under every id of the human, so that nobody draws
    /// twice by having been registered twice.
    pub(super) fn taken(self, item: &Item, group: &[PersonId]) -> Vec<String> {
        let funeral = match item.one_per {
            OnePer::Deceased => self.arises_from.map(claims::funeral),
            OnePer::Obligation | OnePer::Person | OnePer::PersonAndYear => None,
        };
        let others = group.iter().filter(|id| **id != self.person);
        let others = others.map(|id| Self { person: *id, ..self }.open());
        std::iter::once(self.open()).chain(others).chain(funeral).collect()
    }
}

impl From<&Record> for Key {
    fn from(record: &Record) -> Self {
        Self { item: record.item, person: record.person, arises_from: record.arises_from }
    }
}

pub(super) fn stream(grant: GrantId) -> StreamName {
    StreamName::new(Grant::CATEGORY, grant)
}

/// The grant that holds the key and is over before `from`: it may hand its claim over. `None` where
/// nobody holds it, or where the holder stands against it.
pub(super) async fn predecessor(
    unit: &Unit,
    key: Key,
    item: &Item,
    from: Month,
) -> Result<Option<StreamName>, CommandError> {
    // Once in a lifetime means that no grant follows another one, unless that one was void.
    let lifelong = item.one_per == OnePer::Person;
    let held = unit.log().claims(&[key.open()]).await?;
    let Some(held) = held.into_iter().flatten().next() else { return Ok(None) };
    let stream = StreamName::stored(held.holder);
    let (state, _) = unit.load::<Grant>(stream.id()).await?;
    let over = state.record().is_some_and(|record| {
        record.last.is_some_and(|last| last < record.from || (!lifelong && last < from))
    });
    if !over {
        return Ok(None);
    }
    drop(state);
    // A later end of that grant would move its stream, and the append would fail.
    unit.guard::<Grant>(stream.id()).await?;
    Ok(Some(stream))
}

/// A grant that turned out void gives up whatever it holds.
pub(super) async fn give_up(unit: &Unit, record: &Record) -> Result<(), CommandError> {
    let (key, holder) = (Key::from(record), stream(record.grant));
    let keys = std::iter::once(key.open()).chain(key.arises_from.map(claims::funeral));
    for key in crate::taken::held_by(unit.log(), keys.collect(), holder.as_str()).await? {
        unit.release(key, holder.as_str());
    }
    Ok(())
}
