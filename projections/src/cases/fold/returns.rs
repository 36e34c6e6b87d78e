//! Return cases.

use disbursement::return_case::{Event, Opened, Stage};
use shared::AttemptId;

use super::unopened;
use crate::cases::{Cases, ReturnRow};
use crate::engine::{FoldError, Happened, Store};

impl Cases {
    pub(in crate::cases) fn returned(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let case_id: AttemptId = happened.id()?;
        if let Event::Opened(opened) = event {
            let row = self.opened(case_id, opened, happened, store)?;
            self.returns.put(row);
            return Ok(());
        }
        let (revision, position) = (happened.recorded.revision, happened.position());
        let known = self.returns.update(&case_id, store, |row| {
            (row.revision, row.position) = (revision, position);
            match event {
                // Handled above: it makes the row.
                Event::Opened(_) => {}
                Event::Notified { channel, on, .. } => {
                    row.notices += 1;
                    (row.notified_on, row.channel) = (Some(*on), Some(channel.clone()));
                    if row.stage == Stage::Open {
                        row.stage = Stage::Notified;
                    }
                }
                Event::Corrected(corrected) => {
                    row.stage = Stage::Corrected;
                    row.corrected_address = Some(corrected.address);
                    row.corrected_version = Some(corrected.version);
                    row.corrected_on = Some(corrected.on);
                    row.corrected_by = Some(corrected.by.clone());
                }
                Event::Reissued { part } => {
                    (row.stage, row.part) = (Stage::Reissued, Some(part.clone()));
                }
                Event::Freed { .. } => (row.stage, row.part) = (Stage::Corrected, None),
                Event::Closed { outcome, on } => {
                    row.stage = Stage::Closed;
                    (row.outcome, row.closed_on) = (Some(*outcome), Some(*on));
                }
            }
        })?;
        if known { Ok(()) } else { Err(unopened(happened)) }
    }

    fn opened(
        &mut self,
        case_id: AttemptId,
        opened: &Opened,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<ReturnRow, FoldError> {
        let obligation = opened.obligation;
        Ok(ReturnRow {
            case_id,
            obligation,
            attempt: opened.attempt,
            item: obligation.item,
            month: obligation.month,
            person: opened.person,
            grant_id: opened.grant,
            payee: opened.payee,
            county: self.county(opened.person, obligation.item, store)?,
            bank: opened.bank,
            batch: opened.batch.clone(),
            reason: opened.reason,
            amount: opened.amount,
            address: opened.address,
            address_version: opened.address_version,
            late: opened.late,
            returned_on: opened.returned_on,
            stage: Stage::Open,
            notices: 0,
            notified_on: None,
            channel: None,
            corrected_address: None,
            corrected_version: None,
            corrected_on: None,
            corrected_by: None,
            part: None,
            outcome: None,
            closed_on: None,
            revision: happened.recorded.revision,
            position: happened.position(),
        })
    }
}
