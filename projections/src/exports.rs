//! Lists that leave as tables: what each is called, which columns it has, by what it may be
//! narrowed. A new one is an entry in [`table`].
//!
//! **Invariant** rows are read page by page in the order of their keys, at one position and within
//! the reader's scope; no column is a personal field in clear.

mod cell;
mod table;

use std::io::{self, Write};
use std::ops::ControlFlow;

use shared::{BankCode, ItemId, Month};
use thiserror::Error;

pub use self::cell::Cell;
use crate::engine::{Column as _, ReadSession, Value, ViewError};
use crate::lists::{By, Only, Page, Seen, page};
use crate::scope::Scope;

/// More rows than this no table has: a sheet ends a little above.
pub const ROWS_MAX: u64 = 1_000_000;
/// Rows of one statement.
const PAGE: u32 = 1_000;

/// What narrows a list; what is absent does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Narrow {
    pub month: Option<Month>,
    pub item: Option<ItemId>,
    pub bank: Option<BankCode>,
    pub book: Option<String>,
    pub tag: Option<String>,
    pub rule: Option<String>,
}

/// By what a list may be narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrowing {
    Month,
    Item,
    Bank,
    Book,
    Tag,
    Rule,
}

#[derive(Debug, Error)]
pub enum ExportError {
    #[error("the list {list} cannot be narrowed by {by}")]
    NotNarrowed { list: &'static str, by: &'static str },
    #[error("the list has more than {ROWS_MAX} rows: narrow it")]
    TooLarge,
    #[error("the list cannot be read")]
    View(#[from] ViewError),
}

/// A list as whoever exports it sees it.
pub trait List: Sync {
    /// The word for it, in small letters and hyphens.
    fn name(&self) -> &'static str;

    /// What it is called, in Chinese and English.
    fn called(&self) -> (&'static str, &'static str);

    /// The titles of its columns, in Chinese and English.
    fn titles(&self) -> Vec<(&'static str, &'static str)>;

    /// The read model that it is read from.
    fn view(&self) -> &'static str;

    fn narrowed_by(&self) -> Vec<&'static str>;

    /// Why it cannot be narrowed so, if it cannot.
    fn refuses(&self, narrow: &Narrow) -> Option<ExportError>;

    /// Hands out row after row until `each` has enough; how many there were.
    ///
    /// # Errors
    /// See [`ExportError`].
    fn rows(
        &self,
        session: &ReadSession,
        scope: &Scope,
        narrow: &Narrow,
        each: &mut dyn FnMut(&[Cell]) -> ControlFlow<()>,
    ) -> Result<u64, ExportError>;
}

/// Every list that may leave.
pub fn all() -> impl Iterator<Item = &'static dyn List> {
    table::LISTS.iter().chain(table::rules::LISTS).copied()
}

/// The list of this name.
#[must_use]
pub fn list(name: &str) -> Option<&'static dyn List> {
    all().find(|list| list.name() == name)
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Xlsx,
}

impl Format {
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// The port: whatever writes tables. Text that a spreadsheet would run as a formula is made inert.
pub trait Tables: Send + Sync + 'static {
    /// # Errors
    /// When `out` takes no more; so with all that follow.
    fn begin<'a>(
        &self,
        format: Format,
        titles: &[&str],
        out: Box<dyn Write + 'a>,
    ) -> io::Result<Box<dyn TableWriter + 'a>>;
}

pub trait TableWriter {
    /// # Errors
    /// When it cannot be written.
    fn row(&mut self, cells: &[Cell]) -> io::Result<()>;

    /// # Errors
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// One column of a list over rows of `R`.
pub struct Column<R> {
    pub zh: &'static str,
    pub en: &'static str,
    pub cell: fn(&R) -> Cell,
}

/// A list over one table.
pub struct ListOf<R: 'static> {
    pub name: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// Which of the table's rows stand in it.
    pub only: fn() -> Only,
    /// Ends with what tells two rows apart.
    pub order: &'static [By],
    /// The columns by which it is narrowed.
    pub narrow: &'static [(Narrowing, &'static str)],
    pub columns: &'static [Column<R>],
}

