//! What is asked of the books: balances, journal, statements and their differences.

use shared::{BankCode, FundCode};

use super::{BalanceRow, BookRow, EntryRow, NAME, StatementLineRow, StatementRow, VoucherRow};
use crate::engine::{ReadSession, ViewError};
use crate::lists::{By, Only, Page, Test, of_many, one, page, seen};
use crate::scope::{Filter, Scope};

seen! { NAME;
    BookRow: by("area");
    BalanceRow: through("book", "area");
    VoucherRow: through("book", "area");
    EntryRow: through("book", "area");
    StatementRow: through("book", "area");
    StatementLineRow: through("statement", "book", "area");
}

/// More than this no answer holds at once.
const MANY: u32 = 1_000;
/// A hundred vouchers of a hundred entries.
const ENTRIES_MAX: u32 = 10_000;

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

pub fn book(session: &ReadSession, scope: &Scope, id: &str) -> Result<Option<BookRow>, ViewError> {
    one(session, scope, &id.to_owned())
}

/// The trial balance 试算平衡 of a book.
pub fn balances(
    session: &ReadSession,
    scope: &Scope,
    book: &str,
) -> Result<Vec<BalanceRow>, ViewError> {
    of_many(session, scope, "book", [book.into()], &[By::up("ledger"), By::up("account")])
}

/// Vouchers after number `after`.
pub fn vouchers(
    session: &ReadSession,
    scope: &Scope,
    book: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<VoucherRow>, ViewError> {
    let only =
        Only::equal("book", &book.to_owned()).and(Only::Is("number", Test::Above, after.into()));
    listed(session, scope, &only, &[By::up("number")], None, limit)
}

/// The entries of these vouchers of a book, by number and place.
pub fn entries(
    session: &ReadSession,
    scope: &Scope,
    book: &str,
    numbers: &[u64],
) -> Result<Vec<EntryRow>, ViewError> {
    let numbers = numbers.iter().map(|number| Only::equal("number", number)).collect();
    let only = Only::equal("book", &book.to_owned()).and(Only::Any(numbers));
    listed(session, scope, &only, &[By::up("number"), By::up("place")], None, ENTRIES_MAX)
}

/// Statements after `after`, by id.
pub fn statements(
    session: &ReadSession,
    scope: &Scope,
    bank: Option<BankCode>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<StatementRow>, ViewError> {
    let only = bank.map_or(Only::everything(), |bank| Only::equal("bank", &bank));
    listed(session, scope, &only, &[By::up("statement")], after, limit)
}

pub fn statement(
    session: &ReadSession,
    scope: &Scope,
    id: &str,
) -> Result<Option<StatementRow>, ViewError> {
    one(session, scope, &id.to_owned())
}

pub fn statement_lines(
    session: &ReadSession,
    scope: &Scope,
    statement: &str,
) -> Result<Vec<StatementLineRow>, ViewError> {
    of_many(session, scope, "statement", [statement.into()], &[By::up("serial")])
}

/// Statement lines that wait for an owner's word.
pub fn differences(
    session: &ReadSession,
    scope: &Scope,
) -> Result<Vec<StatementLineRow>, ViewError> {
    let only = Only::equal("state", &"different".to_owned());
    listed(session, scope, &only, &[By::up("statement"), By::up("serial")], None, MANY)
}

fn listed<R: crate::lists::Seen>(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    order: &[By],
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<R>, ViewError> {
    let after = after.map(|after| vec![after.into()]);
    page(session, scope, &Page { only, order, after, before: None, backward: false, limit })
}
