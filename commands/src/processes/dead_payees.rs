//! A confirmed death freezes every pay address of the dead person, and its withdrawal frees them.
//!
//! **Invariant** no attempt goes to a dead person's account (DISBURSEMENT 2.1; INVENTORY 3.4 rule 3):
//! plans leave the dead out by themselves; this keeps the account from every later use as well.

use std::sync::Arc;

use cards::address::{Address, Command, FreezeReason};
use kernel::Recorded;
use kernel::log::Answer;
use registry::person::Event;
use shared::{PayAddressId, PersonId};

use super::{Issued, Process, Reaction};
use crate::disbursement::PayFacts;
use crate::error::CommandError;
use crate::unit::Unit;

pub struct DeadPayees {
    facts: Arc<dyn PayFacts>,
}

impl DeadPayees {
    #[must_use]
    pub fn new(facts: Arc<dyn PayFacts>) -> Self {
        Self { facts }
    }

    async fn addresses(&self, event: &Recorded) -> Result<Vec<PayAddressId>, CommandError> {
        let person: PersonId = event.stream.id().parse().map_err(CommandError::fault)?;
        let addresses = self.facts.addresses_of(person, event.position).await;
        addresses
            .map_err(|fault| CommandError::Unavailable { what: fault.to_string(), retryable: true })
    }
}

impl Process for DeadPayees {
    fn name(&self) -> &'static str {
        "dead-payees"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("death.confirmed.")
            || type_name.starts_with("death.report-withdrawn.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let freeze = match reaction.event().decode()? {
                Event::DeathConfirmed { .. } => true,
                Event::DeathReportWithdrawn { .. } => false,
                _ => return Ok(()),
            };
            for id in self.addresses(reaction.event()).await? {
                let _: Issued<()> = reaction
                    .issue("address.owner-died", &(id, freeze), async |unit: Unit| {
                        decide(&unit, id, freeze).await
                    })
                    .await?;
            }
            Ok(())
        })
    }
}

async fn decide(unit: &Unit, id: PayAddressId, freeze: bool) -> Result<(), CommandError> {
    let (address, _) = unit.guard::<Address>(id).await?;
    let on = unit.business_date();
    let Address::Registered(record) = &*address else { return Ok(()) };
    match (record.frozen_for, freeze) {
        (None, true) => {
            let reason = FreezeReason::OwnerDead;
            unit.decide::<Address>(id, Command::Freeze { reason, on }).await?;
        }
        (Some(FreezeReason::OwnerDead), false) => {
            let reason = "死亡报告已撤销 / the death report was withdrawn".to_owned();
            unit.decide::<Address>(id, Command::Unfreeze { reason, on }).await?;
        }
        // Frozen for another reason: that one stands.
        (None, false) | (Some(_), true | false) => {}
    }
    Ok(())
}
