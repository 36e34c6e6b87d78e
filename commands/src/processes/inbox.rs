//! Commands of processes that a rule refused, until a person has dealt with them.
//!
//! **Streams** `inbox-<command id>`.
//! **Invariant** a refused command stays until somebody resolves it with a note or its retry
//! succeeds; while it is there, or was resolved, the process does not issue it again by itself.

use kernel::process::derived_id;
use kernel::{Decider, Revision, StreamName};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::envelope::Envelope;
use crate::error::{CommandError, Refusal};
use crate::execute::{Done, Executor};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Inbox {
    #[default]
    Empty,
    Refused(Box<Item>),
    Over,
}

/// What was refused, and what of. Ids and rule texts, never personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub process: String,
    /// The event that the command answered, and its stream.
    pub event: Uuid,
    pub stream: StreamName,
    pub index: u32,
    pub operation: String,
    /// The refusal.
    pub code: String,
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Refuse(Item),
    Resolve { by: String, note: String },
    Retry { by: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "inbox.refused.v1")]
    Refused(Item),
    #[serde(rename = "inbox.resolved.v1")]
    Resolved { by: String, note: String },
    /// The command was tried again and carried out.
    #[serde(rename = "inbox.retried.v1")]
    Retried { by: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    #[error("no such command lies in the inbox")]
    Empty,
    #[error("the refused command was dealt with already")]
    Over,
    #[error("resolving needs a note")]
    NoNote,
}

impl Error {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "INBOX_ITEM_UNKNOWN",
            Self::Over => "INBOX_ITEM_OVER",
            Self::NoNote => "NOTE_MISSING",
        }
    }
}

impl Refusal for Error {
    fn code(&self) -> &'static str {
        Error::code(self)
    }

    fn zh(&self) -> String {
        match self {
            Self::Empty => "收件箱中没有该命令",
            Self::Over => "该命令已处理完毕",
            Self::NoNote => "处理须填写说明",
        }
        .to_owned()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoNote => Some("note"),
            Self::Empty | Self::Over => None,
        }
    }
}

impl Decider for Inbox {
    const CATEGORY: &'static str = "inbox";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Empty, Command::Refuse(item)) => Ok(vec![Event::Refused(item)]),
            // The process read the event again.
            (Self::Refused(_) | Self::Over, Command::Refuse(_)) => Ok(vec![]),
            (Self::Refused(_), Command::Resolve { note, .. }) if note.trim().is_empty() => {
                Err(Error::NoNote)
            }
            (Self::Refused(_), Command::Resolve { by, note }) => {
                Ok(vec![Event::Resolved { by, note }])
            }
            (Self::Refused(_), Command::Retry { by }) => Ok(vec![Event::Retried { by }]),
            (Self::Empty, Command::Resolve { .. } | Command::Retry { .. }) => Err(Error::Empty),
            (Self::Over, Command::Resolve { .. } | Command::Retry { .. }) => Err(Error::Over),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Refused(item) => Self::Refused(Box::new(item.clone())),
            Event::Resolved { .. } | Event::Retried { .. } => Self::Over,
        }
    }
}

/// A person closes the matter without the command.
///
/// # Errors
/// [`Error`] as a refusal.
pub async fn resolve(
    executor: &Executor,
    envelope: &Envelope,
    refused: Uuid,
    note: &str,
) -> Result<Done, CommandError> {
    let input = (refused, note);
    let resolve = Command::Resolve { by: envelope.actor.clone(), note: note.to_owned() };
    executor
        .execute::<Inbox>(envelope, "inboxResolve", &input, refused, |_, _| Ok(resolve.clone()))
        .await
}

pub(crate) async fn holds(executor: &Executor, refused: Uuid) -> Result<bool, CommandError> {
    let (_, revision) = executor.load::<Inbox>(refused).await?;
    Ok(revision > Revision::NONE)
}

/// `refused` is the envelope of the refused command.
pub(crate) async fn record(
    executor: &Executor,
    refused: &Envelope,
    item: Item,
) -> Result<(), CommandError> {
    let envelope = refused.step(derived_id("inbox", &[refused.command_id.as_bytes()]));
    // The refusal's wording may differ when two nodes meet it; that it was refused does not.
    let input = (&item.process, item.event, item.index);
    executor
        .execute::<Inbox>(&envelope, "inboxRefuse", &input, refused.command_id, |_, _| {
            Ok(Command::Refuse(item.clone()))
        })
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::given;

    use super::*;

    fn item() -> Item {
        Item {
            process: "hold".to_owned(),
            event: Uuid::from_u128(1),
            stream: StreamName::new("person", 1),
            index: 0,
            operation: "obligationHold".to_owned(),
            code: "PAID_ALREADY".to_owned(),
            zh: "已发放".to_owned(),
            en: "paid already".to_owned(),
        }
    }

    #[test]
    fn a_refused_command_waits_until_a_person_closes_it() {
        let resolve = |note: &str| Command::Resolve { by: "a".to_owned(), note: note.to_owned() };
        given::<Inbox>([]).when(resolve("x")).then_refused(Error::Empty);
        given::<Inbox>([Event::Refused(item())])
            .when(Command::Refuse(item()))
            .then([])
            .when(resolve("x"))
            .then([Event::Resolved { by: "a".to_owned(), note: "x".to_owned() }])
            .when(Command::Retry { by: "a".to_owned() })
            .then_refused(Error::Over);
        given::<Inbox>([Event::Refused(item())]).when(resolve(" ")).then_refused(Error::NoNote);
    }
}
