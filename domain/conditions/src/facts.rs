//! The vocabulary: what can be said about whom, of which type, and whether anything records it yet.
//!
//! These are *states* of a subject, one value on each date; what occurs and is counted are the
//! fact kinds of indicators. A fact that nothing records is *awaiting*: definitions may name it, an
//! observation may bring it, and without one every condition that needs it stays unknown.

mod list;

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::value::{Type, Value};

/// Whom a fact, a tag or a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// 人员, by person id.
    Person,
    /// 单位, by employer id.
    Employer,
    /// 代发银行, by bank code.
    Bank,
    /// 基金, by fund code, or by the name of a published series.
    Fund,
    /// 行政区划 or grid, by its code.
    Division,
    /// 项目, by its code.
    Project,
    /// 交换渠道, by its name.
    Channel,
}

/// Over which time a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// As it stands on a date.
    Standing,
    /// One value for each calendar month, dated by its first day.
    Month,
}

/// One word of the vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    pub subject: Subject,
    pub name: &'static str,
    pub kind: Type,
    pub window: Window,
    pub zh: &'static str,
    pub en: &'static str,
    /// The value where nothing was recorded: a count of nothing is nought. `None`: unknown.
    pub absent: Option<Value>,
    /// The kind of definitions whose ids are its words: a bureau adds to them.
    pub ids_of: Option<&'static str>,
    /// Which events say it; empty while it is awaiting.
    pub source: &'static str,
}

impl Declared {
    #[must_use]
    pub fn is_awaiting(&self) -> bool {
        self.source.is_empty()
    }
}

impl Subject {
    pub const ALL: [Self; 7] = [
        Self::Person,
        Self::Employer,
        Self::Bank,
        Self::Fund,
        Self::Division,
        Self::Project,
        Self::Channel,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Employer => "employer",
            Self::Bank => "bank",
            Self::Fund => "fund",
            Self::Division => "division",
            Self::Project => "project",
            Self::Channel => "channel",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Person => "人员",
            Self::Employer => "单位",
            Self::Bank => "代发银行",
            Self::Fund => "基金",
            Self::Division => "区划网格",
            Self::Project => "工程项目",
            Self::Channel => "交换渠道",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Subject {
    type Err = NoSuchSubject;

    fn from_str(text: &str) -> Result<Self, NoSuchSubject> {
        let found = Self::ALL.into_iter().find(|subject| subject.code() == text);
        found.ok_or_else(|| NoSuchSubject(text.to_owned()))
    }
}

/// A text that names no kind of subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchSubject(pub String);

impl fmt::Display for NoSuchSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no kind of subject", self.0)
    }
}

impl std::error::Error for NoSuchSubject {}

/// The whole vocabulary, by subject and name as it is listed here.
#[must_use]
pub fn all() -> &'static [Declared] {
    static ALL: OnceLock<Vec<Declared>> = OnceLock::new();
    ALL.get_or_init(list::list)
}

#[must_use]
pub fn find(subject: Subject, name: &str) -> Option<&'static Declared> {
    all().iter().find(|fact| fact.subject == subject && fact.name == name)
}

/// The names of one subject's facts.
#[must_use]
pub fn names(subject: Subject) -> Vec<String> {
    let of = all().iter().filter(|fact| fact.subject == subject);
    of.map(|fact| fact.name.to_owned()).collect()
}

/// The bands of a person's age: from the first month after the birthday that begins one.
pub const AGE_BANDS: [(i16, &str); 7] = [
    (0, "under-16"),
    (16, "16-59"),
    (60, "60-69"),
    (70, "70-79"),
    (80, "80-89"),
    (90, "90-99"),
    (100, "100-and-over"),
];

/// The bands of a unit's age in years, from its registration.
pub const UNIT_BANDS: [(i16, &str); 3] =
    [(0, "under-1-year"), (1, "1-to-3-years"), (3, "over-3-years")];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_says_one_thing_and_can_stand_in_a_condition() {
        let mut seen = BTreeSet::new();
        for fact in all() {
            assert!(seen.insert((fact.subject, fact.name)), "{} twice", fact.name);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(fact.name.chars().all(plain), "{}", fact.name);
            assert!(
                fact.absent.as_ref().is_none_or(|value| fact.kind.holds(value)),
                "{}",
                fact.name
            );
        }
    }

    #[test]
    fn a_subject_reads_back() {
        for subject in Subject::ALL {
            assert_eq!(subject.code().parse(), Ok(subject));
        }
        assert!("town".parse::<Subject>().is_err());
    }
}
