//! What a read model is to the engine.

use kernel::{DecodeError, Event, Meta, Position, Recorded};
use thiserror::Error;

use super::signal::Signal;
use super::store::{Store, StoreError};
use super::table::Table;
use crate::facts::Fact;

/// A read model: folds what happened into its tables.
///
/// It keeps rows in [`Cached`](super::Cached) maps; `flush` writes them, `forget` drops them.
/// It must not read a clock, draw a random number or ask anything outside its own tables.
pub trait Projection: Send + 'static {
    /// One word per read model, part of the file name: lower case, digits, underscores.
    fn name(&self) -> &'static str;

    /// Raised by whoever changes what the tables hold or how they are filled: a new generation is
    /// then filled beside the old one.
    fn version(&self) -> u32;

    fn tables(&self) -> Vec<&'static Table>;

    /// What becomes of it when an event cannot be folded.
    fn failure(&self) -> Failure;

    /// The stream categories that it folds; none named means all. The others never reach `fold`,
    /// and a rebuild does not even decode them.
    fn categories(&self) -> &'static [&'static str] {
        &[]
    }

    /// # Errors
    /// See [`FoldError`]; what becomes of it is [`Self::failure`]'s.
    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError>;

    /// Writes every changed row: the engine commits next.
    ///
    /// # Errors
    /// When the store fails. It stops the read model whatever its policy.
    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError>;

    /// Drops what it keeps in memory: the transaction was rolled back.
    fn forget(&mut self);

    /// Another one like it that has kept nothing yet, for a rebuild.
    fn fresh(&self) -> Box<dyn Projection>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Leaves the train at the event before and raises an alarm: whatever counts money.
    Stop,
    /// Lists the event as parked and goes on; it is counted and can be replayed.
    Park,
}

/// One event, as every read model gets it.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    pub recorded: &'a Recorded,
    pub meta: &'a Meta,
    pub fact: &'a Fact,
}

impl Happened<'_> {
    #[must_use]
    pub fn position(&self) -> Position {
        self.recorded.position
    }

    /// What follows the category in the stream's name.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.recorded.stream.id()
    }

    /// The stream's id as a typed one, like a `PersonId`.
    ///
    /// # Errors
    /// [`FoldError::Refused`] when the id does not parse.
    pub fn id<T: std::str::FromStr>(&self) -> Result<T, FoldError> {
        self.subject().parse().map_err(|_| {
            FoldError::refused(format!("the stream {} has no such id", self.recorded.stream))
        })
    }

    /// For an event that is not in [`Fact`].
    ///
    /// # Errors
    /// [`FoldError::Decode`].
    pub fn decode<E: Event>(&self) -> Result<E, FoldError> {
        Ok(self.recorded.decode::<E>()?)
    }

    /// Leaves a signal for the processes that read `name`, at this event's position.
    ///
    /// # Errors
    /// When the store fails.
    pub fn signal(
        &self,
        store: &mut dyn Store,
        name: &str,
        subject: impl Into<String>,
        payload: impl Into<String>,
    ) -> Result<(), FoldError> {
        Signal {
            name: name.to_owned(),
            position: self.position(),
            subject: subject.into(),
            payload: payload.into(),
        }
        .leave(store)?;
        Ok(())
    }
}

#[derive(Debug, Error)]
pub enum FoldError {
    #[error("the event cannot be read")]
    Decode(#[from] DecodeError),
    /// The history has something that this read model holds impossible.
    #[error("{0}")]
    Refused(String),
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl FoldError {
    pub fn refused(what: impl Into<String>) -> Self {
        Self::Refused(what.into())
    }
}

/// Whether a category is among those that a read model folds: none named means all.
#[must_use]
pub fn folds(categories: &[&str], category: &str) -> bool {
    categories.is_empty() || categories.contains(&category)
}
