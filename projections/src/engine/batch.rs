//! Reading the log in batches that never end inside an append, each event decoded once.
//!
//! All events of one append carry the same meta text, with the id of its command. So a batch ends
//! where the meta changes, or at a head that the log announced: appends become visible whole.
//!
//! Where the log can show its rows in place, only what somebody folds is copied, and of that not
//! the texts: their content is in the [`Fact`].

use std::sync::Arc;

use kernel::log::{APPEND_EVENTS_MAX, Scanned};
use kernel::{
    DecodeError, EventLog, EventRef, Limit, Meta, Position, ReadError, Recorded, StreamName,
};

use super::blocking::block_on;
use super::projection::{FoldError, Happened};
use super::store::Checkpoint;
use crate::facts::Fact;

/// Events read at once: between two pages a rebuild lets the train go first, and behind a full
/// batch so many more are looked through for the end of its last append.
const PAGE: usize = 512;

/// How much one batch holds; whichever is met first ends it, except inside an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batching {
    pub events: usize,
    pub bytes: usize,
}

impl Batching {
    /// Small enough that a commit stays short.
    pub const LIVE: Self = Self { events: 4_000, bytes: 1024 * 1024 };
    /// What a rebuild reads at once; several of these go into one commit.
    pub const REBUILD: Self = Self { events: 25_000, bytes: 8 * 1024 * 1024 };
}

pub(super) struct Batch {
    /// What somebody folds, in order.
    pub(super) events: Vec<Decoded>,
    pub(super) end: Checkpoint,
}

pub(super) struct Decoded {
    /// Without its two texts where `content` holds what they say.
    pub(super) recorded: Recorded,
    content: Option<(Arc<Meta>, Fact)>,
}

impl Decoded {
    pub(super) fn happened(&self) -> Result<Happened<'_>, FoldError> {
        match &self.content {
            Some((meta, fact)) => Ok(Happened { recorded: &self.recorded, meta, fact }),
            None => Err(FoldError::Decode(self.refusal())),
        }
    }

    fn of(event: EventRef<'_>, meta: Option<Arc<Meta>>) -> Self {
        let content = meta.zip(Fact::of(&event).ok());
        let texts = match &content {
            // What no list of ours knows is decoded by whoever asked for it.
            Some((_, Fact::Unknown)) | None => [event.meta, event.data],
            Some(_) => ["", ""],
        };
        let [meta, data] = texts.map(str::to_owned);
        let recorded = Recorded {
            position: event.position,
            stream: StreamName::stored(event.stream),
            revision: event.revision,
            type_name: event.type_name.to_owned(),
            id: event.id,
            recorded_at: event.recorded_at,
            meta,
            data,
        };
        Self { recorded, content }
    }

    /// Why it does not decode: found anew, since it is rare and an error is not shared.
    fn refusal(&self) -> DecodeError {
        match (self.recorded.meta(), Fact::decode(&self.recorded)) {
            (Err(error), _) | (_, Err(error)) => error,
            (Ok(_), Ok(_)) => DecodeError::UnknownType(self.recorded.type_name.clone()),
        }
    }
}

/// The events after `after`, none beyond `until`, where `wanted` says that somebody folds the
/// category. None when there is nothing more yet. `until` is the end of an append; `between` is
/// called before each page, of which a batch has several.
pub(super) fn read(
    log: &dyn EventLog,
    after: Position,
    until: Option<Position>,
    batching: Batching,
    wanted: &dyn Fn(&str) -> bool,
    between: &dyn Fn(),
) -> Result<Option<Batch>, ReadError> {
    let (full, bytes) = (batching.events.max(1), batching.bytes.max(1));
    let more = full.min(PAGE);
    let mut reading = Reading::new(until, wanted);
    let mut from = after;
    loop {
        between();
        let limit = Limit { events: more, bytes };
        // Asked before reading: what the log announced by then is whole.
        let head = log.head();
        let known = until.map_or(head, |until| until.min(head));
        let scanned = scan(log, from, limit, &mut |event| reading.see(event, known))?;
        if scanned.events == 0 {
            reading.ended();
            return Ok(reading.cut());
        }
        from = scanned.last;
        // Another page, unless this one ended where nothing more was to be expected.
        if from < known && reading.seen < full && reading.bytes < bytes {
            continue;
        }
        // Cutting much off would be decoding it again: better read on to the end of the append.
        let cut_off = reading.seen - reading.whole.as_ref().map_or(0, |whole| whole.seen);
        let little = cut_off <= more.max(reading.seen / 8);
        if reading.whole.is_some() && (little || reading.seen >= full + APPEND_EVENTS_MAX) {
            return Ok(reading.cut());
        }
        // Longer than any append can be: several appends share their meta, and may be parted.
        if reading.whole.is_none() && reading.seen >= APPEND_EVENTS_MAX {
            reading.ended();
            return Ok(reading.cut());
        }
    }
}

