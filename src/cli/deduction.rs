//! `renshe deduction`: what is kept back from pay, and for whom.

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::OrderDeduction;
use disbursement::deduction::Kind;
use projections::cases::DeductionRow;
use projections::lists::Only;
use serde::Serialize;
use shared::{Date, ItemId, Money, Month, OrganisationId, PersonId};

use super::cases::{rows, say, word};
use super::desk::Desk;
use super::period::{Book, money};

#[derive(Debug, Subcommand)]
#[command(after_help = "\
What is kept back for a third party (mutual_aid 互助, court 司法扣划) is owed to it and remitted; what was
paid too much (excess 超额扣减, special_refund 特殊退发) stays with the fund. A line that is netted to 0.00
settles without an instruction.

Examples, in the order of the work:
  renshe deduction order --kind court --item A1 --person <person> --third-party <organisation> \\
      --per-month 500.00 --from 2026-02 --basis '(2026)苏0602执88号' --approver gao --actor hu
  renshe deduction list --open
  renshe deduction remit <deduction> --fund employee-pension --area 320000 --agency 320600-SI \\
      --year 2026 --amount 500.00 --reference F-1
  renshe deduction end <deduction> --reason 履行完毕")]
pub enum Deduction {
    /// Order that something is kept back
    #[command(after_help = "Example: renshe deduction order --kind mutual_aid --item A1 \\
    --person <person> --third-party <organisation> --per-month 50.00 --from 2026-02 \\
    --basis 互助协议 --approver gao")]
    Order {
        /// What for: mutual_aid, court, excess, special_refund
        #[arg(long)]
        kind: String,
        /// The pay item, such as A1
        #[arg(long)]
        item: ItemId,
        /// From whose pay
        #[arg(long)]
        person: PersonId,
        /// Whom the money is owed to: for mutual aid and courts
        #[arg(long)]
        third_party: Option<OrganisationId>,
        /// The most that a month gives up, in yuan [default: all of it]
        #[arg(long, value_parser = money)]
        per_month: Option<Money>,
        /// In all, in yuan: for excess and special refunds
        #[arg(long, value_parser = money)]
        total: Option<Money>,
        /// The first month
        #[arg(long)]
        from: Month,
        /// The last month [default: until it is ended]
        #[arg(long)]
        to: Option<Month>,
        /// The document
        #[arg(long)]
        basis: String,
        /// Who approved it: another person
        #[arg(long)]
        approver: String,
    },
    /// End a deduction: from now on nothing is kept back by it
    #[command(after_help = "Example: renshe deduction end <deduction> --reason 履行完毕")]
    End {
        /// The deduction
        deduction: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Pass what was kept on to the third party
    #[command(after_help = "Example: renshe deduction remit <deduction> --fund employee-pension \\
    --area 320000 --agency 320600-SI --year 2026 --amount 500.00 --reference F-1")]
    Remit {
        /// The deduction
        deduction: String,
        #[command(flatten)]
        book: Book,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
        /// The document behind it
        #[arg(long)]
        reference: String,
    },
    /// List deductions, with what was kept and passed on
    #[command(after_help = "Example: renshe deduction list --open --person <person> --json")]
    List {
        /// Only those that have not ended
        #[arg(long)]
        open: bool,
        /// Only from this person's pay
        #[arg(long)]
        person: Option<PersonId>,
        /// Go on behind this deduction
        #[arg(long, value_name = "DEDUCTION")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

#[derive(Serialize)]
struct Kept {
    deduction: String,
    kind: &'static str,
    item: String,
    person: String,
    third_party: Option<String>,
    per_month: Option<String>,
    total: Option<String>,
    from: String,
    to: Option<String>,
    kept: String,
    remitted: String,
    ended_on: Option<Date>,
}

impl Deduction {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::Order {
                kind,
                item,
                person,
                third_party,
                per_month,
                total,
                from,
                to,
                basis,
                approver,
            } => {
                let kind = word(Kind::ALL.iter().copied(), &kind, Kind::code, "no kind")?;
                let input = OrderDeduction {
                    kind,
                    item,
                    person,
                    third_party,
                    per_month,
                    total,
                    from,
                    to,
                    basis,
                    approver,
                };
                let node = desk.node().await?;
                let done = node.disbursement.order_deduction(&desk.envelope(), &input).await?;
                desk.done(&done, |id| format!("deduction {id} keeps back from {from} on"))
            }
            Self::End { deduction, reason } => {
                let node = desk.node().await?;
                let by = desk.envelope();
                let done = node.disbursement.end_deduction(&by, &deduction, &reason).await?;
                desk.done(&done, |()| format!("deduction {deduction} has ended"))
            }
            Self::Remit { deduction, book, amount, reference } => {
                let node = desk.node().await?;
                let (by, key) = (desk.envelope(), book.key());
                let pay = &node.disbursement;
                let done = pay.remit_deduction(&by, key, &deduction, amount, &reference).await?;
                desk.done(&done, |()| format!("{amount} yuan of deduction {deduction} went on"))
            }
            Self::List { open, person, after, limit } => {
                let mut only = Only::everything();
                if open {
                    only = only.and(Only::Null("ended_on", true));
                }
                if let Some(person) = person {
                    only = only.and(Only::equal("person", &person));
                }
                let found: Vec<DeductionRow> = rows(desk, &only, "deduction", after, limit).await?;
                let shown: Vec<Kept> = found.iter().map(kept).collect();
                say(desk, &shown, |one| {
                    let Kept { deduction, kind, item, person, kept, remitted, .. } = one;
                    format!(
                        "{deduction} {kind} of {item}, {person}: {kept} kept, {remitted} gone on"
                    )
                })
            }
        }
    }
}

fn kept(row: &DeductionRow) -> Kept {
    Kept {
        deduction: row.deduction.clone(),
        kind: row.kind.code(),
        item: row.item.to_string(),
        person: row.person.to_string(),
        third_party: row.third_party.map(|third| third.to_string()),
        per_month: row.per_month.map(|sum| sum.to_string()),
        total: row.whole.map(|sum| sum.to_string()),
        from: row.from_month.to_string(),
        to: row.to_month.map(|month| month.to_string()),
        kept: row.kept.to_string(),
        remitted: row.remitted.to_string(),
        ended_on: row.ended_on,
    }
}
