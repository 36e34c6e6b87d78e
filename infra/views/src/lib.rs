//! Where read models are kept: the adapters behind the engine's ports.
//!
//! [`SqliteViews`] is the embedded one: one file per generation of a read model, in WAL mode.

pub mod sqlite;

pub use sqlite::SqliteViews;
