//! What a warning rule says of a subject now.

use conditions::{Outcome, Timeline, Value, Window, facts};
use definitions::kinds::warning::Dedupe;
use shared::{Date, Month};

use super::line::{evidence_of, tag_line};
use super::rows::{Body, Evidence};
use super::rules::WarningRule;

pub(super) struct Noticed {
    pub level: Option<String>,
    pub value: i64,
    pub threshold: i64,
    pub period: Option<String>,
    /// The metric is back, as the rule says it.
    pub over: bool,
    pub evidence: Vec<Evidence>,
}

/// What a rule says of a subject now; nothing where its metric is not known.
pub(super) fn noticed(body: &Body, rule: &WarningRule, today: Date) -> Option<Noticed> {
    let metric = &rule.rule.metric;
    let line = body.facts.get(&metric.fact)?;
    let on = match metric.window {
        Window::Standing => today,
        Window::Month => line.steps().last()?.from,
    };
    let values: Vec<i64> = match metric.window {
        Window::Standing => vec![line.value_at(on)?.amount()?],
        Window::Month => run(line, Month::of(on)),
    };
    let value = *values.first()?;
    let named = |name: &str| -> Option<Value> {
        if let Some(tag) = rule.rule.tags.iter().find(|tag| tag.replace(['-', '.'], "_") == name) {
            let steps = tag_line(body, tag);
            let Some((_, held)) = steps.iter().rev().find(|(from, _)| *from <= on) else {
                return Some(Value::Flag(false));
            };
            return held.clone();
        }
        let absent = || facts::find(rule.rule.subject, name).and_then(|fact| fact.absent.clone());
        match body.facts.get(name).and_then(|line| line.at(on)) {
            Some(step) => step.value.clone(),
            None => absent(),
        }
    };
    let says = |condition: &conditions::Condition| {
        let held: Vec<(String, Option<Value>)> =
            condition.inputs().iter().map(|(name, _)| (name.clone(), named(name))).collect();
        let of = |name: &str| {
            held.iter().find(|(held, _)| held == name).and_then(|(_, value)| value.as_ref())
        };
        condition.evaluate(of) == Outcome::Known(Value::Flag(true))
    };
    let concerns = rule.conditions.scope.as_ref().is_none_or(says);
    let reached = if concerns { rule.rule.level(&values) } else { None };
    let over = rule.conditions.clear_when.as_ref().is_none_or(says);
    let mut evidence = vec![evidence_of(&metric.fact, line, on)];
    for name in &rule.rule.inputs {
        if *name != metric.fact
            && let Some(line) = body.facts.get(name)
        {
            evidence.push(evidence_of(name, line, on));
        }
    }
    for tag in &rule.rule.tags {
        let value = named(&tag.replace(['-', '.'], "_")).map(|value| value.to_string());
        let (name, tag) = (tag.clone(), Some(tag.clone()));
        let (from, event, position, source) = (None, None, None, String::new());
        evidence.push(Evidence { name, tag, value, from, event, position, source });
    }
    let period = match rule.rule.dedupe {
        Dedupe::Subject => None,
        Dedupe::SubjectAndPeriod => Some(Month::of(on).to_string()),
    };
    Some(Noticed {
        level: reached.map(|level| level.level.to_string()),
        value,
        threshold: reached.map_or(0, |level| level.at),
        period,
        over,
        evidence,
    })
}

/// The month's value and those of the months before it, without a gap, the last one first.
fn run(line: &Timeline, last: Month) -> Vec<i64> {
    let mut values = Vec::new();
    let mut month = last;
    while let Some(step) = line.at(month.first_day())
        && step.from == month.first_day()
        && let Some(value) = step.value.as_ref().and_then(Value::amount)
        && values.len() < 120
    {
        values.push(value);
        month = month.previous();
    }
    values
}
