//! The engine over SQLite, with a toy context and the log in memory.

mod other;
mod place;
mod rebuild;
mod toy;
mod train;
