//! What is stored about a card for ever.

use serde::{Deserialize, Serialize};
use shared::{BankCode, CardApplicationId, CardId, Date, Month, OrganisationId, PersonId, Sealed};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "card.made.v1")]
    Made(Made),
    /// At the counter that hands it out.
    #[serde(rename = "card.delivered.v1")]
    Delivered { outlet: OrganisationId, on: Date },
    /// In the holder's hands.
    #[serde(rename = "card.issued.v1")]
    Issued { on: Date },
    #[serde(rename = "card.social-function-activated.v1")]
    SocialFunctionActivated { on: Date },
    #[serde(rename = "card.financial-account-activated.v1")]
    FinancialAccountActivated { on: Date },
    #[serde(rename = "card.reported-lost.v1")]
    ReportedLost { on: Date },
    /// Found again.
    #[serde(rename = "card.loss-withdrawn.v1")]
    LossWithdrawn { on: Date },
    #[serde(rename = "card.replaced.v1")]
    Replaced { by: CardId, account: Account, on: Date },
    #[serde(rename = "card.cancelled.v1")]
    Cancelled { on: Date, reason: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub card: CardId,
    pub application: CardApplicationId,
    pub person: PersonId,
    /// Which bank it is; the number's prefix only checks it (DISBURSEMENT.md, rule 2).
    pub bank: BankCode,
    pub number: Sealed,
    /// 1, 2 or 3 (三代卡).
    pub generation: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Month>,
    pub on: Date,
}

/// What a replacement does to the account behind the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    Kept,
    /// The pay address must follow before the cut-off.
    Changed,
}
