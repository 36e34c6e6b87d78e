//! Conditions of tags and warnings: CEL over declared, typed facts.
//!
//! The interpreter has no type checker and no budget, so both are ours: [`Condition::check`] reads a
//! condition once, compares what it names with what is declared, walks it with the types, and
//! refuses whatever could be inexact or slow. What it accepts is evaluated in three values: a fact
//! that is not there makes the outcome *unknown*, with the names of what is missing, unless the
//! others decide alone.
//!
//! | question | module |
//! |---|---|
//! | What can be said about whom? | [`facts`], the vocabulary |
//! | Which values are there? | [`value`] |
//! | What is wrong with a condition? | [`fault`] |
//! | How is one checked and evaluated? | [`condition`] |
//! | How does a value lie in time? | [`timeline`] |
//!
//! **Invariant** an accepted condition reads declared inputs only, holds no fraction and no pattern,
//! and takes at most [`STEPS_MAX`] steps. Money is whole fen, ratios are basis points.

#![deny(clippy::wildcard_enum_match_arm)]

mod check;
pub mod condition;
pub mod facts;
pub mod fault;
pub mod timeline;
pub mod value;

pub use condition::{Condition, Outcome};
pub use facts::{Declared, Subject, Window};

pub use fault::{Fault, FaultCode};
pub use timeline::{Origin, Span, Step, Timeline};
pub use value::{Type, Value};

/// How many elements a list may hold, in a condition or in a fact.
pub const LIST_MAX: usize = 120;
/// How many steps a condition may take in the worst case.
pub const STEPS_MAX: u64 = 10_000;
