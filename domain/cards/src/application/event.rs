//! What is stored about an application for ever.

use serde::{Deserialize, Serialize};
use shared::{BankCode, CardId, Date, DivisionCode, OrganisationId, PersonId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "card-application.applied.v1")]
    Applied(Form),
    #[serde(rename = "card-application.accepted.v1")]
    Accepted { on: Date },
    #[serde(rename = "card-application.rejected.v1")]
    Rejected { on: Date, reason: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    pub person: PersonId,
    /// The bank whose account the card will carry: the holder's choice.
    pub bank: BankCode,
    pub county: DivisionCode,
    /// The counter where it was handed in; absent when it came online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<OrganisationId>,
    /// The card that the new one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<CardId>,
    pub on: Date,
}
