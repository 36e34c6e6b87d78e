//! What a fold wants a process to notice.
//!
//! A signal is a row beside the read model's tables, so it is as repeatable as they are. Processes
//! keep their cursors in the log: a rebuilt read model makes the same signals again and none of
//! them is seen twice.

use kernel::Position;

use super::record::Record;
use super::session::ViewError;
use super::store::{Store, StoreError};

crate::record! {
    /// `name` says what was noticed, `subject` about whom; `payload` is for the process to read.
    pub struct Signal in "signal" key(name: String, position: Position, subject: String) {
        pub payload: String,
    }
}

impl Signal {
    /// # Errors
    /// When the store fails.
    pub fn leave(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        store.put(Self::TABLE, &[self.write()])
    }
}

/// Where processes read.
pub trait Signals {
    /// Signals called `name` after `cursor`, by position; about `limit` of them, and always all of
    /// one position, so that the last position is the next cursor.
    ///
    /// # Errors
    /// When a store fails.
    fn after(&self, name: &str, cursor: Position, limit: usize) -> Result<Vec<Signal>, ViewError>;
}
