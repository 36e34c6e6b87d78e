//! What turned out to be owed to others, to nobody, or beside what was planned: heirs, overpayments,
//! special payments.

use cards::address::{Address, Owner};
use disbursement::batch::Outcome;
use disbursement::heirs::{self, Heirs, Named};
use disbursement::obligation::{self, NotOwed, Obligation, Overpayment};
use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, Component, FundCode, ItemId, Money, Month, ObligationId, PayAddressId, PersonId,
};

use super::Disbursement;
use super::fund::BookKey;
use super::holds::no_line;
use super::locate::{Located, locate};
use super::waiting::{self, Purse};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::registry::facts as people;
use crate::unit::Unit;

/// How many adjustments one month of one person may have.
const ADJUSTMENTS_MAX: u16 = 99;

/// Names who draws what a dead person was still owed. The approver is another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameHeir {
    pub deceased: PersonId,
    pub heir: PersonId,
    /// A pay address of the heir.
    pub address: PayAddressId,
    pub basis: String,
    pub approver: String,
}

/// Something was paid that is not owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindOverpayment {
    pub obligation: ObligationId,
    /// Absent: all that was paid.
    pub amount: Option<Money>,
    pub reason: NotOwed,
}

/// A special payment 特殊补发, beside what a month already paid; the approver is another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPayment {
    pub item: ItemId,
    pub person: PersonId,
    pub month: Month,
    pub component: Option<Component>,
    pub amount: Money,
    pub area: AreaCode,
    pub fund: FundCode,
    pub reason: String,
    pub approver: String,
}

impl Disbursement {
    /// From now on the back-pay runs pay the case's obligations to this person.
    ///
    /// # Errors
    /// No open case, an heir who is dead, an address that is not his.
    pub async fn name_heir(
        &self,
        envelope: &Envelope,
        input: &NameHeir,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "heirs.name", input, async |unit: Unit| {
                let alive = people::death_of(&unit, input.heir).await?.is_none();
                let (address, _) = unit.load::<Address>(input.address).await?;
                let own = match &*address {
                    Address::Unknown => return Err(cards::address::Error::Unknown.into()),
                    Address::Registered(record) => {
                        record.owner == Owner::Person { person: input.heir }
                    }
                };
                if !own {
                    return Err(Refused::new(
                        "HEIRS_ADDRESS_OF_OTHER",
                        "发放账户不属于该继承人",
                        "the pay address is not the heir's",
                    )
                    .field("address")
                    .into());
                }
                let named = Named {
                    heir: input.heir,
                    address: input.address,
                    basis: input.basis.clone(),
                    by: unit.envelope().actor.clone(),
                    approver: input.approver.clone(),
                };
                let name = heirs::Command::Name { named, alive };
                unit.decide::<Heirs>(input.deceased, name).await?;
                Ok(())
            })
            .await
    }

    /// # Errors
    /// When the bank did not pay it, or it was found already.
    pub async fn find_overpayment(
        &self,
        envelope: &Envelope,
        input: &FindOverpayment,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "overpayment.find", input, async |unit: Unit| {
                let found = locate(&unit, input.obligation).await?;
                let found = found.ok_or_else(|| no_line(input.obligation))?;
                let paid = found.batch.as_ref().is_some_and(|at| at.result == Outcome::Paid);
                let net = found.line.net();
                let amount = input.amount.unwrap_or(net);
                if !paid || amount > net {
                    let paid = if paid { net } else { Money::ZERO };
                    return Err(Refused::new(
                        "OVERPAYMENT_NOT_PAID",
                        format!("银行已成功支付{paid}元，不能认定多付{amount}元"),
                        format!("{paid} was paid: {amount} cannot be overpaid"),
                    )
                    .field("amount")
                    .into());
                }
                overpaid(&unit, input.obligation, &found, amount, input.reason).await
            })
            .await
    }

    /// The id of the obligation, which the next sporadic or back-pay run pays.
    ///
    /// # Errors
    /// No reason, no second person, an amount that is not above zero; nothing planned for the month
    /// that it could stand beside.
    pub async fn order_payment(
        &self,
        envelope: &Envelope,
        input: &OrderPayment,
    ) -> Result<Done<String>, CommandError> {
        self.executor
            .run(envelope, "payment.order", input, async |unit: Unit| {
                let (item, month, person) = (input.item, input.month, input.person);
                let component = input.component.unwrap_or_else(Component::whole);
                let number =
                    |adjustment| ObligationId { item, month, component, adjustment, person };
                let ids: Vec<ObligationId> = (0..=ADJUSTMENTS_MAX).map(number).collect();
                let keys: Vec<String> = ids.iter().map(ObligationId::claim).collect();
                let held = unit.log().claims(&keys).await?;
                let first = ids.iter().zip(&held).find(|(_, held)| held.is_none());
                let id = match first {
                    Some((id, _)) if id.adjustment > 0 => *id,
                    Some(_) | None => return Err(no_line(number(0))),
                };
                let order = obligation::Command::Order {
                    amount: input.amount,
                    reason: input.reason.clone(),
                    by: unit.envelope().actor.clone(),
                    approver: input.approver.clone(),
                };
                unit.take(id.claim(), format!("obligation-{id}"));
                let purse = Purse { area: input.area, fund: input.fund };
                waiting::decide(&unit, purse, id, order).await?;
                Ok(id.to_string())
            })
            .await
    }
}

/// The fact that a recovery starts from.
pub(crate) async fn overpaid(
    unit: &Unit,
    id: ObligationId,
    found: &Located,
    amount: Money,
    reason: NotOwed,
) -> Result<(), CommandError> {
    let found = overpayment(unit, found, amount, reason);
    let find = obligation::Command::FindOverpayment(found);
    unit.decide::<Obligation>(id, find).await?;
    Ok(())
}

pub(crate) fn overpayment(
    unit: &Unit,
    found: &Located,
    amount: Money,
    reason: NotOwed,
) -> Overpayment {
    Overpayment {
        attempt: found.line.attempt,
        amount,
        person: found.line.person,
        fund: found.header.fund,
        book: BookKey::of(&found.header).to_string(),
        reason,
        by: unit.envelope().actor.clone(),
    }
}
