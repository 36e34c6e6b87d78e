//! Bulk work in pieces that survive a restart: one append per chunk, under the id (job, chunk).
//!
//! **Invariant** a job that was cut anywhere and run again leaves the log as if it had never been
//! cut: chunks that were written are recognised by their command id and skipped.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use kernel::Position;
use kernel::process::chunk_id;
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use crate::canonical;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::{Done, Executor};
use crate::unit::Unit;

pub const CHUNK_LINES_MAX: usize = 1_000;
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;
/// What is left of a chunk for the fields that the event has beside its lines.
const CHUNK_BYTES_RESERVED: usize = 1_024;
/// Chunks that are being written at the same time, so that the log commits them together.
const IN_FLIGHT: usize = 8;
/// How many chunks may be read ahead while their lanes are busy, for each one in flight.
const AHEAD: usize = 2;

/// Lines that go into one append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<T> {
    /// Chunks of one lane are written one after the other, in order: the stream that they extend.
    /// Chunks without a lane are independent of all others.
    pub lane: Option<String>,
    pub lines: Vec<T>,
}

/// A resumable piece of bulk work. Its id is the command id of its envelope.
pub struct Job {
    executor: Executor,
    envelope: Envelope,
    operation: &'static str,
    in_flight: usize,
    cancel: Cancel,
}

/// Stops a job between two chunks, from anywhere. What is being written is finished first.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Chunks done, with those that an earlier run had written.
    pub chunks: u32,
    /// Chunks that an earlier run had written.
    pub skipped: u32,
    /// Lines of the chunks done.
    pub lines: u64,
    /// The furthest position reached.
    pub position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobEnd {
    pub progress: Progress,
    /// Stopped by its [`Cancel`] with chunks left over.
    pub cancelled: bool,
}

