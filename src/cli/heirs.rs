//! `renshe heirs`: what dead persons were still owed, and who draws it.

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::NameHeir;
use projections::Scope;
use projections::cases::{self, HeirsRow};
use projections::lists::Only;
use serde::Serialize;
use shared::{Date, PayAddressId, PersonId};

use super::cases::{rows, say};
use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A case is named by the dead person. It opens by itself when a death is confirmed: the month of death and
what was unpaid before it are due to the heirs; no attempt goes to the dead person's account. Once an
heir is named, the next back-pay run pays him.

Examples, in the order of the work:
  renshe heirs list --unnamed
  renshe heirs show <person>
  renshe heirs name <person> --heir <person> --address <pay address> --basis 公证书2026-8 \\
      --approver gao --actor hu
  renshe period open --item A1 --month 2026-03 --area 320000 --agency 320600-SI --run back-pay")]
pub enum Heirs {
    /// List the cases
    #[command(after_help = "Example: renshe heirs list --unnamed --json")]
    List {
        /// Only those that nobody draws yet
        #[arg(long)]
        unnamed: bool,
        /// Withdrawn ones too: the death was none
        #[arg(long)]
        all: bool,
        /// Go on behind this person
        #[arg(long, value_name = "PERSON")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show what is due of one case, obligation by obligation
    #[command(after_help = "Example: renshe heirs show <person> --json")]
    Show {
        /// The dead person
        deceased: PersonId,
    },
    /// Name who draws it
    #[command(after_help = "Example: renshe heirs name <person> --heir <person> \\
    --address <pay address> --basis 公证书2026-8 --approver gao")]
    Name {
        /// The dead person
        deceased: PersonId,
        /// Who draws it
        #[arg(long)]
        heir: PersonId,
        /// A pay address of the heir
        #[arg(long)]
        address: PayAddressId,
        /// The document that says so
        #[arg(long)]
        basis: String,
        /// Who approved it: another person
        #[arg(long)]
        approver: String,
    },
}

#[derive(Serialize)]
struct Case {
    deceased: String,
    died_on: Date,
    opened_on: Date,
    obligations: u32,
    owed: String,
    heir: Option<String>,
    named_on: Option<Date>,
    withdrawn_on: Option<Date>,
}

#[derive(Serialize)]
struct Due {
    obligation: String,
    amount: String,
    /// How the obligation stands.
    stage: Option<&'static str>,
}

impl Heirs {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::List { unnamed, all, after, limit } => {
                let mut only = Only::everything();
                if unnamed {
                    only = only.and(Only::Null("heir", true));
                }
                if !all {
                    only = only.and(Only::Null("withdrawn_on", true));
                }
                let found: Vec<HeirsRow> = rows(desk, &only, "deceased", after, limit).await?;
                let shown: Vec<Case> = found.iter().map(case).collect();
                say(desk, &shown, |one| {
                    let Case { deceased, died_on, owed, heir, .. } = one;
                    let who = match heir {
                        Some(heir) => format!("{heir} draws them"),
                        None => "nobody is named".to_owned(),
                    };
                    format!("{deceased}, dead on {died_on}: {owed} yuan are due, {who}")
                })
            }
            Self::Show { deceased } => {
                let node = desk.existing().await?;
                let scope = Scope::everything(desk.actor());
                let found = cases::heirs_dues(&node.train.session()?, &scope, deceased)?;
                let shown: Vec<Due> = found
                    .iter()
                    .map(|(due, own)| Due {
                        obligation: due.obligation.to_string(),
                        amount: due.amount.to_string(),
                        stage: own.as_ref().map(|row| row.stage.code()),
                    })
                    .collect();
                say(desk, &shown, |one| {
                    let Due { obligation, amount, stage } = one;
                    format!("{obligation}: {amount} yuan, {}", stage.unwrap_or("passed on"))
                })
            }
            Self::Name { deceased, heir, address, basis, approver } => {
                let input = NameHeir { deceased, heir, address, basis, approver };
                let node = desk.node().await?;
                let done = node.disbursement.name_heir(&desk.envelope(), &input).await?;
                desk.done(&done, |()| format!("{heir} draws what {deceased} was owed"))
            }
        }
    }
}

fn case(row: &HeirsRow) -> Case {
    Case {
        deceased: row.deceased.to_string(),
        died_on: row.died_on,
        opened_on: row.opened_on,
        obligations: row.obligations,
        owed: row.owed.to_string(),
        heir: row.heir.map(|heir| heir.to_string()),
        named_on: row.named_on,
        withdrawn_on: row.withdrawn_on,
    }
}
