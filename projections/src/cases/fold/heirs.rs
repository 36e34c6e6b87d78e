//! Heirs' cases.

use disbursement::heirs::Event;
use shared::{Money, PersonId};

use super::unopened;
use crate::cases::{Cases, HeirsDueRow, HeirsRow};
use crate::engine::{FoldError, Happened, Record, Store, StoreError, Value};

impl Cases {
    pub(in crate::cases) fn heirs(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let deceased: PersonId = happened.id()?;
        let (on, revision) = (happened.meta.business_date, happened.recorded.revision);
        let position = happened.position();
        let mut county = None;
        match event {
            Event::Opened { died_on, .. } => {
                // After a withdrawal it begins anew.
                self.forget_dues(deceased, store)?;
                self.heirs.put(HeirsRow {
                    deceased,
                    county: None,
                    died_on: *died_on,
                    opened_on: on,
                    obligations: 0,
                    owed: Money::ZERO,
                    heir: None,
                    address: None,
                    basis: None,
                    named_by: None,
                    approver: None,
                    named_on: None,
                    withdrawn_on: None,
                    withdrawn_reason: None,
                    revision,
                    position,
                });
                return Ok(());
            }
            Event::Added { obligation, amount } => {
                county = self.county(obligation.person, obligation.item, store)?;
                let (obligation, amount) = (*obligation, *amount);
                self.dues.put(HeirsDueRow { deceased, obligation, amount });
            }
            Event::Named(_) | Event::Withdrawn { .. } => {}
        }
        let known = self.heirs.update(&deceased, store, |row| {
            (row.revision, row.position) = (revision, position);
            match event {
                // Handled above: it makes the row.
                Event::Opened { .. } => {}
                Event::Added { amount, .. } => {
                    row.obligations += 1;
                    row.owed += *amount;
                    row.county = row.county.or(county);
                }
                Event::Named(named) => {
                    (row.heir, row.address) = (Some(named.heir), Some(named.address));
                    row.basis = Some(named.basis.clone());
                    row.named_by = Some(named.by.clone());
                    row.approver = Some(named.approver.clone());
                    row.named_on = Some(on);
                }
                Event::Withdrawn { reason } => {
                    (row.withdrawn_on, row.withdrawn_reason) = (Some(on), Some(reason.clone()));
                }
            }
        })?;
        if known { Ok(()) } else { Err(unopened(happened)) }
    }

    fn forget_dues(&mut self, deceased: PersonId, store: &mut dyn Store) -> Result<(), FoldError> {
        if self.heirs.get(&deceased, store)?.is_none() {
            return Ok(());
        }
        // A statement sees what was flushed.
        self.dues.flush(store)?;
        let sql = format!(
            "SELECT {} FROM heirs_due WHERE deceased = $1 ORDER BY obligation",
            HeirsDueRow::TABLE.column_list()
        );
        for row in store.rows(&sql, &[Value::from(deceased)])? {
            let due = HeirsDueRow::read(&row)
                .map_err(|source| StoreError::Shape { table: HeirsDueRow::TABLE.name, source })?;
            self.dues.remove(&due.key());
        }
        Ok(())
    }
}