/// A chunk failed; those before it in its lane and all that were in flight are done.
#[derive(Debug, Error)]
#[error("chunk {chunk} of job {job} failed after {} chunks", .progress.chunks)]
pub struct JobError {
    pub job: Uuid,
    pub chunk: u32,
    pub progress: Progress,
    #[source]
    pub error: CommandError,
}

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Job {
    #[must_use]
    pub fn new(executor: Executor, envelope: Envelope, operation: &'static str) -> Self {
        Self { executor, envelope, operation, in_flight: IN_FLIGHT, cancel: Cancel::default() }
    }

    /// How many chunks are written at the same time; at least one.
    #[must_use]
    pub fn in_flight(mut self, chunks: usize) -> Self {
        self.in_flight = chunks.max(1);
        self
    }

    #[must_use]
    pub fn cancelled_by(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Writes every chunk, as `apply` decides it. `chunks` must come in the same order with the same
    /// lines each time the job is run: a chunk id with other lines is refused.
    ///
    /// # Errors
    /// The first chunk that fails.
    pub async fn run<T, F, P>(
        &self,
        chunks: impl IntoIterator<Item = Chunk<T>>,
        mut progress: impl FnMut(Progress),
        apply: F,
    ) -> Result<JobEnd, JobError>
    where
        T: Serialize,
        F: Fn(Unit, Arc<Chunk<T>>) -> P,
        P: Future<Output = Result<(), CommandError>>,
    {
        let mut source = (0_u32..).zip(chunks).fuse();
        let mut waiting: VecDeque<(u32, Chunk<T>)> = VecDeque::new();
        let mut busy: HashSet<String> = HashSet::new();
        let mut flying = FuturesUnordered::new();
        let mut so_far = Progress::default();
        let mut failed = None;
        loop {
            while failed.is_none() && !self.cancel.is_cancelled() && flying.len() < self.in_flight {
                let next = match next_free(&mut waiting, &busy) {
                    Some(next) => next,
                    None if waiting.len() >= AHEAD * self.in_flight => break,
                    None => match source.next() {
                        Some(next) => next,
                        None => break,
                    },
                };
                // A chunk of a busy lane, or one whose lane has earlier chunks waiting, must wait.
                if let Some(lane) = &next.1.lane
                    && !busy.insert(lane.clone())
                {
                    waiting.push_back(next);
                    continue;
                }
                flying.push(self.write(next, &apply));
            }
            let Some((index, chunk, outcome)) = flying.next().await else {
                break;
            };
            if let Some(lane) = &chunk.lane {
                busy.remove(lane);
            }
            match outcome {
                Ok(done) => {
                    so_far.chunks += 1;
                    so_far.skipped += u32::from(done.replayed);
                    so_far.lines += chunk.lines.len() as u64;
                    so_far.position = so_far.position.max(done.position);
                    progress(so_far);
                }
                Err(error) => failed = failed.or(Some((index, error))),
            }
        }
        match failed {
            Some((chunk, error)) => {
                let job = self.envelope.command_id;
                Err(JobError { job, chunk, progress: so_far, error })
            }
            None => {
                let left_over = !waiting.is_empty() || source.next().is_some();
                Ok(JobEnd { progress: so_far, cancelled: left_over })
            }
        }
    }

    async fn write<T, F, P>(
        &self,
        (index, chunk): (u32, Chunk<T>),
        apply: &F,
    ) -> (u32, Arc<Chunk<T>>, Result<Done, CommandError>)
    where
        T: Serialize,
        F: Fn(Unit, Arc<Chunk<T>>) -> P,
        P: Future<Output = Result<(), CommandError>>,
    {
        let chunk = Arc::new(chunk);
        let envelope = self.envelope.step(chunk_id(self.envelope.command_id, index));
        let outcome =
            match canonical::bytes_as_declared(self.operation, &(&chunk.lane, &chunk.lines)) {
                Ok(bytes) => {
                    let digest = self.executor.keys().mac(&bytes);
                    self.executor
                        .run_digested(&envelope, digest, |unit| apply(unit, chunk.clone()))
                        .await
                }
                Err(error) => Err(CommandError::fault(error)),
            };
        (index, chunk, outcome)
    }
}

fn next_free<T>(
    waiting: &mut VecDeque<(u32, Chunk<T>)>,
    busy: &HashSet<String>,
) -> Option<(u32, Chunk<T>)> {
    // The first of its lane comes first in the queue, so order within a lane holds.
    let free = waiting
        .iter()
        .position(|(_, chunk)| chunk.lane.as_ref().is_none_or(|lane| !busy.contains(lane)))?;
    waiting.remove(free)
}

/// Cuts `lines` into chunks of at most 1,000 lines and 256 KiB of JSON. A line that is larger than
/// that alone gets a chunk of its own.
pub fn chunked<T: Serialize>(
    lane: Option<&str>,
    lines: impl IntoIterator<Item = T>,
) -> impl Iterator<Item = Chunk<T>> {
    let mut lines = lines.into_iter();
    let mut over: Option<(T, usize)> = None;
    std::iter::from_fn(move || {
        let mut chunk = Vec::new();
        let mut bytes = CHUNK_BYTES_RESERVED;
        while chunk.len() < CHUNK_LINES_MAX {
            let Some((line, size)) = over.take().or_else(|| {
                let line = lines.next()?;
                let size = size(&line);
                Some((line, size))
            }) else {
                break;
            };
            if bytes + size > CHUNK_BYTES_MAX && !chunk.is_empty() {
                over = Some((line, size));
                break;
            }
            bytes += size;
            chunk.push(line);
        }
        (!chunk.is_empty()).then(|| Chunk { lane: lane.map(str::to_owned), lines: chunk })
    })
}

/// Takes a chunk from each of several lanes in turn, so that they are written at the same time.
pub fn in_turn<T, I>(lanes: impl IntoIterator<Item = I>) -> impl Iterator<Item = Chunk<T>>
where
    I: Iterator<Item = Chunk<T>>,
{
    let mut lanes: VecDeque<I> = lanes.into_iter().collect();
    std::iter::from_fn(move || {
        while let Some(mut lane) = lanes.pop_front() {
            if let Some(chunk) = lane.next() {
                lanes.push_back(lane);
                return Some(chunk);
            }
        }
        None
    })
}

/// Bytes of JSON, with the comma after it.
fn size(line: &impl Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(1);
    // What does not serialise is refused when its chunk is written, with the error.
    match serde_json::to_writer(&mut count, line) {
        Ok(()) | Err(_) => count.0,
    }
}
