//! Tags: what a subject is called, by which rule, for which purpose (INVENTORY C17, Part 5).
//!
//! A tag holds from the position at which its version was published. Its rule is a condition over
//! declared facts and other tags, a list of cases, a registered function, a score, or a query that
//! is asked on days of the working calendar; a tag without a rule is a folder of the hierarchy.
//!
//! **Invariant** no tag depends on itself; a rule reads what it declares and nothing else; every
//! worked example gives what it says.

mod evaluate;
pub mod query;
pub(crate) mod read;

use conditions::{Subject, Type};

pub use self::evaluate::{Evaluator, Input, Of, Part};
pub use self::query::Query;
use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::{Code, Fault};
use crate::word::words;

words! {
    /// Who may see that a subject has it.
    pub enum Sensitivity {
        Public = "public",
        Internal = "internal",
        Personal = "personal",
        /// The eight sensitive classes (S3; PIPL art 28).
        Sensitive = "sensitive",
    }
}

words! {
    /// What no condition can say and code does.
    pub enum Function {
        /// How many items are drawn.
        ItemCount = "item-count",
        /// Employee, institution and resident pension exclude each other (DISBURSEMENT 2.15).
        CompetingPensions = "competing-pensions",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub id: String,
    pub name: Name,
    pub source: String,
    pub parent: Option<String>,
    pub subject: Subject,
    pub value: Type,
    pub sensitivity: Sensitivity,
    pub purpose: Name,
    /// The facts that the rule reads.
    pub inputs: Vec<String>,
    /// The tags that it reads; their ids stand in conditions with `_` for `-`.
    pub tags: Vec<String>,
    pub rule: Rule,
    pub examples: Vec<Example>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// A folder.
    None,
    Condition(String),
    /// The first case that is true gives the value.
    Cases(Vec<Case>),
    Function(Function),
    /// The sum of the weights of the flags that are set.
    Score(Vec<Weight>),
    /// What an indicator says of each subject, asked when it is due.
    Query(Query),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub value: String,
    pub when: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    pub tag: String,
    pub weight: i64,
    /// The weight halves, rounded down, after every so many days since the flag was set.
    pub half_life_days: Option<i64>,
}

/// `given` says inputs as `name = value`; `value` is what comes out, or `unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub given: Vec<(String, String)>,
    pub value: String,
}

impl Tag {
    /// Whether it stands only to hold others.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.rule == Rule::None
    }

    /// Its facts that nothing records yet.
    #[must_use]
    pub fn awaiting(&self) -> Vec<&str> {
        let awaiting = |name: &&String| {
            conditions::facts::find(self.subject, name)
                .is_some_and(conditions::Declared::is_awaiting)
        };
        self.inputs.iter().filter(awaiting).map(String::as_str).collect()
    }

    /// The tags whose values it reads.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let weights = match &self.rule {
            Rule::Score(weights) => weights.as_slice(),
            Rule::None
            | Rule::Condition(_)
            | Rule::Cases(_)
            | Rule::Function(_)
            | Rule::Query(_) => &[],
        };
        self.tags.iter().map(String::as_str).chain(weights.iter().map(|one| one.tag.as_str()))
    }

    /// The query that it is, if it is one.
    #[must_use]
    pub fn query(&self) -> Option<&Query> {
        match &self.rule {
            Rule::Query(query) => Some(query),
            Rule::None
            | Rule::Condition(_)
            | Rule::Cases(_)
            | Rule::Function(_)
            | Rule::Score(_) => None,
        }
    }

    fn depends_on(&self, wanted: &str, among: &Definitions, depth: usize) -> bool {
        depth < 64
            && self.reads().any(|id| {
                id == wanted
                    || Self::list(among)
                        .get(id)
                        .is_some_and(|tag| tag.depends_on(wanted, among, depth + 1))
            })
    }
}

impl Kind for Tag {
    const WORD: &'static str = "tag";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        read::tag(block)
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        if self.depends_on(&self.id, among, 0) {
            let id = &self.id;
            let (zh, en) = (format!("标签 {id} 依赖自身"), format!("tag {id} depends on itself"));
            return critic.note("tags", Fault::contradiction(zh, en));
        }
        for other in self.reads().chain(self.parent.as_deref()) {
            if let Some(tag) = Self::list(among).get(other)
                && tag.subject != self.subject
                && (self.parent.as_deref() != Some(other))
            {
                let (is, of) = (self.subject, tag.subject);
                critic.note(
                    "tags",
                    Fault::contradiction(
                        format!("标签 {other} 针对 {of}，不是 {is}"),
                        format!("tag {other} is of a {of}, not of a {is}"),
                    ),
                );
            }
        }
        if let Rule::Query(query) = &self.rule {
            query.check(self, among, critic);
        }
        match Evaluator::of(self, |id| Self::list(among).get(id), &|kind| critic.ids_of(kind)) {
            Ok(evaluator) => evaluator.examples(self, critic),
            Err(faults) => faults.into_iter().for_each(|(key, fault)| critic.note(key, fault)),
        }
    }
}

/// A fault of a condition as a mistake of a file.
pub(crate) fn told(fault: conditions::Fault) -> Fault {
    let at = fault.at.map_or_else(String::new, |at| format!(" ({at})"));
    match (fault.code, fault.written) {
        (conditions::FaultCode::UnknownWord, Some(written)) => {
            let known = Fault::unknown_word(&written, fault.allowed);
            Fault { zh: fault.zh + &at, en: fault.en + &at, ..known }
        }
        (code, _) => {
            let code = match code {
                conditions::FaultCode::Syntax => Code::Syntax,
                conditions::FaultCode::UnknownWord => Code::UnknownWord,
                conditions::FaultCode::Unused => Code::Contradiction,
                conditions::FaultCode::WrongType => Code::WrongType,
                conditions::FaultCode::Refused => Code::BadValue,
                conditions::FaultCode::TooCostly => Code::OutOfRange,
            };
            Fault::new(code, fault.zh + &at, fault.en + &at)
        }
    }
}

/// Names of facts with their types.
pub(crate) type Declared = Vec<(String, Type)>;

/// The words that ids of a kind of definitions are; none where they are not known.
pub(crate) type Ids<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// The declared facts and their types.
pub(crate) fn declared(
    subject: Subject,
    names: &[String],
    ids: Ids<'_>,
) -> Result<Declared, Vec<(&'static str, Fault)>> {
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for name in names {
        match conditions::facts::find(subject, name) {
            Some(fact) => {
                let kind = match fact.ids_of {
                    Some(kind) => Type::Words(ids(kind).into()),
                    None => fact.kind.clone(),
                };
                found.push((name.clone(), kind));
            }
            None => {
                let known = conditions::facts::names(subject);
                faults.push(("inputs", Fault::unknown_word(name, known)));
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// How a tag's id stands in a condition.
#[must_use]
pub fn variable(id: &str) -> String {
    id.replace(['-', '.'], "_")
}
