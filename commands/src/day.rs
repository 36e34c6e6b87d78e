//! The business day: one event per calendar day of Asia/Shanghai, so that time is in the log.
//!
//! **Streams** `day-<date>`, with the claim `day:<date>`.
//! **Invariant** every day after the first is opened once, and only after the day before it.

use std::convert::Infallible;

use jiff::civil::Date;
use jiff::tz::Offset;
use kernel::log::ReadError;
use kernel::process::derived_id;
use kernel::{Decider, EventLog, Position, StreamName};
use serde::{Deserialize, Serialize};
use shared::{DayKind, WorkingDays};

use crate::envelope::Envelope;
use crate::error::{CommandError, Refusal};
use crate::execute::{Done, Executor};
use crate::unit::Unit;

/// Asia/Shanghai. China has had one zone without summer time since 1991: no table of zones is needed.
pub(crate) const ZONE: Offset = Offset::constant(8);

const CLAIMS: &str = "day:";
const CLAIMS_PAGE: usize = 1_000;
/// How often the list of days is looked at anew because another node was faster.
const LOOKS_MAX: u32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Day {
    #[default]
    Ahead,
    Open,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Open { date: Date, kind: Kind, holiday: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// `holiday` is the Chinese name of the holiday that makes the day off, or that a swap working
    /// day is worked for.
    #[serde(rename = "calendar.day_opened.v1")]
    Opened {
        date: Date,
        kind: Kind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holiday: Option<String>,
    },
}

kernel::event!(Event);

/// What the notice of the State Council makes of the day, as far as it was published when the day
/// was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Working,
    Weekend,
    Holiday,
    /// A Saturday or Sunday worked (调休).
    Swap,
    /// No notice for this year stands in the program.
    Unpublished,
}

impl Decider for Day {
    const CATEGORY: &'static str = "day";
    type Command = Command;
    type Event = Event;
    type Error = Infallible;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Infallible> {
        match (self, command) {
            (Self::Ahead, Command::Open { date, kind, holiday }) => {
                Ok(vec![Event::Opened { date, kind, holiday }])
            }
            (Self::Open, Command::Open { .. }) => Ok(vec![]),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Opened { .. } => Self::Open,
        }
    }
}

impl Refusal for Infallible {
    fn code(&self) -> &'static str {
        match *self {}
    }

    fn zh(&self) -> String {
        match *self {}
    }
}

