//! The log in memory: the model of the contract, for tests, properties and simulations.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use uuid::Uuid;

use crate::append::{
    Append, AppendError, Appended, Claim, ClaimConflict, Conflicts, Held, NoneSince,
    RevisionConflict, SinceConflict,
};
use crate::event::Recorded;
use crate::log::{Answer, Capabilities, Done, EventLog, EventRef, Limit, ReadError, Scanned};
use crate::ports::{Clock, Micros};
use crate::stream::{Epoch, Identity, LogId, Position, Revision, StreamName};

pub struct MemoryLog {
    identity: Identity,
    clock: Arc<dyn Clock>,
    held: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: Vec<Recorded>,
    streams: HashMap<StreamName, Vec<usize>>,
    ids: HashMap<Uuid, usize>,
    claims: BTreeMap<String, Held>,
    lookups: BTreeSet<(String, String, Uuid)>,
    commands: HashMap<Uuid, Done>,
    cursors: HashMap<String, Position>,
    wakers: Vec<Waker>,
}

impl MemoryLog {
    #[must_use]
    pub fn new(log_id: Uuid, clock: Arc<dyn Clock>) -> Self {
        Self {
            identity: Identity { log_id: LogId(log_id), epoch: Epoch(1) },
            clock,
            held: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held left whole events: every write checks before it changes.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every event so far.
    #[must_use]
    pub fn events(&self) -> Vec<Recorded> {
        self.state().events.clone()
    }

    fn write(&self, append: Append) -> Result<Appended, AppendError> {
        append.check()?;
        let mut state = self.state();
        if let Some(command) = &append.command
            && let Some(done) = state.commands.get(&command.id)
        {
            return if done.digest == command.digest {
                Ok(Appended::Before { result: done.result.clone(), last: done.last })
            } else {
                Err(AppendError::CommandAltered { id: command.id })
            };
        }
        let conflicts = state.conflicts(&append);
        if !conflicts.is_empty() {
            return Err(AppendError::Conflict(conflicts));
        }
        for event in append.writes.iter().flat_map(|write| &write.events) {
            if state.ids.contains_key(&event.id) {
                return Err(AppendError::EventIdTaken { id: event.id });
            }
        }
        let appended = state.apply(append, self.clock.now());
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        Ok(appended)
    }
}

impl State {
    fn head(&self) -> Position {
        Position(self.events.len() as u64)
    }

    fn revision(&self, stream: &StreamName) -> Revision {
        Revision(self.streams.get(stream).map_or(0, |places| places.len() as u64))
    }

    fn conflicts(&self, append: &Append) -> Conflicts {
        let written = append.writes.iter().map(|write| (&write.stream, write.expected));
        let guarded = append.guards.iter().map(|guard| (&guard.stream, guard.revision));
        let revisions = written
            .chain(guarded)
            .filter_map(|(stream, expected)| {
                let actual = self.revision(stream);
                let moved = actual != expected;
                moved.then(|| RevisionConflict { stream: stream.clone(), expected, actual })
            })
            .collect();
        let since = append.none_since.as_ref().map(|since| self.since(since)).unwrap_or_default();
        Conflicts { revisions, since, claims: self.contested(append) }
    }

    fn since(&self, since: &NoneSince) -> Vec<SinceConflict> {
        let after = usize::try_from(since.after.0).unwrap_or(usize::MAX).min(self.events.len());
        self.events[after..]
            .iter()
            .filter(|event| since.matches(&event.type_name))
            .map(|event| SinceConflict {
                position: event.position,
                stream: event.stream.clone(),
                type_name: event.type_name.clone(),
            })
            .collect()
    }

    fn contested(&self, append: &Append) -> Vec<ClaimConflict> {
        let mut contested = Vec::new();
        for claim in &append.release {
            let held = self.claims.get(&claim.key);
            if held.is_none_or(|held| held.holder != claim.holder) {
                contested.push(ClaimConflict { key: claim.key.clone(), held: held.cloned() });
            }
        }
        let released: BTreeSet<&str> =
            append.release.iter().map(|claim| claim.key.as_str()).collect();
        for claim in &append.take {
            if released.contains(claim.key.as_str()) {
                continue;
            }
            if let Some(held) = self.claims.get(&claim.key) {
                contested.push(ClaimConflict { key: claim.key.clone(), held: Some(held.clone()) });
            }
        }
        contested
    }

    fn apply(&mut self, append: Append, now: Micros) -> Appended {
        let first = Position(self.head().0 + 1);
        let meta = append.meta.to_text();
        let mut recorded_at = now;
        for write in append.writes {
            for event in write.events {
                let before = self.events.last().map_or(i64::MIN, |last| last.recorded_at.0);
                recorded_at = Micros(now.0.max(before.saturating_add(1)));
                let place = self.events.len();
                let places = self.streams.entry(write.stream.clone()).or_default();
                places.push(place);
                self.ids.insert(event.id, place);
                self.events.push(Recorded {
                    position: Position(place as u64 + 1),
                    stream: write.stream.clone(),
                    revision: Revision(places.len() as u64),
                    type_name: event.type_name,
                    id: event.id,
                    recorded_at,
                    meta: meta.clone(),
                    data: event.data,
                });
            }
        }
        let last = self.head();
        for claim in append.release {
            self.claims.remove(&claim.key);
        }
        for claim in append.take {
            self.claims.insert(claim.key, Held { holder: claim.holder, position: last });
        }
        for entry in append.unindex {
            self.lookups.remove(&(entry.kind, entry.blind, entry.subject));
        }
        for entry in append.index {
            self.lookups.insert((entry.kind, entry.blind, entry.subject));
        }
        if let Some(command) = append.command {
            let done = Done { digest: command.digest, result: command.result, last };
            self.commands.insert(command.id, done);
        }
        Appended::Now { first, last, recorded_at }
    }
}

/// As many of `events` as the limit allows, and at least one.
fn page<'a>(
    events: impl Iterator<Item = &'a Recorded>,
    limit: Limit,
    mut each: impl FnMut(&'a Recorded),
) {
    let (mut count, mut bytes) = (0, 0);
    for event in events {
        if !limit.admits(count, bytes) {
            break;
        }
        count += 1;
        bytes += EventRef::from(event).bytes();
        each(event);
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(std::future::ready(value))
}

impl EventLog for MemoryLog {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { full_profile: true, durable: false, many_writers: false }
    }

    fn append(&self, append: Append) -> Answer<'_, Result<Appended, AppendError>> {
        ready(self.write(append))
    }

    fn head(&self) -> Position {
        self.state().head()
    }

    fn read(&self, after: Position, limit: Limit) -> Answer<'_, Result<Vec<Recorded>, ReadError>> {
        let state = self.state();
        let after = usize::try_from(after.0).unwrap_or(usize::MAX).min(state.events.len());
        let mut events = Vec::new();
        page(state.events[after..].iter(), limit, |event| events.push(event.clone()));
        ready(Ok(events))
    }

