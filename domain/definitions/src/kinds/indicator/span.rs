//! The time that a figure speaks of: a day, month, quarter, year, or any run of days.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use shared::{Date, Month};
use thiserror::Error;

use crate::word::words;

words! {
    /// Into what a span is cut when a course over time is asked for.
    pub enum Grain {
        Day = "day",
        Month = "month",
        Quarter = "quarter",
        Year = "year",
    }
}

/// Both days counted; `from` is never after `to`. Text form `2026-01-05`, `2026-01`, `2026-Q1`,
/// `2026`, or two of these joined by `..`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    from: Date,
    to: Date,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpanError {
    #[error("a period is written 2026-01-05, 2026-01, 2026-Q1, 2026, or two of these with `..`")]
    Form,
    #[error("the period ends on {to}, before it begins on {from}")]
    Backwards { from: Date, to: Date },
}

impl Span {
    /// # Errors
    /// When it ends before it begins.
    pub fn new(from: Date, to: Date) -> Result<Self, SpanError> {
        if from <= to { Ok(Self { from, to }) } else { Err(SpanError::Backwards { from, to }) }
    }

    #[must_use]
    pub fn day(day: Date) -> Self {
        Self { from: day, to: day }
    }

    #[must_use]
    pub fn month(month: Month) -> Self {
        Self { from: month.first_day(), to: month.last_day() }
    }

    #[must_use]
    pub fn year(year: i16) -> Self {
        let month = |number| Month::new(year.clamp(1, 9999), number).unwrap_or(Month::MIN);
        Self { from: month(1).first_day(), to: month(12).last_day() }
    }

    /// Every day there is, up to and with `to`: what a running total adds up.
    #[must_use]
    pub fn until(to: Date) -> Self {
        Self { from: Month::MIN.first_day().min(to), to }
    }

    #[must_use]
    pub fn from(self) -> Date {
        self.from
    }

    #[must_use]
    pub fn to(self) -> Date {
        self.to
    }

    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    #[must_use]
    pub fn first_month(self) -> Month {
        Month::of(self.from)
    }

    #[must_use]
    pub fn last_month(self) -> Month {
        Month::of(self.to)
    }

    /// Whether it begins with a month and ends with one.
    #[must_use]
    pub fn is_whole_months(self) -> bool {
        self.from == self.first_month().first_day() && self.to == self.last_month().last_day()
    }

    /// The span of the same length that ends the day before this one begins (环比).
    #[must_use]
    pub fn previous(self) -> Self {
        if self.is_whole_months() {
            let months = self.first_month().months_until(self.last_month()) + 1;
            return self.shifted(-months);
        }
        let to = self.from.yesterday().unwrap_or(self.from);
        let length = self.from.until(self.to).unwrap_or_default();
        Self { from: to.saturating_sub(length), to }
    }

    /// The same days a year before (同比); 29 February becomes 28.
    #[must_use]
    pub fn year_before(self) -> Self {
        if self.is_whole_months() {
            return self.shifted(-12);
        }
        let before = |day: Date| {
            let month = Month::of(day).plus(-12);
            let last = month.last_day().day();
            Date::new(month.year(), month.month(), day.day().min(last)).unwrap_or(day)
        };
        Self { from: before(self.from), to: before(self.to) }
    }

    /// The days, months, quarters or years that it touches, cut off at its ends.
    #[must_use]
    pub fn steps(self, grain: Grain) -> Vec<Self> {
        let (mut steps, mut from) = (Vec::new(), self.from);
        loop {
            let month = Month::of(from);
            let to = match grain {
                Grain::Day => from,
                Grain::Month => month.last_day(),
                Grain::Quarter => {
                    Month::new(month.year(), month.quarter() * 3).unwrap_or(month).last_day()
                }
                Grain::Year => Self::year(month.year()).to,
            };
            steps.push(Self { from, to: to.min(self.to) });
            match to.tomorrow() {
                Ok(next) if next <= self.to => from = next,
                Ok(_) | Err(_) => return steps,
            }
        }
    }

    fn shifted(self, months: i32) -> Self {
        Self {
            from: self.first_month().plus(months).first_day(),
            to: self.last_month().plus(months).last_day(),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        let (first, last) = (self.first_month(), self.last_month());
        if from == to {
            return write!(f, "{from}");
        }
        if !self.is_whole_months() {
            return write!(f, "{from}..{to}");
        }
        if first == last {
            return write!(f, "{first}");
        }
        if *self == Self::year(first.year()) {
            return write!(f, "{:04}", first.year());
        }
        let quarter = first.quarter();
        if first.year() == last.year()
            && (first.month(), last.month()) == (quarter * 3 - 2, quarter * 3)
        {
            return write!(f, "{:04}-Q{quarter}", first.year());
        }
        write!(f, "{first}..{last}")
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        if let Some((from, to)) = text.split_once("..") {
            return Self::new(one(from)?.from, one(to)?.to);
        }
        one(text)
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn one(text: &str) -> Result<Span, SpanError> {
    if let Ok(month) = Month::parse(text) {
        return Ok(Span::month(month));
    }
    if text.len() == 10
        && let Ok(day) = text.parse()
    {
        return Ok(Span::day(day));
    }
    let year = |year: &str| match (year.len(), year.parse::<i16>()) {
        (4, Ok(year)) if year > 0 => Ok(year),
        _ => Err(SpanError::Form),
    };
    if let Some((of, quarter)) = text.split_once("-Q") {
        let last = match quarter {
            "1" => 3,
            "2" => 6,
            "3" => 9,
            "4" => 12,
            _ => return Err(SpanError::Form),
        };
        let month = |number| Month::new(year(of)?, number).map_err(|_| SpanError::Form);
        return Span::new(month(last - 2)?.first_day(), month(last)?.last_day());
    }
    Ok(Span::year(year(text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_read_as_it_is_shown() {
        for text in ["2026-01-05", "2026-01", "2026-Q3", "2026", "2025-11..2026-02"] {
            assert_eq!(span(text).to_string(), text);
        }
        assert_eq!(span("2026-01-30..2026-02-02").to_string(), "2026-01-30..2026-02-02");
        for text in ["", "26", "2026-13", "2026-Q5", "2026-1", "2026-01-32", "2026-02..2026-01"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn before_and_a_year_before() {
        assert_eq!(span("2026-03").previous(), span("2026-02"));
        assert_eq!(span("2026-Q1").previous(), span("2025-Q4"));
        assert_eq!(span("2026").previous(), span("2025"));
        assert_eq!(span("2026-03-01").previous(), span("2026-02-28"));
        assert_eq!(span("2024-02").year_before(), span("2023-02"));
        assert_eq!(span("2024-02-29").year_before(), span("2023-02-28"));
    }

    #[test]
    fn steps_cover_a_span_without_gap_or_overlap() {
        for (text, grain, count) in [
            ("2026", Grain::Month, 12),
            ("2026", Grain::Quarter, 4),
            ("2025-11..2026-02", Grain::Year, 2),
            ("2026-01-30..2026-02-02", Grain::Day, 4),
            ("2026-01-30..2026-02-02", Grain::Month, 2),
        ] {
            let (whole, steps) = (span(text), span(text).steps(grain));
            assert_eq!(steps.len(), count, "{text} by {grain}");
            assert_eq!((steps[0].from, steps[count - 1].to), (whole.from, whole.to));
            assert!(steps.windows(2).all(|pair| pair[0].to.tomorrow().unwrap() == pair[1].from));
        }
    }
}
