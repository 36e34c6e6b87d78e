//! What is wrong with a table: where and by which rule, in Chinese and English.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake. No message repeats what a cell holds; a column's name is the file's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// From 1, the header counted; of a CSV file, the line on which the row begins.
    pub row: Option<u32>,
    /// The column's name as it stands in the file, or its letter where it has none.
    pub column: Option<String>,
    pub rule: Rule,
    pub zh: String,
    pub en: String,
}

/// The rule that a table breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    Encoding,
    NotAWorkbook,
    /// Encrypted, or of the old binary kind: it can be saved in another form.
    NotReadable,
    FileTooLarge,
    TooManyRows,
    TooManyColumns,
    CellTooLong,
    /// The archive or its reader asked for more than the limits allow.
    Bomb,
    RowsOutOfOrder,
    EmptyFile,
    NoHeader,
    NoRows,
    MissingColumn,
    UnknownColumn,
    DuplicateColumn,
    Ragged,
    MissingValue,
    /// A number with more digits than a sheet keeps stood where a text is due.
    DigitsLost,
    FormulaError,
    MoneyForm,
    DateForm,
    MonthForm,
    IntegerForm,
    /// The reader stopped or could not be started.
    Reader,
    /// The table was in order; a rule of the platform refused the row.
    Refused,
}

impl Rule {
    /// The stored form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Rule::Encoding => "encoding",
            Rule::NotAWorkbook => "not-a-workbook",
            Rule::NotReadable => "not-readable",
            Rule::FileTooLarge => "file-too-large",
            Rule::TooManyRows => "too-many-rows",
            Rule::TooManyColumns => "too-many-columns",
            Rule::CellTooLong => "cell-too-long",
            Rule::Bomb => "bomb",
            Rule::RowsOutOfOrder => "rows-out-of-order",
            Rule::EmptyFile => "empty-file",
            Rule::NoHeader => "no-header",
            Rule::NoRows => "no-rows",
            Rule::MissingColumn => "missing-column",
            Rule::UnknownColumn => "unknown-column",
            Rule::DuplicateColumn => "duplicate-column",
            Rule::Ragged => "ragged",
            Rule::MissingValue => "missing-value",
            Rule::DigitsLost => "digits-lost",
            Rule::FormulaError => "formula-error",
            Rule::MoneyForm => "money-form",
            Rule::DateForm => "date-form",
            Rule::MonthForm => "month-form",
            Rule::IntegerForm => "integer-form",
            Rule::Reader => "reader",
            Rule::Refused => "refused",
        }
    }
}

impl RowError {
    pub(crate) fn of_file(rule: Rule, what: (impl fmt::Display, impl fmt::Display)) -> Self {
        Self { row: None, column: None, rule, zh: what.0.to_string(), en: what.1.to_string() }
    }

    pub(crate) fn at_row(
        row: u32,
        rule: Rule,
        what: (impl fmt::Display, impl fmt::Display),
    ) -> Self {
        Self { row: Some(row), ..Self::of_file(rule, what) }
    }

    pub(crate) fn at_cell(
        row: u32,
        column: impl Into<String>,
        rule: Rule,
        what: (impl fmt::Display, impl fmt::Display),
    ) -> Self {
        Self { column: Some(column.into()), ..Self::at_row(row, rule, what) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "{row} ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "{column} ")?;
        }
        write!(f, "[{}] {} / {}", self.rule, self.zh, self.en)
    }
}

impl std::error::Error for RowError {}
