//! A file being written, row by row into one buffer.

use definitions::{AmountFormat, DateFormat, Field, Layout};
use jiff::civil::Date;
use shared::{Money, Month, name};

use crate::charset;
use crate::error::{FileError, Findings, Place, Rule};
use crate::file::{BankFile, line_end, ready_bytes, sm3};
use crate::header::Tally;

pub(crate) struct Page<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) findings: Findings,
    bytes: Vec<u8>,
    /// The row that is being written, from 1.
    row: u32,
    within_row: bool,
    /// Where the digest goes that the header declares, and where the part that it covers begins.
    digest_at: Option<usize>,
    covered_from: usize,
}

impl<'a> Page<'a> {
    pub(crate) fn new(layout: &'a Layout, name: &str) -> Self {
        Self {
            layout,
            findings: Findings::of(name),
            bytes: Vec::with_capacity(64 * 1024),
            row: 1,
            within_row: false,
            digest_at: None,
            covered_from: 0,
        }
    }

    pub(crate) fn row(&self) -> u32 {
        self.row
    }

    pub(crate) fn at(&self, field: Field) -> Place {
        (Some(self.row), Some(field))
    }

    pub(crate) fn mark(&mut self, mark: &str) {
        if !mark.is_empty() {
            self.separate();
            self.bytes.extend_from_slice(mark.as_bytes());
        }
    }

    pub(crate) fn end_row(&mut self) {
        self.bytes.extend_from_slice(line_end(self.layout).as_bytes());
        self.within_row = false;
        self.row = self.row.saturating_add(1);
    }

    pub(crate) fn empty(&mut self) {
        self.separate();
    }

    pub(crate) fn missing(&mut self, field: Field) {
        self.separate();
        let what = ("该字段没有值", "the field has no value");
        self.findings.note(self.at(field), Rule::MissingValue, what);
    }

    /// A text that may be blank.
    pub(crate) fn text(&mut self, field: Field, text: &str) {
        self.separate();
        let separator = self.layout.separator;
        let breaks =
            |c: char| c == separator || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if text.is_ascii() {
            // The usual case, byte by byte.
            if text.bytes().any(|byte| breaks(char::from(byte))) {
                return self.broken(field);
            }
            return self.bytes.extend_from_slice(text.as_bytes());
        }
        if text.chars().any(breaks) {
            return self.broken(field);
        }
        if let Err(refused) = charset::encode(self.layout.charset, text, &mut self.bytes) {
            let (code, charset) = (u32::from(refused), self.layout.charset);
            let what = (
                format!("字符 U+{code:04X} 不在该银行的字符集 {charset} 中"),
                format!("the character U+{code:04X} is not in the bank's charset {charset}"),
            );
            self.findings.note(self.at(field), Rule::Character, what);
        }
    }

    pub(crate) fn required(&mut self, field: Field, text: &str) {
        if text.is_empty() { self.missing(field) } else { self.text(field, text) }
    }

    /// A code that must be there.
    pub(crate) fn code(&mut self, field: Field, code: Option<&impl AsRef<str>>) {
        self.required(field, code.map_or("", AsRef::as_ref));
    }

    /// A person's or an account's name, in the one spelling that banks compare.
    pub(crate) fn name(&mut self, field: Field, text: &str) {
        if text.chars().all(|c| c == '·' || name::is_han(c)) {
            self.required(field, text);
        } else {
            self.required(field, &name::normalise(text));
        }
    }

    pub(crate) fn number(&mut self, number: u32) {
        self.separate();
        self.digits(u64::from(number), 1);
    }

    pub(crate) fn money(&mut self, money: Money) {
        self.separate();
        if money.is_negative() {
            self.bytes.push(b'-');
        }
        let fen = money.fen().unsigned_abs();
        match self.layout.amount {
            AmountFormat::Fen => self.digits(fen, 1),
            AmountFormat::Yuan => {
                self.digits(fen / 100, 1);
                self.bytes.push(b'.');
                self.digits(fen % 100, 2);
            }
        }
    }

    pub(crate) fn positive(&mut self, field: Field, money: Money) {
        self.money(money);
        if !money.is_positive() {
            let what = ("金额为零或为负", "the amount is zero or negative");
            self.findings.note(self.at(field), Rule::AmountNotPositive, what);
        }
    }

    pub(crate) fn date(&mut self, date: Date) {
        self.month(Month::of(date));
        self.between();
        self.digits(u64::from(date.day().unsigned_abs()), 2);
    }

    pub(crate) fn month(&mut self, month: Month) {
        self.separate();
        self.digits(u64::from(month.year().unsigned_abs()), 4);
        self.between();
        self.digits(u64::from(month.month().unsigned_abs()), 2);
    }

    /// Leaves room for the digest over all that follows this row.
    pub(crate) fn digest(&mut self) {
        self.separate();
        self.digest_at = Some(self.bytes.len());
        self.bytes.extend_from_slice(&[b'0'; 64]);
    }

    /// The next row is the first that a digest in the header covers.
    pub(crate) fn covered_from_here(&mut self) {
        self.covered_from = self.bytes.len();
    }

    pub(crate) fn finish(mut self, name: String, tally: Tally) -> Result<BankFile, Vec<FileError>> {
        if !self.findings.are_none() {
            return Err(self.findings.into_errors());
        }
        let digest = self.digests();
        let file = BankFile {
            ready_name: format!("{name}{}", self.layout.ready_mark),
            ready_bytes: ready_bytes(self.layout, digest),
            name,
            bytes: self.bytes,
            digest,
            count: tally.count,
            total: tally.total,
        };
        Ok(file)
    }

    /// Puts the header's digest in its place, if it has one, and gives that of the whole file.
    fn digests(&mut self) -> [u8; 32] {
        let Some(at) = self.digest_at else { return sm3(&self.bytes) };
        let covered = sm3(&self.bytes[self.covered_from..]);
        self.bytes[at..at + 64].copy_from_slice(hex::encode(covered).as_bytes());
        sm3(&self.bytes)
    }

    fn broken(&mut self, field: Field) {
        let what = (
            "字段中有分隔符、换行或控制字符",
            "the field holds a separator, a line end or a control character",
        );
        self.findings.note(self.at(field), Rule::Separator, what);
    }

    fn separate(&mut self) {
        if self.within_row {
            self.bytes.push(self.layout.separator as u8);
        }
        self.within_row = true;
    }

    fn between(&mut self) {
        match self.layout.date {
            DateFormat::Compact => {}
            DateFormat::Dashed => self.bytes.push(b'-'),
            DateFormat::Slashed => self.bytes.push(b'/'),
        }
    }

    fn digits(&mut self, mut number: u64, least: usize) {
        let mut digits = [b'0'; 20];
        let mut from = digits.len();
        while number > 0 || digits.len() - from < least {
            from -= 1;
            digits[from] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.bytes.extend_from_slice(&digits[from..]);
    }
}
