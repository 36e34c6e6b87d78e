//! The tables of grants.

use benefits::grant::EndReason;
use kernel::{Micros, Position, Revision};
use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, Component, Date, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    Payee, PersonId, StopReason,
};

use crate::words::word_columns;
use crate::{json_column, record};

word_columns!(EndReason);

/// A month from which amounts were set, and how many components they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub from: Month,
    pub components: u16,
}

/// Months in their order.
pub type Months = Vec<Month>;

json_column!(Vec<Step>, Months);

record! {
    pub struct GrantRow in "benefit_grant" key(grant_id: GrantId)
        index("item", "area") index("person") index("address") index("county", "grant_id")
        index("arises_from")
    {
        /// The beneficiary.
        pub person: PersonId,
        /// The deceased behind a survivor's grant.
        pub arises_from: Option<PersonId>,
        pub item: ItemId,
        pub payee: Payee,
        /// The payee is not the beneficiary himself.
        pub to_other: bool,
        pub fund: FundCode,
        pub area: AreaCode,
        pub county: DivisionCode,
        pub address: PayAddressId,
        pub basis: String,
        pub from_month: Month,
        /// The last month, once it is known.
        pub last_month: Option<Month>,
        /// Set once it was ended, rather than limited from the start.
        pub ended: Option<EndReason>,
        /// The stop that stands, if one does.
        pub stopped_from: Option<Month>,
        pub stop_reason: Option<StopReason>,
        /// How many stops there were.
        pub stops: u16,
        /// By month.
        pub steps: Vec<Step>,
        pub registered_at: Micros,
        pub revision: Revision,
        pub position: Position,
    }

    /// What one component pays from one month until the next step.
    pub struct GrantAmountRow in "grant_amount"
        key(grant_id: GrantId, from_month: Month, place: u16)
    {
        pub component: Component,
        pub amount: Money,
        /// The month from which other amounts hold.
        pub until_month: Option<Month>,
    }

    /// Months `from_month` up to `resumed_month`, which is paid again.
    pub struct GrantStopRow in "grant_stop" key(grant_id: GrantId, place: u16)
        index("person") index("resumed_month", "grant_id")
    {
        pub person: PersonId,
        pub item: ItemId,
        pub county: DivisionCode,
        pub from_month: Month,
        pub reason: StopReason,
        /// The day on which it was made.
        pub stopped_on: Date,
        pub stopped_by: String,
        pub resumed_month: Option<Month>,
        /// The day on which it was lifted.
        pub lifted_on: Option<Date>,
        pub lifted_by: Option<String>,
        pub lifted_reason: Option<String>,
        /// Its months are owed after all, so they are kept back no more.
        pub owed: bool,
        /// Those of them that are owed.
        pub missed: Months,
    }
}
