//! 银行支出户存款余额调节表: why the bank's balance and the book's differ at the end of a month, item
//! by item (财会〔2017〕28号, 1004).
//!
//! **Invariant** the bank's balance, with what the book entered and the bank has not, is the book's
//! balance, with what the bank entered and the book has not; what is left over is said, not hidden.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared::{BankCode, Date, Money, Month};

use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::statement::{Direction, Settling, Statement};

/// One account at one month's end. `bank` is absent where the book's cash is not kept per bank: then
/// it is about all its accounts together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    pub account: String,
    pub bank: Option<BankCode>,
    pub month: Month,
    /// 银行对账单余额: the closing of each bank's last statement up to the month's end.
    pub bank_balance: Money,
    /// The last statement of each bank, by day.
    pub statements: BTreeMap<BankCode, Date>,
    /// 单位账面余额.
    pub book_balance: Money,
    pub items: Vec<Item>,
    /// Both sides with their items.
    pub bank_adjusted: Money,
    pub book_adjusted: Money,
}

/// What one side entered and the other has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub kind: Kind,
    pub on: Date,
    /// The bank's serial, or the voucher's number.
    pub reference: String,
    pub amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 银行已收、单位未收.
    BankCredit,
    /// 银行已付、单位未付.
    BankDebit,
    /// 单位已收、银行未收.
    BookDebit,
    /// 单位已付、银行未付.
    BookCredit,
}

kernel::stages! {
    Kind {
        BankCredit = "bank_credit", "银行已收、单位未收";
        BankDebit = "bank_debit", "银行已付、单位未付";
        BookDebit = "book_debit", "单位已收、银行未收";
        BookCredit = "book_credit", "单位已付、银行未付";
    }
}

impl Reconciliation {
    /// Draws it up from a book's journal and the statements of its accounts.
    #[must_use]
    pub fn draw_up(
        journal: &Journal,
        statements: &[(String, Statement)],
        bank: Option<BankCode>,
        month: Month,
    ) -> Self {
        let end = month.last_day();
        let days = Days::of(statements, bank, end);
        let account = journal.book.as_ref().map_or_else(String::new, |book| book.cash.clone());
        let cash = journal.account(&account, bank, Date::constant(1, 1, 1), end);
        let mut items = days.unbooked();
        items.extend(unstated(journal, &days, &account, bank, end));
        items.sort_by(|a, b| (a.kind, a.on, &a.reference).cmp(&(b.kind, b.on, &b.reference)));
        let sum = |kind: Kind| -> Money {
            items.iter().filter(|item| item.kind == kind).map(|item| item.amount).sum()
        };
        let bank_balance = days.closing();
        Self {
            account,
            bank,
            month,
            bank_balance,
            statements: days.last.iter().map(|(bank, (on, _))| (*bank, *on)).collect(),
            book_balance: cash.closing,
            bank_adjusted: bank_balance + sum(Kind::BookDebit) - sum(Kind::BookCredit),
            book_adjusted: cash.closing + sum(Kind::BankCredit) - sum(Kind::BankDebit),
            items,
        }
    }

    /// What neither side explains: nothing, where every statement is imported.
    #[must_use]
    pub fn unexplained(&self) -> Money {
        self.bank_adjusted - self.book_adjusted
    }
}

/// The statements up to a day.
struct Days<'a> {
    statements: Vec<(&'a str, &'a Statement)>,
    last: BTreeMap<BankCode, (Date, Money)>,
}

impl<'a> Days<'a> {
    fn of(all: &'a [(String, Statement)], bank: Option<BankCode>, end: Date) -> Self {
        let (mut statements, mut last) = (Vec::new(), BTreeMap::<_, (Date, Money)>::new());
        for (id, statement) in all {
            let Some(header) = &statement.header else { continue };
            if header.on > end || bank.is_some_and(|bank| bank != header.bank) {
                continue;
            }
            statements.push((id.as_str(), statement));
            let day = last.entry(header.bank).or_insert((header.on, header.closing));
            if header.on >= day.0 {
                *day = (header.on, header.closing);
            }
        }
        Self { statements, last }
    }

