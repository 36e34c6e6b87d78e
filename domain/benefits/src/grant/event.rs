//! What is stored about a grant for ever.

use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    Payee, PersonId, StopReason,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "grant.registered.v1")]
    Registered(Registration),
    /// Other amounts from a month on, until the next adjustment by month.
    #[serde(rename = "grant.adjusted.v1")]
    Adjusted { from: Month, components: Vec<ComponentAmount>, reason: String },
    #[serde(rename = "grant.suspended.v1")]
    Suspended { from: Month, reason: StopReason },
    /// Paid again from `from`. The missed months that are owed, one obligation each (DISBURSEMENT.md,
    /// rule 3); empty when they are forfeited.
    #[serde(rename = "grant.resumed.v1")]
    Resumed { from: Month, back_pay: Vec<Month>, reason: String },
    /// `last` is the last month of entitlement; one before the first when the grant was void.
    #[serde(rename = "grant.ended.v1")]
    Ended { last: Month, reason: EndReason },
    /// The end by a death that turned out false; `to`: the last month that was known before it.
    #[serde(rename = "grant.reinstated.v1")]
    Reinstated {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Month>,
        reason: String,
    },
    /// Another benefit of the person stands beside it: granted all the same, by the matrix.
    #[serde(rename = "grant.competing-noted.v1")]
    CompetingNoted { other: GrantId, item: ItemId, rule: String },
    /// Somebody else draws it, as when a guardian takes over: the next freeze sees it.
    #[serde(rename = "grant.payee-changed.v1")]
    PayeeChanged { payee: Payee, address: PayAddressId, basis: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub grant: GrantId,
    /// The beneficiary.
    pub person: PersonId,
    /// The deceased worker or insured person behind a survivor's grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arises_from: Option<PersonId>,
    pub item: ItemId,
    pub components: Vec<ComponentAmount>,
    pub from: Month,
    /// The last month, when it is known from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Month>,
    pub payee: Payee,
    pub fund: FundCode,
    /// The pooling area whose book pays.
    pub area: AreaCode,
    pub county: DivisionCode,
    pub address: PayAddressId,
    /// The document that granted it; no personal data.
    pub basis: String,
}

/// What one component pays for one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentAmount {
    pub component: Component,
    pub amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// 死亡: the month of death is the last (劳社厅发〔2001〕8号).
    Death,
    /// 期满
    PeriodOver,
    /// 重新就业
    Employed,
    /// 转享其他待遇
    OtherBenefit,
    /// 条件丧失
    ConditionsLost,
    /// 撤销: granted by mistake.
    Revoked,
    /// 本人放弃
    Waived,
}
