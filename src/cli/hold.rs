//! `renshe hold`: what is kept out of the bank files.

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::{HoldLine, ReleaseLine};
use disbursement::part::Hold as Reason;
use projections::cases::{HoldRow, ObligationRow};
use projections::lists::Only;
use serde::Serialize;
use shared::{Date, ObligationId};

use super::cases::{rows, say, word};
use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A line is named by its obligation: A1/2026-02/whole/0/<person>. It can be held until its bank file is
made; a hold that is lifted in time goes into that file, a later one into a back-pay run.

Examples:
  renshe hold put A1/2026-02/whole/0/<person> --reason in_dispute --verify-by 2026-02-20
  renshe hold list --overdue
  renshe hold past --after A1/2026-02/whole/0/<person>
  renshe hold release A1/2026-02/whole/0/<person> --reason 核实无误")]
pub enum Hold {
    /// List what is held
    #[command(after_help = "Example: renshe hold list --overdue")]
    List {
        /// Only those whose last day to find out is over
        #[arg(long)]
        overdue: bool,
        /// Go on behind this obligation
        #[arg(long, value_name = "OBLIGATION")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// List the holds that are over, with what became of each
    #[command(after_help = "Example: renshe hold past --json")]
    Past {
        /// Go on behind this obligation
        #[arg(long, value_name = "OBLIGATION")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Hold a line
    #[command(after_help = "Example: renshe hold put A1/2026-02/whole/0/<person> --reason ordered")]
    Put {
        /// The obligation
        obligation: ObligationId,
        /// Why: ordered, in_dispute, account_unusable, address_changed, death_reported
        #[arg(long)]
        reason: String,
        /// The last day to find out
        #[arg(long, value_name = "YYYY-MM-DD")]
        verify_by: Option<Date>,
    },
    /// Release a line
    #[command(
        after_help = "Example: renshe hold release A1/2026-02/whole/0/<person> --reason 核实无误"
    )]
    Release {
        /// The obligation
        obligation: ObligationId,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

#[derive(Serialize)]
struct Held {
    obligation: String,
    reason: Option<&'static str>,
    amount: String,
    since: Date,
    verify_by: Option<Date>,
    by: String,
}

#[derive(Serialize)]
struct Past {
    obligation: String,
    reason: &'static str,
    amount: String,
    held_on: Date,
    held_by: String,
    ended_on: Option<Date>,
    ended_by: Option<String>,
    became: Option<&'static str>,
    end_reason: Option<String>,
}

impl Hold {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::List { overdue, after, limit } => {
                let mut only = Only::equal("stage", &"held".to_owned());
                if overdue {
                    let today = desk.existing().await?.executor.today()?;
                    only = only.and(Only::at_most("verify_by", &today.yesterday()?));
                }
                let found: Vec<ObligationRow> =
                    rows(desk, &only, "obligation", after, limit).await?;
                let shown: Vec<Held> = found.iter().map(held).collect();
                say(desk, &shown, |one| {
                    let Held { obligation, reason, amount, since, verify_by, .. } = one;
                    let by = verify_by.map(|day| format!(", to be verified by {day}"));
                    let (reason, by) = (reason.unwrap_or("held"), by.unwrap_or_default());
                    format!("{obligation} {reason}: {amount} yuan since {since}{by}")
                })
            }
            Self::Past { after, limit } => {
                let only = Only::Null("ended_on", false);
                let found: Vec<HoldRow> = rows(desk, &only, "obligation", after, limit).await?;
                let shown: Vec<Past> = found.iter().map(past).collect();
                say(desk, &shown, |one| {
                    let Past { obligation, reason, amount, held_on, became, .. } = one;
                    let until = one.ended_on.map(|day| format!(" to {day}")).unwrap_or_default();
                    let became = became.unwrap_or("over");
                    format!("{obligation} {reason}: {amount} yuan from {held_on}{until}, {became}")
                })
            }
            Self::Put { obligation, reason, verify_by } => {
                let reason = word(Reason::ALL, &reason, Reason::code, "no reason")?;
                let input = HoldLine { obligation, reason, verify_by };
                let node = desk.node().await?;
                let done = node.disbursement.hold_line(&desk.envelope(), &input).await?;
                desk.done(&done, |()| format!("{obligation} is held"))
            }
            Self::Release { obligation, reason } => {
                let input = ReleaseLine { obligation, reason };
                let node = desk.node().await?;
                let done = node.disbursement.release_line(&desk.envelope(), &input).await?;
                desk.done(&done, |()| format!("{obligation} is released"))
            }
        }
    }
}

fn held(row: &ObligationRow) -> Held {
    Held {
        obligation: row.obligation.to_string(),
        reason: row.hold_reason.map(Reason::code),
        amount: row.amount.to_string(),
        since: row.since,
        verify_by: row.verify_by,
        by: row.changed_by.clone(),
    }
}

fn past(row: &HoldRow) -> Past {
    Past {
        obligation: row.obligation.to_string(),
        reason: row.reason.code(),
        amount: row.amount.to_string(),
        held_on: row.held_on,
        held_by: row.held_by.clone(),
        ended_on: row.ended_on,
        ended_by: row.ended_by.clone(),
        became: row.became.map(|stage| stage.code()),
        end_reason: row.end_reason.clone(),
    }
}
