//! A rule muted for a subject, by a person, for a reason, until a day (静默).
//!
//! **Streams** `warning_suppression-<id>`.
//! **Invariant** every suppression ends; what it mutes is counted in the log, not forgotten.

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::Date;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Suppression {
    #[default]
    Unknown,
    Standing(Terms),
    Over,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub rule: String,
    /// The subject's id, or `*` for all.
    pub subject: String,
    pub reason: String,
    pub by: String,
    pub on: Date,
    /// The last day.
    pub until: Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Mute(Terms),
    /// A signal that it kept back.
    Keep {
        case_level: String,
        position: u64,
        on: Date,
    },
    Unmute {
        by: String,
        on: Date,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "warning.suppressed.v1")]
    Suppressed(Terms),
    #[serde(rename = "warning.signal-kept-back.v1")]
    KeptBack { level: String, position: u64, on: Date },
    #[serde(rename = "warning.suppression-ended.v1")]
    Ended { by: String, on: Date },
}

kernel::event!(Event);

refusals! {
    /// Why a suppression is refused.
    Error {
        Unknown = "SUPPRESSION_UNKNOWN", "there is no such suppression", "查无此静默";
        Standing = "SUPPRESSION_STANDING", "the rule is muted already", "该规则已静默";
        Over = "SUPPRESSION_OVER", "the suppression is over", "静默已结束";
        NoReason = "SUPPRESSION_REASON_MISSING", "a suppression needs a reason", "静默须说明原因";
        Endless { on: Date, until: Date } = "SUPPRESSION_ENDLESS",
            "a suppression from {on} cannot end on {until}",
            "自 {on} 起的静默不能于 {until} 结束";
    }
}

impl Suppression {
    /// Whether it mutes on this day.
    #[must_use]
    pub fn mutes(&self, on: Date) -> bool {
        match self {
            Self::Standing(terms) => terms.on <= on && on <= terms.until,
            Self::Unknown | Self::Over => false,
        }
    }
}

impl Decider for Suppression {
    const CATEGORY: &'static str = "warning_suppression";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Unknown, Command::Mute(terms)) => {
                if terms.reason.trim().is_empty() {
                    return Err(Error::NoReason);
                }
                if terms.until < terms.on {
                    return Err(Error::Endless { on: terms.on, until: terms.until });
                }
                Ok(vec![Event::Suppressed(terms)])
            }
            (Self::Standing(_), Command::Mute(_)) => Err(Error::Standing),
            (Self::Over, Command::Mute(_)) => Err(Error::Over),
            (Self::Standing(_), Command::Keep { case_level, position, on }) => {
                Ok(vec![Event::KeptBack { level: case_level, position, on }])
            }
            (Self::Standing(_), Command::Unmute { by, on }) => Ok(vec![Event::Ended { by, on }]),
            (Self::Unknown, Command::Keep { .. } | Command::Unmute { .. }) => Err(Error::Unknown),
            (Self::Over, Command::Keep { .. } | Command::Unmute { .. }) => Err(Error::Over),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Suppressed(terms) => Self::Standing(terms.clone()),
            Event::KeptBack { .. } => self,
            Event::Ended { .. } => Self::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    fn terms(reason: &str, until: i8) -> Terms {
        Terms {
            rule: "return-rate".to_owned(),
            subject: "BOC".to_owned(),
            reason: reason.to_owned(),
            by: "chen".to_owned(),
            on: Date::constant(2026, 2, 10),
            until: Date::constant(2026, 2, until),
        }
    }

    #[test]
    fn a_suppression_has_a_person_a_reason_and_an_end() {
        let mute = Command::Mute(terms("系统切换", 20));
        let muted = Event::Suppressed(terms("系统切换", 20));
        let state = given::<Suppression>([]).when(mute.clone()).then([muted.clone()]).state();
        assert!(state.mutes(Date::constant(2026, 2, 20)));
        assert!(!state.mutes(Date::constant(2026, 2, 21)));
        given::<Suppression>([]).when(Command::Mute(terms(" ", 20))).then_refused(Error::NoReason);
        let on = Date::constant(2026, 2, 11);
        given::<Suppression>([muted])
            .when(Command::Keep { case_level: "orange".to_owned(), position: 9, on })
            .then([Event::KeptBack { level: "orange".to_owned(), position: 9, on }])
            .when(Command::Unmute { by: "chen".to_owned(), on })
            .then([Event::Ended { by: "chen".to_owned(), on }])
            .when(mute)
            .then_refused(Error::Over);
    }

    #[test]
    fn every_suppression_ends() {
        fn next(state: &Suppression, dice: &mut Dice) -> Command {
            let on = Date::constant(2026, 2, 11);
            let fitting: &[usize] = match state {
                Suppression::Unknown => &[0, 0, 0, 3, 1, 2],
                Suppression::Standing(_) | Suppression::Over => &[0, 1, 1, 2],
            };
            match dice.one_of(fitting) {
                0 => Command::Mute(terms(dice.one_of(&["切换", "切换", ""]), 20)),
                1 => Command::Keep { case_level: "red".to_owned(), position: 3, on },
                2 => Command::Unmute { by: "wu".to_owned(), on },
                _ => Command::Mute(terms("切换", 9)),
            }
        }
        fn law(history: &[Event], state: &Suppression) {
            if let Some(Event::Suppressed(terms)) = history.first() {
                assert!(terms.until >= terms.on && !state.mutes(terms.until.tomorrow().unwrap()));
            }
            assert!(history.iter().skip(1).all(|event| !matches!(event, Event::Suppressed(_))));
        }
        hold::<Suppression>(next, law, Error::code, Error::CODES);
    }
}
