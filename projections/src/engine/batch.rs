//! Reading the log in batches that never end inside an append.
//!
//! All events of one append carry the same meta text, with the id of its command. So a batch ends
//! where the meta changes, or at a head that the log announced: appends become visible whole.

use std::sync::Arc;

use kernel::log::APPEND_EVENTS_MAX;
use kernel::{DecodeError, EventLog, Limit, Meta, Position, ReadError, Recorded};

use super::blocking::block_on;
use super::projection::{FoldError, Happened};
use super::store::Checkpoint;
use crate::facts::Fact;

/// How much one batch holds; whichever is met first ends it, except inside an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batching {
    pub events: usize,
    pub bytes: usize,
}

impl Batching {
    /// Small enough that a commit stays short.
    pub const LIVE: Self = Self { events: 4_000, bytes: 4 * 1024 * 1024 };
    /// What a rebuild reads at once; several of these go into one commit.
    pub const REBUILD: Self = Self { events: 25_000, bytes: 8 * 1024 * 1024 };
}

pub(super) struct Batch {
    pub(super) events: Vec<Decoded>,
    pub(super) end: Checkpoint,
}

pub(super) struct Decoded {
    pub(super) recorded: Recorded,
    /// None where nobody asked for the category, or where it does not decode.
    content: Option<(Arc<Meta>, Fact)>,
}

impl Decoded {
    pub(super) fn happened(&self) -> Result<Happened<'_>, FoldError> {
        match &self.content {
            Some((meta, fact)) => Ok(Happened { recorded: &self.recorded, meta, fact }),
            None => Err(FoldError::Decode(self.refusal())),
        }
    }

    /// Why it does not decode: found anew, since it is rare and an error is not shared.
    fn refusal(&self) -> DecodeError {
        match (self.recorded.meta(), Fact::decode(&self.recorded)) {
            (Err(error), _) | (_, Err(error)) => error,
            (Ok(_), Ok(_)) => DecodeError::UnknownType(self.recorded.type_name.clone()),
        }
    }
}

/// The events after `after`, none beyond `until`, decoded where `wanted` says that somebody folds
/// the category. None when there is nothing more yet.
pub(super) fn read(
    log: &dyn EventLog,
    after: Position,
    until: Option<Position>,
    batching: Batching,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Option<Batch>, ReadError> {
    let recorded = read_whole(log, after, until, batching)?;
    let Some(last) = recorded.last() else { return Ok(None) };
    let end = Checkpoint { position: last.position, recorded_at: last.recorded_at };
    let mut metas = Metas::default();
    let events = recorded
        .into_iter()
        .map(|recorded| {
            let content = if wanted(recorded.stream.category()) {
                metas.of(&recorded).zip(Fact::decode(&recorded).ok())
            } else {
                None
            };
            Decoded { recorded, content }
        })
        .collect();
    Ok(Some(Batch { events, end }))
}

fn read_whole(
    log: &dyn EventLog,
    after: Position,
    until: Option<Position>,
    batching: Batching,
) -> Result<Vec<Recorded>, ReadError> {
    let limit = Limit { events: batching.events.max(1), bytes: batching.bytes.max(1) };
    let mut events: Vec<Recorded> = Vec::new();
    let mut from = after;
    loop {
        // Asked before reading: what the log announced by then is whole.
        let head = log.head();
        let page = block_on(log.read(from, limit))?;
        let Some(last) = page.last() else { return Ok(events) };
        from = last.position;
        events.extend(page);
        let known = until.map_or(head, |until| until.min(head));
        if let Some(until) = until {
            events.truncate(events.partition_point(|event| event.position <= until));
        }
        if let Some(whole) = boundary(&events, known) {
            events.truncate(whole);
            return Ok(events);
        }
        // Longer than any append can be: several appends share their meta, and may be parted.
        if events.len() >= APPEND_EVENTS_MAX {
            return Ok(events);
        }
    }
}

/// How many of `events` end with an append, given that one ends at `known`.
fn boundary(events: &[Recorded], known: Position) -> Option<usize> {
    let announced = events.partition_point(|event| event.position <= known);
    if announced > 0 && events[announced - 1].position == known {
        return Some(announced);
    }
    (1..events.len()).rev().find(|place| events[place - 1].meta != events[*place].meta)
}

/// Meta texts repeat over an append: each is parsed once.
#[derive(Default)]
struct Metas(Option<(String, Arc<Meta>)>);

impl Metas {
    fn of(&mut self, recorded: &Recorded) -> Option<Arc<Meta>> {
        match &self.0 {
            Some((text, meta)) if *text == recorded.meta => Some(Arc::clone(meta)),
            _ => {
                let meta = Arc::new(recorded.meta().ok()?);
                self.0 = Some((recorded.meta.clone(), Arc::clone(&meta)));
                Some(meta)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Micros, Revision, StreamName};
    use uuid::Uuid;

    use super::*;

    fn events(metas: &[&str]) -> Vec<Recorded> {
        (1..)
            .zip(metas)
            .map(|(position, meta)| Recorded {
                position: Position(position),
                stream: StreamName::new("toy", 1),
                revision: Revision(position),
                type_name: "toy.turned.v1".to_owned(),
                id: Uuid::from_u128(u128::from(position)),
                recorded_at: Micros(0),
                meta: (*meta).to_owned(),
                data: "{}".to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_batch_ends_at_the_announced_head_or_where_the_meta_changes() {
        let page = events(&["a", "a", "b", "b"]);
        assert_eq!(boundary(&page, Position(4)), Some(4), "the head is an end");
        assert_eq!(boundary(&page, Position(2)), Some(2), "later events may be cut off");
        assert_eq!(boundary(&page, Position(9)), Some(2), "the last append may go on");
        assert_eq!(boundary(&events(&["a", "a"]), Position(9)), None, "nothing is known to end");
    }
}
