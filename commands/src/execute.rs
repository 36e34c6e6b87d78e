//! Carries a command out: look up, load, decide, append; anew where somebody was faster.
//!
//! **Invariant** a command id that was carried out is never decided again: its first result is the
//! answer, whatever the state has become since.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{
    Clock, Conflicts, Decider, EventLog, Ids, Limit, Micros, Position, Revision, StreamName,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::cache::{Cached, StateCache};
use crate::canonical;
use crate::day::ZONE;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refusal};
use crate::ports::Keys;
use crate::unit::Unit;

/// How often a command is decided anew before its caller hears of the conflict.
const DECISIONS_MAX: u32 = 5;
/// How often the same append is sent again when its outcome is not known or the log is away.
const SENDINGS_MAX: u32 = 4;
/// The first wait between two sendings; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const CACHE_BYTES: usize = 128 * 1024 * 1024;

/// What the executor works with.
#[derive(Clone)]
pub struct Ports {
    pub log: Arc<dyn EventLog>,
    pub keys: Arc<dyn Keys>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Cheap to clone; all clones share the folded states.
#[derive(Clone)]
pub struct Executor(Arc<Inner>);

struct Inner {
    ports: Ports,
    states: StateCache,
    /// The last business day known to be open.
    open_day: Mutex<Option<Date>>,
}

/// How a command ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<R = ()> {
    /// Reading at this position shows what was written.
    pub position: Position,
    pub result: R,
    /// The same command was carried out before; this is its first result.
    pub replayed: bool,
    /// Nothing was appended: `planned` would have been.
    pub dry_run: bool,
    /// The revision of the stream decided upon first, unless replayed.
    pub revision: Option<Revision>,
    /// What was or would be written, in order; empty when replayed.
    pub planned: Vec<Planned>,
}

/// One event of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub stream: StreamName,
    pub type_name: &'static str,
}