    fn closing(&self) -> Money {
        self.last.values().map(|(_, closing)| *closing).sum()
    }

    /// Movements of the bank that the book has not entered.
    fn unbooked(&self) -> Vec<Item> {
        let here: BTreeSet<&str> = self.statements.iter().map(|(id, _)| *id).collect();
        let mut items = Vec::new();
        for (_, statement) in &self.statements {
            let on = statement.header.as_ref().map_or(Date::MIN, |header| header.on);
            for line in &statement.lines {
                let booked = match statement.settled.get(&line.serial) {
                    Some(
                        Settling::Matched { .. }
                        | Settling::Shared { .. }
                        | Settling::Entered { .. },
                    ) => true,
                    Some(Settling::Cleared { by, booked }) => {
                        booked.is_some() || here.contains(by.statement.as_str())
                    }
                    Some(Settling::Different { booked, .. } | Settling::Resolved { booked }) => {
                        booked.is_some()
                    }
                    None => false,
                };
                if !booked {
                    let kind = match line.direction {
                        Direction::Debit => Kind::BankDebit,
                        Direction::Credit => Kind::BankCredit,
                    };
                    let (reference, amount) = (line.serial.clone(), line.amount);
                    items.push(Item { kind, on, reference, amount });
                }
            }
        }
        items
    }

    /// What the statements show of a batch, credits less debits.
    fn of_batch(&self, batch: &str) -> Money {
        let sum = |direction| -> Money {
            self.statements.iter().map(|(_, day)| day.stated(direction, batch)).sum()
        };
        sum(Direction::Credit) - sum(Direction::Debit)
    }

    /// Vouchers that a line was entered from, or matched with.
    fn vouchers(&self) -> BTreeSet<u64> {
        let settled = self.statements.iter().flat_map(|(_, day)| day.settled.values());
        settled
            .filter_map(|settling| match settling {
                Settling::Entered { voucher } => Some(*voucher),
                Settling::Different { booked, .. }
                | Settling::Cleared { booked, .. }
                | Settling::Resolved { booked } => *booked,
                Settling::Matched { .. } | Settling::Shared { .. } => None,
            })
            .collect()
    }
}

/// Movements of the book that the bank has not entered: by batch where one stands behind them.
fn unstated(
    journal: &Journal,
    days: &Days<'_>,
    account: &str,
    bank: Option<BankCode>,
    end: Date,
) -> Vec<Item> {
    let stated = days.vouchers();
    let mut batches: BTreeMap<&str, (Date, Money)> = BTreeMap::new();
    let mut items = Vec::new();
    for (number, voucher) in journal.vouchers.iter().filter(|(_, voucher)| voucher.on <= end) {
        let cash = voucher.entries.iter().filter(|entry| {
            entry.ledger == Ledger::F
                && entry.account == account
                && bank.is_none_or(|bank| entry.bank == Some(bank))
        });
        for entry in cash {
            let moved = entry.debit - entry.credit;
            match &entry.batch {
                Some(batch) => {
                    let (on, sum) = batches.entry(batch).or_insert((voucher.on, Money::ZERO));
                    (*on, *sum) = ((*on).max(voucher.on), *sum + moved);
                }
                None if stated.contains(number) => {}
                None => items.push(item(voucher.on, number.to_string(), moved)),
            }
        }
    }
    for (batch, (on, booked)) in batches {
        let missing = booked - days.of_batch(batch);
        if !missing.is_zero() {
            items.push(item(on, batch.to_owned(), missing));
        }
    }
    items.retain(|item| !item.amount.is_zero());
    items
}

/// `moved` is what came less what went.
fn item(on: Date, reference: String, moved: Money) -> Item {
    if moved.is_negative() {
        Item { kind: Kind::BookCredit, on, reference, amount: -moved }
    } else {
        Item { kind: Kind::BookDebit, on, reference, amount: moved }
    }
}
