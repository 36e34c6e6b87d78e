//! Granted benefits (C04, the part that payments need): who is entitled to which item, how much,
//! from which month to which.
//!
//! | question | module | streams |
//! |---|---|---|
//! | What is owed for a month? | [`grant`] | `grant-<id>` |
//! | What may there be only one of? | [`claims`] | |
//!
//! How a grant is adjudicated is not told here: a grant arrives with its amounts and its basis.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod claims;
pub mod grant;

#[cfg(test)]
mod history;
