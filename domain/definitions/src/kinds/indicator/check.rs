//! What can be judged of an indicator only beside its words and the others: columns that a fact does
//! not have, units that do not fit, circles, and worked examples that do not come out.

use std::collections::BTreeSet;

use super::evaluate::{Query, evaluate};
use super::plain::PlainFacts;
use super::{Dimension, Expected, Fold, Indicator, Measure, Number, Unit};
use crate::kinds::{Critic, Definitions, Listed};
use crate::mistake::Fault;

pub(super) fn indicator(indicator: &Indicator, among: &Definitions, critic: &Critic<'_>) {
    match &indicator.measure {
        None => return,
        Some(Measure::Of { fold, facts }) => {
            let shape = facts.kind.shape();
            for dimension in &indicator.by {
                known("by", *dimension, facts.kind, critic);
            }
            for condition in &facts.conditions {
                let dimension = condition.by.of().0;
                known("where", dimension, facts.kind, critic);
                if let Some(words) = facts.kind.words_of(dimension)
                    && condition.by.of().1.is_none()
                {
                    for is in condition.is.iter().filter(|is| !words.contains(&is.as_str())) {
                        let allowed = words.iter().map(|word| (*word).to_owned()).collect();
                        critic.note("where", Fault::unknown_word(is, allowed));
                    }
                }
            }
            if let Some(number) = fold.number()
                && !shape.numbers.contains(&number)
            {
                let allowed = shape.numbers.iter().map(|known| known.word().to_owned()).collect();
                critic.note("measure.number", Fault::unknown_word(number.word(), allowed));
            } else {
                fits(indicator, *fold, facts.kind, critic);
            }
        }
        Some(Measure::Ratio { .. } | Measure::Difference { .. } | Measure::Share { .. }) => {
            if turns_on_itself(indicator, among) {
                critic.note(
                    "measure",
                    Fault::contradiction("指标定义循环引用", "it is made of itself, in a circle"),
                );
                return;
            }
            made_of_parts(indicator, among, critic);
        }
    }
    for (place, example) in (1..).zip(&indicator.examples) {
        let facts = PlainFacts(example.facts.clone());
        let query = Query { span: example.period, by: &[], conditions: &[] };
        let Ok(figures) = evaluate(indicator, Indicator::list(among), query, &facts);
        let Some(figure) = figures.into_values().next() else { continue };
        let found = match (&figure.value, &figure.missing) {
            (Some(value), _) => Expected::Value(indicator.unit.show(*value)),
            (None, missing) => Expected::Missing(
                missing.as_ref().map_or(String::new(), |missing| missing.code().to_owned()),
            ),
        };
        let wanted = match &example.expected {
            // "100" and "100.00" yuan are one value.
            Expected::Value(text) => indicator
                .unit
                .parse(text)
                .map_or_else(|| text.clone(), |value| indicator.unit.show(value)),
            Expected::Missing(code) => code.clone(),
        };
        let (Expected::Value(told) | Expected::Missing(told)) = &found;
        let same_sort = matches!(
            (&found, &example.expected),
            (Expected::Value(_), Expected::Value(_)) | (Expected::Missing(_), Expected::Missing(_))
        );
        if !same_sort || *told != wanted {
            critic.note(
                "example",
                Fault::contradiction(
                    format!("算例 {place} 得 {told},应为 {wanted}"),
                    format!("example {place} gives {told}, not {wanted}"),
                ),
            );
        }
    }
}

fn known(key: &str, dimension: Dimension, kind: super::FactKind, critic: &Critic<'_>) {
    let allowed = kind.shape().dimensions;
    if !allowed.contains(&dimension) {
        critic.note(key, Fault::not_of_fact(dimension.word(), kind.word(), allowed));
    }
}

