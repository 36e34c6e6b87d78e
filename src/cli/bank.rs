//! `renshe bank`: keys, files out, replies and statements in.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use shared::{BankCode, Date, Money};

use super::period::{Book, money};
use super::{Desk, Unusable};

/// Replies and statements are text files: far below this.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A batch is named by its plan, part, bank and number: A1-2026-01-320000-1-1-BOC-1.

Examples, in the order of the work:
  renshe bank sign A1-2026-01-320000-1-1-BOC-1 --role accountant --actor anna
  renshe bank sign A1-2026-01-320000-1-1-BOC-1 --role cashier --actor bo
  renshe bank send A1-2026-01-320000-1-1-BOC-1 --actor bo
  renshe bank acknowledge A1-2026-01-320000-1-1-BOC-1 --reference R0001
  renshe bank debit A1-2026-01-320000-1-1-BOC-1 --slip D0001 --amount 443036.48 --date 2026-01-15
  renshe bank reply --bank BOC HP_320600-SI_A1-2026-01-320000-1-1-BOC-1.txt
  renshe bank statement --bank BOC --fund employee-pension --area 320000 \\
      --agency 320600-SI --year 2026 DZ_320600-SI_20260115.txt")]
pub enum Bank {
    /// Give one of the two keys to a batch
    Sign {
        batch: String,
        /// accountant or cashier
        #[arg(long)]
        role: String,
    },
    /// Hand a signed batch to its bank
    Send { batch: String },
    /// Take a batch back before it goes out
    Withdraw {
        batch: String,
        #[arg(long)]
        reason: String,
    },
    /// The bank has the file
    Acknowledge {
        batch: String,
        #[arg(long)]
        reference: String,
    },
    /// The bank's debit slip
    Debit {
        batch: String,
        /// The slip's number
        #[arg(long)]
        slip: String,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
        #[arg(long)]
        date: Date,
    },
    /// Take a reply file and apply it
    Reply {
        /// The bank whose layout it has, such as BOC
        #[arg(long)]
        bank: BankCode,
        /// As the bank named it
        file: PathBuf,
    },
    /// Import a statement of one book's account and match its lines
    Statement {
        /// The bank whose layout it has, such as BOC
        #[arg(long)]
        bank: BankCode,
        #[command(flatten)]
        book: Book,
        /// As the bank named it
        file: PathBuf,
    },
}

impl Bank {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let pay = &node.disbursement;
        let envelope = desk.envelope(&node);
        match self {
            Self::Sign { batch, role } => {
                let done = pay.sign(&envelope, &batch, &role).await?;
                desk.done(&done, |()| format!("batch {batch} has a key of {}", envelope.actor))?;
            }
            Self::Send { batch } => {
                let done = pay.send(&envelope, &batch).await?;
                desk.done(&done, |()| format!("batch {batch} is sent"))?;
            }
            Self::Withdraw { batch, reason } => {
                let done = pay.withdraw(&envelope, &batch, &reason).await?;
                desk.done(&done, |()| format!("batch {batch} is withdrawn"))?;
            }
            Self::Acknowledge { batch, reference } => {
                let done = pay.acknowledge(&envelope, &batch, &reference).await?;
                desk.done(&done, |()| format!("batch {batch} is acknowledged"))?;
            }
            Self::Debit { batch, slip, amount, date } => {
                let done = pay.debit(&envelope, &batch, &slip, amount, date).await?;
                desk.done(&done, |()| format!("batch {batch} is debited with {amount} yuan"))?;
            }
            Self::Reply { bank, file } => {
                let (name, bytes) = read(&file)?;
                let received = pay.receive_reply(&envelope, bank, &name, &bytes).await?;
                let receipt = received.result;
                let id = kernel::process::chunk_id(envelope.command_id, 1);
                let step = envelope.step(id);
                let done = pay.apply_reply(&step, &receipt.batch, receipt.reply).await?;
                desk.done(&done, |sums| {
                    format!(
                        "batch {}: {} lines paid, {} yuan; {} returned, {} yuan; {} not yet \
                         mentioned; {} said before, {} contradict, {} not ours",
                        receipt.batch,
                        sums.paid_lines,
                        sums.paid,
                        sums.returned_lines,
                        sums.returned,
                        sums.unreplied_lines,
                        sums.duplicates,
                        sums.contradictions,
                        sums.strangers
                    )
                })?;
            }
            Self::Statement { bank, book, file } => {
                let (name, bytes) = read(&file)?;
                let key = book.key();
                let done = pay.import_statement(&envelope, bank, key, &name, &bytes).await?;
                desk.done(&done, |matched| {
                    format!(
                        "statement {}: {} yuan debited, {} yuan credited; {} lines matched, {} \
                         differences",
                        matched.statement,
                        matched.debits,
                        matched.credits,
                        matched.matched,
                        matched.differences
                    )
                })?;
            }
        }
        node.stop();
        Ok(())
    }
}

fn read(path: &Path) -> Result<(String, Vec<u8>)> {
    let shown = path.display();
    let found = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"));
    let size = found.map_err(|error| error.context(Unusable::Asked))?.len();
    if size > FILE_BYTES_MAX {
        let large = anyhow!("{shown} has {size} bytes: a bank file has at most {FILE_BYTES_MAX}");
        return Err(large.context(Unusable::Input));
    }
    let name = path.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    Ok((name.to_owned(), bytes))
}
