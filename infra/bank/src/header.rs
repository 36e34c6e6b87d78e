//! The header of all three files, its trailer, and what they declare about the lines.

use definitions::{Field, Layout, Record};
use jiff::civil::Date;
use shared::{AgencyCode, DivisionCode, ItemId, Money, Month};

use crate::error::{FileError, Findings, Place, Rule};
use crate::file::{check_ready, sm3};
use crate::name;
use crate::read::{Frame, Reader, Row};
use crate::write::Page;

pub(crate) const CURRENCY: &str = "CNY";

/// What stands above the lines (INVENTORY 3.2). The bank is the layout's, the currency CNY.
///
/// Written: a field that the layout lists must have a value, but for `kind`, `division` and
/// `insurance`, which may be blank. Read: a field that stands neither in the header nor in the
/// file's name is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The batch reference, as short as the banks want it; empty in a statement.
    pub batch: String,
    /// The kind of file, in the bureau's own word.
    pub kind: Option<String>,
    pub agency: Option<AgencyCode>,
    pub division: Option<DivisionCode>,
    /// The insurance type (AAE140).
    pub insurance: Option<String>,
    pub item: Option<ItemId>,
    pub period: Option<Month>,
    /// The day on which the file was made; of a statement, the day it tells of.
    pub made_on: Option<Date>,
    /// How many lines. In an instruction the caller declares it; else it is counted.
    pub count: u32,
    /// The sum of the lines' amounts; of a statement, of both directions.
    pub total: Money,
}

/// A number of lines and the sum of their amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub count: u32,
    pub total: Money,
}

impl Tally {
    /// One line more; `None` when count or total overflows.
    #[must_use]
    pub fn with(self, amount: Money) -> Option<Self> {
        Some(Self { count: self.count.checked_add(1)?, total: self.total.checked_add(amount)? })
    }

    /// Adds a line; an overflow is noted once at its row and the tally stays.
    pub(crate) fn add(&mut self, amount: Money, row: u32, findings: &mut Findings) {
        match self.with(amount) {
            Some(tally) => *self = tally,
            None => {
                let what = ("笔数或金额合计超出范围", "the count or the total is out of range");
                findings.note((Some(row), Some(Field::Total)), Rule::Overflow, what);
            }
        }
    }
}

/// What a header or trailer can say about the lines.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tallies {
    pub(crate) all: Tally,
    pub(crate) paid: Tally,
    pub(crate) returned: Tally,
}

impl Tallies {
    pub(crate) fn of_all(all: Tally) -> Self {
        Self { all, ..Self::default() }
    }
}

impl Header {
    /// The value of a placeholder in a file's name: dates there are without separators.
    pub(crate) fn in_name(&self, layout: &Layout, field: Field) -> Option<String> {
        match field {
            Field::Type => self.kind.clone(),
            Field::Batch => Some(self.batch.clone()).filter(|batch| !batch.is_empty()),
            Field::Agency => self.agency.map(|agency| agency.to_string()),
            Field::Division => self.division.map(|division| division.to_string()),
            Field::Item => self.item.map(|item| item.to_string()),
            Field::Period => self.period.map(|month| month.to_string().replace('-', "")),
            Field::MadeAt => self.made_on.map(|day| day.to_string().replace('-', "")),
            Field::Bank => Some(layout.id.to_string()),
            _ => None,
        }
    }

    pub(crate) fn write(&self, page: &mut Page<'_>, record: &Record, tallies: &Tallies) {
        if !record.header.is_empty() || !record.header_mark.is_empty() {
            page.mark(&record.header_mark);
            self.write_fields(page, &record.header, tallies);
        }
        page.covered_from_here();
    }

    pub(crate) fn write_trailer(&self, page: &mut Page<'_>, record: &Record, tallies: &Tallies) {
        if !record.trailer.is_empty() || !record.trailer_mark.is_empty() {
            page.mark(&record.trailer_mark);
            self.write_fields(page, &record.trailer, tallies);
        }
    }

