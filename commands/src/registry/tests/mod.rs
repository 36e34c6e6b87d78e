//! The registers, as sentences.

mod employers;
mod import;
mod people;
pub(crate) mod town;
