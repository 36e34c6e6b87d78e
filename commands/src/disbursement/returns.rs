//! A returned attempt: its case opens with the bank's word, and goes on until it is paid again.

use cards::address::{Address, Verification};
use disbursement::Line;
use disbursement::batch;
use disbursement::return_case::{self, Opened, Outcome, ReturnCase};
use serde::{Deserialize, Serialize};
use shared::{Date, ObligationId, PayAddressId, ReturnReason};

use super::Disbursement;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

/// The payee was told that the money came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyReturn {
    pub obligation: ObligationId,
    pub attempt: u16,
    /// How: `sms`, `phone`, `visit`, `letter`.
    pub channel: String,
}

/// The address that the next attempt goes to: its current version, verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectReturn {
    pub obligation: ObligationId,
    pub attempt: u16,
    pub address: PayAddressId,
}

impl Disbursement {
    /// # Errors
    /// A case that is not open, or is closed.
    pub async fn notify_return(
        &self,
        envelope: &Envelope,
        input: &NotifyReturn,
    ) -> Result<Done, CommandError> {
        let id = input.obligation.attempt(input.attempt);
        self.executor
            .run(envelope, "return.notify", input, async |unit: Unit| {
                let (by, channel) = (unit.envelope().actor.clone(), input.channel.clone());
                let on = unit.business_date();
                let notify = return_case::Command::Notify { by, channel, on };
                unit.decide::<ReturnCase>(id, notify).await?;
                Ok(())
            })
            .await
    }

    /// # Errors
    /// An address that is not verified, frozen, or the very account that the bank refused; a payee
    /// who the bank says is dead.
    pub async fn correct_return(
        &self,
        envelope: &Envelope,
        input: &CorrectReturn,
    ) -> Result<Done, CommandError> {
        let id = input.obligation.attempt(input.attempt);
        self.executor
            .run(envelope, "return.correct", input, async |unit: Unit| {
                let (state, _) = unit.guard::<Address>(input.address).await?;
                let (version, verified) = match &*state {
                    Address::Unknown => return Err(cards::address::Error::Unknown.into()),
                    Address::Registered(record) => (
                        record.version,
                        record.verification == Verification::Verified
                            && record.frozen_since.is_none(),
                    ),
                };
                drop(state);
                let (address, on) = (input.address, unit.business_date());
                let by = unit.envelope().actor.clone();
                let correct = return_case::Command::Correct { address, version, verified, by, on };
                unit.decide::<ReturnCase>(id, correct).await?;
                Ok(())
            })
            .await
    }
}

/// Opens the case of an attempt that came back, and ends the one of the attempt before it.
pub(super) async fn open_case(
    unit: &Unit,
    header: &batch::Header,
    batch_id: &str,
    line: &Line,
    reason: ReturnReason,
    late: bool,
) -> Result<(), CommandError> {
    let obligation = line.obligation(header.item, header.month);
    let returned_on = unit.business_date();
    if late || line.attempt > 1 {
        close_before(unit, obligation, line.attempt, Outcome::ReturnedAgain, returned_on).await?;
    }
    let opened = Opened {
        obligation,
        attempt: line.attempt,
        batch: batch_id.to_owned(),
        bank: header.bank,
        reason,
        amount: line.net(),
        grant: line.grant,
        person: line.person,
        payee: line.payee,
        address: line.address,
        address_version: line.address_version,
        returned_on,
        late,
    };
    let open = return_case::Command::Open(opened);
    unit.decide::<ReturnCase>(obligation.attempt(line.attempt), open).await?;
    Ok(())
}

/// The attempt after a return is paid, or came back as well.
pub(super) async fn close_before(
    unit: &Unit,
    obligation: ObligationId,
    attempt: u16,
    outcome: Outcome,
    on: Date,
) -> Result<(), CommandError> {
    let Some(before) = attempt.checked_sub(1).filter(|before| *before > 0) else { return Ok(()) };
    let id = obligation.attempt(before);
    let (case, _) = unit.load::<ReturnCase>(id).await?;
    if case.stage == return_case::Stage::Reissued {
        unit.decide::<ReturnCase>(id, return_case::Command::Close { outcome, on }).await?;
    }
    Ok(())
}

/// What is returned goes to the heirs or to nobody: its case ends so.
pub(crate) async fn close_last(
    unit: &Unit,
    obligation: ObligationId,
    attempt: u16,
    outcome: Outcome,
) -> Result<(), CommandError> {
    let id = obligation.attempt(attempt);
    let (case, _) = unit.load::<ReturnCase>(id).await?;
    match case.stage {
        return_case::Stage::Open | return_case::Stage::Notified | return_case::Stage::Corrected => {
            let on = unit.business_date();
            unit.decide::<ReturnCase>(id, return_case::Command::Close { outcome, on }).await?;
            Ok(())
        }
        return_case::Stage::Unopened
        | return_case::Stage::Reissued
        | return_case::Stage::Closed => Ok(()),
    }
}
