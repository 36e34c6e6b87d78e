//! `renshe restoration`: the log came back from a backup, and the banks know more than it does.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::ReceivedFile;
use commands::ports::put;
use disbursement::restoration::Heard;
use serde::Serialize;
use shared::BankCode;
use sheets::{Cells, Column, Columns, Kind};

use super::Unusable;
use super::bank::read;
use super::desk::Desk;
use super::table::{self, column};
use crate::node::raise_epoch;

const COLUMNS: [Column; 2] = [
    column("batch", &["批次号", "batch"], Kind::Text, true),
    column("digest", &["摘要", "digest"], Kind::Text, true),
];

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A restored log has forgotten what was sent after its backup. Its epoch is raised once, before anything
opens it; then nothing goes to a bank until each bank's list of received files was held against the
log and two persons released the sending.

A bank's list is a CSV file: 批次号 摘要 (SM3 of the file, in hex). A bank that received nothing gives a
list with the header alone.

Examples, in the order of the work:
  renshe restoration raise-epoch
  renshe restoration hear --bank BOC received.csv
  renshe restoration explain A1-2026-01-320000-1-1-BOC-1 --bank BOC --reason 银行已撤销
  renshe restoration ask --actor anna
  renshe restoration release --actor bo
  renshe restoration show")]
pub enum Restoration {
    /// Raise the epoch of a log that was restored; nothing may have it open
    #[command(after_help = "Example: renshe restoration raise-epoch --data-dir /var/lib/renshe")]
    RaiseEpoch,
    /// Hold a bank's list of what it received since the backup against the log
    #[command(after_help = "Example: renshe restoration hear --bank BOC received.csv")]
    Hear {
        /// The bank, such as BOC
        #[arg(long)]
        bank: BankCode,
        /// A .csv file with a header
        file: PathBuf,
    },
    /// Say what was done about a batch that only the bank knows
    #[command(
        after_help = "Example: renshe restoration explain A1-2026-01-320000-1-1-BOC-1 --bank BOC --reason 银行已撤销"
    )]
    Explain {
        /// The batch
        batch: String,
        /// The bank, such as BOC
        #[arg(long)]
        bank: BankCode,
        /// What was done, for the record
        #[arg(long)]
        reason: String,
    },
    /// Ask for the release of sending: every bank was heard
    #[command(after_help = "Example: renshe restoration ask --actor anna")]
    Ask,
    /// Release the sending, as another person than who asked
    #[command(after_help = "Example: renshe restoration release --actor bo")]
    Release,
    /// Show what banks were heard, and what is open
    #[command(after_help = "Example: renshe restoration show --json")]
    Show,
}

#[derive(Serialize)]
struct Shown {
    /// 1 until the log is restored for the first time.
    epoch: u32,
    locked: bool,
    banks: Vec<Bank>,
    asked_by: Option<String>,
    released_by: Option<String>,
}

#[derive(Serialize)]
struct Bank {
    bank: BankCode,
    files: u32,
    found: u32,
    lost: Vec<String>,
}

impl Restoration {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        if matches!(self, Self::RaiseEpoch) {
            return raise(desk).await;
        }
        let node = desk.existing().await?;
        let (pay, envelope) = (&node.disbursement, desk.envelope());
        match self {
            Self::RaiseEpoch => Ok(()),
            Self::Hear { bank, file } => {
                let columns = Columns::new(COLUMNS).unique_by(["batch"]).may_be_empty();
                let listed = table::whole(desk, &file, &columns, listed)?;
                let (_, bytes) = read(desk, &file)?;
                let list = put(&*node.artefacts, &bytes).await?.id;
                let done = pay.hear_bank(&envelope, bank, list, &listed).await?;
                desk.done(&done, |heard| {
                    let lost = match heard.lost.as_slice() {
                        [] => "none is lost".to_owned(),
                        lost => format!("{} lost: {}", lost.len(), lost.join(", ")),
                    };
                    let (files, found) = (heard.files, heard.found);
                    format!("{bank} received {files} files; {found} are recorded as sent; {lost}")
                })
            }
            Self::Explain { batch, bank, reason } => {
                let done = pay.explain_lost(&envelope, bank, &batch, &reason).await?;
                desk.done(&done, |()| format!("batch {batch} is accounted for"))
            }
            Self::Ask => {
                let done = pay.ask_sending(&envelope).await?;
                desk.done(&done, |()| "the release of sending is asked for".to_owned())
            }
            Self::Release => {
                let done = pay.release_sending(&envelope).await?;
                desk.done(&done, |()| "files may go to the banks again".to_owned())
            }
            Self::Show => {
                let epoch = node.log.identity().epoch.0;
                let standing = pay.restoration().await?.map(|(_, standing)| standing);
                let restored = standing.is_some();
                let standing = standing.unwrap_or_default();
                let shown = Shown {
                    epoch,
                    locked: restored && standing.released.is_none(),
                    banks: standing
                        .banks
                        .iter()
                        .map(|(bank, heard)| heard_of(*bank, heard))
                        .collect(),
                    asked_by: standing.asked,
                    released_by: standing.released,
                };
                desk.say(&shown, || shown.text())
            }
        }
    }
}

impl Shown {
    fn text(&self) -> String {
        let Self { epoch, locked, banks, asked_by, released_by } = self;
        let sending = if *locked { "sending is locked" } else { "files may be sent" };
        let mut text = vec![format!("epoch {epoch}: {sending}")];
        text.extend(banks.iter().map(|bank| {
            let Bank { bank, files, found, lost } = bank;
            format!("{bank}: {files} files, {found} recorded as sent, {} open", lost.len())
        }));
        text.extend(asked_by.iter().map(|by| format!("asked for by {by}")));
        text.extend(released_by.iter().map(|by| format!("released by {by}")));
        text.join("\n")
    }
}

async fn raise(desk: &Desk) -> Result<()> {
    let raised = raise_epoch(&desk.data_dir(), &desk.databases()).await;
    let epoch = raised.map_err(|error| error.context(Unusable::Installation))?;
    desk.say(&serde_json::json!({ "epoch": epoch }), || {
        format!("the log is in epoch {epoch}; sending is locked: renshe restoration --help")
    })
}

fn listed(cells: &Cells) -> Option<ReceivedFile> {
    Some(ReceivedFile {
        batch: cells.text("batch")?.to_owned(),
        digest: cells.text("digest")?.parse().ok()?,
    })
}

fn heard_of(bank: BankCode, heard: &Heard) -> Bank {
    let lost = heard.open().cloned().collect();
    Bank { bank, files: heard.files, found: heard.found, lost }
}
