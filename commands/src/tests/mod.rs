//! The rules of the write side, on the log in memory.

mod execute;
mod jobs;
mod processes;
mod toy;
mod unit;
