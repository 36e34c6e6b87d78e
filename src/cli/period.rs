//! `renshe period`: an item-period from opening to its certificate.

use anyhow::Result;
use clap::{Args, Subcommand};
use commands::disbursement::{BookKey, OpenRun};
use kernel::process::derived_id;
use shared::{AgencyCode, AreaCode, Date, FundCode, ItemId, Money, Month, RunType};

use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A plan is named by item, month, area and number: A1-2026-01-320000-1; its item-period by the first
three.

Examples, in the order of the work (then `renshe bank`, then certificate and close):
  renshe period open --item A1 --month 2026-01 --area 320000 --agency 320600-SI
  renshe period calculate A1-2026-01-320000-1
  renshe period submit A1-2026-01-320000-1 --actor handler
  renshe period review A1-2026-01-320000-1 --role checker --actor anna
  renshe period open-book --fund employee-pension --area 320000 --agency 320600-SI --year 2026
  renshe period appropriate --fund employee-pension --area 320000 --agency 320600-SI \\
      --year 2026 --amount 1315599.08 --reference BK-1
  renshe period reserve A1-2026-01-320000-1
  renshe period compose A1-2026-01-320000-1
  renshe period certificate A1-2026-01-320000 --statement BOC-…-2026-01-15
  renshe period close A1-2026-01-320000")]
pub enum Period {
    /// Open a run, and its item-period if it is the first
    #[command(
        after_help = "Example: renshe period open --item A1 --month 2026-01 --area 320000 --agency 320600-SI"
    )]
    Open(Open),
    /// Freeze whom the plan concerns, and calculate every line
    #[command(after_help = "Example: renshe period calculate A1-2026-01-320000-1")]
    Calculate {
        /// The plan
        plan: String,
    },
    /// Submit a calculated plan to its review chain
    #[command(after_help = "Example: renshe period submit A1-2026-01-320000-1 --actor handler")]
    Submit {
        /// The plan
        plan: String,
    },
    /// Review a plan in a role
    #[command(
        after_help = "Example: renshe period review A1-2026-01-320000-1 --role checker --actor anna"
    )]
    Review {
        /// The plan
        plan: String,
        /// The role whose turn it is
        #[arg(long)]
        role: String,
    },
    /// Send a plan back to its handler
    #[command(
        after_help = "Example: renshe period send-back A1-2026-01-320000-1 --role checker --actor anna \\
    --reason 名单有误"
    )]
    SendBack {
        /// The plan
        plan: String,
        /// The role whose turn it is
        #[arg(long)]
        role: String,
        /// Why, for the handler
        #[arg(long)]
        reason: String,
    },
    /// Open a book for a year
    #[command(
        after_help = "Example: renshe period open-book --fund employee-pension --area 320000 --agency 320600-SI \\
    --year 2026"
    )]
    OpenBook {
        #[command(flatten)]
        book: Book,
        /// What its accounts hold, in yuan
        #[arg(long, default_value = "0.00", value_parser = money)]
        opening: Money,
    },
    /// Money has arrived in the expenditure account
    #[command(
        after_help = "Example: renshe period appropriate --fund employee-pension --area 320000 \\
    --agency 320600-SI --year 2026 --amount 1315599.08 --reference BK-1"
    )]
    Appropriate {
        #[command(flatten)]
        book: Book,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
        /// The document that proves it
        #[arg(long)]
        reference: String,
    },
    /// Reserve what an approved plan needs
    #[command(after_help = "Example: renshe period reserve A1-2026-01-320000-1")]
    Reserve {
        /// The plan
        plan: String,
    },
    /// Compose the bank files of a funded plan
    #[command(after_help = "Example: renshe period compose A1-2026-01-320000-1")]
    Compose {
        /// The plan
        plan: String,
    },
    /// Draw up the certificate
    #[command(after_help = "Example: renshe period certificate A1-2026-01-320000 \\
    --statement BOC-employee-pension-320000-320600-SI-2026-2026-01-15")]
    Certificate {
        /// The item-period
        period: String,
        /// The statements that prove its debits and credits
        #[arg(long)]
        statement: Vec<String>,
    },
    /// Close on the certificate
    #[command(after_help = "Example: renshe period close A1-2026-01-320000 --actor director")]
    Close {
        /// The item-period
        period: String,
    },
}

