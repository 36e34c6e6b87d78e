//! A calendar month: the entitlement month of an obligation, the period of a run.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::text::serde_as_text;

/// Year and month, years 0001–9999. Text form `2026-01`; the order is the calendar's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

/// Why a text or a pair of figures is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MonthError {
    #[error("a month is written as yyyy-mm, with {expected} at character {position}")]
    Form { expected: &'static str, position: usize },
    #[error("a month is written as yyyy-mm, seven characters, not {found}")]
    Length { found: usize },
    #[error("there is no month {month} in year {year}: years go from 1 to 9999, months to 12")]
    NoSuchMonth { year: i16, month: i8 },
}

impl Month {
    /// The first and the last month there is; arithmetic stops at them.
    pub const MIN: Month = Month { year: 1, month: 1 };
    pub const MAX: Month = Month { year: 9999, month: 12 };

    pub fn new(year: i16, month: i8) -> Result<Month, MonthError> {
        if (1..=9999).contains(&year) && (1..=12).contains(&month) {
            Ok(Month { year, month })
        } else {
            Err(MonthError::NoSuchMonth { year, month })
        }
    }

    /// Reads `yyyy-mm`, nothing else.
    pub fn parse(text: &str) -> Result<Month, MonthError> {
        let &[y1, y2, y3, y4, dash, m1, m2] = text.as_bytes() else {
            return Err(MonthError::Length { found: text.chars().count() });
        };
        if dash != b'-' {
            return Err(MonthError::Form { expected: "a hyphen", position: 5 });
        }
        for (digit, position) in [(y1, 1), (y2, 2), (y3, 3), (y4, 4), (m1, 6), (m2, 7)] {
            if !digit.is_ascii_digit() {
                return Err(MonthError::Form { expected: "a digit", position });
            }
        }
        let value = |digits: &[u8]| digits.iter().fold(0, |sum, d| sum * 10 + i16::from(d - b'0'));
        let month = i8::try_from(value(&[m1, m2])).expect("two digits are below 100");
        Month::new(value(&[y1, y2, y3, y4]), month)
    }

    /// The month in which `date` lies; dates before year 1 are in none and give [`Month::MIN`].
    pub fn of(date: Date) -> Month {
        Month { year: date.year(), month: date.month() }.max(Month::MIN)
    }

    pub const fn year(self) -> i16 {
        self.year
    }

    /// 1 to 12.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// 1 to 4.
    pub const fn quarter(self) -> i8 {
        (self.month + 2) / 3
    }

    #[must_use]
    pub fn next(self) -> Month {
        self.plus(1)
    }

    #[must_use]
    pub fn previous(self) -> Month {
        self.plus(-1)
    }

    /// So many months later, or earlier when negative; stops at [`Month::MIN`] and [`Month::MAX`].
    #[must_use]
    pub fn plus(self, months: i32) -> Month {
        let index =
            self.index().saturating_add(months).clamp(Month::MIN.index(), Month::MAX.index());
        Month {
            year: i16::try_from(index / 12).expect("clamped to four digits"),
            month: i8::try_from(index % 12 + 1).expect("a remainder of 12"),
        }
    }

    /// Months from this one to `later`; negative when `later` is earlier.
    pub fn months_until(self, later: Month) -> i32 {
        later.index() - self.index()
    }

    pub fn first_day(self) -> Date {
        Date::new(self.year, self.month, 1).expect("every month of years 1 to 9999 has a first day")
    }

    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    pub fn contains(self, date: Date) -> bool {
        date.year() == self.year && date.month() == self.month
    }

    /// Every month from this one to `last`, both counted; empty when `last` is earlier.
    pub fn through(self, last: Month) -> impl Iterator<Item = Month> + use<> {
        (0..=self.months_until(last)).map(move |n| self.plus(n))
    }

    fn index(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month) - 1
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Month({self})")
    }
}

impl FromStr for Month {
    type Err = MonthError;
    fn from_str(text: &str) -> Result<Month, MonthError> {
        Month::parse(text)
    }
}

serde_as_text!(Month, "a month like \"2026-01\"");
