//! Folded states, the most recently used ones, bounded in bytes. Losing an entry costs a read.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Decider, Position, Revision, StreamName};
use lru::LruCache;

/// What one entry costs beyond the state itself, roughly: key, links, counters.
const ENTRY_BYTES: usize = 256;

/// Two deciders may fold the same stream, so the type is part of the key.
type Key = (TypeId, StreamName);

pub(crate) struct StateCache {
    held: Mutex<Held>,
    max_bytes: usize,
}

struct Held {
    states: LruCache<Key, Entry>,
    bytes: usize,
}

struct Entry {
    state: Arc<dyn Any + Send + Sync>,
    revision: Revision,
    checked: Position,
    bytes: usize,
}

/// A state, the revision it stands at, and the position up to which nothing newer was written.
pub(crate) struct Cached<D> {
    pub state: Arc<D>,
    pub revision: Revision,
    pub checked: Position,
}

impl StateCache {
    pub(crate) fn new(max_bytes: usize) -> Self {
        let held = Held { states: LruCache::unbounded(), bytes: 0 };
        Self { held: Mutex::new(held), max_bytes }
    }

    pub(crate) fn get<D: Decider>(&self, stream: &StreamName) -> Option<Cached<D>> {
        let mut held = self.held();
        let entry = held.states.get(&key::<D>(stream))?;
        let state = entry.state.clone().downcast().ok()?;
        Some(Cached { state, revision: entry.revision, checked: entry.checked })
    }

    /// Removes an entry, so that whoever holds its state alone may change it without a copy.
    pub(crate) fn take<D: Decider>(&self, stream: &StreamName) {
        let mut held = self.held();
        if let Some(entry) = held.states.pop(&key::<D>(stream)) {
            held.bytes -= entry.bytes;
        }
    }

    /// Keeps a state, unless a newer one is there.
    pub(crate) fn put<D: Decider>(&self, stream: &StreamName, cached: Cached<D>) {
        let Cached { state, revision, checked } = cached;
        let bytes = ENTRY_BYTES + stream.as_str().len() + state.weight();
        let mut held = self.held();
        let key = key::<D>(stream);
        if let Some(there) = held.states.peek_mut(&key)
            && (there.revision, there.checked) >= (revision, checked)
        {
            return;
        }
        if let Some(replaced) = held.states.put(key, Entry { state, revision, checked, bytes }) {
            held.bytes -= replaced.bytes;
        }
        held.bytes += bytes;
        while held.bytes > self.max_bytes
            && let Some((_, entry)) = held.states.pop_lru()
        {
            held.bytes -= entry.bytes;
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let held = self.held();
        (held.bytes, held.states.len())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A cache is only ever too empty: a panic under the lock leaves at worst a wrong tally of
        // an entry that was being replaced.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key<D: Decider>(stream: &StreamName) -> Key {
    (TypeId::of::<D>(), stream.clone())
}

#[cfg(test)]
mod tests {
    use kernel::timer::Timer;

    use super::*;

    #[test]
    fn the_cache_stays_within_its_bytes_and_forgets_the_least_used() {
        let cache = StateCache::new(4 * (ENTRY_BYTES + 100));
        let stream = |n: u32| StreamName::new("timer", n);
        for n in 0..20 {
            let state = Arc::new(Timer::Over);
            let entry = Cached { state, revision: Revision(2), checked: Position(9) };
            cache.put(&stream(n), entry);
            assert!(cache.get::<Timer>(&stream(0)).is_some(), "the one in use stays");
        }
        let (bytes, entries) = cache.bytes();
        assert!(bytes <= 4 * (ENTRY_BYTES + 100) && entries >= 3);
        assert!(cache.get::<Timer>(&stream(10)).is_none());
    }

    #[test]
    fn an_older_state_never_replaces_a_newer_one() {
        let cache = StateCache::new(1 << 20);
        let stream = StreamName::new("timer", 1);
        let at = |revision, checked| Cached {
            state: Arc::new(Timer::Over),
            revision: Revision(revision),
            checked: Position(checked),
        };
        cache.put(&stream, at(3, 7));
        cache.put(&stream, at(2, 9));
        assert_eq!(cache.get::<Timer>(&stream).unwrap().revision, Revision(3));
    }
}
