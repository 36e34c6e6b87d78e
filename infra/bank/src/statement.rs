//! Statements (对账单): what moved on the bureau's account on one day, with running balances.
//!
//! Directions are the bank's: a debit takes money out of the bureau's account, a credit brings it
//! in. A layout has no opening balance; it follows from the first row.

use std::fmt;

use definitions::{Direction, Field, Layout};
use jiff::civil::Date;
use shared::Money;

use crate::error::{FileError, Findings, Rule, error};
use crate::file::BankFile;
use crate::header::{Header, Tallies, Tally, read_file};
use crate::instruction::{Seen, text};
use crate::name;
use crate::read::{Reader, Row as Cells};
use crate::write::Page;

/// One line of a statement.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file, from 1; not looked at when written.
    pub row: u32,
    /// The bank's number of the movement, once in a statement.
    pub serial: String,
    pub posted_on: Date,
    pub direction: Direction,
    /// Above zero.
    pub amount: Money,
    /// After the movement; needed where the layout has it.
    pub balance: Option<Money>,
    /// The bureau's batch, where the bank carries it through.
    pub reference: Option<String>,
    pub memo: Option<String>,
}

/// A statement as it was read. `header.total` sums both directions.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    pub header: Header,
    pub rows: Vec<Row>,
    pub debits: Tally,
    pub credits: Tally,
}

/// Writes a statement as the bank would; count and total are those of the rows.
///
/// # Errors
/// Every mistake, at most [`crate::ERRORS_MAX`] of them; balances that do not run are mistakes.
pub fn write_statement(
    layout: &Layout,
    header: &Header,
    rows: &[Row],
) -> Result<BankFile, Vec<FileError>> {
    let record = &layout.statement.record;
    let mut unnamed = Findings::of("");
    let name = name::render(&record.file, |field| header.in_name(layout, field), &mut unnamed);
    let mut page = Page::new(layout, &name);
    page.findings.take(unnamed);
    let mut all = Tally::default();
    for row in rows {
        all.add(row.amount, row.row, &mut page.findings);
    }
    let tallies = Tallies::of_all(all);
    header.write(&mut page, record, &tallies);
    let mut running = Running::default();
    for row in rows {
        running.next(row, page.row(), &mut page.findings);
        row.write(&mut page, layout);
    }
    header.write_trailer(&mut page, record, &tallies);
    page.finish(name, all)
}

/// Reads a statement and proves it against its own header and its running balance. Where it comes
/// with a ready mark, call [`crate::verify_ready`] before.
///
/// # Errors
/// Every mistake, at most [`crate::ERRORS_MAX`] of them.
pub fn parse_statement(
    layout: &Layout,
    name: &str,
    bytes: &[u8],
) -> Result<Statement, Vec<FileError>> {
    let record = &layout.statement.record;
    let read = read_file(layout, record, name, bytes, None, |reader, cells| {
        let mut rows = Vec::with_capacity(cells.len());
        let mut tallies = Tallies::default();
        let mut running = Running::default();
        for cells in cells {
            let Some(row) = read_row(reader, cells, &record.line) else {
                reader.has_unread_lines = true;
                running.interrupt();
                continue;
            };
            tallies.all.add(row.amount, cells.number, &mut reader.findings);
            running.next(&row, cells.number, &mut reader.findings);
            rows.push(row);
        }
        (rows, tallies)
    });
    let (header, rows) = read?;
    let (mut debits, mut credits) = (Tally::default(), Tally::default());
    for row in &rows {
        let side = match row.direction {
            Direction::Debit => &mut debits,
            Direction::Credit => &mut credits,
        };
        *side = side.with(row.amount).unwrap_or(*side);
    }
    Ok(Statement { header, rows, debits, credits })
}

impl Statement {
    /// The balance before the first row, if it has rows with balances.
    #[must_use]
    pub fn opening(&self) -> Option<Money> {
        let first = self.rows.first()?;
        match first.direction {
            Direction::Debit => first.balance?.checked_add(first.amount),
            Direction::Credit => first.balance?.checked_sub(first.amount),
        }
    }

    /// The balance after the last row, if it has rows with balances.
    #[must_use]
    pub fn closing(&self) -> Option<Money> {
        self.rows.last()?.balance
    }

