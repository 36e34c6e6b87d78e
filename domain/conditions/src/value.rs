//! The values that facts and tags take, and their types.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::{Date, Money, Month};

/// What a fact or a tag can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Flag,
    /// A whole number without a unit, or with the one its name says.
    Number,
    /// 1/100 of a percent.
    BasisPoints,
    /// Written `yuan("1234.50")` in a condition.
    Money,
    /// Written as a text, `"2026-01-31"`.
    Date,
    /// Written as a text, `"2026-01"`.
    Month,
    Text,
    /// One of a closed list.
    Word(Arc<[String]>),
    /// Some of a closed list, sorted; a word may stand in it more than once. Here and for one word an
    /// empty list is open: the words are ids of definitions, and which there are is not known here.
    Words(Arc<[String]>),
}

/// A value. On disk a flag is a JSON boolean, a number a JSON number, all else a tagged text, so
/// that nothing is guessed when it is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    Flag(bool),
    /// Numbers and basis points.
    Number(i64),
    Money(Money),
    Date(Date),
    Month(Month),
    /// Texts and words.
    Text(String),
    Words(Vec<String>),
}

impl Type {
    #[must_use]
    pub fn word<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Word(words.into_iter().map(str::to_owned).collect())
    }

    #[must_use]
    pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Words(words.into_iter().map(str::to_owned).collect())
    }

    /// As it is written in a definition and said in a mistake.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Number => "number",
            Self::BasisPoints => "basis-points",
            Self::Money => "money",
            Self::Date => "date",
            Self::Month => "month",
            Self::Text => "text",
            Self::Word(_) => "word",
            Self::Words(_) => "words",
        }
    }

    /// Whether a value is of this type.
    #[must_use]
    pub fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Flag, Value::Flag(_))
            | (Self::Number | Self::BasisPoints, Value::Number(_))
            | (Self::Money, Value::Money(_))
            | (Self::Date, Value::Date(_))
            | (Self::Month, Value::Month(_))
            | (Self::Text, Value::Text(_)) => true,
            (Self::Word(words), Value::Text(text)) => is_among(text, words),
            (Self::Words(words), Value::Words(held)) => held.iter().all(|one| is_among(one, words)),
            (
                Self::Flag
                | Self::Number
                | Self::BasisPoints
                | Self::Money
                | Self::Date
                | Self::Month
                | Self::Text
                | Self::Word(_)
                | Self::Words(_),
                _,
            ) => false,
        }
    }

    /// Reads a value as it is written in a definition's example or given by hand.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Value> {
        match self {
            Self::Flag => text.parse().ok().map(Value::Flag),
            Self::Number | Self::BasisPoints => text.parse().ok().map(Value::Number),
            Self::Money => Money::parse(text).ok().map(Value::Money),
            Self::Date => text.parse().ok().map(Value::Date),
            Self::Month => Month::parse(text).ok().map(Value::Month),
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Word(words) => is_among(text, words).then(|| Value::Text(text.to_owned())),
            Self::Words(words) => {
                let mut held: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                held.sort_unstable();
                held.iter().all(|one| is_among(one, words)).then_some(Value::Words(held))
            }
        }
    }
}

fn is_among(text: &str, words: &[String]) -> bool {
    words.is_empty() || words.iter().any(|word| word == text)
}

impl Value {
    /// The number behind it, for thresholds: fen, basis points, a count; a flag is 0 or 1.
    #[must_use]
    pub fn amount(&self) -> Option<i64> {
        match self {
            Self::Flag(flag) => Some(i64::from(*flag)),
            Self::Number(number) => Some(*number),
            Self::Money(money) => Some(money.fen()),
            Self::Date(_) | Self::Month(_) | Self::Text(_) | Self::Words(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Money(money) => money.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Month(month) => month.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Words(words) => f.write_str(&words.join(" ")),
        }
    }
}
