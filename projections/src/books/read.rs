//! What is asked of the books: balances, journal, statements and their differences.

use shared::{BankCode, FundCode};

use super::{BalanceRow, BookRow, EntryRow, StatementLineRow, StatementRow, VoucherRow};
use crate::engine::{ReadSession, ViewError};
use crate::scope::{Filter, Scope};

/// All books, or those of a fund.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn books(
    session: &ReadSession,
    scope: &Scope,
    fund: Option<FundCode>,
) -> Result<Vec<BookRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "area").and_if("fund =", fund);
    session.query(&filter.tail("ORDER BY book LIMIT 1000"), filter.binds())
}

pub fn book(session: &ReadSession, id: &str) -> Result<Option<BookRow>, ViewError> {
    session.get(&id.to_owned())
}

/// The trial balance 试算平衡 of a book.
pub fn balances(session: &ReadSession, book: &str) -> Result<Vec<BalanceRow>, ViewError> {
    let filter = Filter::new().and("book =", book);
    session.query(&filter.tail("ORDER BY ledger, account"), filter.binds())
}

/// Vouchers after number `after`.
pub fn vouchers(
    session: &ReadSession,
    book: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<VoucherRow>, ViewError> {
    let filter = Filter::new().and("book =", book).and("number >", after);
    session.query(&filter.tail(&format!("ORDER BY number LIMIT {limit}")), filter.binds())
}

pub fn entries(session: &ReadSession, book: &str, number: u64) -> Result<Vec<EntryRow>, ViewError> {
    let filter = Filter::new().and("book =", book).and("number =", number);
    session.query(&filter.tail("ORDER BY place"), filter.binds())
}

/// Statements after `after`, by id.
pub fn statements(
    session: &ReadSession,
    bank: Option<BankCode>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<StatementRow>, ViewError> {
    let filter = Filter::new().and_if("bank =", bank).and_if("statement >", after);
    session.query(&filter.tail(&format!("ORDER BY statement LIMIT {limit}")), filter.binds())
}

pub fn statement_lines(
    session: &ReadSession,
    statement: &str,
) -> Result<Vec<StatementLineRow>, ViewError> {
    let filter = Filter::new().and("statement =", statement);
    session.query(&filter.tail("ORDER BY serial LIMIT 1000"), filter.binds())
}

/// Statement lines that wait for an owner's word.
pub fn differences(session: &ReadSession) -> Result<Vec<StatementLineRow>, ViewError> {
    let filter = Filter::new().and("state =", "different");
    session.query(&filter.tail("ORDER BY statement, serial LIMIT 1000"), filter.binds())
}
