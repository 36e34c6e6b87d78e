//! Warnings: signals become cases, and people work on them.
//!
//! | what | file |
//! |---|---|
//! | a step of a case, entry by hand, release of many | [`case`] |
//! | signals of the rules, read under a cursor of their own | [`raise`] |
//! | a confirmed case on its way to those who handle it | [`dispatch`] |
//! | days and timers that are due | [`remind`] |
//! | who is told, and through what | [`notify`] |
//! | a rule muted, a version tried | [`rule`] |
//!
//! **Invariant** there is one open warning for each fingerprint: the claim `warning-open:<…>` is taken
//! and released in the append that opens or closes the case.

mod case;
mod dispatch;
mod notify;
mod raise;
mod remind;
mod rule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use kernel::log::Answer;
use kernel::{Micros, Position};
use shared::Date;
use uuid::Uuid;

pub use self::case::Enter;
pub use self::dispatch::Dispatcher;
pub use self::notify::{Letter, MessageFault, Messages, Notifier};
pub use self::raise::{Raiser, Signalled};
pub use self::remind::Reminders;
pub use self::rule::{Mute, Tried};
use crate::disbursement::{FactsFault, Rules};
use crate::execute::Executor;

/// The write side of warnings. Cheap to clone.
#[derive(Clone)]
pub struct Warnings {
    executor: Executor,
    rules: Arc<dyn Rules>,
}

impl Warnings {
    #[must_use]
    pub fn new(executor: Executor, rules: Arc<dyn Rules>) -> Self {
        Self { executor, rules }
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }
}

/// What a read model noticed, by the position of the event behind it.
pub type Signals = Vec<(Position, String)>;

/// What the read models noticed and know: adapters stand in the binary.
pub trait WarningFacts: Send + Sync + 'static {
    /// Signals after `cursor`, by position, all of one position together, from read models that
    /// cover `at_least`; and the position that they cover.
    fn signals(
        &self,
        cursor: Position,
        limit: usize,
        at_least: Position,
    ) -> Answer<'_, Result<(Signals, Position), FactsFault>>;

    /// The open cases whose step is due by this day or instant.
    fn due(
        &self,
        by: Date,
        at: Micros,
        at_least: Position,
    ) -> Answer<'_, Result<Vec<Uuid>, FactsFault>>;
}

crate::refusal!(
    warnings::case::Error,
    warnings::message::Error,
    warnings::suppression::Error,
    warnings::trial::Error,
);
