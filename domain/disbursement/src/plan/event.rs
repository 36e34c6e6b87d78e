//! What is stored of a plan for ever.

use kernel::Position;
use serde::{Deserialize, Serialize};
use shared::{AgencyCode, AreaCode, BankCode, Date, FundCode, ItemId, Money, Month, RunType};

use crate::line::Totals;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "plan.opened.v1")]
    Opened(Header),
    /// Whom it concerns, as everybody stood at one position of the log.
    #[serde(rename = "plan.population-frozen.v1")]
    PopulationFrozen {
        at: Position,
        grants: u32,
        /// SM3 of the list, which is kept as an artefact of this name.
        digest: String,
    },
    #[serde(rename = "plan.part-calculated.v1")]
    PartCalculated { part: u16, grants: u32, totals: Totals, excluded: u32 },
    #[serde(rename = "plan.calculated.v1")]
    Calculated { totals: Totals, excluded: u32 },
    #[serde(rename = "plan.submitted.v1")]
    Submitted { by: String },
    #[serde(rename = "plan.reviewed.v1")]
    Reviewed { role: String, by: String },
    #[serde(rename = "plan.sent-back.v1")]
    SentBack { role: String, by: String, reason: String },
    #[serde(rename = "plan.approved.v1")]
    Approved { lines: u32, net: Money },
    /// Reviewed and paid by another system, whose run it mirrors.
    #[serde(rename = "plan.approved-elsewhere.v1")]
    ApprovedElsewhere { origin: String, reference: String, lines: u32, net: Money },
    #[serde(rename = "plan.funds-reserved.v1")]
    FundsReserved { account: String, amount: Money },
    #[serde(rename = "plan.batch-composed.v1")]
    BatchComposed { batch: String, part: u16, bank: BankCode, lines: u32, total: Money },
    /// Refused by the bank or withdrawn: its lines wait for another batch.
    #[serde(rename = "plan.batch-freed.v1")]
    BatchFreed { batch: String },
    /// Every line is instructed, held or netted to zero.
    #[serde(rename = "plan.composed.v1")]
    Composed { instructed_lines: u32, instructed: Money, held_lines: u32, held: Money },
    #[serde(rename = "plan.cancelled.v1")]
    Cancelled { by: String, reason: String },
}

kernel::event!(Event);

/// What a plan is about, and the rules that it pinned when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub item: ItemId,
    pub month: Month,
    pub area: AreaCode,
    pub run: RunType,
    pub number: u16,
    pub fund: FundCode,
    pub agency: AgencyCode,
    /// A working day: a pay day on a holiday moves earlier.
    pub pay_day: Date,
    /// The levels after the handler's submission.
    pub chain: Vec<Step>,
    /// A line outside these is excluded.
    pub amount_min: Money,
    pub amount_max: Money,
    /// Definitions by `kind/id`, with the digest of the version used.
    pub pinned: Vec<Pinned>,
}

/// One level of review; every level another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The role's code, such as `checker`.
    pub role: String,
    /// Only for plans whose net sum is above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    pub definition: String,
    pub digest: String,
}
