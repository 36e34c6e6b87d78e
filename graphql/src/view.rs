//! How a row of a read model becomes an object of the schema, and how a closed list becomes an enum.

use std::sync::Arc;

use crate::fault::Fault;
use crate::request::Request;
use crate::scratch::{Scratch, not_prepared};

/// `view! { /// doc \n pub struct Plan of row: PlanRow { /// doc \n id: ID = …, } }`: the fields are
/// computed once from the row, which stays beside them for the fields that read further (those
/// stand in a `ComplexObject`, for which the word `complex` makes room).
macro_rules! view {
    (
        $(#[$meta:meta])*
        complex struct $name:ident of $var:ident: $row:ty {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $value:expr,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, async_graphql::SimpleObject)]
        #[graphql(complex)]
        pub struct $name {
            #[graphql(skip)]
            pub row: $row,
            #[graphql(skip)]
            pub ahead: $crate::view::Ahead,
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl From<$row> for $name {
            fn from($var: $row) -> Self {
                $(let $field: $type = $value;)*
                Self { $($field,)* row: $var, ahead: $crate::view::Ahead::default() }
            }
        }

        impl $crate::view::Viewed for $name {
            fn ahead(&self) -> &$crate::view::Ahead {
                &self.ahead
            }
        }
    };
    (
        $(#[$meta:meta])*
        struct $name:ident of $var:ident: $row:ty {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $value:expr,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, async_graphql::SimpleObject)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl From<$row> for $name {
            fn from($var: $row) -> Self {
                $(let $field: $type = $value;)*
                Self { $($field),* }
            }
        }
    };
}

/// An enum of the schema over stored codes: `coded! { /// doc \n Stage { /// doc \n Open "open", } }`.
macro_rules! coded {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[$variant_meta:meta])* $variant:ident $code:literal,)* }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
        pub enum $name { $($(#[$variant_meta])* $variant,)* }

        impl $name {
            /// Of a stored code; an unknown one is a newer program's.
            #[must_use]
            pub fn of(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Of a code that one of our own read models wrote.
            #[must_use]
            pub fn stored(code: &str) -> Self {
                Self::of(code).expect("a read model writes only the words of this list")
            }

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    )*};
}

pub(crate) use {coded, view};

/// What was read together with a row, so that nothing is read for it alone.
#[derive(Clone, Default)]
pub struct Ahead {
    /// Where it was folded from its stream for a point of the past.
    pub past: Option<Arc<Scratch>>,
}

/// An object that reads further from its row.
pub trait Viewed {
    fn ahead(&self) -> &Ahead;

    /// # Errors
    /// `AS_OF_NOT_PREPARED` for a thing of the past: what is asked is not in its own streams.
    fn present_only(&self, request: &Request) -> Result<(), Fault> {
        if self.ahead().past.is_some() { Err(not_prepared(request)) } else { Ok(()) }
    }
}

/// A count for GraphQL's `Int`: what would not fit is shown as the largest that does.
pub fn int(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