#[derive(Debug, Args)]
pub struct Open {
    /// The pay item, such as A1
    #[arg(long)]
    item: ItemId,
    /// The month that is paid, such as 2026-01
    #[arg(long)]
    month: Month,
    /// The pooling area: a division code
    #[arg(long)]
    area: AreaCode,
    /// Who pays, such as 320600-SI
    #[arg(long)]
    agency: AgencyCode,
    /// Which of the item's funds pays, if not the usual one
    #[arg(long)]
    fund: Option<FundCode>,
    /// normal, back_pay, reissue, sporadic or one_off
    #[arg(long, default_value = "normal")]
    run: RunType,
    /// Where the calendar has none
    #[arg(long)]
    pay_day: Option<Date>,
    /// Why it opens although the month before is open
    #[arg(long)]
    exception: Option<String>,
}

#[derive(Debug, Args)]
pub struct Book {
    /// The fund, such as employee-pension
    #[arg(long)]
    fund: FundCode,
    /// The pooling area: a division code
    #[arg(long)]
    area: AreaCode,
    /// Whose book it is, such as 320600-SI
    #[arg(long)]
    agency: AgencyCode,
    /// The book's year
    #[arg(long)]
    year: i16,
}

impl Book {
    pub fn key(&self) -> BookKey {
        BookKey { fund: self.fund, area: self.area, agency: self.agency, year: self.year }
    }
}

pub fn money(text: &str) -> Result<Money, String> {
    Money::parse(text).map_err(|fault| fault.to_string())
}

impl Period {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.node().await?;
        let pay = &node.disbursement;
        let envelope = desk.envelope();
        match self {
            Self::Open(open) => {
                let input = OpenRun {
                    item: open.item,
                    month: open.month,
                    area: open.area,
                    run: open.run,
                    agency: open.agency,
                    fund: open.fund,
                    pay_day: open.pay_day,
                    exception: open.exception,
                };
                let done = pay.open_run(&envelope, &input).await?;
                desk.done(&done, |plan| format!("plan {plan} is open"))?;
            }
            Self::Calculate { plan } => {
                // The chunks of the calculation have ids of their own that follow from the command's.
                let freeze = derived_id("period freeze", &[envelope.command_id.as_bytes()]);
                pay.freeze(&envelope.step(freeze), &plan).await?;
                let done = pay.calculate(&envelope, &plan).await?;
                desk.done(&done, |sums| {
                    let (lines, net, excluded) = (sums.lines, sums.net, sums.excluded);
                    format!("{lines} lines, {net} yuan; {excluded} grants excluded")
                })?;
            }
            Self::Submit { plan } => {
                let done = pay.submit(&envelope, &plan).await?;
                desk.done(&done, |()| format!("plan {plan} is submitted"))?;
            }
            Self::Review { plan, role } => {
                let done = pay.review(&envelope, &plan, &role).await?;
                desk.done(&done, |approved| {
                    let what = if *approved { "approved" } else { "passed one level" };
                    format!("plan {plan} is {what}")
                })?;
            }
            Self::SendBack { plan, role, reason } => {
                let done = pay.send_back(&envelope, &plan, &role, &reason).await?;
                desk.done(&done, |()| format!("plan {plan} is sent back"))?;
            }
            Self::OpenBook { book, opening } => {
                let done = pay.open_book(&envelope, book.key(), opening).await?;
                desk.done(&done, |book| format!("book {book} is open"))?;
            }
            Self::Appropriate { book, amount, reference } => {
                let key = book.key();
                let done = pay.receive_appropriation(&envelope, key, amount, &reference).await?;
                desk.done(&done, |()| format!("{amount} yuan received in {key}"))?;
            }
            Self::Reserve { plan } => {
                let done = pay.reserve(&envelope, &plan).await?;
                desk.done(&done, |()| format!("funds of plan {plan} are reserved"))?;
            }
            Self::Compose { plan } => {
                let done = pay.compose(&envelope, &plan).await?;
                desk.done(&done, |composed| {
                    let (sum, batches) = (composed.instructed, composed.batches.join("\n"));
                    format!("{sum} yuan in {} batches\n{batches}", composed.batches.len())
                })?;
            }
            Self::Certificate { period, statement } => {
                let done = pay.certify(&envelope, &period, &statement).await?;
                desk.done(&done, |certificate| {
                    serde_json::to_string_pretty(certificate).unwrap_or_default()
                })?;
            }
            Self::Close { period } => {
                let done = pay.close(&envelope, &period).await?;
                desk.done(&done, |()| format!("item-period {period} is closed"))?;
            }
        }
        Ok(())
    }
}
