//! Who, when, and because of what: stored beside every event of one append.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an event says about its making. Recorded time is the log's own column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The day on which it is true; recorded time says when we knew.
    pub business_date: Date,
    /// The user, or `process:<name>`, or `system`.
    pub actor: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The client's network address, as the endpoint saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    pub command: Uuid,
    /// The first command of the chain.
    pub correlation: Uuid,
    /// The event that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<Uuid>,
}

impl Meta {
    /// Meta of a command that starts a chain of its own.
    #[must_use]
    pub fn of(actor: impl Into<String>, business_date: Date, command: Uuid) -> Self {
        Self {
            business_date,
            actor: actor.into(),
            organisation: None,
            client: None,
            command,
            correlation: command,
            causation: None,
        }
    }

    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("meta serialises: it is plain data")
    }
}
