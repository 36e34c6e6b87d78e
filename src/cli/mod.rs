//! The command line, one file per sub-command.
//!
//! **Exit codes** 0 done; 1 a rule refused it, or a proof does not hold; 2 the command line is
//! wrong; 3 the installation cannot be used (locked, damaged, not there); 4 a fault.

mod bank;
mod definitions;
mod demo;
mod events;
mod import;
mod period;
mod rebuild;
mod serve;
mod status;

use std::path::PathBuf;

use ::commands::{CommandError, Done, Envelope};
use anyhow::{Result, anyhow};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use shared::Date;

use crate::config::Config;
use crate::node::{Node, World};

/// renshe 人社: an event-sourced platform for a human-resources-and-social-security bureau.
///
/// Every business action is an event in one log; read models fold it; one GraphQL endpoint serves
/// them. Try `renshe demo` first.
#[derive(Debug, Parser)]
#[command(
    name = "renshe",
    version,
    after_help = "Exit codes: 0 done; 1 refused by a rule, or a proof does not hold; 2 wrong \
                  command line; 3 the installation cannot be used; 4 a fault.\n\
                  Settings: flags, then RENSHE_… variables, then renshe.toml."
)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Where the installation lies [default: renshe-data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A settings file instead of renshe.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer as JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    /// Who acts (until identity lands)
    #[arg(long, global = true, default_value = "operator", value_name = "NAME")]
    actor: String,
    /// The business date, if not the open day
    #[arg(long, global = true, value_name = "YYYY-MM-DD")]
    on: Option<Date>,
    /// The command's own id: asking again with it does nothing twice
    #[arg(long, global = true, value_name = "UUID")]
    command_id: Option<uuid::Uuid>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve GraphQL on a loopback address
    Serve(serve::Serve),
    /// Register a synthetic city, pay its months through simulated banks, and prove the sums
    Demo(demo::Demo),
    /// Import persons, employers, cards or grants from CSV or XLSX, with a report per row
    Import(import::Import),
    /// Take an item-period from opening to its certificate
    #[command(subcommand)]
    Period(period::Period),
    /// Sign and send bank files; take replies and statements
    #[command(subcommand)]
    Bank(bank::Bank),
    /// Read the log, event by event
    Events(events::Events),
    /// Fill a read model anew beside live traffic, and let it take over
    Rebuild(rebuild::Rebuild),
    /// Show how log and read models stand
    Status(status::Status),
    /// Check, compare, publish and show definitions
    #[command(subcommand)]
    Definitions(definitions::Definitions),
    /// Print the GraphQL schema
    Schema,
    /// Read one sheet from standard input in a process of its own
    #[command(hide = true)]
    SheetReader,
}

/// What a person reads, and the exit code.
pub struct Failed {
    pub code: u8,
    pub error: anyhow::Error,
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        let refused = error.downcast_ref::<CommandError>().is_some_and(CommandError::is_refusal);
        let code = match (refused, error.downcast_ref::<Unusable>()) {
            (true, _) | (false, Some(Unusable::Refuted | Unusable::Input)) => 1,
            (false, Some(Unusable::Asked)) => 2,
            (false, Some(Unusable::Installation)) => 3,
            (false, None) => 4,
        };
        Self { code, error }
    }
}

/// Why a command ended badly although no rule refused it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum Unusable {
    #[error("the installation cannot be used")]
    Installation,
    #[error("the proof does not hold")]
    Refuted,
    /// Rows or files that a person handed in.
    #[error("what was handed in is refused, in part or whole")]
    Input,
    /// The command line names something that is not there.
    #[error("there is nothing of this name")]
    Asked,
}

impl Unusable {
    fn code(self) -> &'static str {
        match self {
            Self::Installation => "INSTALLATION_UNUSABLE",
            Self::Refuted => "PROOF_BROKEN",
            Self::Input => "INPUT_REFUSED",
            Self::Asked => "NO_SUCH_NAME",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Self::Installation => "安装目录无法使用",
            Self::Refuted => "证明不成立",
            Self::Input => "提交的内容有部分或全部未被接受",
            Self::Asked => "没有这个名称，请核对命令行",
        }
    }
}

