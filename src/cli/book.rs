//! `renshe book`: journals, trial balances, reconciliations, and the end of a year.

use anyhow::{Result, anyhow};
use clap::Subcommand;
use commands::disbursement::BookKey;
use projections::Scope;
use projections::books::journal::{self, Asked};
use projections::books::{self, BookRow, EntryRow};
use serde::Serialize;
use shared::{BankCode, Date, Money, Month};

use super::Unusable;
use super::desk::Desk;
use super::period::{Book as Named, money};

/// Lines of a journal that one answer shows.
const LINES_MAX: u32 = 10_000;
/// Statements behind one reconciliation: some years of a book's days.
const STATEMENTS_MAX: u32 = 2_000;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
A book is one fund's in one pooling area, at one agency, for one year.

Examples:
  renshe book trial --fund employee-pension --area 320000 --agency 320600-SI --year 2026 \\
      --at 2026-01-31
  renshe book journal --fund employee-pension --area 320000 --agency 320600-SI --year 2026 \\
      --from 2026-01-01 --to 2026-01-31
  renshe book reconcile --fund employee-pension --area 320000 --agency 320600-SI --year 2026 \\
      --month 2026-01
  renshe book close-year --fund employee-pension --area 320000 --agency 320600-SI --year 2026
Tables of all of them: renshe export --help")]
pub enum Book {
    /// Show the journal of an account; of the cash unless another is named
    #[command(
        after_help = "Example: renshe book journal --fund employee-pension --area 320000 --agency 320600-SI \\
    --year 2026 --from 2026-01-01 --to 2026-01-31 --bank BOC"
    )]
    Journal {
        #[command(flatten)]
        book: Named,
        /// The account's code, if not the cash
        #[arg(long)]
        account: Option<String>,
        /// Only what moved at this bank
        #[arg(long)]
        bank: Option<BankCode>,
        /// The first day
        #[arg(long)]
        from: Date,
        /// The last day
        #[arg(long)]
        to: Date,
    },
    /// Show the trial balance at the end of any day
    #[command(
        after_help = "Example: renshe book trial --fund employee-pension --area 320000 --agency 320600-SI \\
    --year 2026 --at 2026-01-31"
    )]
    Trial {
        #[command(flatten)]
        book: Named,
        /// The day
        #[arg(long)]
        at: Date,
    },
    /// Draw up 银行存款余额调节表 at a month's end
    #[command(
        after_help = "Example: renshe book reconcile --fund employee-pension --area 320000 --agency 320600-SI \\
    --year 2026 --month 2026-01"
    )]
    Reconcile {
        #[command(flatten)]
        book: Named,
        /// Only this bank's account
        #[arg(long)]
        bank: Option<BankCode>,
        /// The month
        #[arg(long)]
        month: Month,
    },
    /// End the year, and open the next one on what is left
    #[command(
        after_help = "Example: renshe book close-year --fund employee-pension --area 320000 --agency 320600-SI \\
    --year 2026 --actor director"
    )]
    CloseYear {
        #[command(flatten)]
        book: Named,
    },
    /// Send what is left of an entrusting unit's money back to it
    #[command(
        after_help = "Example: renshe book return-remainder --fund veterans-trust --area 320600 --agency 320600-SI \\
    --year 2026 --amount 1200.00 --reference TH-1"
    )]
    ReturnRemainder {
        #[command(flatten)]
        book: Named,
        /// In yuan
        #[arg(long, value_parser = money)]
        amount: Money,
        /// The document that proves it
        #[arg(long)]
        reference: String,
    },
}

/// A line of a journal as programs read it.
#[derive(Debug, Serialize)]
struct Line {
    number: u64,
    on: Date,
    occurrence: String,
    reference: String,
    debit: Money,
    credit: Money,
    balance: Money,
}

#[derive(Debug, Serialize)]
struct Journal {
    account: String,
    opening: Money,
    lines: Vec<Line>,
    closing: Money,
    /// Whether lines were left out at the end: ask for fewer days.
    cut: bool,
}

