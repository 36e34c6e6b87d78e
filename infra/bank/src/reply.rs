//! Replies (回盘): what the bank says became of each line. A line that is not mentioned stays open.

use std::fmt;

use definitions::{Field, Layout, LineResult};
use jiff::civil::Date;
use shared::{Money, Pii, ReturnReason};

use crate::error::{FileError, Findings, Rule, error};
use crate::file::BankFile;
use crate::header::{Header, Tallies, Tally, read_file};
use crate::instruction::{Seen, pii, text};
use crate::name;
use crate::read::{Reader, Row as Cells};
use crate::write::Page;

/// What the bank says of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// `serial` is empty where the layout has none.
    Paid { serial: String },
    /// The bank's own code; empty when written: the layout's first code for the reason.
    Returned { reason: ReturnReason, bank_code: String },
    /// The bank does not know yet.
    Pending,
}

/// One line of a reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file, from 1; not looked at when written.
    pub row: u32,
    pub attempt: String,
    pub seq: Option<u32>,
    pub account: Option<Pii<String>>,
    pub account_name: Option<Pii<String>>,
    pub amount: Money,
    pub said: Said,
    /// Needed for a paid line where the layout has it.
    pub posted_on: Option<Date>,
    pub memo: Option<String>,
}

/// A reply as it was read. `header.count` and `header.total` are of all its rows.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    pub header: Header,
    pub rows: Vec<Row>,
    pub paid: Tally,
    pub returned: Tally,
    pub pending: Tally,
}

/// Writes a reply as the bank would; count and totals are those of the rows.
///
/// # Errors
/// Every mistake, at most [`crate::ERRORS_MAX`] of them.
pub fn write_reply(
    layout: &Layout,
    header: &Header,
    rows: &[Row],
) -> Result<BankFile, Vec<FileError>> {
    let record = &layout.reply.record;
    let mut unnamed = Findings::of("");
    let name = name::render(&record.file, |field| header.in_name(layout, field), &mut unnamed);
    let mut page = Page::new(layout, &name);
    page.findings.take(unnamed);
    let (tallies, _) = tallied(rows, &mut page.findings);
    header.write(&mut page, record, &tallies);
    let mut seen = Seen::default();
    for row in rows {
        let at = page.at(Field::Attempt);
        seen.reference(row.attempt.as_str(), at, &mut page.findings);
        row.write(&mut page, layout);
    }
    header.write_trailer(&mut page, record, &tallies);
    page.finish(name, tallies.all)
}

/// Reads a reply and proves it against its own header. Where it comes with a ready mark, call
/// [`crate::verify_ready`] before.
///
/// # Errors
/// Every mistake, at most [`crate::ERRORS_MAX`] of them; a result or reason that the layout does
/// not list is one.
pub fn parse_reply(layout: &Layout, name: &str, bytes: &[u8]) -> Result<Reply, Vec<FileError>> {
    let record = &layout.reply.record;
    let read = read_file(layout, record, name, bytes, None, |reader, cells| {
        let mut seen = Seen::default();
        let mut rows = Vec::with_capacity(cells.len());
        for cells in cells {
            let Some(row) = read_row(reader, cells, &record.line) else {
                reader.has_unread_lines = true;
                continue;
            };
            let at = (Some(cells.number), Some(Field::Attempt));
            seen.reference(row.attempt.clone(), at, &mut reader.findings);
            rows.push(row);
        }
        let (tallies, pending) = tallied(&rows, &mut reader.findings);
        ((rows, tallies, pending), tallies)
    });
    let (header, (rows, tallies, pending)) = read?;
    Ok(Reply { header, rows, paid: tallies.paid, returned: tallies.returned, pending })
}

