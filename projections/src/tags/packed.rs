//! Bodies and evidence as bytes: they are the bulk of what is written, and this program alone reads
//! them. The bytes are `postcard`'s; a date is one number, and each origin stands once.
//!
//! A change of shape here is a new version of the read model.

use std::borrow::Cow;
use std::sync::Arc;

use conditions::timeline::Step;
use conditions::{Origin, Timeline, Value as Said};
use serde::{Deserialize, Serialize};
use shared::{Date, EventId};

use super::rows::{Body, ByHand, Evidence, Instructed, RuleState, TagSpan, TagState};
use crate::engine::{Column, Kind, Unreadable, Value};

/// Everything of a subject. All of it borrows from what is packed, or from the bytes.
#[derive(Serialize, Deserialize)]
struct PackedBody<'a> {
    #[serde(borrow)]
    origins: Vec<PackedOrigin<'a>>,
    #[serde(borrow)]
    facts: Vec<(&'a str, Vec<PackedStep<'a>>)>,
    /// With the number of the next row.
    #[serde(borrow)]
    tags: Vec<(&'a str, u32, Vec<PackedSpan<'a>>)>,
    #[serde(borrow)]
    manual: Vec<(&'a str, Vec<PackedHand<'a>>)>,
    #[serde(borrow)]
    disputes: Vec<(&'a str, u32)>,
    #[serde(borrow)]
    rules: Vec<PackedRule<'a>>,
}

/// Event, position, source.
type PackedOrigin<'a> = (EventId, u64, &'a str);

/// From, value, and which of the origins.
type PackedStep<'a> = (Day, Option<Cow<'a, Said>>, usize);

#[derive(Serialize, Deserialize)]
struct PackedSpan<'a> {
    from: Day,
    to: Option<Day>,
    value: Option<Cow<'a, Said>>,
    missing: Cow<'a, [String]>,
    version: u32,
    by_hand: Option<EventId>,
    row: Option<u32>,
}

/// Value, from, to, event, position.
type PackedHand<'a> = (&'a str, Day, Day, EventId, u64);

/// Rule, level, value, period.
type PackedRule<'a> = (&'a str, &'a str, i64, Option<&'a str>);

#[derive(Serialize, Deserialize)]
struct PackedEvidence<'a> {
    name: &'a str,
    #[serde(borrow)]
    tag: Option<&'a str>,
    #[serde(borrow)]
    value: Option<&'a str>,
    from: Option<Day>,
    event: Option<EventId>,
    position: Option<u64>,
    source: &'a str,
}

/// `year * 512 + month * 32 + day`.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Day(i32);

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(i32::from(date.year()) * 512 + i32::from(date.month()) * 32 + i32::from(date.day()))
    }
}

impl Day {
    fn date(self) -> Option<Date> {
        let (year, rest) = (self.0.div_euclid(512), self.0.rem_euclid(512));
        let (month, day) = (i8::try_from(rest / 32).ok()?, i8::try_from(rest % 32).ok()?);
        Date::new(i16::try_from(year).ok()?, month, day).ok()
    }
}

impl Column for Body {
    const KIND: Kind = Kind::Blob;

    fn write(&self) -> Value {
        let mut origins: Vec<PackedOrigin<'_>> = Vec::new();
        let mut facts = Vec::with_capacity(self.facts.len());
        for (name, line) in &self.facts {
            let mut steps = Vec::with_capacity(line.steps().len());
            for Step { from, value, origin } in line.steps() {
                let origin = (origin.event, origin.position, origin.source.as_str());
                let known = origins.iter().position(|known| *known == origin);
                let place = known.unwrap_or(origins.len());
                if known.is_none() {
                    origins.push(origin);
                }
                steps.push((Day::from(*from), value.as_ref().map(Cow::Borrowed), place));
            }
            facts.push((name.as_str(), steps));
        }
        let tags = self.tags.iter().map(|(tag, TagState { next, spans })| {
            (tag.as_str(), *next, spans.iter().map(PackedSpan::of).collect())
        });
        let manual = self.manual.iter().map(|(tag, hands)| {
            let hands = hands.iter().map(|hand| {
                let ByHand { value, from, to, event, position } = hand;
                (value.as_str(), Day::from(*from), Day::from(*to), *event, *position)
            });
            (tag.as_str(), hands.collect())
        });
        let rules = self.rules.iter().map(|(rule, RuleState { level, value, period })| {
            (rule.as_str(), level.as_str(), *value, period.as_deref())
        });
        packed(&PackedBody {
            origins,
            facts,
            tags: tags.collect(),
            manual: manual.collect(),
            disputes: self.disputes.iter().map(|(tag, times)| (tag.as_str(), *times)).collect(),
            rules: rules.collect(),
        })
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        unpacked(value).and_then(PackedBody::body).ok_or_else(|| unreadable("body", value))
    }
}