impl Book {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let pay = &node.disbursement;
        match self {
            Self::Journal { book, account, bank, from, to } => {
                let (session, row) = row(desk, &book.key()).await?;
                let account = account.unwrap_or(row.cash_account);
                let asked = Asked { book: row.book, account, bank, from, to };
                let journal = journal_of(&session, &scope(desk), &asked)?;
                desk.say(&journal, || shown(&journal))
            }
            Self::Trial { book, at } => {
                let (session, row) = row(desk, &book.key()).await?;
                let rows = journal::trial_balance(&session, &scope(desk), &row.book, at)?;
                let lines = rows.iter().map(|row| {
                    format!(
                        "{} {:<12} {:>18} {:>18} {:>18} {:>18}",
                        row.ledger.code(),
                        row.account,
                        row.opening.to_string(),
                        row.debit.to_string(),
                        row.credit.to_string(),
                        row.closing.to_string()
                    )
                });
                let text = || {
                    let head = format!(
                        "  {:<12} {:>18} {:>18} {:>18} {:>18}",
                        "account", "opening", "debit", "credit", "closing"
                    );
                    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
                };
                desk.say(&rows, text)
            }
            Self::Reconcile { book, bank, month } => {
                let (session, row) = row(desk, &book.key()).await?;
                let (scope, end) = (scope(desk), month.last_day());
                let ids =
                    books::statements_of(&session, &scope, &row.book, bank, end, STATEMENTS_MAX)?;
                let drawn = pay.reconciliation(&row.book, bank, month, &ids).await?;
                desk.say(&drawn, || {
                    let items = drawn.items.iter().map(|item| {
                        format!(
                            "  {} {} {} {}",
                            item.kind.zh(),
                            item.on,
                            item.reference,
                            item.amount
                        )
                    });
                    let items: Vec<String> = items.collect();
                    format!(
                        "银行对账单余额 {}，调节后 {}\n单位账面余额 {}，调节后 {}\n{}\n无法解释的差额 {}",
                        drawn.bank_balance,
                        drawn.bank_adjusted,
                        drawn.book_balance,
                        drawn.book_adjusted,
                        items.join("\n"),
                        drawn.unexplained()
                    )
                })
            }
            Self::CloseYear { book } => {
                let done = pay.close_year(&desk.envelope(), book.key()).await?;
                desk.done(&done, |next| {
                    format!("the year is closed; {next} is open on its balances")
                })
            }
            Self::ReturnRemainder { book, amount, reference } => {
                let key = book.key();
                let done = pay.return_remainder(&desk.envelope(), key, amount, &reference).await?;
                desk.done(&done, |()| format!("{amount} yuan go back from {key}"))
            }
        }
    }
}

fn scope(desk: &Desk) -> Scope {
    Scope::everything(desk.envelope().actor)
}

async fn row(desk: &Desk, key: &BookKey) -> Result<(projections::ReadSession, BookRow)> {
    let node = desk.existing().await?;
    node.caught_up().await?;
    let session = node.train.session()?;
    let row = books::book(&session, &scope(desk), &key.to_string())?;
    let row = row.ok_or_else(|| anyhow!("there is no book {key}").context(Unusable::Asked))?;
    Ok((session, row))
}

fn journal_of(session: &projections::ReadSession, scope: &Scope, asked: &Asked) -> Result<Journal> {
    let rows = journal::entries(session, scope, asked, None, LINES_MAX + 1)?;
    let cut = rows.len() > LINES_MAX as usize;
    let rows: &[EntryRow] = &rows[..rows.len().min(LINES_MAX as usize)];
    let mut lines = Vec::with_capacity(rows.len());
    let opening = journal::opening(session, scope, asked)?;
    let mut balance = opening;
    for page in rows.chunks(100) {
        let numbers = page.iter().map(|row| row.number);
        let vouchers = journal::vouchers(session, scope, &asked.book, numbers)?;
        for row in page {
            let voucher = vouchers.iter().find(|voucher| voucher.number == row.number);
            balance = balance + row.debit - row.credit;
            lines.push(Line {
                number: row.number,
                on: row.posted_on,
                occurrence: voucher.map(|one| one.occurrence.clone()).unwrap_or_default(),
                reference: voucher.map(|one| one.reference.clone()).unwrap_or_default(),
                debit: row.debit,
                credit: row.credit,
                balance,
            });
        }
    }
    let closing = journal::closing(session, scope, asked)?;
    Ok(Journal { account: asked.account.clone(), opening, lines, closing, cut })
}

fn shown(journal: &Journal) -> String {
    let mut text = format!("{}: opening {}", journal.account, journal.opening);
    for line in &journal.lines {
        text += &format!(
            "\n{} #{:<6} {:<28} {:>16} {:>16} {:>18} {}",
            line.on,
            line.number,
            line.occurrence,
            line.debit.to_string(),
            line.credit.to_string(),
            line.balance.to_string(),
            line.reference
        );
    }
    if journal.cut {
        text += "\n… more lines: ask for fewer days, or renshe export journal";
    }
    text + &format!("\nclosing {}", journal.closing)
}
