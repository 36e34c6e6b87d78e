//! The files of every bundled layout, from outside.

mod common;
mod contracts;
mod laws;
mod refusals;
