//! What is stored of a heirs' case for ever.

use serde::{Deserialize, Serialize};
use shared::{Date, Money, ObligationId, PayAddressId, PersonId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "heirs-case.opened.v1")]
    Opened { deceased: PersonId, died_on: Date },
    #[serde(rename = "heirs-case.obligation-added.v1")]
    Added { obligation: ObligationId, amount: Money },
    /// From here on the case's obligations are paid to this person; the last one named counts.
    #[serde(rename = "heirs-case.heir-named.v1")]
    Named(Named),
    #[serde(rename = "heirs-case.withdrawn.v1")]
    Withdrawn { reason: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub heir: PersonId,
    pub address: PayAddressId,
    /// The document: a notarial deed, a certificate of kinship; no personal data.
    pub basis: String,
    pub by: String,
    pub approver: String,
}
