//! The `renshe` command.
fn main() {}
