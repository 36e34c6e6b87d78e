//! Grants: registered within the definitions of the day, adjusted, stopped, resumed, ended.
//!
//! | what | file |
//! |---|---|
//! | a grant arrives, one or many | [`register`] |
//! | its life | [`change`] |
//! | somebody else draws it | [`payee`] |
//! | what the item's definition allows | [`bounds`] |
//! | what may there be only one of | [`single`] |
//! | what may stand beside what | [`competing`] |
//!
//! **Invariant** a person's grants of one item never overlap, and no grant reaches beyond the month
//! of death that was confirmed when it was decided.

mod bounds;
mod change;
mod competing;
mod payee;
mod register;
mod single;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::benefits::grant;
use definitions::Catalogue;
use shared::Date;

pub use self::change::{AdjustGrant, EndGrant, ResumeGrant, SuspendGrant};
pub use self::payee::ChangePayee;
pub use self::register::RegisterGrant;
use crate::disbursement::Rules;
use crate::error::CommandError;
use crate::execute::Executor;

crate::refusal!(grant::Error);

/// The write side of benefits. Cheap to clone.
#[derive(Clone)]
pub struct Benefits {
    executor: Executor,
    rules: Arc<dyn Rules>,
}

impl Benefits {
    #[must_use]
    pub fn new(executor: Executor, rules: Arc<dyn Rules>) -> Self {
        Self { executor, rules }
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    fn rules(&self, on: Date) -> Result<Arc<Catalogue>, CommandError> {
        self.rules.on(on).map_err(CommandError::fault)
    }
}
