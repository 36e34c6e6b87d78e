//! A file being read: its frame of rows, and the cells of a row by their kind.

use std::borrow::Cow;
use std::str::FromStr;

use definitions::{AmountFormat, DateFormat, Field, Layout, Record};
use jiff::civil::Date;
use shared::{Money, Month};

use crate::charset;
use crate::error::{Findings, Place, Rule, shown};
use crate::file::{digest_of, line_end};
use crate::header::CURRENCY;

/// One row of a file, split at its separators, without a mark.
pub(crate) struct Row<'t> {
    /// From 1.
    pub(crate) number: u32,
    pub(crate) cells: Vec<&'t str>,
}

/// The rows of a file in their parts. A line with a wrong number of fields is noted and left out.
pub(crate) struct Frame<'t> {
    pub(crate) header: Option<Row<'t>>,
    pub(crate) lines: Vec<Row<'t>>,
    pub(crate) trailer: Option<Row<'t>>,
}

impl<'t> Frame<'t> {
    /// `None` when header or end of the file are not where the layout has them.
    pub(crate) fn split(reader: &mut Reader<'_>, record: &Record, text: &'t str) -> Option<Self> {
        let layout = reader.layout;
        if text.is_empty() {
            reader.findings.note((None, None), Rule::EmptyFile, ("文件为空", "the file is empty"));
            return None;
        }
        let end = line_end(layout);
        let Some(whole) = text.strip_suffix(end) else {
            let what = ("文件末行没有换行", "the last row has no line end");
            reader.findings.note((Some(rows_in(text, end)), None), Rule::Cut, what);
            return None;
        };
        let mut rows = whole
            .split(end)
            .zip(1..)
            .map(|(row, number)| (number, row))
            .collect::<Vec<(u32, &str)>>();
        let mut trailer = None;
        if !record.trailer.is_empty() || !record.trailer_mark.is_empty() {
            let last = rows.pop()?;
            let what = ("文件没有规定的结尾行", "the file does not end with the trailer row");
            trailer = Some(reader.marked(
                last,
                (&record.trailer_mark, &record.trailer),
                Rule::Cut,
                what,
            )?);
        }
        let mut rows = rows.into_iter();
        let mut header = None;
        if !record.header.is_empty() || !record.header_mark.is_empty() {
            let Some(first) = rows.next() else {
                let what = ("文件没有文件头", "the file has no header");
                reader.findings.note((Some(1), None), Rule::Cut, what);
                return None;
            };
            let what = ("文件头没有规定的标志", "the header does not begin with its mark");
            header = Some(reader.marked(
                first,
                (&record.header_mark, &record.header),
                Rule::Mark,
                what,
            )?);
        }
        let lines = rows
            .filter_map(|row| {
                let cells = reader.cells(row, record.line.len());
                reader.has_unread_lines |= cells.is_none();
                cells
            })
            .collect();
        Some(Self { header, lines, trailer })
    }

    /// Where in the bytes the rows after the header begin. A line feed is never a part of a
    /// character in the charsets there are.
    pub(crate) fn covered_from(&self, bytes: &[u8]) -> usize {
        match self.header {
            Some(_) => {
                bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
            }
            None => 0,
        }
    }
}

