//! People, employers, organisations, divisions and the grid (C01): who there is, and who is alive.
//!
//! | question | module | streams |
//! |---|---|---|
//! | Who is this person, is he alive, which ids are one human? | [`person`] | `person-<id>` |
//! | Which unit is this, and does it still exist? | [`employer`] | `employer-<id>` |
//! | Which agency, bank, school is this? | [`organisation`] | `organisation-<id>` |
//! | What does the bureau call this place? | [`division`] | `division-<code>` |
//! | Who looks after this street? | [`grid`] | `grid-<id>` |
//! | What may there be only one of? | [`claims`] | |
//!
//! **Invariant** no event holds a name, number, contact or address of a person in clear: they are
//! [`shared::Sealed`]. Numbers are checked before they are sealed, outside of here.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod claims;
pub mod division;
pub mod employer;
pub mod grid;
pub mod organisation;
pub mod person;

#[cfg(test)]
mod history;
