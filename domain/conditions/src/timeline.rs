//! How a value lies in valid time: steps by business date, each with the event that made it.
//!
//! A fact that is recorded late changes the past from its own date on, so a timeline is always what
//! is known *now* about every date; who keeps timelines keeps what was known before as well.
//!
//! **Invariant** steps rise by date; of two equal neighbours the earlier one stands.

use std::sync::Arc;

use shared::{Date, EventId};

use crate::value::Value;

/// Before everything that a register can hold; texts of dates from here on sort as the dates do.
pub const EVER: Date = Date::constant(1, 1, 1);

/// Where a value comes from: the event, its place in the log and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub event: EventId,
    pub position: u64,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub from: Date,
    /// `None`: nothing is known from then on.
    pub value: Option<Value>,
    /// Shared by all that one event says.
    pub origin: Arc<Origin>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline(Vec<Step>);

/// Something that holds from a date until before another one, or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<T> {
    pub from: Date,
    pub to: Option<Date>,
    pub value: T,
}

/// Steps as a timeline had them: nothing is joined or sorted.
impl FromIterator<Step> for Timeline {
    fn from_iter<T: IntoIterator<Item = Step>>(steps: T) -> Self {
        let mut steps: Vec<Step> = steps.into_iter().collect();
        steps.shrink_to_fit();
        Self(steps)
    }
}

impl Timeline {
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The step that a date lies on.
    #[must_use]
    pub fn at(&self, date: Date) -> Option<&Step> {
        let after = self.0.partition_point(|step| step.from <= date);
        after.checked_sub(1).map(|place| &self.0[place])
    }

    #[must_use]
    pub fn value_at(&self, date: Date) -> Option<&Value> {
        self.at(date)?.value.as_ref()
    }

    /// From `from` on it is `value`, whatever was thought of later dates. Says whether anything
    /// changed.
    pub fn set(&mut self, from: Date, value: Option<Value>, origin: &Arc<Origin>) -> bool {
        let place = self.0.partition_point(|step| step.from < from);
        let before = place.checked_sub(1).and_then(|place| self.0[place].value.as_ref());
        if place == self.0.len() && before == value.as_ref() && (place > 0 || value.is_none()) {
            return false;
        }
        if place + 1 == self.0.len() && self.0[place].from == from && self.0[place].value == value {
            return false;
        }
        let same = place > 0 && before == value.as_ref();
        self.0.truncate(place);
        if !same {
            self.insert(place, Step { from, value, origin: Arc::clone(origin) });
        }
        true
    }

    /// The same for a single month or day whose neighbours stand on their own: later steps stay.
    pub fn put(&mut self, from: Date, value: Value, origin: &Arc<Origin>) -> bool {
        let place = self.0.partition_point(|step| step.from < from);
        match self.0.get_mut(place) {
            Some(step) if step.from == from && step.value.as_ref() == Some(&value) => false,
            Some(step) if step.from == from => {
                *step = Step { from, value: Some(value), origin: Arc::clone(origin) };
                true
            }
            _ => {
                let step = Step { from, value: Some(value), origin: Arc::clone(origin) };
                self.insert(place, step);
                true
            }
        }
    }

    /// From `from` on it is more by `by`, on every later date as well.
    pub fn add(&mut self, from: Date, by: i64, origin: &Arc<Origin>) -> bool {
        if by == 0 {
            return false;
        }
        let change = |value: &Value| match value {
            Value::Number(number) => Value::Number(number.saturating_add(by)),
            Value::Money(money) => Value::Money(*money + shared::Money::from_fen(by)),
            Value::Flag(_)
            | Value::Date(_)
            | Value::Month(_)
            | Value::Text(_)
            | Value::Words(_) => value.clone(),
        };
        self.alter(from, Value::Number(0), change, origin)
    }

    /// From `from` on the word stands in it once more.
    pub fn include(&mut self, from: Date, word: &str, origin: &Arc<Origin>) -> bool {
        let change = |value: &Value| match value {
            Value::Words(words) => {
                let mut words = words.clone();
                let place = words.partition_point(|held| held.as_str() <= word);
                words.insert(place, word.to_owned());
                Value::Words(words)
            }
            Value::Flag(_)
            | Value::Number(_)
            | Value::Money(_)
            | Value::Date(_)
            | Value::Month(_)
            | Value::Text(_) => value.clone(),
        };
        self.alter(from, Value::Words(Vec::new()), change, origin)
    }

    /// From `from` on the word stands in it once less.
    pub fn exclude(&mut self, from: Date, word: &str, origin: &Arc<Origin>) -> bool {
        let change = |value: &Value| match value {
            Value::Words(words) => {
                let mut words = words.clone();
                if let Some(place) = words.iter().position(|held| held == word) {
                    words.remove(place);
                }
                Value::Words(words)
            }
            Value::Flag(_)
            | Value::Number(_)
            | Value::Money(_)
            | Value::Date(_)
            | Value::Month(_)
            | Value::Text(_) => value.clone(),
        };
        self.alter(from, Value::Words(Vec::new()), change, origin)
    }

