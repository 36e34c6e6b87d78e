//! One TOML table read key by key: each key that is asked for is allowed, everything else is a
//! mistake. Reading goes on after a mistake, so that all of them are told at once.
//!
//! **Invariant** `None` is answered only after a mistake was noted, or for a key that may be absent.

mod lists;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;
use shared::{Date, Money};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mistake::Fault;
use crate::notes::{Notes, Place, Reference};
use crate::source::Source;
use crate::word::Word;

/// What every definition is called, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

impl Name {
    /// Reads a table with the keys `zh` and `en`.
    pub fn read(block: &Block<'_>) -> Option<Self> {
        let (zh, en) = (block.text("zh"), block.text("en"));
        Some(Self { zh: zh?, en: en? })
    }
}

/// A table of a definition file while it is read.
pub struct Block<'a> {
    table: &'a DeTable<'a>,
    place: Place,
    asked: RefCell<BTreeSet<&'static str>>,
    pages: &'a [Source],
    notes: &'a Notes,
}

const TEXT: (&str, &str) = ("文本", "a text");
const FLAG: (&str, &str) = ("true 或 false", "true or false");
const NUMBER: (&str, &str) = ("整数", "a whole number");
const TABLE: (&str, &str) = ("表", "a table");
const DATE: (&str, &str) = ("日期(如 2026-01-31)", "a date such as 2026-01-31");
const MONEY: (&str, &str) = ("金额(元,如 \"1234.50\")", "an amount in yuan such as \"1234.50\"");

impl<'a> Block<'a> {
    pub(crate) fn top(
        kind: &str,
        page: usize,
        span: Range<usize>,
        table: &'a DeTable<'a>,
        (pages, notes): (&'a [Source], &'a Notes),
    ) -> Self {
        let id = match table.get("id").map(Spanned::get_ref) {
            Some(DeValue::String(id)) => id.to_string(),
            _ => String::new(),
        };
        let place = Place { page, kind: kind.to_owned(), id, path: String::new(), span };
        Self { table, place, asked: RefCell::default(), pages, notes }
    }

    /// The id as it is written, empty when there is none.
    pub(crate) fn id(&self) -> &str {
        &self.place.id
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Where the id stands, or the block if it has none.
    pub(crate) fn place_of_id(&self) -> Place {
        self.table.get("id").map_or_else(|| self.place.clone(), |id| self.at("id", id.span()))
    }

    /// The id, name and source that every definition has.
    pub fn head<I>(
        &self,
        id: impl Fn(&str) -> Option<I>,
    ) -> (Option<I>, Option<Name>, Option<String>) {
        let id = self.parsed("id", ("编号", "an id of this kind"), id);
        (id, self.table("name", Name::read), self.text("source"))
    }

    /// Allows a key that cannot be judged because of an earlier mistake.
    pub fn skip<T>(&self, key: &'static str) -> Option<T> {
        self.optional(key)?;
        None
    }

    pub fn text(&self, key: &'static str) -> Option<String> {
        let value = self.required(key)?;
        self.text_of(key, value)
    }

    pub fn text_if_any(&self, key: &'static str) -> Option<String> {
        let value = self.optional(key)?;
        self.text_of(key, value)
    }

    /// A text that may be absent or empty.
    pub fn text_or_empty(&self, key: &'static str) -> Option<String> {
        match self.optional(key).map(|value| (value.get_ref(), value.span())) {
            None => Some(String::new()),
            Some((DeValue::String(text), _)) => Some(text.to_string()),
            Some((other, span)) => self.wrong(key, span, TEXT, other),
        }
    }

    /// A text that means something; `wanted` says what, in Chinese and English.
    pub fn parsed<T>(
        &self,
        key: &'static str,
        wanted: (&str, &str),
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.required(key)?;
        let text = self.text_of(key, value)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.note(key, value.span(), Fault::bad_value(&text, wanted));
        }
        parsed
    }

    /// An amount in yuan as a string: money is never a number with a point.
    pub fn money(&self, key: &'static str) -> Option<Money> {
        self.parsed(key, MONEY, |text| Money::parse(text).ok())
    }

