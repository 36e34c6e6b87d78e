//! The registers are written.

mod employer;
mod lists;
mod person;

pub use employer::EmployerMutation;
pub use lists::ListMutation;
pub use person::{DeathMutation, PersonMutation};
