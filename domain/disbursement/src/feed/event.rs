//! What is stored of a feed for ever.

use serde::{Deserialize, Serialize};
use shared::{AgencyCode, AreaCode, ArtefactId, Date, FundCode, ItemId, Money, Month, RunType};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "feed.opened.v1")]
    Opened { source: String, item: ItemId, area: AreaCode, first: u32 },
    /// The file is here, whole, with the count, total and digest that it declares.
    #[serde(rename = "feed.run-received.v1")]
    RunReceived(Run),
    /// A later run arrived before these: nothing behind them is applied.
    #[serde(rename = "feed.gap-found.v1")]
    GapFound { from: u32, to: u32 },
    #[serde(rename = "feed.gap-filled.v1")]
    GapFilled { sequence: u32 },
    #[serde(rename = "feed.run-begun.v1")]
    RunBegun { sequence: u32, plan: String },
    #[serde(rename = "feed.run-applied.v1")]
    RunApplied { sequence: u32, plan: String },
}

kernel::event!(Event);

/// One external run as its file declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub sequence: u32,
    pub artefact: ArtefactId,
    /// The name that the source gave it; its own number of the run.
    pub reference: String,
    pub month: Month,
    pub run: RunType,
    pub fund: FundCode,
    pub agency: AgencyCode,
    pub paid_on: Date,
    pub lines: u32,
    /// Net.
    pub total: Money,
    /// SM3 over the lines, as the source writes it.
    pub digest: String,
}
