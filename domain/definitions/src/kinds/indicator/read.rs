//! A table of a file becomes an indicator: every key is asked for, so that all mistakes are told.

use std::collections::BTreeMap;

use shared::{Date, Money};

use super::plain::PlainFact;
use super::{
    Better, Condition, Dimension, Example, Expected, FactKind, Facts, Fold, Grain, Indicator,
    Measure, Number, Span, Target, Unit,
};
use crate::block::{Block, Name};
use crate::kinds::account::plain_id;
use crate::mistake::Fault;
use crate::word::{Word, words};

words! {
    enum MeasureWord {
        Count = "count",
        Distinct = "distinct",
        DistinctSoFar = "distinct-so-far",
        Sum = "sum",
        Average = "average",
        Minimum = "minimum",
        Maximum = "maximum",
        Percentile = "percentile",
        Running = "running",
        Last = "last",
        Single = "single-period",
        Ratio = "ratio",
        Difference = "difference",
        Share = "share",
    }
}

words! {
    enum Status {
        Live = "live",
        Awaiting = "awaiting",
    }
}

/// How many numbers Appendix A has.
const NUMBERS: i64 = 318;

pub(super) fn indicator(block: &Block<'_>) -> Option<(String, Indicator)> {
    let (id, name, source) = block.head(plain_id);
    let question = block.table("question", Name::read);
    let numbers = block.integers_if_any("numbers", 1, NUMBERS);
    let unit = block.word("unit");
    let targets = block.tables_if_any("target", |table| target(table, unit));
    let better = block.word_or("better", Better::Neither);
    let period = block.word_or("period", Grain::Month);
    let by = block.words_or_none_if_any("by");
    let hide_below = block.integer_or("hide_below", 0, 1_000, 0);
    let (measure, awaiting) = match block.word_or("status", Status::Live)? {
        Status::Live => {
            let conditions = block.tables_if_any("where", condition);
            let measure = block.table("measure", |table| measure(table, conditions.as_ref()));
            (measure.map(Some), Some(None))
        }
        Status::Awaiting => (Some(None), block.text("awaiting").map(Some)),
    };
    let kind = match &measure {
        Some(Some(Measure::Of { facts, .. })) => Some(facts.kind),
        _ => None,
    };
    let examples = block.tables_if_any("example", |table| example(table, kind));
    let id = id?;
    let indicator = Indicator {
        id: id.clone(),
        name: name?,
        question: question?,
        source: source?,
        numbers: numbers?,
        unit: unit?,
        better: better?,
        period: period?,
        by: by?,
        hide_below: hide_below?,
        measure: measure?,
        awaiting: awaiting?,
        targets: targets?,
        examples: examples?,
    };
    Some((id, indicator))
}

fn condition(block: &Block<'_>) -> Option<Condition> {
    let (by, is) = (block.word("dimension"), block.texts("is"));
    Some(Condition { by: by?, is: is? })
}

fn target(block: &Block<'_>, unit: Option<Unit>) -> Option<Target> {
    const VALUE: (&str, &str) = ("按指标单位的数值", "a value of the indicator's unit");
    let period = block.parsed("period", SPAN, |text| text.parse::<Span>().ok());
    let value = block.parsed("value", VALUE, |text| unit?.parse(text));
    Some(Target { period: period?, value: value? })
}

