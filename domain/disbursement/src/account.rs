//! One book of one fund for one year: cash, reservations and vouchers in two ledgers.
//!
//! **Streams** `account-<fund>-<area>-<agency>-<year>`.
//! **Invariant** debits are credits in every voucher and ledger; cash less reservations is never
//! below zero; no voucher names another fund or a closed item-period; a third party gets no more
//! than was kept for it; what a closed book held stands in the next one.

mod error;
pub mod event;
#[cfg(test)]
mod tests;
mod year;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::{BankCode, FundCode, ItemId, Money, Month};

pub use self::error::Error;
pub use self::event::{Book, Event};
pub use self::year::YearEnd;
use crate::faults::{Fault, planted};
use crate::ledger::{Entry, Ledger, Voucher};

/// The occurrence that pays a deduction on; a word of the posting policies.
const REMITTED: &str = "deduction_remitted";

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
    /// Debits less credits of the F ledger when the book opened.
    pub opening_balances: BTreeMap<String, Money>,
    /// What each kind of occurrence brought into the cash, less what it took.
    pub cash_by_occurrence: BTreeMap<String, Money>,
    /// Debits less credits of the F ledger, by account and party.
    pub parties: BTreeMap<(String, String), Money>,
    /// The same by account and bank, for entries without a party.
    pub banks: BTreeMap<(String, BankCode), Money>,
    /// Item-periods that take no voucher any more.
    pub closed_items: BTreeSet<(ItemId, Month)>,
    /// The book of the year before whose balances stand here.
    pub carried_from: Option<String>,
    /// The next year's book, and what stood here when it was carried over.
    pub carried_over: Option<(String, Vec<Entry>)>,
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
    /// The item-period is certified and closed.
    CloseItem {
        item: ItemId,
        month: Month,
    },
    /// Two persons reopened it.
    ReopenItem {
        item: ItemId,
        month: Month,
    },
    /// The year's spending and income go to the fund's balance, the rest into the next book.
    CloseYear(YearEnd),
    /// Opens the next year's book on what the last one carried over.
    CarryForward {
        book: Book,
        from: String,
        balances: Vec<Entry>,
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

    fn open(&self, book: Book, opening: Vec<Entry>) -> Result<Vec<Event>, Error> {
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

    fn nothing_pending(&self) -> Result<(), Error> {
        self.open_book()?;
        let reserved = self.reservations.values().filter(|r| r.left().is_positive());
        match self.pending.len() + reserved.count() {
            0 => Ok(()),
            entries => Err(Error::StillPending(entries)),
        }
    }

    fn post(
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
    fn open_items(&self, voucher: &Voucher) -> Result<(), Error> {
        let about = voucher.entries.iter().filter_map(|entry| Some((entry.item?, entry.month?)));
        let closed = about.into_iter().find(|key| self.closed_items.contains(key));
        match closed.filter(|_| !planted(Fault::ClosedItemPosts)) {
            Some((item, month)) => Err(Error::ItemClosed { item, month }),
            None => Ok(()),
        }
    }

    /// A deduction goes on to the third party from what was kept for it.
    fn within_what_is_kept(&self, voucher: &Voucher) -> Result<(), Error> {
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
            Command::Open { book, opening } => self.open(book, opening),
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
            Command::CloseItem { item, month } => {
                self.open_book()?;
                if self.closed_items.contains(&(item, month)) {
                    return Ok(vec![]);
                }
                Ok(vec![Event::ItemClosed { item, month }])
            }
            Command::ReopenItem { item, month } => {
                self.open_book()?;
                if !self.closed_items.contains(&(item, month)) {
                    return Ok(vec![]);
                }
                Ok(vec![Event::ItemReopened { item, month }])
            }
            Command::CloseYear(year_end) => self.close_year(&year_end),
            Command::CarryForward { book, from, balances } => {
                self.carry_forward(book, from, balances)
            }
            Command::Close => {
                self.nothing_pending()?;
                Ok(vec![Event::Closed {}])
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { book, opening } => {
                self.book = Some(book.clone());
                self.add(opening);
                self.opening = Some(self.cash());
                let of = self.balances.iter().filter(|((ledger, _), _)| *ledger == Ledger::F);
                self.opening_balances =
                    of.map(|((_, account), balance)| (account.clone(), *balance)).collect();
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
            Event::ItemClosed { item, month } => {
                self.closed_items.insert((*item, *month));
            }
            Event::ItemReopened { item, month } => {
                self.closed_items.remove(&(*item, *month));
            }
            Event::CarriedForward { from } => self.carried_from = Some(from.clone()),
            Event::CarriedOver { into, balances } => {
                self.carried_over = Some((into.clone(), balances.clone()));
            }
            Event::Closed {} => self.closed = true,
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self)
            + 96 * (self.balances.len() + self.reservations.len() + self.pending.len())
            + 48 * (self.over.len() + self.closed_items.len())
            + 128 * (self.parties.len() + self.banks.len())
    }
}
