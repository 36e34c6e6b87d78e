//! Leads processes along the log, each with its own cursor.
//!
//! **Invariant** a cursor never passes an event to which its process has not reacted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use kernel::{Limit, Position, Recorded};
use thiserror::Error;
use uuid::Uuid;

use super::inbox::{self, Inbox};
use super::{Process, Reaction};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::{Done, Executor};

/// How often an event is tried before its process counts as blocked.
const TRIES_MAX: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// How long a blocked process waits before it tries its event again.
const BLOCKED_WAIT: Duration = Duration::from_secs(5);
/// Events that do not concern a process move its cursor in memory; it is written at least so often.
const UNWRITTEN_MAX: u64 = 10_000;

/// Cheap to clone; all clones show the same standings.
#[derive(Clone)]
pub struct Runner {
    executor: Executor,
    processes: Arc<Vec<Box<dyn Process>>>,
    standings: Arc<Mutex<Vec<Standing>>>,
}

/// Where a process stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub process: &'static str,
    /// It has reacted to everything up to here.
    pub position: Position,
    pub blocked: Option<Blocked>,
}

/// The event that a process cannot get past, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("process {process} is blocked by event {event} at position {position}: {why}")]
pub struct Blocked {
    pub process: &'static str,
    pub position: Position,
    pub event: Uuid,
    pub why: String,
}

/// A process on its way.
struct Seat<'a> {
    process: &'a dyn Process,
    position: Position,
    written: Position,
    blocked: Option<Blocked>,
}

impl Runner {
    #[must_use]
    pub fn new(executor: Executor, processes: Vec<Box<dyn Process>>) -> Self {
        let standings = processes
            .iter()
            .map(|process| Standing {
                process: process.name(),
                position: Position::START,
                blocked: None,
            })
            .collect();
        let standings = Arc::new(Mutex::new(standings));
        Self { executor, processes: Arc::new(processes), standings }
    }

