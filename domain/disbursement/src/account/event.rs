//! What is stored of a book for ever.

use serde::{Deserialize, Serialize};
use shared::{AgencyCode, AreaCode, FundCode, ItemId, Money, Month};

use crate::ledger::{Entry, Voucher};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "account.opened.v1")]
    Opened { book: Book, opening: Vec<Entry> },
    #[serde(rename = "account.posted.v1")]
    Posted { number: u64, voucher: Voucher },
    /// Cash set aside for an approved plan: pending Dr 代发在途 / Cr 支出户.
    #[serde(rename = "account.funds-reserved.v1")]
    Reserved { plan: String, amount: Money },
    /// A piece of the reservation now stands for one batch.
    #[serde(rename = "account.reservation-split.v1")]
    Split { plan: String, batch: String, amount: Money },
    /// The pending entry of a batch became a posting, or fell away and is the reservation's again.
    #[serde(rename = "account.pending-settled.v1")]
    PendingSettled { batch: String, amount: Money, posted: bool },
    /// What of a reservation was never composed goes back.
    #[serde(rename = "account.reservation-released.v1")]
    Released { plan: String, amount: Money },
    /// The item-period takes no voucher any more.
    #[serde(rename = "account.item-closed.v1")]
    ItemClosed { item: ItemId, month: Month },
    #[serde(rename = "account.item-reopened.v1")]
    ItemReopened { item: ItemId, month: Month },
    /// The opening is what that book held at the end of its year.
    #[serde(rename = "account.carried-forward.v1")]
    CarriedForward { from: String },
    /// What this book held at the end of its year, as the opening of the next one.
    #[serde(rename = "account.carried-over.v1")]
    CarriedOver { into: String, balances: Vec<Entry> },
    #[serde(rename = "account.closed.v1")]
    Closed {},
}

kernel::event!(Event);

/// One book: fund × pooling area × agency × year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub fund: FundCode,
    pub area: AreaCode,
    pub agency: AgencyCode,
    pub year: i16,
    /// The posting policy that it follows for the year.
    pub policy: String,
    /// The account of the F ledger that holds the cash and never falls below zero.
    pub cash: String,
}
