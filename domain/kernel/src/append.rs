//! One atomic write: events in several streams, the conditions under which it stands, and what it
//! makes unique. All of it happens, or none.

use std::collections::HashSet;
use std::hash::Hash;

use thiserror::Error;
use uuid::Uuid;

use crate::event::{Encoded, Event};
use crate::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX};
use crate::meta::Meta;
use crate::ports::Micros;
use crate::stream::{Position, Revision, StreamName};

/// What a writer asks of the log.
#[derive(Debug, Clone)]
pub struct Append {
    pub writes: Vec<Write>,
    /// Streams that are only looked at, and must not have moved.
    pub guards: Vec<Guard>,
    /// No event of these types may lie after the position from which a decision took its facts.
    pub none_since: Option<NoneSince>,
    pub take: Vec<Claim>,
    pub release: Vec<Claim>,
    /// Look-up entries by blind index: many subjects may share one.
    pub index: Vec<Lookup>,
    pub unindex: Vec<Lookup>,
    pub command: Option<CommandRecord>,
    pub meta: Meta,
}

impl Append {
    #[must_use]
    pub fn new(meta: Meta) -> Self {
        Self {
            writes: Vec::new(),
            guards: Vec::new(),
            none_since: None,
            take: Vec::new(),
            release: Vec::new(),
            index: Vec::new(),
            unindex: Vec::new(),
            command: None,
            meta,
        }
    }

    #[must_use]
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    #[must_use]
    pub fn guard(mut self, stream: StreamName, revision: Revision) -> Self {
        self.guards.push(Guard { stream, revision });
        self
    }

    #[must_use]
    pub fn none_since<T: Into<String>>(
        mut self,
        types: impl IntoIterator<Item = T>,
        after: Position,
    ) -> Self {
        self.none_since =
            Some(NoneSince { types: types.into_iter().map(Into::into).collect(), after });
        self
    }

    #[must_use]
    pub fn take(mut self, key: impl Into<String>, holder: impl Into<String>) -> Self {
        self.take.push(Claim { key: key.into(), holder: holder.into() });
        self
    }

    #[must_use]
    pub fn release(mut self, key: impl Into<String>, holder: impl Into<String>) -> Self {
        self.release.push(Claim { key: key.into(), holder: holder.into() });
        self
    }

    #[must_use]
    pub fn command(mut self, command: CommandRecord) -> Self {
        self.command = Some(command);
        self
    }

    /// What is wrong with it whatever the log holds: every backend asks this first.
    ///
    /// # Errors
    /// [`AppendError::TooLarge`] and [`AppendError::Twice`].
    pub fn check(&self) -> Result<(), AppendError> {
        let (events, bytes) = (self.len(), self.bytes());
        if events > APPEND_EVENTS_MAX || bytes > APPEND_BYTES_MAX {
            return Err(AppendError::TooLarge {
                events,
                bytes,
                max_events: APPEND_EVENTS_MAX,
                max_bytes: APPEND_BYTES_MAX,
            });
        }
        once("stream", self.writes.iter().map(|write| write.stream.as_str()))?;
        once("guard", self.guards.iter().map(|guard| guard.stream.as_str()))?;
        once("claim", self.take.iter().map(|claim| claim.key.as_str()))?;
        once("release", self.release.iter().map(|claim| claim.key.as_str()))?;
        once("event id", self.writes.iter().flat_map(|write| &write.events).map(|event| event.id))
    }

    /// How many events it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes of payload it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.writes.iter().flat_map(|write| &write.events).map(|event| event.data.len()).sum()
    }
}

fn once<T: Eq + Hash + ToString>(
    what: &'static str,
    names: impl Iterator<Item = T>,
) -> Result<(), AppendError> {
    let mut seen = HashSet::with_capacity(names.size_hint().0);
    for name in names {
        if seen.contains(&name) {
            return Err(AppendError::Twice { what, which: name.to_string() });
        }
        seen.insert(name);
    }
    Ok(())
}

/// Events for one stream, which must stand at `expected` when they are written.
#[derive(Debug, Clone)]
pub struct Write {
    pub stream: StreamName,
    pub expected: Revision,
    pub events: Vec<NewEvent>,
}

