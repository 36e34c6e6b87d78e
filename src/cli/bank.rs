//! `renshe bank`: keys, files out, replies and statements in.

mod exchange;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use shared::{BankCode, Date, Money};

use super::Unusable;
use super::desk::Desk;
use super::period::{Book, money};

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
  renshe bank exchange --actor feed
  renshe bank reply --bank BOC HP_320600-SI_A1-2026-01-320000-1-1-BOC-1.txt
  renshe bank statement --bank BOC --fund employee-pension --area 320000 \\
      --agency 320600-SI --year 2026 DZ_320600-SI_20260115.txt")]
pub enum Bank {
    /// Give one of the two keys to a batch
    #[command(
        after_help = "Example: renshe bank sign A1-2026-01-320000-1-1-BOC-1 --role cashier --actor bo"
    )]
    Sign {
        /// The batch
        batch: String,
        /// accountant or cashier
        #[arg(long)]
        role: String,
    },
    /// Hand a signed batch to its bank
    #[command(after_help = "Example: renshe bank send A1-2026-01-320000-1-1-BOC-1 --actor bo")]
    Send {
        /// The batch
        batch: String,
    },
    /// Take a batch back before it goes out
    #[command(
        after_help = "Example: renshe bank withdraw A1-2026-01-320000-1-1-BOC-1 --reason 收款人死亡"
    )]
    Withdraw {
        /// The batch
        batch: String,
        /// Why, for the record
        #[arg(long)]
        reason: String,
    },
    /// The bank has the file
    #[command(
        after_help = "Example: renshe bank acknowledge A1-2026-01-320000-1-1-BOC-1 --reference R0001"
    )]
    Acknowledge {
        /// The batch
        batch: String,
        /// The bank's own number for the file
        #[arg(long)]
        reference: String,
    },
    /// The bank's debit slip
    #[command(
        after_help = "Example: renshe bank debit A1-2026-01-320000-1-1-BOC-1 --slip D0001 --amount 443036.48 \\
    --date 2026-01-15"
    )]
    Debit {
        /// The batch
        batch: String,
        /// The slip's number
        #[arg(long)]
        slip: String,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
        /// The day of the debit
        #[arg(long)]
        date: Date,
    },
    /// Follow what is on its way to the banks' servers, and take what they left there
    #[command(after_help = "\
What was sent and not yet seen at its bank is looked for, and never sent again blindly. A file of a
bank is taken once its ready mark lies beside it: replies in banks/<bank>/in, statements in
banks/<bank>/in/<book>. `renshe serve` does it by itself.

Example: renshe bank exchange --bank BOC --json")]
    Exchange {
        /// This bank only, such as BOC
        #[arg(long)]
        bank: Option<BankCode>,
    },
    /// Take a reply file and apply it
    #[command(
        after_help = "Example: renshe bank reply --bank BOC HP_320600-SI_A1-2026-01-320000-1-1-BOC-1.txt"
    )]
    Reply {
        /// The bank whose layout it has, such as BOC
        #[arg(long)]
        bank: BankCode,
        /// As the bank named it
        file: PathBuf,
    },
    /// Import a statement of one book's account and match its lines
    #[command(
        after_help = "Example: renshe bank statement --bank BOC --fund employee-pension --area 320000 \\
    --agency 320600-SI --year 2026 DZ_320600-SI_20260115.txt"
    )]
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
        let envelope = desk.envelope();
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
            Self::Exchange { bank } => exchange::run(desk, &node, &envelope, bank).await?,
            Self::Reply { bank, file } => {
                let (name, bytes) = read(desk, &file)?;
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
                let (name, bytes) = read(desk, &file)?;
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
        Ok(())
    }
}

pub(super) fn read(desk: &Desk, named: &Path) -> Result<(String, Vec<u8>)> {
    let (shown, path) = (named.display(), desk.file(named));
    let found = std::fs::metadata(&path).with_context(|| format!("cannot read {shown}"));
    let size = found.map_err(|error| error.context(Unusable::Asked))?.len();
    if size > FILE_BYTES_MAX {
        let large = anyhow!("{shown} has {size} bytes: a bank file has at most {FILE_BYTES_MAX}");
        return Err(large.context(Unusable::Input));
    }
    let name = path.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {shown}"))?;
    Ok((name.to_owned(), bytes))
}