    fn scan(
        &self,
        after: Position,
        limit: Limit,
        each: &mut dyn FnMut(EventRef<'_>),
    ) -> Option<Result<Scanned, ReadError>> {
        let events = {
            let state = self.state();
            let from = usize::try_from(after.0).unwrap_or(usize::MAX).min(state.events.len());
            let mut events = Vec::new();
            page(state.events[from..].iter(), limit, |event| events.push(event.clone()));
            events
        };
        // `each` runs without the lock: it may ask the log something.
        events.iter().for_each(|event| each(event.into()));
        let scanned = Scanned {
            events: events.len(),
            last: events.last().map_or(after, |event| event.position),
        };
        Some(Ok(scanned))
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamName,
        after: Revision,
        limit: Limit,
    ) -> Answer<'a, Result<Vec<Recorded>, ReadError>> {
        let state = self.state();
        let places = state.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let after = usize::try_from(after.0).unwrap_or(usize::MAX).min(places.len());
        let mut events = Vec::new();
        let found = places[after..].iter().map(|place| &state.events[*place]);
        page(found, limit, |event| events.push(event.clone()));
        ready(Ok(events))
    }

    fn event(&self, id: Uuid) -> Answer<'_, Result<Option<Recorded>, ReadError>> {
        let state = self.state();
        ready(Ok(state.ids.get(&id).map(|place| state.events[*place].clone())))
    }

    fn beyond(&self, position: Position) -> Answer<'_, Position> {
        Box::pin(std::future::poll_fn(move |context| {
            let mut state = self.state();
            let head = state.head();
            if head > position {
                return Poll::Ready(head);
            }
            if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                state.wakers.push(context.waker().clone());
            }
            Poll::Pending
        }))
    }

    fn claims<'a>(
        &'a self,
        keys: &'a [String],
    ) -> Answer<'a, Result<Vec<Option<Held>>, ReadError>> {
        let state = self.state();
        ready(Ok(keys.iter().map(|key| state.claims.get(key).cloned()).collect()))
    }

    fn claims_from<'a>(
        &'a self,
        prefix: &'a str,
        after: &'a str,
        max: usize,
    ) -> Answer<'a, Result<Vec<Claim>, ReadError>> {
        let state = self.state();
        let from = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let claims = state
            .claims
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(max)
            .map(|(key, held)| Claim { key: key.clone(), holder: held.holder.clone() })
            .collect();
        ready(Ok(claims))
    }

    fn look_up<'a>(
        &'a self,
        kind: &'a str,
        blind: &'a str,
    ) -> Answer<'a, Result<Vec<Uuid>, ReadError>> {
        let state = self.state();
        let from = (kind.to_owned(), blind.to_owned(), Uuid::nil());
        let subjects = state
            .lookups
            .range(from..)
            .take_while(|(k, b, _)| k == kind && b == blind)
            .map(|(_, _, subject)| *subject)
            .collect();
        ready(Ok(subjects))
    }

    fn command(&self, id: Uuid) -> Answer<'_, Result<Option<Done>, ReadError>> {
        ready(Ok(self.state().commands.get(&id).cloned()))
    }

    fn cursor<'a>(&'a self, process: &'a str) -> Answer<'a, Result<Position, ReadError>> {
        ready(Ok(self.state().cursors.get(process).copied().unwrap_or_default()))
    }

    fn move_cursor<'a>(
        &'a self,
        process: &'a str,
        to: Position,
    ) -> Answer<'a, Result<(), ReadError>> {
        let mut state = self.state();
        let cursor = state.cursors.entry(process.to_owned()).or_default();
        *cursor = (*cursor).max(to);
        ready(Ok(()))
    }
}
