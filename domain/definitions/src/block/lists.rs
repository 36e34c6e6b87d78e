//! Lists and tables of a [`Block`]: every entry is read, also after one that is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::Block;
use crate::mistake::Fault;
use crate::word::Word;

const LIST: (&str, &str) = ("列表", "a list");

impl<'a> Block<'a> {
    /// A list of different numbers in rising order.
    pub fn integers(&self, key: &'static str, min: i64, max: i64) -> Option<Vec<i64>> {
        let (values, span) = self.list(key)?;
        let numbers: Option<Vec<i64>> = each(values, |value| self.integer_of(key, value, min, max));
        let numbers = numbers?;
        if numbers.windows(2).any(|pair| pair[0] >= pair[1]) {
            let fault = Fault::contradiction("数字须由小到大且不重复", "the numbers must rise");
            self.note(key, span, fault);
            return None;
        }
        Some(numbers)
    }

    /// A list of different words, at least one.
    pub fn words<W: Word>(&self, key: &'static str) -> Option<Vec<W>> {
        let words = self.words_or_none(key)?;
        if words.is_empty() {
            let span = self.span_of(key);
            self.note(key, span, Fault::empty());
            return None;
        }
        Some(words)
    }

    /// A list of different words that may be empty.
    pub fn words_or_none<W: Word>(&self, key: &'static str) -> Option<Vec<W>> {
        let (values, _) = self.list(key)?;
        let words: Vec<W> = each(values, |value| self.word_of(key, value))?;
        let mut seen = BTreeSet::new();
        let mut sound = true;
        for (word, value) in words.iter().zip(values.iter()) {
            if !seen.insert(*word) {
                let written = value.get_ref().as_str().unwrap_or_default();
                self.note(key, value.span(), Fault::repeated(written));
                sound = false;
            }
        }
        sound.then_some(words)
    }

    /// An absent list is an empty one.
    pub fn words_or_none_if_any<W: Word>(&self, key: &'static str) -> Option<Vec<W>> {
        match self.optional(key) {
            Some(_) => self.words_or_none(key),
            None => Some(Vec::new()),
        }
    }

    /// A list of ids of other definitions, at least one.
    pub fn references(&self, key: &'static str, kind: &'static str) -> Option<Vec<String>> {
        let (values, span) = self.list(key)?;
        let ids: Vec<String> = each(values, |value| self.reference_of(key, value, kind))?;
        if ids.is_empty() {
            self.note(key, span, Fault::empty());
            return None;
        }
        Some(ids)
    }

    /// A list of tables, at least one.
    pub fn tables<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Block<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let tables = self.tables_or_none(key, read)?;
        if tables.is_empty() {
            let span = self.span_of(key);
            self.note(key, span, Fault::empty());
            return None;
        }
        Some(tables)
    }

    pub fn tables_or_none<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Block<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (values, _) = self.list(key)?;
        let mut index = 0;
        each(values, |value| {
            index += 1;
            self.within(format!("{key}[{index}]"), value, &read)
        })
    }

    /// Absent: none.
    pub fn tables_if_any<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Block<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        match self.optional(key) {
            Some(_) => self.tables_or_none(key, read),
            None => Some(Vec::new()),
        }
    }

    /// A list of different texts, at least one.
    pub fn texts(&self, key: &'static str) -> Option<Vec<String>> {
        let (values, span) = self.list(key)?;
        let texts: Vec<String> = each(values, |value| self.text_of(key, value))?;
        if texts.is_empty() {
            self.note(key, span, Fault::empty());
            return None;
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = texts.iter().find(|text| !seen.insert(text.as_str())) {
            self.note(key, span, Fault::repeated(twice));
            return None;
        }
        Some(texts)
    }

    /// As [`Block::texts`]; absent: none.
    pub fn texts_if_any(&self, key: &'static str) -> Option<Vec<String>> {
        match self.optional(key) {
            Some(_) => self.texts(key),
            None => Some(Vec::new()),
        }
    }

    /// A list of different numbers in rising order; absent: none.
    pub fn integers_if_any(&self, key: &'static str, min: i64, max: i64) -> Option<Vec<i64>> {
        match self.optional(key) {
            Some(_) => self.integers(key, min, max),
            None => Some(Vec::new()),
        }
    }

    /// As [`Block::references`]; absent: none.
    pub fn references_if_any(&self, key: &'static str, kind: &'static str) -> Option<Vec<String>> {
        match self.optional(key) {
            Some(_) => self.references(key, kind),
            None => Some(Vec::new()),
        }
    }

    /// A table whose keys are free texts (a bank's own words) and whose values are our words.
    pub fn meanings<W: Word>(&self, key: &'static str) -> Option<BTreeMap<String, W>> {
        let entries = self.entries(key)?;
        let mut sound = true;
        let mut meanings = BTreeMap::new();
        for (written, value) in entries {
            match self.word_of(key, value) {
                Some(word) => {
                    meanings.insert(written.get_ref().to_string(), word);
                }
                None => sound = false,
            }
        }
        sound.then_some(meanings)
    }

    /// A table whose keys are our words and whose values refer to definitions; absent: empty.
    pub fn references_by_if_any<W: Word>(
        &self,
        key: &'static str,
        kind: &'static str,
    ) -> Option<BTreeMap<W, String>> {
        if self.optional(key).is_none() {
            return Some(BTreeMap::new());
        }
        let entries = self.entries(key)?;
        let mut sound = true;
        let mut references = BTreeMap::new();
        for (written, value) in entries {
            let word = W::from_word(written.get_ref());
            if word.is_none() {
                self.note(key, written.span(), Fault::unknown_key(written.get_ref(), W::words()));
            }
            match (word, self.reference_of(key, value, kind)) {
                (Some(word), Some(id)) => {
                    references.insert(word, id);
                }
                _ => sound = false,
            }
        }
        sound.then_some(references)
    }

    fn list(&self, key: &'static str) -> Option<(&'a DeArray<'a>, Range<usize>)> {
        let value = self.required(key)?;
        match value.get_ref() {
            DeValue::Array(values) => Some((values, value.span())),
            other => self.wrong(key, value.span(), LIST, other),
        }
    }

    fn entries(&self, key: &'static str) -> Option<&'a DeTable<'a>> {
        let value = self.required(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => Some(entries),
            other => self.wrong(key, value.span(), super::TABLE, other),
        }
    }
}

/// Reads every value, also after one that cannot be read.
fn each<'a, T>(
    values: &'a DeArray<'a>,
    mut read: impl FnMut(&'a Spanned<DeValue<'a>>) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = values.iter().map(&mut read).collect();
    read.into_iter().collect()
}
