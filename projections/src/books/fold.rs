//! What events of books change.

use disbursement::{Entry, Ledger, account};
use shared::{Date, Money};

use super::{BalanceRow, BookRow, Books, ClosedItemRow, EntryRow, VoucherRow};
use crate::engine::{FoldError, Happened, Store};

impl Books {
    pub(super) fn account(
        &mut self,
        happened: &Happened<'_>,
        event: &account::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        let position = happened.position();
        match event {
            account::Event::Opened { book, opening } => {
                let cash = cash_moved(opening, &book.cash);
                self.books.put(BookRow {
                    book: id.clone(),
                    fund: book.fund,
                    area: book.area,
                    agency: book.agency,
                    year: i32::from(book.year),
                    policy: book.policy.clone(),
                    cash_account: book.cash.clone(),
                    opening: cash,
                    cash,
                    reserved: Money::ZERO,
                    vouchers: 0,
                    closed: false,
                    carried_from: None,
                    carried_into: None,
                    position,
                });
                let on = Date::constant(book.year, 1, 1);
                self.enter(&id, 0, on, opening, store)?;
            }
            account::Event::Posted { number, voucher } => {
                self.vouchers.put(VoucherRow {
                    book: id.clone(),
                    number: *number,
                    occurrence: voucher.occurrence.clone(),
                    reference: voucher.reference.clone(),
                    posted_on: voucher.on,
                    amount: largest_side(&voucher.entries),
                    by: happened.meta.actor.clone(),
                    at: happened.recorded.recorded_at,
                    event: happened.recorded.id,
                });
                self.enter(&id, *number, voucher.on, &voucher.entries, store)?;
                self.books.update(&id, store, |book| {
                    book.cash += cash_moved(&voucher.entries, &book.cash_account);
                    book.vouchers = *number;
                })?;
            }
            account::Event::Reserved { amount, .. } => {
                self.books.update(&id, store, |book| book.reserved += *amount)?;
            }
            // A split moves a reservation to a batch: the sum set aside stays.
            account::Event::Split { .. } => {}
            // A pending entry that falls away leaves its sum set aside for the plan.
            account::Event::PendingSettled { posted: false, .. } => {}
            account::Event::PendingSettled { amount, posted: true, .. }
            | account::Event::Released { amount, .. } => {
                self.books.update(&id, store, |book| book.reserved -= *amount)?;
            }
            account::Event::ItemClosed { item, month } => self.closed_items.put(ClosedItemRow {
                book: id.clone(),
                item: *item,
                month: *month,
                closed_by: happened.meta.actor.clone(),
                closed_on: happened.meta.business_date,
            }),
            account::Event::ItemReopened { item, month } => {
                self.closed_items.remove(&(id.clone(), *item, *month));
            }
            // The balances stand in the opening of the next book.
            account::Event::CarriedForward { from } => {
                self.books.update(&id, store, |book| book.carried_from = Some(from.clone()))?;
            }
            account::Event::CarriedOver { into, .. } => {
                self.books.update(&id, store, |book| book.carried_into = Some(into.clone()))?;
            }
            account::Event::Closed {} => {
                self.books.update(&id, store, |book| book.closed = true)?;
            }
        }
        if self.books.update(&id, store, |book| book.position = position)? {
            return Ok(());
        }
        Err(FoldError::refused(format!("book {id} was never opened")))
    }

    fn enter(
        &mut self,
        book: &str,
        number: u64,
        on: Date,
        entries: &[Entry],
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        for (place, entry) in (0..).zip(entries) {
            let ledger = entry.ledger.code().to_owned();
            let key = (book.to_owned(), ledger.clone(), entry.account.clone());
            let first = || BalanceRow {
                book: book.to_owned(),
                ledger: ledger.clone(),
                account: entry.account.clone(),
                debit: Money::ZERO,
                credit: Money::ZERO,
            };
            self.balances.update_or(&key, store, first, |balance| {
                balance.debit += entry.debit;
                balance.credit += entry.credit;
            })?;
            self.entries.put(EntryRow {
                book: book.to_owned(),
                number,
                place,
                ledger: ledger.clone(),
                account: entry.account.clone(),
                item: entry.item,
                month: entry.month,
                batch: entry.batch.clone(),
                bank: entry.bank,
                party: entry.party.clone(),
                debit: entry.debit,
                credit: entry.credit,
                posted_on: on,
            });
        }
        Ok(())
    }
}

fn cash_moved(entries: &[Entry], cash: &str) -> Money {
    entries
        .iter()
        .filter(|entry| entry.ledger == Ledger::F && entry.account == cash)
        .map(|entry| entry.debit - entry.credit)
        .sum()
}

fn largest_side(entries: &[Entry]) -> Money {
    let of = |ledger| {
        let entries = entries.iter().filter(move |entry| entry.ledger == ledger);
        entries.map(|entry| entry.debit).sum::<Money>()
    };
    of(Ledger::F).max(of(Ledger::M))
}
