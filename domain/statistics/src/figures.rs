//! What one authority said of one month.
//!
//! **Streams** `figures-<publisher>-<month>`.
//! **Invariant** a series has one value at a time; a report that says the same changes nothing.

use std::collections::BTreeMap;

use kernel::{Decider, StreamName, refusals};
use serde::{Deserialize, Serialize};
use shared::Month;

/// The values held, by scheme and series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    held: BTreeMap<(String, String), i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Report { publisher: String, month: Month, readings: Vec<Reading>, source: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Series that were not reported of this month before.
    #[serde(rename = "figures.reported.v1")]
    Reported {
        publisher: String,
        month: Month,
        readings: Vec<Reading>,
        /// The address or document that says so.
        source: String,
    },
    /// Series that were reported with another value.
    #[serde(rename = "figures.corrected.v1")]
    Corrected { publisher: String, month: Month, readings: Vec<Reading>, source: String },
}

kernel::event!(Event);

/// One series: fen, people, cases or basis points, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub scheme: String,
    pub series: String,
    pub value: i64,
}

refusals! {
    /// Why a report is not taken.
    Refused {
        NoReadings = "FIGURES_EMPTY", "a report holds at least one figure", "上报至少含一个数";
        NoSource = "FIGURES_SOURCE_MISSING", "a report names its source", "上报须注明出处";
        Twice { scheme: String, series: String } = "FIGURES_TWICE",
            "{scheme} {series} stands in the report twice", "{scheme} {series} 重复出现";
    }
}

#[must_use]
pub fn stream(publisher: &str, month: Month) -> StreamName {
    StreamName::new(Figures::CATEGORY, format_args!("{publisher}-{month}"))
}

impl Decider for Figures {
    const CATEGORY: &'static str = "figures";
    type Command = Command;
    type Event = Event;
    type Error = Refused;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refused> {
        let Command::Report { publisher, month, readings, source } = command;
        if readings.is_empty() {
            return Err(Refused::NoReadings);
        }
        if source.trim().is_empty() {
            return Err(Refused::NoSource);
        }
        for (place, one) in readings.iter().enumerate() {
            if readings[..place].iter().any(|before| before.key() == one.key()) {
                let (scheme, series) = one.key();
                return Err(Refused::Twice { scheme, series });
            }
        }
        let (known, new): (Vec<Reading>, Vec<Reading>) =
            readings.into_iter().partition(|one| self.held.contains_key(&one.key()));
        let other: Vec<Reading> =
            known.into_iter().filter(|one| self.held.get(&one.key()) != Some(&one.value)).collect();
        let mut events = Vec::new();
        if !new.is_empty() {
            let (publisher, source) = (publisher.clone(), source.clone());
            events.push(Event::Reported { publisher, month, readings: new, source });
        }
        if !other.is_empty() {
            events.push(Event::Corrected { publisher, month, readings: other, source });
        }
        Ok(events)
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Reported { readings, .. } | Event::Corrected { readings, .. } => {
                self.held.extend(readings.iter().map(|one| (one.key(), one.value)));
            }
        }
        self
    }
}

impl Reading {
    fn key(&self) -> (String, String) {
        (self.scheme.clone(), self.series.clone())
    }
}

#[cfg(test)]
mod tests {
    use kernel::given;

    use super::*;

    const SOURCE: &str = "统计快报";

    fn reading(series: &str, value: i64) -> Reading {
        Reading { scheme: "injury".to_owned(), series: series.to_owned(), value }
    }

    fn month() -> Month {
        Month::new(2025, 3).unwrap()
    }

    fn report(readings: Vec<Reading>) -> Command {
        let (publisher, source) = ("mohrss".to_owned(), SOURCE.to_owned());
        Command::Report { publisher, month: month(), readings, source }
    }

    fn reported(readings: Vec<Reading>) -> Event {
        let (publisher, source) = ("mohrss".to_owned(), SOURCE.to_owned());
        Event::Reported { publisher, month: month(), readings, source }
    }

    fn corrected(readings: Vec<Reading>) -> Event {
        let (publisher, source) = ("mohrss".to_owned(), SOURCE.to_owned());
        Event::Corrected { publisher, month: month(), readings, source }
    }

    #[test]
    fn a_figure_published_again_with_another_value_is_a_correction() {
        given::<Figures>([reported(vec![reading("income", 5), reading("spending", 3)])])
            .when(report(vec![reading("income", 6), reading("spending", 3), reading("balance", 3)]))
            .then([reported(vec![reading("balance", 3)]), corrected(vec![reading("income", 6)])]);
    }

    #[test]
    fn the_same_figures_again_change_nothing() {
        given::<Figures>([
            reported(vec![reading("income", 5)]),
            corrected(vec![reading("income", 6)]),
        ])
        .when(report(vec![reading("income", 6)]))
        .then([]);
    }

    #[test]
    fn a_report_is_whole() {
        given::<Figures>([]).when(report(vec![])).then_refused(Refused::NoReadings);
        let twice = Refused::Twice { scheme: "injury".to_owned(), series: "income".to_owned() };
        given::<Figures>([])
            .when(report(vec![reading("income", 5), reading("income", 6)]))
            .then_refused(twice);
    }
}
