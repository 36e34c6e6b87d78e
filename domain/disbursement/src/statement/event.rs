//! What is stored of a bank statement for ever.

use serde::{Deserialize, Serialize};
use shared::{ArtefactId, BankCode, Date, FundCode, Money};

use kernel::stages;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "statement.imported.v1")]
    Imported { header: Header, lines: Vec<Line> },
    #[serde(rename = "statement.line-matched.v1")]
    Matched { serial: String, batch: String },
    /// One movement for several batches: their shares add up to it.
    #[serde(rename = "statement.line-matched-to-many.v1")]
    MatchedToMany { serial: String, batches: Vec<Share> },
    /// A movement that the book knows without a batch: an appropriation, its interest.
    #[serde(rename = "statement.line-matched-to-voucher.v1")]
    MatchedToVoucher { serial: String, voucher: u64 },
    #[serde(rename = "statement.difference-found.v1")]
    DifferenceFound { serial: String, amount: Money, owner: String, reason: Difference },
    #[serde(rename = "statement.difference-assigned.v1")]
    DifferenceAssigned { serial: String, owner: String, by: String },
    /// The book holds it in a suspense account; it stays open.
    #[serde(rename = "statement.difference-booked.v1")]
    DifferenceBooked { serial: String, voucher: u64 },
    /// A movement of another line took it back.
    #[serde(rename = "statement.difference-cleared.v1")]
    DifferenceCleared { serial: String, by: Counter, who: String },
    #[serde(rename = "statement.difference-resolved.v1")]
    DifferenceResolved { serial: String, by: String, note: String },
}

kernel::event!(Event);

/// A batch's part of one movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub batch: String,
    pub amount: Money,
}

/// The movement that took another one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// The statement stream's id.
    pub statement: String,
    pub serial: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub bank: BankCode,
    pub fund: FundCode,
    /// The account stream's id.
    pub account: String,
    pub on: Date,
    pub opening: Money,
    pub closing: Money,
    pub artefact: ArtefactId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The bank's serial, unique in the statement.
    pub serial: String,
    pub direction: Direction,
    pub amount: Money,
    /// What the bank says it was for: a batch's reference, or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    pub balance: Money,
}

/// As the account holder sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Money left the account 借.
    Debit,
    /// Money came 贷.
    Credit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It names no batch that we know.
    NoBatch,
    /// It names a batch, with another sum.
    OtherAmount,
}

stages! {
    Direction {
        Debit = "debit", "借";
        Credit = "credit", "贷";
    }
}

stages! {
    Difference {
        NoBatch = "no_batch", "无对应批次";
        OtherAmount = "other_amount", "金额不符";
    }
}
