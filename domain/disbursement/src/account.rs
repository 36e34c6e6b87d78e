//! One book of one fund for one year: cash, reservations and vouchers in two ledgers.
//!
//! **Streams** `account-<fund>-<area>-<agency>-<year>`.
//! **Invariant** debits are credits in every voucher and ledger; cash less reservations is never
//! below zero; no voucher names another fund or a closed item-period; a third party gets no more
//! than was kept for it; what a closed book held stands in the next one.

mod error;
pub mod event;
mod steps;
#[cfg(test)]
mod tests;
mod year;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::{BankCode, FundCode, ItemId, Money, Month};

pub use self::error::Error;
pub use self::event::{Book, Event};
use self::steps::{cash_out, positive};
pub use self::year::YearEnd;
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
