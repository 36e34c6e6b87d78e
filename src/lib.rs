//! renshe as a library of its own parts: what the binary, the journeys and the benchmarks share.

mod app;
pub mod cli;
pub mod config;
pub mod demo;
mod exporting;
mod importing;
pub mod node;
