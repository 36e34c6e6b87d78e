//! What people say about subjects beside what the events say (C17): observed facts that no context
//! records yet, and manual values and disputes of tags.
//!
//! | question | module | streams |
//! |---|---|---|
//! | What did somebody observe, from when on? | [`observation`] | `observation-<kind>/<subject>/<fact>` |
//! | Who set a tag by hand, who disputes it? | [`assignment`] | `tag_assignment-<kind>/<subject>/<tag>` |
//! | What was a query told when it was due? | [`query`] | `tag_query-<tag>` |
//! | Who belonged to a segment, frozen? | [`snapshot`] | `segment_snapshot-<id>` |
//!
//! Computed values are no events: they are folded from the log and the definitions. What a query was
//! told is one, because the day on which it asked decides it.
//!
//! **Invariant** a manual value never hides the computed one, and it ends.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod assignment;
pub mod observation;
pub mod query;
pub mod snapshot;

#[cfg(test)]
mod history;

pub use assignment::Assignment;
pub use observation::Observation;
pub use query::Query;
pub use snapshot::Snapshot;
