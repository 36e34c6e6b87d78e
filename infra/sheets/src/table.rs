//! A table whose columns are declared: the header is found in them, and every row read by them.

use std::collections::HashMap;
use std::iter::Peekable;

use jiff::civil::Date;
use shared::{Money, Month, name};

use crate::error::{RowError, Rule};
use crate::raw::{RawCell, RawRow, letter};
use crate::report::{Outcome, RowReport};
use crate::value::{Kind, Value, value};

/// One column that the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub key: &'static str,
    /// What the header may call it, in Chinese and English; case and blanks do not count.
    pub names: &'static [&'static str],
    pub kind: Kind,
    /// It must be in the header and have a value in every row.
    pub required: bool,
}

/// The columns of a table, and those that together tell one row from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    unique_by: Vec<&'static str>,
    may_be_empty: bool,
}

impl Columns {
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), unique_by: Vec::new(), may_be_empty: false }
    }

    /// A later row with the same values in all these columns is a duplicate.
    #[must_use]
    pub fn unique_by(mut self, keys: impl IntoIterator<Item = &'static str>) -> Self {
        self.unique_by = keys.into_iter().collect();
        self
    }

    /// A header without rows says something: that there is nothing to tell.
    #[must_use]
    pub fn may_be_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    fn find(&self, title: &str) -> Option<usize> {
        let title = folded(title);
        self.columns.iter().position(|column| column.names.iter().any(|name| folded(name) == title))
    }
}

/// One row of the file.
pub struct Read {
    /// From 1, the header counted.
    pub row: u32,
    pub entry: Entry,
}

/// What a row came to.
pub enum Entry {
    Accepted(Cells),
    /// The row with the same key that came first.
    Duplicate {
        first: u32,
    },
    Refused(Vec<RowError>),
}

/// The values of a row by the keys of their columns.
#[derive(Clone)]
pub struct Cells {
    values: Vec<(&'static str, Option<Value>)>,
}

macro_rules! getters {
    ($($name:ident $variant:ident $type:ty;)*) => {$(
        /// `None` when the cell is blank or the column is of another kind or absent.
        #[must_use]
        pub fn $name(&self, key: &str) -> Option<$type> {
            match self.get(key)? {
                Value::$variant(value) => Some(*value),
                _ => None,
            }
        }
    )*};
}

impl Cells {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == key)?.1.as_ref()
    }

    /// `None` when the cell is blank or the column is of another kind or absent. It can be
    /// personal: the caller wraps or seals it.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text.expose()),
            Value::Money(_) | Value::Date(_) | Value::Month(_) | Value::Integer(_) => None,
        }
    }

    getters! {
        money Money Money;
        date Date Date;
        month Month Month;
        integer Integer i64;
    }
}

impl Read {
    /// What the row came to, for the report.
    #[must_use]
    pub fn report(&self) -> RowReport {
        let outcome = match &self.entry {
            Entry::Accepted(_) => Outcome::Accepted,
            Entry::Duplicate { first } => Outcome::Duplicate { first: Some(*first) },
            Entry::Refused(errors) => Outcome::Refused(errors.clone()),
        };
        RowReport { row: self.row, outcome }
    }
}

/// The rows of a table. An error in the file itself ends them; a row's own errors do not.
pub struct Table<'c, I: Iterator<Item = Result<RawRow, RowError>>> {
    columns: &'c Columns,
    /// For each column of the file its name there, and which of the declared ones it is.
    header: Vec<(String, Option<usize>)>,
    rows: Peekable<I>,
    seen: HashMap<String, u32>,
}

/// Reads the header; the rows follow as they are asked for.
///
/// # Errors
/// All that is wrong with the header at once: missing, unknown and repeated columns. Also when the
/// file is empty, has no rows, or its first rows cannot be read.
pub fn read<I>(rows: I, columns: &Columns) -> Result<Table<'_, I>, Vec<RowError>>
where
    I: Iterator<Item = Result<RawRow, RowError>>,
{
    let mut rows = rows.peekable();
    while rows.next_if(|row| row.as_ref().is_ok_and(RawRow::is_blank)).is_some() {}
    let Some(first) = rows.next() else {
        let what = ("文件为空", "the file is empty");
        return Err(vec![RowError::of_file(Rule::EmptyFile, what)]);
    };
    let header = read_header(first.map_err(|error| vec![error])?, columns)?;
    while rows.next_if(|row| row.as_ref().is_ok_and(RawRow::is_blank)).is_some() {}
    match rows.peek() {
        Some(Err(error)) => Err(vec![error.clone()]),
        None if !columns.may_be_empty => {
            let what = ("只有表头，没有数据行", "there is a header and no row");
            Err(vec![RowError::of_file(Rule::NoRows, what)])
        }
        Some(Ok(_)) | None => Ok(Table { columns, header, rows, seen: HashMap::new() }),
    }
}