/// In place where the log can, else by way of copies.
fn scan(
    log: &dyn EventLog,
    after: Position,
    limit: Limit,
    each: &mut dyn FnMut(EventRef<'_>),
) -> Result<Scanned, ReadError> {
    if let Some(scanned) = log.scan(after, limit, each) {
        return scanned;
    }
    let page = block_on(log.read(after, limit))?;
    page.iter().for_each(|event| each(event.into()));
    Ok(Scanned { events: page.len(), last: page.last().map_or(after, |event| event.position) })
}

/// A batch while it is read.
struct Reading<'a> {
    until: Option<Position>,
    wanted: &'a dyn Fn(&str) -> bool,
    events: Vec<Decoded>,
    /// How many events were passed, wanted or not, with how many bytes, and the last of them.
    seen: usize,
    bytes: usize,
    last: Checkpoint,
    /// The last end of an append.
    whole: Option<Whole>,
    /// The meta text of the last event, parsed once for all events of its append.
    meta_text: String,
    meta: Option<Arc<Meta>>,
}

/// What lies before the end of an append.
struct Whole {
    events: usize,
    seen: usize,
    end: Checkpoint,
}

impl<'a> Reading<'a> {
    fn new(until: Option<Position>, wanted: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            until,
            wanted,
            events: Vec::new(),
            seen: 0,
            bytes: 0,
            last: Checkpoint::default(),
            whole: None,
            meta_text: String::new(),
            meta: None,
        }
    }

    /// `known` ends an append.
    fn see(&mut self, event: EventRef<'_>, known: Position) {
        if self.until.is_some_and(|until| event.position > until) {
            return;
        }
        if self.meta_text != event.meta {
            if self.seen > 0 {
                self.ended();
            }
            self.meta_text.clear();
            self.meta_text.push_str(event.meta);
            self.meta = None;
        }
        self.seen += 1;
        self.bytes += event.bytes();
        self.last = Checkpoint { position: event.position, recorded_at: event.recorded_at };
        if (self.wanted)(StreamName::category_of(event.stream)) {
            if self.meta.is_none() {
                self.meta = serde_json::from_str(event.meta).ok().map(Arc::new);
            }
            self.events.push(Decoded::of(event, self.meta.clone()));
        }
        if event.position == known {
            self.ended();
        }
    }

    /// What was seen so far ends with an append.
    fn ended(&mut self) {
        if self.seen > 0 {
            self.whole = Some(Whole { events: self.events.len(), seen: self.seen, end: self.last });
        }
    }

    fn cut(mut self) -> Option<Batch> {
        let Whole { events, end, .. } = self.whole?;
        self.events.truncate(events);
        Some(Batch { events: self.events, end })
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Micros, Revision};
    use uuid::Uuid;

    use super::*;

    /// Sees events with these metas, and says where it may be cut.
    fn whole(metas: &[&str], known: u64, until: Option<u64>) -> Option<u64> {
        let mut reading = Reading::new(until.map(Position), &|_| true);
        for (position, meta) in (1..).zip(metas) {
            let event = EventRef {
                position: Position(position),
                stream: "toy-1",
                revision: Revision(position),
                type_name: "toy.turned.v1",
                id: Uuid::from_u128(u128::from(position)),
                recorded_at: Micros(0),
                meta,
                data: "{}",
            };
            reading.see(event, Position(known));
        }
        reading.cut().map(|batch| {
            assert_eq!(batch.events.len() as u64, batch.end.position.0);
            batch.end.position.0
        })
    }

    #[test]
    fn a_batch_ends_at_the_announced_head_or_where_the_meta_changes() {
        let metas = ["a", "a", "b", "b"];
        assert_eq!(whole(&metas, 4, None), Some(4), "the head is an end");
        assert_eq!(whole(&metas, 2, None), Some(2), "the append after it may go on");
        assert_eq!(whole(&metas, 9, None), Some(2), "the last append may go on");
        assert_eq!(whole(&metas, 2, Some(2)), Some(2), "nothing beyond what was asked");
        assert_eq!(whole(&["a", "a"], 9, None), None, "nothing is known to end");
    }
}
