//! When a step is due: working days of the official calendar, hours for red, stopped and resumed.
//!
//! **Invariant** what a clock has spent is what was worked between its starts and its stops, however
//! often it was stopped; a year without a published calendar is said, never guessed.

use kernel::Micros;
use serde::{Deserialize, Serialize};
use shared::{Date, Unpublished, WorkingDays};

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// How long a step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    WorkingDays(u32),
    /// Around the clock, as a red warning is worked on.
    Hours(u32),
}

/// A business date and the instant behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    pub on: Date,
    /// Microseconds since 1970.
    pub at: Micros,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub term: Term,
    /// Running since then; `None` while it is stopped.
    pub since: Option<Moment>,
    /// Working days, or microseconds, before that.
    pub spent: i64,
}

/// When a running clock ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The last day on which it is in time.
    On(Date),
    At(Micros),
    Stopped,
    /// The days of this year are not published yet: nobody can say.
    Unpublished {
        year: i16,
    },
}

impl Clock {
    #[must_use]
    pub fn started(term: Term, now: Moment) -> Self {
        Self { term, since: Some(now), spent: 0 }
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        self.since.is_some()
    }

    /// What was spent up to `now`: working days, or microseconds.
    ///
    /// # Errors
    /// When a day on the way is not published.
    pub fn spent_at(&self, now: Moment) -> Result<i64, Unpublished> {
        let Some(since) = self.since else { return Ok(self.spent) };
        let running = match self.term {
            Term::WorkingDays(_) => {
                i64::from(WorkingDays::bundled().working_days_between(since.on, now.on)?)
            }
            Term::Hours(_) => (now.at.0 - since.at.0).max(0),
        };
        Ok(self.spent + running)
    }

    /// # Errors
    /// As [`Clock::spent_at`]: a clock whose days nobody knows is not stopped.
    pub fn stopped(self, now: Moment) -> Result<Self, Unpublished> {
        Ok(Self { spent: self.spent_at(now)?, since: None, ..self })
    }

    #[must_use]
    pub fn resumed(self, now: Moment) -> Self {
        Self { since: self.since.or(Some(now)), ..self }
    }

    /// More time: working days, or hours where the term is in hours.
    #[must_use]
    pub fn extended(self, by: u32) -> Self {
        let term = match self.term {
            Term::WorkingDays(days) => Term::WorkingDays(days.saturating_add(by)),
            Term::Hours(hours) => Term::Hours(hours.saturating_add(by)),
        };
        Self { term, ..self }
    }

    #[must_use]
    pub fn due(&self) -> Due {
        let Some(since) = self.since else { return Due::Stopped };
        match self.term {
            Term::WorkingDays(days) => {
                let left = (i64::from(days) - self.spent).max(0);
                let left = u32::try_from(left).unwrap_or(u32::MAX);
                match WorkingDays::bundled().add_working_days(since.on, left) {
                    Ok(date) => Due::On(date),
                    Err(Unpublished { year, .. }) => Due::Unpublished { year },
                }
            }
            Term::Hours(hours) => {
                let left = (i64::from(hours) * MICROS_PER_HOUR - self.spent).max(0);
                Due::At(Micros(since.at.0.saturating_add(left)))
            }
        }
    }

    /// Whether it is over on a day that was opened: a day that is due is not late yet.
    #[must_use]
    pub fn is_late(&self, now: Moment) -> bool {
        match self.due() {
            Due::On(due) => due < now.on,
            Due::At(due) => due < now.at,
            Due::Stopped | Due::Unpublished { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(month: i8, day: i8, hour: i64) -> Moment {
        let at = Micros(
            (i64::from(month) * 31 + i64::from(day)) * 24 * MICROS_PER_HOUR
                + hour * MICROS_PER_HOUR,
        );
        Moment { on: Date::constant(2026, month, day), at }
    }

    #[test]
    fn working_days_follow_the_official_calendar() {
        // The Spring Festival of 2026 is from 15 to 23 February; 14 and 28 are worked.
        let clock = Clock::started(Term::WorkingDays(3), moment(2, 13, 9));
        assert_eq!(clock.due(), Due::On(Date::constant(2026, 2, 25)));
        assert!(!clock.is_late(moment(2, 25, 23)) && clock.is_late(moment(2, 26, 0)));
        let beyond = Clock::started(Term::WorkingDays(3), moment(12, 30, 9));
        assert_eq!(beyond.due(), Due::Unpublished { year: 2027 });
        assert!(!beyond.is_late(moment(12, 31, 0)));
    }

    #[test]
    fn hours_run_through_the_night() {
        let clock = Clock::started(Term::Hours(24), moment(2, 14, 22));
        assert_eq!(clock.due(), Due::At(moment(2, 15, 22).at));
        assert!(clock.is_late(moment(2, 15, 23)));
    }

    #[test]
    fn what_is_spent_is_what_was_worked_between_starts_and_stops() {
        for term in [Term::WorkingDays(10), Term::Hours(240)] {
            let mut clock = Clock::started(term, moment(3, 2, 8));
            let (mut worked, mut now) = (0, moment(3, 2, 8));
            let stops = [(4, 6), (9, 9), (10, 13), (16, 20)];
            for (stop, resume) in stops {
                let before = Clock::started(term, now);
                worked += before.spent_at(moment(3, stop, 17)).unwrap();
                clock = clock.stopped(moment(3, stop, 17)).unwrap();
                assert_eq!((clock.due(), clock.spent), (Due::Stopped, worked));
                now = moment(3, resume, 8);
                clock = clock.resumed(now);
            }
            assert_eq!(clock.spent_at(now).unwrap(), worked);
            assert_ne!(clock.extended(40).due(), clock.due());
        }
    }

    #[test]
    fn a_stopped_clock_goes_on_with_what_is_left() {
        let clock = Clock::started(Term::WorkingDays(5), moment(3, 2, 8));
        let stopped = clock.stopped(moment(3, 4, 8)).unwrap();
        assert_eq!(stopped.spent, 2);
        let resumed = stopped.resumed(moment(3, 9, 8));
        assert_eq!(resumed.due(), Due::On(Date::constant(2026, 3, 12)));
    }
}
