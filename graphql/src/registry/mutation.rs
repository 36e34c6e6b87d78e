//! The registers are written.

mod death_list;
mod employer;
mod lists;
mod person;

pub use death_list::DeathListMutation;
pub use employer::EmployerMutation;
pub use lists::ListMutation;
pub use person::{DeathMutation, PersonMutation};
