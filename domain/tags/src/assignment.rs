//! A tag's value set by hand beside the computed one, and a subject's objection to it.
//!
//! **Streams** `tag_assignment-<kind>/<subject>/<tag>`.
//! **Invariant** two persons stand behind a manual value, and it ends on a day; a dispute is open
//! until it is answered (PIPL art 24: automated decisions can be refused and explained).

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::Date;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    pub manual: Option<Manual>,
    pub disputed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manual {
    pub value: String,
    pub reason: String,
    pub by: String,
    pub approver: String,
    pub on: Date,
    /// The last day.
    pub until: Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Override(Manual),
    End { by: String, on: Date },
    Dispute { by: String, on: Date, reason: String },
    Answer { by: String, on: Date, upheld: bool, answer: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "tag.overridden.v1")]
    Overridden(Manual),
    #[serde(rename = "tag.override-ended.v1")]
    Ended { by: String, on: Date },
    #[serde(rename = "tag.disputed.v1")]
    Disputed { by: String, on: Date, reason: String },
    #[serde(rename = "tag.dispute-answered.v1")]
    Answered { by: String, on: Date, upheld: bool, answer: String },
}

kernel::event!(Event);

refusals! {
    /// Why a manual value or a dispute is refused.
    Error {
        NoReason = "TAG_REASON_MISSING", "a reason is needed", "须说明原因";
        ApprovedByHimself = "TAG_OVERRIDE_BY_HIMSELF",
            "another person approves a manual value", "人工标签须由他人批准";
        Endless { on: Date, until: Date } = "TAG_OVERRIDE_ENDLESS",
            "a manual value from {on} cannot end on {until}",
            "自 {on} 起的人工标签不能于 {until} 结束";
        NotOverridden = "TAG_NOT_OVERRIDDEN", "no manual value stands", "没有人工标签";
        AlreadyDisputed = "TAG_ALREADY_DISPUTED", "a dispute is open", "已有未答复的异议";
        NotDisputed = "TAG_NOT_DISPUTED", "no dispute is open", "没有未答复的异议";
    }
}

impl Assignment {
    /// The manual value on a day.
    #[must_use]
    pub fn manual_on(&self, day: Date) -> Option<&Manual> {
        self.manual.as_ref().filter(|manual| manual.on <= day && day <= manual.until)
    }
}

impl Decider for Assignment {
    const CATEGORY: &'static str = "tag_assignment";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Override(manual) => {
                if manual.reason.trim().is_empty() {
                    return Err(Error::NoReason);
                }
                if manual.approver.trim().is_empty() || manual.approver == manual.by {
                    return Err(Error::ApprovedByHimself);
                }
                if manual.until < manual.on {
                    return Err(Error::Endless { on: manual.on, until: manual.until });
                }
                Ok(vec![Event::Overridden(manual)])
            }
            Command::End { by, on } => match self.manual {
                Some(_) => Ok(vec![Event::Ended { by, on }]),
                None => Err(Error::NotOverridden),
            },
            Command::Dispute { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::Dispute { .. } if self.disputed => Err(Error::AlreadyDisputed),
            Command::Dispute { by, on, reason } => Ok(vec![Event::Disputed { by, on, reason }]),
            Command::Answer { .. } if !self.disputed => Err(Error::NotDisputed),
            Command::Answer { answer, .. } if answer.trim().is_empty() => Err(Error::NoReason),
            Command::Answer { by, on, upheld, answer } => {
                Ok(vec![Event::Answered { by, on, upheld, answer }])
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Overridden(manual) => self.manual = Some(manual.clone()),
            Event::Ended { .. } => self.manual = None,
            Event::Disputed { .. } => self.disputed = true,
            Event::Answered { .. } => self.disputed = false,
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    const ON: Date = Date::constant(2026, 2, 10);

    fn manual(reason: &str, approver: &str, until: i8) -> Manual {
        Manual {
            value: "true".to_owned(),
            reason: reason.to_owned(),
            by: "chen".to_owned(),
            approver: approver.to_owned(),
            on: ON,
            until: Date::constant(2026, 2, until),
        }
    }

    #[test]
    fn a_manual_value_has_two_persons_a_reason_and_an_end() {
        let state = given::<Assignment>([])
            .when(Command::Override(manual("材料齐全", "wu", 20)))
            .then([Event::Overridden(manual("材料齐全", "wu", 20))])
            .state();
        assert!(state.manual_on(Date::constant(2026, 2, 20)).is_some());
        assert!(state.manual_on(Date::constant(2026, 2, 21)).is_none());
        let table = [
            (manual("", "wu", 20), Error::NoReason),
            (manual("好", "chen", 20), Error::ApprovedByHimself),
            (manual("好", "wu", 9), Error::Endless { on: ON, until: Date::constant(2026, 2, 9) }),
        ];
        for (wrong, refusal) in table {
            given::<Assignment>([]).when(Command::Override(wrong)).then_refused(refusal);
        }
    }

    #[test]
    fn nobody_approves_his_own_and_every_dispute_is_answered_once() {
        fn next(_: &Assignment, dice: &mut Dice) -> Command {
            let (by, on) = ("zhang".to_owned(), ON);
            let text = dice.one_of(&["原因", "原因", ""]).to_owned();
            match dice.below(4) {
                0 => {
                    let (approver, until) = (dice.one_of(&["wu", "chen"]), dice.one_of(&[20, 9]));
                    Command::Override(manual(&text, approver, until))
                }
                1 => Command::End { by, on },
                2 => Command::Dispute { by, on, reason: text },
                _ => Command::Answer { by, on, upheld: dice.below(2) == 0, answer: text },
            }
        }
        fn law(history: &[Event], state: &Assignment) {
            let count =
                |wanted: fn(&Event) -> bool| history.iter().filter(|one| wanted(one)).count();
            let disputed = count(|event| matches!(event, Event::Disputed { .. }));
            let answered = count(|event| matches!(event, Event::Answered { .. }));
            assert_eq!(disputed, answered + usize::from(state.disputed));
            assert!(state.manual.as_ref().is_none_or(|manual| manual.by != manual.approver));
        }
        hold::<Assignment>(next, law, Error::code, Error::CODES);
    }
}
