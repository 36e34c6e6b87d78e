//! The books: balances, journal 日记账 with vouchers, and bank statements with their differences.

use disbursement::{account, statement};
use disbursement::{Entry, Ledger};
use kernel::{Micros, Position};
use shared::{
    AgencyCode, AreaCode, ArtefactId, BankCode, Date, FundCode, ItemId, Money, Month,
};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, ViewError,
};
use crate::facts::Fact;
use crate::record;
use crate::scope::{Filter, Scope};

pub const NAME: &str = "books";

record! {
    pub struct BookRow in "book" key(book: String) index("fund", "year") {
        pub fund: FundCode,
        pub area: AreaCode,
        pub agency: AgencyCode,
        pub year: i32,
        pub policy: String,
        pub cash_account: String,
        pub opening: Money,
        pub cash: Money,
        /// Set aside and not taken yet.
        pub reserved: Money,
        pub vouchers: u64,
        pub closed: bool,
        pub position: Position,
    }

    /// Debits and credits of one account in one ledger of one book: the trial balance.
    pub struct BalanceRow in "balance" key(book: String, ledger: String, account: String) {
        pub debit: Money,
        pub credit: Money,
    }

    pub struct VoucherRow in "voucher" key(book: String, number: u64) index("reference") {
        pub occurrence: String,
        pub reference: String,
        pub posted_on: Date,
        pub amount: Money,
        pub by: String,
        pub at: Micros,
        pub event: uuid::Uuid,
    }

    pub struct EntryRow in "entry" key(book: String, number: u64, place: u32)
        index("book", "account", "number") index("item", "month")
    {
        pub ledger: String,
        pub account: String,
        pub item: Option<ItemId>,
        pub month: Option<Month>,
        pub batch: Option<String>,
        pub debit: Money,
        pub credit: Money,
        pub posted_on: Date,
    }

    pub struct StatementRow in "statement" key(statement: String) index("posted_on", "bank") {
        pub bank: BankCode,
        pub fund: FundCode,
        pub book: String,
        pub posted_on: Date,
        pub opening: Money,
        pub closing: Money,
        pub debits: Money,
        pub credits: Money,
        pub lines: u32,
        pub matched: u32,
        pub differences: u32,
        pub digest: ArtefactId,
    }

    pub struct StatementLineRow in "statement_line" key(statement: String, serial: String)
        index("state") index("batch")
    {
        pub direction: String,
        pub amount: Money,
        pub reference: Option<String>,
        pub balance: Money,
        /// `open`, `matched`, `different` or `resolved`.
        pub state: String,
        pub batch: Option<String>,
        pub owner: Option<String>,
        pub reason: Option<String>,
        pub note: Option<String>,
    }
}

#[derive(Default)]
pub struct Books {
    books: Cached<BookRow>,
    balances: Cached<BalanceRow>,
    vouchers: Cached<VoucherRow>,
    entries: Cached<EntryRow>,
    statements: Cached<StatementRow>,
    lines: Cached<StatementLineRow>,
}

