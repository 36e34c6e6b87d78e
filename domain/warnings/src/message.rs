//! A message about a warning to whoever has to do something: sent through one channel, and seen.
//!
//! **Streams** `warning_message-<id>`.
//! **Invariant** a message is sent once and seen once; it names roles, divisions and cases, no contact.

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode};
use uuid::Uuid;

use crate::words::{Level, Notice, Sending};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Message {
    #[default]
    Unsent,
    Sent(Box<Sent>),
    Seen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Send(Sent),
    See { by: String, on: Date },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "warning-message.sent.v1")]
    Sent(Sent),
    #[serde(rename = "warning-message.seen.v1")]
    Seen { by: String, on: Date },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub warning: Uuid,
    pub through: Sending,
    pub notice: Notice,
    pub level: Level,
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What it says, in Chinese.
    pub text: String,
    pub on: Date,
}

refusals! {
    /// Why a message is neither sent nor seen.
    Error {
        ToNobody = "WARNING_MESSAGE_TO_NOBODY",
            "a message goes to a role or a person", "消息须有接收岗位或人员";
        Unsent = "WARNING_MESSAGE_UNKNOWN", "there is no such message", "查无此消息";
        SeenAlready = "WARNING_MESSAGE_SEEN", "the message was seen already", "该消息已阅";
    }
}

impl Decider for Message {
    const CATEGORY: &'static str = "warning_message";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Unsent, Command::Send(sent)) => {
                if sent.role.trim().is_empty() && sent.person.is_none() {
                    return Err(Error::ToNobody);
                }
                Ok(vec![Event::Sent(sent)])
            }
            // The event behind it was read again.
            (Self::Sent(_) | Self::Seen, Command::Send(_)) => Ok(vec![]),
            (Self::Unsent, Command::See { .. }) => Err(Error::Unsent),
            (Self::Sent(_), Command::See { by, on }) => Ok(vec![Event::Seen { by, on }]),
            (Self::Seen, Command::See { .. }) => Err(Error::SeenAlready),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Sent(sent) => Self::Sent(Box::new(sent.clone())),
            Event::Seen { .. } => Self::Seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    fn sent(role: &str) -> Sent {
        Sent {
            warning: Uuid::from_u128(7),
            through: Sending::Mobile,
            notice: Notice::Late,
            level: Level::Red,
            role: role.to_owned(),
            division: None,
            person: None,
            text: "红色预警待签收已超期".to_owned(),
            on: Date::constant(2026, 2, 3),
        }
    }

    fn see() -> Command {
        Command::See { by: "wu".to_owned(), on: Date::constant(2026, 2, 4) }
    }

    #[test]
    fn a_message_is_sent_once_and_seen_once() {
        given::<Message>([]).when(see()).then_refused(Error::Unsent);
        given::<Message>([]).when(Command::Send(sent(" "))).then_refused(Error::ToNobody);
        given::<Message>([Event::Sent(sent("supervisor"))])
            .when(Command::Send(sent("supervisor")))
            .then([])
            .when(see())
            .then([Event::Seen { by: "wu".to_owned(), on: Date::constant(2026, 2, 4) }])
            .when(see())
            .then_refused(Error::SeenAlready);
    }

    #[test]
    fn what_is_seen_was_sent() {
        fn next(_: &Message, dice: &mut Dice) -> Command {
            match dice.below(3) {
                0 => see(),
                _ => Command::Send(sent(dice.one_of(&["supervisor", "leader", ""]))),
            }
        }
        fn law(history: &[Event], state: &Message) {
            assert!(history.len() <= 2);
            let seen = matches!(history.get(1), Some(Event::Seen { .. }));
            assert_eq!(seen, *state == Message::Seen);
        }
        hold::<Message>(next, law, Error::code, Error::CODES);
    }
}
