//! What is stored of a comparison list for ever.

use kernel::stages;
use serde::{Deserialize, Serialize};
use shared::{GrantId, Money, PersonId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// At most 1,000 entries.
    #[serde(rename = "comparison.drawn.v1")]
    Drawn { chunk: u32, entries: Vec<Entry> },
    /// `previous`: the plan that it was compared with; absent in the item's first month.
    #[serde(rename = "comparison.sealed.v1")]
    Sealed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<String>,
        counts: Counts,
    },
    /// By places in the list, from 0.
    #[serde(rename = "comparison.decided.v1")]
    Decided { entries: Vec<u32>, decision: Decision, by: String, reason: String },
}

kernel::event!(Event);

/// One grant that is not what it was last month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub kind: Kind,
    pub grant: GrantId,
    pub person: PersonId,
    /// What it owed the month before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Money>,
    /// What it owes now, over all its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Money>,
}

/// Grants by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub unchanged: u32,
    pub new: u32,
    pub ended: u32,
    pub resumed: u32,
    pub back_paid: u32,
    /// Another amount, within the item's threshold.
    pub changed: u32,
    pub exceptions: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    New,
    Ended,
    Resumed,
    BackPaid,
    Exception,
}

stages! {
    Kind {
        New = "new", "新增";
        Ended = "ended", "终止";
        Resumed = "resumed", "续发";
        BackPaid = "back_paid", "补发";
        Exception = "exception", "异常";
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is right as it is.
    Accepted,
    /// It is wrong: the plan is cancelled or the grant corrected.
    Disputed,
}

stages! {
    Decision {
        Accepted = "accepted", "核实无误";
        Disputed = "disputed", "须更正";
    }
}
