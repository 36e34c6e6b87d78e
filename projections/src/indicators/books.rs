//! What events of books tell: one fact for each entry.

use definitions::{Dimension, FactKind, Number};
use disbursement::{Entry, Ledger, account};
use shared::{Date, Money};

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::BookRow;
use crate::engine::FoldError;

pub(super) fn account(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &account::Event,
) -> Result<(), FoldError> {
    let id = teller.happened.subject().to_owned();
    if let account::Event::Opened { book, .. } = event {
        known.books.put(BookRow {
            book: id.clone(),
            county: book.area.division(),
            fund: book.fund,
            agency: book.agency.to_string(),
            year: i32::from(book.year),
            cash_account: book.cash.clone(),
            cash: Money::ZERO,
        });
    }
    let Some(mut book) = known.books.get(&id, teller.store)?.cloned() else {
        return Err(FoldError::refused(format!("book {id} was never opened")));
    };
    match event {
        account::Event::Opened { book: opened, opening } => {
            let on = Date::new(opened.year, 1, 1).unwrap_or_default();
            book.enter(teller, ("0", "opening_balance", on), opening)?;
        }
        account::Event::Posted { number, voucher } => {
            let of = (number.to_string(), voucher.occurrence.as_str(), voucher.on);
            book.enter(teller, (&of.0, of.1, of.2), &voucher.entries)?;
        }
        // What was carried over is in the next year's book from its first day on.
        account::Event::CarriedOver { .. } => {
            let year = i16::try_from(book.year + 1).unwrap_or(i16::MAX);
            let on = Date::new(year, 1, 1).unwrap_or_default();
            let told = book
                .told("carried_over", "carried_over", on)
                .with(Dimension::Ledger, Ledger::F.code())
                .with(Dimension::Account, &book.cash_account)
                .number(Number::Cash, (Money::ZERO - book.cash).fen());
            teller.tell_anew(told)?;
        }
        // Money set aside stays where it is, and a period that is closed moves none.
        _ => return Ok(()),
    }
    known.books.put(book);
    Ok(())
}

impl BookRow {
    fn enter(
        &mut self,
        teller: &mut Teller<'_>,
        (number, occurrence, on): (&str, &str, Date),
        entries: &[Entry],
    ) -> Result<(), FoldError> {
        for (place, entry) in entries.iter().enumerate() {
            let is_cash = entry.ledger == Ledger::F && entry.account == self.cash_account;
            let cash = if is_cash { entry.debit - entry.credit } else { Money::ZERO };
            self.cash += cash;
            let item = entry.item.map_or_else(String::new, |item| item.to_string());
            let told = self
                .told(&format!("{number}|{place}"), occurrence, on)
                .with(Dimension::Ledger, entry.ledger.code())
                .with(Dimension::Account, &entry.account)
                .with(Dimension::Item, item)
                .number(Number::Debit, entry.debit.fen())
                .number(Number::Credit, entry.credit.fen())
                .number(Number::Cash, cash.fen());
            teller.tell(told)?;
        }
        Ok(())
    }

    fn told(&self, name: &str, occurrence: &str, on: Date) -> Told {
        Told::new(FactKind::BookEntry, format!("{}|{name}", self.book), on)
            .with(Dimension::County, self.county)
            .with(Dimension::Fund, self.fund)
            .with(Dimension::Agency, &self.agency)
            .with(Dimension::Occurrence, occurrence)
    }
}
