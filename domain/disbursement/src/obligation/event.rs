//! What is stored of one obligation for ever. Most obligations have no stream of their own: they
//! are planned, sent and paid as lines of chunks, and nothing happens to them alone.

use serde::{Deserialize, Serialize};
use shared::{Date, FundCode, Money, Month, ObligationId, PersonId, ReturnReason};

use crate::part::Hold;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "obligation.held.v1")]
    Held {
        attempt: u16,
        reason: Hold,
        amount: Money,
        by: String,
        /// The last day to verify what it is held for, such as a reported death.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verify_by: Option<Date>,
    },
    #[serde(rename = "obligation.released.v1")]
    Released {
        by: String,
        reason: String,
        /// The part whose bank file takes it after all; absent: it waits for a run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    #[serde(rename = "obligation.returned.v1")]
    Returned { attempt: u16, batch: String, reason: ReturnReason, amount: Money },
    /// It is a line of a later run: a reissue, or the pay of what had been held.
    #[serde(rename = "obligation.taken.v1")]
    Taken { attempt: u16, part: String, amount: Money },
    /// That run was cancelled: it waits for the next one.
    #[serde(rename = "obligation.freed.v1")]
    Freed { part: String },
    /// Owed for a month up to that of the death: to the heirs, by a case.
    #[serde(rename = "obligation.due-to-heirs.v1")]
    DueToHeirs { attempt: u16, amount: Money, died_in: Month },
    /// Never owed, as it turned out, and not paid.
    #[serde(rename = "obligation.cancelled.v1")]
    Cancelled { attempt: u16, amount: Money, reason: NotOwed, by: String },
    /// What cancelled it or passed it to the heirs was false: it waits for a run.
    #[serde(rename = "obligation.reinstated.v1")]
    Reinstated { by: String, reason: String },
    /// Paid and not owed: a recovery follows.
    #[serde(rename = "obligation.overpaid.v1")]
    Overpaid(Overpayment),
    /// It was owed after all: the recovery ends.
    #[serde(rename = "obligation.overpayment-withdrawn.v1")]
    OverpaymentWithdrawn { amount: Money, by: String, reason: String },
    /// An adjustment that a clerk ordered: it waits for a run.
    #[serde(rename = "obligation.ordered.v1")]
    Ordered { amount: Money, reason: String, by: String, approver: String },
    /// The same entitlement of one human stands under another id of his as well.
    #[serde(rename = "obligation.duplicate-found.v1")]
    DuplicateFound { other: ObligationId },
}

kernel::event!(Event);

/// What a recovery starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overpayment {
    pub attempt: u16,
    /// At most what was paid.
    pub amount: Money,
    pub person: PersonId,
    pub fund: FundCode,
    /// The account stream's id: offsets stay inside its fund.
    pub book: String,
    pub reason: NotOwed,
    pub by: String,
}

/// Why something is not owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOwed {
    /// A month after that of the death (劳社厅发〔2001〕8号).
    AfterDeath,
    /// The same entitlement under another id of the same human.
    Duplicate,
    /// Another benefit excludes it.
    CompetingBenefit,
    /// Certification had expired, or its conditions were lost before the month.
    ConditionsLost,
    /// Granted or calculated wrongly.
    Mistake,
}

kernel::stages! {
    NotOwed {
        AfterDeath = "after_death", "死亡次月起不再发放";
        Duplicate = "duplicate", "同一人重复享受";
        CompetingBenefit = "competing_benefit", "与其他待遇冲突";
        ConditionsLost = "conditions_lost", "条件丧失";
        Mistake = "mistake", "核定或核算错误";
    }
}
