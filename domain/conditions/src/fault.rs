//! What is wrong with a condition, in Chinese and English, with the words that would be right.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultCode {
    /// It is not CEL.
    Syntax,
    /// It names something that is not declared.
    UnknownWord,
    /// Something is declared and never named.
    Unused,
    /// Two things that do not go together.
    WrongType,
    /// Fractions, patterns and whatever else could be inexact or slow.
    Refused,
    /// A list above [`crate::LIST_MAX`], or more steps than [`crate::STEPS_MAX`].
    TooCostly,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: FaultCode,
    pub zh: String,
    pub en: String,
    /// The word that was written, where the allowed ones are a list.
    pub written: Option<String>,
    pub allowed: Vec<String>,
    /// The character of the condition, from 1, where it is known.
    pub at: Option<usize>,
}

impl Fault {
    pub(crate) fn new(code: FaultCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        Self { code, zh, en, written: None, allowed: Vec::new(), at: None }
    }

    pub(crate) fn unknown(word: &str, allowed: Vec<String>) -> Self {
        let fault = Self::new(
            FaultCode::UnknownWord,
            format!("条件中没有“{word}”这个词"),
            format!("{word} is not a word of this condition"),
        );
        Self { written: Some(word.to_owned()), allowed, ..fault }
    }

    pub(crate) fn mixed(operator: &str, left: &str, right: &str) -> Self {
        Self::new(
            FaultCode::WrongType,
            format!("{left} 与 {right} 不能用“{operator}”连接"),
            format!("{left} and {right} do not go together with {operator}"),
        )
    }

    pub(crate) fn wanted(wanted: &str, found: &str) -> Self {
        Self::new(
            FaultCode::WrongType,
            format!("此处应为 {wanted}，却是 {found}"),
            format!("{wanted} belongs here, not {found}"),
        )
    }

    pub(crate) fn refused(what_zh: &str, what_en: &str) -> Self {
        Self::new(
            FaultCode::Refused,
            format!("条件中不得使用{what_zh}"),
            format!("{what_en} must not stand in a condition"),
        )
    }

    pub(crate) fn at(mut self, place: Option<usize>) -> Self {
        self.at = self.at.or(place);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)?;
        if let Some(at) = self.at {
            write!(f, " (character {at})")?;
        }
        if !self.allowed.is_empty() {
            write!(f, " (allowed: {})", self.allowed.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
