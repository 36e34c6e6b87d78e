//! The rule book: definitions are published, retired, compared.
//!
//! | what | file |
//! |---|---|
//! | what is published | [`published`] |
//! | a file is checked and put in force | [`publish`] |
//! | the catalogue of a day, for other commands | [`in_force`] |
//! | mistakes as data | [`mistakes`] |
//!
//! Every published definition has the claim `definition:<kind>/<id>`: the claims are the list of
//! what there is, so that nobody reads the whole log to find it.
//!
//! **Invariant** nothing of a faulty file is applied, and what is published fits together on every
//! later day on which something changes.

mod in_force;
mod mistakes;
mod publish;
mod published;

#[cfg(test)]
mod tests;

pub use self::in_force::InForce;
pub use self::mistakes::PublishError;
pub use self::publish::{Publish, PublishedVersion, Retire};
pub use self::published::Published;
use crate::execute::Executor;

/// The write side of definitions. Cheap to clone.
#[derive(Clone)]
pub struct Rulebook {
    executor: Executor,
}

impl Rulebook {
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor }
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }
}
