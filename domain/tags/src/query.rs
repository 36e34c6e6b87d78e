//! What a tag that asks was told, each time that it asked.
//!
//! **Streams** `tag_query-<tag>`.
//! **Invariant** a day is asked about once, and days in their order; whoever had a figure and has
//! none any more is named as having none.

use std::collections::BTreeSet;

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::Date;

/// One append holds no more: banks, funds and counties are fewer.
pub const FIGURES_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pub last: Option<Date>,
    /// Who has a figure.
    pub holders: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Ran(Run),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "tag.query-ran.v1")]
    Ran(Run),
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub tag: String,
    /// Of the version of the tag, and of the version of the indicator.
    pub digest: String,
    pub indicator: String,
    pub indicator_digest: String,
    /// The day on which it was due, and of which time it asked.
    pub due: Date,
    pub span: String,
    /// As it was known at this position, however late it asked.
    pub known_at: u64,
    /// `bank`, `fund`, …
    pub kind: String,
    /// By subject.
    pub figures: Vec<Figure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub subject: String,
    /// In the indicator's unit; `None`: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

refusals! {
    /// Why an answer is not taken.
    Error {
        OutOfOrder { due: Date, last: Date } = "TAG_QUERY_OUT_OF_ORDER",
            "a query of {due} cannot come after that of {last}",
            "{last} 的查询已登记，不能再登记 {due} 的";
        TooMany { found: usize } = "TAG_QUERY_TOO_MANY",
            "a query is told of at most 1000 subjects, not of {found}",
            "查询结果至多 1000 个对象，不能为 {found} 个";
    }
}

impl Decider for Query {
    const CATEGORY: &'static str = "tag_query";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, Command::Ran(mut run): Command) -> Result<Vec<Event>, Error> {
        match self.last {
            Some(last) if run.due == last => return Ok(vec![]),
            Some(last) if run.due < last => return Err(Error::OutOfOrder { due: run.due, last }),
            Some(_) | None => {}
        }
        let told: BTreeSet<&str> =
            run.figures.iter().map(|figure| figure.subject.as_str()).collect();
        let gone = self.holders.iter().filter(|held| !told.contains(held.as_str()));
        let gone: Vec<Figure> =
            gone.map(|subject| Figure { subject: subject.clone(), value: None }).collect();
        run.figures.extend(gone);
        if run.figures.len() > FIGURES_MAX {
            return Err(Error::TooMany { found: run.figures.len() });
        }
        run.figures.sort_by(|one, other| one.subject.cmp(&other.subject));
        Ok(vec![Event::Ran(run)])
    }

    fn evolve(mut self, Event::Ran(run): &Event) -> Self {
        self.last = Some(run.due);
        for Figure { subject, value } in &run.figures {
            match value {
                Some(_) => self.holders.insert(subject.clone()),
                None => self.holders.remove(subject),
            };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    fn run(day: i8, figures: &[(&str, Option<i64>)]) -> Run {
        let figure = |(subject, value): &(&str, Option<i64>)| Figure {
            subject: (*subject).to_owned(),
            value: *value,
        };
        Run {
            tag: "bank-returns-too-much".to_owned(),
            digest: "ab12".to_owned(),
            indicator: "return-rate".to_owned(),
            indicator_digest: "cd34".to_owned(),
            due: Date::constant(2026, 3, day),
            span: "2026-02".to_owned(),
            known_at: 90,
            kind: "bank".to_owned(),
            figures: figures.iter().map(figure).collect(),
        }
    }

    #[test]
    fn who_has_no_figure_any_more_is_named() {
        let first = run(3, &[("BOC", Some(210)), ("CMB", Some(20))]);
        let second = run(4, &[("CMB", Some(30)), ("BOC", None)]);
        let told = run(4, &[("BOC", None), ("CMB", Some(30))]);
        given::<Query>([Event::Ran(first.clone())])
            .when(Command::Ran(run(4, &[("CMB", Some(30))])))
            .then([Event::Ran(told.clone())]);
        given::<Query>([Event::Ran(first.clone())])
            .when(Command::Ran(second))
            .then([Event::Ran(told)]);
        given::<Query>([Event::Ran(first.clone())]).when(Command::Ran(first)).then_nothing();
    }

    #[test]
    fn days_come_in_their_order_and_holders_are_those_of_the_last() {
        fn next(state: &Query, dice: &mut Dice) -> Command {
            let last = state.last.map_or(0, |last| last.day());
            let day = (last + dice.one_of(&[1, 1, 0, -1])).clamp(1, 28);
            if dice.below(12) == 0 {
                let many: Vec<String> = (0..=FIGURES_MAX).map(|n| format!("B{n}")).collect();
                let many: Vec<_> = many.iter().map(|name| (name.as_str(), Some(1))).collect();
                return Command::Ran(run(day, &many));
            }
            let values = ["BOC", "CMB", "JSB"].map(|bank| (bank, dice.one_of(&[Some(7), None])));
            Command::Ran(run(day, &values[dice.below(3)..]))
        }
        fn law(history: &[Event], state: &Query) {
            let days = history.iter().map(|Event::Ran(run)| run.due);
            assert!(days.is_sorted_by(|one, other| one < other));
            assert_eq!(state.last, history.last().map(|Event::Ran(run)| run.due));
            let last = history.last().map(|Event::Ran(run)| run.figures.as_slice());
            let holders = last.unwrap_or_default().iter().filter(|one| one.value.is_some());
            let holders: BTreeSet<String> = holders.map(|one| one.subject.clone()).collect();
            assert_eq!(state.holders, holders);
        }
        hold::<Query>(next, law, Error::code, Error::CODES);
    }
}
