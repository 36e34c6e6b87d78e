//! The registers: people, employers, organisations, divisions and the grid.

mod employer;
mod lists;
mod mutation;
mod person;
mod place;
mod words;

pub use employer::{Employer, EmployerQuery};
pub use lists::{Grid, ListQuery, Organisation};
pub use mutation::{
    DeathListMutation, DeathMutation, EmployerMutation, ListMutation, PersonMutation,
};
pub use person::{Person, PersonQuery};
pub use place::{Division, DivisionQuery};
pub use words::{of_word, word};
