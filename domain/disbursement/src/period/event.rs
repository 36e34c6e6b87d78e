//! What is stored of an item-period for ever.

use serde::{Deserialize, Serialize};
use shared::{AreaCode, ItemId, Month};

use crate::certificate::Certificate;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "period.opened.v1")]
    Opened {
        item: ItemId,
        month: Month,
        area: AreaCode,
        /// Why it was opened although the one before is not closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exception: Option<String>,
    },
    #[serde(rename = "period.run-added.v1")]
    RunAdded { plan: String },
    #[serde(rename = "period.certified.v1")]
    Certified { number: u32, certificate: Certificate },
    #[serde(rename = "period.closed.v1")]
    Closed { by: String, certificate: u32 },
}

kernel::event!(Event);
