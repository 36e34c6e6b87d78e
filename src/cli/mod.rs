//! The command line, one file per sub-command.
//!
//! Where a process serves the installation already, a sub-command goes through it ([`control`]).
//! **Exit codes** see [`EXIT_CODES`].

mod bank;
mod book;
mod cases;
mod comparison;
mod control;
mod dashboard;
mod deduction;
mod definitions;
mod demo;
mod desk;
mod events;
mod export;
mod failed;
mod feed;
mod heirs;
mod hold;
mod import;
mod opening;
mod period;
mod rebuild;
mod recovery;
mod restoration;
mod returns;
mod serve;
mod statistics;
mod status;
mod table;
mod voice;

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use shared::Date;

use self::desk::Desk;
pub use self::failed::{EXIT_CODES, Unusable};
pub use self::voice::Lang;
use crate::config::Config;
use crate::node::Address;

/// The stack of every thread: the resolvers of the schema nest deeply where nothing is inlined.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// renshe 人社: an event-sourced platform for a human-resources-and-social-security bureau.
///
/// Every business action is an event in one log; read models fold it; one GraphQL endpoint serves
/// them. Try `renshe demo` first.
#[derive(Debug, Parser)]
#[command(
    name = "renshe",
    version,
    after_help = "\
Examples:
  renshe demo                       a synthetic city, paid and served
  renshe import persons people.csv  then cards, then grants
  renshe period --help              a month's plan, step by step
  renshe status --json

Settings: flags, then RENSHE_… variables, then renshe.toml.
While `renshe serve` runs, the other sub-commands go through it by <data-dir>/control.sock."
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
    /// The log in PostgreSQL instead of the data directory: postgres://user@host:5432/database,
    /// with ?schema=name for another schema than renshe
    #[arg(long, global = true, value_name = "URL")]
    log: Option<Address>,
    /// The read models in PostgreSQL, likewise; another schema than renshe_views
    #[arg(long, global = true, value_name = "URL")]
    views: Option<Address>,
    /// A settings file instead of renshe.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer as JSON, for programs; an error is one line of JSON on standard error
    #[arg(long, global = true)]
    json: bool,
    /// The language of errors [default: by LC_ALL, LC_MESSAGES, LANG; else both]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
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
    /// Work off what banks gave back
    #[command(subcommand)]
    Return(returns::Return),
    /// Get back what was overpaid
    #[command(subcommand)]
    Recovery(recovery::Recovery),
    /// Keep lines out of the bank files, and release them
    #[command(subcommand)]
    Hold(hold::Hold),
    /// Say who draws what dead persons were owed
    #[command(subcommand)]
    Heirs(heirs::Heirs),
    /// Keep something back from pay, for a third party or the fund
    #[command(subcommand)]
    Deduction(deduction::Deduction),
    /// Compare a plan with the month before, and decide its exceptions
    #[command(subcommand)]
    Comparison(comparison::Comparison),
    /// Show journals, balances and reconciliations; end a book's year
    #[command(subcommand)]
    Book(book::Book),
    /// Take runs that another system paid
    #[command(subcommand)]
    Feed(feed::Feed),
    /// Enter what was paid before the cut-over
    #[command(subcommand)]
    Opening(opening::Opening),
    /// Take up work after the log was restored from a backup
    #[command(subcommand)]
    Restoration(restoration::Restoration),
    /// Write a list as CSV or XLSX
    Export(export::Export),
    /// Read the log, event by event
    Events(events::Events),
    /// Fill a read model anew beside live traffic, and let it take over
    Rebuild(rebuild::Rebuild),
    /// Show how log and read models stand
    Status(status::Status),
    /// Check, compare, publish and show definitions
    #[command(subcommand)]
    Definitions(definitions::Definitions),
    /// Show a dashboard in the terminal, and its charts as SVG
    Dashboard(dashboard::Dashboard),
    /// Take figures that authorities publish
    #[command(subcommand)]
    Statistics(statistics::Statistics),
    /// Print the GraphQL schema
    #[command(after_help = "Example: renshe schema > schema.graphql")]
    Schema,
    /// Read one sheet from standard input in a process of its own
    #[command(hide = true)]
    SheetReader,
}

impl Command {
    /// Whether it goes through the process that serves the installation, if one does.
    fn goes_beside(&self) -> bool {
        match self {
            Self::Import(_)
            | Self::Period(_)
            | Self::Bank(_)
            | Self::Return(_)
            | Self::Recovery(_)
            | Self::Hold(_)
            | Self::Heirs(_)
            | Self::Deduction(_)
            | Self::Comparison(_)
            | Self::Book(_)
            | Self::Feed(_)
            | Self::Opening(_)
            | Self::Restoration(_)
            | Self::Export(_)
            | Self::Events(_)
            | Self::Rebuild(_)
            | Self::Status(_)
            | Self::Definitions(_)
            | Self::Dashboard(_)
            | Self::Statistics(_) => true,
            Self::Demo(demo) => demo.only_proves(),
            Self::Serve(_) | Self::Schema | Self::SheetReader => false,
        }
    }
}

