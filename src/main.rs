//! The `renshe` command: one binary for clerks' scripts, operators and auditors.

use std::process::ExitCode;

use clap::Parser as _;
use renshe::cli::{self, Cli, Failed};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, error }) => {
            cli::complain(&error);
            ExitCode::from(code)
        }
    }
}
