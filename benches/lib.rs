//! The program's own node without its schema: what the benchmarks measure is wired as the binary
//! wires it, and builds in a minute instead of four; and what they measure with.

pub mod facts;
#[path = "../src/node/mod.rs"]
pub mod node;
pub mod raw;
pub mod steps;
