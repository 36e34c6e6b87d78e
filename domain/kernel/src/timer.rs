//! A deadline finer than a day: set by an event, fired once by a command.
//!
//! **Streams** `timer-<id>`. **Invariant** a timer fires at most once, and never after it was
//! cancelled. Whole days need no timer: `calendar.day_opened` is one event per business day.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::decider::Decider;
use crate::ports::Micros;
use crate::process::derived_id;

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Timer {
    #[default]
    Unset,
    Set {
        due: Micros,
        about: String,
    },
    Over,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Set { due: Micros, about: String },
    Cancel,
    Fire { now: Micros },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// `about` is the stream that waits; `due` in microseconds since 1970.
    #[serde(rename = "timer.set.v1")]
    Set { due: Micros, about: String },
    #[serde(rename = "timer.cancelled.v1")]
    Cancelled {},
    #[serde(rename = "timer.fired.v1")]
    Fired { due: Micros, about: String },
}

crate::event!(Event);

#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    #[error("the timer is set already")]
    AlreadySet,
    #[error("the timer was never set")]
    Unset,
    #[error("the timer is over")]
    Over,
    #[error("the timer is due at {due}, it is {now}")]
    TooEarly { due: Micros, now: Micros },
}

/// The id of the command that fires a timer.
#[must_use]
pub fn fire_id(timer: Uuid, due: Micros) -> Uuid {
    derived_id("timer", &[timer.as_bytes(), &due.0.to_be_bytes()])
}

impl Decider for Timer {
    const CATEGORY: &'static str = "timer";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Unset, Command::Set { due, about }) => Ok(vec![Event::Set { due, about }]),
            (Self::Set { .. } | Self::Over, Command::Set { .. }) => Err(Error::AlreadySet),
            (Self::Set { .. }, Command::Cancel) => Ok(vec![Event::Cancelled {}]),
            (Self::Set { due, .. }, Command::Fire { now }) if now < *due => {
                Err(Error::TooEarly { due: *due, now })
            }
            (Self::Set { due, about }, Command::Fire { .. }) => {
                Ok(vec![Event::Fired { due: *due, about: about.clone() }])
            }
            (Self::Unset, Command::Cancel | Command::Fire { .. }) => Err(Error::Unset),
            (Self::Over, Command::Cancel | Command::Fire { .. }) => Err(Error::Over),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Set { due, about } => Self::Set { due: *due, about: about.clone() },
            Event::Cancelled {} | Event::Fired { .. } => Self::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given;

    fn set() -> Event {
        Event::Set { due: Micros(10), about: "batch-1".to_owned() }
    }

    #[test]
    fn a_timer_fires_once_and_not_before_it_is_due() {
        let early = Error::TooEarly { due: Micros(10), now: Micros(9) };
        given::<Timer>([set()]).when(Command::Fire { now: Micros(9) }).then_refused(early);
        let fired = Event::Fired { due: Micros(10), about: "batch-1".to_owned() };
        given::<Timer>([set()])
            .when(Command::Fire { now: Micros(11) })
            .then([fired])
            .when(Command::Fire { now: Micros(12) })
            .then_refused(Error::Over);
    }

    #[test]
    fn a_cancelled_timer_never_fires() {
        given::<Timer>([set(), Event::Cancelled {}])
            .when(Command::Fire { now: Micros(99) })
            .then_refused(Error::Over);
    }
}
