//! Developer tasks: what a person or CI types in a clone. Each installs what it needs first.
//!
//! | question | module |
//! |---|---|
//! | Where is everything? | [`project`] |
//! | What must the machine have? | [`setup`] |
//! | Does everything hold? | [`test`], its parts as [`steps`], other people's clients in [`clients`] |
//! | How does it look? | [`demo`] |
//! | How fast is it? | [`bench`] |

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use project::Project;

mod bench;
mod clients;
mod demo;
mod project;
mod results;
mod server;
mod setup;
mod steps;
mod test;

/// Developer tasks of renshe.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install what is missing for everything below
    Setup,
    /// Build renshe and show it with a synthetic city at http://127.0.0.1:8080
    Demo(demo::Arguments),
    /// Check everything: format, lints, tests, the demo, and the endpoint with other people's clients
    Test(test::Arguments),
    /// Measure beside the raw engine and write benches/RESULTS.md
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(task: Task) -> Result<()> {
    let project = Project::find()?;
    match task {
        Task::Setup => setup::everything(&project),
        Task::Demo(arguments) => demo::run(&project, arguments),
        Task::Test(arguments) => test::run(&project, arguments),
        Task::Bench(arguments) => bench::run(&project, &arguments),
    }
}
