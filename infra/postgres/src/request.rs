//! What callers ask of the writer.

use kernel::{Append, AppendError, Position, ReadError};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::group::{Refused, Verdict};

pub(crate) struct Asked {
    pub(crate) append: Append,
    pub(crate) meta: String,
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    /// The lease under which it was accepted; under another it is not written.
    pub(crate) lease: i64,
    pub(crate) answer: oneshot::Sender<Verdict>,
    /// The room it takes in the queue, given back when it is answered.
    pub(crate) _room: OwnedSemaphorePermit,
}

pub(crate) enum Request {
    Append(Box<Asked>),
    Cursor {
        process: String,
        to: Position,
        lease: i64,
        answer: oneshot::Sender<Result<(), ReadError>>,
    },
}

impl Request {
    pub(crate) fn lease(&self) -> i64 {
        match self {
            Self::Append(asked) => asked.lease,
            Self::Cursor { lease, .. } => *lease,
        }
    }

    // An answer that nobody waits for is dropped: the caller gave up, the outcome stands.
    pub(crate) fn refuse(self, error: AppendError) {
        match self {
            Self::Append(asked) => {
                let _ = asked.answer.send(Err(Refused::For(error)));
            }
            Self::Cursor { answer, .. } => {
                let _ = answer.send(Err(ReadError::Unavailable(error.to_string())));
            }
        }
    }
}

/// The appends among these, in order.
pub(crate) fn appends(group: &[Request]) -> Vec<&Append> {
    let mut appends = Vec::with_capacity(group.len());
    for request in group {
        match request {
            Request::Append(asked) => appends.push(&asked.append),
            Request::Cursor { .. } => {}
        }
    }
    appends
}

pub(crate) fn size(request: &Request) -> (usize, usize) {
    match request {
        Request::Append(asked) => (asked.events.max(1), asked.bytes),
        Request::Cursor { .. } => (1, 0),
    }
}
