//! What happened, and how it stands in the log.

use std::fmt::Debug;

use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use crate::meta::Meta;
use crate::ports::Micros;
use crate::stream::{Position, Revision, StreamName};

/// Something that happened, past tense. A serde enum whose variants are renamed to versioned type
/// names: `#[serde(rename = "card.issued.v1")] Issued { … }`. [`crate::event!`] implements this
/// trait for it.
pub trait Event: Clone + PartialEq + Debug + Send + Sync + 'static {
    /// Every type name that this program writes.
    fn types() -> &'static [&'static str];

    /// How older types become today's.
    fn upcasters() -> &'static [Upcaster] {
        &[]
    }

    fn encode(&self) -> Encoded;

    /// # Errors
    /// When the type is not this decider's, or the data does not have its shape.
    fn decode(type_name: &str, data: &str) -> Result<Self, DecodeError>;

    /// Whether `type_name` is one of ours, of today or of an older version.
    #[must_use]
    fn knows(type_name: &str) -> bool {
        Self::types().contains(&type_name)
            || Self::upcasters().iter().any(|upcaster| upcaster.from == type_name)
    }
}

/// Lifts data of one version to the next; the log itself is never rewritten.
#[derive(Clone, Copy)]
pub struct Upcaster {
    pub from: &'static str,
    pub to: &'static str,
    pub lift: fn(Value) -> Value,
}

/// An event on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    pub type_name: &'static str,
    pub data: String,
}

#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("no event of this kind is called {0}")]
    UnknownType(String),
    #[error("the data of a {type_name} does not have its shape")]
    Shape {
        type_name: String,
        #[source]
        source: serde_json::Error,
    },
}

/// An event as the log holds it; `meta` and `data` are the stored texts, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub position: Position,
    pub stream: StreamName,
    pub revision: Revision,
    pub type_name: String,
    pub id: Uuid,
    pub recorded_at: Micros,
    pub meta: String,
    pub data: String,
}

impl Recorded {
    /// # Errors
    /// As [`Event::decode`].
    pub fn decode<E: Event>(&self) -> Result<E, DecodeError> {
        E::decode(&self.type_name, &self.data)
    }

    /// # Errors
    /// When the stored text is not a [`Meta`].
    pub fn meta(&self) -> Result<Meta, DecodeError> {
        serde_json::from_str(&self.meta)
            .map_err(|source| DecodeError::Shape { type_name: "meta".to_owned(), source })
    }
}

/// Implements [`Event`] for a serde enum whose variants carry versioned type names.
///
/// `event!(Event);` or `event!(Event, upcasters: UPCASTERS);`
#[macro_export]
macro_rules! event {
    ($event:ty) => {
        $crate::event!($event, upcasters: &[]);
    };
    ($event:ty, upcasters: $upcasters:expr) => {
        impl $crate::Event for $event {
            fn types() -> &'static [&'static str] {
                $crate::codec::variants::<Self>()
            }

            fn upcasters() -> &'static [$crate::Upcaster] {
                $upcasters
            }

            fn encode(&self) -> $crate::Encoded {
                $crate::codec::encode(self)
            }

            fn decode(type_name: &str, data: &str) -> Result<Self, $crate::DecodeError> {
                $crate::codec::decode(type_name, data, $upcasters)
            }
        }
    };
}