impl Reply {
    /// # Errors
    /// When no batch of this reference was sent to the bank.
    pub fn of_known_batch(
        &self,
        file: &str,
        is_known: impl FnOnce(&str) -> bool,
    ) -> Result<(), FileError> {
        if is_known(&self.header.batch) {
            return Ok(());
        }
        let row = Some(1);
        let what = ("没有发出过该批次", "no such batch was sent");
        Err(error(file, (row, Some(Field::Batch)), Rule::UnknownBatch, what))
    }
}

impl Row {
    fn write(&self, page: &mut Page<'_>, layout: &Layout) {
        for &field in &layout.reply.record.line {
            match field {
                Field::Seq => match self.seq {
                    Some(seq) => page.number(seq),
                    None => page.empty(),
                },
                Field::Attempt => page.required(field, &self.attempt),
                Field::Account => page.text(field, pii(self.account.as_ref())),
                Field::AccountName => page.text(field, pii(self.account_name.as_ref())),
                Field::Amount => page.positive(field, self.amount),
                Field::Result => match result_word(layout, self.said.result()) {
                    Some(word) => page.text(field, word),
                    None => page.missing(field),
                },
                Field::Reason => self.write_reason(page, layout),
                Field::BankSerial => match &self.said {
                    Said::Paid { serial } => page.required(field, serial),
                    Said::Returned { .. } | Said::Pending => page.empty(),
                },
                Field::PostedAt => match (self.posted_on, &self.said) {
                    (Some(day), _) => page.date(day),
                    (None, Said::Paid { .. }) => page.missing(field),
                    (None, Said::Returned { .. } | Said::Pending) => page.empty(),
                },
                Field::Memo => page.text(field, text(self.memo.as_ref())),
                Field::Bank => page.text(field, layout.id.as_str()),
                Field::Currency => page.text(field, crate::header::CURRENCY),
                // Fields that a line of a reply knows nothing of.
                _ => page.empty(),
            }
        }
        page.end_row();
    }

    fn write_reason(&self, page: &mut Page<'_>, layout: &Layout) {
        let Said::Returned { reason, bank_code } = &self.said else { return page.empty() };
        let reasons = &layout.reply.reasons;
        let code = if bank_code.is_empty() {
            reasons.iter().find(|(_, meaning)| *meaning == reason).map(|(code, _)| code)
        } else {
            reasons
                .get_key_value(bank_code)
                .filter(|(_, meaning)| *meaning == reason)
                .map(|(code, _)| code)
        };
        match code {
            Some(code) => page.text(Field::Reason, code),
            None => page.missing(Field::Reason),
        }
    }
}

impl Said {
    const fn result(&self) -> LineResult {
        match self {
            Said::Paid { .. } => LineResult::Paid,
            Said::Returned { .. } => LineResult::Returned,
            Said::Pending => LineResult::Pending,
        }
    }
}

fn result_word(layout: &Layout, result: LineResult) -> Option<&str> {
    let mut words = layout.reply.results.iter();
    words.find(|(_, meaning)| **meaning == result).map(|(word, _)| word.as_str())
}

/// What a row holds, before it is known what the bank says with it.
#[derive(Default)]
struct Raw<'t> {
    attempt: Option<String>,
    seq: Option<u32>,
    account: Option<Pii<String>>,
    account_name: Option<Pii<String>>,
    amount: Option<Money>,
    result: Option<LineResult>,
    reason: &'t str,
    serial: Option<&'t str>,
    posted: Option<&'t str>,
    memo: Option<String>,
}