impl Narrowing {
    const fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Item => "item",
            Self::Bank => "bank",
            Self::Book => "book",
            Self::Tag => "tag",
            Self::Rule => "rule",
        }
    }
}

impl<R: Seen> ListOf<R> {
    fn only(&self, narrow: &Narrow) -> Result<Only, ExportError> {
        let asked: [(Narrowing, Option<Value>); 6] = [
            (Narrowing::Month, narrow.month.map(|month| month.write())),
            (Narrowing::Item, narrow.item.map(|item| item.write())),
            (Narrowing::Bank, narrow.bank.map(|bank| bank.write())),
            (Narrowing::Book, narrow.book.as_ref().map(|book| book.write())),
            (Narrowing::Tag, narrow.tag.as_ref().map(|tag| tag.write())),
            (Narrowing::Rule, narrow.rule.as_ref().map(|rule| rule.write())),
        ];
        let mut only = (self.only)();
        for (by, value) in asked {
            let Some(value) = value else { continue };
            let known = self.narrow.iter().find(|(known, _)| *known == by);
            let (_, column) =
                known.ok_or(ExportError::NotNarrowed { list: self.name, by: by.word() })?;
            only = only.and(Only::Is(column, crate::lists::Test::Equal, value));
        }
        Ok(only)
    }
}

impl<R: Seen> List for ListOf<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn called(&self) -> (&'static str, &'static str) {
        (self.zh, self.en)
    }

    fn titles(&self) -> Vec<(&'static str, &'static str)> {
        self.columns.iter().map(|column| (column.zh, column.en)).collect()
    }

    fn view(&self) -> &'static str {
        R::VIEW
    }

    fn narrowed_by(&self) -> Vec<&'static str> {
        self.narrow.iter().map(|(by, _)| by.word()).collect()
    }

    fn refuses(&self, narrow: &Narrow) -> Option<ExportError> {
        self.only(narrow).err()
    }

    fn rows(
        &self,
        session: &ReadSession,
        scope: &Scope,
        narrow: &Narrow,
        each: &mut dyn FnMut(&[Cell]) -> ControlFlow<()>,
    ) -> Result<u64, ExportError> {
        let only = self.only(narrow)?;
        let places: Vec<usize> = self
            .order
            .iter()
            .filter_map(|by| R::TABLE.columns.iter().position(|column| column.name == by.column))
            .collect();
        let (mut after, mut count): (Option<Vec<Value>>, u64) = (None, 0);
        loop {
            let asked = Page {
                only: &only,
                order: self.order,
                after,
                before: None,
                backward: false,
                limit: PAGE,
            };
            let rows: Vec<R> = page(session, scope, &asked)?;
            for row in &rows {
                count += 1;
                if count > ROWS_MAX {
                    return Err(ExportError::TooLarge);
                }
                let cells: Vec<Cell> =
                    self.columns.iter().map(|column| (column.cell)(row)).collect();
                if each(&cells).is_break() {
                    return Ok(count);
                }
            }
            let Some(last) = rows.last().filter(|_| rows.len() == PAGE as usize) else {
                return Ok(count);
            };
            let values = last.write();
            after = Some(places.iter().map(|place| values[*place].clone()).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_list_has_a_name_of_its_own_and_titles_in_both_languages() {
        let mut names = BTreeSet::new();
        for list in all() {
            assert!(names.insert(list.name()), "{} stands twice", list.name());
            assert!(list.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            let titles = list.titles();
            let distinct: BTreeSet<_> = titles.iter().collect();
            assert_eq!(distinct.len(), titles.len(), "{}", list.name());
            assert!(
                titles.iter().all(|(zh, en)| !zh.is_ascii() && en.is_ascii()),
                "{}",
                list.name()
            );
        }
        assert!(list("differences").is_some() && list("nothing").is_none());
    }

    #[test]
    fn a_list_is_narrowed_only_by_what_it_has() {
        let month = Month::parse("2026-01").ok();
        for list in all().filter(|list| !list.narrowed_by().contains(&"month")) {
            let narrow = Narrow { month, ..Narrow::default() };
            // It is refused before anything is read.
            assert!(list.refuses(&narrow).is_some(), "{}", list.name());
        }
    }
}
