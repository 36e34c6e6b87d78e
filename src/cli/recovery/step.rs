//! One step of a recovery as a sub-command.

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use commands::disbursement::FindOverpayment;
use disbursement::obligation::NotOwed;
use disbursement::recovery::{Instalment, Place};
use shared::{Date, Money, ObligationId};

use crate::cli::cases::word;
use crate::cli::desk::Desk;
use crate::cli::period::money;

#[derive(Debug, Subcommand)]
pub enum Step {
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
        into: Account,
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
pub enum Account {
    /// The income account
    Income,
    /// The fiscal account
    Fiscal,
}

impl Step {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.node().await?;
        let (pay, envelope) = (&node.disbursement, desk.envelope());
        let (id, done, what) = match self {
            Self::Find { obligation, reason, amount } => {
                let all = NotOwed::ALL.iter().copied();
                let reason = word(all, &reason, NotOwed::code, "no reason")?;
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
                    Account::Income => Place::IncomeAccount,
                    Account::Fiscal => Place::FiscalAccount,
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

fn instalment(text: &str) -> Result<Instalment, String> {
    let (due, amount) = text.split_once('=').ok_or("an instalment is a day, = and yuan")?;
    let due = due.parse().map_err(|_| "a day is written yyyy-mm-dd".to_owned())?;
    Ok(Instalment { due, amount: money(amount)? })
}