fn read_row(reader: &mut Reader<'_>, cells: &Cells<'_>, fields: &[Field]) -> Option<Row> {
    let mut raw = Raw::default();
    let mut sound = true;
    for (&field, text) in fields.iter().zip(cells.cells.iter().copied()) {
        let at = (Some(cells.number), Some(field));
        match field {
            Field::Seq if text.is_empty() => {}
            Field::Seq => {
                raw.seq = reader.number(at, text);
                sound &= raw.seq.is_some();
            }
            Field::Attempt => raw.attempt = reader.required(at, text),
            Field::Account => raw.account = reader.optional(at, text).map(Pii::new),
            Field::AccountName => raw.account_name = reader.optional(at, text).map(Pii::new),
            Field::Amount => raw.amount = reader.positive(at, text),
            Field::Result => {
                let results = &reader.layout.reply.results;
                raw.result = results.get(text).copied();
                if raw.result.is_none() {
                    reader.unknown(at, Rule::UnknownResult, text, results.keys());
                }
            }
            Field::Reason => raw.reason = text,
            Field::BankSerial => raw.serial = Some(text),
            Field::PostedAt => raw.posted = Some(text),
            Field::Memo => raw.memo = reader.optional(at, text),
            Field::Bank => reader.own_bank(at, text),
            Field::Currency => reader.currency(at, text),
            // Fields that a line of a reply knows nothing of.
            _ => {}
        }
    }
    let posted_on = match raw.posted {
        Some("") if raw.result == Some(LineResult::Paid) => {
            reader.required((Some(cells.number), Some(Field::PostedAt)), "")?;
            None
        }
        None | Some("") => None,
        Some(text) => Some(reader.date((Some(cells.number), Some(Field::PostedAt)), text)?),
    };
    let said = read_said(reader, cells.number, &raw)?;
    Some(Row {
        row: cells.number,
        attempt: raw.attempt?,
        seq: raw.seq,
        account: raw.account,
        account_name: raw.account_name,
        amount: raw.amount?,
        said,
        posted_on,
        memo: raw.memo,
    })
    .filter(|_| sound)
}

fn read_said(reader: &mut Reader<'_>, row: u32, raw: &Raw<'_>) -> Option<Said> {
    let at = (Some(row), Some(Field::Reason));
    let reasons = &reader.layout.reply.reasons;
    match raw.result? {
        LineResult::Returned => match reasons.get(raw.reason) {
            Some(reason) => {
                Some(Said::Returned { reason: *reason, bank_code: raw.reason.to_owned() })
            }
            None if raw.reason.is_empty() => {
                reader.required(at, "")?;
                None
            }
            None => {
                reader.unknown(at, Rule::UnknownReason, raw.reason, reasons.keys());
                None
            }
        },
        // Some banks put a code of their own beside a success; a code of ours denies it.
        LineResult::Paid | LineResult::Pending if reasons.contains_key(raw.reason) => {
            let what = (
                "未退票的行带有退票原因",
                "a line that is not returned has a reason for its return",
            );
            reader.findings.note(at, Rule::Contradiction, what);
            None
        }
        LineResult::Paid => {
            let at = (Some(row), Some(Field::BankSerial));
            let serial = match raw.serial {
                Some(text) => reader.required(at, text)?,
                None => String::new(),
            };
            Some(Said::Paid { serial })
        }
        LineResult::Pending => Some(Said::Pending),
    }
}

/// The tallies of all, paid and returned rows, and of the pending ones.
fn tallied(rows: &[Row], findings: &mut Findings) -> (Tallies, Tally) {
    let (mut tallies, mut pending) = (Tallies::default(), Tally::default());
    for row in rows {
        tallies.all.add(row.amount, row.row, findings);
        let of_kind = match row.said {
            Said::Paid { .. } => &mut tallies.paid,
            Said::Returned { .. } => &mut tallies.returned,
            Said::Pending => &mut pending,
        };
        // The sum of all amounts fits or was noted, and none is negative.
        *of_kind = of_kind.with(row.amount).unwrap_or(*of_kind);
    }
    (tallies, pending)
}

/// Without the personal fields.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("row", &self.row)
            .field("attempt", &self.attempt)
            .field("seq", &self.seq)
            .field("amount", &self.amount)
            .field("said", &self.said)
            .field("posted_on", &self.posted_on)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("header", &self.header)
            .field("paid", &self.paid)
            .field("returned", &self.returned)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
