//! Tables as data, and how a Rust type stands in a column.
//!
//! Three kinds of column are enough on every store: whole numbers (booleans 0/1, money in fen),
//! text compared byte by byte (ids, dates, codes), and bytes.

use std::fmt;

use jiff::civil::Date;
use kernel::{Micros, Position, Revision};
use shared::Money;
use thiserror::Error;
use uuid::Uuid;

/// One value of one column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// The values of one row, in the order of its table's columns.
pub type Row = Vec<Value>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Text,
    Blob,
}

/// A column's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

/// A table's description; [`record!`](crate::record) makes it. The key columns stand first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Unique over all read models.
    pub name: &'static str,
    pub columns: &'static [Field],
    /// How many of the first columns are the primary key.
    pub key: usize,
    /// Further indexes, each a list of column names.
    pub indexes: &'static [&'static [&'static str]],
}

impl Table {
    #[must_use]
    pub fn key_columns(&self) -> &'static [Field] {
        &self.columns[..self.key]
    }

    /// The column names, joined by commas.
    #[must_use]
    pub fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        names.join(", ")
    }
}

/// Some columns of a table, by their place; a table has at most 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Columns(u64);

impl Columns {
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub fn contains(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    /// The places, from the first on.
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |place| self.contains(*place))
    }
}

/// Column by column, whether it is one of them.
impl FromIterator<bool> for Columns {
    fn from_iter<T: IntoIterator<Item = bool>>(yes: T) -> Self {
        let bits = (0..64).zip(yes).fold(0, |bits, (place, yes)| bits | u64::from(yes) << place);
        Self(bits)
    }
}

/// What the store holds is not what the column's type can be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a stored {found} is not a {wanted}")]
pub struct Unreadable {
    pub wanted: &'static str,
    pub found: String,
}

impl Unreadable {
    #[must_use]
    pub fn new(wanted: &'static str, found: impl fmt::Debug) -> Self {
        Self { wanted, found: format!("{found:?}") }
    }
}

/// A type that stands in one column.
pub trait Column: Sized {
    const KIND: Kind;
    const NULLABLE: bool = false;

    fn write(&self) -> Value;

    /// # Errors
    /// When the value has another kind or does not parse.
    fn read(value: &Value) -> Result<Self, Unreadable>;
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::write)
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        match value {
            Value::Null => Ok(None),
            present => T::read(present).map(Some),
        }
    }
}

macro_rules! int_columns {
    ($($type:ty: $write:expr, $read:expr;)*) => {$(
        impl Column for $type {
            const KIND: Kind = Kind::Int;

            fn write(&self) -> Value {
                let write: fn(&$type) -> i64 = $write;
                Value::Int(write(self))
            }

            fn read(value: &Value) -> Result<Self, Unreadable> {
                let read: fn(i64) -> Option<$type> = $read;
                match value {
                    Value::Int(number) => read(*number),
                    Value::Null | Value::Text(_) | Value::Blob(_) => None,
                }
                .ok_or_else(|| Unreadable::new(stringify!($type), value))
            }
        }
    )*};
}

// An unsigned 64-bit number is stored by its bits: positions and counts stay far below 2^63, and
// nothing is lost where one does not.
int_columns! {
    i64: |number| *number, Some;
    i32: |number| i64::from(*number), |number| number.try_into().ok();
    u8: |number| i64::from(*number), |number| number.try_into().ok();
    u16: |number| i64::from(*number), |number| number.try_into().ok();
    u32: |number| i64::from(*number), |number| number.try_into().ok();
    u64: |number| number.cast_signed(), |number| Some(number.cast_unsigned());
    bool: |yes| i64::from(*yes), |number| match number { 0 => Some(false), 1 => Some(true), _ => None };
    Money: |money| money.fen(), |fen| Some(Money::from_fen(fen));
    Micros: |micros| micros.0, |micros| Some(Micros(micros));
    Position: |position| position.0.cast_signed(), |number| Some(Position(number.cast_unsigned()));
    Revision: |revision| revision.0.cast_signed(), |number| Some(Revision(number.cast_unsigned()));
}

