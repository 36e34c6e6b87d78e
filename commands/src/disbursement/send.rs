//! A composed batch gets two keys, goes out once, is acknowledged, and is debited on the bank's slip.

use std::collections::BTreeSet;

use disbursement::account::{self, Account};
use disbursement::batch::{self, Batch, Header};
use disbursement::part::{self, Part};
use disbursement::plan::{self, Plan};
use shared::{Date, Money, Payee};

use super::exchange::handover::{holder, on_its_way};
use super::open::not_defined;
use super::review::open_period;
use super::{Disbursement, debit, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

pub(super) const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How often sending looks again when deaths of others keep coming.
const LOOKS_MAX: u32 = 20;

impl Disbursement {
    /// One of the two keys, by the acting person in this role.
    ///
    /// # Errors
    /// When the batch is not composed, or the person signed or acted on the plan before.
    pub async fn sign(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        role: &str,
    ) -> Result<Done, CommandError> {
        let (batch, header) = self.batch(batch_id).await?;
        let digest = batch.file.as_ref().map_or_else(String::new, |file| file.artefact.to_string());
        let message = format!("renshe batch v1\n{batch_id}\n{digest}\n{}\n", envelope.actor);
        let signature = self.ports.signer.sign(message.as_bytes()).map_err(CommandError::fault)?;
        self.executor
            .run(envelope, "batch.sign", &(batch_id, role), async |unit| {
                let (plan, _) = unit.load::<Plan>(&header.plan).await?;
                let sign = batch::Command::Sign {
                    by: envelope.actor.clone(),
                    role: role.to_owned(),
                    signature: signature.clone(),
                    plan_actors: plan.acted.clone(),
                };
                unit.decide::<Batch>(batch_id, sign).await?;
                Ok(())
            })
            .await
    }

    /// Records the sending and brings the file with its ready mark to the bank's server. Asked again
    /// with the same command id after a crash in between, or followed by [`Disbursement::exchange`],
    /// it goes on where it was, and the bank can take the file once.
    ///
    /// # Errors
    /// When a key is missing, a payee's death came since the file was composed, the log was restored
    /// and sending not released, or the way to the bank is closed: then the sending stands, and the
    /// next exchange follows it.
    pub async fn send(&self, envelope: &Envelope, batch_id: &str) -> Result<Done, CommandError> {
        self.may_send().await?;
        let (batch, header) = self.batch(batch_id).await?;
        let done = self.record_sending(envelope, batch_id, &batch, &header).await?;
        if !envelope.dry_run {
            self.hand_over(envelope, batch_id).await?;
        }
        Ok(done)
    }

    /// The sending stands only if no death of a payee was recorded since the lines were looked at.
    async fn record_sending(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        batch: &Batch,
        header: &Header,
    ) -> Result<Done, CommandError> {
        let (part, _) = self.executor.load::<Part>(ids::part(&header.plan, header.part)).await?;
        let payees: BTreeSet<String> = batch
            .lines
            .iter()
            .filter_map(|sent| part.lines.get(sent.attempt.line as usize))
            .flat_map(|line| [Some(line.person), line.payee.and_then(Payee::person)])
            .flatten()
            .map(|person| person.to_string())
            .collect();
        let mut seen = header.seen;
        for _ in 0..LOOKS_MAX {
            let sent = self
                .executor
                .run(envelope, "batch.send", &batch_id, async |unit| {
                    unit.none_since(["death.*"], seen);
                    let by = envelope.actor.clone();
                    unit.decide::<Batch>(batch_id, batch::Command::Send { by }).await?;
                    unit.take(on_its_way(header.bank, batch_id), holder(batch_id));
                    Ok(())
                })
                .await;
            let Err(CommandError::Conflict(conflicts)) = sent else { return sent };
            let deaths = || conflicts.since.iter();
            let of_ours = deaths().filter(|event| payees.contains(event.stream.id())).count();
            if of_ours > 0 {
                return Err(Refused::new(
                    "BATCH_PAYEE_DIED",
                    format!("报盘后有{of_ours}名收款人登记死亡，请撤回该批次后重新报盘"),
                    format!(
                        "{of_ours} payees were reported dead since the file was composed: withdraw \
                         the batch and compose anew"
                    ),
                )
                .into());
            }
            match deaths().map(|event| event.position).max() {
                Some(last) => seen = last,
                None => return Err(CommandError::Conflict(conflicts)),
            }
        }
        Err(CommandError::Unavailable { what: "deaths keep coming".to_owned(), retryable: true })
    }

    /// The bank has the file. No money has moved.
    ///
    /// # Errors
    /// When the batch was not sent.
    pub async fn acknowledge(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        reference: &str,
    ) -> Result<Done, CommandError> {
        self.batch(batch_id).await?;
        let input = (batch_id, reference);
        self.executor
            .execute::<Batch>(envelope, "batch.acknowledge", &input, batch_id, |_, _| {
                Ok(batch::Command::Acknowledge { reference: reference.to_owned() })
            })
            .await
    }

    /// The bank refused the whole file: its pending entry falls away.
    ///
    /// # Errors
    /// When the batch was not sent, or is debited.
    pub async fn reject(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        let (_, header) = self.batch(batch_id).await?;
        self.executor
            .run(envelope, "batch.reject", &(batch_id, reason), async |unit| {
                let reject = batch::Command::Reject { reason: reason.to_owned() };
                unit.decide::<Batch>(batch_id, reject).await?;
                free(&unit, batch_id, &header).await
            })
            .await
    }

    /// Takes a batch back before it goes out: its lines can be held or composed anew.
    ///
    /// # Errors
    /// When the batch was sent.
    pub async fn withdraw(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        let (_, header) = self.batch(batch_id).await?;
        self.executor
            .run(envelope, "batch.withdraw", &(batch_id, reason), async |unit| {
                let (by, reason) = (envelope.actor.clone(), reason.to_owned());
                unit.decide::<Batch>(batch_id, batch::Command::Withdraw { by, reason }).await?;
                free(&unit, batch_id, &header).await
            })
            .await
    }

    /// Nobody knows whether the bank took it: it is asked, never sent again blindly.
    ///
    /// # Errors
    /// When the batch is not on its way.
    pub async fn lose_outcome(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        self.batch(batch_id).await?;
        let input = (batch_id, reason);
        self.executor
            .execute::<Batch>(envelope, "batch.lose-outcome", &input, batch_id, |_, _| {
                Ok(batch::Command::LoseOutcome { reason: reason.to_owned() })
            })
            .await
    }

    /// The bank's debit slip: now the pending entry is a posting.
    ///
    /// # Errors
    /// When the batch was not sent, the sum differs, or the item-period is closed.
    pub async fn debit(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        slip: &str,
        amount: Money,
        on: Date,
    ) -> Result<Done, CommandError> {
        let (_, header) = self.batch(batch_id).await?;
        let (_, plan) = self.plan(&header.plan).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &header.account, item).await?;
        let about = debit::about(&rules, policy, batch_id, &header, plan.fund)?;
        let period = ids::period(plan.item, plan.month, plan.area);
        self.executor
            .run(envelope, "batch.debit", &(batch_id, slip, amount, on), async |unit| {
                open_period(&unit, &period).await?;
                debit::debit(&unit, &about, slip, amount, on).await
            })
            .await
    }

    /// The batch with its header; one that nobody opened is not found.
    pub(super) async fn batch(
        &self,
        id: &str,
    ) -> Result<(std::sync::Arc<Batch>, Header), CommandError> {
        let (batch, _) = self.executor.load::<Batch>(id).await?;
        let header = batch.header.clone();
        header
            .map(|header| (batch, header))
            .ok_or_else(|| CommandError::NotFound { what: "batch", id: id.to_owned() })
    }
}

/// The batch pays nobody: its pending entry falls away, its lines stand in no batch.
pub(super) async fn free(unit: &Unit, batch_id: &str, header: &Header) -> Result<(), CommandError> {
    let batch = || batch_id.to_owned();
    let void = account::Command::Void { batch: batch() };
    unit.decide::<Account>(&header.account, void).await?;
    let part = ids::part(&header.plan, header.part);
    unit.decide::<Part>(part, part::Command::Free { batch: batch() }).await?;
    unit.decide::<Plan>(&header.plan, plan::Command::FreeBatch { batch: batch() }).await?;
    Ok(())
}
