//! What a bank says when it is asked, and what it says too late.

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::{self, Answer, Batch};
use disbursement::obligation;
use disbursement::part::Part;
use serde::{Deserialize, Serialize};
use shared::{Money, ReturnReason};

use super::open::not_defined;
use super::postings::{About, Sums, voucher};
use super::reply::posting_month;
use super::send::free;
use super::waiting::{self, Purse};
use super::{Disbursement, ids, returns};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

/// A line that the bank had paid comes back, by a notice of this reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateReturn {
    pub batch: String,
    /// In the bank file, from 1.
    pub seq: u32,
    pub reason: ReturnReason,
    pub reference: String,
}

impl Disbursement {
    /// Records what the bank answered when it was asked for the status of a batch. A file that it
    /// does not have, or does not carry out, pays nobody: its lines are free again.
    ///
    /// # Errors
    /// When the batch was not sent, or the bank takes back what it debited.
    pub async fn query_batch(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        answer: &Answer,
    ) -> Result<Done, CommandError> {
        let (_, header) = self.batch(batch_id).await?;
        self.executor
            .run(envelope, "batch.query", &(batch_id, answer), async |unit: Unit| {
                let (by, answer) = (unit.envelope().actor.clone(), answer.clone());
                unit.decide::<Batch>(batch_id, batch::Command::Query { by, answer }).await?;
                let (batch, _) = unit.load::<Batch>(batch_id).await?;
                if batch.stage == batch::Stage::Rejected {
                    free(&unit, batch_id, &header).await?;
                }
                Ok(())
            })
            .await
    }

    /// A paid line is owed again: its case opens, and a red entry stands in the item-period that is
    /// open now. The money follows on a statement.
    ///
    /// # Errors
    /// A line that is not paid, or came back before; no open item-period.
    pub async fn late_return(
        &self,
        envelope: &Envelope,
        input: &LateReturn,
    ) -> Result<Done, CommandError> {
        let batch_id = &input.batch;
        let (_, header) = self.batch(batch_id).await?;
        let (_, plan) = self.plan(&header.plan).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &header.account, item).await?;
        self.executor
            .run(envelope, "batch.late-return", input, async |unit: Unit| {
                let month = posting_month(&unit, &plan).await?;
                let (seq, reason, on) = (input.seq, input.reason, unit.business_date());
                let reference = input.reference.clone();
                let late = batch::Command::ReturnLate { seq, reason, reference, on };
                unit.decide::<Batch>(batch_id, late).await?;
                let (batch, _) = unit.load::<Batch>(batch_id).await?;
                let sent = batch.line(seq).ok_or(batch::Error::NoLine(seq))?;
                let attempt = sent.attempt.clone();
                drop(batch);
                let (part, _) = unit.load::<Part>(ids::part(&header.plan, header.part)).await?;
                let id = attempt.obligation(header.item, header.month);
                let give_back = obligation::Command::Return {
                    attempt: attempt.number,
                    batch: batch_id.clone(),
                    reason,
                    amount: attempt.amount,
                };
                let purse = Purse { area: plan.area, fund: plan.fund };
                waiting::decide(&unit, purse, id, give_back).await?;
                if let Some(line) = part.lines.get(attempt.line as usize) {
                    returns::open_case(&unit, &header, batch_id, line, reason, true).await?;
                }
                let about = About {
                    item: Some(item),
                    month: Some(month),
                    batch: Some(batch_id),
                    reference: format!("late-{batch_id}-{seq}"),
                    on,
                };
                let sums = [Sums::Line {
                    component: attempt.component,
                    gross: attempt.amount,
                    deducted: Money::ZERO,
                    offset: Money::ZERO,
                }];
                if let Some(voucher) = voucher(policy, Occurs::LateReturn, &about, &sums)? {
                    let post = account::Command::Post { fund: plan.fund, voucher, settles: None };
                    unit.decide::<Account>(&header.account, post).await?;
                }
                Ok(())
            })
            .await
    }
}
