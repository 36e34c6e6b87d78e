//! Reasons of a stop 暂停: what becomes of its months once it is lifted (DISBURSEMENT 2.3).

use serde::Serialize;
use shared::StopReason;

use super::Kind;
use crate::block::{Block, Name};
use crate::word::words;

words! {
    /// What becomes of the months of a stop.
    pub enum Months {
        /// One obligation for each: the cause was cured, or there was none.
        Owed = "owed",
        /// Nobody is paid for them.
        Forfeited = "forfeited",
        /// Whoever lifts it decides, and says why.
        Decided = "decided",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stop {
    pub id: StopReason,
    pub name: Name,
    pub source: String,
    pub months: Months,
}

impl Kind for Stop {
    const WORD: &'static str = "stop";
    type Id = StopReason;

    fn read(block: &Block<'_>) -> Option<(StopReason, Self)> {
        let (id, name, source) = block.head(|text| StopReason::parse(text).ok());
        let months = block.word("months");
        let id = id?;
        Some((id, Self { id, name: name?, source: source?, months: months? }))
    }
}
