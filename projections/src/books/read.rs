//! What is asked of the books: balances, journal, statements and their differences.

use shared::{BankCode, Date, FundCode};

use super::{
    BalanceRow, BookRow, ClosedItemRow, EntryRow, NAME, StatementLineRow, StatementMatchRow,
    StatementRow, VoucherRow,
};
use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::{By, Clause, Only, Page, Test, of_many, one, page, seen};
use crate::scope::{Filter, Scope};

seen! { NAME;
    BookRow: by("area");
    BalanceRow: through("book", "area");
    VoucherRow: through("book", "area");
    EntryRow: through("book", "area");
    StatementRow: through("book", "area");
    StatementLineRow: through("book", "area");
    StatementMatchRow: through("statement", "book", "area");
    ClosedItemRow: through("book", "area");
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

/// The ids of the statements whose lines are matched with batches of an item-period; at most
/// `limit`. A batch's id begins with its item-period's.
pub fn statements_behind(
    session: &ReadSession,
    scope: &Scope,
    period: &str,
    limit: u32,
) -> Result<Vec<String>, ViewError> {
    let mut clause = Clause::seen::<StatementMatchRow>(scope);
    let from = Value::Text(format!("{period}-"));
    // The sign behind a hyphen.
    let below = Only::Is("batch", Test::AtLeast, Value::Text(format!("{period}.")));
    clause.and::<StatementMatchRow>(
        &Only::Is("batch", Test::AtLeast, from).and(Only::Not(Box::new(below))),
    )?;
    let sql = format!(
        "SELECT DISTINCT statement FROM statement_match {} ORDER BY statement LIMIT {limit}",
        clause.text()
    );
    let rows = session.rows(NAME, &sql, &clause.binds)?;
    rows.iter().filter_map(|row| row.first()).map(|id| Ok(id.to()?)).collect()
}

/// The ids of a book's statements up to a day, the newest first; at most `limit`.
pub fn statements_of(
    session: &ReadSession,
    scope: &Scope,
    book: &str,
    bank: Option<BankCode>,
    to: Date,
    limit: u32,
) -> Result<Vec<String>, ViewError> {
    let mut only = Only::equal("book", &book.to_owned()).and(Only::at_most("posted_on", &to));
    if let Some(bank) = bank {
        only = only.and(Only::equal("bank", &bank));
    }
    let order = [By::down("posted_on"), By::up("statement")];
    let rows = listed::<StatementRow>(session, scope, &only, &order, None, limit)?;
    Ok(rows.into_iter().map(|row| row.statement).collect())
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
