//! The registers: people, employers, and the lists of organisations, divisions and grid cells.
//!
//! | what | file |
//! |---|---|
//! | a person registers, is corrected, found | [`person`], [`number`], [`import`] |
//! | guardians | [`guardian`] |
//! | deaths, one or a list | [`death`], [`death_list`] |
//! | two ids of one human | [`links`] |
//! | a human is erased | [`erase`] |
//! | employing units | [`employer`] |
//! | list entries | [`lists`] |
//! | what other contexts ask about people and units | [`facts`] |
//!
//! **Invariant** numbers are checked before they are sealed; a number belongs to one person and a
//! credit code to one open unit, whatever form they were typed in.

mod death;
mod death_list;
mod employer;
mod erase;
pub(crate) mod facts;
mod guardian;
mod held;
mod import;
mod links;
mod lists;
mod number;
mod person;
mod refusal;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

pub use self::death::{ConfirmDeath, ReportDeath, WithdrawDeath};
pub use self::death_list::{DeathList, DeathReport, DeathRow, Matched};
pub use self::employer::{
    ChangeEmployer, DeregisterEmployer, EmployerDetails, MergeEmployers, RegisterEmployer,
    RegisterVirtualEmployer,
};
pub use self::erase::{ErasePerson, Retained, Retention};
pub use self::guardian::{AssignGuardian, ReleaseGuardian};
pub use self::links::{MergePersons, SplitPersons};
pub use self::lists::{Close, GridDetails, GridHead, PutDivision, PutGrid, PutOrganisation};
pub use self::number::NumberInput;
pub use self::person::{ChangeContact, ContactInput, CorrectPerson, RegisterPerson};
use crate::execute::Executor;

/// The write side of the registers. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    executor: Executor,
    /// What erasing needs to know.
    retention: Option<Arc<dyn Retention>>,
}

impl Registry {
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor, retention: None }
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }
}
