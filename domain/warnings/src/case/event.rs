//! What is stored of a warning for ever.

use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode, EventId, OrganisationId};
use uuid::Uuid;

use crate::clock::{Moment, Term};
use crate::words::{Channel, Effect, Handling, Level, Stage, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// By a rule, from a signal.
    #[serde(rename = "warning.raised.v1")]
    Raised(Raised),
    /// By hand, from the grid or another channel.
    #[serde(rename = "warning.entered.v1")]
    Entered(Entered),
    /// A further signal of the same fingerprint.
    #[serde(rename = "warning.evidence-appended.v1")]
    EvidenceAppended { signal: Signal },
    #[serde(rename = "warning.level-moved.v1")]
    LevelMoved { from: Level, to: Level, why: String, stamp: Stamp },
    #[serde(rename = "warning.confirmed.v1")]
    Confirmed {
        /// The registered complaint form (投诉登记表) and the work order, where they were made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        complaint: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        work_order: Option<String>,
        stamp: Stamp,
    },
    #[serde(rename = "warning.rejected.v1")]
    Rejected { reason: String, stamp: Stamp },
    #[serde(rename = "warning.merged.v1")]
    Merged { into: Uuid, stamp: Stamp },
    #[serde(rename = "warning.dispatched.v1")]
    Dispatched { to: Assignment, stamp: Stamp },
    #[serde(rename = "warning.dispatch-returned.v1")]
    DispatchReturned { reason: String, stamp: Stamp },
    #[serde(rename = "warning.accepted.v1")]
    Accepted { stamp: Stamp },
    #[serde(rename = "warning.reassigned.v1")]
    Reassigned { to: Assignment, reason: String, stamp: Stamp },
    #[serde(rename = "warning.site-verified.v1")]
    SiteVerified { finding: String, stamp: Stamp },
    #[serde(rename = "warning.handled.v1")]
    Handled { how: Handling, note: String, stamp: Stamp },
    /// Not done: it goes back to handling.
    #[serde(rename = "warning.feedback-given.v1")]
    FeedbackGiven { text: String, done: bool, stamp: Stamp },
    #[serde(rename = "warning.released.v1")]
    Released {
        reason: String,
        /// The batch that it was released in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<Uuid>,
        stamp: Stamp,
    },
    #[serde(rename = "warning.release-undone.v1")]
    ReleaseUndone { reason: String, stamp: Stamp },
    /// Not solved: to the inspectors, under the number of their case.
    #[serde(rename = "warning.pre-filed.v1")]
    PreFiled { case_number: String, stamp: Stamp },
    /// The metric is back: notices and yellow only.
    #[serde(rename = "warning.cleared.v1")]
    Cleared { position: u64, stamp: Stamp },
    #[serde(rename = "warning.lifted.v1")]
    Lifted { reason: String, stamp: Stamp },
    /// The same fingerprint within the cooldown, or an objection.
    #[serde(rename = "warning.reopened.v1")]
    Reopened {
        why: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<Signal>,
        stamp: Stamp,
    },
    #[serde(rename = "warning.archived.v1")]
    Archived { stamp: Stamp },
    #[serde(rename = "warning.clock-stopped.v1")]
    ClockStopped { step: Step, reason: String, stamp: Stamp },
    #[serde(rename = "warning.clock-resumed.v1")]
    ClockResumed { step: Step, stamp: Stamp },
    #[serde(rename = "warning.clock-extended.v1")]
    ClockExtended { step: Step, by: u32, approver: String, reason: String, stamp: Stamp },
    /// Once for each step and day, in order.
    #[serde(rename = "warning.reminded.v1")]
    Reminded { step: Step, late: bool, stamp: Stamp },
    #[serde(rename = "warning.escalated.v1")]
    Escalated { step: Step, rung: u32, to: String, effect: Effect, stamp: Stamp },
}

kernel::event!(Event);

/// Who did it, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub by: String,
    pub now: Moment,
}

/// About whom: ids and codes only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct About {
    /// `person`, `employer`, `bank`, …
    pub kind: String,
    pub id: String,
}