impl PackedBody<'_> {
    fn body(self) -> Option<Body> {
        let mut body = Body::default();
        let origin = |(event, position, source): PackedOrigin<'_>| {
            Arc::new(Origin { event, position, source: source.to_owned() })
        };
        let origins: Vec<Arc<Origin>> = self.origins.into_iter().map(origin).collect();
        for (name, steps) in self.facts {
            let steps = steps.into_iter().map(|(from, value, place)| {
                let (from, origin) = (from.date()?, Arc::clone(origins.get(place)?));
                Some(Step { from, value: value.map(Cow::into_owned), origin })
            });
            let line: Option<Timeline> = steps.collect();
            body.facts.insert(name.to_owned(), line?);
        }
        for (tag, next, spans) in self.tags {
            let spans: Option<Vec<_>> = spans.into_iter().map(PackedSpan::span).collect();
            let mut spans = spans?;
            spans.shrink_to_fit();
            body.tags.insert(tag.to_owned(), TagState { next, spans });
        }
        for (tag, hands) in self.manual {
            let hands = hands.into_iter().map(|(value, from, to, event, position)| {
                let (value, from, to) = (value.to_owned(), from.date()?, to.date()?);
                Some(ByHand { value, from, to, event, position })
            });
            let hands: Option<_> = hands.collect();
            body.manual.insert(tag.to_owned(), hands?);
        }
        for (tag, times) in self.disputes {
            body.disputes.insert(tag.to_owned(), times);
        }
        for (rule, level, value, period) in self.rules {
            let (level, period) = (level.to_owned(), period.map(str::to_owned));
            body.rules.insert(rule.to_owned(), RuleState { level, value, period });
        }
        Some(body)
    }
}

impl<'a> PackedSpan<'a> {
    fn of(span: &'a TagSpan) -> Self {
        let TagSpan { from, to, value, missing, version, by_hand, row } = span;
        Self {
            from: Day::from(*from),
            to: to.map(Day::from),
            value: value.as_ref().map(Cow::Borrowed),
            missing: Cow::Borrowed(missing),
            version: *version,
            by_hand: *by_hand,
            row: *row,
        }
    }

    fn span(self) -> Option<TagSpan> {
        let Self { from, to, value, missing, version, by_hand, row } = self;
        let (from, to) = (from.date()?, dated(to)?);
        let (value, missing) = (value.map(Cow::into_owned), missing.into_owned());
        Some(TagSpan { from, to, value, missing, version, by_hand, row })
    }
}

impl Column for Vec<Evidence> {
    const KIND: Kind = Kind::Blob;

    fn write(&self) -> Value {
        let all = self.iter().map(|one| {
            let Evidence { name, tag, value, from, event, position, source } = one;
            PackedEvidence {
                name,
                tag: tag.as_deref(),
                value: value.as_deref(),
                from: from.map(Day::from),
                event: *event,
                position: *position,
                source,
            }
        });
        packed(&all.collect::<Vec<_>>())
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        let evidence = |all: Vec<PackedEvidence<'_>>| -> Option<Self> {
            let one = |one: PackedEvidence<'_>| {
                let PackedEvidence { name, tag, value, from, event, position, source } = one;
                let (name, source) = (name.to_owned(), source.to_owned());
                let (tag, value) = (tag.map(str::to_owned), value.map(str::to_owned));
                Some(Evidence { name, tag, value, from: dated(from)?, event, position, source })
            };
            all.into_iter().map(one).collect()
        };
        unpacked(value).and_then(evidence).ok_or_else(|| unreadable("evidence", value))
    }
}

