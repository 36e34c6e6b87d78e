//! Which rows an event of a plan or a batch touches; what it does to a plan or a batch itself stands
//! in their own files.

use disbursement::{batch, plan};
use shared::Money;

use super::{ActRow, BatchActRow, BatchRow, PlanRow, ReplyRow, Runs};
use crate::engine::{FoldError, Happened, Store};

impl Runs {
    pub(super) fn plan(
        &mut self,
        happened: &Happened<'_>,
        event: &plan::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        if let plan::Event::Opened(header) = event {
            self.plans.put(PlanRow::opened(id.clone(), header, happened)?);
        }
        let freed = if let plan::Event::BatchFreed { batch } = event {
            self.freed(batch, happened, store)?
        } else {
            (0, Money::ZERO)
        };
        let mut applied = Ok(());
        let known = self.plans.update(&id, store, |row| {
            applied = row.apply(event, freed);
            row.revision = happened.recorded.revision.0;
            row.position = happened.position();
        })?;
        applied?;
        if !known {
            return Err(FoldError::refused(format!("plan {id} was never opened")));
        }
        if let Some((act, role, reason)) = PlanRow::act(event) {
            self.acts.put(ActRow {
                plan: id,
                revision: happened.recorded.revision.0,
                act: act.to_owned(),
                role,
                actor: happened.meta.actor.clone(),
                reason,
                at: happened.recorded.recorded_at,
                event: happened.recorded.id,
            });
        }
        Ok(())
    }

    pub(super) fn batch(
        &mut self,
        happened: &Happened<'_>,
        event: &batch::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        match event {
            batch::Event::Opened(header) => self.batches.put(BatchRow::opened(id.clone(), header)),
            batch::Event::ReplyReceived { reply, artefact, file, lines } => {
                self.replies.put(ReplyRow {
                    reply: *reply,
                    batch: id.clone(),
                    digest: *artefact,
                    file: file.clone(),
                    rows_count: *lines,
                    applied: false,
                    at: happened.recorded.recorded_at,
                });
            }
            batch::Event::ReplyApplied { reply, .. } => {
                self.replies.update(reply, store, |row| row.applied = true)?;
            }
            batch::Event::LinesComposed { .. }
            | batch::Event::Composed { .. }
            | batch::Event::Signed { .. }
            | batch::Event::Sent { .. }
            | batch::Event::SentElsewhere { .. }
            | batch::Event::HandoverBegun { .. }
            | batch::Event::HandedOver { .. }
            | batch::Event::Acknowledged { .. }
            | batch::Event::Rejected { .. }
            | batch::Event::Withdrawn { .. }
            | batch::Event::OutcomeUnknown { .. }
            | batch::Event::Debited { .. }
            | batch::Event::LinesSettled { .. }
            | batch::Event::StatusQueried { .. }
            | batch::Event::ReturnedLate { .. }
            | batch::Event::MoneyReturned { .. } => {}
        }
        let known = self.batches.update(&id, store, |row| {
            row.apply(event, happened.meta.business_date);
            row.revision = happened.recorded.revision.0;
            row.position = happened.position();
        })?;
        if !known {
            return Err(FoldError::refused(format!("batch {id} was never opened")));
        }
        if let Some(act) = BatchRow::act(event) {
            self.batch_acts.put(BatchActRow {
                batch: id,
                revision: happened.recorded.revision.0,
                act: act.name.to_owned(),
                role: act.role.cloned(),
                actor: act.by.unwrap_or(&happened.meta.actor).clone(),
                reason: act.reason.cloned(),
                reference: act.reference.cloned(),
                amount: act.amount,
                at: happened.recorded.recorded_at,
                event: happened.recorded.id,
            });
        }
        Ok(())
    }

    /// Marks a batch whose lines are free again, and says what it had instructed.
    fn freed(
        &mut self,
        batch: &String,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(u32, Money), FoldError> {
        let mut instructed = (0, Money::ZERO);
        let known = self.batches.update(batch, store, |row| {
            (row.freed, row.position) = (true, happened.position());
            instructed = (row.lines, row.total);
        })?;
        if known {
            Ok(instructed)
        } else {
            Err(FoldError::refused(format!("batch {batch} was never opened")))
        }
    }
}
