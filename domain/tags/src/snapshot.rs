//! Who belonged to a segment on a day, frozen: whatever is learnt later changes no member of it.
//!
//! **Streams** `segment_snapshot-<id>`.
//! **Invariant** a snapshot is taken once; it names the version of the rule, both times, and the file
//! of its members.

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::{ArtefactId, Date};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    pub frozen: Option<Frozen>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Freeze(Frozen),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "segment.frozen.v1")]
    Frozen(Frozen),
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The tag whose holders they are, and the value that they hold.
    pub segment: String,
    pub value: String,
    pub version: u32,
    /// Who belonged to it on this day, as it was known at this position.
    pub valid_on: Date,
    pub known_at: u64,
    pub members: u64,
    /// Their ids, one a line, in order.
    pub file: ArtefactId,
    pub purpose: String,
    pub by: String,
    pub on: Date,
}

refusals! {
    /// Why a snapshot is not taken.
    Error {
        AlreadyFrozen = "SEGMENT_ALREADY_FROZEN",
            "the snapshot was taken already", "该快照已冻结";
        NoPurpose = "SEGMENT_PURPOSE_MISSING",
            "a snapshot says what it is for", "快照须说明用途";
        Nobody = "SEGMENT_EMPTY", "nobody belongs to the segment on that day", "该日分组没有成员";
    }
}

impl Decider for Snapshot {
    const CATEGORY: &'static str = "segment_snapshot";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, Command::Freeze(frozen): Command) -> Result<Vec<Event>, Error> {
        if self.frozen.is_some() {
            return Err(Error::AlreadyFrozen);
        }
        if frozen.purpose.trim().is_empty() {
            return Err(Error::NoPurpose);
        }
        if frozen.members == 0 {
            return Err(Error::Nobody);
        }
        Ok(vec![Event::Frozen(frozen)])
    }

    fn evolve(self, Event::Frozen(frozen): &Event) -> Self {
        Self { frozen: Some(frozen.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    fn frozen(purpose: &str, members: u64) -> Frozen {
        Frozen {
            segment: "payee".to_owned(),
            value: "true".to_owned(),
            version: 1,
            valid_on: Date::constant(2026, 2, 1),
            known_at: 90,
            members,
            file: ArtefactId::parse(&"ab".repeat(32)).unwrap(),
            purpose: purpose.to_owned(),
            by: "chen".to_owned(),
            on: Date::constant(2026, 2, 3),
        }
    }

    #[test]
    fn a_snapshot_is_taken_once_for_a_purpose_of_somebody() {
        given::<Snapshot>([])
            .when(Command::Freeze(frozen("走访名单", 3)))
            .then([Event::Frozen(frozen("走访名单", 3))])
            .when(Command::Freeze(frozen("走访名单", 3)))
            .then_refused(Error::AlreadyFrozen);
    }

    #[test]
    fn what_is_frozen_stays_as_it_was() {
        fn next(_: &Snapshot, dice: &mut Dice) -> Command {
            let purpose = dice.one_of(&["走访名单", " "]);
            Command::Freeze(frozen(purpose, dice.one_of(&[0, 3, 5])))
        }
        fn law(history: &[Event], state: &Snapshot) {
            let first = history.first().map(|Event::Frozen(frozen)| frozen);
            assert_eq!(state.frozen.as_ref(), first);
            assert!(first.is_none_or(|frozen| frozen.members > 0));
        }
        hold::<Snapshot>(next, law, Error::code, Error::CODES);
    }
}
