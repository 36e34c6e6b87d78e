//! Figures that the law or a notice sets and changes: each value holds from a business date.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use shared::{Date, Money};
use thiserror::Error;

use super::Kind;
use super::account::plain_id;
use crate::block::{Block, Name};
use crate::mistake::{Code, Fault};
use crate::word::words;

words! {
    pub enum ValueType {
        Money = "money",
        Integer = "integer",
        /// Rising whole numbers, such as the upper limits of bands.
        Integers = "integers",
        /// An exact decimal, written as a text.
        Decimal = "decimal",
        BasisPoints = "basis-points",
        Date = "date",
        Months = "months",
        /// Calendar days or working days; the name says which.
        Days = "days",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Money(Money),
    Integer(i64),
    Integers(Vec<i64>),
    Decimal(Decimal),
    /// 1/100 of a percent.
    BasisPoints(i64),
    Date(Date),
    Months(i64),
    Days(i64),
}

/// A value and the business dates on which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dated {
    pub from: Date,
    /// The last day, when the value ends without a successor.
    pub to: Option<Date>,
    pub value: Value,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameter {
    pub id: String,
    pub name: Name,
    pub source: String,
    pub value_type: ValueType,
    /// Rising by `from`, never overlapping, at least one.
    pub values: Vec<Dated>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParameterError {
    #[error("parameter {id} has no value on {on}: the first is known from {first}")]
    BeforeFirst { id: String, on: Date, first: Date },
    #[error("parameter {id} has no value on {on}: the last one before ended on {ended}")]
    Ended { id: String, on: Date, ended: Date },
    #[error("parameter {id} is of type {found}, not {wanted}")]
    OtherType { id: String, found: ValueType, wanted: ValueType },
}

impl Parameter {
    /// The value in force on a business date.
    ///
    /// # Errors
    /// When the date lies before the first value, or after the end of the last.
    pub fn on(&self, date: Date) -> Result<&Value, ParameterError> {
        self.dated_on(date).map(|dated| &dated.value)
    }

    /// As [`Parameter::on`], with the value's own dates and source.
    ///
    /// # Errors
    /// As [`Parameter::on`].
    pub fn dated_on(&self, date: Date) -> Result<&Dated, ParameterError> {
        let Some(dated) = self.values.iter().rev().find(|dated| dated.from <= date) else {
            let first = self.values.first().map_or(date, |dated| dated.from);
            return Err(ParameterError::BeforeFirst { id: self.id.clone(), on: date, first });
        };
        match dated.to {
            Some(ended) if ended < date => {
                Err(ParameterError::Ended { id: self.id.clone(), on: date, ended })
            }
            _ => Ok(dated),
        }
    }

    /// # Errors
    /// As [`Parameter::on`], and when the parameter is no amount.
    pub fn money_on(&self, date: Date) -> Result<Money, ParameterError> {
        match self.on(date)? {
            Value::Money(money) => Ok(*money),
            other => Err(self.other_type(other, ValueType::Money)),
        }
    }

    /// A whole number of whatever unit the type says.
    ///
    /// # Errors
    /// As [`Parameter::on`], and when the parameter is no single whole number.
    pub fn integer_on(&self, date: Date) -> Result<i64, ParameterError> {
        match self.on(date)? {
            Value::Integer(n) | Value::BasisPoints(n) | Value::Months(n) | Value::Days(n) => Ok(*n),
            other => Err(self.other_type(other, ValueType::Integer)),
        }
    }

    /// # Errors
    /// As [`Parameter::on`], and when the parameter is no list.
    pub fn integers_on(&self, date: Date) -> Result<&[i64], ParameterError> {
        match self.on(date)? {
            Value::Integers(numbers) => Ok(numbers),
            other => Err(self.other_type(other, ValueType::Integers)),
        }
    }

    /// # Errors
    /// As [`Parameter::on`], and when the parameter is no date.
    pub fn date_on(&self, date: Date) -> Result<Date, ParameterError> {
        match self.on(date)? {
            Value::Date(value) => Ok(*value),
            other => Err(self.other_type(other, ValueType::Date)),
        }
    }

    fn other_type(&self, found: &Value, wanted: ValueType) -> ParameterError {
        ParameterError::OtherType { id: self.id.clone(), found: found.value_type(), wanted }
    }
}

impl Value {
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Money(_) => ValueType::Money,
            Self::Integer(_) => ValueType::Integer,
            Self::Integers(_) => ValueType::Integers,
            Self::Decimal(_) => ValueType::Decimal,
            Self::BasisPoints(_) => ValueType::BasisPoints,
            Self::Date(_) => ValueType::Date,
            Self::Months(_) => ValueType::Months,
            Self::Days(_) => ValueType::Days,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Money(money) => money.serialize(serializer),
            Self::Integer(n) | Self::BasisPoints(n) | Self::Months(n) | Self::Days(n) => {
                serializer.serialize_i64(*n)
            }
            Self::Integers(numbers) => numbers.serialize(serializer),
            Self::Decimal(decimal) => serializer.collect_str(decimal),
            Self::Date(date) => date.serialize(serializer),
        }
    }
}

