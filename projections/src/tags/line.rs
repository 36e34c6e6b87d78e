//! One thing that a rule reads, as it lies in time.

use conditions::{Timeline, Value};
use shared::Date;

use super::rows::{Body, Evidence};

/// A timeline of what a tag is thought to be.
pub(super) fn tag_line(body: &Body, tag: &str) -> Vec<(Date, Option<Value>)> {
    let spans = body.tags.get(tag).map_or(&[][..], |state| state.spans.as_slice());
    spans.iter().map(|span| (span.from, span.value.clone())).collect()
}

pub(super) enum Line<'a> {
    Fact { line: &'a Timeline, absent: Option<&'a Value> },
    Tag { id: &'a str, steps: Vec<(Date, Option<Value>)>, absent: Option<Value> },
}

impl Line<'_> {
    pub(super) fn dates(&self) -> impl Iterator<Item = Date> {
        let (facts, tags): (&[_], &[_]) = match self {
            Self::Fact { line, .. } => (line.steps(), &[]),
            Self::Tag { steps, .. } => (&[], steps),
        };
        facts.iter().map(|step| step.from).chain(tags.iter().map(|(from, _)| *from))
    }

    pub(super) fn at(&self, date: Date) -> Option<(Value, Date)> {
        let ever = conditions::timeline::EVER;
        match self {
            Self::Fact { line, absent } => match line.at(date) {
                Some(step) => step.value.clone().map(|value| (value, step.from)),
                None => absent.map(|value| (value.clone(), ever)),
            },
            Self::Tag { steps, absent, .. } => {
                match steps.iter().rev().find(|(from, _)| *from <= date) {
                    Some((from, value)) => value.clone().map(|value| (value, *from)),
                    None => absent.clone().map(|value| (value, ever)),
                }
            }
        }
    }

    pub(super) fn evidence(&self, name: &str, date: Date) -> Evidence {
        let value = self.at(date);
        let origin = match self {
            Self::Fact { line, .. } => line.at(date).map(|step| &step.origin),
            Self::Tag { .. } => None,
        };
        Evidence {
            name: name.to_owned(),
            tag: match self {
                Self::Fact { .. } => None,
                Self::Tag { id, .. } => Some((*id).to_owned()),
            },
            from: value.as_ref().map(|(_, from)| *from),
            value: value.map(|(value, _)| value.to_string()),
            event: origin.map(|origin| origin.event),
            position: origin.map(|origin| origin.position),
            source: origin.map_or_else(String::new, |origin| origin.source.clone()),
        }
    }
}

pub(super) fn evidence_of(name: &str, line: &Timeline, on: Date) -> Evidence {
    Line::Fact { line, absent: None }.evidence(name, on)
}
