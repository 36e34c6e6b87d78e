//! What events of plans and batches change.

use disbursement::batch::{Event, ReplyCounts};
use disbursement::plan;
use shared::{Date, Money};

use super::{BankMonthRow, PromptRow, Quality, QualityBatchRow};
use crate::engine::{FoldError, Happened, Store};

impl Quality {
    pub(super) fn plan(
        &mut self,
        happened: &Happened<'_>,
        event: &plan::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        match event {
            plan::Event::Opened(header) => self.plans.put(PromptRow {
                plan: id,
                area: header.area,
                item: header.item,
                month: header.month,
                fund: header.fund,
                run: header.run,
                pay_day: header.pay_day,
                due_lines: 0,
                due: Money::ZERO,
                prompt_lines: 0,
                prompt: Money::ZERO,
                late_lines: 0,
                late: Money::ZERO,
                cancelled: false,
            }),
            // Anew after it was sent back: what it owes is what was calculated last.
            plan::Event::Calculated { totals, .. } => {
                self.plans.update(&id, store, |plan| {
                    (plan.due_lines, plan.due) = (totals.lines, totals.net());
                })?;
            }
            plan::Event::Cancelled { .. } => {
                self.plans.update(&id, store, |plan| {
                    plan.cancelled = true;
                    (plan.due_lines, plan.due) = (0, Money::ZERO);
                })?;
            }
            plan::Event::PopulationFrozen { .. }
            | plan::Event::PartCalculated { .. }
            | plan::Event::Submitted { .. }
            | plan::Event::Reviewed { .. }
            | plan::Event::SentBack { .. }
            | plan::Event::Approved { .. }
            | plan::Event::ApprovedElsewhere { .. }
            | plan::Event::FundsReserved { .. }
            | plan::Event::BatchComposed { .. }
            | plan::Event::BatchFreed { .. }
            | plan::Event::Composed { .. } => {}
        }
        Ok(())
    }

    pub(super) fn batch(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let on = happened.meta.business_date;
        if let Event::Opened(header) = event {
            let plan = self.plans.get(&header.plan, store)?;
            let plan = plan.ok_or_else(|| {
                FoldError::refused(format!("plan {} was never opened", header.plan))
            })?;
            self.batches.put(QualityBatchRow {
                batch: happened.subject().to_owned(),
                plan: header.plan.clone(),
                bank: header.bank,
                month: header.month,
                area: plan.area,
                lines: 0,
                total: Money::ZERO,
                sent_on: None,
                debited_on: None,
                replied: false,
            });
            return Ok(());
        }
        let known = self.batches.get(&happened.subject().to_owned(), store)?;
        let mut batch = known.cloned().ok_or_else(|| {
            FoldError::refused(format!("batch {} was never opened", happened.subject()))
        })?;
        match event {
            Event::Composed { lines, total, .. } => {
                (batch.lines, batch.total) = (*lines, *total);
            }
            Event::Sent { .. } | Event::SentElsewhere { .. } => {
                batch.sent_on = Some(on);
                self.bank(&batch, store, |bank| {
                    bank.files += 1;
                    bank.lines += batch.lines;
                    bank.instructed += batch.total;
                })?;
            }
            Event::Rejected { .. } => self.bank(&batch, store, |bank| {
                bank.rejected_files += 1;
                if batch.sent_on.is_some() {
                    bank.lines -= batch.lines;
                    bank.instructed -= batch.total;
                }
            })?,
            Event::OutcomeUnknown { .. } => {
                self.bank(&batch, store, |bank| bank.unknown_outcomes += 1)?;
            }
            Event::StatusQueried { .. } => self.bank(&batch, store, |bank| bank.queries += 1)?,
            Event::Debited { on, .. } => batch.debited_on = Some(*on),
            Event::ReplyReceived { .. } if !batch.replied => {
                batch.replied = true;
                let days = batch.sent_on.map_or(0, |sent| days(sent, on));
                self.bank(&batch, store, |bank| {
                    bank.replied_files += 1;
                    bank.days_to_reply += days;
                    bank.days_to_reply_max = bank.days_to_reply_max.max(days);
                })?;
            }
            Event::ReplyApplied { counts, .. } => self.answered(&batch, counts, store)?,
            Event::ReturnedLate { amount, .. } => self.came_back(&batch, *amount, store)?,
            Event::Opened(_)
            | Event::LinesComposed { .. }
            | Event::Signed { .. }
            | Event::HandoverBegun { .. }
            | Event::HandedOver { .. }
            | Event::Acknowledged { .. }
            // Taken back before it went out.
            | Event::Withdrawn { .. }
            | Event::ReplyReceived { .. }
            | Event::LinesSettled { .. }
            | Event::MoneyReturned { .. } => {}
        }
        self.batches.put(batch);
        Ok(())
    }

