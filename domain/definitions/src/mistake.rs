//! A mistake in a definition file: where it stands, what is wrong in Chinese and English, and the
//! words that would be right.

use std::fmt;

use crate::word::words;

words! {
    /// What kind of mistake it is; the codes are stable and may be shown by any surface.
    pub enum Code {
        /// The file is not TOML.
        Syntax = "SYNTAX",
        /// A table at the top of a file that is no kind of definition.
        UnknownKind = "UNKNOWN_KIND",
        UnknownKey = "UNKNOWN_KEY",
        UnknownWord = "UNKNOWN_WORD",
        WrongType = "WRONG_TYPE",
        MissingKey = "MISSING_KEY",
        /// A text or list that must hold something is empty.
        Empty = "EMPTY",
        /// A list names the same thing twice.
        Repeated = "REPEATED",
        DuplicateId = "DUPLICATE_ID",
        /// A definition that is referred to does not exist.
        Dangling = "DANGLING_REFERENCE",
        /// An amount, date or id that cannot be read.
        BadValue = "BAD_VALUE",
        OutOfRange = "OUT_OF_RANGE",
        DatesOutOfOrder = "DATES_OUT_OF_ORDER",
        Unbalanced = "UNBALANCED",
        /// A layout lacks a field without which the file cannot be used.
        MissingField = "MISSING_FIELD",
        /// Two entries that cannot both be true.
        Contradiction = "CONTRADICTION",
    }
}

/// One mistake. `kind` and `id` name the definition (`id` is empty while it cannot be read),
/// `path` the key inside it, such as `bounds.min` or `step[2].role`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub kind: String,
    pub id: String,
    pub path: String,
    pub code: Code,
    pub zh: String,
    pub en: String,
    /// The words or keys that may stand here; empty where the vocabulary is not closed.
    pub allowed: Vec<String>,
    /// The allowed word nearest to the one that was written.
    pub suggestion: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, kind, id, path, code, en, .. } = self;
        write!(f, "{file}:{line}:{column}: {code}")?;
        if !kind.is_empty() {
            write!(f, " {kind} {id}")?;
        }
        if !path.is_empty() {
            write!(f, " {path}")?;
        }
        write!(f, ": {en}")?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean {suggestion}?")?;
        }
        if !self.allowed.is_empty() {
            write!(f, " (allowed: {})", self.allowed.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistake {}

/// What is wrong, before it is placed and put into words.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub code: Code,
    pub zh: String,
    pub en: String,
    pub allowed: Vec<String>,
    pub suggestion: Option<String>,
}

impl Fault {
    pub fn new(code: Code, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, zh: zh.into(), en: en.into(), allowed: Vec::new(), suggestion: None }
    }

    pub fn syntax(message: &str) -> Self {
        Self::new(Code::Syntax, format!("TOML 语法错误:{message}"), message)
    }

    pub fn unknown_kind(word: &str, allowed: Vec<String>) -> Self {
        Self::new(
            Code::UnknownKind,
            format!("没有名为“{word}”的定义种类"),
            format!("no kind of definition is called {word}"),
        )
        .among(word, allowed)
    }

    pub fn unknown_key(key: &str, allowed: Vec<String>) -> Self {
        Self::new(
            Code::UnknownKey,
            format!("此处没有键“{key}”"),
            format!("there is no key {key} here"),
        )
        .among(key, allowed)
    }

    pub fn unknown_word(word: &str, allowed: Vec<String>) -> Self {
        Self::new(
            Code::UnknownWord,
            format!("“{word}”不是此处允许的词"),
            format!("{word} is not a word that may stand here"),
        )
        .among(word, allowed)
    }

    pub fn dangling(kind: &str, id: &str, known: Vec<String>) -> Self {
        Self::new(
            Code::Dangling,
            format!("没有编号为“{id}”的 {kind}"),
            format!("there is no {kind} {id}"),
        )
        .among(id, known)
    }

    pub fn wrong_type(wanted: (&str, &str), found: &str) -> Self {
        let (zh, en) = wanted;
        Self::new(
            Code::WrongType,
            format!("应为{zh},却是 {found}"),
            format!("{en} belongs here, not {found}"),
        )
    }

    pub fn missing_key(key: &str) -> Self {
        Self::new(Code::MissingKey, format!("缺少键“{key}”"), format!("the key {key} is missing"))
    }

    pub fn empty() -> Self {
        Self::new(Code::Empty, "不能为空", "it must not be empty")
    }

    pub fn repeated(word: &str) -> Self {
        Self::new(Code::Repeated, format!("“{word}”重复出现"), format!("{word} stands here twice"))
    }

    pub fn duplicate_id(id: &str, file: &str, line: usize) -> Self {
        Self::new(
            Code::DuplicateId,
            format!("编号“{id}”已在 {file} 第 {line} 行定义"),
            format!("{id} is already defined in {file} line {line}"),
        )
    }

    pub fn bad_value(text: &str, wanted: (&str, &str)) -> Self {
        let (zh, en) = wanted;
        Self::new(Code::BadValue, format!("“{text}”不是{zh}"), format!("{text:?} is not {en}"))
    }

    pub fn out_of_range(value: i64, min: i64, max: i64) -> Self {
        Self::new(
            Code::OutOfRange,
            format!("{value} 不在 {min} 至 {max} 之间"),
            format!("{value} is not between {min} and {max}"),
        )
    }

    pub fn contradiction(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Code::Contradiction, zh, en)
    }

    fn among(mut self, written: &str, allowed: Vec<String>) -> Self {
        self.suggestion = nearest(written, &allowed);
        self.allowed = allowed;
        self
    }
}

/// The allowed word that is so near that it was probably meant.
fn nearest(written: &str, allowed: &[String]) -> Option<String> {
    let written_short = |word: &&String| written.len() >= 3 && word.starts_with(written);
    if let Some(word) = allowed.iter().find(written_short) {
        return Some(word.clone());
    }
    let reach = (written.chars().count() / 3).max(1);
    allowed
        .iter()
        .map(|word| (strsim::osa_distance(&written.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        let words = ["monthly", "quarterly", "yearly"].map(str::to_owned);
        assert_eq!(nearest("montly", &words).as_deref(), Some("monthly"));
        assert_eq!(nearest("Yearly", &words).as_deref(), Some("yearly"));
        assert_eq!(nearest("quarter", &words).as_deref(), Some("quarterly"));
        assert_eq!(nearest("never", &words), None);
    }
}
