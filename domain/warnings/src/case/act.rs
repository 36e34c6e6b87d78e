//! What can be asked of a case.

use shared::DivisionCode;
use uuid::Uuid;

use super::{Assignment, Entered, Raised, Signal};
use crate::clock::Moment;
use crate::words::{Handling, Level};

/// Who asks. A division narrows him to what is assigned within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: String,
    pub division: Option<DivisionCode>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    pub by: Actor,
    pub now: Moment,
    pub act: Act,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Raise(Raised),
    Enter(Entered),
    /// A further signal while it is open, or within the cooldown.
    Notice(Signal),
    /// The metric is back.
    Clear {
        position: u64,
    },
    Confirm {
        complaint: Option<String>,
        work_order: Option<String>,
    },
    Reject {
        reason: String,
    },
    Merge {
        case: Uuid,
        into: Uuid,
    },
    MoveLevel {
        to: Level,
        reason: String,
    },
    Dispatch {
        to: Assignment,
    },
    ReturnDispatch {
        reason: String,
    },
    Accept,
    Reassign {
        to: Assignment,
        reason: String,
    },
    Verify {
        finding: String,
    },
    Handle {
        how: Handling,
        note: String,
    },
    GiveFeedback {
        text: String,
        done: bool,
    },
    Release {
        reason: String,
        batch: Option<Uuid>,
    },
    UndoRelease {
        reason: String,
    },
    PreFile {
        case_number: String,
    },
    Lift {
        reason: String,
    },
    Object {
        reason: String,
    },
    Archive,
    StopClock {
        reason: String,
    },
    ResumeClock,
    ExtendClock {
        by: u32,
        approver: String,
        reason: String,
    },
    /// The day was opened, or a timer of this clock fired.
    Remind,
}
