//! What stands in a cell of a table.

use kernel::Micros;
use shared::{Date, Money};

/// A cell: money and counts are numbers, everything else is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Blank,
    Text(String),
    /// In yuan, with two decimals.
    Money(Money),
    Count(i64),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

/// As clocks in China show it.
impl From<Micros> for Cell {
    fn from(at: Micros) -> Self {
        match jiff::Timestamp::from_microsecond(at.0) {
            Ok(at) => Self::Text(jiff::tz::offset(8).to_datetime(at).to_string()),
            Err(_) => Self::Blank,
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Blank, Into::into)
    }
}

macro_rules! as_text {
    ($($type:ty),* $(,)?) => {$(
        impl From<$type> for Cell {
            fn from(value: $type) -> Self {
                Self::Text(value.to_string())
            }
        }
    )*};
}

as_text! {
    Date, shared::Month, shared::ItemId, shared::FundCode, shared::AreaCode, shared::AgencyCode,
    shared::BankCode, shared::DivisionCode, shared::Component, shared::ArtefactId,
    shared::PersonId, shared::GrantId, shared::ObligationId, shared::PayAddressId, shared::ReplyId,
    shared::RunType, shared::ReturnReason, crate::payments::LineState, uuid::Uuid,
    conditions::Subject, warnings::Channel, warnings::Level, warnings::Notice, warnings::Sending,
    warnings::Stage, warnings::Step, bool,
}

macro_rules! as_count {
    ($($type:ty),* $(,)?) => {$(
        impl From<$type> for Cell {
            fn from(value: $type) -> Self {
                Self::Count(i64::try_from(value).unwrap_or(i64::MAX))
            }
        }
    )*};
}

as_count!(u16, u32, u64, i32);
