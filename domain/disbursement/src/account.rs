//! One book of one fund for one year: cash, reservations and vouchers in two ledgers.
//!
//! **Streams** `account-<fund>-<area>-<agency>-<year>`.
//! **Invariant** debits are credits in every voucher and ledger; cash less reservations is never
//! below zero; no voucher names another fund.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::{FundCode, Money};

pub use self::error::Error;
pub use self::event::{Book, Event};
use crate::faults::{Fault, planted};
use crate::ledger::{Entry, Ledger, Voucher};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    pub book: Option<Book>,
    /// Debits less credits.
    pub balances: BTreeMap<(Ledger, String), Money>,
    pub reservations: BTreeMap<String, Reservation>,
    /// Pending entries by batch.
    pub pending: BTreeMap<String, (String, Money)>,
    /// Batches whose pending entry was posted or fell away: none takes a second one.
    pub over: BTreeSet<String>,
    pub vouchers: u64,
    pub opening: Option<Money>,
    /// What each kind of occurrence brought into the cash, less what it took.
    pub cash_by_occurrence: BTreeMap<String, Money>,
    pub closed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// What was reserved, less what went back.
    pub amount: Money,
    /// Stands for batches, or stood for one that is debited.
    pub composed: Money,
}

impl Reservation {
    /// What no batch stands for.
    #[must_use]
    pub fn left(&self) -> Money {
        self.amount - self.composed
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Open {
        book: Book,
        opening: Vec<Entry>,
    },
    /// `settles` names the batch whose pending entry this voucher realises.
    Post {
        fund: FundCode,
        voucher: Voucher,
        settles: Option<String>,
    },
    Reserve {
        fund: FundCode,
        plan: String,
        amount: Money,
    },
    Split {
        plan: String,
        batch: String,
        amount: Money,
    },
    /// A rejected batch: its pending entry falls away, and the plan's reservation has it again.
    Void {
        batch: String,
    },
    Release {
        plan: String,
    },
    Close,
}

impl Account {
    #[must_use]
    pub fn cash(&self) -> Money {
        self.book.as_ref().map_or(Money::ZERO, |book| self.balance(Ledger::F, &book.cash))
    }

    #[must_use]
    pub fn balance(&self, ledger: Ledger, account: &str) -> Money {
        self.balances.get(&(ledger, account.to_owned())).copied().unwrap_or(Money::ZERO)
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

    fn open_book(&self) -> Result<&Book, Error> {
        match &self.book {
            None => Err(Error::NotOpen),
            Some(_) if self.closed => Err(Error::Closed),
            Some(book) => Ok(book),
        }
    }

    fn of_fund(&self, given: FundCode) -> Result<&Book, Error> {
        let book = self.open_book()?;
        let accepted = book.fund == given || planted(Fault::OtherFundAccepted);
        if accepted { Ok(book) } else { Err(Error::OtherFund { given, book: book.fund }) }
    }

    fn affordable(&self, wanted: Money) -> Result<(), Error> {
        let free = self.free();
        if wanted <= free || planted(Fault::OverdraftAllowed) {
            return Ok(());
        }
        Err(Error::NotEnough { wanted, free, cash: self.cash(), reserved: self.reserved() })
    }

    fn post(
        &self,
        fund: FundCode,
        voucher: Voucher,
        settles: Option<String>,
    ) -> Result<Vec<Event>, Error> {
        let book = self.of_fund(fund)?;
        voucher.check().map_err(Error::from)?;
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

    fn split(&self, plan: String, batch: String, amount: Money) -> Result<Vec<Event>, Error> {
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

    fn add(&mut self, entries: &[Entry]) {
        for entry in entries {
            let key = (entry.ledger, entry.account.clone());
            let balance = self.balances.entry(key).or_insert(Money::ZERO);
            *balance = *balance + entry.debit - entry.credit;
        }
    }
}

fn cash_out(entries: &[Entry], cash: &str) -> Money {
    entries
        .iter()
        .filter(|entry| entry.ledger == Ledger::F && entry.account == cash)
        .map(|entry| entry.credit - entry.debit)
        .sum()
}

fn positive(amount: Money) -> Result<(), Error> {
    if amount.is_positive() { Ok(()) } else { Err(Error::NotPositive(amount)) }
}

impl Decider for Account {
    const CATEGORY: &'static str = "account";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open { .. } if self.book.is_some() => Err(Error::AlreadyOpen),
            Command::Open { book, opening } => {
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
            Command::Post { fund, voucher, settles } => self.post(fund, voucher, settles),
            Command::Reserve { fund, plan, amount } => {
                self.of_fund(fund)?;
                positive(amount)?;
                if self.reservations.contains_key(&plan) {
                    return Err(Error::ReservedAlready(plan));
                }
                self.affordable(amount)?;
                Ok(vec![Event::Reserved { plan, amount }])
            }
            Command::Split { plan, batch, amount } => self.split(plan, batch, amount),
            Command::Void { batch } => {
                self.open_book()?;
                match self.pending.get(&batch) {
                    Some(&(_, amount)) => {
                        Ok(vec![Event::PendingSettled { batch, amount, posted: false }])
                    }
                    None => Err(Error::NoPending(batch)),
                }
            }
            Command::Release { plan } => {
                self.open_book()?;
                match self.reservations.get(&plan).map(Reservation::left) {
                    Some(amount) if amount.is_positive() => {
                        Ok(vec![Event::Released { plan, amount }])
                    }
                    Some(_) | None => Err(Error::NoReservation(plan)),
                }
            }
            Command::Close => {
                self.open_book()?;
                let reserved = self.reservations.values().filter(|r| r.left().is_positive());
                match self.pending.len() + reserved.count() {
                    0 => Ok(vec![Event::Closed {}]),
                    entries => Err(Error::StillPending(entries)),
                }
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { book, opening } => {
                self.book = Some(book.clone());
                self.add(opening);
                self.opening = Some(self.cash());
            }
            Event::Posted { number, voucher } => {
                self.vouchers = *number;
                self.add(&voucher.entries);
                if let Some(book) = &self.book {
                    let brought = -cash_out(&voucher.entries, &book.cash);
                    let sum = self.cash_by_occurrence.entry(voucher.occurrence.clone());
                    *sum.or_insert(Money::ZERO) += brought;
                }
            }
            Event::Reserved { plan, amount } => {
                let reservation = Reservation { amount: *amount, composed: Money::ZERO };
                self.reservations.insert(plan.clone(), reservation);
            }
            Event::Split { plan, batch, amount } => {
                if let Some(reservation) = self.reservations.get_mut(plan) {
                    reservation.composed += *amount;
                }
                self.pending.insert(batch.clone(), (plan.clone(), *amount));
            }
            Event::PendingSettled { batch, amount, posted } => {
                let plan = self.pending.remove(batch).map(|(plan, _)| plan);
                self.over.insert(batch.clone());
                let reservation = plan.and_then(|plan| self.reservations.get_mut(&plan));
                if let (Some(reservation), false) = (reservation, posted) {
                    reservation.composed -= *amount;
                }
            }
            Event::Released { plan, amount } => {
                if let Some(reservation) = self.reservations.get_mut(plan) {
                    reservation.amount -= *amount;
                }
            }
            Event::Closed {} => self.closed = true,
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self)
            + 96 * (self.balances.len() + self.reservations.len() + self.pending.len())
            + 48 * self.over.len()
    }
}