fn read_header(
    mut row: RawRow,
    columns: &Columns,
) -> Result<Vec<(String, Option<usize>)>, Vec<RowError>> {
    while row.cells.last().is_some_and(RawCell::is_blank) {
        row.cells.pop();
    }
    let number = row.row;
    let titles: Vec<String> = row.cells.into_iter().map(title).collect();
    let found: Vec<Option<usize>> = titles.iter().map(|title| columns.find(title)).collect();
    if found.iter().all(Option::is_none) {
        // A row of data in the header's place: its cells are not repeated as names.
        let what = (
            "第一行不是表头：没有一列是认识的",
            "the first row is not a header: none of its columns is known",
        );
        return Err(vec![RowError::at_row(number, Rule::NoHeader, what)]);
    }
    let mut errors = Vec::new();
    for (index, (title, column)) in titles.iter().zip(&found).enumerate() {
        match column {
            None if title.is_empty() => {
                let what = ("列没有名称", "the column has no name");
                errors.push(RowError::at_cell(number, letter(index), Rule::UnknownColumn, what));
            }
            None => {
                let known: Vec<&str> = columns
                    .columns
                    .iter()
                    .filter_map(|column| column.names.first().copied())
                    .collect();
                let known = known.join("、");
                let what = (
                    format!("没有这一列；可用的列：{known}"),
                    format!("there is no such column; the columns are {known}"),
                );
                errors.push(RowError::at_cell(number, title, Rule::UnknownColumn, what));
            }
            Some(_) if found[..index].contains(column) => {
                let what = ("该列出现了两次", "the column stands twice");
                errors.push(RowError::at_cell(number, title, Rule::DuplicateColumn, what));
            }
            Some(_) => {}
        }
    }
    for (index, column) in columns.columns.iter().enumerate() {
        if column.required && !found.contains(&Some(index)) {
            let name = column.names.first().copied().unwrap_or(column.key);
            let what = ("缺少必需的列", "a required column is missing");
            errors.push(RowError::at_cell(number, name, Rule::MissingColumn, what));
        }
    }
    if errors.is_empty() { Ok(titles.into_iter().zip(found).collect()) } else { Err(errors) }
}

impl<I: Iterator<Item = Result<RawRow, RowError>>> Iterator for Table<'_, I> {
    type Item = Result<Read, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.rows.next()? {
                Err(error) => return Some(Err(error)),
                Ok(row) if row.is_blank() => {}
                Ok(row) => return Some(Ok(Read { row: row.row, entry: self.entry(&row) })),
            }
        }
    }
}

impl<I: Iterator<Item = Result<RawRow, RowError>>> Table<'_, I> {
    fn entry(&mut self, row: &RawRow) -> Entry {
        if let Some(error) = self.ragged(row) {
            return Entry::Refused(vec![error]);
        }
        let mut errors = Vec::new();
        let mut values: Vec<(&'static str, Option<Value>)> =
            self.columns.columns.iter().map(|column| (column.key, None)).collect();
        for (index, (title, column)) in self.header.iter().enumerate() {
            let Some(at) = *column else { continue };
            let column = self.columns.columns[at];
            let cell = row.cells.get(index).unwrap_or(&RawCell::Empty);
            match value(column.kind, cell, row.from_1904) {
                Ok(None) if column.required => {
                    let what = ("必填，不能为空", "a value is required");
                    errors.push(RowError::at_cell(row.row, title, Rule::MissingValue, what));
                }
                Ok(value) => values[at].1 = value,
                Err((rule, zh, en)) => {
                    errors.push(RowError::at_cell(row.row, title, rule, (zh, en)));
                }
            }
        }
        if !errors.is_empty() {
            return Entry::Refused(errors);
        }
        let cells = Cells { values };
        if self.columns.unique_by.is_empty() {
            return Entry::Accepted(cells);
        }
        let key = self.columns.unique_by.iter().map(|key| shown(cells.get(key))).collect();
        match self.seen.get(&key) {
            Some(first) => Entry::Duplicate { first: *first },
            None => {
                self.seen.insert(key, row.row);
                Entry::Accepted(cells)
            }
        }
    }

    fn ragged(&self, row: &RawRow) -> Option<RowError> {
        let (due, found) = (self.header.len(), row.cells.len());
        let beyond = row.cells.iter().skip(due).any(|cell| !cell.is_blank());
        if beyond || (row.exact && found < due) {
            let what = (
                format!("表头有 {due} 列，该行有 {found} 列"),
                format!("the header has {due} columns, the row {found}"),
            );
            return Some(RowError::at_row(row.row, Rule::Ragged, what));
        }
        None
    }
}

fn title(cell: RawCell) -> String {
    match cell {
        RawCell::Text(text) | RawCell::Number(text) | RawCell::Date(text) => text.trim().to_owned(),
        RawCell::Empty | RawCell::Error => String::new(),
    }
}

/// Two spellings of one column's name are equal when folded.
fn folded(name: &str) -> String {
    let mut folded = name::normalise(name).to_lowercase();
    folded.retain(|c| !c.is_whitespace() && c != '_');
    folded
}

/// A value as a part of a row's key; each ends with what no cell can hold.
fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None => String::new(),
        Some(Value::Text(text)) => text.expose().clone(),
        Some(Value::Money(money)) => money.to_string(),
        Some(Value::Date(date)) => date.to_string(),
        Some(Value::Month(month)) => month.to_string(),
        Some(Value::Integer(number)) => number.to_string(),
    };
    text + "\u{0}"
}
