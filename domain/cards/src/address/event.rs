//! What is stored about a pay address for ever. Pay lines carry its id and version, never a number.

use serde::{Deserialize, Serialize};
use shared::{BankCode, CardId, Date, EmployerId, PayAddressId, PersonId, ReturnReason, Sealed};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Version 1.
    #[serde(rename = "pay-address.registered.v1")]
    Registered { address: PayAddressId, owner: Owner, account: Account, on: Date },
    /// The bank knows this number under this name.
    #[serde(rename = "pay-address.verified.v1")]
    Verified { version: u32, on: Date },
    #[serde(rename = "pay-address.verification-failed.v1")]
    VerificationFailed { version: u32, reason: ReturnReason, on: Date },
    /// Another account: one version more, to be verified again.
    #[serde(rename = "pay-address.changed.v1")]
    Changed { version: u32, account: Account, reason: String, on: Date },
    #[serde(rename = "pay-address.frozen.v1")]
    Frozen { reason: FreezeReason, on: Date },
    #[serde(rename = "pay-address.unfrozen.v1")]
    Unfrozen { reason: String, on: Date },
}

kernel::event!(Event);

/// An account at a bank. Number and name are sealed under the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub number: Sealed,
    pub name: Sealed,
    pub bank: BankCode,
    /// The card whose account it is; absent for a passbook or an employer's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
}

/// Stored as `{"kind": "person", "person": "…"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Owner {
    Person { person: PersonId },
    Employer { employer: EmployerId },
}

impl Owner {
    /// The subject under whose key number and name are sealed.
    #[must_use]
    pub const fn subject(self) -> Uuid {
        match self {
            Self::Person { person } => person.uuid(),
            Self::Employer { employer } => employer.uuid(),
        }
    }
}

/// Why nothing may be sent there for now (DISBURSEMENT.md, rule 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeReason {
    AccountClosed,
    AccountFrozen,
    NumberChanged,
    /// A bank returned a line.
    Returned,
    /// Under investigation.
    Investigation,
    OwnerDead,
}
