//! A line is held or released by command, and a plan is cancelled with everything that it took.

use std::collections::BTreeSet;

use disbursement::deduction::{self, Deduction};
use disbursement::obligation::{self, Obligation};
use disbursement::part::{self, CHUNK_LINES_MAX, Hold, Part};
use disbursement::plan::{self, Plan};
use disbursement::return_case::{self, ReturnCase};
use kernel::process::chunk_id;
use serde::{Deserialize, Serialize};
use shared::{Date, ObligationId};

use super::locate::{Located, locate};
use super::waiting::{self, Purse};
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::taken;
use crate::unit::Unit;

/// Keeps one obligation out of the bank files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldLine {
    pub obligation: ObligationId,
    pub reason: Hold,
    /// The last day to find out.
    pub verify_by: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseLine {
    pub obligation: ObligationId,
    pub reason: String,
}

impl Disbursement {
    /// Before its file is composed: afterwards the batch is withdrawn first.
    ///
    /// # Errors
    /// A line that stands in a batch, an obligation without a line, one that is held already.
    pub async fn hold_line(
        &self,
        envelope: &Envelope,
        input: &HoldLine,
    ) -> Result<Done, CommandError> {
        let HoldLine { obligation, reason, verify_by } = *input;
        self.executor
            .run(envelope, "line.hold", input, async |unit: Unit| {
                let found = locate(&unit, obligation).await?;
                let found = found.ok_or_else(|| no_line(obligation))?;
                hold(&unit, obligation, &found, reason, verify_by).await
            })
            .await
    }

    /// Into the file of its own plan where that is not composed yet; else it waits for a back-pay
    /// run.
    ///
    /// # Errors
    /// An obligation that is not held, no reason.
    pub async fn release_line(
        &self,
        envelope: &Envelope,
        input: &ReleaseLine,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "line.release", input, async |unit: Unit| {
                let found = locate(&unit, input.obligation).await?;
                let found = found.ok_or_else(|| no_line(input.obligation))?;
                release(&unit, input.obligation, &found, &input.reason).await
            })
            .await
    }

    /// Cancels a plan of which nothing is instructed. Its obligations are free for the next run:
    /// claims are released, what it took waits again, what it kept back is given back. Cut in the
    /// middle and asked again with the same command id, it goes on where it was.
    ///
    /// # Errors
    /// A plan with batches that are out, no reason.
    pub async fn cancel_plan(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        let (_, header) = self.plan(plan_id).await?;
        let done = self
            .executor
            .run(envelope, "plan.cancel", &(plan_id, reason), async |unit: Unit| {
                let (plan, _) = unit.load::<Plan>(plan_id).await?;
                if plan.stage == plan::Stage::Cancelled {
                    return Ok(());
                }
                let funded = plan.stage == plan::Stage::Funded;
                drop(plan);
                let (by, reason) = (envelope.actor.clone(), reason.to_owned());
                unit.decide::<Plan>(plan_id, plan::Command::Cancel { by, reason }).await?;
                if funded {
                    let book = super::fund::BookKey::of(&header).to_string();
                    let plan = plan_id.to_owned();
                    let release = disbursement::account::Command::Release { plan };
                    unit.decide::<disbursement::account::Account>(&book, release).await?;
                }
                Ok(())
            })
            .await?;
        let (plan, header) = self.plan(plan_id).await?;
        let purse = Purse { area: header.area, fund: header.fund };
        let mut job = 0;
        // A plan that was cancelled while it was calculated has parts that it does not name yet.
        for number in 1..=plan.parts.iter().map(|part| part.part).max().unwrap_or(0) + 1 {
            let part_id = ids::part(plan_id, number);
            let (part, _) = self.executor.load::<Part>(&part_id).await?;
            for chunk in 0..part.lines.len().div_ceil(CHUNK_LINES_MAX) {
                let step = envelope.step(chunk_id(envelope.command_id, job));
                job += 1;
                self.executor
                    .run(&step, "plan.free", &(&part_id, chunk), async |unit: Unit| {
                        let (part, _) = unit.load::<Part>(&part_id).await?;
                        let lines = part.lines.chunks(CHUNK_LINES_MAX).nth(chunk).unwrap_or(&[]);
                        let ids =
                            lines.iter().map(|line| line.obligation(header.item, header.month));
                        free(&unit, purse, &part_id, ids.collect()).await
                    })
                    .await?;
            }
            self.give_back(&envelope.step(chunk_id(envelope.command_id, job)), &part_id, &header)
                .await?;
            job += 1;
        }
        Ok(done)
    }

    /// What the lines of a cancelled part kept back is owed to nobody.
    async fn give_back(
        &self,
        envelope: &Envelope,
        part_id: &str,
        header: &plan::Header,
    ) -> Result<(), CommandError> {
        self.executor
            .run(envelope, "plan.give-back", &part_id, async |unit: Unit| {
                for id in super::deduct::orders(&unit, header.item, None).await? {
                    let (order, _) = unit.load::<Deduction>(&id).await?;
                    if order.kept.contains_key(part_id) {
                        let part = part_id.to_owned();
                        unit.decide::<Deduction>(&id, deduction::Command::GiveBack { part })
                            .await?;
                    }
                }
                Ok(())
            })
            .await
            .map(|_| ())
    }
}

