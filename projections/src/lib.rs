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
pub mod cases;
pub mod desk;
pub mod employers;
pub mod engine;
pub mod exports;
pub mod facts;
pub mod feeds;
pub mod grants;
pub mod imports;
pub mod inbox;
pub mod indicators;
pub mod lists;
mod many;
pub mod pay_facts;
pub mod payments;
pub mod people;
pub mod quality;
pub mod rulebook;
pub mod runs;
pub mod scope;
pub mod subjects;
pub mod tags;
pub mod unknowns;
pub mod warnings;
mod words;

pub use engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, Train,
    TrainHandle, Value, Views,
};
pub use facts::Fact;
pub use scope::{Filter, Scope};

/// Every read model of the program, in the order in which they are listed to people. A new one is
/// a line here.
#[must_use]
pub fn all() -> Vec<Box<dyn Projection>> {
    vec![
        Box::<people::People>::default(),
        Box::<employers::Employers>::default(),
        Box::<cards::Cards>::default(),
        Box::<grants::Grants>::default(),
        Box::<rulebook::Rulebook>::default(),
        Box::<inbox::Inbox>::default(),
        Box::<imports::Imports>::default(),
        Box::<runs::Runs>::default(),
        Box::<payments::Payments>::default(),
        Box::<books::Books>::default(),
        Box::<cases::Cases>::default(),
        Box::<feeds::Feeds>::default(),
        Box::<quality::Quality>::default(),
        Box::<indicators::Indicators>::default(),
        Box::<tags::Tags>::default(),
        Box::<warnings::Warnings>::default(),
        Box::<desk::Desk>::default(),
    ]
}
