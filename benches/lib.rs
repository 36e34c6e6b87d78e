//! The program's own node without its schema: what the benchmarks measure is wired as the binary
//! wires it, and builds in a minute instead of four.

#[path = "../src/node/mod.rs"]
pub mod node;