impl Write {
    pub fn new<'a, E: Event>(
        stream: StreamName,
        expected: Revision,
        ids: &mut impl FnMut() -> Uuid,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Self {
        let events =
            events.into_iter().map(|event| NewEvent::encoded(ids(), event.encode())).collect();
        Self { stream, expected, events }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub id: Uuid,
    pub type_name: String,
    pub data: String,
}

impl NewEvent {
    #[must_use]
    pub fn encoded(id: Uuid, Encoded { type_name, data }: Encoded) -> Self {
        Self { id, type_name: type_name.to_owned(), data }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    pub stream: StreamName,
    pub revision: Revision,
}

/// `types` are type names without their version (`death.confirmed`) or with a final star for a
/// whole family (`death.*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoneSince {
    pub types: Vec<String>,
    pub after: Position,
}

impl NoneSince {
    /// Whether a stored type name (`death.confirmed.v2`) is one of these.
    #[must_use]
    pub fn matches(&self, type_name: &str) -> bool {
        self.types.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(family) => type_name.starts_with(family),
            None => type_name.rsplit_once(".v").is_some_and(|(name, _)| name == pattern),
        })
    }
}

/// A key that one holder has at a time: `person-no:<blind index>`, `obligation:<…>`, `day:<date>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    pub key: String,
    /// A stream name, or whatever else lets a person find who has it.
    pub holder: String,
}

/// An entry of a look-up table: `kind` (`name`, `phone`), the blind index, the subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lookup {
    pub kind: String,
    pub blind: String,
    pub subject: Uuid,
}

/// The caller's own id of a command, what was asked (as a keyed digest) and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRecord {
    pub id: Uuid,
    pub digest: [u8; 32],
    /// Ids only, never personal data.
    pub result: String,
}

/// How an append ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Written now. An append without events has `first > last`.
    Now { first: Position, last: Position, recorded_at: Micros },
    /// The same command was carried out before: its result, and where it ended.
    Before { result: String, last: Position },
}

impl Appended {
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            Self::Now { last, .. } | Self::Before { last, .. } => *last,
        }
    }
}

/// Everything that stood in the way, not just the first thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conflicts {
    pub revisions: Vec<RevisionConflict>,
    pub since: Vec<SinceConflict>,
    pub claims: Vec<ClaimConflict>,
}

impl Conflicts {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty() && self.since.is_empty() && self.claims.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionConflict {
    pub stream: StreamName,
    pub expected: Revision,
    pub actual: Revision,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinceConflict {
    pub position: Position,
    pub stream: StreamName,
    pub type_name: String,
}

/// A contested key. `held` is `None` where a release found nobody holding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimConflict {
    pub key: String,
    pub held: Option<Held>,
}

/// Who holds a key, and since which position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub holder: String,
    pub position: Position,
}

#[derive(Debug, Error)]
pub enum AppendError {
    #[error(
        "the append stands against what is written: {} streams moved, {} events came between, {} keys are contested",
        .0.revisions.len(), .0.since.len(), .0.claims.len()
    )]
    Conflict(Conflicts),
    #[error("command {id} was carried out before with another content")]
    CommandAltered { id: Uuid },
    #[error("event id {id} stands in the log already")]
    EventIdTaken { id: Uuid },
    #[error(
        "an append holds at most {max_events} events and {max_bytes} bytes, not {events} and {bytes}"
    )]
    TooLarge { events: usize, bytes: usize, max_events: usize, max_bytes: usize },
    #[error("the append names {what} twice: {which}")]
    Twice { what: &'static str, which: String },
    #[error("the log takes no writes: {0}")]
    ReadOnly(String),
    #[error("this writer was fenced off: epoch {held} was superseded by {current}")]
    Fenced { held: u64, current: u64 },
    /// It may or may not be written: ask again with the same command id.
    #[error("the outcome of the append is not known: {0}")]
    Uncertain(String),
    #[error("the log is not there: {0}")]
    Unavailable(String),
}

impl AppendError {
    /// Whether the same append, unchanged and with its command id, may be tried again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Uncertain(_) | Self::Unavailable(_))
    }
}
