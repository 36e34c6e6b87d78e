//! What is stored of an opening for ever.

use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, ArtefactId, Component, Date, ItemId, Money, Month, ObligationId, PersonId,
    ReturnReason,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "opening.entered.v1")]
    Entered(Cumulative),
    /// At most 1,000: their claims are taken, so that no run plans them again.
    #[serde(rename = "opening.obligations-settled.v1")]
    ObligationsSettled { chunk: u32, obligations: Vec<Settled> },
    #[serde(rename = "opening.sealed.v1")]
    Sealed { settled: u32 },
    #[serde(rename = "opening.runs-begun.v1")]
    RunsBegun {},
}

kernel::event!(Event);

/// What the item had paid in the area up to a day, from whatever kept the figures before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cumulative {
    pub item: ItemId,
    pub area: AreaCode,
    pub as_of: Date,
    /// Distinct people 人数.
    pub people: u32,
    /// Payments 人次.
    pub payments: u64,
    pub money: Money,
    /// The list that proves it.
    pub artefact: ArtefactId,
    pub by: String,
}

/// An obligation that was planned before the cut-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub person: PersonId,
    pub month: Month,
    #[serde(default, skip_serializing_if = "is_whole")]
    pub component: Component,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adjustment: u16,
    pub amount: Money,
    /// The bank had returned it and nobody paid it since: it waits for its second attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<ReturnReason>,
}

impl Settled {
    #[must_use]
    pub fn obligation(&self, item: ItemId) -> ObligationId {
        let Self { person, month, component, adjustment, .. } = *self;
        ObligationId { item, month, component, adjustment, person }
    }
}

fn is_whole(component: &Component) -> bool {
    *component == Component::whole()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(adjustment: &u16) -> bool {
    *adjustment == 0
}
