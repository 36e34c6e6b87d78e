//! Who calls what: the records of a time counted by user, function and operation.
//!
//! **Invariant** only numbers and the names of users, functions and operations come out: nobody who
//! was looked at is named.

use std::collections::BTreeMap;

use kernel::{Micros, Position};

use super::{Access, AccessError, Called, Event, Record};

/// Records that are read at once.
const PAGE: usize = 1_000;

/// What one user called in one function by one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub actor: String,
    pub function: String,
    /// As the caller's document names it; a file has none.
    pub operation: Option<String>,
    /// Operations that were carried out or refused, of whatever kind.
    pub calls: u64,
    /// Looks at clear values; a large one is several.
    pub looks: u64,
    /// Files that were taken.
    pub exports: u64,
    /// How many were shown in clear, counted each time.
    pub subjects: u64,
    pub last: Micros,
}

type Key = (String, String, Option<String>);

impl Access {
    /// What was called from one instant until before another, by user, function and operation.
    ///
    /// # Errors
    /// When the log cannot be read, or holds what it should not.
    pub async fn usage(&self, from: Micros, until: Micros) -> Result<Vec<Usage>, AccessError> {
        let mut counted: BTreeMap<Key, Usage> = BTreeMap::new();
        let mut after = self.last_before(from).await?;
        loop {
            let page = self.records(after, PAGE).await?;
            for record in page.iter().take_while(|record| record.at < until) {
                count(&mut counted, record);
            }
            match page.last() {
                Some(last) if last.at < until => after = last.position,
                Some(_) | None => break,
            }
        }
        Ok(counted.into_values().collect())
    }

    /// The last record before an instant: times of a log rise, so half of what is left is passed over
    /// with each look.
    async fn last_before(&self, instant: Micros) -> Result<Position, AccessError> {
        let (mut before, mut not_before) = (Position::START, self.log().head());
        while before < not_before {
            let middle = Position(before.0.midpoint(not_before.0));
            match self.records(middle, 1).await?.first() {
                Some(record) if record.at < instant => before = record.position,
                Some(_) | None => not_before = middle,
            }
        }
        Ok(before)
    }
}

fn count(counted: &mut BTreeMap<Key, Usage>, record: &Record) {
    let at = record.at;
    match &record.event {
        Event::Looked(looked) => {
            let usage = of(counted, (&record.actor, &looked.function, &looked.operation), at);
            usage.looks += 1;
            usage.subjects += looked.subjects.len() as u64;
        }
        Event::Exported(exported) => {
            of(counted, (&record.actor, &exported.function, &None), at).exports += 1;
        }
        Event::Called { calls } => {
            for Called { actor, function, operation, calls } in calls {
                of(counted, (actor, function, operation), at).calls += calls;
            }
        }
    }
}

/// What is counted of a caller, once more at this instant.
fn of<'a>(
    counted: &'a mut BTreeMap<Key, Usage>,
    (actor, function, operation): (&str, &str, &Option<String>),
    at: Micros,
) -> &'a mut Usage {
    let key = (actor.to_owned(), function.to_owned(), operation.clone());
    let usage = counted.entry(key).or_insert_with_key(|(actor, function, operation)| Usage {
        actor: actor.clone(),
        function: function.clone(),
        operation: operation.clone(),
        calls: 0,
        looks: 0,
        exports: 0,
        subjects: 0,
        last: at,
    });
    usage.last = usage.last.max(at);
    usage
}