fn measure(block: &Block<'_>, conditions: Option<&Vec<Condition>>) -> Option<Measure> {
    const INDICATOR: &str = "indicator";
    let word: MeasureWord = block.word("kind")?;
    let of = |fold: Option<Fold>| {
        let kind: Option<FactKind> = block.word("of");
        let facts = Facts { kind: kind?, conditions: conditions?.clone() };
        Some(Measure::Of { fold: fold?, facts })
    };
    let number = || block.word::<Number>("number");
    match word {
        MeasureWord::Count => of(Some(Fold::Count)),
        MeasureWord::Distinct => of(Some(Fold::Distinct)),
        MeasureWord::DistinctSoFar => of(Some(Fold::DistinctSoFar)),
        MeasureWord::Sum => of(number().map(Fold::Sum)),
        MeasureWord::Average => of(number().map(Fold::Average)),
        MeasureWord::Minimum => of(number().map(Fold::Minimum)),
        MeasureWord::Maximum => of(number().map(Fold::Maximum)),
        MeasureWord::Percentile => {
            let (number, percent) = (number(), block.integer("percent", 1, 100));
            let percent = percent.and_then(|percent| u8::try_from(percent).ok());
            of(number.zip(percent).map(|(number, percent)| Fold::Percentile(number, percent)))
        }
        MeasureWord::Running => of(number().map(Fold::Running)),
        MeasureWord::Last => of(number().map(Fold::Last)),
        MeasureWord::Single => of(number().map(Fold::Single)),
        MeasureWord::Ratio => {
            let over = block.reference("over", INDICATOR);
            let under = block.reference("under", INDICATOR);
            Some(Measure::Ratio { over: over?, under: under? })
        }
        MeasureWord::Difference => {
            let first = block.reference("first", INDICATOR);
            let second = block.reference("second", INDICATOR);
            Some(Measure::Difference { first: first?, second: second? })
        }
        MeasureWord::Share => {
            let of = block.reference("of", INDICATOR);
            let among = block.word("among");
            Some(Measure::Share { of: of?, among: among? })
        }
    }
}

fn example(block: &Block<'_>, kind: Option<FactKind>) -> Option<Example> {
    let facts = block.tables_or_none("facts", |table| fact(table, kind));
    let period = block.parsed("period", SPAN, |text| text.parse::<Span>().ok());
    let value = block.text_if_any("value");
    let missing = block.text_if_any("missing");
    let expected = match (value, missing) {
        (Some(value), None) => Some(Expected::Value(value)),
        (None, Some(missing)) => Some(Expected::Missing(missing)),
        (None, None) | (Some(_), Some(_)) => block.refuse(
            "value",
            Fault::contradiction(
                "须有 value 或 missing 之一",
                "an example has a value or the reason why it is missing, one of them",
            ),
        ),
    };
    Some(Example { facts: facts?, period: period?, expected: expected? })
}

const SPAN: (&str, &str) =
    ("期间(如 2026-01、2026-Q1、2026)", "a period such as 2026-01, 2026-Q1 or 2026");

fn fact(block: &Block<'_>, usual: Option<FactKind>) -> Option<PlainFact> {
    let kind = match usual {
        Some(usual) => block.word_or("of", usual),
        None => block.word("of"),
    };
    let day: Option<Date> = block.date("day");
    let subject = block.text_if_any("subject");
    let mut dimensions = BTreeMap::new();
    for (word, dimension) in Dimension::ALL {
        let Some(value) = block.text_if_any(word) else { continue };
        match kind.map(|kind| kind.shape().dimensions) {
            Some(known) if !known.contains(dimension) => {
                let allowed: Vec<Dimension> = known.to_vec();
                return block.refuse(word, Fault::not_of_fact(word, kind?.word(), &allowed));
            }
            _ => dimensions.insert(*dimension, value),
        };
    }
    let mut numbers = BTreeMap::new();
    for (word, number) in Number::ALL {
        let value = match number {
            Number::Change
            | Number::ToCard
            | Number::Value
            | Number::Days
            | Number::Lines
            | Number::Seconds => block.integer_if_any(word, i64::MIN, i64::MAX),
            Number::Amount | Number::Debit | Number::Credit | Number::Cash => {
                block.money_if_any(word).map(Money::fen)
            }
        };
        if let Some(value) = value {
            numbers.insert(*number, value);
        }
    }
    Some(PlainFact { kind: kind?, day: day?, subject, dimensions, numbers })
}
