//! The neutral file of an external run: UTF-8, a field between bars, one header and its lines.
//!
//! `H|source|item|area|sequence|reference|month|run|fund|agency|paid on|lines|total|digest|appropriated`
//! `L|seq|number|bank|county|component|month|adjustment|attempt|gross|deductions|result`
//!
//! `total` is net. `digest` is SM3 over the lines as they stand, each with its line feed. `result` is
//! `paid:<bank serial>`, `returned:<R01…R99>` or nothing while the bank has not answered. No error
//! holds a field of a line.

use shared::{
    AgencyCode, AreaCode, BankCode, Component, Date, DivisionCode, FundCode, ItemId, Money, Month,
    Pii, ReturnReason, RunType,
};

use super::rejected;
use crate::disbursement::ports::{FileFault, Rejected};

const HEADER_FIELDS: usize = 15;
const LINE_FIELDS: usize = 12;
const FAULTS_MAX: usize = 100;

/// A run as its file says it.
pub struct ExternalRun {
    pub source: String,
    pub item: ItemId,
    pub area: AreaCode,
    pub sequence: u32,
    pub reference: String,
    pub month: Month,
    pub run: RunType,
    pub fund: FundCode,
    pub agency: AgencyCode,
    pub paid_on: Date,
    /// As declared: count, net total and digest of the lines.
    pub count: u32,
    pub total: Money,
    pub digest: String,
    /// What was appropriated for it; absent: the book has the money.
    pub appropriated: Option<Money>,
    pub lines: Vec<ExternalLine>,
    /// The lines as they stand in the file.
    pub(super) raw: String,
}

pub struct ExternalLine {
    /// The line of the file, from 1.
    pub row: u32,
    /// The citizen number.
    pub number: Pii<String>,
    pub bank: BankCode,
    pub county: DivisionCode,
    pub component: Component,
    /// Where the entitlement month is not the run's.
    pub month: Option<Month>,
    pub adjustment: u16,
    pub attempt: u16,
    pub gross: Money,
    pub deductions: Money,
    pub said: ExternalSaid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExternalSaid {
    Paid { serial: String },
    Returned(ReturnReason),
    Unknown,
}

impl ExternalLine {
    #[must_use]
    pub fn net(&self) -> Money {
        self.gross - self.deductions
    }
}

impl ExternalRun {
    /// Count and net total of the lines that stand in the file.
    #[must_use]
    pub fn counted(&self) -> (u32, Money) {
        let lines = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        (lines, self.lines.iter().map(ExternalLine::net).sum())
    }
}

/// Reads a file whole, or tells everything that is wrong with it.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<ExternalRun, Rejected> {
    let mut faults = Faults { file: name, faults: Vec::new() };
    let Ok(text) = std::str::from_utf8(bytes) else {
        faults.note(None, "file", "ENCODING");
        return Err(rejected(faults.faults));
    };
    let mut rows = (1_u32..).zip(text.lines());
    let header = rows.next().and_then(|(row, line)| header(&mut faults, row, line));
    let raw = text.split_once('\n').map_or("", |(_, rest)| rest).to_owned();
    let mut lines = Vec::new();
    for (row, line) in rows {
        if faults.faults.len() >= FAULTS_MAX {
            break;
        }
        lines.extend(self::line(&mut faults, row, line));
    }
    match header {
        Some(run) if faults.faults.is_empty() => Ok(ExternalRun { lines, raw, ..run }),
        Some(_) | None => Err(rejected(faults.faults)),
    }
}