    fn write_fields(&self, page: &mut Page<'_>, fields: &[Field], tallies: &Tallies) {
        for &field in fields {
            match field {
                Field::Type => page.text(field, self.kind.as_deref().unwrap_or_default()),
                Field::Batch => page.required(field, &self.batch),
                Field::Agency => page.code(field, self.agency.as_ref()),
                Field::Division => {
                    page.text(field, self.division.as_ref().map_or("", DivisionCode::as_str));
                }
                Field::Insurance => page.text(field, self.insurance.as_deref().unwrap_or_default()),
                Field::Item => page.code(field, self.item.as_ref()),
                Field::Period => match self.period {
                    Some(period) => page.month(period),
                    None => page.missing(field),
                },
                Field::Bank => page.text(field, page.layout.id.as_str()),
                Field::Count => page.number(tallies.all.count),
                Field::Total => page.money(tallies.all.total),
                Field::Currency => page.text(field, CURRENCY),
                Field::MadeAt => match self.made_on {
                    Some(day) => page.date(day),
                    None => page.missing(field),
                },
                Field::Digest => page.digest(),
                Field::PaidCount => page.number(tallies.paid.count),
                Field::PaidTotal => page.money(tallies.paid.total),
                Field::ReturnedCount => page.number(tallies.returned.count),
                Field::ReturnedTotal => page.money(tallies.returned.total),
                Field::Seq
                | Field::Attempt
                | Field::Obligation
                | Field::Name
                | Field::IdNumber
                | Field::Account
                | Field::AccountName
                | Field::BankName
                | Field::Amount
                | Field::Month
                | Field::Memo
                | Field::Result
                | Field::Reason
                | Field::BankSerial
                | Field::PostedAt
                | Field::Direction
                | Field::Reference
                | Field::Balance => page.empty(),
            }
        }
        page.end_row();
    }
}

/// A header or trailer as it was read: the figures may be absent or wrong.
#[derive(Default)]
pub(crate) struct Declared {
    pub(crate) header: Header,
    digest: Option<[u8; 32]>,
    figures: Vec<(Field, Figure)>,
    row: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Number(u32),
    Money(Money),
}

impl Declared {
    /// Reads a header or trailer row.
    pub(crate) fn read(reader: &mut Reader<'_>, row: &Row<'_>, fields: &[Field]) -> Self {
        let mut declared = Self { row: row.number, ..Self::default() };
        for (&field, text) in fields.iter().zip(row.cells.iter().copied()) {
            declared.take(reader, (Some(row.number), Some(field)), field, text);
        }
        declared
    }

    fn take(&mut self, reader: &mut Reader<'_>, at: Place, field: Field, text: &str) {
        let header = &mut self.header;
        match field {
            Field::Type => header.kind = reader.optional(at, text),
            Field::Batch => header.batch = reader.required(at, text).unwrap_or_default(),
            Field::Agency => header.agency = reader.code(at, text),
            Field::Division => header.division = reader.code_or_blank(at, text),
            Field::Insurance => header.insurance = reader.optional(at, text),
            Field::Item => header.item = reader.code(at, text),
            Field::Period => header.period = reader.month(at, text),
            Field::MadeAt => header.made_on = reader.date(at, text),
            Field::Bank => reader.own_bank(at, text),
            Field::Currency => reader.currency(at, text),
            Field::Digest => self.digest = reader.digest(at, text),
            Field::Count | Field::PaidCount | Field::ReturnedCount => {
                let number = reader.number(at, text).map(Figure::Number);
                self.figures.extend(number.map(|number| (field, number)));
            }
            Field::Total | Field::PaidTotal | Field::ReturnedTotal => {
                let money = reader.money(at, text).map(Figure::Money);
                self.figures.extend(money.map(|money| (field, money)));
            }
            Field::Seq
            | Field::Attempt
            | Field::Obligation
            | Field::Name
            | Field::IdNumber
            | Field::Account
            | Field::AccountName
            | Field::BankName
            | Field::Amount
            | Field::Month
            | Field::Memo
            | Field::Result
            | Field::Reason
            | Field::BankSerial
            | Field::PostedAt
            | Field::Direction
            | Field::Reference
            | Field::Balance => {}
        }
    }

