//! Figures that authorities publish: what was said of a month, and when it was said otherwise.
//!
//! | question | module |
//! |---|---|
//! | What is one publication? | [`figures`] |
//! | Which columns does the Ministry's table have? | [`table`] |
//!
//! **Invariant** a figure published again with another value is a correction; both stay.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod figures;
#[cfg(test)]
mod history;
pub mod table;

pub use figures::{Command, Event, Figures, Reading, Refused};
