//! The end of a book's year: income and spending go to the fund's balance, everything else is
//! carried into the next year's book.

use std::collections::BTreeMap;

use shared::{Date, Money};

use super::event::{Book, Event};
use super::{Account, Error};
use crate::faults::{Fault, planted};
use crate::ledger::{Entry, Ledger, Voucher};

/// How a year ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearEnd {
    /// The next year's book.
    pub into: String,
    pub next: i16,
    /// Accounts of the F ledger that start anew, and the account that takes their balance.
    pub transfers: BTreeMap<String, String>,
}

/// The occurrence of the closing voucher.
pub const OCCURRENCE: &str = "year_end_transfer";

impl Account {
    pub(super) fn close_year(&self, year_end: &YearEnd) -> Result<Vec<Event>, Error> {
        self.nothing_pending()?;
        let book = self.open_book()?;
        if book.year + 1 != year_end.next {
            return Err(Error::OtherYear { year: book.year, next: year_end.next });
        }
        let mut events = Vec::with_capacity(3);
        let mut after = self.clone();
        let entries = self.transfer(year_end);
        if !entries.is_empty() {
            let voucher = Voucher {
                occurrence: OCCURRENCE.to_owned(),
                reference: year_end.into.clone(),
                on: Date::constant(book.year, 12, 31),
                entries,
            };
            voucher.check().map_err(Error::from)?;
            after.add(&voucher.entries);
            events.push(Event::Posted { number: self.vouchers + 1, voucher });
        }
        let into = year_end.into.clone();
        events.push(Event::CarriedOver { into, balances: after.standing() });
        events.push(Event::Closed {});
        Ok(events)
    }

    pub(super) fn carry_forward(
        &self,
        book: Book,
        from: String,
        balances: Vec<Entry>,
    ) -> Result<Vec<Event>, Error> {
        let mut events = self.open(book, balances)?;
        events.push(Event::CarriedForward { from });
        Ok(events)
    }

    fn transfer(&self, year_end: &YearEnd) -> Vec<Entry> {
        let mut taken: BTreeMap<&str, Money> = BTreeMap::new();
        let mut entries = Vec::new();
        for ((ledger, account), balance) in &self.balances {
            let Some(target) = year_end.transfers.get(account) else { continue };
            if *ledger != Ledger::F || balance.is_zero() {
                continue;
            }
            entries.push(side(Ledger::F, account, -*balance));
            *taken.entry(target).or_insert(Money::ZERO) += *balance;
        }
        let taken = taken.into_iter().filter(|(_, balance)| !balance.is_zero());
        entries.extend(taken.map(|(target, balance)| side(Ledger::F, target, balance)));
        entries
    }

    /// Every balance that is not zero, by party or bank where an account is kept so.
    fn standing(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for ((ledger, account), balance) in &self.balances {
            let mut left = *balance;
            if *ledger == Ledger::F {
                let of = self.parties.iter().filter(|((of, _), _)| of == account);
                for ((_, party), part) in of.filter(|(_, part)| !part.is_zero()) {
                    let party = Some(party.clone());
                    entries.push(Entry { party, ..side(*ledger, account, *part) });
                    left -= *part;
                }
                let of = self.banks.iter().filter(|((of, _), _)| of == account);
                for ((_, bank), part) in of.filter(|(_, part)| !part.is_zero()) {
                    let bank = Some(*bank);
                    entries.push(Entry { bank, ..side(*ledger, account, *part) });
                    left -= *part;
                }
            }
            if !left.is_zero() {
                entries.push(side(*ledger, account, left));
            }
        }
        if planted(Fault::BalanceNotCarried) {
            // One account and, so that the rest balances, its weight in another.
            lose_one(&mut entries);
        }
        entries
    }
}

fn side(ledger: Ledger, account: &str, amount: Money) -> Entry {
    let (debit, credit) =
        if amount.is_negative() { (Money::ZERO, -amount) } else { (amount, Money::ZERO) };
    Entry {
        ledger,
        account: account.to_owned(),
        item: None,
        month: None,
        batch: None,
        bank: None,
        party: None,
        debit,
        credit,
    }
}

fn lose_one(entries: &mut Vec<Entry>) {
    let is_cash = |entry: &Entry| entry.ledger == Ledger::F && entry.debit.is_positive();
    if let Some(place) = entries.iter().position(is_cash) {
        let lost = entries.remove(place);
        let against = entries
            .iter_mut()
            .find(|entry| entry.ledger == lost.ledger && entry.credit > lost.debit);
        match against {
            Some(entry) => entry.credit -= lost.debit,
            None => entries.insert(place, lost),
        }
    }
}
