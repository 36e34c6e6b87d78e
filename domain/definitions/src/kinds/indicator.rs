//! Indicators: what is counted, of which facts, in which unit, by which dimensions (INVENTORY C28,
//! Appendix A). A closed vocabulary, so that a bureau adds one without code.
//!
//! | question | module |
//! |---|---|
//! | Which words are there? | [`vocabulary`] |
//! | Of which time does a figure speak? | [`span`] |
//! | What does a measure mean? | [`evaluate`] |
//! | How is a table of a file read and judged? | `read`, `check` |
//!
//! **Invariant** an indicator is live and has a measure over facts that are recorded, or it names
//! the context that it awaits.

mod check;
mod closed;
pub mod evaluate;
pub mod plain;
mod read;
mod shape;
pub mod span;
pub mod vocabulary;

use serde::Serialize;
use shared::Date;

use self::evaluate::{Figure, Missing};
use self::plain::PlainFact;
pub use self::shape::Shape;
pub use self::span::{Grain, Span, SpanError};
pub use self::vocabulary::{Dimension, FactKind, Grouping, Number, Unit};
use super::{Critic, Definitions, Kind};
use crate::block::{Block, Name};
use crate::word::words;

words! {
    /// Which direction is the good one.
    pub enum Better {
        Higher = "higher",
        Lower = "lower",
        Neither = "neither",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Indicator {
    pub id: String,
    pub name: Name,
    /// What it answers.
    pub question: Name,
    /// The seed that names it.
    pub source: String,
    /// Its numbers in Appendix A of the inventory; none for our own.
    pub numbers: Vec<i64>,
    pub unit: Unit,
    pub better: Better,
    /// Into what a course over time is cut unless asked otherwise.
    pub period: Grain,
    /// By what it can be asked.
    pub by: Vec<Dimension>,
    /// A group with fewer than so many, and more than none, is not shown.
    pub hide_below: i64,
    /// `None`: the facts are not recorded yet.
    pub measure: Option<Measure>,
    /// The context whose facts it needs.
    pub awaiting: Option<String>,
    /// What is wanted of a period, without groups.
    #[serde(skip)]
    pub targets: Vec<Target>,
    #[serde(skip)]
    pub examples: Vec<Example>,
}

/// What is wanted of a period, in the indicator's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub period: Span,
    pub value: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Measure {
    Of {
        fold: Fold,
        facts: Facts,
    },
    /// One indicator divided by another, of unrounded parts.
    Ratio {
        over: String,
        under: String,
    },
    Difference {
        first: String,
        second: String,
    },
    /// Each group's part of the whole over one grouping.
    Share {
        of: String,
        among: Grouping,
    },
}

/// What is made of the facts of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fold {
    Count,
    /// Different subjects within the span.
    Distinct,
    /// Different subjects from the beginning up to the end of the span.
    DistinctSoFar,
    Sum(Number),
    Average(Number),
    Minimum(Number),
    Maximum(Number),
    /// Of the number, 1–100, by nearest rank.
    Percentile(Number, u8),
    /// Everything from the beginning up to the end of the span: stocks, balances.
    Running(Number),
    /// What the last fact of the span says.
    Last(Number),
    /// A figure counted from January on, taken apart into its own months.
    Single(Number),
}

/// Facts of a kind that meet every condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    pub kind: FactKind,
    pub conditions: Vec<Condition>,
}

/// One of these groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    pub by: Grouping,
    pub is: Vec<String>,
}

/// Facts and what the indicator says of them: run whenever the definition is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub facts: Vec<PlainFact>,
    pub period: Span,
    /// As shown in the unit, or the code of the reason why there is none.
    pub expected: Expected,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    Value(String),
    Missing(String),
}

impl Indicator {
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.measure.is_some()
    }

    /// Whether it can be grouped by this.
    #[must_use]
    pub fn allows(&self, by: Grouping) -> bool {
        self.by.contains(&by.of().0)
    }

    /// What is wanted of exactly this period.
    #[must_use]
    pub fn target(&self, span: Span) -> Option<i64> {
        let target = self.targets.iter().find(|target| target.period == span);
        target.map(|target| target.value)
    }

    /// The indicators that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let parts: [Option<&str>; 2] = match &self.measure {
            None | Some(Measure::Of { .. }) => [None, None],
            Some(Measure::Ratio { over, under }) => [Some(over), Some(under)],
            Some(Measure::Difference { first, second }) => [Some(first), Some(second)],
            Some(Measure::Share { of, .. }) => [Some(of), None],
        };
        parts.into_iter().flatten()
    }

    /// What it says where there are no facts at all.
    #[must_use]
    pub fn of_nothing(&self) -> Figure {
        match &self.measure {
            None => {
                let context = self.awaiting.clone().unwrap_or_default();
                Figure::none(Missing::Awaiting { context })
            }
            Some(Measure::Of { fold, .. }) => match fold {
                Fold::Count
                | Fold::Distinct
                | Fold::DistinctSoFar
                | Fold::Sum(_)
                | Fold::Running(_) => Figure::of(0),
                Fold::Average(_)
                | Fold::Minimum(_)
                | Fold::Maximum(_)
                | Fold::Percentile(..)
                | Fold::Last(_)
                | Fold::Single(_) => Figure::none(Missing::NoFacts),
            },
            Some(Measure::Ratio { .. } | Measure::Share { .. }) => {
                Figure::none(Missing::DivisionByZero)
            }
            Some(Measure::Difference { .. }) => Figure::none(Missing::NoFacts),
        }
    }

    /// Whether a period that is not over can still change what it says.
    #[must_use]
    pub fn complete(&self, span: Span, today: Date) -> bool {
        span.to() < today
    }
}

impl Kind for Indicator {
    const WORD: &'static str = "indicator";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        read::indicator(block)
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        check::indicator(self, among, critic);
    }
}
