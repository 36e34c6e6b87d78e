//! What is stored of one obligation for ever. Most obligations have no stream of their own: they
//! are planned, sent and paid as lines of chunks, and nothing happens to them alone.

use serde::{Deserialize, Serialize};
use shared::{Money, ReturnReason};

use crate::part::Hold;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "obligation.held.v1")]
    Held { attempt: u16, reason: Hold, amount: Money, by: String },
    #[serde(rename = "obligation.released.v1")]
    Released { by: String, reason: String },
    #[serde(rename = "obligation.returned.v1")]
    Returned { attempt: u16, batch: String, reason: ReturnReason, amount: Money },
}

kernel::event!(Event);
