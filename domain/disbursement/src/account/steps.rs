//! What a book holds, and what each step of it comes to.

use shared::{FundCode, Money};

use super::{Account, Book, Error, Event, REMITTED, Reservation};
use crate::faults::{Fault, planted};
use crate::ledger::{Entry, Ledger, Voucher};

impl Account {
    #[must_use]
    pub fn cash(&self) -> Money {
        self.book.as_ref().map_or(Money::ZERO, |book| self.balance(Ledger::F, &book.cash))
    }

    #[must_use]
    pub fn balance(&self, ledger: Ledger, account: &str) -> Money {
        self.balances.get(&(ledger, account.to_owned())).copied().unwrap_or(Money::ZERO)
    }

    /// What is kept for a third party and has not gone on to it.
    #[must_use]
    pub fn owed_to(&self, account: &str, party: &str) -> Money {
        let key = (account.to_owned(), party.to_owned());
        -self.parties.get(&key).copied().unwrap_or(Money::ZERO)
    }

    /// Set aside and not yet taken: uncomposed reservations and pending entries.
    #[must_use]
    pub fn reserved(&self) -> Money {
        let uncomposed: Money = self.reservations.values().map(Reservation::left).sum();
        uncomposed + self.pending.values().map(|(_, amount)| *amount).sum()
    }

    #[must_use]
    pub fn free(&self) -> Money {
        self.cash() - self.reserved()
    }

    pub(super) fn open_book(&self) -> Result<&Book, Error> {
        match &self.book {
            None => Err(Error::NotOpen),
            Some(_) if self.closed => Err(Error::Closed),
            Some(book) => Ok(book),
        }
    }

    pub(super) fn of_fund(&self, given: FundCode) -> Result<&Book, Error> {
        let book = self.open_book()?;
        let accepted = book.fund == given || planted(Fault::OtherFundAccepted);
        if accepted { Ok(book) } else { Err(Error::OtherFund { given, book: book.fund }) }
    }

    pub(super) fn affordable(&self, wanted: Money) -> Result<(), Error> {
        let free = self.free();
        if wanted <= free || planted(Fault::OverdraftAllowed) {
            return Ok(());
        }
        Err(Error::NotEnough { wanted, free, cash: self.cash(), reserved: self.reserved() })
    }

    pub(super) fn open(&self, book: Book, opening: Vec<Entry>) -> Result<Vec<Event>, Error> {
        if self.book.is_some() {
            return Err(Error::AlreadyOpen);
        }
        if !opening.is_empty() {
            let voucher = Voucher {
                occurrence: "opening".to_owned(),
                reference: String::new(),
                on: shared::Date::constant(book.year, 1, 1),
                entries: opening.clone(),
            };
            voucher.check().map_err(Error::from)?;
        }
        let (wanted, nothing) = (cash_out(&opening, &book.cash), Money::ZERO);
        if wanted.is_positive() {
            let (free, cash, reserved) = (nothing, nothing, nothing);
            return Err(Error::NotEnough { wanted, free, cash, reserved });
        }
        Ok(vec![Event::Opened { book, opening }])
    }

    pub(super) fn nothing_pending(&self) -> Result<(), Error> {
        self.open_book()?;
        let reserved = self.reservations.values().filter(|r| r.left().is_positive());
        match self.pending.len() + reserved.count() {
            0 => Ok(()),
            entries => Err(Error::StillPending(entries)),
        }
    }

    pub(super) fn post(
        &self,
        fund: FundCode,
        voucher: Voucher,
        settles: Option<String>,
    ) -> Result<Vec<Event>, Error> {
        let book = self.of_fund(fund)?;
        voucher.check().map_err(Error::from)?;
        self.open_items(&voucher)?;
        self.within_what_is_kept(&voucher)?;
        let outflow = cash_out(&voucher.entries, &book.cash);
        let mut events = Vec::with_capacity(2);
        match settles {
            Some(batch) => {
                let (_, pending) =
                    self.pending.get(&batch).ok_or_else(|| Error::NoPending(batch.clone()))?;
                if *pending != outflow {
                    return Err(Error::PendingDiffers { pending: *pending, cash: outflow });
                }
                events.push(Event::PendingSettled { batch, amount: *pending, posted: true });
            }
            None if outflow.is_positive() => self.affordable(outflow)?,
            None => {}
        }
        events.push(Event::Posted { number: self.vouchers + 1, voucher });
        Ok(events)
    }

    /// 3.4.10: a closed item-period accepts no posting; late facts carry no item-period.
    pub(super) fn open_items(&self, voucher: &Voucher) -> Result<(), Error> {
        let about = voucher.entries.iter().filter_map(|entry| Some((entry.item?, entry.month?)));
        let closed = about.into_iter().find(|key| self.closed_items.contains(key));
        match closed.filter(|_| !planted(Fault::ClosedItemPosts)) {
            Some((item, month)) => Err(Error::ItemClosed { item, month }),
            None => Ok(()),
        }
    }

    /// A deduction goes on to the third party from what was kept for it.
    pub(super) fn within_what_is_kept(&self, voucher: &Voucher) -> Result<(), Error> {
        if voucher.occurrence != REMITTED || planted(Fault::RemittedBeyondOwed) {
            return Ok(());
        }
        for entry in voucher.entries.iter().filter(|entry| entry.debit.is_positive()) {
            let owed = -self.balance(Ledger::F, &entry.account);
            if entry.debit > owed {
                let party = entry.party.clone().unwrap_or_default();
                let amount = entry.debit;
                return Err(Error::NotKept { party, amount, owed });
            }
        }
        Ok(())
    }

    pub(super) fn split(
        &self,
        plan: String,
        batch: String,
        amount: Money,
    ) -> Result<Vec<Event>, Error> {
        self.open_book()?;
        positive(amount)?;
        if self.pending.contains_key(&batch) || self.over.contains(&batch) {
            return Err(Error::PendingAlready(batch));
        }
        let reservation =
            self.reservations.get(&plan).ok_or_else(|| Error::NoReservation(plan.clone()))?;
        let left = reservation.left();
        if amount > left {
            return Err(Error::BeyondReservation { wanted: amount, left });
        }
        Ok(vec![Event::Split { plan, batch, amount }])
    }

    pub(super) fn add(&mut self, entries: &[Entry]) {
        for entry in entries {
            let key = (entry.ledger, entry.account.clone());
            let balance = self.balances.entry(key).or_insert(Money::ZERO);
            *balance = *balance + entry.debit - entry.credit;
            let account = || entry.account.clone();
            let detail = match (entry.ledger, &entry.party, entry.bank) {
                (Ledger::F, Some(party), _) => {
                    self.parties.entry((account(), party.clone())).or_insert(Money::ZERO)
                }
                (Ledger::F, None, Some(bank)) => {
                    self.banks.entry((account(), bank)).or_insert(Money::ZERO)
                }
                (Ledger::F, None, None) | (Ledger::M, _, _) => continue,
            };
            *detail = *detail + entry.debit - entry.credit;
        }
    }
}

pub(super) fn cash_out(entries: &[Entry], cash: &str) -> Money {
    entries
        .iter()
        .filter(|entry| entry.ledger == Ledger::F && entry.account == cash)
        .map(|entry| entry.credit - entry.debit)
        .sum()
}

pub(super) fn positive(amount: Money) -> Result<(), Error> {
    if amount.is_positive() { Ok(()) } else { Err(Error::NotPositive(amount)) }
}
