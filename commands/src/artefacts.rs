//! The receipt of a file: a bank file, a reply, an upload, an export. The bytes lie outside the log.
//!
//! **Streams** `artefact-<SM3 digest>`.
//! **Invariant** a file has one receipt, the first one, however often it arrives.

use std::convert::Infallible;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use shared::ArtefactId;

use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::{Done, Executor};
use crate::ports::Artefacts;
use crate::unit::Unit;

const NAME_HINT_CHARS_MAX: usize = 80;
/// A run of digits this long may be a telephone, card or document number.
const DIGITS_MAX: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Artefact {
    #[default]
    Unknown,
    Received(Receipt),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Receive(Receipt),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "artefact.received.v1")]
    Received(Receipt),
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub id: ArtefactId,
    pub kind: Kind,
    /// Clear bytes.
    pub bytes: u64,
    /// What the sender called it, as far as that cannot be personal: see [`name_hint`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_hint: Option<String>,
    /// Who brought it: a user, or `process:<name>`.
    pub by: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Composed for a bank.
    BankFile,
    /// Came from a bank.
    Reply,
    Upload,
    Export,
}

/// What came of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub id: ArtefactId,
    /// The file was here before; its first receipt stands.
    pub before: bool,
}

impl Decider for Artefact {
    const CATEGORY: &'static str = "artefact";
    type Command = Command;
    type Event = Event;
    type Error = Infallible;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Infallible> {
        match (self, command) {
            (Self::Unknown, Command::Receive(receipt)) => Ok(vec![Event::Received(receipt)]),
            (Self::Received(_), Command::Receive(_)) => Ok(vec![]),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Received(receipt) => Self::Received(receipt.clone()),
        }
    }

    fn weight(&self) -> usize {
        let texts = match self {
            Self::Unknown => 0,
            Self::Received(receipt) => {
                receipt.by.len() + receipt.name_hint.as_ref().map_or(0, String::len)
            }
        };
        size_of_val(self) + texts
    }
}

/// Records that a stored file arrived.
///
/// # Errors
/// [`CommandError::NotFound`] when the store does not have it.
pub async fn receive(
    executor: &Executor,
    envelope: &Envelope,
    artefacts: &dyn Artefacts,
    id: ArtefactId,
    kind: Kind,
    file_name: Option<&str>,
) -> Result<Done<Received>, CommandError> {
    let bytes = artefacts
        .size(id)
        .await?
        .ok_or_else(|| CommandError::NotFound { what: "artefact", id: id.to_string() })?;
    let name_hint = file_name.and_then(name_hint);
    let receipt = Receipt { id, kind, bytes, name_hint, by: envelope.actor.clone() };
    executor
        .run(envelope, "artefactReceive", &(id, kind), async |unit: Unit| {
            let decided = unit.decide::<Artefact>(id, Command::Receive(receipt.clone())).await?;
            Ok(Received { id, before: decided.events == 0 })
        })
        .await
}

/// A file name without what may be personal: only ASCII letters, digits, dots, dashes and
/// underscores stay, and runs of more than eight digits go. `None` where nothing is left.
#[must_use]
pub fn name_hint(file_name: &str) -> Option<String> {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let mut hint = String::new();
    let mut digits = 0;
    for c in base.chars().chain(['.']) {
        if c.is_ascii_digit() {
            digits += 1;
            hint.push(c);
            continue;
        }
        if digits > DIGITS_MAX {
            hint.truncate(hint.len() - digits);
            hint.push('#');
        }
        digits = 0;
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            hint.push(c);
        }
    }
    hint.pop();
    let from = hint.len().saturating_sub(NAME_HINT_CHARS_MAX);
    // The end tells more than the beginning: it has the extension. All of it is ASCII.
    let hint = &hint[from..];
    hint.contains(|c: char| c.is_ascii_alphanumeric()).then(|| hint.to_owned())
}

#[cfg(test)]
mod tests {
    use kernel::given;

    use super::*;

    fn receipt(by: &str) -> Receipt {
        Receipt {
            id: ArtefactId::from_digest([7; 32]),
            kind: Kind::Reply,
            bytes: 12,
            name_hint: name_hint("FF0120260302.txt"),
            by: by.to_owned(),
        }
    }

    #[test]
    fn the_same_file_keeps_its_first_receipt() {
        given::<Artefact>([])
            .when(Command::Receive(receipt("a")))
            .then([Event::Received(receipt("a"))])
            .when(Command::Receive(receipt("b")))
            .then_nothing();
    }

    #[test]
    fn a_name_hint_holds_no_name_and_no_number() {
        for (name, hint) in [
            ("C:\\files\\FF_20260302.txt", Some("FF_20260302.txt")),
            ("张三-320602199001011234.xlsx", Some("-#.xlsx")),
            ("13812345678", None),
            ("发放结果", None),
            ("a.b", Some("a.b")),
        ] {
            assert_eq!(name_hint(name).as_deref(), hint, "{name}");
        }
    }
}
