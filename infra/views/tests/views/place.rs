//! A directory for the read models of one test.

use std::sync::Arc;

use projections::engine::Stores;
use tempfile::TempDir;
use views::SqliteViews;

use crate::toy::Toy;

pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// What is kept there, opened for the log of `toy`, which SQLite finds out by itself.
    pub fn stores(&self, _toy: &Toy) -> Arc<dyn Stores> {
        Arc::new(SqliteViews::open(self.0.path()).unwrap())
    }

    /// Whether a generation of version 1 is there still.
    pub fn holds(&self, view: &str, number: u32) -> bool {
        self.0.path().join(format!("{view}-v1-g{number}.db")).exists()
    }

    /// Whether it is gone; at once, where nobody has it any more.
    pub fn lets_go(&self, view: &str, number: u32) -> bool {
        !self.holds(view, number)
    }
}
