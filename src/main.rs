//! The `renshe` command: one binary for clerks' scripts, operators and auditors.

use std::process::ExitCode;

use renshe::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(Cli::of_process().run())
}
