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
    #[serde(rename = "period.certificate-signed.v1")]
    CertificateSigned(Signature),
    #[serde(rename = "period.closed.v1")]
    Closed { by: String, certificate: u32 },
    #[serde(rename = "period.reopening-asked.v1")]
    ReopeningAsked { by: String, reason: String },
    /// The certificate that it was closed on stays readable.
    #[serde(rename = "period.reopened.v1")]
    Reopened { by: String, asked_by: String, reason: String },
}

kernel::event!(Event);

/// SM2 in the bureau's name over the item-period, the number and every figure of the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The certificate's number.
    pub certificate: u32,
    /// Who drew it up.
    pub by: String,
    /// Hexadecimal DER.
    pub signature: String,
}
