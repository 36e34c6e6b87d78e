//! The write side: who asks, what is asked, and how a decision becomes one atomic append.
//!
//! | question | module |
//! |---|---|
//! | Who asks, with which id and on which day? | [`envelope`] |
//! | How is a command carried out? | [`execute`], and [`unit`] for several streams at once |
//! | What can go wrong, in both languages? | [`error`] |
//! | Bulk work that survives a restart? | [`jobs`] |
//! | Reactions between contexts? | [`processes`] |
//! | Which day is it? Which deadline passed? | [`day`], [`timers`] |
//! | Files? | [`artefacts`] |
//! | Who there is: people, units, places? | [`registry`] |
//! | Cards and places to pay to? | [`cards`] |
//! | Who is entitled to what? | [`benefits`] |
//! | Which definitions are in force? | [`rulebook`] |
//! | Many rows at once; personal fields? | [`bulk`], [`personal`] |
//! | A pay clerk's month? | [`disbursement`] |
//! | Warnings as cases; observed facts? | [`warnings`], [`tags`] |
//! | What does the write side ask of the world? | [`ports`] |
//!
//! **Invariant** a command id leads to at most one append, and the same request with the same id
//! always gets the first result.

pub mod access;
pub mod artefacts;
pub mod benefits;
pub mod bulk;
mod cache;
mod canonical;
pub mod cards;
pub mod day;
pub mod desk;
pub mod disbursement;
pub mod envelope;
pub mod error;
pub mod execute;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod imports;
pub mod jobs;
pub mod personal;
pub mod ports;
pub mod processes;
pub mod registry;
pub mod rulebook;
pub mod statistics;
pub mod tags;
mod taken;
#[cfg(test)]
mod tests;
pub mod timers;
pub mod unit;
pub mod warnings;

pub use envelope::{Envelope, Language};
pub use error::{CommandError, Refusal, Refused};
pub use execute::{Done, Executor, Planned, Ports};
pub use jobs::{Cancel, Chunk, Job, JobEnd, JobError, Progress, chunked};
pub use ports::{
    ArtefactFault, Artefacts, Clock, Ids, Incoming, KeyFault, Keys, Outgoing, StoredArtefact,
};
pub use processes::{Blocked, Inbox, Issued, Process, Reaction, Runner, Standing};
pub use unit::{Decided, Unit};
