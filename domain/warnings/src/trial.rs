//! The trial of a rule version against the whole log, which must stand before it may raise anything.
//!
//! **Streams** `warning_trial-<digest of the version>`.
//! **Invariant** a version that would raise more than its limit is accepted in so many words.

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    pub stands: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub result: Outcome,
    /// More than so many must be accepted.
    pub limit: u32,
    pub accepted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "warning.rule-tried.v1")]
    Tried(Outcome),
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub rule: String,
    pub digest: String,
    /// The log was read up to here.
    pub position: u64,
    /// Warnings by their worst level, in the order of levels.
    pub levels: Vec<(String, u32)>,
    pub subjects: u32,
    pub by: String,
}

refusals! {
    /// Why a trial does not stand.
    Error {
        OverLimit { raised: u32, limit: u32 } = "WARNING_TRIAL_OVER_LIMIT",
            "the rule would have raised {raised} warnings, more than its limit of {limit}: accept it",
            "该规则将产生 {raised} 条预警，超过上限 {limit} 条，须再次确认";
        NoDigest = "WARNING_TRIAL_OF_NOTHING",
            "a trial names the version that it tried", "回测须指明规则版本";
    }
}

impl Decider for Trial {
    const CATEGORY: &'static str = "warning_trial";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, Command { result, limit, accepted }: Command) -> Result<Vec<Event>, Error> {
        if result.digest.is_empty() {
            return Err(Error::NoDigest);
        }
        let raised = result.levels.iter().map(|(_, number)| number).sum();
        if raised > limit && !accepted {
            return Err(Error::OverLimit { raised, limit });
        }
        Ok(vec![Event::Tried(result)])
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Tried(_) => Self { stands: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    fn command(raised: u32, accepted: bool, digest: &str) -> Command {
        let result = Outcome {
            rule: "bank-return-rate".to_owned(),
            digest: digest.to_owned(),
            position: 900,
            levels: vec![("yellow".to_owned(), raised), ("red".to_owned(), 1)],
            subjects: 2,
            by: "anna".to_owned(),
        };
        Command { result, limit: 10, accepted }
    }

    #[test]
    fn a_version_over_its_limit_is_accepted_in_so_many_words() {
        let few = command(9, false, "ab12");
        given::<Trial>([]).when(few.clone()).then([Event::Tried(few.result)]);
        let many = command(10, false, "ab12");
        given::<Trial>([]).when(many).then_refused(Error::OverLimit { raised: 11, limit: 10 });
        let many = command(10, true, "ab12");
        given::<Trial>([]).when(many.clone()).then([Event::Tried(many.result)]);
    }

    #[test]
    fn a_trial_stands_when_it_was_recorded() {
        fn next(_: &Trial, dice: &mut Dice) -> Command {
            let digest = dice.one_of(&["ab12", "ab12", ""]);
            command(dice.one_of(&[1, 20]), dice.below(2) == 0, digest)
        }
        fn law(history: &[Event], state: &Trial) {
            assert_eq!(state.stands, !history.is_empty());
        }
        hold::<Trial>(next, law, Error::code, Error::CODES);
    }
}
