//! Facts in a list: what worked examples are run on, and what the read side is compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use shared::Date;

use super::evaluate::{Ask, FactTable, Key, Pick, Total};
use super::{Dimension, FactKind, Number};

/// One fact as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainFact {
    pub kind: FactKind,
    pub day: Date,
    pub subject: Option<String>,
    pub dimensions: BTreeMap<Dimension, String>,
    pub numbers: BTreeMap<Number, i64>,
}

/// Facts in any order; every question reads them all.
#[derive(Debug, Clone, Default)]
pub struct PlainFacts(pub Vec<PlainFact>);

impl PlainFacts {
    fn groups<'a>(&'a self, ask: &'a Ask<'_>) -> BTreeMap<Key, Vec<&'a PlainFact>> {
        let mut groups: BTreeMap<Key, Vec<&PlainFact>> = BTreeMap::new();
        for fact in &self.0 {
            if fact.kind == ask.kind && ask.span.contains(fact.day) && fact.meets(ask) {
                let key = ask.by.iter().map(|by| fact.group(*by).to_owned()).collect();
                groups.entry(key).or_default().push(fact);
            }
        }
        groups
    }
}

impl PlainFact {
    fn group(&self, by: super::Grouping) -> &str {
        by.group(self.dimensions.get(&by.of().0).map_or("", String::as_str))
    }

    fn meets(&self, ask: &Ask<'_>) -> bool {
        ask.conditions
            .iter()
            .all(|condition| condition.is.iter().any(|is| is == self.group(condition.by)))
    }

    fn number(&self, number: Number) -> i64 {
        self.numbers.get(&number).copied().unwrap_or_default()
    }
}

impl FactTable for PlainFacts {
    type Error = Infallible;

    fn totals(
        &self,
        ask: &Ask<'_>,
        number: Option<Number>,
    ) -> Result<BTreeMap<Key, Total>, Infallible> {
        let total = |facts: Vec<&PlainFact>| {
            let sum = |number| facts.iter().map(|fact| i128::from(fact.number(number))).sum();
            let count = i64::try_from(facts.len()).unwrap_or(i64::MAX);
            Total { count, sum: number.map_or(0, sum) }
        };
        Ok(self.groups(ask).into_iter().map(|(key, facts)| (key, total(facts))).collect())
    }

    fn distinct(&self, ask: &Ask<'_>) -> Result<BTreeMap<Key, i64>, Infallible> {
        let distinct = |facts: Vec<&PlainFact>| {
            let subjects: BTreeSet<_> =
                facts.iter().filter_map(|fact| fact.subject.as_deref()).collect();
            i64::try_from(subjects.len()).unwrap_or(i64::MAX)
        };
        Ok(self.groups(ask).into_iter().map(|(key, facts)| (key, distinct(facts))).collect())
    }

    fn pick(
        &self,
        ask: &Ask<'_>,
        number: Number,
        pick: Pick,
    ) -> Result<BTreeMap<Key, i64>, Infallible> {
        let picked = |facts: Vec<&PlainFact>| {
            let mut values: Vec<i64> = facts.iter().map(|fact| fact.number(number)).collect();
            values.sort_unstable();
            let place = pick.place(u64::try_from(values.len()).unwrap_or(u64::MAX));
            values.get(usize::try_from(place).unwrap_or(usize::MAX)).copied().unwrap_or_default()
        };
        Ok(self.groups(ask).into_iter().map(|(key, facts)| (key, picked(facts))).collect())
    }

    fn last(
        &self,
        ask: &Ask<'_>,
        number: Number,
    ) -> Result<BTreeMap<Key, (Date, i128)>, Infallible> {
        let last = |facts: Vec<&PlainFact>| {
            let day = facts.iter().map(|fact| fact.day).max().unwrap_or_default();
            let of_day = facts.iter().filter(|fact| fact.day == day);
            (day, of_day.map(|fact| i128::from(fact.number(number))).sum())
        };
        Ok(self.groups(ask).into_iter().map(|(key, facts)| (key, last(facts))).collect())
    }
}