impl Executor {
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self::with_cache(ports, CACHE_BYTES)
    }

    /// With at most `cache_bytes` of folded states in memory.
    #[must_use]
    pub fn with_cache(ports: Ports, cache_bytes: usize) -> Self {
        let states = StateCache::new(cache_bytes);
        Self(Arc::new(Inner { ports, states, open_day: Mutex::new(None) }))
    }

    #[must_use]
    pub fn log(&self) -> &dyn EventLog {
        &*self.0.ports.log
    }

    #[must_use]
    pub fn keys(&self) -> &dyn Keys {
        &*self.0.ports.keys
    }

    #[must_use]
    pub fn ids(&self) -> &dyn Ids {
        &*self.0.ports.ids
    }

    #[must_use]
    pub fn now(&self) -> Micros {
        self.0.ports.clock.now()
    }

    #[cfg(any(test, feature = "fixture"))]
    pub(crate) fn ports(&self) -> &Ports {
        &self.0.ports
    }

    pub(crate) fn states(&self) -> &StateCache {
        &self.0.states
    }

    /// The day it is in Asia/Shanghai, by the clock.
    ///
    /// # Errors
    /// When the clock shows a time outside the calendar.
    pub fn today(&self) -> Result<Date, CommandError> {
        let now = Timestamp::from_microsecond(self.now().0).map_err(CommandError::fault)?;
        Ok(ZONE.to_datetime(now).date())
    }

    /// The business day that is open; where none was ever opened, today.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn business_day(&self) -> Result<Date, CommandError> {
        let today = self.today()?;
        let known = *self.0.open_day.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = known
            && day >= today
        {
            return Ok(day);
        }
        match crate::day::last_opened(self.log(), known).await? {
            Some(day) => {
                self.note_open_day(day);
                Ok(day)
            }
            None => Ok(today),
        }
    }

    pub(crate) fn note_open_day(&self, day: Date) {
        let mut known = self.0.open_day.lock().unwrap_or_else(PoisonError::into_inner);
        *known = (*known).max(Some(day));
    }

    /// The state of a stream and the revision it stands at.
    ///
    /// # Errors
    /// When the log cannot be read, or an event does not decode.
    pub async fn load<D: Decider>(
        &self,
        id: impl Display,
    ) -> Result<(Arc<D>, Revision), CommandError> {
        self.load_stream(&StreamName::new(D::CATEGORY, id)).await
    }

    pub(crate) async fn load_stream<D: Decider>(
        &self,
        stream: &StreamName,
    ) -> Result<(Arc<D>, Revision), CommandError> {
        // Read before the stream is: whatever is written after this moment may be missing.
        let head = self.log().head();
        let (mut state, mut revision) = match self.states().get::<D>(stream) {
            Some(cached) if cached.checked >= head => return Ok((cached.state, cached.revision)),
            Some(cached) => (cached.state, cached.revision),
            None => (Arc::new(D::default()), Revision::NONE),
        };
        loop {
            let page = self.log().read_stream(stream, revision, Limit::PAGE).await?;
            let Some(last) = page.last() else { break };
            revision = last.revision;
            let mut folded = Arc::unwrap_or_clone(state);
            for recorded in &page {
                folded = folded.evolve(&recorded.decode()?);
            }
            state = Arc::new(folded);
        }
        let cached = Cached { state: state.clone(), revision, checked: head };
        self.states().put(stream, cached);
        Ok((state, revision))
    }

    /// One command to one thing. `operation` names the command and `input` is what was asked: with
    /// the command id they tell a repetition from another request.
    ///
    /// # Errors
    /// The refusal of the rule, or [`CommandError`] as it says.
    pub async fn execute<D>(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &impl Serialize,
        id: impl Display,
        command: impl Fn(&D, Revision) -> Result<D::Command, CommandError>,
    ) -> Result<Done, CommandError>
    where
        D: Decider,
        D::Error: Refusal,
    {
        let stream = StreamName::new(D::CATEGORY, id);
        self.run(envelope, operation, input, async |unit: Unit| {
            let (state, revision) = unit.guard_stream::<D>(&stream).await?;
            let command = command(&state, revision)?;
            drop(state);
            unit.decide_stream::<D>(&stream, command).await?;
            Ok(())
        })
        .await
    }

    /// Whatever `plan` decides, as one append. `plan` runs again, from the beginning, when a stream
    /// that it decided upon or guarded has moved; contested claims and events that came between are
    /// handed back whole. `plan` is an async closure that captures by reference: its future is one
    /// type, so that it may cross threads, which the one of an `AsyncFn` over `&mut` may not. What it returns is stored as the result of the command: ids only.
    ///
    /// # Errors
    /// What `plan` says, and [`CommandError`] as it says.
    pub async fn run<R, F, P>(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &impl Serialize,
        plan: F,
    ) -> Result<Done<R>, CommandError>
    where
        R: Serialize + DeserializeOwned,
        F: Fn(Unit) -> P,
        P: Future<Output = Result<R, CommandError>>,
    {
        let bytes = canonical::bytes(operation, input).map_err(CommandError::fault)?;
        self.run_digested(envelope, self.keys().mac(&bytes), plan).await
    }

    pub(crate) async fn run_digested<R, F, P>(
        &self,
        envelope: &Envelope,
        digest: [u8; 32],
        plan: F,
    ) -> Result<Done<R>, CommandError>
    where
        R: Serialize + DeserializeOwned,
        F: Fn(Unit) -> P,
        P: Future<Output = Result<R, CommandError>>,
    {
        if let Some(done) = self.carried_out(envelope.command_id, digest).await? {
            return Ok(done);
        }
        match self.decide(envelope, digest, plan).await {
            // Two callers with one id: the slower one must hear the first result, not that the
            // faster one's events stand against it.
            Err(error) if error.is_refusal() => {
                match self.carried_out(envelope.command_id, digest).await? {
                    Some(done) => Ok(done),
                    None => Err(error),
                }
            }
            outcome => outcome,
        }
    }

    async fn decide<R, F, P>(
        &self,
        envelope: &Envelope,
        digest: [u8; 32],
        plan: F,
    ) -> Result<Done<R>, CommandError>
    where
        R: Serialize + DeserializeOwned,
        F: Fn(Unit) -> P,
        P: Future<Output = Result<R, CommandError>>,
    {
        let business_date = match envelope.business_date {
            Some(date) => date,
            None => self.business_day().await?,
        };
        for decision in 1.. {
            let unit = Unit::new(self.clone(), envelope, business_date);
            let result = plan(unit.handle()).await?;
            match unit.commit(digest, result).await {
                Err(CommandError::Conflict(conflicts))
                    if decision < DECISIONS_MAX && decides_anew(envelope, &conflicts) => {}
                outcome => return outcome,
            }
        }
        unreachable!("the last decision returns its outcome")
    }

    /// The first result of a command that was carried out.
    async fn carried_out<R: DeserializeOwned>(
        &self,
        id: Uuid,
        digest: [u8; 32],
    ) -> Result<Option<Done<R>>, CommandError> {
        let Some(done) = self.log().command(id).await? else {
            return Ok(None);
        };
        if done.digest != digest {
            return Err(CommandError::CommandAltered { id });
        }
        Done::replayed(&done.result, done.last).map(Some)
    }

    /// Sends an append, again with the same command id where it may not have arrived.
    pub(crate) async fn send(
        &self,
        append: kernel::Append,
    ) -> Result<kernel::Appended, kernel::AppendError> {
        let mut wait = FIRST_WAIT;
        for _ in 1..SENDINGS_MAX {
            match self.log().append(append.clone()).await {
                Err(error) if error.is_retryable() => self.pause(wait).await,
                outcome => return outcome,
            }
            wait *= 2;
        }
        self.log().append(append).await
    }

    /// Waits for anybody's next event, but no longer than `at_most`: a log that takes writes again
    /// shows it by moving.
    pub(crate) async fn pause(&self, at_most: Duration) {
        let log = self.log();
        // Both ends are fine: it moved, or the time is over.
        let _moved = tokio::time::timeout(at_most, log.beyond(log.head())).await;
    }
}

impl<R: DeserializeOwned> Done<R> {
    pub(crate) fn replayed(result: &str, position: Position) -> Result<Self, CommandError> {
        Ok(Self {
            position,
            result: serde_json::from_str(result).map_err(CommandError::fault)?,
            replayed: true,
            dry_run: false,
            revision: None,
            planned: Vec::new(),
        })
    }
}

/// A moved stream alone is a reason to decide anew; what is claimed or came between needs the
/// caller, unless a moved stream explains it.
fn decides_anew(envelope: &Envelope, conflicts: &Conflicts) -> bool {
    envelope.if_revision.is_none() && !conflicts.revisions.is_empty()
}
