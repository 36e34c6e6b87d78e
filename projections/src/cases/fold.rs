//! What events change, one file per stream.

mod comparisons;
mod deductions;
mod heirs;
mod obligations;
mod recoveries;
mod returns;

use benefits::grant;
use shared::{DivisionCode, ItemId, PersonId};

use super::{Cases, PlaceRow};
use crate::engine::{FoldError, Happened, Store, StoreError};

impl Cases {
    pub(super) fn granted(&mut self, event: &grant::Event) -> Result<(), FoldError> {
        if let grant::Event::Registered(grant) = event {
            let (grant_id, county) = (grant.grant, grant.county);
            let (person, item) = (grant.person, grant.item);
            self.places.put(PlaceRow { person, item, grant_id, county });
        }
        Ok(())
    }

    fn county(
        &mut self,
        person: PersonId,
        item: ItemId,
        store: &mut dyn Store,
    ) -> Result<Option<DivisionCode>, StoreError> {
        Ok(self.places.get(&(person, item), store)?.map(|place| place.county))
    }
}

/// A stream whose first event is not the one that begins it.
fn unopened(happened: &Happened<'_>) -> FoldError {
    FoldError::refused(format!("{} was never opened", happened.recorded.stream))
}
