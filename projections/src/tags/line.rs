//! One thing that a rule reads, as it lies in time.

use conditions::{Timeline, Value};
use definitions::kinds::tag::Of;
use shared::Date;

use super::rows::{Body, Evidence};
use super::rules::TagRule;

/// A flag that nothing sets.
pub(super) static UNSET: Value = Value::Flag(false);

/// A timeline of what a tag is thought to be.
pub(super) fn tag_line<'a>(body: &'a Body, tag: &str) -> Vec<(Date, Option<&'a Value>)> {
    let spans = body.tags.get(tag).map_or(&[][..], |state| state.spans.as_slice());
    spans.iter().map(|span| (span.from, span.value.as_ref())).collect()
}

/// What a rule reads of a subject, in the order of its inputs.
pub(super) fn lines<'a>(body: &'a Body, rule: &'a TagRule) -> Vec<Line<'a>> {
    let read = rule.evaluator.inputs.iter().zip(&rule.absent);
    read.map(|(input, absent)| match &input.of {
        Of::Fact(name) => Line::Fact { line: body.facts.get(name), absent: *absent },
        Of::Tag(id) => {
            let absent = (input.kind == conditions::Type::Flag).then_some(&UNSET);
            Line::Tag { id, steps: tag_line(body, id), absent }
        }
    })
    .collect()
}

pub(super) enum Line<'a> {
    Fact { line: Option<&'a Timeline>, absent: Option<&'a Value> },
    Tag { id: &'a str, steps: Vec<(Date, Option<&'a Value>)>, absent: Option<&'a Value> },
}

impl<'a> Line<'a> {
    pub(super) fn dates(&self) -> impl Iterator<Item = Date> {
        let (facts, tags): (&[_], &[_]) = match self {
            Self::Fact { line, .. } => (line.map_or(&[][..], Timeline::steps), &[]),
            Self::Tag { steps, .. } => (&[], steps),
        };
        facts.iter().map(|step| step.from).chain(tags.iter().map(|(from, _)| *from))
    }

    /// The value on a date, and since when it has held.
    pub(super) fn at(&self, date: Date) -> Option<(&'a Value, Date)> {
        let ever = conditions::timeline::EVER;
        match self {
            Self::Fact { line, absent } => match line.and_then(|line| line.at(date)) {
                Some(step) => step.value.as_ref().map(|value| (value, step.from)),
                None => absent.map(|value| (value, ever)),
            },
            Self::Tag { steps, absent, .. } => {
                match steps.iter().rev().find(|(from, _)| *from <= date) {
                    Some((from, value)) => value.map(|value| (value, *from)),
                    None => absent.map(|value| (value, ever)),
                }
            }
        }
    }

    pub(super) fn evidence(&self, name: &str, date: Date) -> Evidence {
        let value = self.at(date);
        let origin = match self {
            Self::Fact { line, .. } => line.and_then(|line| line.at(date)).map(|step| &step.origin),
            Self::Tag { .. } => None,
        };
        Evidence {
            name: name.to_owned(),
            tag: match self {
                Self::Fact { .. } => None,
                Self::Tag { id, .. } => Some((*id).to_owned()),
            },
            from: value.map(|(_, from)| from),
            value: value.map(|(value, _)| value.to_string()),
            event: origin.map(|origin| origin.event),
            position: origin.map(|origin| origin.position),
            source: origin.map_or_else(String::new, |origin| origin.source.clone()),
        }
    }
}

pub(super) fn evidence_of(name: &str, line: &Timeline, on: Date) -> Evidence {
    Line::Fact { line: Some(line), absent: None }.evidence(name, on)
}
