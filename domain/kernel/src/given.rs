//! Given these events, when this command, then those events: a rule as a test that reads as one.
//!
//! Every event passes through the codec on its way, so a test of a rule is a test of what is stored.

use std::fmt::Debug;

use crate::codec::through;
use crate::decider::{Decider, fold};

/// The history before the command.
///
/// # Panics
/// When an event does not survive its stored form.
pub fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    let history: Vec<D::Event> = history.into_iter().map(stored).collect();
    Given(fold(&history))
}

pub struct Given<D>(D);

impl<D: Decider> Given<D> {
    #[must_use]
    pub fn when(self, command: D::Command) -> Decided<D> {
        Decided { outcome: self.0.decide(command), state: self.0 }
    }

    /// The folded state itself, where a test looks at it.
    #[must_use]
    pub fn state(self) -> D {
        self.0
    }
}

pub struct Decided<D: Decider> {
    state: D,
    outcome: Result<Vec<D::Event>, D::Error>,
}

impl<D: Decider> Decided<D> {
    /// # Panics
    /// When the command was refused or led to other events.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) -> Given<D> {
        let expected: Vec<D::Event> = expected.into_iter().collect();
        match self.outcome {
            Ok(events) => {
                let events: Vec<D::Event> = events.into_iter().map(stored).collect();
                assert_eq!(events, expected);
                Given(events.iter().fold(self.state, D::evolve))
            }
            Err(refusal) => panic!("expected {expected:?}, was refused: {refusal}"),
        }
    }

    /// # Panics
    /// When the command was refused or led to any event.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// # Panics
    /// When the command was accepted, or refused by another rule.
    #[track_caller]
    pub fn then_refused(self, expected: D::Error)
    where
        D::Error: PartialEq + Debug,
    {
        match self.outcome {
            Ok(events) => panic!("expected a refusal ({expected}), got {events:?}"),
            Err(refusal) => assert_eq!(refusal, expected),
        }
    }
}

#[track_caller]
fn stored<E: crate::event::Event>(event: E) -> E {
    let back = through(&event).expect("an event survives its stored form");
    assert_eq!(back, event, "an event survives its stored form unchanged");
    back
}
