//! What a plan has decided so far, and how it becomes one append.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kernel::process::derived_id;
use kernel::{
    Append, Claim, ClaimConflict, Conflicts, Decider, Event, EventLog, Guard, Lookup, Meta,
    NewEvent, NoneSince, Position, Revision, StreamName, Write,
};
use uuid::Uuid;

use super::Decided;
use crate::cache::{Cached, StateCache};
use crate::error::CommandError;
use crate::execute::Planned;

/// What becomes the append.
#[derive(Default)]
pub(super) struct Draft {
    /// In the order in which they were first decided upon or guarded.
    pub seats: Vec<Seat>,
    pub places: HashMap<StreamName, usize>,
    /// The stream that `if_revision` is about.
    pub target: Option<usize>,
    pub none_since: Option<NoneSince>,
    pub take: Vec<Claim>,
    pub release: Vec<Claim>,
    pub index: Vec<Lookup>,
    pub unindex: Vec<Lookup>,
    pub next_event: u32,
}

/// A stream in this unit.
pub(super) struct Seat {
    stream: StreamName,
    pub expected: Revision,
    events: Vec<NewEvent>,
    planned: Vec<&'static str>,
    /// Absent for a stream that was written without being folded.
    pub state: Option<Box<dyn State>>,
}

/// A [`Folded`] of some decider.
pub(super) trait State: Any + Send + Sync {
    /// Brings what was written into the cache.
    fn settle(
        self: Box<Self>,
        states: &StateCache,
        stream: &StreamName,
        at: Revision,
        head: Position,
    );
}

pub(super) struct Folded<D: Decider> {
    state: Arc<D>,
    /// Decided and not yet folded: most units never look at the stream again.
    pub fresh: Vec<D::Event>,
}

impl Draft {
    pub fn seat(&mut self, stream: &StreamName) -> Option<&mut Seat> {
        let place = *self.places.get(stream)?;
        Some(&mut self.seats[place])
    }

    pub fn folded_place(&self, stream: &StreamName) -> Option<usize> {
        self.places.get(stream).copied().filter(|place| self.seats[*place].state.is_some())
    }

    pub fn push(&mut self, seat: Seat) -> usize {
        let place = self.seats.len();
        self.places.insert(seat.stream.clone(), place);
        self.seats.push(seat);
        place
    }

    pub fn add<'a, E: Event>(
        &mut self,
        command: Uuid,
        place: usize,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Decided {
        let seat = &mut self.seats[place];
        let before = seat.events.len();
        for event in events {
            let encoded = event.encode();
            let id = event_id(command, self.next_event);
            self.next_event += 1;
            seat.planned.push(encoded.type_name);
            seat.events.push(NewEvent::encoded(id, encoded));
        }
        Decided { events: seat.events.len() - before, revision: seat.revision() }
    }

    pub fn planned(&self) -> Vec<Planned> {
        let of = |seat: &Seat| -> Vec<Planned> {
            let stream = &seat.stream;
            let planned = seat.planned.iter();
            planned.map(|type_name| Planned { stream: stream.clone(), type_name }).collect()
        };
        self.seats.iter().flat_map(of).collect()
    }

    pub fn append(&mut self, meta: Meta) -> Append {
        let mut append = Append::new(meta);
        for seat in &mut self.seats {
            if seat.events.is_empty() {
                append.guards.push(Guard { stream: seat.stream.clone(), revision: seat.expected });
            } else {
                append.writes.push(Write {
                    stream: seat.stream.clone(),
                    expected: seat.expected,
                    events: std::mem::take(&mut seat.events),
                });
            }
        }
        append.none_since = self.none_since.take();
        append.take = std::mem::take(&mut self.take);
        append.release = std::mem::take(&mut self.release);
        append.index = std::mem::take(&mut self.index);
        append.unindex = std::mem::take(&mut self.unindex);
        append
    }

    /// With a revision given by the caller, a moved target is his news, not ours to decide again.
    pub fn moved(&self, if_revision: Option<Revision>, error: CommandError) -> CommandError {
        let (CommandError::Conflict(conflicts), Some(expected), Some(target)) =
            (&error, if_revision, self.target)
        else {
            return error;
        };
        let stream = &self.seats[target].stream;
        match conflicts.revisions.iter().find(|conflict| conflict.stream == *stream) {
            Some(conflict) => {
                CommandError::Moved { stream: stream.clone(), expected, actual: conflict.actual }
            }
            None => error,
        }
    }

    pub fn settle(self, states: &StateCache, last: Position) {
        for seat in self.seats {
            let revision = seat.revision();
            if !seat.planned.is_empty()
                && let Some(state) = seat.state
            {
                state.settle(states, &seat.stream, revision, last);
            }
        }
    }

    /// What a dry run can say about claims: who holds them now.
    pub async fn check_claims(&self, log: &dyn EventLog) -> Result<(), CommandError> {
        let released: HashSet<&str> = self.release.iter().map(|c| c.key.as_str()).collect();
        let keys: Vec<String> = self
            .take
            .iter()
            .filter(|claim| !released.contains(claim.key.as_str()))
            .map(|claim| claim.key.clone())
            .collect();
        let held = log.claims(&keys).await?;
        let claims: Vec<ClaimConflict> = keys
            .into_iter()
            .zip(held)
            .filter(|(_, held)| held.is_some())
            .map(|(key, held)| ClaimConflict { key, held })
            .collect();
        if claims.is_empty() {
            Ok(())
        } else {
            Err(CommandError::Conflict(Conflicts { claims, ..Conflicts::default() }))
        }
    }
}

pub(super) fn event_id(command: Uuid, index: u32) -> Uuid {
    derived_id("event", &[command.as_bytes(), &index.to_be_bytes()])
}

impl Seat {
    pub fn new(stream: StreamName, expected: Revision, state: Option<Box<dyn State>>) -> Self {
        Self { stream, expected, events: Vec::new(), planned: Vec::new(), state }
    }

    /// Where the stream stands with what was decided so far.
    pub fn revision(&self) -> Revision {
        Revision(self.expected.0 + self.planned.len() as u64)
    }

    pub fn folded<D: Decider>(&mut self) -> Result<&mut Folded<D>, CommandError> {
        let state = self.state.as_deref_mut().map(|state| state as &mut dyn Any);
        state.and_then(<dyn Any>::downcast_mut).ok_or_else(|| CommandError::Fault {
            what: format!("{} is folded by another decider in this unit", self.stream),
        })
    }

    pub fn now<D: Decider>(&mut self) -> Result<(Arc<D>, Revision), CommandError> {
        let revision = self.revision();
        let folded = self.folded::<D>()?;
        folded.fold();
        Ok((folded.state.clone(), revision))
    }
}

impl<D: Decider> Folded<D> {
    pub fn boxed(state: Arc<D>) -> Box<dyn State> {
        Box::new(Self { state, fresh: Vec::new() })
    }

    fn fold(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let state = std::mem::take(&mut self.state);
        let folded = self.fresh.drain(..).fold(Arc::unwrap_or_clone(state), |s, e| s.evolve(&e));
        self.state = Arc::new(folded);
    }
}

impl<D: Decider> State for Folded<D> {
    fn settle(
        mut self: Box<Self>,
        states: &StateCache,
        stream: &StreamName,
        at: Revision,
        head: Position,
    ) {
        // The cache lets go first, so that a large state is changed in place and not copied.
        states.take::<D>(stream);
        self.fold();
        states.put(stream, Cached { state: self.state, revision: at, checked: head });
    }
}