impl Projection for Books {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            BookRow::TABLE,
            BalanceRow::TABLE,
            VoucherRow::TABLE,
            EntryRow::TABLE,
            StatementRow::TABLE,
            StatementLineRow::TABLE,
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
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Books {
    fn account(
        &mut self,
        happened: &Happened<'_>,
        event: &account::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        let position = happened.position();
        match event {
            account::Event::Opened { book, opening } => {
                let cash = cash_moved(opening, &book.cash);
                self.books.put(BookRow {
                    book: id.clone(),
                    fund: book.fund,
                    area: book.area,
                    agency: book.agency,
                    year: i32::from(book.year),
                    policy: book.policy.clone(),
                    cash_account: book.cash.clone(),
                    opening: cash,
                    cash,
                    reserved: Money::ZERO,
                    vouchers: 0,
                    closed: false,
                    position,
                });
                let on = Date::constant(book.year, 1, 1);
                self.enter(&id, 0, on, opening, store)?;
            }
            account::Event::Posted { number, voucher } => {
                self.vouchers.put(VoucherRow {
                    book: id.clone(),
                    number: *number,
                    occurrence: voucher.occurrence.clone(),
                    reference: voucher.reference.clone(),
                    posted_on: voucher.on,
                    amount: largest_side(&voucher.entries),
                    by: happened.meta.actor.clone(),
                    at: happened.recorded.recorded_at,
                    event: happened.recorded.id,
                });
                self.enter(&id, *number, voucher.on, &voucher.entries, store)?;
                self.books.update(&id, store, |book| {
                    book.cash += cash_moved(&voucher.entries, &book.cash_account);
                    book.vouchers = *number;
                })?;
            }
            account::Event::Reserved { amount, .. } => {
                self.books.update(&id, store, |book| book.reserved += *amount)?;
            }
            // A split moves a reservation to a batch: the sum set aside stays.
            account::Event::Split { .. } => {}
            // A pending entry that falls away leaves its sum set aside for the plan.
            account::Event::PendingSettled { posted: false, .. } => {}
            account::Event::PendingSettled { amount, posted: true, .. }
            | account::Event::Released { amount, .. } => {
                self.books.update(&id, store, |book| book.reserved -= *amount)?;
            }
            account::Event::Closed {} => {
                self.books.update(&id, store, |book| book.closed = true)?;
            }
        }
        self.books.update(&id, store, |book| book.position = position)?;
        Ok(())
    }

    fn enter(
        &mut self,
        book: &str,
        number: u64,
        on: Date,
        entries: &[Entry],
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        for (place, entry) in (0..).zip(entries) {
            let ledger = ledger(entry.ledger).to_owned();
            let key = (book.to_owned(), ledger.clone(), entry.account.clone());
            let first = || BalanceRow {
                book: book.to_owned(),
                ledger: ledger.clone(),
                account: entry.account.clone(),
                debit: Money::ZERO,
                credit: Money::ZERO,
            };
            self.balances.update_or(&key, store, first, |balance| {
                balance.debit += entry.debit;
                balance.credit += entry.credit;
            })?;
            self.entries.put(EntryRow {
                book: book.to_owned(),
                number,
                place,
                ledger: ledger.clone(),
                account: entry.account.clone(),
                item: entry.item,
                month: entry.month,
                batch: entry.batch.clone(),
                debit: entry.debit,
                credit: entry.credit,
                posted_on: on,
            });
        }
        Ok(())
    }

    fn statement(
        &mut self,
        happened: &Happened<'_>,
        event: &statement::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        match event {
            statement::Event::Imported { header, lines } => {
                let sum = |direction| {
                    let of = lines.iter().filter(move |line| line.direction == direction);
                    of.map(|line| line.amount).sum()
                };
                self.statements.put(StatementRow {
                    statement: id.clone(),
                    bank: header.bank,
                    fund: header.fund,
                    book: header.account.clone(),
                    posted_on: header.on,
                    opening: header.opening,
                    closing: header.closing,
                    debits: sum(statement::Direction::Debit),
                    credits: sum(statement::Direction::Credit),
                    lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
                    matched: 0,
                    differences: 0,
                    digest: header.artefact,
                });
                for line in lines {
                    self.lines.put(StatementLineRow {
                        statement: id.clone(),
                        serial: line.serial.clone(),
                        direction: direction(line.direction).to_owned(),
                        amount: line.amount,
                        reference: line.reference.clone(),
                        balance: line.balance,
                        state: "open".to_owned(),
                        batch: None,
                        owner: None,
                        reason: None,
                        note: None,
                    });
                }
            }
            statement::Event::Matched { serial, batch } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "matched".clone_into(&mut line.state);
                    line.batch = Some(batch.clone());
                })?;
                self.statements.update(&id, store, |row| row.matched += 1)?;
            }
            statement::Event::DifferenceFound { serial, owner, reason, .. } => {
                let reason = match reason {
                    statement::Difference::NoBatch => "no_batch",
                    statement::Difference::OtherAmount => "other_amount",
                };
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "different".clone_into(&mut line.state);
                    (line.owner, line.reason) = (Some(owner.clone()), Some(reason.to_owned()));
                })?;
                self.statements.update(&id, store, |row| row.differences += 1)?;
            }
            statement::Event::DifferenceResolved { serial, note, .. } => {
                self.lines.update(&(id.clone(), serial.clone()), store, |line| {
                    "resolved".clone_into(&mut line.state);
                    line.note = Some(note.clone());
                })?;
                self.statements.update(&id, store, |row| row.differences -= 1)?;
            }
        }
        Ok(())
    }
}

fn cash_moved(entries: &[Entry], cash: &str) -> Money {
    entries
        .iter()
        .filter(|entry| entry.ledger == Ledger::F && entry.account == cash)
        .map(|entry| entry.debit - entry.credit)
        .sum()
}

fn largest_side(entries: &[Entry]) -> Money {
    let of = |ledger| {
        let entries = entries.iter().filter(move |entry| entry.ledger == ledger);
        entries.map(|entry| entry.debit).sum::<Money>()
    };
    of(Ledger::F).max(of(Ledger::M))
}

fn ledger(ledger: Ledger) -> &'static str {
    match ledger {
        Ledger::F => "F",
        Ledger::M => "M",
    }
}

fn direction(direction: statement::Direction) -> &'static str {
    match direction {
        statement::Direction::Debit => "debit",
        statement::Direction::Credit => "credit",
    }
}

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

pub fn entries(
    session: &ReadSession,
    book: &str,
    number: u64,
) -> Result<Vec<EntryRow>, ViewError> {
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
