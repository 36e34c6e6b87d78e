//! `renshe recovery`: what was overpaid, on its way back.

use anyhow::{Context as _, Result};
use clap::{Subcommand, ValueEnum};
use commands::disbursement::FindOverpayment;
use disbursement::obligation::NotOwed;
use disbursement::recovery::{Instalment, Place};
use projections::Scope;
use projections::cases::{self, RecoveryRow};
use projections::lists::Only;
use serde::Serialize;
use shared::{Date, Money, ObligationId};

use super::cases::{rows, say};
use super::desk::Desk;
use super::failed::Unusable;
use super::period::money;

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
    /// Find that a paid line was not owed
    #[command(
        after_help = "Example: renshe recovery find A1/2026-02/whole/0/<person> --reason after_death"
    )]
    Find {
        /// The obligation
        obligation: ObligationId,
        /// Why: after_death, duplicate, competing_benefit, conditions_lost, mistake
        #[arg(long)]
        reason: String,
        /// In yuan [default: all that was paid]
        #[arg(long, value_parser = money)]
        amount: Option<Money>,
    },
    /// Open and book it, where it did not open by itself
    #[command(after_help = "Example: renshe recovery open A1/2026-02/whole/0/<person>")]
    Open {
        /// The obligation
        obligation: ObligationId,
    },
    /// Demand the money in writing
    #[command(after_help = "Example: renshe recovery demand A1/2026-02/whole/0/<person> \\
    --notice 通-2026-3 --due 2026-04-30")]
    Demand {
        /// The obligation
        obligation: ObligationId,
        /// The number of the notice
        #[arg(long)]
        notice: String,
        /// By when it asks for the money
        #[arg(long, value_name = "YYYY-MM-DD")]
        due: Date,
    },
    /// Agree instalments: together they are what is owed
    #[command(after_help = "Example: renshe recovery agree A1/2026-02/whole/0/<person> \\
    --agreement 协-2026-1 --instalment 2026-04-30=300.00 --instalment 2026-05-31=200.00")]
    Agree {
        /// The obligation
        obligation: ObligationId,
        /// The number of the agreement
        #[arg(long)]
        agreement: String,
        /// Each as due=amount, in the order of their days
        #[arg(long, required = true, value_name = "YYYY-MM-DD=YUAN", value_parser = instalment)]
        instalment: Vec<Instalment>,
    },
    /// Record that money came back
    #[command(after_help = "Example: renshe recovery receive A1/2026-02/whole/0/<person> \\
    --serial T-9 --amount 500.00 --into income")]
    Receive {
        /// The obligation
        obligation: ObligationId,
        /// The bank's serial
        #[arg(long)]
        serial: String,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
        /// Where it arrived
        #[arg(long, value_enum)]
        into: Into,
    },
    /// Set what a deduction kept back against it, inside one fund
    #[command(after_help = "Example: renshe recovery offset A1/2026-02/whole/0/<person> \\
    --deduction <id> --against A1/2026-03/whole/0/<person> --amount 500.00")]
    Offset {
        /// The obligation
        obligation: ObligationId,
        /// The deduction that kept it back
        #[arg(long)]
        deduction: String,
        /// The obligation that was paid less
        #[arg(long)]
        against: ObligationId,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
    },
    /// Send it to court
    #[command(after_help = "Example: renshe recovery court A1/2026-02/whole/0/<person> \\
    --court 崇川区人民法院 --case （2026）苏0602民初1号")]
    Court {
        /// The obligation
        obligation: ObligationId,
        /// The court
        #[arg(long)]
        court: String,
        /// Its case number
        #[arg(long)]
        case: String,
    },
    /// Write off what cannot be had, with an outside approval
    #[command(after_help = "Example: renshe recovery write-off A1/2026-02/whole/0/<person> \\
    --approval 人社核〔2026〕1号 --authority 南通市人社局 --amount 500.00")]
    WriteOff {
        /// The obligation
        obligation: ObligationId,
        /// The number of the approval
        #[arg(long)]
        approval: String,
        /// Who gave it
        #[arg(long)]
        authority: String,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
    },
    /// Withdraw what was found by mistake
    #[command(after_help = "Example: renshe recovery withdraw A1/2026-02/whole/0/<person> \\
    --reason 死亡信息有误")]
    Withdraw {
        /// The obligation
        obligation: ObligationId,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// Where recovered money may arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Into {
    /// The income account
    Income,
    /// The fiscal account
    Fiscal,
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
                return say(desk, &shown, |one| {
                    let Owed { obligation, stage, amount, owed, .. } = one;
                    format!("{obligation} {stage}: {owed} of {amount} yuan is owed")
                });
            }
            Self::Outstanding { day } => return outstanding(desk, day).await,
            _ => {}
        }
        let node = desk.node().await?;
        let (pay, envelope) = (&node.disbursement, desk.envelope());
        let (id, done, what) = match self {
            Self::List { .. } | Self::Outstanding { .. } => return Ok(()),
            Self::Find { obligation, reason, amount } => {
                let known = NotOwed::ALL.iter().copied().find(|one| one.code() == reason);
                let reason = known.with_context(|| format!("{reason} is no reason: see --help"));
                let reason = reason.map_err(|error| error.context(Unusable::Asked))?;
                let input = FindOverpayment { obligation, amount, reason };
                (obligation, pay.find_overpayment(&envelope, &input).await?, "is overpaid")
            }
            Self::Open { obligation } => {
                let done = pay.open_recovery(&envelope, obligation).await?;
                return desk.done(&done, |id| format!("recovery {id} is open"));
            }
            Self::Demand { obligation: id, notice, due } => {
                (id, pay.demand_recovery(&envelope, id, &notice, due).await?, "is demanded")
            }
            Self::Agree { obligation: id, agreement, instalment } => {
                let done = pay.agree_instalments(&envelope, id, &agreement, &instalment).await?;
                (id, done, "is agreed")
            }
            Self::Receive { obligation: id, serial, amount, into } => {
                let into = match into {
                    Into::Income => Place::IncomeAccount,
                    Into::Fiscal => Place::FiscalAccount,
                };
                let done = pay.receive_repayment(&envelope, id, &serial, amount, into).await?;
                (id, done, "has a repayment")
            }
            Self::Offset { obligation: id, deduction, against, amount } => {
                let done = pay.offset_recovery(&envelope, id, &deduction, against, amount).await?;
                (id, done, "is offset")
            }
            Self::Court { obligation: id, court, case } => {
                (id, pay.send_to_court(&envelope, id, &court, &case).await?, "is in court")
            }
            Self::WriteOff { obligation: id, approval, authority, amount } => {
                let done =
                    pay.write_off_recovery(&envelope, id, &approval, &authority, amount).await?;
                (id, done, "is written off")
            }
            Self::Withdraw { obligation: id, reason } => {
                (id, pay.withdraw_recovery(&envelope, id, &reason).await?, "is withdrawn")
            }
        };
        desk.done(&done, |()| format!("{id} {what}"))
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

fn instalment(text: &str) -> Result<Instalment, String> {
    let (due, amount) = text.split_once('=').ok_or("an instalment is a day, = and yuan")?;
    let due = due.parse().map_err(|_| "a day is written yyyy-mm-dd".to_owned())?;
    Ok(Instalment { due, amount: money(amount)? })
}
