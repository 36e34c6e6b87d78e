//! What is stored of a returned attempt for ever.

use kernel::stages;
use serde::{Deserialize, Serialize};
use shared::{
    BankCode, Date, GrantId, Money, ObligationId, PayAddressId, Payee, PersonId, ReturnReason,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "return-case.opened.v1")]
    Opened(Opened),
    #[serde(rename = "return-case.notified.v1")]
    Notified { by: String, channel: String, on: Date },
    /// An address that was verified after the return.
    #[serde(rename = "return-case.address-corrected.v1")]
    Corrected(Corrected),
    #[serde(rename = "return-case.reissued.v1")]
    Reissued { part: String },
    #[serde(rename = "return-case.freed.v1")]
    Freed { part: String },
    #[serde(rename = "return-case.closed.v1")]
    Closed { outcome: Outcome, on: Date },
}

kernel::event!(Event);

/// What the bank gave back, and where it had been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub obligation: ObligationId,
    pub attempt: u16,
    pub batch: String,
    pub bank: BankCode,
    pub reason: ReturnReason,
    pub amount: Money,
    pub grant: GrantId,
    pub person: PersonId,
    /// Who was to receive it, where that is not the beneficiary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Payee>,
    pub address: PayAddressId,
    pub address_version: u32,
    /// The business date of the bank's word: its age counts from here.
    pub returned_on: Date,
    /// It had been paid before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    pub address: PayAddressId,
    pub version: u32,
    pub by: String,
    pub on: Date,
}

/// How a case ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The next attempt was paid.
    Paid,
    /// The next attempt came back too: its own case goes on.
    ReturnedAgain,
    /// The payee is dead: it went to the heirs' case.
    PassedOn,
    /// It was not owed.
    Cancelled,
}

stages! {
    Outcome {
        Paid = "paid", "重发成功";
        ReturnedAgain = "returned_again", "再次退票";
        PassedOn = "passed_on", "转继承人领取";
        Cancelled = "cancelled", "不再发放";
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