    /// Where each process stands, as of the last page that it read.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        self.held().clone()
    }

    /// Reacts until `shutdown` resolves. A blocked process tries its event again from time to time;
    /// the others go on.
    ///
    /// # Errors
    /// When the cursors cannot be read at the start.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) -> Result<(), CommandError> {
        let mut seats = self.seats().await?;
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let head = self.executor.log().head();
            for seat in &mut seats {
                seat.blocked = None;
            }
            let read = async { while !self.round(&mut seats, head).await {} };
            tokio::select! {
                () = &mut shutdown => break,
                () = read => {}
            }
            let blocked = seats.iter().any(|seat| seat.blocked.is_some());
            let more = async {
                if blocked {
                    self.executor.pause(BLOCKED_WAIT).await;
                } else {
                    self.executor.log().beyond(head).await;
                }
            };
            tokio::select! {
                () = &mut shutdown => break,
                () = more => {}
            }
        }
        self.write_cursors(&mut seats, 0).await;
        Ok(())
    }

    /// Reacts to everything up to `position`: for tests and demonstrations.
    ///
    /// # Errors
    /// The first blocked process, after the others have arrived.
    pub async fn run_until(&self, position: Position) -> Result<(), CommandError> {
        let mut seats = self.seats().await?;
        while !self.round(&mut seats, position).await {}
        self.write_cursors(&mut seats, 0).await;
        match seats.into_iter().find_map(|seat| seat.blocked) {
            Some(blocked) => {
                Err(CommandError::Unavailable { what: blocked.to_string(), retryable: true })
            }
            None => Ok(()),
        }
    }

    /// Reacts until nothing more follows from anything, and returns that position.
    ///
    /// # Errors
    /// As [`Runner::run_until`].
    pub async fn settle(&self) -> Result<Position, CommandError> {
        loop {
            let head = self.executor.log().head();
            self.run_until(head).await?;
            if self.executor.log().head() == head {
                return Ok(head);
            }
        }
    }

    /// A person has a refused command tried again: the process reacts to its event once more, and
    /// only this command is issued although it was refused.
    ///
    /// # Errors
    /// The refusal, if the rule still refuses it: it stays in the inbox.
    pub async fn retry(&self, envelope: &Envelope, refused: Uuid) -> Result<Done, CommandError> {
        let (inbox, _) = self.executor.load::<Inbox>(refused).await?;
        if let Inbox::Refused(item) = &*inbox {
            let process = self.processes.iter().find(|process| process.name() == item.process);
            let process = process.ok_or_else(|| CommandError::NotFound {
                what: "process",
                id: item.process.clone(),
            })?;
            let event = self.executor.log().event(item.event).await?;
            let event = event.ok_or_else(|| CommandError::fault("the answered event is gone"))?;
            let mut reaction =
                Reaction::new(self.executor.clone(), process.name(), Arc::new(event));
            reaction.again = Some(refused);
            process.react(&mut reaction).await?;
            if let Some(refusal) = reaction.refused {
                return Err(refusal);
            }
            if self.executor.log().command(refused).await?.is_none() {
                return Err(Refused::new(
                    "NOTHING_TO_RETRY",
                    "该事件已不再引发此命令，请填写说明后关闭",
                    "the event no longer leads to this command: resolve it with a note",
                )
                .into());
            }
        }
        let retry = inbox::Command::Retry { by: envelope.actor.clone() };
        self.executor
            .execute::<Inbox>(envelope, "inboxRetry", &refused, refused, |_, _| Ok(retry.clone()))
            .await
    }

    async fn seats(&self) -> Result<Vec<Seat<'_>>, CommandError> {
        let mut seats = Vec::with_capacity(self.processes.len());
        for process in self.processes.iter() {
            let position = self.executor.log().cursor(process.name()).await?;
            seats.push(Seat { process: &**process, position, written: position, blocked: None });
        }
        Ok(seats)
    }

    /// Reads one page for those that are furthest behind. True when all stand at `until` or are
    /// blocked.
    async fn round(&self, seats: &mut [Seat<'_>], until: Position) -> bool {
        let behind = |seat: &&mut Seat<'_>| seat.blocked.is_none() && seat.position < until;
        let Some(from) = seats.iter_mut().filter(behind).map(|seat| seat.position).min() else {
            self.show(seats);
            return true;
        };
        match self.executor.log().read(from, Limit::PAGE).await {
            Ok(page) if page.is_empty() => return true,
            Ok(page) => {
                let page: Vec<Arc<Recorded>> = page
                    .into_iter()
                    .take_while(|event| event.position <= until)
                    .map(Arc::new)
                    .collect();
                let feeding = seats.iter_mut().filter(behind).map(|seat| self.feed(seat, &page));
                join_all(feeding).await;
            }
            Err(error) => {
                for seat in seats.iter_mut().filter(behind) {
                    let (position, event) = (seat.position, Uuid::nil());
                    let why = error.to_string();
                    let process = seat.process.name();
                    seat.blocked = Some(Blocked { process, position, event, why });
                }
            }
        }
        self.write_cursors(seats, UNWRITTEN_MAX).await;
        self.show(seats);
        false
    }

    async fn feed(&self, seat: &mut Seat<'_>, page: &[Arc<Recorded>]) {
        let mut reacted = false;
        for event in page {
            if event.position <= seat.position {
                continue;
            }
            if seat.process.interested(&event.type_name) {
                if let Err(error) = self.react(seat.process, event).await {
                    let blocked = Blocked {
                        process: seat.process.name(),
                        position: event.position,
                        event: event.id,
                        why: error.to_string(),
                    };
                    tracing::error!(%blocked, "a process cannot go on");
                    seat.blocked = Some(blocked);
                    break;
                }
                reacted = true;
            }
            seat.position = event.position;
        }
        if reacted {
            self.write_cursor(seat).await;
        }
    }

    async fn react(
        &self,
        process: &dyn Process,
        event: &Arc<Recorded>,
    ) -> Result<(), CommandError> {
        let mut wait = FIRST_WAIT;
        for tried in 1.. {
            let mut reaction = Reaction::new(self.executor.clone(), process.name(), event.clone());
            match process.react(&mut reaction).await {
                // A refusal that the process did not issue as a command must not vanish either.
                Err(error) if error.is_refusal() => {
                    let refused = Refused::new(error.code(), error.zh(), error.en());
                    return reaction.refuse("react", refused).await.map(|_in_inbox| ());
                }
                Err(error) if error.is_retryable() && tried < TRIES_MAX => {
                    self.executor.pause(wait).await;
                    wait *= 2;
                }
                outcome => return outcome,
            }
        }
        unreachable!("the last try returns its outcome")
    }

    async fn write_cursors(&self, seats: &mut [Seat<'_>], unwritten_max: u64) {
        for seat in seats {
            if seat.position.0 - seat.written.0 > unwritten_max {
                self.write_cursor(seat).await;
            }
        }
    }

    /// A cursor that was not written only means that events are read again.
    async fn write_cursor(&self, seat: &mut Seat<'_>) {
        match self.executor.log().move_cursor(seat.process.name(), seat.position).await {
            Ok(()) => seat.written = seat.position,
            Err(error) => {
                tracing::warn!(process = seat.process.name(), %error, "cursor not written");
            }
        }
    }

    fn show(&self, seats: &[Seat<'_>]) {
        *self.held() = seats
            .iter()
            .map(|seat| Standing {
                process: seat.process.name(),
                position: seat.position,
                blocked: seat.blocked.clone(),
            })
            .collect();
    }

    fn held(&self) -> MutexGuard<'_, Vec<Standing>> {
        // Standings are replaced as a whole: a panic elsewhere leaves the last ones.
        self.standings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
