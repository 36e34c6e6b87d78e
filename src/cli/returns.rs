//! `renshe return`: what banks gave back, until it is paid or passed on.

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::{CorrectReturn, NotifyReturn};
use projections::Scope;
use projections::cases::{self, AgeBand, ReturnRow};
use projections::lists::Only;
use serde::Serialize;
use shared::{AttemptId, BankCode, Date, PayAddressId};

use super::cases::{rows, say};
use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A return is named by its attempt: A1/2026-01/whole/0/<person>#1. It is notified, corrected to a
verified account, taken by a reissue run, and closed when the bank pays that.

Examples, in the order of the work:
  renshe return summary
  renshe return list --older-than 30
  renshe return notify 'A1/2026-01/whole/0/<person>#1' --channel sms
  renshe return correct 'A1/2026-01/whole/0/<person>#1' --address <pay address>
  renshe period open --item A1 --month 2026-01 --area 320000 --agency 320600-SI --run reissue")]
pub enum Return {
    /// List the return cases that are open
    #[command(after_help = "Example: renshe return list --bank BOC --older-than 90")]
    List {
        /// Only of this bank
        #[arg(long)]
        bank: Option<BankCode>,
        /// Only those returned more than so many days before today
        #[arg(long, value_name = "DAYS")]
        older_than: Option<i32>,
        /// Closed ones too
        #[arg(long)]
        all: bool,
        /// Go on behind this attempt
        #[arg(long, value_name = "ATTEMPT")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Sum up what stood open in a day's evening, by reason and age
    #[command(after_help = "Example: renshe return summary --day 2026-03-31 --json")]
    Summary {
        /// The day [default: today]
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: Option<Date>,
    },
    /// Record that the payee was told
    #[command(
        after_help = "Example: renshe return notify 'A1/2026-01/whole/0/<person>#1' --channel phone"
    )]
    Notify {
        /// The attempt that came back
        attempt: AttemptId,
        /// How: sms, phone, visit, letter
        #[arg(long)]
        channel: String,
    },
    /// Give it the account of the next attempt
    #[command(
        after_help = "Example: renshe return correct 'A1/2026-01/whole/0/<person>#1' --address <pay address>"
    )]
    Correct {
        /// The attempt that came back
        attempt: AttemptId,
        /// A pay address whose current version is verified
        #[arg(long)]
        address: PayAddressId,
    },
}

#[derive(Serialize)]
struct Case {
    attempt: String,
    bank: String,
    reason: &'static str,
    amount: String,
    returned_on: Date,
    age_days: i32,
    stage: &'static str,
    batch: String,
}

#[derive(Serialize)]
struct Cell {
    reason: &'static str,
    age: &'static str,
    cases: u64,
    people: u64,
    amount: String,
}

impl Return {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::List { bank, older_than, all, after, limit } => {
                let today = desk.existing().await?.executor.today()?;
                let mut only = Only::everything();
                if !all {
                    only = only.and(Only::Null("closed_on", true));
                }
                if let Some(bank) = bank {
                    only = only.and(Only::equal("bank", &bank));
                }
                if let Some(days) = older_than {
                    use jiff::ToSpan as _;
                    let last = today.saturating_sub(days.saturating_add(1).days());
                    only = only.and(Only::at_most("returned_on", &last));
                }
                let found: Vec<ReturnRow> = rows(desk, &only, "case_id", after, limit).await?;
                let shown: Vec<Case> = found.iter().map(|row| case(row, today)).collect();
                say(desk, &shown, |one| {
                    let Case { attempt, bank, reason, amount, age_days, stage, .. } = one;
                    format!("{attempt} {bank} {reason} {amount} yuan, {age_days} days, {stage}")
                })
            }
            Self::Summary { day } => {
                let node = desk.existing().await?;
                let day = match day {
                    Some(day) => day,
                    None => node.executor.today()?,
                };
                let scope = Scope::everything(desk.actor());
                let found =
                    cases::returned(&node.train.session()?, &scope, &Only::everything(), day)?;
                let shown: Vec<Cell> = found
                    .iter()
                    .map(|cell| Cell {
                        reason: cell.reason.code(),
                        age: band(cell.age),
                        cases: cell.cases,
                        people: cell.people,
                        amount: cell.amount.to_string(),
                    })
                    .collect();
                say(desk, &shown, |cell| {
                    let Cell { reason, age, cases, people, amount } = cell;
                    format!("{reason} {age} days: {cases} of {people} people, {amount} yuan")
                })
            }
            Self::Notify { attempt, channel } => {
                let AttemptId { obligation, number } = attempt;
                let input = NotifyReturn { obligation, attempt: number, channel };
                let node = desk.node().await?;
                let done = node.disbursement.notify_return(&desk.envelope(), &input).await?;
                desk.done(&done, |()| format!("return {attempt} is notified"))
            }
            Self::Correct { attempt, address } => {
                let AttemptId { obligation, number } = attempt;
                let input = CorrectReturn { obligation, attempt: number, address };
                let node = desk.node().await?;
                let done = node.disbursement.correct_return(&desk.envelope(), &input).await?;
                desk.done(&done, |()| format!("return {attempt} may be reissued"))
            }
        }
    }
}

fn case(row: &ReturnRow, today: Date) -> Case {
    Case {
        attempt: row.case_id.to_string(),
        bank: row.bank.to_string(),
        reason: row.reason.code(),
        amount: row.amount.to_string(),
        returned_on: row.returned_on,
        age_days: today.since(row.returned_on).map_or(0, |span| span.get_days()),
        stage: row.stage.code(),
        batch: row.batch.clone(),
    }
}

fn band(age: AgeBand) -> &'static str {
    match age {
        AgeBand::UpTo7 => "<=7",
        AgeBand::UpTo30 => "8-30",
        AgeBand::UpTo90 => "31-90",
        AgeBand::Over90 => ">90",
    }
}
