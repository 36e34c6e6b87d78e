//! What is stored of a restoration for ever.

use serde::{Deserialize, Serialize};
use shared::{ArtefactId, BankCode};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "restoration.bank-heard.v1")]
    BankHeard {
        bank: BankCode,
        /// The list as the bank gave it.
        list: ArtefactId,
        files: u32,
        found: u32,
        lost: Vec<String>,
        by: String,
    },
    #[serde(rename = "restoration.lost-explained.v1")]
    LostExplained { bank: BankCode, batch: String, reason: String, by: String },
    #[serde(rename = "restoration.release-asked.v1")]
    ReleaseAsked { by: String },
    #[serde(rename = "restoration.released.v1")]
    Released { by: String },
}

kernel::event!(Event);
