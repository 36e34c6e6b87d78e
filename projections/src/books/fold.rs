//! What events of books and statements change.

use disbursement::{Entry, Ledger, account, statement};
use shared::{Date, Money};

use super::{BalanceRow, BookRow, Books, EntryRow, StatementLineRow, StatementRow, VoucherRow};
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
            // The entries stand in the opening and in the closing voucher.
            account::Event::ItemClosed { .. }
            | account::Event::ItemReopened { .. }
            | account::Event::CarriedForward { .. }
            | account::Event::CarriedOver { .. } => {}
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
                debit: entry.debit,
                credit: entry.credit,
                posted_on: on,
            });
        }
        Ok(())
    }

    pub(super) fn statement(
        &mut self,
        happened: &Happened<'_>,
        event: &statement::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        match event {
            statement::Event::Imported { header, lines } => {
                let sum = |direction| {
                    let of = lines.iter().filter(move |line| line.direction == direction);
                    of.map(|line| line.amount).sum()
                };
                self.statements.put(StatementRow {
                    statement: id.clone(),
                    bank: header.bank,
                    fund: header.fund,
                    book: header.account.clone(),
                    posted_on: header.on,
                    opening: header.opening,
                    closing: header.closing,
                    debits: sum(statement::Direction::Debit),
                    credits: sum(statement::Direction::Credit),
                    lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
                    matched: 0,
                    differences: 0,
                    digest: header.artefact,
                });
                for line in lines {
                    self.lines.put(StatementLineRow {
                        statement: id.clone(),
                        serial: line.serial.clone(),
                        direction: line.direction.code().to_owned(),
                        amount: line.amount,
                        reference: line.reference.clone(),
                        balance: line.balance,
                        state: "open".to_owned(),
                        batch: None,
                        owner: None,
                        reason: None,
                        note: None,
                        resolved_by: None,
                    });
                }
            }
            statement::Event::Matched { serial, batch } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "matched".clone_into(&mut line.state);
                    line.batch = Some(batch.clone());
                })?;
                self.statements.update(&id, store, |row| row.matched += 1)?;
            }
            statement::Event::MatchedToMany { serial, .. }
            | statement::Event::MatchedToVoucher { serial, .. } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "matched".clone_into(&mut line.state);
                })?;
                self.statements.update(&id, store, |row| row.matched += 1)?;
            }
            statement::Event::DifferenceAssigned { serial, owner, .. } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    line.owner = Some(owner.clone());
                })?;
            }
            // It stays open: only the book knows of it.
            statement::Event::DifferenceBooked { .. } => {}
            statement::Event::DifferenceCleared { serial, who, .. } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "resolved".clone_into(&mut line.state);
                    line.resolved_by = Some(who.clone());
                })?;
                self.statements.update(&id, store, |row| row.differences -= 1)?;
            }
            statement::Event::DifferenceFound { serial, owner, reason, .. } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "different".clone_into(&mut line.state);
                    (line.owner, line.reason) =
                        (Some(owner.clone()), Some(reason.code().to_owned()));
                })?;
                self.statements.update(&id, store, |row| row.differences += 1)?;
            }
            statement::Event::DifferenceResolved { serial, by, note } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "resolved".clone_into(&mut line.state);
                    (line.resolved_by, line.note) = (Some(by.clone()), Some(note.clone()));
                })?;
                self.statements.update(&id, store, |row| row.differences -= 1)?;
            }
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