    pub fn money_if_any(&self, key: &'static str) -> Option<Money> {
        self.optional(key)?;
        self.money(key)
    }

    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.required(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong(key, value.span(), FLAG, other),
        }
    }

    /// Absent: `absent`.
    pub fn flag_or(&self, key: &'static str, absent: bool) -> Option<bool> {
        match self.optional(key) {
            Some(_) => self.flag(key),
            None => Some(absent),
        }
    }

    pub fn integer(&self, key: &'static str, min: i64, max: i64) -> Option<i64> {
        let value = self.required(key)?;
        self.integer_of(key, value, min, max)
    }

    /// `None` also when the key is absent.
    pub fn integer_if_any(&self, key: &'static str, min: i64, max: i64) -> Option<i64> {
        let value = self.optional(key)?;
        self.integer_of(key, value, min, max)
    }

    /// The number, or what holds when the key is absent; `None` after a mistake.
    pub fn integer_or(&self, key: &'static str, min: i64, max: i64, absent: i64) -> Option<i64> {
        match self.optional(key) {
            Some(value) => self.integer_of(key, value, min, max),
            None => Some(absent),
        }
    }

    /// A TOML date, or the same as a text.
    pub fn date(&self, key: &'static str) -> Option<Date> {
        let value = self.required(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.to_string(),
            other => return self.wrong(key, value.span(), DATE, other),
        };
        let date = text.parse().ok();
        if date.is_none() {
            self.note(key, value.span(), Fault::bad_value(&text, DATE));
        }
        date
    }

    pub fn date_if_any(&self, key: &'static str) -> Option<Date> {
        self.optional(key)?;
        self.date(key)
    }

    pub fn word<W: Word>(&self, key: &'static str) -> Option<W> {
        let value = self.required(key)?;
        self.word_of(key, value)
    }

    /// The word, or what holds when the key is absent; `None` after a mistake.
    pub fn word_or<W: Word>(&self, key: &'static str, absent: W) -> Option<W> {
        match self.optional(key) {
            Some(value) => self.word_of(key, value),
            None => Some(absent),
        }
    }

    /// `None` also when the key is absent.
    pub fn word_if_any<W: Word>(&self, key: &'static str) -> Option<W> {
        let value = self.optional(key)?;
        self.word_of(key, value)
    }

    /// The id of another definition; that it exists is checked when all files are read.
    pub fn reference(&self, key: &'static str, kind: &'static str) -> Option<String> {
        let value = self.required(key)?;
        self.reference_of(key, value, kind)
    }

    /// An absent reference is none.
    pub fn reference_if_any(
        &self,
        key: &'static str,
        kind: &'static str,
    ) -> Option<Option<String>> {
        match self.optional(key) {
            Some(_) => self.reference(key, kind).map(Some),
            None => Some(None),
        }
    }

    /// A table inside; its unknown keys are mistakes as well.
    pub fn table<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Block<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.required(key)?;
        self.within(key.to_owned(), value, read)
    }

    pub fn table_if_any<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Block<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.optional(key)?;
        self.within(key.to_owned(), value, read)
    }

    /// Notes a mistake at a key (at the block when the key is absent) and answers nothing.
    pub(crate) fn refuse<T>(&self, key: &str, fault: Fault) -> Option<T> {
        self.note(key, self.span_of(key), fault);
        None
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let written: &str = key.get_ref();
            if !asked.contains(written) {
                let allowed = asked.iter().map(|key| (*key).to_owned()).collect();
                self.note(written, key.span(), Fault::unknown_key(written, allowed));
            }
        }
    }

    fn optional(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    fn required(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = self.optional(key);
        if value.is_none() {
            self.note(key, self.place.span.clone(), Fault::missing_key(key));
        }
        value
    }

    fn text_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref() {
            // A tab is something: a layout may separate by it.
            DeValue::String(text) if text.trim_matches([' ', '\u{3000}', '\n']).is_empty() => {
                self.note(key, value.span(), Fault::empty());
                None
            }
            DeValue::String(text) => Some(text.to_string()),
            other => self.wrong(key, value.span(), TEXT, other),
        }
    }

    fn integer_of(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        min: i64,
        max: i64,
    ) -> Option<i64> {
        let DeValue::Integer(written) = value.get_ref() else {
            return self.wrong(key, value.span(), NUMBER, value.get_ref());
        };
        let Ok(number) = i64::from_str_radix(written.as_str(), written.radix()) else {
            self.note(key, value.span(), Fault::bad_value(written.as_str(), NUMBER));
            return None;
        };
        if !(min..=max).contains(&number) {
            self.note(key, value.span(), Fault::out_of_range(number, min, max));
            return None;
        }
        Some(number)
    }

    fn word_of<W: Word>(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<W> {
        let DeValue::String(written) = value.get_ref() else {
            return self.wrong(key, value.span(), TEXT, value.get_ref());
        };
        let word = W::from_word(written);
        if word.is_none() {
            self.note(key, value.span(), Fault::unknown_word(written, W::words()));
        }
        word
    }

    fn reference_of(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        kind: &'static str,
    ) -> Option<String> {
        let id = self.text_of(key, value)?;
        let place = self.at(key, value.span());
        self.notes.references.borrow_mut().push(Reference { to: (kind, id.clone()), place });
        Some(id)
    }

    fn within<T>(
        &self,
        key: String,
        value: &'a Spanned<DeValue<'a>>,
        read: impl FnOnce(&Block<'a>) -> Option<T>,
    ) -> Option<T> {
        match value.get_ref() {
            DeValue::Table(table) => {
                let block = Block {
                    table,
                    place: self.at(&key, value.span()),
                    asked: RefCell::default(),
                    pages: self.pages,
                    notes: self.notes,
                };
                let outcome = read(&block);
                block.finish();
                outcome
            }
            other => self.wrong(&key, value.span(), TABLE, other),
        }
    }

    fn wrong<T>(
        &self,
        key: &str,
        span: Range<usize>,
        wanted: (&str, &str),
        found: &DeValue<'_>,
    ) -> Option<T> {
        self.note(key, span, Fault::wrong_type(wanted, found.type_str()));
        None
    }

    fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.place.span.clone(), Spanned::span)
    }

    fn at(&self, key: &str, span: Range<usize>) -> Place {
        let path = match self.place.path.as_str() {
            "" => key.to_owned(),
            outer => format!("{outer}.{key}"),
        };
        Place { path, span, ..self.place.clone() }
    }

    fn note(&self, key: &str, span: Range<usize>, fault: Fault) {
        self.notes.note(self.pages, &self.at(key, span), fault);
    }
}