    /// Takes from the file's name what the header does not tell, and compares the rest with it.
    pub(crate) fn take_name(&mut self, reader: &mut Reader<'_>, pattern: &str, file: &str) {
        let layout = reader.layout;
        let known = |field| self.header.in_name(layout, field);
        let Some(values) = name::fit(pattern, known, file) else {
            let what = (
                format!("文件名与文件头不符，应形如 {pattern}"),
                format!("the file's name does not fit its header: it is like {pattern}"),
            );
            return reader.findings.note((None, None), Rule::FileName, what);
        };
        for (field, value) in values {
            let at = (None, Some(field));
            match field {
                // Dates in names are without separators, whatever the layout's format.
                Field::Period => self.header.period = reader.compact_month(at, value),
                Field::MadeAt => self.header.made_on = reader.compact_date(at, value),
                _ => self.take(reader, at, field, value),
            }
        }
    }

    /// Compares what is declared with what the lines say.
    pub(crate) fn compare(&self, findings: &mut Findings, tallies: &Tallies) {
        for (field, declared) in &self.figures {
            let (actual, rule) = match field {
                Field::Count => (Figure::Number(tallies.all.count), Rule::CountDiffers),
                Field::PaidCount => (Figure::Number(tallies.paid.count), Rule::CountDiffers),
                Field::ReturnedCount => {
                    (Figure::Number(tallies.returned.count), Rule::CountDiffers)
                }
                Field::Total => (Figure::Money(tallies.all.total), Rule::TotalDiffers),
                Field::PaidTotal => (Figure::Money(tallies.paid.total), Rule::TotalDiffers),
                _ => (Figure::Money(tallies.returned.total), Rule::TotalDiffers),
            };
            if actual != *declared {
                let what = (
                    format!("声明为 {declared}，明细为 {actual}"),
                    format!("{declared} is declared, the lines give {actual}"),
                );
                findings.note((Some(self.row), Some(*field)), rule, what);
            }
        }
    }

    pub(crate) fn check_digest(&self, findings: &mut Findings, covered: &[u8]) {
        if self.digest.is_some_and(|declared| declared != sm3(covered)) {
            let what = ("明细摘要与文件头不符", "the digest of the lines is not the header's");
            findings.note((Some(self.row), Some(Field::Digest)), Rule::DigestDiffers, what);
        }
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Figure::Number(number) => number.fmt(f),
            Figure::Money(money) => money.fmt(f),
        }
    }
}

/// What all three kinds of file share: decoding, marks, header, name, digest, lines, trailer and
/// the comparison of what is declared with what `lines` tallied.
pub(crate) fn read_file<L>(
    layout: &Layout,
    record: &Record,
    file: &str,
    bytes: &[u8],
    ready: Option<Option<&[u8]>>,
    lines: impl FnOnce(&mut Reader<'_>, &[Row<'_>]) -> (L, Tallies),
) -> Result<(Header, L), Vec<FileError>> {
    let mut findings = Findings::of(file);
    if let Some(ready) = ready {
        check_ready(&mut findings, layout, file, sm3(bytes), ready);
    }
    let mut reader = Reader::new(layout, findings);
    let Some(text) = reader.decode(bytes) else { return Err(reader.findings.into_errors()) };
    let Some(frame) = Frame::split(&mut reader, record, &text) else {
        return Err(reader.findings.into_errors());
    };
    let mut declared = match &frame.header {
        Some(row) => Declared::read(&mut reader, row, &record.header),
        None => Declared::default(),
    };
    declared.take_name(&mut reader, &record.file, file);
    declared.check_digest(&mut reader.findings, &bytes[frame.covered_from(bytes)..]);
    let (read, tallies) = lines(&mut reader, &frame.lines);
    // Figures of lines that could not be read prove nothing about the header.
    if !reader.has_unread_lines {
        declared.compare(&mut reader.findings, &tallies);
        if let Some(row) = &frame.trailer {
            let trailer = Declared::read(&mut reader, row, &record.trailer);
            trailer.compare(&mut reader.findings, &tallies);
        }
    }
    let mut header = declared.header;
    header.count = tallies.all.count;
    header.total = tallies.all.total;
    reader.findings.conclude(Some((header, read)))
}
