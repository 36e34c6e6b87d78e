//! What every log promises, whatever it is made of.
//!
//! **Invariant** no reader sees position n before all of 1…n-1; nothing acknowledged is lost;
//! recorded time grows strictly with the position.

use std::pin::Pin;

use thiserror::Error;
use uuid::Uuid;

use crate::append::{Append, AppendError, Appended, Claim, Held};
use crate::event::Recorded;
use crate::ports::Micros;
use crate::stream::{Identity, Position, Revision, StreamName};

/// An answer that comes later, from whatever runtime the backend uses.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One append holds at most so much, whoever writes it.
pub const APPEND_EVENTS_MAX: usize = 10_000;
pub const APPEND_BYTES_MAX: usize = 32 * 1024 * 1024;

pub trait EventLog: Send + Sync + 'static {
    fn identity(&self) -> Identity;

    fn capabilities(&self) -> Capabilities;

    /// Writes all of it or nothing, and answers when it is durable.
    fn append(&self, append: Append) -> Answer<'_, Result<Appended, AppendError>>;

    /// The last position that is durable and visible.
    fn head(&self) -> Position;

    /// Events after `after`, in order, all streams. Empty means: nothing more yet.
    fn read(&self, after: Position, limit: Limit) -> Answer<'_, Result<Vec<Recorded>, ReadError>>;

    /// As [`EventLog::read`], on the calling thread and without copies: `each` sees every event
    /// borrowed. `None` where the backend cannot; then [`EventLog::read`] is the way.
    ///
    /// It blocks for as long as `each` takes: for threads that fold, not for tasks.
    fn scan(
        &self,
        after: Position,
        limit: Limit,
        each: &mut dyn FnMut(EventRef<'_>),
    ) -> Option<Result<Scanned, ReadError>> {
        let _ = (after, limit, each);
        None
    }

    /// Events of one stream after `after`.
    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamName,
        after: Revision,
        limit: Limit,
    ) -> Answer<'a, Result<Vec<Recorded>, ReadError>>;

    /// One event by its id.
    fn event(&self, id: Uuid) -> Answer<'_, Result<Option<Recorded>, ReadError>>;

    /// Resolves as soon as the head lies beyond `position`; the caller bounds the wait.
    fn beyond(&self, position: Position) -> Answer<'_, Position>;

    /// Who holds each of `keys`, in their order.
    fn claims<'a>(&'a self, keys: &'a [String])
    -> Answer<'a, Result<Vec<Option<Held>>, ReadError>>;

    /// Claims whose key begins with `prefix` and lies after `after`, by key, at most `max`.
    fn claims_from<'a>(
        &'a self,
        prefix: &'a str,
        after: &'a str,
        max: usize,
    ) -> Answer<'a, Result<Vec<Claim>, ReadError>>;

    /// Subjects under a blind index, by id.
    fn look_up<'a>(
        &'a self,
        kind: &'a str,
        blind: &'a str,
    ) -> Answer<'a, Result<Vec<Uuid>, ReadError>>;

    /// What came of a command: its digest, its result and the position it reached.
    fn command(&self, id: Uuid) -> Answer<'_, Result<Option<Done>, ReadError>>;

    /// How far a process has read; 0 for one that never ran.
    fn cursor<'a>(&'a self, process: &'a str) -> Answer<'a, Result<Position, ReadError>>;

    /// Moves a process's cursor forward, never back.
    fn move_cursor<'a>(
        &'a self,
        process: &'a str,
        to: Position,
    ) -> Answer<'a, Result<(), ReadError>>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub digest: [u8; 32],
    pub result: String,
    pub last: Position,
}

/// An event as it lies in the log's own memory; fields as in [`Recorded`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRef<'a> {
    pub position: Position,
    pub stream: &'a str,
    pub revision: Revision,
    pub type_name: &'a str,
    pub id: Uuid,
    pub recorded_at: Micros,
    pub meta: &'a str,
    pub data: &'a str,
}

impl EventRef<'_> {
    #[must_use]
    pub fn to_recorded(self) -> Recorded {
        Recorded {
            position: self.position,
            stream: StreamName::stored(self.stream),
            revision: self.revision,
            type_name: self.type_name.to_owned(),
            id: self.id,
            recorded_at: self.recorded_at,
            meta: self.meta.to_owned(),
            data: self.data.to_owned(),
        }
    }

    /// What it counts against [`Limit::bytes`].
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.meta.len() + self.data.len()
    }
}

impl<'a> From<&'a Recorded> for EventRef<'a> {
    fn from(event: &'a Recorded) -> Self {
        Self {
            position: event.position,
            stream: event.stream.as_str(),
            revision: event.revision,
            type_name: &event.type_name,
            id: event.id,
            recorded_at: event.recorded_at,
            meta: &event.meta,
            data: &event.data,
        }
    }
}

/// How far one scan came: the position of the last event seen, or where it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scanned {
    pub events: usize,
    pub last: Position,
}

/// Bounds of one read; whichever is met first ends it, but never before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub events: usize,
    pub bytes: usize,
}

impl Limit {
    pub const PAGE: Self = Self { events: 1_000, bytes: 4 * 1024 * 1024 };

    #[must_use]
    pub fn events(events: usize) -> Self {
        Self { events, ..Self::PAGE }
    }

    /// Whether a page that holds `events` of `bytes` in all takes one more.
    #[must_use]
    pub fn admits(self, events: usize, bytes: usize) -> bool {
        events < self.events && (events == 0 || bytes < self.bytes)
    }
}

/// What a backend can do beyond the core profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Several streams, guards, claims, look-ups and command records in one append.
    pub full_profile: bool,
    /// Survives the death of the process.
    pub durable: bool,
    /// Several nodes may write.
    pub many_writers: bool,
}

#[derive(Debug, Error)]
pub enum ReadError {
    #[error("the log cannot be read: {0}")]
    Unavailable(String),
    #[error("what the log holds at position {position} is damaged: {what}")]
    Damaged { position: Position, what: String },
}
