//! The books as they are printed: vouchers, the journal of an account 日记账, and the trial balance
//! 科目余额表 of any day. All of it is folded from a book's own events; nothing is stored twice.
//!
//! **Invariant** the trial balance of a day is the opening and every voucher up to that day, and
//! debits are credits in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::{BankCode, Date, Money};

use crate::account::{Book, Event};
use crate::ledger::{Entry, Ledger, Voucher};

/// A book with all that was ever entered in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    pub book: Option<Book>,
    pub opening: Vec<Entry>,
    /// By number.
    pub vouchers: BTreeMap<u64, Voucher>,
}

/// One account on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialRow {
    pub ledger: Ledger,
    pub account: String,
    /// 期初余额: debits less credits at the year's beginning.
    pub opening: Money,
    /// 借方发生额 of the year up to the day.
    pub debit: Money,
    /// 贷方发生额.
    pub credit: Money,
    /// 期末余额: debits less credits.
    pub closing: Money,
}

/// One line of a journal, in the order of its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    pub number: u64,
    pub on: Date,
    pub occurrence: String,
    pub reference: String,
    pub debit: Money,
    pub credit: Money,
    /// Debits less credits after this line.
    pub balance: Money,
}

/// The journal of one account between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountJournal {
    pub account: String,
    pub bank: Option<BankCode>,
    /// What stood before the first line.
    pub opening: Money,
    pub rows: Vec<JournalRow>,
    pub closing: Money,
}

impl Journal {
    #[must_use]
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut journal = Self::default();
        for event in events {
            journal.note(event);
        }
        journal
    }

    pub fn note(&mut self, event: &Event) {
        match event {
            Event::Opened { book, opening } => {
                self.book = Some(book.clone());
                self.opening.clone_from(opening);
            }
            Event::Posted { number, voucher } => {
                self.vouchers.insert(*number, voucher.clone());
            }
            // They set money aside, or say what a book may take: no account moves.
            Event::Reserved { .. }
            | Event::Split { .. }
            | Event::PendingSettled { .. }
            | Event::Released { .. }
            | Event::ItemClosed { .. }
            | Event::ItemReopened { .. }
            | Event::CarriedForward { .. }
            | Event::CarriedOver { .. }
            | Event::Closed {} => {}
        }
    }

    /// Numbers that are missing between 1 and the last voucher: none, in a book that is whole.
    #[must_use]
    pub fn gaps(&self) -> Vec<u64> {
        let last = self.vouchers.keys().next_back().copied().unwrap_or(0);
        (1..=last).filter(|number| !self.vouchers.contains_key(number)).collect()
    }

    /// Every account that has an opening or moved, as it stood at the end of `day`.
    #[must_use]
    pub fn trial_balance(&self, day: Date) -> Vec<TrialRow> {
        let mut rows: BTreeMap<(Ledger, &str), TrialRow> = BTreeMap::new();
        for entry in &self.opening {
            let row = row(&mut rows, entry);
            row.opening = row.opening + entry.debit - entry.credit;
        }
        for entry in self.until(day).flat_map(|(_, voucher)| &voucher.entries) {
            let row = row(&mut rows, entry);
            row.debit += entry.debit;
            row.credit += entry.credit;
        }
        let mut rows: Vec<TrialRow> = rows.into_values().collect();
        for row in &mut rows {
            row.closing = row.opening + row.debit - row.credit;
        }
        rows
    }

    /// The journal of an account of the F ledger between two days, both counted; of one bank where
    /// the account is kept per bank.
    #[must_use]
    pub fn account(
        &self,
        account: &str,
        bank: Option<BankCode>,
        from: Date,
        to: Date,
    ) -> AccountJournal {
        let ours = |entry: &&Entry| {
            entry.ledger == Ledger::F
                && entry.account == account
                && bank.is_none_or(|bank| entry.bank == Some(bank))
        };
        let sum = |entries: &[Entry]| -> Money {
            entries.iter().filter(ours).map(|entry| entry.debit - entry.credit).sum()
        };
        let mut opening = sum(&self.opening);
        let mut rows = Vec::new();
        let mut dated: Vec<_> = self.until(to).collect();
        dated.sort_by_key(|(number, voucher)| (voucher.on, **number));
        let mut balance = opening;
        for (number, voucher) in dated {
            let moved = sum(&voucher.entries);
            if voucher.on < from {
                opening += moved;
                balance += moved;
                continue;
            }
            for entry in voucher.entries.iter().filter(ours) {
                balance = balance + entry.debit - entry.credit;
                rows.push(JournalRow {
                    number: *number,
                    on: voucher.on,
                    occurrence: voucher.occurrence.clone(),
                    reference: voucher.reference.clone(),
                    debit: entry.debit,
                    credit: entry.credit,
                    balance,
                });
            }
        }
        AccountJournal { account: account.to_owned(), bank, opening, rows, closing: balance }
    }

    /// Vouchers of a day or before.
    fn until(&self, day: Date) -> impl Iterator<Item = (&u64, &Voucher)> {
        self.vouchers.iter().filter(move |(_, voucher)| voucher.on <= day)
    }
}

