//! A definition put in force, version by version: publishing is a business action with an author
//! and an approver.
//!
//! **Streams** `definition-<kind>-<id>`.
//! **Invariant** a version, once published, never changes; a change is the next version.
//!
//! Whether a body keeps the vocabulary and its references hold is judged before the command, by
//! [`Catalogue::amended`]: it takes the other definitions.

use kernel::{Decider, StreamName};
use serde::{Deserialize, Serialize};
use shared::Date;
use thiserror::Error;

use crate::canonical;
use crate::catalogue::{Catalogue, Definition};

/// Who publishes what is built into the program, at first start and only then.
pub const SYSTEM: &str = "system";

/// One definition's versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Publication {
    #[default]
    Unpublished,
    Current {
        version: u32,
        digest: String,
        from: Date,
    },
    Retired {
        version: u32,
        from: Date,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Publish {
        kind: String,
        id: String,
        /// Canonical JSON.
        body: String,
        /// [`crate::digest`] of kind and body.
        digest: String,
        /// The first business date on which it holds.
        from: Date,
        author: String,
        approver: String,
        /// Needed when it holds from before the version that it follows.
        reason: Option<String>,
    },
    Retire {
        kind: String,
        id: String,
        /// The first business date on which it no longer holds.
        from: Date,
        author: String,
        approver: String,
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "definition.published.v1")]
    Published {
        kind: String,
        id: String,
        /// From 1, counted over the whole life of the definition.
        version: u32,
        digest: String,
        from: Date,
        body: String,
        author: String,
        approver: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    #[serde(rename = "definition.retired.v1")]
    Retired {
        kind: String,
        id: String,
        /// The version that was the last.
        version: u32,
        from: Date,
        author: String,
        approver: String,
        reason: String,
    },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("{person} cannot approve what he wrote himself")]
    ApprovedByAuthor { person: String },
    #[error(
        "only the first version of a definition may come from {SYSTEM}; this is version {next}"
    )]
    SystemAfterFirst { next: u32 },
    #[error("version {version} already says the same")]
    Unchanged { version: u32 },
    #[error(
        "{from} lies before {previous}, from which version {version} holds: a reason is needed"
    )]
    BeforePrevious { from: Date, previous: Date, version: u32 },
    #[error("the body's digest is {computed}, not {given}")]
    OtherDigest { given: String, computed: String },
    #[error("the body is not canonical JSON of one definition")]
    NotCanonical,
    #[error("nothing was published that could be retired")]
    NotPublished,
    #[error("it is already retired from {from}")]
    AlreadyRetired { from: Date },
}

/// The stream of one definition.
#[must_use]
pub fn stream(kind: &str, id: &str) -> StreamName {
    StreamName::new(Publication::CATEGORY, format_args!("{kind}-{id}"))
}

/// What is to be issued at first start: everything in the catalogue, in force from `from`.
pub fn first_start(catalogue: &Catalogue, from: Date) -> Vec<(StreamName, Command)> {
    let publish = |one: &Definition| {
        let command = Command::Publish {
            kind: one.kind.clone(),
            id: one.id.clone(),
            body: one.body.clone(),
            digest: one.digest.clone(),
            from,
            author: SYSTEM.to_owned(),
            approver: SYSTEM.to_owned(),
            reason: None,
        };
        (stream(&one.kind, &one.id), command)
    };
    catalogue.definitions().map(publish).collect()
}

impl Decider for Publication {
    const CATEGORY: &'static str = "definition";
    type Command = Command;
    type Event = Event;
    type Error = Refusal;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Publish { kind, id, body, digest, from, author, approver, reason } => {
                self.may_be_written_by(&author, &approver)?;
                sound(&kind, &body, &digest)?;
                self.differs(&digest)?;
                let reason = reason.filter(|reason| !reason.trim().is_empty());
                if reason.is_none() {
                    self.follows(from)?;
                }
                let version = self.version() + 1;
                Ok(vec![Event::Published {
                    kind,
                    id,
                    version,
                    digest,
                    from,
                    body,
                    author,
                    approver,
                    reason,
                }])
            }
            Command::Retire { kind, id, from, author, approver, reason } => {
                self.may_be_written_by(&author, &approver)?;
                let version = match self {
                    Self::Unpublished => return Err(Refusal::NotPublished),
                    Self::Retired { from, .. } => {
                        return Err(Refusal::AlreadyRetired { from: *from });
                    }
                    Self::Current { version, .. } => *version,
                };
                Ok(vec![Event::Retired { kind, id, version, from, author, approver, reason }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Published { version, digest, from, .. } => {
                Self::Current { version: *version, digest: digest.clone(), from: *from }
            }
            Event::Retired { version, from, .. } => {
                Self::Retired { version: *version, from: *from }
            }
        }
    }
}

impl Publication {
    /// The last version that was published; 0 before the first.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self {
            Self::Unpublished => 0,
            Self::Current { version, .. } | Self::Retired { version, .. } => *version,
        }
    }

    fn may_be_written_by(&self, author: &str, approver: &str) -> Result<(), Refusal> {
        let by_system = author == SYSTEM || approver == SYSTEM;
        match self {
            Self::Unpublished if author == SYSTEM && approver == SYSTEM => Ok(()),
            Self::Current { version, .. } | Self::Retired { version, .. } if by_system => {
                Err(Refusal::SystemAfterFirst { next: version + 1 })
            }
            Self::Unpublished | Self::Current { .. } | Self::Retired { .. } => {
                if author == approver {
                    return Err(Refusal::ApprovedByAuthor { person: author.to_owned() });
                }
                Ok(())
            }
        }
    }

    fn differs(&self, digest: &str) -> Result<(), Refusal> {
        match self {
            Self::Current { version, digest: current, .. } if current == digest => {
                Err(Refusal::Unchanged { version: *version })
            }
            Self::Unpublished | Self::Current { .. } | Self::Retired { .. } => Ok(()),
        }
    }

    fn follows(&self, from: Date) -> Result<(), Refusal> {
        match self {
            Self::Current { version, from: previous, .. }
            | Self::Retired { version, from: previous }
                if from < *previous =>
            {
                Err(Refusal::BeforePrevious { from, previous: *previous, version: *version })
            }
            Self::Unpublished | Self::Current { .. } | Self::Retired { .. } => Ok(()),
        }
    }
}

fn sound(kind: &str, body: &str, digest: &str) -> Result<(), Refusal> {
    if canonical::respelled(body).as_deref() != Some(body) {
        return Err(Refusal::NotCanonical);
    }
    let computed = canonical::digest(kind, body);
    if computed != digest {
        return Err(Refusal::OtherDigest { given: digest.to_owned(), computed });
    }
    Ok(())
}
