//! A list without rules: one decider for every context that only keeps entries.
//!
//! **Streams** `<T::CATEGORY>-<id>`, one per entry.
//! **Invariant** an entry is registered once, changed only while it is open, closed once.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::decider::Decider;
use crate::event::{DecodeError, Encoded, Event};

/// What a list keeps: about fifteen lines per list.
pub trait Entry:
    Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    const CATEGORY: &'static str;
    /// Registered, changed, closed: in this order, versioned, stored for ever.
    const TYPES: &'static [&'static str; 3];
    type Invalid: std::error::Error + Clone + PartialEq + Send + Sync + 'static;

    /// # Errors
    /// What is wrong with the entry, by its own fields alone.
    fn check(&self) -> Result<(), Self::Invalid>;
}

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Register<T> {
    #[default]
    Unknown,
    Open(T),
    Closed(T),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command<T> {
    Register(T),
    Change(T),
    Close { reason: String },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Changed<T> {
    Registered(T),
    Changed(T),
    Closed { reason: String },
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum Refused<E: std::error::Error> {
    #[error("the entry is registered already")]
    Registered,
    #[error("there is no such entry")]
    Unknown,
    #[error("the entry is closed")]
    Closed,
    #[error("closing needs a reason")]
    NoReason,
    #[error(transparent)]
    Invalid(E),
}

#[derive(Serialize, Deserialize)]
struct Closing {
    reason: String,
}

impl<T: Entry> Decider for Register<T> {
    const CATEGORY: &'static str = T::CATEGORY;
    type Command = Command<T>;
    type Event = Changed<T>;
    type Error = Refused<T::Invalid>;

    fn decide(&self, command: Command<T>) -> Result<Vec<Changed<T>>, Self::Error> {
        match (self, command) {
            (Self::Unknown, Command::Register(entry)) => {
                entry.check().map_err(Refused::Invalid)?;
                Ok(vec![Changed::Registered(entry)])
            }
            (Self::Open(_) | Self::Closed(_), Command::Register(_)) => Err(Refused::Registered),
            (Self::Open(now), Command::Change(entry)) => {
                entry.check().map_err(Refused::Invalid)?;
                Ok(if *now == entry { vec![] } else { vec![Changed::Changed(entry)] })
            }
            (Self::Open(_), Command::Close { reason }) if reason.trim().is_empty() => {
                Err(Refused::NoReason)
            }
            (Self::Open(_), Command::Close { reason }) => Ok(vec![Changed::Closed { reason }]),
            (Self::Unknown, Command::Change(_) | Command::Close { .. }) => Err(Refused::Unknown),
            (Self::Closed(_), Command::Change(_) | Command::Close { .. }) => Err(Refused::Closed),
        }
    }

    fn evolve(self, event: &Changed<T>) -> Self {
        match (self, event) {
            (_, Changed::Registered(entry) | Changed::Changed(entry)) => Self::Open(entry.clone()),
            (Self::Open(entry) | Self::Closed(entry), Changed::Closed { .. }) => {
                Self::Closed(entry)
            }
            (Self::Unknown, Changed::Closed { .. }) => Self::Unknown,
        }
    }
}

impl<T: Entry> Event for Changed<T> {
    fn types() -> &'static [&'static str] {
        T::TYPES
    }

    fn encode(&self) -> Encoded {
        let [registered, changed, closed] = *T::TYPES;
        let plain = "entries serialise: they are plain data";
        match self {
            Self::Registered(entry) => {
                Encoded { type_name: registered, data: serde_json::to_string(entry).expect(plain) }
            }
            Self::Changed(entry) => {
                Encoded { type_name: changed, data: serde_json::to_string(entry).expect(plain) }
            }
            Self::Closed { reason } => Encoded {
                type_name: closed,
                data: serde_json::to_string(&Closing { reason: reason.clone() }).expect(plain),
            },
        }
    }

    fn decode(type_name: &str, data: &str) -> Result<Self, DecodeError> {
        let shape = |source| DecodeError::Shape { type_name: type_name.to_owned(), source };
        let [registered, changed, closed] = *T::TYPES;
        if type_name == registered {
            serde_json::from_str(data).map(Self::Registered).map_err(shape)
        } else if type_name == changed {
            serde_json::from_str(data).map(Self::Changed).map_err(shape)
        } else if type_name == closed {
            let Closing { reason } = serde_json::from_str(data).map_err(shape)?;
            Ok(Self::Closed { reason })
        } else {
            Err(DecodeError::UnknownType(type_name.to_owned()))
        }
    }
}
