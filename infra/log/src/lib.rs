//! The logs that renshe can be run on. Every one passes `kernel::conformance` in its profile.
//!
//! | log | profile | for |
//! |---|---|---|
//! | [`sqlite::SqliteLog`] | full, durable, one process | the embedded default |

pub mod sqlite;

pub use sqlite::{OpenError, Options, SqliteLog};
