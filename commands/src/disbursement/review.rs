//! A plan is submitted and seen by one person after another; the last one approves it.

use std::collections::BTreeSet;

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::comparison::Comparison;
use disbursement::period::Period;
use disbursement::plan::{self, Plan};

use super::fund::BookKey;
use super::postings::{About, Sums, voucher};
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;

impl Disbursement {
    /// Draws up the comparison with the month before, if nobody did.
    ///
    /// # Errors
    /// When the plan is not calculated, or an exception of the comparison is not accepted.
    pub async fn submit(&self, envelope: &Envelope, plan_id: &str) -> Result<Done, CommandError> {
        let (plan, _) = self.plan(plan_id).await?;
        if plan.stage == plan::Stage::Calculated {
            self.compare(envelope, plan_id).await?;
        }
        self.executor
            .run(envelope, "plan.submit", &plan_id, async |unit| {
                let by = envelope.actor.clone();
                unit.decide::<Plan>(plan_id, plan::Command::Submit { by }).await?;
                let (list, _) = unit.guard::<Comparison>(plan_id).await?;
                list.passes().map_err(CommandError::from)
            })
            .await
    }

    /// One level of review by the acting person. With the last level the plan is approved, and
    /// what is owed enters the obligation ledger in the same append.
    ///
    /// # Errors
    /// Another role's turn, a person who acted before or who changed a pay address this month.
    pub async fn review(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        role: &str,
    ) -> Result<Done<bool>, CommandError> {
        let (_, header) = self.plan(plan_id).await?;
        let head = self.executor.log().head();
        let editors = self.ports.facts.address_editors(header.month, head).await;
        let address_editors: BTreeSet<String> =
            editors.map_err(CommandError::fault)?.into_iter().collect();
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(super::open::not_defined)?;
        let policy = self.policy_of(&rules, &BookKey::of(&header).to_string(), item).await?;
        let period = ids::period(header.item, header.month, header.area);
        self.executor
            .run(envelope, "plan.review", &(plan_id, role), async |unit| {
                let (role, by) = (role.to_owned(), envelope.actor.clone());
                let address_editors = address_editors.clone();
                let review = plan::Command::Review { role, by, address_editors };
                unit.decide::<Plan>(plan_id, review).await?;
                let (plan, _) = unit.load::<Plan>(plan_id).await?;
                let approved = plan.stage == plan::Stage::Approved;
                if approved {
                    open_period(&unit, &period).await?;
                    let about = About {
                        item: Some(item),
                        month: Some(header.month),
                        batch: None,
                        reference: format!("plan-{plan_id}"),
                        on: unit.business_date(),
                    };
                    // What is owed, not what the bank is told: paid lines take it off again in full.
                    let sums = [Sums::Total(plan.totals.gross)];
                    if let Some(voucher) = voucher(policy, Occurs::PlanApproved, &about, &sums)? {
                        let (fund, book) = (header.fund, BookKey::of(&header).to_string());
                        let post = account::Command::Post { fund, voucher, settles: None };
                        unit.decide::<Account>(&book, post).await?;
                    }
                }
                Ok(approved)
            })
            .await
    }

    /// # Errors
    /// Another role's turn, no reason.
    pub async fn send_back(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        role: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        self.plan(plan_id).await?;
        self.executor
            .execute::<Plan>(
                envelope,
                "plan.send-back",
                &(plan_id, role, reason),
                plan_id,
                |_, _| {
                    Ok(plan::Command::SendBack {
                        role: role.to_owned(),
                        by: envelope.actor.clone(),
                        reason: reason.to_owned(),
                    })
                },
            )
            .await
    }
}

/// Guards that the item-period is open: a closed one takes no posting.
pub(super) async fn open_period(unit: &crate::unit::Unit, id: &str) -> Result<(), CommandError> {
    let (period, _) = unit.guard::<Period>(id).await?;
    period.is_open().map_err(CommandError::from)
}