/// Takes a line out of its part's bank files, in the part and in the obligation's own stream.
pub(crate) async fn hold(
    unit: &Unit,
    id: ObligationId,
    found: &Located,
    reason: Hold,
    verify_by: Option<Date>,
) -> Result<(), CommandError> {
    let lines = vec![(found.place, reason)];
    unit.decide::<Part>(&found.part_id, part::Command::Hold { lines }).await?;
    let (attempt, amount) = (found.line.attempt, found.line.net());
    let by = unit.envelope().actor.clone();
    let hold = obligation::Command::Hold { attempt, reason, amount, by, verify_by };
    waiting::decide(unit, purse(found), id, hold).await
}

pub(crate) async fn release(
    unit: &Unit,
    id: ObligationId,
    found: &Located,
    reason: &str,
) -> Result<(), CommandError> {
    let in_time = !found.bank_instructed
        && match found.plan_stage {
            plan::Stage::Frozen
            | plan::Stage::Calculated
            | plan::Stage::InReview
            | plan::Stage::Approved
            | plan::Stage::Funded => true,
            plan::Stage::Unopened
            | plan::Stage::Open
            | plan::Stage::Composed
            | plan::Stage::Cancelled => false,
        };
    let part = in_time.then(|| found.part_id.clone());
    if in_time {
        let lines = vec![found.place];
        unit.decide::<Part>(&found.part_id, part::Command::Release { lines }).await?;
    }
    let (by, reason) = (unit.envelope().actor.clone(), reason.to_owned());
    let release = obligation::Command::Release { by, reason, part };
    waiting::decide(unit, purse(found), id, release).await
}

pub(crate) fn purse(found: &Located) -> Purse {
    Purse { area: found.header.area, fund: found.header.fund }
}

/// Lines of a cancelled plan: claims of what it planned first go, what it took waits again.
async fn free(
    unit: &Unit,
    purse: Purse,
    part_id: &str,
    lines: Vec<ObligationId>,
) -> Result<(), CommandError> {
    let holder = format!("part-{part_id}");
    let groups = super::merged::groups(unit).await?;
    // Under every id of the human, as they were taken.
    let claims = |id: &ObligationId| -> Vec<String> {
        let group = groups.get(&id.person).cloned().unwrap_or_else(|| vec![id.person]);
        group.into_iter().map(|person| ObligationId { person, ..*id }.claim()).collect()
    };
    let keys: Vec<String> = lines.iter().flat_map(claims).collect();
    let mut own: BTreeSet<String> =
        taken::held_by(unit.log(), keys, &holder).await?.into_iter().collect();
    for id in lines {
        let (state, _) = unit.load::<Obligation>(id).await?;
        match &*state {
            Obligation::Taken { part, attempt, .. } if part == part_id => {
                let (part, attempt) = (part.clone(), *attempt);
                let free = obligation::Command::Free { part: part.clone() };
                waiting::decide(unit, purse, id, free).await?;
                case_freed(unit, id, attempt, part).await?;
            }
            // Held in this plan: there is nothing left to hold.
            Obligation::Held { .. } => {
                let part = part_id.to_owned();
                let free = if own.contains(&id.claim()) {
                    obligation::Command::Free { part }
                } else {
                    let reason = "发放计划已作废 / the plan was cancelled".to_owned();
                    let (by, part) = (unit.envelope().actor.clone(), None);
                    obligation::Command::Release { by, reason, part }
                };
                waiting::decide(unit, purse, id, free).await?;
            }
            Obligation::AsPlanned
            | Obligation::Released { .. }
            | Obligation::Returned { .. }
            | Obligation::Taken { .. }
            | Obligation::DueToHeirs { .. }
            | Obligation::Cancelled { .. }
            | Obligation::Overpaid { .. } => {}
        }
        drop(state);
        // What waits for another run, went to the heirs or was cancelled keeps its claim.
        let (state, _) = unit.load::<Obligation>(id).await?;
        if *state == Obligation::AsPlanned {
            for key in claims(&id).into_iter().filter(|key| own.remove(key)) {
                unit.release(key, &holder);
            }
        }
    }
    Ok(())
}

async fn case_freed(
    unit: &Unit,
    id: ObligationId,
    attempt: u16,
    part: String,
) -> Result<(), CommandError> {
    let Some(before) = attempt.checked_sub(1).filter(|before| *before > 0) else { return Ok(()) };
    let case_id = id.attempt(before);
    let (case, _) = unit.load::<ReturnCase>(case_id).await?;
    if case.stage == return_case::Stage::Reissued {
        unit.decide::<ReturnCase>(case_id, return_case::Command::Free { part }).await?;
    }
    Ok(())
}

pub(crate) fn no_line(id: ObligationId) -> CommandError {
    Refused::new(
        "LINE_NOT_FOUND",
        format!("应付{id}没有列入任何发放计划"),
        format!("obligation {id} is a line of no plan"),
    )
    .field("obligation")
    .param("obligation", id)
    .into()
}
