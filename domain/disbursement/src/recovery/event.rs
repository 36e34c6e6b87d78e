//! What is stored of a recovery for ever.

use kernel::stages;
use serde::{Deserialize, Serialize};
use shared::{Component, Date, FundCode, ItemId, Money, Month, ObligationId, PersonId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "recovery.opened.v1")]
    Opened(About),
    #[serde(rename = "recovery.demanded.v1")]
    Demanded { notice: String, on: Date, due: Date, by: String },
    /// Replaces the agreement before it.
    #[serde(rename = "recovery.instalments-agreed.v1")]
    InstalmentsAgreed { agreement: String, on: Date, instalments: Vec<Instalment>, by: String },
    #[serde(rename = "recovery.received.v1")]
    Received { serial: String, amount: Money, into: Place, on: Date },
    /// Kept back from what the person is owed by the same fund.
    #[serde(rename = "recovery.offset.v1")]
    Offset { against: ObligationId, fund: FundCode, amount: Money, on: Date },
    #[serde(rename = "recovery.sent-to-court.v1")]
    SentToCourt { court: String, case: String, on: Date, by: String },
    #[serde(rename = "recovery.written-off.v1")]
    WrittenOff { approval: String, authority: String, amount: Money, on: Date, by: String },
    /// Nothing is owed any more.
    #[serde(rename = "recovery.settled.v1")]
    Settled { on: Date },
    /// It was found by mistake: nobody owes anything.
    #[serde(rename = "recovery.withdrawn.v1")]
    Withdrawn { reason: String, on: Date, by: String },
}

kernel::event!(Event);

/// What was paid although it was not owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub obligation: ObligationId,
    pub person: PersonId,
    pub item: ItemId,
    pub month: Month,
    #[serde(default, skip_serializing_if = "is_whole")]
    pub component: Component,
    pub fund: FundCode,
    /// The account stream of the book that paid it.
    pub book: String,
    pub amount: Money,
    pub reason: String,
    pub found_on: Date,
    /// Carried over from before the system: the books hold it since their opening.
    #[serde(default, skip_serializing_if = "is_false")]
    pub carried: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    pub due: Date,
    pub amount: Money,
}

/// Where a repayment arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    IncomeAccount,
    FiscalAccount,
    /// It may not: the rule refuses it by name.
    ExpenditureAccount,
}

stages! {
    Place {
        IncomeAccount = "income_account", "收入户";
        FiscalAccount = "fiscal_account", "财政专户";
        ExpenditureAccount = "expenditure_account", "支出户";
    }
}

fn is_whole(component: &Component) -> bool {
    *component == Component::whole()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
