//! Warnings are cases (C14): raised by a rule or entered by hand, reviewed, dispatched, verified,
//! handled, and closed by a person.
//!
//! | question | module | streams |
//! |---|---|---|
//! | How far is this case, and who is late? | [`case`] | `warning-<id>` |
//! | When is a step due? | [`clock`] | |
//! | What would a rule have raised, before it holds? | [`trial`] | `warning_trial-<digest>` |
//! | Who muted what, and until when? | [`suppression`] | `warning_suppression-<id>` |
//! | Who was told, and has he seen it? | [`message`] | `warning_message-<id>` |
//! | What may there be only one of? | [`claims`] | |
//!
//! **Invariant** no event holds a name, number or contact: subjects are ids, evidence is facts.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod case;
pub mod claims;
pub mod clock;
pub mod message;
pub mod suppression;
pub mod trial;
mod words;

#[cfg(test)]
mod history;

pub use case::Case;
pub use clock::{Clock, Due, Moment, Term};
pub use message::Message;
pub use words::{Channel, Effect, Handling, Level, Notice, Sending, Stage, Step};
