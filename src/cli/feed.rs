//! `renshe feed`: runs that another system paid.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use projections::Scope;
use projections::feeds::{self, FeedRow};
use serde::Serialize;
use shared::{AreaCode, ItemId};

use super::Unusable;
use super::bank::read;
use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A feed is one source's runs of one item in one area, numbered without gaps: province-A1-320000. What
stands behind a gap waits until the gap is filled.

A file begins with a header and has one line per payment, in UTF-8, fields between bars:
  H|source|item|area|sequence|reference|month|run|fund|agency|paid on|lines|total|SM3|appropriated
  L|row|id number|bank|county|component|month|adjustment|attempt|gross|deducted|result
A result is paid:<serial>, returned:<R01…R99>, or nothing yet. SM3 is over the lines.

Examples:
  renshe feed open --source province --item A1 --area 320000 --first 1
  renshe feed import A1-2026-01.txt
  renshe feed take                   what lies in <data-dir>/feed/in with its .ok mark
  renshe feed list")]
pub enum Feed {
    /// Open a feed at the first run that counts here
    #[command(
        after_help = "Example: renshe feed open --source province --item A1 --area 320000 --first 1"
    )]
    Open {
        /// Who pays and feeds back: letters and digits
        #[arg(long)]
        source: String,
        /// The pay item, such as A1
        #[arg(long)]
        item: ItemId,
        /// The pooling area: a division code
        #[arg(long)]
        area: AreaCode,
        /// The sequence number after the opening's
        #[arg(long, default_value_t = 1)]
        first: u32,
    },
    /// Take a run's file, and enter it and what waited for it
    #[command(after_help = "Example: renshe feed import A1-2026-01.txt")]
    Import {
        /// As the source named it
        file: PathBuf,
    },
    /// Enter a run that is here
    #[command(after_help = "Example: renshe feed apply province-A1-320000 --sequence 3")]
    Apply {
        /// The feed
        feed: String,
        /// The run's sequence number
        #[arg(long)]
        sequence: u32,
    },
    /// Take every whole file of the folder, in the order of the names
    #[command(after_help = "Example: renshe feed take --actor feed")]
    Take,
    /// Show every feed with its gaps
    #[command(after_help = "Example: renshe feed list --json")]
    List,
}

#[derive(Debug, Serialize)]
struct Shown<'a> {
    feed: &'a str,
    next: u32,
    received: u32,
    entered: u32,
    missing: u64,
    gaps: &'a [feeds::Gap],
}

#[derive(Debug, Serialize)]
struct Took {
    file: String,
    feed: Option<String>,
    sequence: Option<u32>,
    plan: Option<String>,
    refused: Option<&'static str>,
}

impl Feed {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let pay = &node.disbursement;
        let envelope = desk.envelope();
        match self {
            Self::Open { source, item, area, first } => {
                let done = pay.open_feed(&envelope, &source, item, area, first).await?;
                desk.done(&done, |feed| format!("feed {feed} is open; its first run is {first}"))
            }
            Self::Import { file } => {
                let (name, bytes) = read(desk, &file)?;
                let done = pay.import_external_run(&envelope, &name, &bytes).await?;
                desk.done(&done, |run| {
                    let became = match &run.plan {
                        Some(plan) => format!("it is plan {plan}"),
                        None => format!("it waits: {:?} are missing", run.missing),
                    };
                    format!("run {} of {} is here; {became}", run.sequence, run.feed)
                })
            }
            Self::Apply { feed, sequence } => {
                let done = pay.apply_external_run(&envelope, &feed, sequence).await?;
                desk.done(&done, |plan| format!("run {sequence} is plan {plan}"))
            }
            Self::Take => {
                let taken = node.take_feed(&envelope.actor).await?;
                let refused = taken.iter().filter(|one| one.outcome.is_err()).count();
                let told: Vec<Took> = taken
                    .into_iter()
                    .map(|one| match one.outcome {
                        Ok(run) => Took {
                            file: one.name,
                            feed: Some(run.feed),
                            sequence: Some(run.sequence),
                            plan: run.plan,
                            refused: None,
                        },
                        Err(error) => Took {
                            file: one.name,
                            feed: None,
                            sequence: None,
                            plan: None,
                            refused: Some(error.code()),
                        },
                    })
                    .collect();
                desk.say(&told, || {
                    let lines = told.iter().map(|one| match (&one.plan, one.refused) {
                        (_, Some(code)) => format!("{}: {code}", one.file),
                        (Some(plan), None) => format!("{}: plan {plan}", one.file),
                        (None, None) => format!("{}: waits behind a gap", one.file),
                    });
                    let lines: Vec<String> = lines.collect();
                    format!("{} files taken, {refused} refused\n{}", told.len(), lines.join("\n"))
                })?;
                if refused > 0 {
                    let why = "files are refused: their reasons lie beside them";
                    return Err(anyhow!("{refused} {why}").context(Unusable::Input));
                }
                Ok(())
            }
            Self::List => {
                node.caught_up().await?;
                let session = node.train.session()?;
                let rows = feeds::feeds(&session, &Scope::everything(envelope.actor))?;
                let shown: Vec<Shown<'_>> = rows.iter().map(of).collect();
                desk.say(&shown, || {
                    let lines = shown.iter().map(|feed| {
                        let gaps: Vec<String> = feed
                            .gaps
                            .iter()
                            .map(|gap| format!(", {}–{} missing", gap.from, gap.to))
                            .collect();
                        let Shown { feed, next, received, entered, .. } = feed;
                        let gaps = gaps.concat();
                        format!("{feed}: {received} here, {entered} entered, next {next}{gaps}")
                    });
                    lines.collect::<Vec<_>>().join("\n")
                })
            }
        }
    }
}

fn of(row: &FeedRow) -> Shown<'_> {
    Shown {
        feed: &row.feed,
        next: row.next,
        received: row.received,
        entered: row.entered,
        missing: row.missing(),
        gaps: &row.gaps,
    }
}
