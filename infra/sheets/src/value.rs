//! What a cell means in a column of a kind.

use jiff::ToSpan;
use jiff::civil::Date;
use shared::{Money, Month, Pii};

use crate::error::Rule;
use crate::raw::RawCell;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Also numbers of accounts and persons: a number of a sheet with more than 15 digits has lost
    /// the others and is refused.
    Text,
    /// Yuan with at most two decimals.
    Money,
    /// `2026-01-31`, `2026/1/31`, `2026.1.31`, `20260131`, `2026年1月31日`, a date of a sheet or its
    /// day number.
    Date,
    /// `2026-01`, `2026/1`, `2026.1`, `202601`, `2026年1月`, or a date of a sheet.
    Month,
    Integer,
}

/// A cell that was read. Text can be personal.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(Pii<String>),
    Money(Money),
    Date(Date),
    Month(Month),
    Integer(i64),
}

pub(crate) type Wrong = (Rule, &'static str, &'static str);

const DIGITS_LOST: Wrong = (
    Rule::DigitsLost,
    "数字超过 15 位，表格软件已丢失末位；请把该列设为文本后重新填写",
    "the number has more than 15 digits and lost the last ones: make the column text, type it again",
);
const FORMULA: Wrong = (Rule::FormulaError, "公式结果是错误值", "the formula came to an error");
const MONEY: Wrong = (
    Rule::MoneyForm,
    "金额应为元，最多两位小数，不带千分位",
    "an amount is in yuan with at most two decimals and no thousands separator",
);
const DATE: Wrong = (
    Rule::DateForm,
    "日期应形如 2026-01-31，不带时间",
    "a date is like 2026-01-31, without a time of day",
);
const MONTH: Wrong = (Rule::MonthForm, "月份应形如 2026-01", "a month is like 2026-01");
const INTEGER: Wrong = (Rule::IntegerForm, "应为整数", "a whole number is due");

/// The value of a cell; `None`: it is blank.
pub(crate) fn value(kind: Kind, cell: &RawCell, from_1904: bool) -> Result<Option<Value>, Wrong> {
    if cell.is_blank() {
        return Ok(None);
    }
    if *cell == RawCell::Error {
        return Err(FORMULA);
    }
    let read = match kind {
        Kind::Text => Value::Text(Pii::new(text(cell)?)),
        Kind::Money => Value::Money(Money::parse(plain(cell)).map_err(|_| MONEY)?),
        Kind::Date => Value::Date(date(cell, from_1904).ok_or(DATE)?),
        Kind::Month => Value::Month(month(cell).ok_or(MONTH)?),
        Kind::Integer => Value::Integer(integer(plain(cell)).ok_or(INTEGER)?),
    };
    Ok(Some(read))
}

fn plain(cell: &RawCell) -> &str {
    match cell {
        RawCell::Text(text) | RawCell::Number(text) | RawCell::Date(text) => text.trim(),
        RawCell::Empty | RawCell::Error => "",
    }
}

fn text(cell: &RawCell) -> Result<String, Wrong> {
    const DIGITS_MAX: usize = 15;
    if let RawCell::Number(number) = cell {
        let digits = number.trim_start_matches('-').split('.').next().unwrap_or_default();
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !number.contains('e');
        if digits.len() > DIGITS_MAX || !is_plain {
            return Err(DIGITS_LOST);
        }
    }
    Ok(plain(cell).to_owned())
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn date(cell: &RawCell, from_1904: bool) -> Option<Date> {
    match cell {
        RawCell::Text(_) | RawCell::Date(_) => written_date(plain(cell)),
        // Eight digits are the compact form, fewer a sheet's number of the day.
        RawCell::Number(number) if number.len() == 8 => written_date(number),
        RawCell::Number(number) => numbered_day(number.parse().ok()?, from_1904),
        RawCell::Empty | RawCell::Error => None,
    }
}

/// Day 1 is 1 January 1900; day 60 is a 29 February that never was. Or day 0 is 1 January 1904.
fn numbered_day(number: i32, from_1904: bool) -> Option<Date> {
    let day_zero = match (from_1904, number) {
        (true, 0..=2_957_003) => Date::new(1904, 1, 1),
        (false, 1..=59) => Date::new(1899, 12, 31),
        (false, 61..=2_958_465) => Date::new(1899, 12, 30),
        _ => return None,
    };
    day_zero.ok()?.checked_add(number.days()).ok()
}

fn written_date(text: &str) -> Option<Date> {
    let compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let [year, month, day] = if compact {
        [&text[..4], &text[4..6], &text[6..]]
    } else {
        parts(text, ["年", "月"], "日")?
    };
    Date::new(
        figure(year, 4)?,
        i8::try_from(figure(month, 2)?).ok()?,
        i8::try_from(figure(day, 2)?).ok()?,
    )
    .ok()
}

fn month(cell: &RawCell) -> Option<Month> {
    if let RawCell::Date(text) = cell {
        return written_date(text).map(Month::of);
    }
    let text = plain(cell);
    let compact = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let [year, month] =
        if compact { [&text[..4], &text[4..]] } else { parts(text, ["年"], "月")? };
    Month::new(figure(year, 4)?, i8::try_from(figure(month, 2)?).ok()?).ok()
}

/// Splits at one and the same separator, or at the Chinese words in their order.
fn parts<'t, const N: usize, const M: usize>(
    text: &'t str,
    words: [&str; N],
    last: &str,
) -> Option<[&'t str; M]> {
    for separator in ["-", "/", "."] {
        if text.contains(separator) {
            let found: Vec<&str> = text.split(separator).collect();
            return found.try_into().ok();
        }
    }
    let mut rest = text.strip_suffix(last)?;
    let mut found = Vec::with_capacity(M);
    for word in words {
        let (before, after) = rest.split_once(word)?;
        found.push(before);
        rest = after;
    }
    found.push(rest);
    found.try_into().ok()
}

fn figure(text: &str, digits_max: usize) -> Option<i16> {
    let sound = !text.is_empty()
        && text.len() <= digits_max
        && (digits_max < 4 || text.len() == 4)
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}
