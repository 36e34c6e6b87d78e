//! The Ministry's table: one row per month, one column per series. Read whole or not at all.
//!
//! **Invariant** a number becomes a whole number of the base unit without rounding, or is refused.

use std::fmt;

use shared::Month;

use crate::figures::Reading;

/// The Ministry's monthly fund figures. Source: `data/SOURCE.md`.
pub const MONTHLY_FUNDS: &str = include_str!("../data/mohrss_monthly_funds.csv");

/// The figures of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub month: Month,
    pub readings: Vec<Reading>,
    /// The release that says so, where the row names it.
    pub source: Option<String>,
}

/// What is wrong, and where: lines from 1, the header is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    pub column: String,
    pub zh: String,
    pub en: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} {}: {} / {}", self.line, self.column, self.zh, self.en)
    }
}

const PERIOD: &str = "period";
const URL: &str = "url";

/// A column, what it is, and by how many decimal places its unit is above the base unit: 亿元 are
/// 10¹⁰ fen, 万人 10⁴ people, per cent 10² basis points.
const COLUMNS: &[(&str, &str, &str, u32)] = &[
    ("emp_new", "employment", "new-jobs", 4),
    ("emp_reemp", "employment", "reemployed", 4),
    ("emp_hard", "employment", "hard-placed", 4),
    ("unemp_survey", "employment", "survey-rate", 2),
    ("unemp_registered", "employment", "registered-rate", 2),
    ("disp_cases", "labour", "dispute-cases", 4),
    ("disp_workers", "labour", "dispute-workers", 4),
    ("disp_concluded", "labour", "disputes-concluded", 4),
    ("insp_closed", "labour", "inspections-closed", 4),
    ("insp_checked", "labour", "employers-inspected", 4),
    ("insp_contracts", "labour", "contracts-signed-late", 4),
    ("insp_wages", "labour", "workers-paid-after-inspection", 4),
    ("insp_siprem", "labour", "employers-paid-contributions", 4),
    ("pension_urban_insured", "pension-urban", "insured", 4),
    ("pension_urban_rev", "pension-urban", "income", 10),
    ("pension_urban_exp", "pension-urban", "spending", 10),
    ("pension_urban_bal", "pension-urban", "balance", 10),
    ("pension_rural_insured", "pension-rural", "insured", 4),
    ("pension_rural_rev", "pension-rural", "income", 10),
    ("pension_rural_exp", "pension-rural", "spending", 10),
    ("pension_rural_bal", "pension-rural", "balance", 10),
    ("ui_insured", "unemployment", "insured", 4),
    ("ui_rev", "unemployment", "income", 10),
    ("ui_exp", "unemployment", "spending", 10),
    ("ui_bal", "unemployment", "balance", 10),
    ("injury_insured", "injury", "insured", 4),
    ("injury_rev", "injury", "income", 10),
    ("injury_exp", "injury", "spending", 10),
    ("injury_bal", "injury", "balance", 10),
];

/// Reads the table. Empty cells are figures that were not published.
///
/// # Errors
/// Every mistake of the file; then nothing of it is taken.
pub fn read(text: &str) -> Result<Vec<Row>, Vec<Mistake>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let header: Vec<&str> = match lines.next() {
        Some((header, _)) => header.split(',').map(str::trim).collect(),
        None => return Err(vec![mistake(1, "", "文件为空", "the file is empty")]),
    };
    let mut mistakes = check_header(&header);
    let (mut rows, mut months) = (Vec::new(), Vec::new());
    for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if cells.len() != header.len() {
            let (found, wanted) = (cells.len(), header.len());
            mistakes.push(mistake(
                number,
                "",
                format!("应有 {wanted} 列,却有 {found} 列"),
                format!("{found} cells stand under {wanted} columns"),
            ));
            continue;
        }
        match row(&header, &cells, number) {
            Ok(row) if months.contains(&row.month) => {
                let month = row.month;
                let (zh, en) = (format!("{month} 重复"), format!("{month} stands there twice"));
                mistakes.push(mistake(number, PERIOD, zh, en));
            }
            Ok(row) => {
                months.push(row.month);
                rows.push(row);
            }
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() { Ok(rows) } else { Err(mistakes) }
}

fn check_header(header: &[&str]) -> Vec<Mistake> {
    let allowed = || COLUMNS.iter().map(|(column, ..)| *column).collect::<Vec<_>>().join(", ");
    let mut mistakes = Vec::new();
    if !header.contains(&PERIOD) {
        let (zh, en) = (format!("缺少列 {PERIOD}"), format!("the column {PERIOD} is missing"));
        mistakes.push(mistake(1, PERIOD, zh, en));
    }
    for (place, column) in header.iter().enumerate() {
        let known =
            [PERIOD, URL].contains(column) || COLUMNS.iter().any(|(known, ..)| known == column);
        if !known {
            let zh = format!("没有列 {column},允许:{}", allowed());
            let en = format!("no column is called {column} (allowed: {})", allowed());
            mistakes.push(mistake(1, column, zh, en));
        }
        if header[..place].contains(column) {
            let (zh, en) = (format!("列 {column} 重复"), format!("{column} stands there twice"));
            mistakes.push(mistake(1, column, zh, en));
        }
    }
    mistakes
}