    fn alter(
        &mut self,
        from: Date,
        nothing: Value,
        change: impl Fn(&Value) -> Value,
        origin: &Arc<Origin>,
    ) -> bool {
        let place = self.0.partition_point(|step| step.from < from);
        if self.0.get(place).is_none_or(|step| step.from != from) {
            let before = place.checked_sub(1).and_then(|place| self.0[place].value.clone());
            let step = Step { from, value: before, origin: Arc::clone(origin) };
            self.insert(place, step);
        }
        for step in &mut self.0[place..] {
            let value = change(step.value.as_ref().unwrap_or(&nothing));
            step.value = Some(value);
            step.origin = Arc::clone(origin);
        }
        self.settle();
        true
    }

    /// Most timelines have one step, and there are millions of them: no room is made for others.
    fn insert(&mut self, place: usize, step: Step) {
        if self.0.len() < 4 {
            self.0.reserve_exact(1);
        }
        self.0.insert(place, step);
    }

    fn settle(&mut self) {
        self.0.dedup_by(|later, earlier| later.value == earlier.value);
    }
}

/// Asks `value` on every date on which one of the timelines changes, and joins equal neighbours.
pub fn spans<'a, T: PartialEq>(
    timelines: impl IntoIterator<Item = &'a Timeline>,
    value: impl Fn(Date) -> T,
) -> Vec<Span<T>> {
    let mut dates: Vec<Date> = vec![EVER];
    dates.extend(timelines.into_iter().flat_map(|line| line.0.iter().map(|step| step.from)));
    dates.sort_unstable();
    dates.dedup();
    let mut found: Vec<Span<T>> = Vec::new();
    for date in dates {
        let value = value(date);
        match found.last_mut() {
            Some(last) if last.value == value => {}
            last => {
                if let Some(last) = last {
                    last.to = Some(date);
                }
                found.push(Span { from: date, to: None, value });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Date {
        Date::constant(2026, 1, day)
    }

    fn origin(position: u64) -> Arc<Origin> {
        let event = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
        Arc::new(Origin { event, position, source: "person.registered.v1".to_owned() })
    }

    fn values(line: &Timeline) -> Vec<(i8, String)> {
        let shown = |value: &Value| value.to_string();
        line.steps()
            .iter()
            .map(|step| (step.from.day(), step.value.as_ref().map_or("-".to_owned(), shown)))
            .collect()
    }

    #[test]
    fn a_late_fact_takes_the_place_of_what_was_thought_of_later_dates() {
        let mut life = Timeline::default();
        assert!(life.set(day(1), Some(Value::Text("alive".to_owned())), &origin(1)));
        assert!(life.set(day(20), Some(Value::Text("reported".to_owned())), &origin(2)));
        assert!(life.set(day(10), Some(Value::Text("dead".to_owned())), &origin(3)));
        let told = [(1, "alive".to_owned()), (10, "dead".to_owned())];
        assert_eq!(values(&life), told);
        assert!(!life.set(day(10), Some(Value::Text("dead".to_owned())), &origin(4)));
        assert!(!life.set(day(12), Some(Value::Text("dead".to_owned())), &origin(5)));
        assert!(life.set(day(10), Some(Value::Text("alive".to_owned())), &origin(6)));
        assert_eq!(values(&life), [(1, "alive".to_owned())]);
    }

    #[test]
    fn intervals_are_counted_in_whatever_order_they_come() {
        let (mut one, mut other) = (Timeline::default(), Timeline::default());
        let steps = [(5, 1), (20, -1), (10, 1), (25, -1)];
        for (from, by) in steps {
            one.add(day(from), by, &origin(1));
        }
        for (from, by) in steps.into_iter().rev() {
            other.add(day(from), by, &origin(1));
        }
        assert_eq!(values(&one).last().unwrap().1, "0");
        for date in 1..=31 {
            let number = |line: &Timeline| match line.value_at(day(date)) {
                Some(Value::Number(number)) => *number,
                _ => 0,
            };
            assert_eq!(number(&one), number(&other), "on {date}");
        }
    }

    #[test]
    fn equal_neighbours_are_one_span() {
        let mut line = Timeline::default();
        line.include(day(3), "A1", &origin(1));
        line.include(day(5), "A3", &origin(2));
        line.exclude(day(9), "A3", &origin(3));
        let both =
            |date| matches!(line.value_at(date), Some(Value::Words(words)) if words.len() == 2);
        let found = spans([&line], both);
        let told: Vec<_> = found.iter().map(|span| (span.from, span.to, span.value)).collect();
        assert_eq!(
            told,
            [(EVER, Some(day(5)), false), (day(5), Some(day(9)), true), (day(9), None, false)]
        );
    }

    #[test]
    fn a_month_is_put_beside_its_neighbours() {
        let mut line = Timeline::default();
        assert!(line.put(day(1), Value::Number(5), &origin(1)));
        assert!(line.put(day(20), Value::Number(5), &origin(2)));
        assert!(line.put(day(10), Value::Number(7), &origin(3)));
        assert!(!line.put(day(10), Value::Number(7), &origin(4)));
        let told = [(1, "5".to_owned()), (10, "7".to_owned()), (20, "5".to_owned())];
        assert_eq!(values(&line), told);
    }
}
