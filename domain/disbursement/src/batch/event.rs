//! What is stored of a batch for ever.

use kernel::{Position, Upcaster};
use serde::{Deserialize, Serialize};
use shared::{
    ArtefactId, BankCode, Component, Date, ItemId, Money, Month, ObligationId, PersonId, ReplyId,
    ReturnReason,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "batch.opened.v1")]
    Opened(Header),
    /// At most 1,000 lines and 256 KiB.
    #[serde(rename = "batch.lines-composed.v1")]
    LinesComposed { chunk: u32, lines: Vec<Attempt> },
    #[serde(rename = "batch.composed.v1")]
    Composed { lines: u32, total: Money, file: File },
    /// Two keys, two persons.
    #[serde(rename = "batch.signed.v1")]
    Signed { by: String, role: String, signature: String },
    #[serde(rename = "batch.sent.v1")]
    Sent { by: String },
    /// Another system sent it, whose run it mirrors.
    #[serde(rename = "batch.sent-elsewhere.v1")]
    SentElsewhere { origin: String, reference: String },
    /// The whole file lies at the bank's server under names that the bank does not look at. From here
    /// on its ready mark is only renamed, never written again: that happens once.
    #[serde(rename = "batch.handover-begun.v1")]
    HandoverBegun { ready: String, token: String },
    /// Seen at the bank's server: the file is the bank's.
    #[serde(rename = "batch.handed-over.v1")]
    HandedOver { found: Found },
    #[serde(rename = "batch.acknowledged.v1")]
    Acknowledged { reference: String },
    #[serde(rename = "batch.rejected-by-bank.v1")]
    Rejected { reason: String },
    /// Taken back before it went out.
    #[serde(rename = "batch.withdrawn.v1")]
    Withdrawn { by: String, reason: String },
    /// Not failure: ask for the status, never send again blindly.
    #[serde(rename = "batch.outcome-unknown.v1")]
    OutcomeUnknown { reason: String },
    /// We asked the bank what became of the file.
    #[serde(rename = "batch.status-queried.v1")]
    StatusQueried { by: String, answer: Answer },
    /// The bank's debit slip 银行回单.
    #[serde(rename = "batch.debited.v1")]
    Debited { slip: String, amount: Money, on: Date },
    #[serde(rename = "batch.reply-received.v1")]
    ReplyReceived { reply: ReplyId, artefact: ArtefactId, file: String, lines: u32 },
    /// One chunk of a reply, sorted into what is new and what is not.
    #[serde(rename = "batch.lines-settled.v1")]
    LinesSettled { reply: ReplyId, chunk: u32, settled: Settled },
    #[serde(rename = "batch.reply-applied.v1")]
    ReplyApplied { reply: ReplyId, counts: ReplyCounts },
    /// Returned money comes back as one credit per batch.
    #[serde(rename = "batch.money-returned.v1")]
    MoneyReturned { serial: String, amount: Money, on: Date },
    /// A paid line came back: only once, and posted to a period that is open.
    #[serde(rename = "batch.line-returned-late.v2")]
    ReturnedLate {
        seq: u32,
        reason: ReturnReason,
        /// Absent in v1: whoever needs it looks at the line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        reference: String,
        on: Date,
    },
}

/// v1 named no amount.
const UPCASTERS: &[Upcaster] = &[Upcaster {
    from: "batch.line-returned-late.v1",
    to: "batch.line-returned-late.v2",
    lift: |data| data,
}];

kernel::event!(Event, upcasters: UPCASTERS);

/// Where a file was seen that the bank has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It lies with its ready mark where the bank looks.
    Ready,
    /// The bank put it among what it took.
    Taken,
}

/// What the bank says about a file that it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Answer {
    Received {
        reference: String,
    },
    /// It does not have it, or does not carry it out: nothing was paid.
    Refused {
        reason: String,
    },
    /// It cannot say yet.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub plan: String,
    pub part: u16,
    pub bank: BankCode,
    pub item: ItemId,
    pub month: Month,
    /// The account stream's id.
    pub account: String,
    /// Deaths, merges, holds and addresses were looked at up to here.
    pub seen: Position,
}

/// One try to pay one obligation; its sequence in the file is its place from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The line's place in its part.
    pub line: u32,
    pub person: PersonId,
    #[serde(default, skip_serializing_if = "is_whole")]
    pub component: Component,
    /// Where the entitlement month is not the batch's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adjustment: u16,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub number: u16,
    pub amount: Money,
}

impl Attempt {
    #[must_use]
    pub fn obligation(&self, item: ItemId, batch_month: Month) -> ObligationId {
        ObligationId {
            item,
            month: self.month.unwrap_or(batch_month),
            component: self.component,
            adjustment: self.adjustment,
            person: self.person,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub artefact: ArtefactId,
    pub name: String,
    pub bytes: u64,
    /// The layout's definition, and the digest of the version used.
    pub layout: String,
    pub layout_digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settled {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paid: Vec<Paid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<Returned>,
    /// Said before, in the same words: sequence numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<u32>,
    /// Said otherwise before: a difference opens, nothing is overwritten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<u32>,
    /// No line of ours, or another amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strangers: Vec<Stranger>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    pub seq: u32,
    /// The bank's serial.
    pub serial: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    pub seq: u32,
    pub reason: ReturnReason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stranger {
    /// The row in the reply, from 1.
    pub row: u32,
    pub amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyCounts {
    pub paid_lines: u32,
    pub paid: Money,
    pub returned_lines: u32,
    pub returned: Money,
    pub duplicates: u32,
    pub contradictions: u32,
    pub strangers: u32,
}

fn is_whole(component: &Component) -> bool {
    *component == Component::whole()
}

fn is_zero(adjustment: &u16) -> bool {
    *adjustment == 0
}

fn first() -> u16 {
    1
}

fn is_first(number: &u16) -> bool {
    *number == 1
}
