//! Instructions (报盘): which account gets which amount, one line for each attempt.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use definitions::{Field, Layout};
use shared::{Money, Month, Pii};

use crate::error::{FileError, Findings, Place, Rule};
use crate::file::BankFile;
use crate::header::{Header, Tallies, Tally, read_file};
use crate::name;
use crate::read::{Reader, Row};
use crate::write::Page;

/// One line; `T` is `&str` where it is written and `String` where it is read.
///
/// Read: what the layout does not list, or the file has blank, is `None`; the number of a line is
/// its place among the lines where the layout lists none.
#[derive(Clone, PartialEq, Eq)]
pub struct Line<T = String> {
    /// Rises from line to line, from 1.
    pub seq: u32,
    /// The reference that comes back in the reply; the caller's text.
    pub attempt: T,
    pub obligation: Option<T>,
    /// The beneficiary's name; needed where the layout lists it.
    pub name: Option<Pii<T>>,
    pub id_number: Option<Pii<T>>,
    pub account: Pii<T>,
    pub account_name: Pii<T>,
    pub bank_name: Option<T>,
    pub amount: Money,
    /// The entitlement month.
    pub month: Option<Month>,
    pub memo: Option<T>,
}

/// An instruction as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Instruction {
    pub header: Header,
    pub lines: Vec<Line>,
}

/// Writes the lines in their order, in one pass. The header's count and total must be theirs
/// (the envelope check, INVENTORY 3.1).
///
/// # Errors
/// Every mistake, at most [`crate::ERRORS_MAX`] of them, with the row that the line would have had.
pub fn write_instruction<T: AsRef<str> + Eq + Hash>(
    layout: &Layout,
    header: &Header,
    lines: impl IntoIterator<Item = Line<T>>,
) -> Result<BankFile, Vec<FileError>> {
    let record = &layout.instruction;
    let mut unnamed = Findings::of("");
    let name = name::render(&record.file, |field| header.in_name(layout, field), &mut unnamed);
    let mut page = Page::new(layout, &name);
    page.findings.take(unnamed);
    let declared = Tally { count: header.count, total: header.total };
    let header_row = page.row();
    header.write(&mut page, record, &Tallies::of_all(declared));

    let mut tally = Tally::default();
    let mut seen = Seen::default();
    for line in lines {
        tally.add(line.amount, page.row(), &mut page.findings);
        seen.seq(line.seq, page.at(Field::Seq), &mut page.findings);
        let at = page.at(Field::Attempt);
        line.write(&mut page, &record.line);
        seen.reference(line.attempt, at, &mut page.findings);
    }
    header.write_trailer(&mut page, record, &Tallies::of_all(declared));
    compare(&mut page.findings, header_row, declared, tally);
    page.finish(name, tally)
}

/// Reads an instruction and proves it against its digest, its ready mark and its own header.
///
/// # Errors
/// Every mistake, at most [`crate::ERRORS_MAX`] of them.
pub fn parse_instruction(
    layout: &Layout,
    name: &str,
    bytes: &[u8],
    ready: Option<&[u8]>,
) -> Result<Instruction, Vec<FileError>> {
    let record = &layout.instruction;
    let (header, lines) = read_file(layout, record, name, bytes, Some(ready), |reader, rows| {
        let mut tallies = Tallies::default();
        let mut seen = Seen::default();
        let mut lines = Vec::with_capacity(rows.len());
        for (row, place) in rows.iter().zip(1..) {
            let Some(line) = read_line(reader, row, &record.line, place) else {
                reader.has_unread_lines = true;
                continue;
            };
            tallies.all.add(line.amount, row.number, &mut reader.findings);
            seen.seq(line.seq, (Some(row.number), Some(Field::Seq)), &mut reader.findings);
            let at = (Some(row.number), Some(Field::Attempt));
            seen.reference(line.attempt.clone(), at, &mut reader.findings);
            lines.push(line);
        }
        if rows.is_empty() {
            no_lines(&mut reader.findings);
        }
        (lines, tallies)
    })?;
    Ok(Instruction { header, lines })
}

impl<T: AsRef<str>> Line<T> {
    fn write(&self, page: &mut Page<'_>, fields: &[Field]) {
        for &field in fields {
            match field {
                Field::Seq => page.number(self.seq),
                Field::Attempt => page.required(field, self.attempt.as_ref()),
                Field::Obligation => page.text(field, text(self.obligation.as_ref())),
                Field::Name => page.name(field, pii(self.name.as_ref())),
                Field::IdNumber => page.text(field, pii(self.id_number.as_ref())),
                Field::Account => page.required(field, self.account.expose().as_ref()),
                Field::AccountName => page.name(field, self.account_name.expose().as_ref()),
                Field::BankName => page.text(field, text(self.bank_name.as_ref())),
                Field::Amount => page.positive(field, self.amount),
                Field::Month => match self.month {
                    Some(month) => page.month(month),
                    None => page.empty(),
                },
                Field::Memo => page.text(field, text(self.memo.as_ref())),
                Field::Bank => page.text(field, page.layout.id.as_str()),
                Field::Currency => page.text(field, crate::header::CURRENCY),
                Field::Type
                | Field::Batch
                | Field::Agency
                | Field::Division
                | Field::Insurance
                | Field::Item
                | Field::Period
                | Field::Count
                | Field::Total
                | Field::MadeAt
                | Field::Digest
                | Field::Result
                | Field::Reason
                | Field::BankSerial
                | Field::PostedAt
                | Field::Direction
                | Field::Reference
                | Field::Balance
                | Field::PaidCount
                | Field::PaidTotal
                | Field::ReturnedCount
                | Field::ReturnedTotal => page.empty(),
            }
        }
        page.end_row();
    }
}

