//! What was found overpaid is recovered: the case opens and is booked by itself, and ends when it was
//! owed after all.
//!
//! **Invariant** a recovery that a clerk opened himself is left to him; one that cannot be opened or
//! withdrawn by itself waits in the inbox.

use disbursement::obligation::Event;
use disbursement::recovery::{Recovery, Stage};
use kernel::log::Answer;
use kernel::process::command_id;
use shared::ObligationId;

use super::{Process, Reaction};
use crate::disbursement::Disbursement;
use crate::envelope::Envelope;
use crate::error::CommandError;

pub struct Recoveries {
    disbursement: Disbursement,
}

impl Recoveries {
    #[must_use]
    pub fn new(disbursement: Disbursement) -> Self {
        Self { disbursement }
    }

    async fn found(
        &self,
        reaction: &mut Reaction,
        id: ObligationId,
        envelope: &Envelope,
    ) -> Result<(), CommandError> {
        let (recovery, _) = reaction.executor().load::<Recovery>(id).await?;
        match recovery.stage {
            Stage::Found | Stage::Demanded | Stage::Settled => Ok(()),
            // One that was withdrawn does not open again: the refusal tells a person.
            Stage::Unopened | Stage::Withdrawn => {
                let opened = self.disbursement.open_recovery(envelope, id).await;
                told(reaction, "recovery.open", opened).await
            }
        }
    }

    async fn withdrawn(
        &self,
        reaction: &mut Reaction,
        id: ObligationId,
        envelope: &Envelope,
        reason: &str,
    ) -> Result<(), CommandError> {
        let (recovery, _) = reaction.executor().load::<Recovery>(id).await?;
        match recovery.stage {
            Stage::Unopened | Stage::Withdrawn => Ok(()),
            Stage::Found | Stage::Demanded | Stage::Settled => {
                let over = self.disbursement.withdraw_recovery(envelope, id, reason).await;
                told(reaction, "recovery.withdraw", over).await
            }
        }
    }
}

impl Process for Recoveries {
    fn name(&self) -> &'static str {
        "recoveries"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("obligation.overpaid.")
            || type_name.starts_with("obligation.overpayment-withdrawn.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let event = reaction.event();
            let id: ObligationId = event.stream.id().parse().map_err(CommandError::fault)?;
            let actor = format!("process:{}", self.name());
            let envelope = Envelope::answering(event, command_id(self.name(), event.id, 0), actor);
            match event.decode()? {
                Event::Overpaid(_) => self.found(reaction, id, &envelope).await,
                Event::OverpaymentWithdrawn { reason, .. } => {
                    self.withdrawn(reaction, id, &envelope, &reason).await
                }
                _ => Ok(()),
            }
        })
    }
}

/// A refusal waits in the inbox; a fault is read again.
async fn told<R>(
    reaction: &mut Reaction,
    operation: &'static str,
    done: Result<R, CommandError>,
) -> Result<(), CommandError> {
    match done {
        Ok(_) => Ok(()),
        Err(CommandError::Refused(refused)) => {
            reaction.refuse(operation, *refused).await?;
            Ok(())
        }
        Err(fault) => Err(fault),
    }
}
