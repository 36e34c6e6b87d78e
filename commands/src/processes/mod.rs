//! Reactions between contexts: a process reads events and issues commands, in its own name.
//!
//! **Invariant** a command's id follows from (process, event, index): reading an event twice issues
//! nothing twice. A command that a rule refuses waits in the [`inbox`] for a person.

pub mod dead_payees;
pub mod erasures;
pub mod guardians;
pub mod inbox;
pub mod lives;
pub mod recoveries;
mod runner;
pub mod waiting_replies;

use std::sync::Arc;

use kernel::Recorded;
use kernel::log::Answer;
use kernel::process::command_id;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::{Done, Executor};
use crate::unit::Unit;

pub use inbox::Inbox;
pub use runner::{Blocked, Runner, Standing};

/// A rule that says what follows from an event in another context.
///
/// ```ignore
/// fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
///     Box::pin(async move {
///         let death: registry::Event = reaction.event().decode()?;
///         reaction.issue("obligationsHold", &person, async |unit| …).await?;
///         Ok(())
///     })
/// }
/// ```
pub trait Process: Send + Sync + 'static {
    /// Stored for ever: cursor and command ids hang on it.
    fn name(&self) -> &'static str;

    /// Whether events of this stored type (`death.confirmed.v1`) concern it.
    fn interested(&self, type_name: &str) -> bool;

    /// Issues what follows from [`Reaction::event`]: the same commands in the same order each time.
    /// A refusal is no error here; an error means that the event must be read again.
    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>>;
}

/// One event on its way through one process.
pub struct Reaction {
    executor: Executor,
    process: &'static str,
    event: Arc<Recorded>,
    next: u32,
    /// The command that a person wants to be tried again although it lies in the inbox.
    again: Option<Uuid>,
    /// What came of that one.
    refused: Option<CommandError>,
}

/// What came of a command that a process issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issued<R> {
    Done(Done<R>),
    /// A rule refused it, now or earlier: it lies in the inbox under this command id.
    InInbox(Uuid),
}

impl Reaction {
    pub(crate) fn new(executor: Executor, process: &'static str, event: Arc<Recorded>) -> Self {
        Self { executor, process, event, next: 0, again: None, refused: None }
    }

    #[must_use]
    pub fn event(&self) -> &Recorded {
        &self.event
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// Carries out the next command that follows from the event, as [`Executor::run`].
    ///
    /// # Errors
    /// Faults only.
    pub async fn issue<R, F, P>(
        &mut self,
        operation: &'static str,
        input: &impl Serialize,
        plan: F,
    ) -> Result<Issued<R>, CommandError>
    where
        R: Serialize + DeserializeOwned,
        F: Fn(Unit) -> P,
        P: Future<Output = Result<R, CommandError>>,
    {
        let index = self.next;
        self.next += 1;
        let id = command_id(self.process, self.event.id, index);
        let again = self.again == Some(id);
        if !again && inbox::holds(&self.executor, id).await? {
            return Ok(Issued::InInbox(id));
        }
        let actor = format!("process:{}", self.process);
        let envelope = Envelope::answering(&self.event, id, actor);
        match self.executor.run(&envelope, operation, input, plan).await {
            Ok(done) => Ok(Issued::Done(done)),
            Err(error) if !error.is_refusal() => Err(error),
            Err(error) => {
                if again {
                    self.refused = Some(error);
                } else {
                    self.record(&envelope, index, operation, &error).await?;
                }
                Ok(Issued::InInbox(id))
            }
        }
    }

    /// Puts it before a person that this event cannot be acted upon, for a reason that the process
    /// itself found. It takes the place of a command.
    ///
    /// # Errors
    /// Faults only.
    pub async fn refuse(
        &mut self,
        operation: &'static str,
        refused: Refused,
    ) -> Result<Issued<()>, CommandError> {
        let why = async |_: Unit| Err(CommandError::from(refused.clone()));
        self.issue(operation, &(), why).await
    }

    async fn record(
        &self,
        envelope: &Envelope,
        index: u32,
        operation: &'static str,
        error: &CommandError,
    ) -> Result<(), CommandError> {
        tracing::warn!(
            process = self.process,
            event = %self.event.id,
            operation,
            code = error.code(),
            "a command of a process was refused and waits in the inbox"
        );
        let item = inbox::Item {
            process: self.process.to_owned(),
            event: self.event.id,
            stream: self.event.stream.clone(),
            index,
            operation: operation.to_owned(),
            code: error.code().to_owned(),
            zh: error.zh(),
            en: error.en(),
        };
        inbox::record(&self.executor, envelope, item).await
    }
}
