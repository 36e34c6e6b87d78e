//! What a warning rule says of a subject now.

use conditions::{Condition, Outcome, Timeline, Value, Window, facts};
use definitions::kinds::tag::variable;
use definitions::kinds::warning::Dedupe;
use shared::{Date, Month};

use super::line::{UNSET, evidence_of, tag_line};
use super::rows::{Body, Evidence};
use super::rules::WarningRule;

pub(super) struct Noticed {
    pub level: Option<String>,
    pub value: i64,
    pub threshold: i64,
    pub period: Option<String>,
    /// The date that was asked about.
    on: Date,
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
    let concerned = || says(rule.conditions.scope.as_ref(), body, rule, on);
    let reached = rule.rule.level(&values).filter(|_| concerned());
    let period = match rule.rule.dedupe {
        Dedupe::Subject => None,
        Dedupe::SubjectAndPeriod => Some(Month::of(on).to_string()),
    };
    Some(Noticed {
        level: reached.map(|level| level.level.to_string()),
        value,
        threshold: reached.map_or(0, |level| level.at),
        period,
        on,
    })
}

/// Whether a condition of the rule holds on a date; none always does.
fn says(condition: Option<&Condition>, body: &Body, rule: &WarningRule, on: Date) -> bool {
    condition.is_none_or(|condition| {
        condition.evaluate(|name| named(body, rule, on, name)) == Outcome::Known(Value::Flag(true))
    })
}

/// What a condition of the rule names, on a date.
fn named<'a>(body: &'a Body, rule: &WarningRule, on: Date, name: &str) -> Option<&'a Value> {
    if let Some(tag) = rule.rule.tags.iter().find(|tag| variable(tag) == name) {
        let steps = tag_line(body, tag);
        let held = steps.iter().rev().find(|(from, _)| *from <= on);
        return held.map_or(Some(&UNSET), |(_, held)| *held);
    }
    match body.facts.get(name).and_then(|line| line.at(on)) {
        Some(step) => step.value.as_ref(),
        None => facts::find(rule.rule.subject, name)?.absent.as_ref(),
    }
}

impl Noticed {
    /// The metric is back, as the rule says it.
    pub fn is_over(&self, body: &Body, rule: &WarningRule) -> bool {
        says(rule.conditions.clear_when.as_ref(), body, rule, self.on)
    }

    /// What it rests on.
    pub fn evidence(&self, body: &Body, rule: &WarningRule) -> Vec<Evidence> {
        let (rule_of, on) = (&rule.rule, self.on);
        let inputs = rule_of.inputs.iter().filter(|name| **name != rule_of.metric.fact);
        let facts = std::iter::once(&rule_of.metric.fact).chain(inputs);
        let known = facts.filter_map(|name| Some(evidence_of(name, body.facts.get(name)?, on)));
        let tags = rule_of.tags.iter().map(|tag| Evidence {
            name: tag.clone(),
            tag: Some(tag.clone()),
            value: named(body, rule, on, &variable(tag)).map(ToString::to_string),
            from: None,
            event: None,
            position: None,
            source: String::new(),
        });
        known.chain(tags).collect()
    }
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
