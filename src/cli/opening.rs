//! `renshe opening`: what was paid before the cut-over, and what must never be paid again.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::EnterOpening;
use commands::ports::put;
use disbursement::opening::Settled;
use projections::Scope;
use projections::payments::{self, OpeningRow};
use serde::Serialize;
use shared::{AreaCode, Component, Date, ItemId, Money};
use sheets::{Cells, Column, Columns, Kind};

use super::bank::read;
use super::desk::Desk;
use super::period::money;
use super::table::{self, column};

const COLUMNS: [Column; 6] = [
    column("person", &["人员编号", "person"], Kind::Text, true),
    column("month", &["待遇月份", "month"], Kind::Month, true),
    column("amount", &["金额", "amount"], Kind::Money, true),
    column("component", &["待遇构成", "component"], Kind::Text, false),
    column("adjustment", &["调整序号", "adjustment"], Kind::Integer, false),
    column("returned", &["退票原因", "returned"], Kind::Text, false),
];

#[derive(Debug, Subcommand)]
#[command(after_help = "\
An opening is one item's in one pooling area. It is entered before the first run, and sealed with the
number of obligations that its list names.

The list of obligations is a CSV file: 人员编号 待遇月份 金额 [待遇构成 调整序号 退票原因]. Whose 退票原因
(R01…R99) is given waits for its second attempt; all others are settled and never planned again.

Examples, in the order of the work:
  renshe opening enter --item A1 --area 320000 --as-of 2025-12-31 --people 2600 \\
      --payments 31200 --money 93600000.00 --proof list.pdf
  renshe opening settle --item A1 --area 320000 obligations.csv
  renshe opening seal --item A1 --area 320000 --declared 31203
  renshe opening show")]
pub enum Opening {
    /// Enter people, payments and money up to a day
    #[command(
        after_help = "Example: renshe opening enter --item A1 --area 320000 --as-of 2025-12-31 --people 2600 \\
    --payments 31200 --money 93600000.00 --proof list.pdf"
    )]
    Enter {
        /// The pay item, such as A1
        #[arg(long)]
        item: ItemId,
        /// The pooling area: a division code
        #[arg(long)]
        area: AreaCode,
        /// The last day that it counts
        #[arg(long)]
        as_of: Date,
        /// Distinct people
        #[arg(long)]
        people: u32,
        /// Payments
        #[arg(long)]
        payments: u64,
        /// In yuan
        #[arg(long, value_parser = money)]
        money: Money,
        /// The document that proves it; it is kept
        #[arg(long)]
        proof: PathBuf,
    },
    /// Enter obligations that are settled, or were returned and wait
    #[command(
        after_help = "Example: renshe opening settle --item A1 --area 320000 obligations.csv"
    )]
    Settle {
        /// The pay item, such as A1
        #[arg(long)]
        item: ItemId,
        /// The pooling area: a division code
        #[arg(long)]
        area: AreaCode,
        /// A .csv file with a header
        file: PathBuf,
    },
    /// Seal it: payments may begin
    #[command(after_help = "Example: renshe opening seal --item A1 --area 320000 --declared 31203")]
    Seal {
        /// The pay item, such as A1
        #[arg(long)]
        item: ItemId,
        /// The pooling area: a division code
        #[arg(long)]
        area: AreaCode,
        /// How many obligations the list names
        #[arg(long)]
        declared: u32,
    },
    /// Show every opening, and what was ever paid
    #[command(after_help = "Example: renshe opening show --json")]
    Show,
}

#[derive(Debug, Serialize)]
struct Shown {
    openings: Vec<One>,
    people: u64,
    payments: u64,
    money: Money,
}

#[derive(Debug, Serialize)]
struct One {
    opening: String,
    stage: String,
    as_of: Date,
    people: u32,
    payments: u64,
    money: Money,
    settled: u32,
    returned: u32,
}

impl Opening {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.node().await?;
        let pay = &node.disbursement;
        let envelope = desk.envelope();
        match self {
            Self::Enter { item, area, as_of, people, payments, money, proof } => {
                let (_, bytes) = read(desk, &proof)?;
                let artefact = put(&*node.artefacts, &bytes).await?.id;
                let input = EnterOpening { item, area, as_of, people, payments, money, artefact };
                let done = pay.enter_opening(&envelope, &input).await?;
                desk.done(&done, |()| format!("the opening of {item} in {area} is entered"))
            }
            Self::Settle { item, area, file } => {
                let columns = Columns::new(COLUMNS);
                let columns = columns.unique_by(["person", "month", "component", "adjustment"]);
                let all = table::whole(desk, &file, &columns, obligation)?;
                let done = pay.settle_opening(&envelope, item, area, &all).await?;
                desk.done(&done, |count| format!("{count} obligations are entered"))
            }
            Self::Seal { item, area, declared } => {
                let done = pay.seal_opening(&envelope, item, area, declared).await?;
                desk.done(&done, |()| format!("the opening of {item} in {area} is sealed"))
            }
            Self::Show => {
                node.caught_up().await?;
                let (session, scope) = (node.train.session()?, Scope::everything(envelope.actor));
                let all = payments::served(&session, &scope)?;
                let rows = payments::openings(&session, &scope)?;
                let shown = Shown {
                    openings: rows.into_iter().map(One::from).collect(),
                    people: all.people(),
                    payments: all.payments(),
                    money: all.money(),
                };
                desk.say(&shown, || {
                    let lines = shown.openings.iter().map(|one| {
                        format!(
                            "{}: {} people, {} payments, {} yuan up to {}; {} settled, {} wait; {}",
                            one.opening,
                            one.people,
                            one.payments,
                            one.money,
                            one.as_of,
                            one.settled,
                            one.returned,
                            one.stage
                        )
                    });
                    let Shown { people, payments, money, .. } = &shown;
                    let all = format!("ever: {people} people, {payments} payments, {money} yuan");
                    lines.chain(std::iter::once(all)).collect::<Vec<_>>().join("\n")
                })
            }
        }
    }
}

impl From<OpeningRow> for One {
    fn from(row: OpeningRow) -> Self {
        Self {
            opening: row.opening,
            stage: row.stage,
            as_of: row.as_of,
            people: row.people,
            payments: row.payments,
            money: row.money,
            settled: row.settled,
            returned: row.returned,
        }
    }
}

fn obligation(cells: &Cells) -> Option<Settled> {
    let component = match cells.text("component") {
        Some(code) => Component::parse(code).ok()?,
        None => Component::whole(),
    };
    Some(Settled {
        person: cells.text("person")?.parse().ok()?,
        month: cells.month("month")?,
        component,
        adjustment: match cells.integer("adjustment") {
            Some(number) => u16::try_from(number).ok()?,
            None => 0,
        },
        amount: cells.money("amount")?,
        returned: match cells.text("returned") {
            Some(code) => Some(code.parse().ok()?),
            None => None,
        },
    })
}