    /// The rows that belong to no batch: not a mistake of the file, but each needs an owner.
    pub fn without_batch(&self, file: &str, is_known: impl Fn(&str) -> bool) -> Vec<FileError> {
        let lost = |row: &&Row| !row.reference.as_deref().is_some_and(&is_known);
        let told = |row: &Row| {
            let at = (Some(row.row), Some(Field::Reference));
            let what = ("该行不属于任何批次", "the line belongs to no batch");
            error(file, at, Rule::LineWithoutBatch, what)
        };
        self.rows.iter().filter(lost).map(told).collect()
    }
}

impl Row {
    fn write(&self, page: &mut Page<'_>, layout: &Layout) {
        for &field in &layout.statement.record.line {
            match field {
                Field::BankSerial => page.required(field, &self.serial),
                Field::PostedAt => page.date(self.posted_on),
                Field::Direction => {
                    let mut words = layout.statement.directions.iter();
                    match words.find(|(_, meaning)| **meaning == self.direction) {
                        Some((word, _)) => page.text(field, word),
                        None => page.missing(field),
                    }
                }
                Field::Amount => page.positive(field, self.amount),
                Field::Balance => match self.balance {
                    Some(balance) => page.money(balance),
                    None => page.missing(field),
                },
                Field::Reference => page.text(field, text(self.reference.as_ref())),
                Field::Memo => page.text(field, text(self.memo.as_ref())),
                Field::Bank => page.text(field, layout.id.as_str()),
                Field::Currency => page.text(field, crate::header::CURRENCY),
                // Fields that a line of a statement knows nothing of.
                _ => page.empty(),
            }
        }
        page.end_row();
    }
}

fn read_row(reader: &mut Reader<'_>, cells: &Cells<'_>, fields: &[Field]) -> Option<Row> {
    let (mut serial, mut posted_on, mut direction, mut amount) = (None, None, None, None);
    let (mut balance, mut reference, mut memo) = (None, None, None);
    let mut sound = true;
    for (&field, text) in fields.iter().zip(cells.cells.iter().copied()) {
        let at = (Some(cells.number), Some(field));
        match field {
            Field::BankSerial => serial = reader.required(at, text),
            Field::PostedAt => posted_on = reader.date(at, text),
            Field::Direction => {
                let directions = &reader.layout.statement.directions;
                direction = directions.get(text).copied();
                if direction.is_none() {
                    reader.unknown(at, Rule::UnknownDirection, text, directions.keys());
                }
            }
            Field::Amount => amount = reader.positive(at, text),
            Field::Balance => {
                balance = reader.money(at, text);
                sound &= balance.is_some();
            }
            Field::Reference => reference = reader.optional(at, text),
            Field::Memo => memo = reader.optional(at, text),
            Field::Bank => reader.own_bank(at, text),
            Field::Currency => reader.currency(at, text),
            // Fields that a line of a statement knows nothing of.
            _ => {}
        }
    }
    Some(Row {
        row: cells.number,
        serial: serial?,
        posted_on: posted_on?,
        direction: direction?,
        amount: amount?,
        balance,
        reference,
        memo,
    })
    .filter(|_| sound)
}

/// The balance as it runs from row to row, and the serials that have come by.
#[derive(Default)]
struct Running {
    balance: Option<Money>,
    seen: Seen<String>,
}

impl Running {
    fn next(&mut self, row: &Row, number: u32, findings: &mut Findings) {
        let at = (Some(number), Some(Field::BankSerial));
        self.seen.reference(row.serial.clone(), at, findings);
        if let (Some(before), Some(found)) = (self.balance, row.balance) {
            let due = match row.direction {
                Direction::Debit => before.checked_sub(row.amount),
                Direction::Credit => before.checked_add(row.amount),
            };
            if due != Some(found) {
                let what =
                    ("余额与上一行接不上", "the balance does not follow from the row before");
                findings.note((Some(number), Some(Field::Balance)), Rule::BalanceDiffers, what);
            }
        }
        self.balance = row.balance;
    }

    /// After a row that could not be read the next balance proves nothing.
    fn interrupt(&mut self) {
        self.balance = None;
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("row", &self.row)
            .field("serial", &self.serial)
            .field("posted_on", &self.posted_on)
            .field("direction", &self.direction)
            .field("amount", &self.amount)
            .field("balance", &self.balance)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("header", &self.header)
            .field("debits", &self.debits)
            .field("credits", &self.credits)
            .finish_non_exhaustive()
    }
}
