//! The books themselves: which policy and which book a voucher follows, their journals and balances
//! on any day, and the end of their year.

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use definitions::kinds::account::Detail;
use definitions::kinds::item::Item;
use definitions::{Catalogue, Posting};
use disbursement::account::{self, Account, Book, YearEnd};
use disbursement::journal::{AccountJournal, Journal, TrialRow};
use disbursement::ledger::Voucher;
use disbursement::reconcile::Reconciliation;
use disbursement::statement::Statement;
use kernel::{Decider, Limit, Revision, StreamName};
use shared::{BankCode, Date, Month};

use super::Disbursement;
use super::fund::{BookKey, fund_and_policy};
use super::open::not_defined;
use super::postings::cash_account;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

/// Books that follow each other from year to year.
const YEARS_MAX: usize = 100;

impl Disbursement {
    /// The policy that a book follows for its year; the item's own where there is no book yet.
    pub(super) async fn policy_of<'a>(
        &self,
        rules: &'a Catalogue,
        book: &str,
        item: &Item,
    ) -> Result<&'a Posting, CommandError> {
        let (account, _) = self.executor.load::<Account>(book).await?;
        let id = account.book.as_ref().map_or(item.posting.as_str(), |book| book.policy.as_str());
        rules.posting(id).map_err(not_defined)
    }

    /// Everything that was ever entered in a book.
    ///
    /// # Errors
    /// When there is no such book.
    pub async fn journal(&self, book: &str) -> Result<Journal, CommandError> {
        let stream = StreamName::new(Account::CATEGORY, book);
        let (mut journal, mut after) = (Journal::default(), Revision::NONE);
        loop {
            let page = self.executor.log().read_stream(&stream, after, Limit::PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.revision;
            for recorded in &page {
                journal.note(&recorded.decode()?);
            }
        }
        if journal.book.is_some() { Ok(journal) } else { Err(no_book(book)) }
    }

    /// The trial balance 科目余额表 at the end of a day.
    ///
    /// # Errors
    /// When there is no such book.
    pub async fn trial_balance(&self, book: &str, on: Date) -> Result<Vec<TrialRow>, CommandError> {
        Ok(self.journal(book).await?.trial_balance(on))
    }

    /// The journal 日记账 of the account that holds the cash, of one bank where it is kept per bank.
    ///
    /// # Errors
    /// When there is no such book.
    pub async fn cash_journal(
        &self,
        book: &str,
        bank: Option<BankCode>,
        from: Date,
        to: Date,
    ) -> Result<AccountJournal, CommandError> {
        let journal = self.journal(book).await?;
        let cash = journal.book.as_ref().map_or_else(String::new, |book| book.cash.clone());
        Ok(journal.account(&cash, bank, from, to))
    }

    /// 银行支出户存款余额调节表 at a month's end, from the book and these statements.
    ///
    /// # Errors
    /// When there is no such book or statement, or a statement is of another book.
    pub async fn reconciliation(
        &self,
        book: &str,
        bank: Option<BankCode>,
        month: Month,
        statements: &[String],
    ) -> Result<Reconciliation, CommandError> {
        let journal = self.journal(book).await?;
        let mut days = Vec::with_capacity(statements.len());
        for id in statements {
            let (statement, _) = self.executor.load::<Statement>(id).await?;
            match &statement.header {
                Some(header) if header.account == book => {}
                Some(header) => return Err(other_book(id, &header.account, book)),
                None => {
                    return Err(CommandError::NotFound { what: "statement", id: id.clone() });
                }
            }
            days.push((id.clone(), std::sync::Arc::unwrap_or_clone(statement)));
        }
        Ok(Reconciliation::draw_up(&journal, &days, bank, month))
    }

    /// Ends a book's year: spending and income go to the fund's balance, and the next year's book
    /// opens on what is left. Both in one append. The id of the next book.
    ///
    /// # Errors
    /// While money is set aside or on its way, or when the next book is open already.
    pub async fn close_year(
        &self,
        envelope: &Envelope,
        key: BookKey,
    ) -> Result<Done<String>, CommandError> {
        let next = BookKey { year: key.year + 1, ..key };
        let rules = self.rules(Date::constant(next.year, 1, 1))?;
        let (_, policy) = fund_and_policy(&rules, key.fund, next.year)?;
        let cash = cash_account(policy)?;
        let BookKey { fund, area, agency, year } = next;
        let book = Book { fund, area, agency, year, policy: policy.id.clone(), cash };
        let (from, into) = (key.to_string(), next.to_string());
        let year_end = YearEnd { into: into.clone(), next: year, transfers: transfers(&rules) };
        self.executor
            .run(envelope, "book.close-year", &key, async |unit| {
                let close = account::Command::CloseYear(year_end.clone());
                unit.decide::<Account>(&from, close).await?;
                let (closed, _) = unit.load::<Account>(&from).await?;
                let balances =
                    closed.carried_over.as_ref().map_or_else(Vec::new, |(_, kept)| kept.clone());
                let (book, from) = (book.clone(), from.clone());
                let carry = account::Command::CarryForward { book, from, balances };
                unit.decide::<Account>(&into, carry).await?;
                Ok(into.clone())
            })
            .await
    }
}

/// The book that takes a voucher: a closed one's successor.
pub(super) async fn living_book(unit: &Unit, id: &str) -> Result<String, CommandError> {
    let mut book = id.to_owned();
    for _ in 0..YEARS_MAX {
        let (account, _) = unit.load::<Account>(&book).await?;
        match &account.carried_over {
            Some((next, _)) if account.closed => book.clone_from(next),
            Some(_) | None => return Ok(book),
        }
    }
    Err(CommandError::fault(format!("the books after {id} do not end")))
}

fn transfers(rules: &Catalogue) -> BTreeMap<String, String> {
    let accounts = rules.all::<definitions::Account>().values();
    accounts.filter_map(|one| Some((one.id.clone(), one.transferred_to.clone()?))).collect()
}

/// Says at which bank the cash of a voucher moves.
pub(super) fn at_bank(mut voucher: Voucher, cash: &str, bank: BankCode) -> Voucher {
    for entry in voucher.entries.iter_mut().filter(|entry| entry.account == cash) {
        entry.bank = Some(bank);
    }
    voucher
}

/// Says whom a voucher is about, on the accounts that are kept per payee or recovery.
pub(super) fn of_party(mut voucher: Voucher, rules: &Catalogue, party: &str) -> Voucher {
    let per_party = |code: &str| {
        rules.account(code).is_ok_and(|account| {
            account.details.iter().any(|one| matches!(one, Detail::Recovery | Detail::Payee))
        })
    };
    for entry in voucher.entries.iter_mut().filter(|entry| per_party(&entry.account)) {
        entry.party = Some(party.to_owned());
    }
    voucher
}

pub(super) fn no_book(book: &str) -> CommandError {
    CommandError::NotFound { what: "book", id: book.to_owned() }
}

fn other_book(statement: &str, of: &str, wanted: &str) -> CommandError {
    Refused::new(
        "STATEMENT_OF_OTHER_BOOK",
        format!("对账单 {statement} 属于账套 {of}，不属于 {wanted}"),
        format!("statement {statement} is of book {of}, not of {wanted}"),
    )
    .field("statements")
    .into()
}