fn row<'a, 'b>(
    rows: &'b mut BTreeMap<(Ledger, &'a str), TrialRow>,
    entry: &'a Entry,
) -> &'b mut TrialRow {
    rows.entry((entry.ledger, &entry.account)).or_insert_with(|| TrialRow {
        ledger: entry.ledger,
        account: entry.account.clone(),
        opening: Money::ZERO,
        debit: Money::ZERO,
        credit: Money::ZERO,
        closing: Money::ZERO,
    })
}

/// Debits less credits of a trial balance, by ledger: all zero, whatever the day.
#[must_use]
pub fn imbalance(rows: &[TrialRow]) -> BTreeMap<Ledger, Money> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(row.ledger).or_insert(Money::ZERO) += row.closing;
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::world::{
        CASH, FISCAL, SPENT, TRANSIT, agency, area, fund, item, voucher, yuan,
    };

    fn book() -> Book {
        Book {
            fund: fund(item(0)),
            area: area(),
            agency: agency(),
            year: 2026,
            policy: "p".to_owned(),
            cash: CASH.to_owned(),
        }
    }

    fn day(day: i8) -> Date {
        Date::constant(2026, 1, day)
    }

    fn posted(number: u64, on: Date, moves: (&str, &str, i64)) -> Event {
        let (debit, credit, amount) = moves;
        let moves = [(Ledger::F, debit, credit, yuan(amount))];
        Event::Posted { number, voucher: Voucher { on, ..voucher("any", None, &moves) } }
    }

    /// A voucher that is entered later may be of an earlier day.
    fn journal() -> Journal {
        let opening = voucher("opening", None, &[(Ledger::F, CASH, "3001", yuan(100))]).entries;
        Journal::of(&[
            Event::Opened { book: book(), opening },
            posted(1, day(5), (CASH, FISCAL, 50)),
            posted(2, day(20), (SPENT, TRANSIT, 30)),
            posted(3, day(10), (TRANSIT, CASH, 30)),
        ])
    }

    #[test]
    fn a_trial_balance_stands_for_any_day_and_balances() {
        let closing = |on| -> Vec<(String, Money)> {
            let rows = journal().trial_balance(on);
            assert!(imbalance(&rows).is_empty(), "{rows:?}");
            rows.into_iter().map(|row| (row.account, row.closing)).collect()
        };
        let of = |rows: &[(&str, i64)]| -> Vec<(String, Money)> {
            rows.iter().map(|(code, amount)| ((*code).to_owned(), yuan(*amount))).collect()
        };
        assert_eq!(closing(day(4)), of(&[(CASH, 100), ("3001", -100)]));
        assert_eq!(
            closing(day(10)),
            of(&[(FISCAL, -50), (CASH, 120), (TRANSIT, 30), ("3001", -100)])
        );
        assert_eq!(
            closing(day(31)),
            of(&[(FISCAL, -50), (CASH, 120), (TRANSIT, 0), ("3001", -100), (SPENT, 30)])
        );
    }

    #[test]
    fn a_journal_runs_by_day_and_carries_its_balance() {
        let cash = journal().account(CASH, None, day(6), day(31));
        assert_eq!((cash.opening, cash.closing), (yuan(150), yuan(120)));
        let rows: Vec<_> = cash.rows.iter().map(|row| (row.number, row.balance)).collect();
        assert_eq!(rows, [(3, yuan(120))]);
        assert!(journal().gaps().is_empty());
        let torn = Journal::of(&[posted(3, day(1), (CASH, FISCAL, 1))]);
        assert_eq!(torn.gaps(), [1, 2]);
    }
}
