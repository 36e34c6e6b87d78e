//! Builds renshe and becomes `renshe demo`.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use postgres_server::Server;

use crate::project::{self, Profile, Project};
use crate::setup;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Print a summary and end, instead of serving
    #[arg(long)]
    once: bool,
    /// How many people live in the city
    #[arg(long)]
    people: Option<u32>,
    /// How many months pass
    #[arg(long)]
    months: Option<u32>,
    /// What the city is made from: the same seed gives the same city
    #[arg(long)]
    seed: Option<u64>,
    /// Where its data lies [default: .renshe/demo in the project]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// On a PostgreSQL of its own, whose data lies below the data directory: log and read models
    #[arg(long)]
    postgres: bool,
    /// Build with all optimisations: slower to build, faster to run
    #[arg(long)]
    release: bool,
    /// Further arguments for `renshe demo`
    #[arg(last = true)]
    more: Vec<String>,
}

/// Never returns where all goes well: this process becomes the demo, with its signals and status.
///
/// # Errors
/// When something cannot be installed, built or started.
pub fn run(project: &Project, arguments: Arguments) -> Result<()> {
    setup::for_building()?;
    let profile = if arguments.release { Profile::Release } else { Profile::Dev };
    // As one of the workspace: alone it would be built with other features of the crates, and the
    // tests would build them all again.
    let mut build = project.cargo(["build", "--workspace", "--bin", "renshe"]);
    if arguments.release {
        build.arg("--release");
    }
    project::run(&mut build)?;
    let mut demo = Command::new(project.built(profile, "renshe"));
    if arguments.postgres {
        return on_postgres(demo, project, arguments);
    }
    demo.args(arguments.spelled(project));
    Err(demo.exec()).context("the demo cannot be started")
}

/// Log and read models stand in one database, each in a schema of its own. The server ends with the
/// demo.
fn on_postgres(mut demo: Command, project: &Project, arguments: Arguments) -> Result<()> {
    setup::for_databases()?;
    let data = arguments.data_dir(project).join("postgres");
    println!("PostgreSQL of the demo: {}", data.display());
    let server = Server::kept(&data)?;
    let url = server.url("postgres");
    demo.args(arguments.spelled(project)).env("RENSHE_LOG", &url).env("RENSHE_VIEWS", &url);
    server.pass_on()?;
    Err(demo.exec()).context("the demo cannot be started")
}

impl Arguments {
    fn data_dir(&self, project: &Project) -> PathBuf {
        let own = if self.postgres { "demo-postgres" } else { "demo" };
        self.data_dir.clone().unwrap_or_else(|| project.root.join(".renshe").join(own))
    }

    fn spelled(self, project: &Project) -> Vec<std::ffi::OsString> {
        let data_dir = self.data_dir(project);
        let mut words = vec!["demo".into(), "--data-dir".into(), data_dir.into_os_string()];
        if self.once {
            words.push("--once".into());
        }
        let numbers = [
            ("--people", self.people.map(u64::from)),
            ("--months", self.months.map(u64::from)),
            ("--seed", self.seed),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                words.extend([name.into(), number.to_string().into()]);
            }
        }
        words.extend(self.more.into_iter().map(Into::into));
        words
    }
}