impl Cli {
    pub fn run(self) -> Result<(), Failed> {
        let Self { common, command } = self;
        match command {
            Command::Schema => {
                println!("{}", graphql::sdl());
                Ok(())
            }
            Command::SheetReader => {
                sheets::child::serve().map_err(|fault| anyhow!(fault)).map_err(Failed::from)
            }
            command => {
                let config = Config::read(common.config.as_deref())?;
                let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
                runtime.block_on(dispatch(command, Desk { common, config })).map_err(Failed::from)
            }
        }
    }
}

async fn dispatch(command: Command, desk: Desk) -> Result<()> {
    match command {
        Command::Serve(serve) => serve.run(&desk).await,
        Command::Demo(demo) => demo.run(&desk).await,
        Command::Import(import) => import.run(&desk).await,
        Command::Period(period) => period.run(&desk).await,
        Command::Bank(bank) => bank.run(&desk).await,
        Command::Events(events) => events.run(&desk).await,
        Command::Rebuild(rebuild) => rebuild.run(&desk).await,
        Command::Status(status) => status.run(&desk).await,
        Command::Definitions(definitions) => definitions.run(&desk).await,
        Command::Schema | Command::SheetReader => Ok(()),
    }
}

/// What every sub-command has at hand.
pub struct Desk {
    common: Common,
    config: Config,
}

impl Desk {
    pub fn data_dir(&self) -> PathBuf {
        self.common.data_dir.clone().unwrap_or_else(|| self.config.data_dir.clone())
    }

    pub async fn node(&self) -> Result<Node> {
        let node = Node::open(&self.data_dir(), World::real()).await;
        node.map_err(|error| error.context(Unusable::Installation))
    }

    /// An installation that is there already: reading never makes one.
    pub async fn existing(&self) -> Result<Node> {
        let dir = self.data_dir();
        if !dir.join("log").exists() {
            return Err(anyhow!("there is no installation in {}", dir.display())
                .context(Unusable::Installation));
        }
        self.node().await
    }

    pub fn envelope(&self, node: &Node) -> Envelope {
        let id = self.common.command_id.unwrap_or_else(|| node.executor.ids().next());
        let envelope = Envelope::new(id, self.common.actor.clone());
        match self.common.on {
            Some(day) => envelope.on(day),
            None => envelope,
        }
    }

    /// Prints an answer: as JSON for programs, else as `text` says.
    pub fn say<T: Serialize>(&self, answer: &T, text: impl FnOnce() -> String) -> Result<()> {
        if self.common.json {
            println!("{}", serde_json::to_string_pretty(answer)?);
        } else {
            println!("{}", text());
        }
        Ok(())
    }

    /// Prints what came of a command.
    pub fn done<R: Serialize>(
        &self,
        done: &Done<R>,
        text: impl FnOnce(&R) -> String,
    ) -> Result<()> {
        #[derive(Serialize)]
        struct Answer<'a, R> {
            result: &'a R,
            position: u64,
            replayed: bool,
        }
        let Done { result, position, replayed, .. } = done;
        let answer = Answer { result, position: position.0, replayed: *replayed };
        self.say(&answer, || {
            let before = if *replayed { " (done before)" } else { "" };
            format!("{}{before}", text(result))
        })
    }
}

/// Says what went wrong in both languages, and what it is called.
pub fn complain(error: &anyhow::Error) {
    if let Some(refused) = error.downcast_ref::<CommandError>() {
        eprintln!("{}: {}", refused.code(), refused.zh());
        eprintln!("{}: {}", refused.code(), refused.en());
        if let CommandError::Fault { what } = refused {
            eprintln!("  {what}");
        }
        // Where in a file: name, row, field and rule.
        for (_, place) in refused.params().iter().filter(|(name, _)| *name == "fault") {
            eprintln!("  {place}");
        }
        return;
    }
    let Some(unusable) = error.downcast_ref::<Unusable>() else {
        eprintln!("FAULT: 系统故障");
        eprintln!("FAULT: {error:#}");
        return;
    };
    eprintln!("{}: {}", unusable.code(), unusable.zh());
    eprintln!("{}: {error:#}", unusable.code());
}