impl Column for String {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Value {
        Value::Text(self.clone())
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            Value::Null | Value::Int(_) | Value::Blob(_) => Err(Unreadable::new("text", value)),
        }
    }
}

impl Column for Vec<u8> {
    const KIND: Kind = Kind::Blob;

    fn write(&self) -> Value {
        Value::Blob(self.clone())
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        match value {
            Value::Blob(bytes) => Ok(bytes.clone()),
            Value::Null | Value::Int(_) | Value::Text(_) => Err(Unreadable::new("bytes", value)),
        }
    }
}

/// Lets types stand in a TEXT column by their `Display` and `FromStr`: `text_column!(Kind, Stage);`
#[macro_export]
macro_rules! text_column {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::engine::Column for $type {
            const KIND: $crate::engine::Kind = $crate::engine::Kind::Text;

            fn write(&self) -> $crate::engine::Value {
                $crate::engine::Value::Text(self.to_string())
            }

            fn read(
                value: &$crate::engine::Value,
            ) -> ::core::result::Result<Self, $crate::engine::Unreadable> {
                match value {
                    $crate::engine::Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
                .ok_or_else(|| $crate::engine::Unreadable::new(stringify!($type), value))
            }
        }
    )*};
}

/// Lets types stand in a TEXT column as JSON, for what is shown and never compared:
/// `json_column!(Vec<Evidence>);`
#[macro_export]
macro_rules! json_column {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::engine::Column for $type {
            const KIND: $crate::engine::Kind = $crate::engine::Kind::Text;

            fn write(&self) -> $crate::engine::Value {
                $crate::engine::Value::Text(
                    ::serde_json::to_string(self).expect("columns serialise: they are plain data"),
                )
            }

            fn read(
                value: &$crate::engine::Value,
            ) -> ::core::result::Result<Self, $crate::engine::Unreadable> {
                match value {
                    $crate::engine::Value::Text(text) => ::serde_json::from_str(text).ok(),
                    _ => None,
                }
                .ok_or_else(|| $crate::engine::Unreadable::new(stringify!($type), value))
            }
        }
    )*};
}

text_column! {
    Uuid, Date, shared::Month,
    shared::PersonId, shared::EmployerId, shared::OrganisationId, shared::GridId, shared::CardId,
    shared::CardApplicationId, shared::PayAddressId, shared::GrantId, shared::CommandId,
    shared::EventId, shared::StatementId, shared::ReplyId,
    shared::ItemId, shared::FundCode, shared::AreaCode, shared::AgencyCode, shared::BankCode,
    shared::DivisionCode, shared::Component, shared::ArtefactId, shared::CreditCode,
    shared::ObligationId, shared::AttemptId,
    shared::RunType, shared::PayClass, shared::ReturnReason, shared::Sex, shared::StopReason,
}
json_column!(Vec<String>, shared::Payee);

macro_rules! value_from {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Column::write(&value)
            }
        }
    )*};
}

value_from!(
    i64,
    i32,
    u32,
    u64,
    bool,
    String,
    Money,
    Position,
    Date,
    shared::Month,
    Uuid,
    shared::PersonId,
    shared::EmployerId,
    shared::OrganisationId,
    shared::CardId,
    shared::GrantId,
    shared::PayAddressId,
    shared::ItemId,
    shared::FundCode,
    shared::AreaCode,
    shared::AgencyCode,
    shared::BankCode,
    shared::DivisionCode,
    shared::Component,
    shared::ObligationId,
    shared::AttemptId,
    shared::RunType,
    shared::PayClass,
    shared::ReturnReason,
    shared::Sex
);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value {
    /// # Errors
    /// As [`Column::read`].
    pub fn to<T: Column>(&self) -> Result<T, Unreadable> {
        T::read(self)
    }
}