/// One fact behind a signal: what was read, and the event that said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub fact: String,
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// What a rule noticed. The same inputs give the same level again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    pub version: u32,
    pub level: Level,
    /// The metric's value: fen, basis points or a count.
    pub value: i64,
    /// The threshold that it reached.
    pub threshold: i64,
    /// Where in the log it was noticed.
    pub position: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    pub evidence: Vec<Evidence>,
    pub stamp: Stamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    pub rule: String,
    pub class: String,
    pub fingerprint: Uuid,
    pub about: About,
    /// Where it is worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    pub signal: Signal,
    pub terms: Terms,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub channel: Channel,
    pub class: String,
    pub level: Level,
    pub about: About,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// What was seen; no names.
    pub content: String,
    pub terms: Terms,
    pub stamp: Stamp,
}

/// The clocks and the ladder of the rule version that raised it: they stand while it is open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    pub clocks: Vec<Clocks>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladder: Vec<Rung>,
    /// The ways of handling that may be chosen; empty: all seven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Handling>,
    /// Calendar days after a release in which the same fingerprint reopens the case.
    #[serde(default)]
    pub cooldown_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    pub level: Level,
    pub step: Step,
    pub term: Term,
}

/// What happens when a step has been late for so many opened days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    pub after_days: u32,
    pub to: String,
    pub effect: Effect,
}

/// To whom it goes: a territory and a role in it, or an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

impl Event {
    /// The day that it is true on.
    #[must_use]
    pub fn on(&self) -> Date {
        self.stamp().now.on
    }

    /// The stage that a case is in after it, where it is another one; `before_release` is the stage
    /// that an undone release goes back to.
    #[must_use]
    pub fn leads_to(&self, before_release: Stage) -> Option<Stage> {
        Some(match self {
            Self::Raised(_) | Self::Entered(_) | Self::Reopened { .. } => Stage::Raised,
            Self::Confirmed { .. } | Self::DispatchReturned { .. } => Stage::Confirmed,
            Self::Rejected { .. } => Stage::Rejected,
            Self::Merged { .. } => Stage::Merged,
            Self::Dispatched { .. } | Self::Reassigned { .. } => Stage::Dispatched,
            Self::Accepted { .. } => Stage::Accepted,
            Self::SiteVerified { .. } | Self::FeedbackGiven { done: false, .. } => Stage::Verified,
            Self::Handled { .. } => Stage::Handled,
            Self::FeedbackGiven { done: true, .. } => Stage::FedBack,
            Self::Released { .. } => Stage::Released,
            Self::ReleaseUndone { .. } => before_release,
            Self::PreFiled { .. } => Stage::PreFiled,
            Self::Cleared { .. } => Stage::Cleared,
            Self::Lifted { .. } => Stage::Lifted,
            Self::Archived { .. } => Stage::Archived,
            Self::EvidenceAppended { .. }
            | Self::LevelMoved { .. }
            | Self::ClockStopped { .. }
            | Self::ClockResumed { .. }
            | Self::ClockExtended { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. } => return None,
        })
    }

    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        match self {
            Self::Raised(raised) => &raised.signal.stamp,
            Self::Entered(entered) => &entered.stamp,
            Self::EvidenceAppended { signal } => &signal.stamp,
            Self::LevelMoved { stamp, .. }
            | Self::Confirmed { stamp, .. }
            | Self::Rejected { stamp, .. }
            | Self::Merged { stamp, .. }
            | Self::Dispatched { stamp, .. }
            | Self::DispatchReturned { stamp, .. }
            | Self::Accepted { stamp }
            | Self::Reassigned { stamp, .. }
            | Self::SiteVerified { stamp, .. }
            | Self::Handled { stamp, .. }
            | Self::FeedbackGiven { stamp, .. }
            | Self::Released { stamp, .. }
            | Self::ReleaseUndone { stamp, .. }
            | Self::PreFiled { stamp, .. }
            | Self::Cleared { stamp, .. }
            | Self::Lifted { stamp, .. }
            | Self::Reopened { stamp, .. }
            | Self::Archived { stamp }
            | Self::ClockStopped { stamp, .. }
            | Self::ClockResumed { stamp, .. }
            | Self::ClockExtended { stamp, .. }
            | Self::Reminded { stamp, .. }
            | Self::Escalated { stamp, .. } => stamp,
        }
    }
}