fn fits(indicator: &Indicator, fold: Fold, kind: super::FactKind, critic: &Critic<'_>) {
    let shape = kind.shape();
    let wanted = match fold {
        Fold::Count => Some(shape.counted),
        Fold::Distinct | Fold::DistinctSoFar => match shape.subjects {
            Some(unit) => Some(unit),
            None => {
                critic.note(
                    "measure",
                    Fault::contradiction(
                        format!("{kind} 没有可去重的主体"),
                        format!("a {kind} has no subject to be counted once"),
                    ),
                );
                return;
            }
        },
        Fold::Sum(number)
        | Fold::Average(number)
        | Fold::Minimum(number)
        | Fold::Maximum(number)
        | Fold::Percentile(number, _)
        | Fold::Running(number)
        | Fold::Last(number)
        | Fold::Single(number) => number.unit(shape.counted),
    };
    if let Some(wanted) = wanted {
        expect_unit(indicator.unit, wanted, critic);
    }
}

fn expect_unit(unit: Unit, wanted: Unit, critic: &Critic<'_>) {
    if unit != wanted {
        critic.note(
            "unit",
            Fault::contradiction(
                format!("单位应为 {wanted},却是 {unit}"),
                format!("it is measured in {wanted}, not in {unit}"),
            ),
        );
    }
}

fn made_of_parts(indicator: &Indicator, among: &Definitions, critic: &Critic<'_>) {
    let all = Indicator::list(among);
    let parts: Vec<&Indicator> = indicator.parts().filter_map(|id| all.get(id)).collect();
    for part in &parts {
        if !part.is_live() {
            critic.note(
                "measure",
                Fault::contradiction(
                    format!("指标 {} 尚无数据来源", part.id),
                    format!("the indicator {} awaits facts that nobody records yet", part.id),
                ),
            );
        }
        for dimension in indicator.by.iter().filter(|by| !part.by.contains(by)) {
            let allowed = part.by.iter().map(|by| by.word().to_owned()).collect();
            critic.note("by", Fault::unknown_word(dimension.word(), allowed));
        }
    }
    match (&indicator.measure, parts.as_slice()) {
        (Some(Measure::Difference { .. }), parts) => {
            for part in parts {
                expect_unit(indicator.unit, part.unit, critic);
            }
        }
        (Some(Measure::Share { among, .. }), _) => {
            expect_unit(indicator.unit, Unit::BasisPoints, critic);
            if !indicator.allows(*among) {
                let allowed = indicator.by.iter().map(|by| by.word().to_owned()).collect();
                critic.note("measure.among", Fault::unknown_word(among.word(), allowed));
            }
        }
        (Some(Measure::Ratio { .. }), [over, under]) => {
            let fits = match indicator.unit {
                Unit::BasisPoints => true,
                Unit::Months => over.unit == under.unit,
                // So much of the one for each of the other.
                unit => unit == over.unit && unit != under.unit,
            };
            if !fits {
                let (over, under, unit) = (over.unit, under.unit, indicator.unit);
                critic.note(
                    "unit",
                    Fault::contradiction(
                        format!("{over} 除以 {under} 不能以 {unit} 为单位"),
                        format!("{over} divided by {under} is not measured in {unit}"),
                    ),
                );
            }
        }
        _ => {}
    }
}

fn turns_on_itself(indicator: &Indicator, among: &Definitions) -> bool {
    let all = Indicator::list(among);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut ahead: Vec<&str> = indicator.parts().collect();
    while let Some(id) = ahead.pop() {
        if id == indicator.id {
            return true;
        }
        if seen.insert(id) {
            ahead.extend(all.get(id).into_iter().flat_map(Indicator::parts));
        }
    }
    false
}

impl Fold {
    fn number(self) -> Option<Number> {
        match self {
            Self::Count | Self::Distinct | Self::DistinctSoFar => None,
            Self::Sum(number)
            | Self::Average(number)
            | Self::Minimum(number)
            | Self::Maximum(number)
            | Self::Percentile(number, _)
            | Self::Running(number)
            | Self::Last(number)
            | Self::Single(number) => Some(number),
        }
    }
}

impl Fault {
    /// A column that facts of this kind do not have.
    pub(super) fn not_of_fact(word: &str, kind: &str, allowed: &[Dimension]) -> Self {
        let allowed = allowed.iter().map(|known| known.word().to_owned()).collect();
        Self {
            zh: format!("事实 {kind} 没有维度“{word}”"),
            en: format!("a {kind} has no {word}"),
            ..Self::unknown_word(word, allowed)
        }
    }
}