    fn answered(
        &mut self,
        batch: &QualityBatchRow,
        counts: &ReplyCounts,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        self.bank(batch, store, |bank| {
            bank.paid_lines += counts.paid_lines;
            bank.paid += counts.paid;
            bank.returned_lines += counts.returned_lines;
            bank.returned += counts.returned;
            bank.duplicates += counts.duplicates;
            bank.contradictions += counts.contradictions;
            bank.strangers += counts.strangers;
        })?;
        self.plans.update(&batch.plan, store, |plan| {
            let (lines, sum) = if batch.debited_on.is_some_and(|on| on <= plan.pay_day) {
                (&mut plan.prompt_lines, &mut plan.prompt)
            } else {
                (&mut plan.late_lines, &mut plan.late)
            };
            *lines += counts.paid_lines;
            *sum += counts.paid;
        })?;
        Ok(())
    }

    /// An event of v1 names no amount: there the sums stay as the replies told them.
    fn came_back(
        &mut self,
        batch: &QualityBatchRow,
        amount: Option<Money>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        self.bank(batch, store, |bank| {
            bank.paid_lines -= 1;
            bank.returned_lines += 1;
            bank.late_lines += 1;
            if let Some(amount) = amount {
                bank.paid -= amount;
                bank.returned += amount;
            }
        })?;
        self.plans.update(&batch.plan, store, |plan| {
            let (lines, sum) = if batch.debited_on.is_some_and(|on| on <= plan.pay_day) {
                (&mut plan.prompt_lines, &mut plan.prompt)
            } else {
                (&mut plan.late_lines, &mut plan.late)
            };
            *lines -= 1;
            *sum -= amount.unwrap_or(Money::ZERO);
        })?;
        Ok(())
    }

    fn bank(
        &mut self,
        batch: &QualityBatchRow,
        store: &mut dyn Store,
        change: impl FnOnce(&mut BankMonthRow),
    ) -> Result<(), FoldError> {
        let (month, bank, area) = (batch.month, batch.bank, batch.area);
        let first = || BankMonthRow {
            month,
            bank,
            area,
            files: 0,
            rejected_files: 0,
            unknown_outcomes: 0,
            queries: 0,
            lines: 0,
            instructed: Money::ZERO,
            paid_lines: 0,
            paid: Money::ZERO,
            returned_lines: 0,
            returned: Money::ZERO,
            late_lines: 0,
            replied_files: 0,
            days_to_reply: 0,
            days_to_reply_max: 0,
            duplicates: 0,
            contradictions: 0,
            strangers: 0,
        };
        self.banks.update_or(&(month, bank, area), store, first, change)?;
        Ok(())
    }
}

/// Days between two dates; none where the later one is entered as earlier.
fn days(from: Date, to: Date) -> u32 {
    let span = to.since((jiff::Unit::Day, from)).map(|span| span.get_days());
    u32::try_from(span.unwrap_or_default()).unwrap_or_default()
}
