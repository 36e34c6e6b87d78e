//! The books: balances, journal 日记账 with vouchers, and bank statements with their differences.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What does an event of a book change? | [`fold`] |
//! | What does an event of a statement change? | [`mod@statement`] |
//! | What can be asked? | [`read`] |
//! | What do journals and trial balances say? | [`journal`] |
//!
//! **Invariant** a balance is what [`disbursement::account::Account`] folds to, and what is reserved
//! is its own figure; a statement line is open, matched, different or resolved, and nothing twice.

mod fold;
pub mod journal;
mod read;
mod rows;
mod statement;

pub use self::read::{
    balances, book, books, differences, entries, statement, statement_lines, statements,
    statements_behind, statements_of, vouchers,
};
pub use self::rows::{
    BalanceRow, BookRow, ClosedItemRow, EntryRow, StatementLineRow, StatementMatchRow,
    StatementRow, VoucherRow,
};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "books";

#[derive(Default)]
pub struct Books {
    books: Cached<BookRow>,
    balances: Cached<BalanceRow>,
    vouchers: Cached<VoucherRow>,
    entries: Cached<EntryRow>,
    statements: Cached<StatementRow>,
    lines: Cached<StatementLineRow>,
    matches: Cached<StatementMatchRow>,
    closed_items: Cached<ClosedItemRow>,
}

impl Projection for Books {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            BookRow::TABLE,
            BalanceRow::TABLE,
            VoucherRow::TABLE,
            EntryRow::TABLE,
            StatementRow::TABLE,
            StatementLineRow::TABLE,
            StatementMatchRow::TABLE,
            ClosedItemRow::TABLE,
        ]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["account", "statement"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Account(event) => self.account(happened, event, store),
            Fact::Statement(event) => self.statement(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.books.flush(store)?;
        self.balances.flush(store)?;
        self.vouchers.flush(store)?;
        self.entries.flush(store)?;
        self.statements.flush(store)?;
        self.lines.flush(store)?;
        self.matches.flush(store)?;
        self.closed_items.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}