/// Reads cells as the layout writes them and notes those that are not so.
pub(crate) struct Reader<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) findings: Findings,
    /// Some line has no amount that could be summed.
    pub(crate) has_unread_lines: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(layout: &'a Layout, findings: Findings) -> Self {
        Self { layout, findings, has_unread_lines: false }
    }

    pub(crate) fn decode<'t>(&mut self, bytes: &'t [u8]) -> Option<Cow<'t, str>> {
        match charset::decode(self.layout.charset, bytes) {
            Ok(text) => Some(text),
            Err(at) => {
                let before = bytes[..at.min(bytes.len())].iter().filter(|b| **b == b'\n').count();
                let row = u32::try_from(before + 1).ok();
                let charset = self.layout.charset;
                let what = (
                    format!("第 {} 字节不是 {charset} 编码", at + 1),
                    format!("byte {} is not {charset}", at + 1),
                );
                self.findings.note((row, None), Rule::Encoding, what);
                None
            }
        }
    }

    /// A row that begins with a mark, which is a column of its own.
    fn marked<'t>(
        &mut self,
        (number, text): (u32, &'t str),
        (mark, fields): (&str, &[Field]),
        rule: Rule,
        what: (&str, &str),
    ) -> Option<Row<'t>> {
        if mark.is_empty() {
            return self.cells((number, text), fields.len());
        }
        let begins = text.split(self.layout.separator).next() == Some(mark);
        if !begins {
            self.findings.note((Some(number), None), rule, what);
            return None;
        }
        let mut row = self.cells((number, text), fields.len() + 1)?;
        row.cells.remove(0);
        Some(row)
    }

    fn cells<'t>(&mut self, (number, text): (u32, &'t str), expected: usize) -> Option<Row<'t>> {
        if text.chars().any(|c| c.is_control() && c != self.layout.separator) {
            let what = (
                "行中有控制字符或多余的换行符",
                "the row holds a control character or a stray line end",
            );
            self.findings.note((Some(number), None), Rule::Separator, what);
            return None;
        }
        let mut cells = Vec::with_capacity(expected);
        cells.extend(text.split(self.layout.separator));
        if cells.len() != expected {
            let found = cells.len();
            let what = (
                format!("应有 {expected} 个字段，实有 {found} 个"),
                format!("{expected} fields are due, {found} are there"),
            );
            self.findings.note((Some(number), None), Rule::Columns, what);
            return None;
        }
        Some(Row { number, cells })
    }

    pub(crate) fn optional(&mut self, _at: Place, text: &str) -> Option<String> {
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(crate) fn required(&mut self, at: Place, text: &str) -> Option<String> {
        if text.is_empty() {
            self.findings.note(at, Rule::MissingValue, ("该字段为空", "the field is empty"));
            return None;
        }
        Some(text.to_owned())
    }

    pub(crate) fn code<T: FromStr>(&mut self, at: Place, text: &str) -> Option<T> {
        self.required(at, text)?;
        let code = text.parse().ok();
        if code.is_none() {
            let what = ("代码不合规则", "the code is malformed");
            self.findings.note(at, Rule::CodeForm, what);
        }
        code
    }

    pub(crate) fn code_or_blank<T: FromStr>(&mut self, at: Place, text: &str) -> Option<T> {
        if text.is_empty() { None } else { self.code(at, text) }
    }

    pub(crate) fn own_bank(&mut self, at: Place, text: &str) {
        if text != self.layout.id.as_str() {
            let what = (
                format!("文件头的银行不是 {}", self.layout.id),
                format!("the header's bank is not {}", self.layout.id),
            );
            self.findings.note(at, Rule::BankDiffers, what);
        }
    }

    pub(crate) fn currency(&mut self, at: Place, text: &str) {
        if text != CURRENCY {
            self.findings.note(at, Rule::Currency, ("币种不是 CNY", "the currency is not CNY"));
        }
    }

    pub(crate) fn digest(&mut self, at: Place, text: &str) -> Option<[u8; 32]> {
        let digest = digest_of(text);
        if digest.is_none() {
            self.findings.note(at, Rule::DigestForm, ("摘要格式不对", "the digest is malformed"));
        }
        digest
    }

    pub(crate) fn number(&mut self, at: Place, text: &str) -> Option<u32> {
        let number = whole(text).and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            self.findings.note(at, Rule::NumberForm, ("不是整数", "not a whole number"));
        }
        number
    }

    /// An amount in the layout's one form; a balance may be negative.
    pub(crate) fn money(&mut self, at: Place, text: &str) -> Option<Money> {
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let money = match self.layout.amount {
            // Exactly as it would be written: no sign, zero or decimal more or less.
            AmountFormat::Yuan => Money::parse(text).ok().filter(|money| money.to_string() == text),
            AmountFormat::Fen => fen(text),
        };
        if money.is_none() {
            let most = if self.layout.amount == AmountFormat::Yuan { 2 } else { 0 };
            let (rule, what) = if decimals > most {
                let what = (
                    format!("金额有 {decimals} 位小数"),
                    format!("the amount has {decimals} decimals"),
                );
                (Rule::AmountDecimals, what)
            } else {
                (
                    Rule::AmountForm,
                    ("金额格式不对".to_owned(), "the amount is malformed".to_owned()),
                )
            };
            self.findings.note(at, rule, what);
        }
        money
    }

    pub(crate) fn positive(&mut self, at: Place, text: &str) -> Option<Money> {
        let money = self.money(at, text)?;
        if !money.is_positive() {
            let what = ("金额为零或为负", "the amount is zero or negative");
            self.findings.note(at, Rule::AmountNotPositive, what);
            return None;
        }
        Some(money)
    }

    pub(crate) fn date(&mut self, at: Place, text: &str) -> Option<Date> {
        self.date_in(self.layout.date, at, text)
    }

    pub(crate) fn compact_date(&mut self, at: Place, text: &str) -> Option<Date> {
        self.date_in(DateFormat::Compact, at, text)
    }

    pub(crate) fn month(&mut self, at: Place, text: &str) -> Option<Month> {
        self.month_in(self.layout.date, at, text)
    }

    pub(crate) fn compact_month(&mut self, at: Place, text: &str) -> Option<Month> {
        self.month_in(DateFormat::Compact, at, text)
    }

    fn date_in(&mut self, format: DateFormat, at: Place, text: &str) -> Option<Date> {
        let day = text.len().checked_sub(2).and_then(|end| text.split_at_checked(end)).and_then(
            |(before, day)| {
                let month = month_from(format, before.strip_suffix(between(format))?)?;
                let day = i8::try_from(two_digits(day)?).ok()?;
                Date::new(month.year(), month.month(), day).ok()
            },
        );
        if day.is_none() {
            let what = (format!("日期不合格式 {format}"), format!("the date is not {format}"));
            self.findings.note(at, Rule::DateForm, what);
        }
        day
    }

    fn month_in(&mut self, format: DateFormat, at: Place, text: &str) -> Option<Month> {
        let month = month_from(format, text);
        if month.is_none() {
            let form = format.word().trim_end_matches("dd").trim_end_matches(['-', '/']);
            let what = (format!("月份不合格式 {form}"), format!("the month is not {form}"));
            self.findings.note(at, Rule::DateForm, what);
        }
        month
    }

    /// A word of the bank that the layout gives no meaning.
    pub(crate) fn unknown<'w>(
        &mut self,
        at: Place,
        rule: Rule,
        word: &str,
        allowed: impl Iterator<Item = &'w String>,
    ) {
        let allowed = allowed.map(String::as_str).collect::<Vec<_>>().join(" ");
        let word = shown(word);
        let what = (
            format!("{word} 不在布局中，可用的是 {allowed}"),
            format!("{word} is not in the layout, which has {allowed}"),
        );
        self.findings.note(at, rule, what);
    }
}

fn between(format: DateFormat) -> &'static str {
    match format {
        DateFormat::Compact => "",
        DateFormat::Dashed => "-",
        DateFormat::Slashed => "/",
    }
}

fn month_from(format: DateFormat, text: &str) -> Option<Month> {
    let (year, rest) = text.split_at_checked(4)?;
    let month = two_digits(rest.strip_prefix(between(format))?)?;
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Month::new(year.parse().ok()?, i8::try_from(month).ok()?).ok()
}

fn two_digits(text: &str) -> Option<u8> {
    let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Digits without sign or leading zeros.
fn whole(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn fen(text: &str) -> Option<Money> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some("0") => return None,
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let fen = i64::try_from(whole(digits)?).ok()?;
    Some(Money::from_fen(fen * sign))
}

fn rows_in(text: &str, end: &str) -> u32 {
    u32::try_from(text.matches(end).count() + 1).unwrap_or(u32::MAX)
}