fn header(faults: &mut Faults<'_>, row: u32, line: &str) -> Option<ExternalRun> {
    let fields: Vec<&str> = line.split('|').collect();
    if fields.len() != HEADER_FIELDS || fields[0] != "H" {
        faults.note(Some(row), "header", "FIELDS");
        return None;
    }
    let field = |index: usize, name: &'static str| Field { text: fields[index], row, name };
    let source = field(1, "source").kept(faults, |text| {
        let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        plain.then(|| text.to_owned())
    });
    let item = field(2, "item").kept(faults, |text| ItemId::parse(text).ok());
    let area = field(3, "area").kept(faults, |text| AreaCode::parse(text).ok());
    let sequence = field(4, "sequence").kept(faults, |text| text.parse().ok());
    let reference =
        field(5, "reference").kept(faults, |text| (!text.is_empty()).then(|| text.to_owned()));
    let month = field(6, "month").kept(faults, |text| Month::parse(text).ok());
    let run = field(7, "run").kept(faults, |text| {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
    });
    let fund = field(8, "fund").kept(faults, |text| FundCode::parse(text).ok());
    let agency = field(9, "agency").kept(faults, |text| AgencyCode::parse(text).ok());
    let paid_on = field(10, "paid on").kept(faults, |text| text.parse().ok());
    let count = field(11, "lines").kept(faults, |text| text.parse().ok());
    let total = field(12, "total").kept(faults, |text| Money::parse(text).ok());
    let digest = field(13, "digest").kept(faults, |text| Some(text.to_owned()));
    let appropriated = match fields[14] {
        "" => Some(None),
        _ => field(14, "appropriated").kept(faults, |text| Money::parse(text).ok().map(Some)),
    };
    Some(ExternalRun {
        source: source?,
        item: item?,
        area: area?,
        sequence: sequence?,
        reference: reference?,
        month: month?,
        run: run?,
        fund: fund?,
        agency: agency?,
        paid_on: paid_on?,
        count: count?,
        total: total?,
        digest: digest?,
        appropriated: appropriated?,
        lines: Vec::new(),
        raw: String::new(),
    })
}

fn line(faults: &mut Faults<'_>, row: u32, line: &str) -> Option<ExternalLine> {
    let fields: Vec<&str> = line.split('|').collect();
    if fields.len() != LINE_FIELDS || fields[0] != "L" {
        faults.note(Some(row), "line", "FIELDS");
        return None;
    }
    let field = |index: usize, name: &'static str| Field { text: fields[index], row, name };
    let number = field(2, "number").kept(faults, |text| {
        let plain = text.len() == 18 && text.chars().all(|c| c.is_ascii_alphanumeric());
        plain.then(|| Pii::new(text.to_owned()))
    });
    let bank = field(3, "bank").kept(faults, |text| BankCode::parse(text).ok());
    let county = field(4, "county").kept(faults, |text| DivisionCode::parse(text).ok());
    let component = field(5, "component").kept(faults, |text| Component::parse(text).ok());
    let month = match fields[6] {
        "" => Some(None),
        _ => field(6, "month").kept(faults, |text| Month::parse(text).ok().map(Some)),
    };
    let adjustment = field(7, "adjustment").kept(faults, |text| text.parse().ok());
    let attempt = field(8, "attempt")
        .kept(faults, |text| text.parse().ok().filter(|attempt: &u16| *attempt > 0));
    let gross = field(9, "gross").kept(faults, |text| Money::parse(text).ok());
    let deductions = field(10, "deductions").kept(faults, |text| Money::parse(text).ok());
    let said = field(11, "result").kept(faults, said);
    let line = ExternalLine {
        row,
        number: number?,
        bank: bank?,
        county: county?,
        component: component?,
        month: month?,
        adjustment: adjustment?,
        attempt: attempt?,
        gross: gross?,
        deductions: deductions?,
        said: said?,
    };
    if line.deductions.is_negative() || !line.net().is_positive() {
        faults.note(Some(row), "gross", "NOT_POSITIVE");
        return None;
    }
    Some(line)
}

fn said(text: &str) -> Option<ExternalSaid> {
    match text.split_once(':') {
        None if text.is_empty() => Some(ExternalSaid::Unknown),
        Some(("paid", serial)) if !serial.is_empty() => {
            Some(ExternalSaid::Paid { serial: serial.to_owned() })
        }
        Some(("returned", code)) => {
            let code = serde_json::Value::String(code.to_owned());
            serde_json::from_value(code).ok().map(ExternalSaid::Returned)
        }
        None | Some(_) => None,
    }
}

struct Faults<'a> {
    file: &'a str,
    faults: Vec<FileFault>,
}

impl Faults<'_> {
    fn note(&mut self, row: Option<u32>, field: &str, code: &str) {
        let place = row.map_or_else(String::new, |row| format!("第{row}行"));
        let at = row.map_or_else(String::new, |row| format!("row {row}: "));
        self.faults.push(FileFault {
            file: self.file.to_owned(),
            row,
            field: Some(field.to_owned()),
            code: code.to_owned(),
            zh: format!("{place}{field}不符合格式"),
            en: format!("{at}{field} is not in its form"),
        });
    }
}

struct Field<'a> {
    text: &'a str,
    row: u32,
    name: &'static str,
}

impl Field<'_> {
    fn kept<T>(self, faults: &mut Faults<'_>, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = read(self.text);
        if value.is_none() {
            faults.note(Some(self.row), self.name, "FORM");
        }
        value
    }
}