fn row(header: &[&str], cells: &[&str], line: usize) -> Result<Row, Vec<Mistake>> {
    let (mut month, mut source, mut readings) = (None, None, Vec::new());
    let mut mistakes = Vec::new();
    for (column, cell) in header.iter().zip(cells) {
        if *column == PERIOD {
            month = Month::parse(cell).ok();
            if month.is_none() {
                let zh = format!("“{cell}”不是年月");
                mistakes.push(mistake(line, PERIOD, zh, format!("{cell:?} is not yyyy-mm")));
            }
        } else if *column == URL {
            source = (!cell.is_empty()).then(|| (*cell).to_owned());
        } else if let Some((_, scheme, series, places)) =
            COLUMNS.iter().find(|(known, ..)| known == column)
            && !cell.is_empty()
        {
            match scaled(cell, *places) {
                Some(value) => readings.push(Reading {
                    scheme: (*scheme).to_owned(),
                    series: (*series).to_owned(),
                    value,
                }),
                None => {
                    let zh = format!("“{cell}”不是小数不超过 {places} 位的数");
                    let en = format!("{cell:?} is no number of at most {places} decimals");
                    mistakes.push(mistake(line, column, zh, en));
                }
            }
        }
    }
    match month {
        Some(month) if mistakes.is_empty() => Ok(Row { month, readings, source }),
        _ => Err(mistakes),
    }
}

/// A decimal moved by so many places, exactly: `scaled("22483.6014", 10)` is 224836014000000.
#[must_use]
pub fn scaled(text: &str, places: u32) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // A number in a spreadsheet may end in more zeros than its unit has places.
    let part = part.trim_end_matches('0');
    let missing = usize::try_from(places).ok()?.checked_sub(part.len())?;
    if whole.is_empty() || !sound(whole) || !sound(part) {
        return None;
    }
    let text = format!("{whole}{part}{}", "0".repeat(missing));
    let value: i64 = text.parse().ok()?;
    Some(if negative { -value } else { value })
}

fn mistake(line: usize, column: &str, zh: impl Into<String>, en: impl Into<String>) -> Mistake {
    Mistake { line, column: column.to_owned(), zh: zh.into(), en: en.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNUAL: &str = include_str!("../data/mohrss_annual.csv");

    #[test]
    fn decimals_are_moved_exactly() {
        for (text, places, value) in [
            ("22483.6014", 10, Some(224_836_014_000_000)),
            ("1310", 4, Some(13_100_000)),
            ("4.05", 2, Some(405)),
            ("-4.0", 10, Some(-40_000_000_000)),
            ("4.055", 2, None),
            ("4,05", 2, None),
            ("", 2, None),
            ("1e3", 2, None),
            ("99999999999999999999", 2, None),
        ] {
            assert_eq!(scaled(text, places), value, "{text}");
        }
    }

    #[test]
    fn income_less_spending_is_the_balance_in_every_row() {
        for row in read(ANNUAL).unwrap().iter().chain(&read(MONTHLY_FUNDS).unwrap()) {
            for scheme in ["pension-urban", "pension-rural", "unemployment", "injury"] {
                let of = |series: &str| {
                    let mut of = row.readings.iter();
                    of.find(|one| one.scheme == scheme && one.series == series).map(|one| one.value)
                };
                let (Some(income), Some(spending), Some(balance)) =
                    (of("income"), of("spending"), of("balance"))
                else {
                    continue;
                };
                assert_eq!(income - spending, balance, "{} {scheme}", row.month);
            }
        }
    }

    #[test]
    fn a_faulty_table_is_told_whole_and_nothing_is_taken() {
        let told = |text: &str| -> Vec<(usize, String)> {
            let mistakes = read(text).unwrap_err();
            mistakes.into_iter().map(|one| (one.line, one.column)).collect()
        };
        assert_eq!(told("emp_new\n12\n"), [(1, "period".to_owned()),]);
        assert_eq!(told("period,jobs\n2025-01,1\n"), [(1, "jobs".to_owned())]);
        let two = "period,emp_new\n2025-01,many\n2025-13,1\n2025-02,1,2\n2025-03,1\n2025-03,1\n";
        let places: Vec<usize> = told(two).into_iter().map(|(line, _)| line).collect();
        assert_eq!(places, [2, 3, 4, 6]);
    }
}