fn read_line(reader: &mut Reader<'_>, row: &Row<'_>, fields: &[Field], place: u32) -> Option<Line> {
    let (mut seq, mut month) = (Some(place), None);
    let (mut attempt, mut obligation, mut memo, mut bank_name) = (None, None, None, None);
    let (mut name, mut id_number, mut account, mut account_name) = (None, None, None, None);
    let (mut amount, mut sound) = (None, true);
    for (&field, text) in fields.iter().zip(row.cells.iter().copied()) {
        let at = (Some(row.number), Some(field));
        match field {
            Field::Seq => seq = reader.number(at, text),
            Field::Attempt => attempt = reader.required(at, text),
            Field::Obligation => obligation = reader.optional(at, text),
            Field::Name => {
                name = reader.required(at, text).map(Pii::new);
                sound &= name.is_some();
            }
            Field::IdNumber => id_number = reader.optional(at, text).map(Pii::new),
            Field::Account => account = reader.required(at, text).map(Pii::new),
            Field::AccountName => account_name = reader.required(at, text).map(Pii::new),
            Field::BankName => bank_name = reader.optional(at, text),
            Field::Amount => amount = reader.positive(at, text),
            Field::Month if text.is_empty() => {}
            Field::Month => {
                month = reader.month(at, text);
                sound &= month.is_some();
            }
            Field::Memo => memo = reader.optional(at, text),
            Field::Bank => reader.own_bank(at, text),
            Field::Currency => reader.currency(at, text),
            // Fields that a line of an instruction knows nothing of.
            _ => {}
        }
    }
    Some(Line {
        seq: seq?,
        attempt: attempt?,
        obligation,
        name,
        id_number,
        account: account?,
        account_name: account_name?,
        bank_name,
        amount: amount?,
        month,
        memo,
    })
    .filter(|_| sound)
}

/// Numbers and references that have come by.
pub(crate) struct Seen<T> {
    seq: u32,
    references: HashSet<T>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { seq: 0, references: HashSet::new() }
    }
}

impl<T: Eq + Hash> Seen<T> {
    fn seq(&mut self, seq: u32, at: Place, findings: &mut Findings) {
        if seq <= self.seq {
            let before = self.seq;
            let what = (
                format!("序号 {seq} 在 {before} 之后"),
                format!("the number {seq} comes after {before}"),
            );
            findings.note(at, Rule::SeqOrder, what);
        }
        self.seq = self.seq.max(seq);
    }

    pub(crate) fn reference(&mut self, reference: T, at: Place, findings: &mut Findings) {
        if !self.references.insert(reference) {
            let what = ("该笔在文件中重复出现", "the line's reference stands in the file already");
            findings.note(at, Rule::DuplicateLine, what);
        }
    }
}

fn compare(findings: &mut Findings, row: u32, declared: Tally, actual: Tally) {
    if actual.count == 0 {
        return no_lines(findings);
    }
    if declared.count != actual.count {
        let what = (
            format!("声明 {} 笔，明细 {} 笔", declared.count, actual.count),
            format!("{} lines are declared, {} are there", declared.count, actual.count),
        );
        findings.note((Some(row), Some(Field::Count)), Rule::CountDiffers, what);
    }
    if declared.total != actual.total {
        let what = (
            format!("声明 {} 元，明细合计 {} 元", declared.total, actual.total),
            format!("{} is declared, the lines give {}", declared.total, actual.total),
        );
        findings.note((Some(row), Some(Field::Total)), Rule::TotalDiffers, what);
    }
}

fn no_lines(findings: &mut Findings) {
    findings.note((None, None), Rule::NoLines, ("文件没有明细行", "the file has no lines"));
}

pub(crate) fn text<T: AsRef<str>>(value: Option<&T>) -> &str {
    value.map_or("", AsRef::as_ref)
}

pub(crate) fn pii<T: AsRef<str>>(value: Option<&Pii<T>>) -> &str {
    value.map_or("", |value| value.expose().as_ref())
}

/// Without the personal fields.
impl<T> fmt::Debug for Line<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("seq", &self.seq)
            .field("amount", &self.amount)
            .field("month", &self.month)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instruction").field("header", &self.header).finish_non_exhaustive()
    }
}
