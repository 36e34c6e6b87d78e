//! Somebody else draws a grant: a guardian takes over, or the beneficiary draws it himself again.

use benefits::grant::{self, Command, Grant};
use registry::person::Person;
use serde::{Deserialize, Serialize};
use shared::{GrantId, PayAddressId, Payee, PersonId};

use super::register::{address_of, payee_stands};
use super::{Benefits, bounds};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePayee {
    pub grant: GrantId,
    pub payee: Payee,
    /// A pay address of the payee's own.
    pub address: PayAddressId,
    /// The document that it rests on; no personal data.
    pub basis: String,
}

impl Benefits {
    /// # Errors
    /// A payee that the item does not allow, who is dead, or is not the registered guardian; an
    /// address that is not his.
    pub async fn change_payee(
        &self,
        envelope: &Envelope,
        input: &ChangePayee,
    ) -> Result<Done<GrantId>, CommandError> {
        let ChangePayee { grant: id, payee, address, .. } = *input;
        self.executor
            .run(envelope, "grant.change-payee", input, async |unit: Unit| {
                let (state, _) = unit.guard::<Grant>(id).await?;
                let record = state.record().cloned().ok_or(grant::Error::Unknown)?;
                drop(state);
                let rules = self.rules(unit.business_date())?;
                bounds::payee(bounds::item(&rules, record.item)?, payee)?;
                payee_stands(&unit, record.person, payee).await?;
                if let Payee::Guardian { person } = payee {
                    is_guardian(&unit, record.person, person).await?;
                }
                address_of(&unit, address, payee).await?;
                let basis = input.basis.clone();
                unit.decide::<Grant>(id, Command::ChangePayee { payee, address, basis }).await?;
                Ok(id)
            })
            .await
    }
}

/// As of the append: a guardian who is released meanwhile draws nothing.
async fn is_guardian(
    unit: &Unit,
    person: PersonId,
    guardian: PersonId,
) -> Result<(), CommandError> {
    let (state, _) = unit.guard::<Person>(person).await?;
    let registered = match &*state {
        Person::Registered(record) => record.guardian,
        Person::Unknown | Person::Merged { .. } => None,
    };
    if registered == Some(guardian) {
        return Ok(());
    }
    Err(Refused::new(
        "GRANT_PAYEE_NOT_GUARDIAN",
        "领取人不是该人员登记在册的监护人，请先登记监护关系",
        "the payee is not the registered guardian: assign the guardian first",
    )
    .field("payee")
    .param("guardian", guardian)
    .into())
}
