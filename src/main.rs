//! The `renshe` command: one binary for clerks' scripts, operators and auditors.

mod cli;
mod config;
mod demo;
mod node;

use std::process::ExitCode;

use clap::Parser as _;

use self::cli::{Cli, Failed};

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
