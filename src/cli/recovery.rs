//! `renshe recovery`: what was overpaid, on its way back.

mod step;

use anyhow::Result;
use clap::Subcommand;
use projections::Scope;
use projections::cases::{self, RecoveryRow};
use projections::lists::Only;
use serde::Serialize;
use shared::Date;

use self::step::Step;
use super::cases::{rows, say};
use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A recovery is named by the obligation that was overpaid: A1/2026-02/whole/0/<person>. It opens by
itself when an overpayment is found; then it is demanded in writing, and paid back, offset or written
off. Recovered money enters the income account or the fiscal account, never the expenditure account.

Examples, in the order of the work:
  renshe recovery find A1/2026-02/whole/0/<person> --reason after_death
  renshe recovery list
  renshe recovery demand A1/2026-02/whole/0/<person> --notice 通-2026-3 --due 2026-04-30
  renshe recovery receive A1/2026-02/whole/0/<person> --serial T-9 --amount 500.00 \\
      --into income
  renshe recovery outstanding --day 2026-03-31")]
pub enum Recovery {
    /// List the recoveries of which something is owed
    #[command(after_help = "Example: renshe recovery list --fund employee-pension --json")]
    List {
        /// Only of this fund
        #[arg(long)]
        fund: Option<shared::FundCode>,
        /// Settled and withdrawn ones too
        #[arg(long)]
        all: bool,
        /// Go on behind this obligation
        #[arg(long, value_name = "OBLIGATION")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Sum up what was still owed at the end of a day, by fund
    #[command(after_help = "Example: renshe recovery outstanding --day 2026-03-31")]
    Outstanding {
        /// The day [default: today]
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: Option<Date>,
    },
    #[command(flatten)]
    Step(Step),
}

#[derive(Serialize)]
struct Owed {
    obligation: String,
    fund: String,
    stage: &'static str,
    found_on: Date,
    amount: String,
    owed: String,
    due: Option<Date>,
}

#[derive(Serialize)]
struct Fund {
    fund: String,
    recoveries: u64,
    people: u64,
    found: String,
    moved: String,
    owed: String,
}

impl Recovery {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::List { fund, all, after, limit } => {
                let mut only = Only::everything();
                if !all {
                    only = only.and(Only::Null("ended_on", true));
                }
                if let Some(fund) = fund {
                    only = only.and(Only::equal("fund", &fund));
                }
                let found: Vec<RecoveryRow> = rows(desk, &only, "obligation", after, limit).await?;
                let shown: Vec<Owed> = found.iter().map(owed).collect();
                say(desk, &shown, |one| {
                    let Owed { obligation, stage, amount, owed, .. } = one;
                    format!("{obligation} {stage}: {owed} of {amount} yuan is owed")
                })
            }
            Self::Outstanding { day } => outstanding(desk, day).await,
            Self::Step(step) => step.run(desk).await,
        }
    }
}

async fn outstanding(desk: &Desk, day: Option<Date>) -> Result<()> {
    let node = desk.existing().await?;
    let day = match day {
        Some(day) => day,
        None => node.executor.today()?,
    };
    let scope = Scope::everything(desk.actor());
    let found = cases::outstanding(&node.train.session()?, &scope, &Only::everything(), day)?;
    let shown: Vec<Fund> = found
        .iter()
        .map(|one| Fund {
            fund: one.fund.to_string(),
            recoveries: one.recoveries,
            people: one.people,
            found: one.found.to_string(),
            moved: one.moved.to_string(),
            owed: one.owed().to_string(),
        })
        .collect();
    say(desk, &shown, |one| {
        let Fund { fund, recoveries, found, owed, .. } = one;
        format!("{fund}: {recoveries} recoveries, {owed} of {found} yuan is owed")
    })
}

fn owed(row: &RecoveryRow) -> Owed {
    Owed {
        obligation: row.obligation.to_string(),
        fund: row.fund.to_string(),
        stage: row.stage.code(),
        found_on: row.found_on,
        amount: row.amount.to_string(),
        owed: row.owed.to_string(),
        due: row.due,
    }
}