impl Kind for Parameter {
    const WORD: &'static str = "parameter";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let value_type = block.word("type");
        let values = block.tables("values", |dated| {
            let (from, to) = (dated.date("from"), dated.date_if_any("to"));
            let source = dated.text("source");
            let value = match value_type {
                Some(value_type) => read_value(dated, value_type),
                None => dated.skip("value"),
            };
            Some(Dated { from: from?, to, value: value?, source: source? })
        });
        let values = values.and_then(|values| rising(block, values));
        let id = id?;
        Some((
            id.clone(),
            Self { id, name: name?, source: source?, value_type: value_type?, values: values? },
        ))
    }
}

fn read_value(block: &Block<'_>, value_type: ValueType) -> Option<Value> {
    const KEY: &str = "value";
    const SMALL: i64 = 1_000_000_000;
    match value_type {
        ValueType::Money => block.money(KEY).map(Value::Money),
        ValueType::Integer => block.integer(KEY, -SMALL, SMALL).map(Value::Integer),
        ValueType::Integers => block.integers(KEY, 0, SMALL).map(Value::Integers),
        ValueType::Decimal => block
            .parsed(KEY, ("小数(文本,如 \"0.05\")", "a decimal such as \"0.05\""), |text| {
                Decimal::from_str_exact(text).ok()
            })
            .map(Value::Decimal),
        ValueType::BasisPoints => block.integer(KEY, 0, 10_000_000).map(Value::BasisPoints),
        ValueType::Date => block.date(KEY).map(Value::Date),
        ValueType::Months => block.integer(KEY, 0, 1_200).map(Value::Months),
        ValueType::Days => block.integer(KEY, 0, 36_600).map(Value::Days),
    }
}

fn rising(block: &Block<'_>, values: Vec<Dated>) -> Option<Vec<Dated>> {
    for dated in &values {
        if let Some(to) = dated.to
            && to < dated.from
        {
            let from = dated.from;
            return block.refuse(
                "values",
                Fault::new(
                    Code::DatesOutOfOrder,
                    format!("值的截止日 {to} 早于起始日 {from}"),
                    format!("a value ends on {to}, before it begins on {from}"),
                ),
            );
        }
    }
    for pair in values.windows(2) {
        let held_to = pair[0].to.unwrap_or(pair[0].from);
        if pair[1].from <= held_to {
            let (from, held_to) = (pair[1].from, held_to);
            return block.refuse(
                "values",
                Fault::new(
                    Code::DatesOutOfOrder,
                    format!("起始日 {from} 与前一值重叠(前一值至 {held_to})"),
                    format!("a value from {from} overlaps the one before, which reaches {held_to}"),
                ),
            );
        }
    }
    Some(values)
}
