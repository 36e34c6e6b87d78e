//! The tables of runs.

use kernel::{Micros, Position};
use shared::{
    AgencyCode, AreaCode, ArtefactId, BankCode, Date, FundCode, ItemId, Money, Month, ReplyId,
    RunType,
};

use crate::record;

record! {
    pub struct PeriodRow in "period" key(period: String) index("month", "item") {
        pub item: ItemId,
        pub month: Month,
        pub area: AreaCode,
        /// `open` or `closed`.
        pub stage: String,
        pub exception: Option<String>,
        pub closed_by: Option<String>,
        pub certificate: Option<u32>,
        /// How often somebody asked to reopen it.
        pub reopenings: u32,
        pub position: Position,
    }

    /// The certificate as it was drawn up, as JSON. It stays when its item-period is reopened.
    pub struct CertificateRow in "certificate" key(period: String, number: u32) {
        pub body: String,
        /// SM3 of what is signed, in hexadecimal.
        pub digest: String,
        pub by: String,
        pub at: Micros,
        /// SM2 in the bureau's name, hexadecimal DER.
        pub signature: Option<String>,
        pub signed_by: Option<String>,
        /// Who closed the item-period on it.
        pub closed_by: Option<String>,
        pub closed_at: Option<Micros>,
        pub position: Position,
    }

    /// A closed item-period that somebody asks to reopen, and another person reopens.
    pub struct ReopeningRow in "reopening" key(period: String, number: u32) index("asked_at") {
        pub asked_by: String,
        pub asked_at: Micros,
        pub reason: String,
        /// None while it waits for another person.
        pub reopened_by: Option<String>,
        pub reopened_at: Option<Micros>,
        /// The certificate that it had been closed on.
        pub certificate: Option<u32>,
    }

    pub struct PlanRow in "plan" key(plan: String) index("month", "item") index("waits_for", "month") {
        pub period: String,
        pub item: ItemId,
        pub month: Month,
        pub area: AreaCode,
        pub fund: FundCode,
        pub agency: AgencyCode,
        pub run: RunType,
        pub number: u16,
        pub pay_day: Date,
        pub stage: String,
        /// The role whose turn it is, or the step that comes next.
        pub waits_for: Option<String>,
        /// Roles still to come after submission, in order.
        pub chain: Vec<String>,
        pub frozen: u32,
        pub frozen_at: Position,
        pub lines: u32,
        pub gross: Money,
        pub deductions: Money,
        pub excluded: u32,
        pub reserved: Money,
        pub account: Option<String>,
        /// In batches that are not freed, while they are composed as well as afterwards.
        pub instructed_lines: u32,
        pub instructed: Money,
        pub held_lines: u32,
        pub held: Money,
        /// What the chain needs to know to shorten itself: JSON of the steps.
        pub steps: String,
        pub revision: u64,
        pub position: Position,
    }

    /// Who did what to a plan, in order.
    pub struct ActRow in "plan_act" key(plan: String, revision: u64) index("actor") {
        pub act: String,
        pub role: Option<String>,
        pub actor: String,
        pub reason: Option<String>,
        pub at: Micros,
        pub event: uuid::Uuid,
    }

    pub struct BatchRow in "batch" key(batch: String) index("plan") index("stage", "bank") {
        pub plan: String,
        pub part: u16,
        pub bank: BankCode,
        pub item: ItemId,
        pub month: Month,
        pub account: String,
        pub stage: String,
        pub lines: u32,
        pub total: Money,
        pub file: Option<String>,
        pub digest: Option<ArtefactId>,
        pub layout: Option<String>,
        pub signers: Vec<String>,
        pub reference: Option<String>,
        /// The business date on which it went out: what no bank has answered is as old.
        pub sent_on: Option<Date>,
        pub debited: Option<Money>,
        pub debited_on: Option<Date>,
        pub slip: Option<String>,
        /// By replies that are applied to the end; the line register has each line at once.
        pub paid_lines: u32,
        pub paid: Money,
        pub returned_lines: u32,
        pub returned: Money,
        pub duplicates: u32,
        pub contradictions: u32,
        pub strangers: u32,
        pub money_returned: Money,
        /// Refused by its bank or withdrawn: its lines stand in no batch, or in a later one.
        pub freed: bool,
        pub revision: u64,
        pub position: Position,
    }

    /// Who composed, signed, sent or withdrew a batch, and what its bank said of the whole of it.
    pub struct BatchActRow in "batch_act" key(batch: String, revision: u64) index("actor") {
        /// `composed`, `signed`, `sent`, `handed_over`, `acknowledged`, `rejected`, `withdrawn`,
        /// `outcome_unknown`, `queried`, `debited` or `returned_late`.
        pub act: String,
        /// In which role a key was used.
        pub role: Option<String>,
        /// Who did it; for what the bank said, who entered it.
        pub actor: String,
        /// Why, where a reason is asked for.
        pub reason: Option<String>,
        /// The bank's reference or debit slip.
        pub reference: Option<String>,
        /// What was debited, or came back late.
        pub amount: Option<Money>,
        pub at: Micros,
        pub event: uuid::Uuid,
    }

    pub struct ReplyRow in "reply" key(reply: ReplyId) index("batch") index("applied") {
        pub batch: String,
        pub digest: ArtefactId,
        pub file: String,
        pub rows_count: u32,
        pub applied: bool,
        pub at: Micros,
    }
}