/// Opens every day up to `up_to` that follows the last open one, in order; the first day of a log
/// is `up_to` itself. Returns the days that are open now and were not seen open before, whoever of
/// several nodes opened them.
///
/// # Errors
/// When the log does not take the event.
pub async fn open_days(executor: &Executor, up_to: Date) -> Result<Vec<Date>, CommandError> {
    let mut opened = Vec::new();
    let mut looks = 0;
    let mut last = last_opened(executor.log(), None).await?;
    while last.is_none_or(|last| last < up_to) {
        let next = match last {
            Some(last) => last.tomorrow().map_err(CommandError::fault)?,
            None => up_to,
        };
        match open(executor, last, next).await {
            Ok(_) => {
                opened.push(next);
                last = Some(next);
            }
            Err(CommandError::Conflict(_)) if looks < LOOKS_MAX => {
                looks += 1;
                let seen = last_opened(executor.log(), last).await?;
                // What another node opened meanwhile, day by day.
                while let Some(day) = last
                    && Some(day) < seen
                {
                    let day = day.tomorrow().map_err(CommandError::fault)?;
                    opened.push(day);
                    last = Some(day);
                }
                last = seen;
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(last) = last {
        executor.note_open_day(last);
    }
    Ok(opened)
}

/// What the calendar says about a day, and the holiday's Chinese name.
#[must_use]
pub fn kind(date: Date) -> (Kind, Option<String>) {
    match WorkingDays::bundled().kind(date) {
        Ok(DayKind::Workday) => (Kind::Working, None),
        Ok(DayKind::Weekend) => (Kind::Weekend, None),
        Ok(DayKind::Holiday { name }) => (Kind::Holiday, Some(name.to_owned())),
        Ok(DayKind::SwapWorkday { name }) => (Kind::Swap, Some(name.to_owned())),
        Err(_) => (Kind::Unpublished, None),
    }
}

/// The last opened day; `known` is one that is known to be open.
pub(crate) async fn last_opened(
    log: &dyn EventLog,
    known: Option<Date>,
) -> Result<Option<Date>, ReadError> {
    let mut last = known;
    let mut after = last.map_or_else(|| CLAIMS.to_owned(), claim);
    loop {
        let page = log.claims_from(CLAIMS, &after, CLAIMS_PAGE).await?;
        let Some(end) = page.last() else {
            return Ok(last);
        };
        after.clone_from(&end.key);
        // Keys sort as their dates do: ISO dates of four-digit years.
        last = end.key[CLAIMS.len()..].parse().ok().or(last);
    }
}

async fn open(executor: &Executor, before: Option<Date>, date: Date) -> Result<Done, CommandError> {
    let id = derived_id("day", &[date.to_string().as_bytes()]);
    let envelope = Envelope::new(id, "system").on(date);
    executor
        .run(&envelope, "dayOpen", &date, async |unit: Unit| {
            match before {
                Some(before) => {
                    unit.guard::<Day>(before).await?;
                }
                // Two nodes that start a new log on both sides of midnight must not open the days
                // in the wrong order.
                None => unit.none_since(["calendar.day_opened"], Position::START),
            }
            let (kind, holiday) = kind(date);
            unit.decide::<Day>(date, Command::Open { date, kind, holiday }).await?;
            unit.take(claim(date), StreamName::new(Day::CATEGORY, date).as_str());
            Ok(())
        })
        .await
}

fn claim(date: Date) -> String {
    format!("{CLAIMS}{date}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::{given, memory::MemoryLog};

    use super::*;
    use crate::fixture::{self, World};

    fn opened(log: &MemoryLog) -> Vec<Date> {
        let events = log.events();
        let days = events.iter().filter(|event| event.type_name == "calendar.day_opened.v1");
        days.map(|event| {
            let Event::Opened { date, .. } = event.decode().unwrap();
            assert_eq!(event.meta().unwrap().business_date, date);
            date
        })
        .collect()
    }

    #[test]
    fn a_day_is_opened_once() {
        let (kind, holiday) = kind(date(2026, 10, 1));
        assert_eq!((kind, holiday.as_deref().is_some()), (Kind::Holiday, true));
        let event = Event::Opened { date: date(2026, 10, 1), kind, holiday: holiday.clone() };
        given::<Day>([])
            .when(Command::Open { date: date(2026, 10, 1), kind, holiday: holiday.clone() })
            .then([event])
            .when(Command::Open { date: date(2026, 10, 1), kind, holiday })
            .then_nothing();
        assert_eq!(super::kind(date(2026, 3, 4)), (Kind::Working, None));
        assert_eq!(super::kind(date(2026, 3, 7)), (Kind::Weekend, None));
        assert_eq!(super::kind(date(2099, 3, 7)), (Kind::Unpublished, None));
    }

    #[tokio::test]
    async fn missed_days_are_opened_in_order_and_the_open_day_is_the_business_date() {
        let World { executor, log, .. } = World::new();
        assert_eq!(executor.business_day().await.unwrap(), fixture::TODAY);
        assert_eq!(open_days(&executor, date(2026, 2, 26)).await.unwrap(), [date(2026, 2, 26)]);
        let missed = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)];
        assert_eq!(open_days(&executor, date(2026, 3, 2)).await.unwrap(), missed);
        assert!(open_days(&executor, date(2026, 3, 1)).await.unwrap().is_empty());
        assert_eq!(opened(&log), [&[date(2026, 2, 26)][..], &missed[..]].concat());
        assert_eq!(executor.business_day().await.unwrap(), date(2026, 3, 2));
    }

    #[tokio::test]
    async fn two_nodes_that_race_open_each_day_once_in_order() {
        let World { executor, log, ports, .. } = World::new();
        let (mine, other) = (fixture::Lagging::over(&executor), Executor::new(ports));
        open_days(&executor, date(2026, 12, 29)).await.unwrap();
        let up_to = date(2027, 1, 3);
        let (a, b) = tokio::join!(open_days(&mine, up_to), open_days(&other, up_to));
        assert_eq!((a.unwrap().len(), b.unwrap().len()), (5, 5));
        let days = opened(&log);
        assert_eq!(days.len(), 6);
        assert!(days.is_sorted());
    }

    #[tokio::test]
    async fn a_new_log_never_opens_a_day_before_one_that_is_open() {
        let World { executor, log, .. } = World::new();
        // The other node looked before the first day was opened, and writes after it.
        open_days(&executor, date(2026, 3, 2)).await.unwrap();
        let late = open(&executor, None, date(2026, 3, 1)).await;
        assert!(
            matches!(late, Err(CommandError::Conflict(conflicts)) if conflicts.since.len() == 1)
        );
        assert_eq!(opened(&log), [date(2026, 3, 2)]);
    }
}
