//! What a rule says of what it reads; remembered, since most subjects are alike.

use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};

use conditions::{Outcome, Value, facts};
use definitions::kinds::tag::Part;
use foldhash::fast::FixedState;
use shared::Date;

use super::rules::TagRule;

/// The value, or else what is missing for it.
pub(super) type Saying = (Option<Value>, Vec<String>);

/// How many answers a rule remembers. Of two in one place the later one stays.
const PLACES: usize = 512;

/// What a rule said of which values.
#[derive(Default)]
pub(super) struct Said(Mutex<Vec<Option<Answer>>>);

struct Answer {
    of: Box<[Option<Value>]>,
    saying: Saying,
}

impl Answer {
    fn is_of(&self, read: &[Read<'_>]) -> bool {
        self.of.iter().map(Option::as_ref).eq(values(read))
    }
}

/// A value that a rule reads, and since when it has held.
pub(super) type Read<'a> = Option<(&'a Value, Date)>;

impl TagRule {
    /// What the tag is on a date on which its inputs are these.
    pub(super) fn says(&self, date: Date, read: &[Read<'_>]) -> Saying {
        if self.evaluator.asks_the_date() {
            return self.ask(date, read);
        }
        let mut places = self.said.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.is_empty() {
            places.resize_with(PLACES, || None);
        }
        let place = &mut places[place_of(read)];
        if let Some(answer) = place.as_ref().filter(|answer| answer.is_of(read)) {
            return answer.saying.clone();
        }
        let (of, saying) = (values(read).map(Option::<&_>::cloned), self.ask(date, read));
        *place = Some(Answer { of: of.collect(), saying: saying.clone() });
        saying
    }

    fn ask(&self, date: Date, read: &[Read<'_>]) -> Saying {
        let part = |place: usize| read[place].map(|(value, since)| Part { value, since });
        match self.evaluator.value(date, part) {
            Outcome::Known(value) => (Some(value), Vec::new()),
            Outcome::Unknown(missing) => (None, self.shown(missing)),
            Outcome::Failed(why) => (None, vec![why]),
        }
    }

    /// What is missing, unless it is all awaited: then the whole tag is, and nobody's row says so.
    fn shown(&self, missing: Vec<String>) -> Vec<String> {
        let awaited = |name: &String| {
            facts::find(self.tag.subject, name).is_none_or(conditions::Declared::is_awaiting)
        };
        if missing.iter().all(awaited) { Vec::new() } else { missing }
    }
}

fn values<'a>(read: &[Read<'a>]) -> impl Iterator<Item = Option<&'a Value>> {
    read.iter().map(|read| read.map(|(value, _)| value))
}

fn place_of(read: &[Read<'_>]) -> usize {
    let hash = values(read).fold(0, |hash, value| FixedState::with_seed(hash).hash_one(value));
    usize::try_from(hash % PLACES as u64).unwrap_or_default()
}
