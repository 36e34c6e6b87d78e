//! Closed lists in TEXT columns: our own, and those of the contexts as serde spells them.

use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};

use crate::engine::{Column, Kind, Unreadable, Value};

/// Enums of a read model whose variants are stored as words: `words! { Life { Alive "alive", } }`.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident $code:literal,)*
    })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored word.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|word| word.code() == text).ok_or(())
            }
        }

        crate::text_column!($name);

        impl From<$name> for crate::engine::Value {
            fn from(word: $name) -> Self {
                crate::engine::Column::write(&word)
            }
        }
    )*};
}

/// Lets enums without content stand in a TEXT column by the word under which serde stores them.
macro_rules! word_columns {
    ($($type:ty),* $(,)?) => {$(
        impl crate::engine::Column for $type {
            const KIND: crate::engine::Kind = crate::engine::Kind::Text;

            fn write(&self) -> crate::engine::Value {
                crate::engine::Value::Text(crate::words::word_of(self))
            }

            fn read(
                value: &crate::engine::Value,
            ) -> Result<Self, crate::engine::Unreadable> {
                crate::words::of_word(value)
                    .ok_or_else(|| crate::engine::Unreadable::new(stringify!($type), value))
            }
        }

        impl From<$type> for crate::engine::Value {
            fn from(word: $type) -> Self {
                crate::engine::Column::write(&word)
            }
        }
    )*};
}

/// Lets the enums of contexts that list their own codes (`ALL`, `code()`) stand in a TEXT column.
macro_rules! code_columns {
    ($($type:ty),* $(,)?) => {$(
        impl crate::engine::Column for $type {
            const KIND: crate::engine::Kind = crate::engine::Kind::Text;

            fn write(&self) -> crate::engine::Value {
                crate::engine::Value::Text(self.code().to_owned())
            }

            fn read(
                value: &crate::engine::Value,
            ) -> Result<Self, crate::engine::Unreadable> {
                let found = match value {
                    crate::engine::Value::Text(text) => {
                        <$type>::ALL.iter().copied().find(|one| one.code() == text)
                    }
                    _ => None,
                };
                found.ok_or_else(|| crate::engine::Unreadable::new(stringify!($type), value))
            }
        }
    )*};
}

pub(crate) use {code_columns, word_columns, words};

pub(crate) fn word_of(word: &impl Serialize) -> String {
    match serde_json::to_value(word).expect("a word serialises: it is an enum without content") {
        serde_json::Value::String(word) => word,
        other => other.to_string(),
    }
}

pub(crate) fn of_word<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
    match value {
        Value::Text(word) => T::deserialize(StrDeserializer::<Error>::new(word)).ok(),
        Value::Null | Value::Int(_) | Value::Blob(_) => None,
    }
}

/// Envelopes are copied as they are: they name their event and field, so a reader can unseal them.
impl Column for shared::Sealed {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Value {
        Value::Text(self.0.clone())
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        match value {
            Value::Text(envelope) => Ok(Self(envelope.clone())),
            // What is found is not shown: it may be an envelope of another shape.
            Value::Null | Value::Int(_) | Value::Blob(_) => {
                Err(Unreadable { wanted: "sealed value", found: "a value of another kind".into() })
            }
        }
    }
}
