//! A fact about a subject that a person or an exchange observed, from a business date on: published
//! fund figures, gaps of an exchange, what the register cannot see.
//!
//! **Streams** `observation-<kind>/<subject>/<fact>`.
//! **Invariant** what is withdrawn was recorded; every observation names its source.

use std::collections::BTreeMap;

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::Date;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// What holds from each date.
    pub standing: BTreeMap<Date, String>,
}

/// Whether the word and the value are of the vocabulary is judged before the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Record(Recorded),
    Withdraw { kind: String, subject: String, fact: String, from: Date, reason: String, by: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "observation.recorded.v1")]
    Recorded(Recorded),
    #[serde(rename = "observation.withdrawn.v1")]
    Withdrawn {
        kind: String,
        subject: String,
        fact: String,
        from: Date,
        reason: String,
        by: String,
    },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// `person`, `fund`, …
    pub kind: String,
    /// Id or code.
    pub subject: String,
    pub fact: String,
    /// The first business date; the first of the month for a monthly figure.
    pub from: Date,
    /// As a definition writes it.
    pub value: String,
    /// Who published or saw it.
    pub source: String,
    pub by: String,
}

refusals! {
    /// Why an observation is refused.
    Error {
        NoSource = "OBSERVATION_SOURCE_MISSING",
            "an observation names its source", "观测数据须注明来源";
        NothingThere { from: Date } = "OBSERVATION_NOT_THERE",
            "nothing was observed from {from} on", "{from} 没有观测数据";
        NoReason = "OBSERVATION_REASON_MISSING",
            "a withdrawal needs a reason", "撤回须说明原因";
    }
}

/// The id of the stream of one fact of one subject.
#[must_use]
pub fn stream_id(kind: &str, subject: &str, fact: &str) -> String {
    format!("{kind}/{subject}/{fact}")
}

impl Decider for Observation {
    const CATEGORY: &'static str = "observation";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Record(recorded) if recorded.source.trim().is_empty() => Err(Error::NoSource),
            Command::Record(recorded) => {
                let same = self.standing.get(&recorded.from) == Some(&recorded.value);
                Ok(if same { vec![] } else { vec![Event::Recorded(recorded)] })
            }
            Command::Withdraw { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::Withdraw { from, .. } if !self.standing.contains_key(&from) => {
                Err(Error::NothingThere { from })
            }
            Command::Withdraw { kind, subject, fact, from, reason, by } => {
                Ok(vec![Event::Withdrawn { kind, subject, fact, from, reason, by }])
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Recorded(recorded) => {
                self.standing.insert(recorded.from, recorded.value.clone());
            }
            Event::Withdrawn { from, .. } => {
                self.standing.remove(from);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    fn recorded(month: i8, value: &str, source: &str) -> Recorded {
        Recorded {
            kind: "fund".to_owned(),
            subject: "unemployment-national".to_owned(),
            fact: "surplus".to_owned(),
            from: Date::constant(2025, month, 1),
            value: value.to_owned(),
            source: source.to_owned(),
            by: "chen".to_owned(),
        }
    }

    #[test]
    fn an_observation_is_recorded_once_with_its_source() {
        let july = recorded(7, "-400000000.00", "人社部月报");
        given::<Observation>([])
            .when(Command::Record(july.clone()))
            .then([Event::Recorded(july.clone())])
            .when(Command::Record(july))
            .then_nothing();
        given::<Observation>([])
            .when(Command::Record(recorded(7, "1.00", " ")))
            .then_refused(Error::NoSource);
    }

    #[test]
    fn what_is_withdrawn_was_recorded() {
        fn next(_: &Observation, dice: &mut Dice) -> Command {
            let month = dice.one_of(&[7, 8]);
            match dice.below(3) {
                0 => Command::Withdraw {
                    kind: "fund".to_owned(),
                    subject: "unemployment-national".to_owned(),
                    fact: "surplus".to_owned(),
                    from: Date::constant(2025, month, 1),
                    reason: dice.one_of(&["误录", "误录", ""]).to_owned(),
                    by: "wu".to_owned(),
                },
                _ => {
                    let source = dice.one_of(&["月报", "月报", ""]);
                    Command::Record(recorded(month, dice.one_of(&["1.00", "2.00"]), source))
                }
            }
        }
        fn law(history: &[Event], state: &Observation) {
            let last = |date: &Date| {
                history.iter().rev().find_map(|event| match event {
                    Event::Recorded(recorded) if recorded.from == *date => {
                        Some(Some(recorded.value.clone()))
                    }
                    Event::Withdrawn { from, .. } if from == date => Some(None),
                    Event::Recorded(_) | Event::Withdrawn { .. } => None,
                })
            };
            for month in [7, 8] {
                let date = Date::constant(2025, month, 1);
                assert_eq!(last(&date).flatten().as_ref(), state.standing.get(&date));
            }
        }
        hold::<Observation>(next, law, Error::code, Error::CODES);
    }
}