impl Column for Vec<Instructed> {
    const KIND: Kind = Kind::Blob;

    fn write(&self) -> Value {
        packed(self)
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        unpacked(value).ok_or_else(|| unreadable("sums", value))
    }
}

/// `None` where it is no date.
#[expect(clippy::option_option, reason = "a date that may be absent, and may be none")]
fn dated(day: Option<Day>) -> Option<Option<Date>> {
    day.map_or(Some(None), |day| day.date().map(Some))
}

fn packed(content: &impl Serialize) -> Value {
    Value::Blob(postcard::to_allocvec(content).expect("plain data packs"))
}

fn unpacked<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
    let Value::Blob(bytes) = value else { return None };
    postcard::from_bytes(bytes).ok()
}

fn unreadable(wanted: &'static str, value: &Value) -> Unreadable {
    let found = match value {
        Value::Blob(bytes) => format!("blob of {} bytes", bytes.len()),
        Value::Null | Value::Int(_) | Value::Text(_) => format!("{value:?}"),
    };
    Unreadable { wanted, found }
}

#[cfg(test)]
mod tests {
    use conditions::timeline::EVER;
    use shared::Money;

    use super::*;

    #[test]
    fn what_is_packed_is_read_as_it_was() {
        let event: EventId = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
        let source = "person.registered.v1".to_owned();
        let origin = Arc::new(Origin { event, position: 7, source });
        let other = Arc::new(Origin { position: 9, ..Origin::clone(&origin) });
        let day = Date::constant(2026, 12, 31);
        let mut body = Body::default();
        for (name, origin) in [("sex", &origin), ("life", &origin), ("instructed", &other)] {
            let mut line = Timeline::default();
            line.set(EVER, Some(Said::Text("first".to_owned())), origin);
            line.set(day, Some(Said::Money(Money::from_fen(12_345))), &other);
            line.set(Date::MAX, None, origin);
            body.facts.insert(name.to_owned(), line);
        }
        let span = TagSpan {
            from: EVER,
            to: Some(day),
            value: Some(Said::Words(vec!["A1".to_owned()])),
            missing: vec!["born".to_owned()],
            version: 3,
            by_hand: Some(event),
            row: Some(1),
        };
        let open = TagSpan { from: day, to: None, value: None, row: None, ..span.clone() };
        body.tags.insert("payee".to_owned(), TagState { next: 2, spans: vec![span, open] });
        let value = "true".to_owned();
        let hand = ByHand { value, from: day, to: Date::MAX, event, position: 8 };
        body.manual.insert("payee".to_owned(), vec![hand]);
        body.disputes.insert("payee".to_owned(), 4);
        let period = Some("2026-12".to_owned());
        let state = RuleState { level: "red".to_owned(), value: -5, period };
        body.rules.insert("bank-slow".to_owned(), state);
        assert_eq!(Body::read(&body.write()), Ok(body));
        let evidence = vec![
            Evidence {
                name: "life".to_owned(),
                tag: Some("alive".to_owned()),
                value: Some("alive".to_owned()),
                from: Some(day),
                event: Some(event),
                position: Some(7),
                source: "person.registered.v1".to_owned(),
            },
            Evidence {
                name: "born".to_owned(),
                tag: None,
                value: None,
                from: None,
                event: None,
                position: None,
                source: String::new(),
            },
        ];
        assert_eq!(Vec::<Evidence>::read(&evidence.write()), Ok(evidence));
    }

    #[test]
    fn bytes_that_are_no_body_are_told_by_their_length() {
        let fault = Body::read(&Value::Blob(vec![9, 9, 9])).unwrap_err();
        assert_eq!(fault.to_string(), "a stored blob of 3 bytes is not a body");
        let day = Day(2026 * 512 + 13 * 32 + 1);
        assert!(day.date().is_none(), "there is no thirteenth month");
    }

    #[test]
    fn numbers_of_days_rise_as_dates_do() {
        let dates = [Date::MIN, EVER, Date::constant(2026, 1, 31), Date::constant(2026, 2, 1)];
        for pair in dates.windows(2) {
            assert!(Day::from(pair[0]).0 < Day::from(pair[1]).0);
        }
        for date in dates {
            assert_eq!(Day::from(date).date(), Some(date));
        }
    }
}
