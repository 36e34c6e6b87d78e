//! What batches tell: one fact for each step that a batch comes to, one that it leaves the step
//! before. What stands at a step is the sum of changes, with its lines and its money.

use definitions::{Dimension, FactKind, Number};
use disbursement::batch::{Event, KEYS};
use shared::Money;

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::StepRow;
use crate::engine::FoldError;

pub(super) fn batch(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let batch = teller.happened.subject().to_owned();
    if let Event::Opened(header) = event
        && let Some(plan) = known.plans.get(&header.plan, teller.store)?.cloned()
    {
        let class = known.class(plan.item, teller.store)?;
        known.steps.put(StepRow {
            batch: batch.clone(),
            item: plan.item,
            class,
            fund: plan.fund,
            bank: header.bank,
            run: plan.run,
            status: String::new(),
            signatures: 0,
            lines: 0,
            amount: Money::ZERO,
            answered: 0,
        });
    }
    // Nothing is told of a batch whose plan nobody opened.
    let Some(before) = known.steps.get(&batch, teller.store)?.cloned() else { return Ok(()) };
    let mut after = before.clone();
    after.apply(event);
    if after == before {
        return Ok(());
    }
    if after.status != before.status {
        let on = teller.happened.meta.business_date;
        let revision = teller.happened.recorded.revision.0;
        let fact = |what: &str, row: &StepRow, change: i64| {
            Told::new(FactKind::BatchStep, format!("{batch}|{revision}|{what}"), on)
                .with(Dimension::Item, row.item)
                .with(Dimension::Class, &row.class)
                .with(Dimension::Fund, row.fund)
                .with(Dimension::Bank, row.bank)
                .with(Dimension::Run, row.run)
                .with(Dimension::Status, &row.status)
                .number(Number::Amount, change * row.amount.fen())
                .number(Number::Change, change)
                .number(Number::Lines, change * i64::from(row.lines))
        };
        if !before.status.is_empty() {
            teller.tell(fact("out", &before, -1))?;
        }
        teller.tell(fact("in", &after, 1))?;
    }
    known.steps.put(after);
    Ok(())
}

impl StepRow {
    fn apply(&mut self, event: &Event) {
        let status = match event {
            Event::Opened(_) => "open",
            Event::Composed { lines, total, .. } => {
                (self.lines, self.amount) = (*lines, *total);
                "composed"
            }
            Event::Signed { .. } => {
                self.signatures += 1;
                if self.signatures as usize == KEYS { "signed" } else { return }
            }
            Event::Sent { .. } | Event::SentElsewhere { .. } => "sent",
            // Seen at the bank: it is not unknown any more.
            Event::HandedOver { .. } if self.status == "outcome-unknown" => "sent",
            Event::Acknowledged { .. } => "acknowledged",
            Event::Rejected { .. } => "rejected",
            Event::Withdrawn { .. } => "withdrawn",
            Event::OutcomeUnknown { .. } => "outcome-unknown",
            Event::Debited { .. } => "debited",
            Event::ReplyApplied { counts, .. } => {
                self.answered += counts.paid_lines + counts.returned_lines;
                if self.answered < self.lines { "part-replied" } else { "replied" }
            }
            // What is said of one line, or asked, is no step of the batch.
            Event::LinesComposed { .. }
            | Event::HandoverBegun { .. }
            | Event::HandedOver { .. }
            | Event::StatusQueried { .. }
            | Event::ReplyReceived { .. }
            | Event::LinesSettled { .. }
            | Event::MoneyReturned { .. }
            | Event::ReturnedLate { .. } => return,
        };
        status.clone_into(&mut self.status);
    }
}
