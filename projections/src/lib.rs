//! The read side: what the log says, folded into tables that answer questions.
//!
//! | question | module |
//! |---|---|
//! | What happened, as one closed list? | [`facts`] |
//! | How does a read model look? | [`engine::Projection`], [`record!`](crate::record), [`engine::Cached`] |
//! | Who runs it, how far is it, how is it rebuilt? | [`engine::Train`], [`engine::TrainHandle`] |
//! | How is it read? | [`engine::Views`], [`engine::ReadSession`], and always with a [`Scope`] |
//!
//! A read model is one file here, `src/<name>.rs`: its `record!` tables, its `Projection` and its
//! read functions, each of which takes `(&ReadSession, &Scope, …)`.
//!
//! **Invariant** a fold asks nothing but the event and its own tables: no clock, no randomness, no
//! outside read. Two runs over one history give equal content hashes, however they were batched.

pub mod books;
pub mod cards;
pub mod employers;
pub mod engine;
pub mod facts;
pub mod grants;
pub mod inbox;
mod many;
pub mod pay_facts;
pub mod payments;
pub mod people;
pub mod rulebook;
pub mod runs;
pub mod scope;
mod words;

pub use engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, Train,
    TrainHandle, Value, Views,
};
pub use facts::Fact;
pub use scope::{Filter, Scope};
