//! The engine over PostgreSQL: the tests that SQLite passes, and what only a server can do.

mod faults;
mod opening;
mod place;
#[path = "../../../views/tests/views/rebuild.rs"]
mod rebuild;
#[path = "../../../views/tests/views/toy.rs"]
mod toy;
#[path = "../../../views/tests/views/train.rs"]
mod train;
