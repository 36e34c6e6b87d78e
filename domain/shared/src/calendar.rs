//! Statutory working days: weekends, public holidays and swap working days (调休) as the State
//! Council publishes them each year, 2007–2026.
//!
//! **Invariant** a year without a published notice is an error, never a guess.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::division::rows;
use crate::month::Month;

/// The published calendar. The notice of a year can move the last days of December before it; for
/// the last year of the table that notice is still to come.
pub struct WorkingDays {
    /// Only the days that differ from the plain week.
    days: BTreeMap<Date, Special>,
    first_year: i16,
    last_year: i16,
}

#[derive(Clone, Copy)]
struct Special {
    off: bool,
    name: &'static str,
}

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    Workday,
    Weekend,
    /// A day off by the notice, with the holiday's Chinese name.
    Holiday {
        name: &'static str,
    },
    /// A Saturday or Sunday worked in exchange for a day of the named holiday.
    SwapWorkday {
        name: &'static str,
    },
}

/// No holiday notice is in the table for this year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the working days of {year} are not published here: the table holds {first} to {last}")]
pub struct Unpublished {
    pub year: i16,
    pub first: i16,
    pub last: i16,
}

impl DayKind {
    pub const fn is_working(self) -> bool {
        match self {
            DayKind::Workday | DayKind::SwapWorkday { .. } => true,
            DayKind::Weekend | DayKind::Holiday { .. } => false,
        }
    }
}

impl Unpublished {
    pub fn zh(&self) -> String {
        let Unpublished { year, first, last } = self;
        format!("{year}年放假安排尚未收录（已收录{first}至{last}年），不能推算工作日")
    }
}

impl WorkingDays {
    /// The embedded calendar. Source: `data/SOURCE.md`.
    pub fn bundled() -> &'static WorkingDays {
        static BUNDLED: OnceLock<WorkingDays> = OnceLock::new();
        BUNDLED.get_or_init(|| {
            let days = rows(include_str!("../data/calendar.csv")).map(|[date, day, name]| {
                let date = date.parse().expect("the committed calendar holds dates");
                (date, Special { off: day == "off", name })
            });
            // The notice of 2007 also moved two days of December 2006, a year we do not have.
            WorkingDays { days: days.collect(), first_year: 2007, last_year: 2026 }
        })
    }

    pub fn kind(&self, date: Date) -> Result<DayKind, Unpublished> {
        let year = date.year();
        if !(self.first_year..=self.last_year).contains(&year) {
            return Err(Unpublished { year, first: self.first_year, last: self.last_year });
        }
        Ok(match self.days.get(&date) {
            Some(Special { off: true, name }) => DayKind::Holiday { name },
            Some(Special { off: false, name }) => DayKind::SwapWorkday { name },
            None if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) => {
                DayKind::Weekend
            }
            None => DayKind::Workday,
        })
    }

    pub fn is_working_day(&self, date: Date) -> Result<bool, Unpublished> {
        self.kind(date).map(DayKind::is_working)
    }

    pub fn working_days_in_year(&self, year: i16) -> Result<u32, Unpublished> {
        let unpublished = Unpublished { year, first: self.first_year, last: self.last_year };
        let before = Date::new(year, 1, 1).and_then(|d| d.yesterday()).map_err(|_| unpublished)?;
        let last = Date::new(year, 12, 31).map_err(|_| unpublished)?;
        self.working_days_between(before, last)
    }

    /// The `n`th working day after `date`; the day itself does not count (民法典 art 201), so zero
    /// gives `date` as it is.
    pub fn add_working_days(&self, date: Date, n: u32) -> Result<Date, Unpublished> {
        let mut day = date;
        let mut left = n;
        while left > 0 {
            day = self.after(day)?;
            if self.is_working_day(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// Working days after `from` up to and with `to`; zero when `to` is not later.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, Unpublished> {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = self.after(day)?;
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }

    /// The pay day of a month: the `day`th, or the month's last day when it has fewer; moved
    /// **earlier** to a working day when it falls on none, across the start of the month if need
    /// be. Swap working days count (DISBURSEMENT.md, rule 6).
    pub fn pay_day(&self, month: Month, day: i8) -> Result<Date, Unpublished> {
        let last = month.last_day().day();
        let mut date = month
            .first_day()
            .checked_add(i32::from(day.clamp(1, last) - 1).days())
            .expect("a day of the same month");
        while !self.is_working_day(date)? {
            // A day off that is in the table has a day before it: the table starts after year 1.
            date = date.yesterday().expect("a published day has a day before it");
        }
        Ok(date)
    }

    fn after(&self, day: Date) -> Result<Date, Unpublished> {
        day.tomorrow().map_err(|_| Unpublished {
            year: day.year(),
            first: self.first_year,
            last: self.last_year,
        })
    }
}