impl Cli {
    /// Reads the command line of this process, and ends it where help is asked or words are wrong.
    #[must_use]
    pub fn of_process() -> Self {
        let read = Self::from_arg_matches(&taught().get_matches());
        read.unwrap_or_else(|mistake| mistake.exit())
    }

    /// Carries it out; the exit code.
    #[must_use]
    pub fn run(self) -> u8 {
        let Self { common, command } = self;
        // No settings, no threads: its memory is counted.
        if let Command::SheetReader = command {
            return match sheets::child::serve() {
                Ok(()) => failed::DONE,
                Err(fault) => {
                    eprintln!("{fault}");
                    failed::FAULT
                }
            };
        }
        let read = Config::read(common.config.as_deref());
        let (config, misread) = match read {
            Ok(config) => (config, Ok(())),
            Err(error) => (Config::default(), Err(error)),
        };
        let desk = match Desk::here(common, config) {
            Ok(desk) => desk,
            Err(error) => {
                eprintln!("FAULT: {error:#}");
                return failed::FAULT;
            }
        };
        let outcome = misread.and_then(|()| at(&desk, command));
        outcome.unwrap_or_else(|error| failed::exit(&desk, Err(error)))
    }
}

/// Carries a command out at the terminal; the exit code.
fn at(desk: &Desk, command: Command) -> Result<u8> {
    if command.goes_beside() {
        let words = std::env::args_os().skip(1).map(|word| {
            word.into_string().map_err(|word| anyhow!("{} is not UTF-8", word.display()))
        });
        let code = control::carried_out(desk, words.collect::<Result<_>>()?)?;
        if let Some(code) = code {
            return Ok(code);
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
        .context("the threads do not start")?;
    let outcome = runtime.block_on(dispatch(command, desk));
    desk.close();
    Ok(failed::exit(desk, outcome))
}

/// Every help tells the exit codes.
fn taught() -> clap::Command {
    fn taught(command: clap::Command) -> clap::Command {
        let before = command.get_after_help().map(|help| format!("{help}\n\n"));
        let help = before.unwrap_or_default() + EXIT_CODES;
        command.after_help(help).mut_subcommands(taught)
    }
    taught(Cli::command())
}

async fn dispatch(command: Command, desk: &Desk) -> Result<()> {
    match command {
        Command::Serve(serve) => serve.run(desk).await,
        Command::Demo(demo) => demo.run(desk).await,
        Command::Import(import) => import.run(desk).await,
        Command::Period(period) => period.run(desk).await,
        Command::Bank(bank) => bank.run(desk).await,
        Command::Return(returns) => returns.run(desk).await,
        Command::Recovery(recovery) => recovery.run(desk).await,
        Command::Hold(hold) => hold.run(desk).await,
        Command::Heirs(heirs) => heirs.run(desk).await,
        Command::Deduction(deduction) => deduction.run(desk).await,
        Command::Comparison(comparison) => comparison.run(desk).await,
        Command::Book(book) => book.run(desk).await,
        Command::Feed(feed) => feed.run(desk).await,
        Command::Opening(opening) => opening.run(desk).await,
        Command::Restoration(restoration) => restoration.run(desk).await,
        Command::Export(export) => export.run(desk).await,
        Command::Events(events) => events.run(desk).await,
        Command::Rebuild(rebuild) => rebuild.run(desk).await,
        Command::Status(status) => status.run(desk).await,
        Command::Definitions(definitions) => definitions.run(desk).await,
        Command::Dashboard(dashboard) => dashboard.run(desk).await,
        Command::Statistics(statistics) => statistics.run(desk).await,
        Command::Schema => desk.out(graphql::sdl().trim_end()),
        // Carried out before there was a desk.
        Command::SheetReader => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What its help lacks, and that of every sub-command below it.
    fn lacking(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let own = ["help", "version"];
        if command.is_hide_set() || own.contains(&command.get_name()) {
            return;
        }
        let path = format!("{path} {}", command.get_name());
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if !after.contains("Exit codes: 0 done") {
            found.push(format!("{path}: exit codes"));
        }
        if !after.contains("Example") {
            found.push(format!("{path}: an example"));
        }
        for argument in command.get_arguments().filter(|one| !own.contains(&one.get_id().as_str()))
        {
            if argument.get_help().is_none() {
                found.push(format!("{path}: what {} is", argument.get_id()));
            }
        }
        command.get_subcommands().for_each(|below| lacking(below, &path, found));
    }

    #[test]
    fn every_help_teaches() {
        let mut command = taught();
        command.build();
        let mut found = Vec::new();
        lacking(&command, "", &mut found);
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}
