//! Lists as an endpoint asks for them: any typed condition, any order, a page from either end; and
//! rows of many parents in one statement. Every one of them is narrowed by the reader's [`Scope`].
//!
//! **Invariant** a table is read here only if it says, by [`Seen`], how a scope narrows it.

mod pages;
#[cfg(test)]
mod tests;

use shared::DivisionCode;

pub use self::pages::{counts, pages};
pub(crate) use self::pages::{pages_of, sums_of};

use crate::engine::store::StoreError;
use crate::engine::{Column, ReadSession, Record, Value, ViewError};
use crate::scope::{Scope, prefix};

/// Keys in one statement, as in [`crate::many`].
const KEYS: usize = 100;

/// A table that may be listed, and how a scope narrows it.
pub trait Seen: Record {
    /// The read model that holds the table.
    const VIEW: &'static str;

    /// What may be seen, as a condition with binds from `$<first>` on.
    fn seen(scope: &Scope, first: usize) -> (String, Vec<Value>);
}

/// Says how scopes narrow tables of one read model: `by` a column of divisions, `through` a chain of
/// tables up to one that has such a column, or `public` where the scope hides nothing.
macro_rules! seen {
    ($view:expr; $($row:ty: $how:ident $(($($part:literal),+))?;)+) => {$(
        impl $crate::lists::Seen for $row {
            const VIEW: &'static str = $view;

            fn seen(
                scope: &$crate::Scope,
                first: usize,
            ) -> (String, Vec<$crate::engine::Value>) {
                $crate::lists::$how(scope, first, &[$($($part),+)?])
            }
        }
    )+};
}

pub(crate) use seen;

/// `["county"]`.
pub(crate) fn by(scope: &Scope, first: usize, column: &[&str]) -> (String, Vec<Value>) {
    scope.division_clause(column[0], first)
}

/// `["statement", "book", "area"]`: a row of which `statement` names one whose `book` names one
/// that lies in the scope by `area`. A table has the name of its key, or stands behind it:
/// `grant_id:benefit_grant`.
pub(crate) fn through(scope: &Scope, first: usize, chain: &[&str]) -> (String, Vec<Value>) {
    let Some((area, keys)) = chain.split_last() else { return public(scope, first, &[]) };
    let (mut clause, binds) = scope.division_clause(area, first);
    if scope.divisions.is_some() {
        for key in keys.iter().rev() {
            let (key, table) = key.split_once(':').unwrap_or((key, key));
            clause = format!("{key} IN (SELECT {key} FROM {table} WHERE {clause})");
        }
    }
    (clause, binds)
}

pub(crate) fn public(_: &Scope, _: usize, _: &[&str]) -> (String, Vec<Value>) {
    ("1 = 1".to_owned(), Vec::new())
}

/// A condition on the columns of one table; values are always bound.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Only {
    Is(&'static str, Test, Value),
    Null(&'static str, bool),
    Within(&'static str, DivisionCode),
    /// One of many values, beside each other rather than nested.
    Among(&'static str, Vec<Value>),
    All(Vec<Only>),
    Any(Vec<Only>),
    Not(Box<Only>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    Equal,
    AtLeast,
    AtMost,
    Above,
}

impl Test {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Above => ">",
        }
    }
}

impl Only {
    /// Everything.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    pub fn equal(column: &'static str, value: &impl Column) -> Self {
        Self::Is(column, Test::Equal, value.write())
    }

    pub fn at_least(column: &'static str, value: &impl Column) -> Self {
        Self::Is(column, Test::AtLeast, value.write())
    }

    pub fn at_most(column: &'static str, value: &impl Column) -> Self {
        Self::Is(column, Test::AtMost, value.write())
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            one => Self::All(vec![one, other]),
        }
    }
}

/// One column of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct By {
    pub column: &'static str,
    pub descending: bool,
}

impl By {
    #[must_use]
    pub const fn up(column: &'static str) -> Self {
        Self { column, descending: false }
    }

    #[must_use]
    pub const fn down(column: &'static str) -> Self {
        Self { column, descending: true }
    }
}

/// A page of a list. `order` ends with what tells two rows apart; the keys of `after` and `before`
/// have a value for each of its columns.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    pub only: &'a Only,
    pub order: &'a [By],
    pub after: Option<Vec<Value>>,
    pub before: Option<Vec<Value>>,
    /// From the end: the rows come in the opposite order.
    pub backward: bool,
    pub limit: u32,
}

impl Page<'_> {
    fn order<R: Record>(&self) -> Result<String, ViewError> {
        let mut order = Vec::with_capacity(self.order.len());
        for by in self.order {
            let way = if by.descending == self.backward { "ASC" } else { "DESC" };
            order.push(format!("{} {way}", column::<R>(by.column)?));
        }
        Ok(order.join(", "))
    }
}

/// The rows of a page.
///
/// # Errors
/// When the read model cannot be read, or has no such column; so for all of these.
pub fn page<R: Seen>(
    session: &ReadSession,
    scope: &Scope,
    asked: &Page<'_>,
) -> Result<Vec<R>, ViewError> {
    page_of(session, Clause::seen::<R>(scope), asked)
}

/// Where the caller has made sure in another way that the rows may be seen.
pub(crate) fn page_of<R: Record>(
    session: &ReadSession,
    mut clause: Clause,
    asked: &Page<'_>,
) -> Result<Vec<R>, ViewError> {
    clause.narrow::<R>(asked)?;
    let order = asked.order::<R>()?;
    let tail = format!("{} ORDER BY {order} LIMIT {}", clause.text(), asked.limit);
    session.query(&tail, &clause.binds)
}

/// How many rows a whole list has.
pub fn count<R: Seen>(session: &ReadSession, scope: &Scope, only: &Only) -> Result<u64, ViewError> {
    let mut clause = Clause::seen::<R>(scope);
    clause.and::<R>(only)?;
    let sql = format!("SELECT COUNT(*) FROM {} {}", R::TABLE.name, clause.text());
    session.scalar(R::VIEW, &sql, &clause.binds)
}

/// The row under a key, if it may be seen.
pub fn one<R: Seen>(
    session: &ReadSession,
    scope: &Scope,
    key: &R::Key,
) -> Result<Option<R>, ViewError> {
    let mut clause = Clause::seen::<R>(scope);
    for (field, value) in R::TABLE.key_columns().iter().zip(R::key_row(key)) {
        clause.test(field.name, Test::Equal, value);
    }
    Ok(session.query(clause.text().as_str(), &clause.binds)?.into_iter().next())
}

/// The rows of many parents, in this order: those of which `of` is one of `keys`.
pub fn of_many<R: Seen>(
    session: &ReadSession,
    scope: &Scope,
    of: &'static str,
    keys: impl IntoIterator<Item = Value>,
    order: &[By],
) -> Result<Vec<R>, ViewError> {
    let of = column::<R>(of)?;
    let mut keys: Vec<Value> = keys.into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    let mut by = Vec::with_capacity(order.len());
    for each in order {
        let way = if each.descending { "DESC" } else { "ASC" };
        by.push(format!("{} {way}", column::<R>(each.column)?));
    }
    let mut rows = Vec::new();
    for chunk in keys.chunks(KEYS) {
        let mut clause = Clause::seen::<R>(scope);
        // One fixed length, so that the statement is prepared once.
        let last = chunk.last().cloned().unwrap_or(Value::Null);
        let padded = chunk.iter().cloned().chain(std::iter::repeat(last)).take(KEYS);
        let binds: Vec<String> = padded.map(|key| clause.bind(key)).collect();
        clause.parts.push(format!("{of} IN ({})", binds.join(", ")));
        let tail = format!("{} ORDER BY {}", clause.text(), by.join(", "));
        rows.extend(session.query::<R>(&tail, &clause.binds)?);
    }
    Ok(rows)
}

/// Conditions joined by AND, and their binds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clause {
    parts: Vec<String>,
    pub(crate) binds: Vec<Value>,
}

impl Clause {
    pub(crate) fn seen<R: Seen>(scope: &Scope) -> Self {
        let (part, binds) = R::seen(scope, 1);
        Self { parts: vec![part], binds }
    }

    pub(crate) fn and<R: Record>(&mut self, only: &Only) -> Result<(), ViewError> {
        let part = self.part::<R>(only)?;
        self.parts.push(part);
        Ok(())
    }

    /// What a page leaves of a list.
    fn narrow<R: Record>(&mut self, asked: &Page<'_>) -> Result<(), ViewError> {
        self.and::<R>(asked.only)?;
        for (key, behind) in [(&asked.after, true), (&asked.before, false)] {
            if let Some(key) = key {
                self.beyond(asked.order, key, behind);
            }
        }
        Ok(())
    }

    /// `WHERE …`, or nothing.
    pub(crate) fn text(&self) -> String {
        if self.parts.is_empty() {
            return String::new();
        }
        format!("WHERE {}", self.parts.join(" AND "))
    }

    pub(crate) fn bind(&mut self, value: Value) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    /// Another clause of the same statement: its binds come behind those of this one.
    pub(crate) fn following(&self) -> Self {
        Self { parts: Vec::new(), binds: self.binds.clone() }
    }

    fn test(&mut self, column: &str, test: Test, value: Value) {
        let place = self.bind(value);
        self.parts.push(format!("{column} {} {place}", test.sign()));
    }

    fn part<R: Record>(&mut self, only: &Only) -> Result<String, ViewError> {
        Ok(match only {
            Only::Is(name, test, value) => {
                let name = column::<R>(name)?;
                format!("{name} {} {}", test.sign(), self.bind(value.clone()))
            }
            Only::Null(name, null) => {
                format!("{} IS {}NULL", column::<R>(name)?, if *null { "" } else { "NOT " })
            }
            Only::Within(name, area) => {
                let name = column::<R>(name)?;
                let prefix = prefix(*area);
                let from = self.bind(Value::from(prefix.as_str()));
                // Division codes are digits, and `:` follows `9`.
                let below = self.bind(Value::Text(format!("{prefix}:")));
                format!("({name} >= {from} AND {name} < {below})")
            }
            Only::Among(_, values) if values.is_empty() => "(1 = 0)".to_owned(),
            Only::Among(name, values) => {
                let name = column::<R>(name)?;
                let binds: Vec<String> =
                    values.iter().map(|value| self.bind(value.clone())).collect();
                format!("{name} IN ({})", binds.join(", "))
            }
            Only::All(all) => self.joined::<R>(all, " AND ", "(1 = 1)")?,
            // No alternative holds where there is none.
            Only::Any(any) => self.joined::<R>(any, " OR ", "(1 = 0)")?,
            Only::Not(not) => format!("NOT ({})", self.part::<R>(not)?),
        })
    }

    fn joined<R: Record>(
        &mut self,
        parts: &[Only],
        word: &str,
        none: &str,
    ) -> Result<String, ViewError> {
        if parts.is_empty() {
            return Ok(none.to_owned());
        }
        let parts: Result<Vec<String>, ViewError> =
            parts.iter().map(|part| self.part::<R>(part)).collect();
        Ok(format!("({})", parts?.join(word)))
    }

    /// Rows on one side of a key: `(a > x) OR (a = x AND b > y) OR …`.
    pub(crate) fn beyond(&mut self, order: &[By], key: &[Value], behind: bool) {
        let mut alternatives = Vec::new();
        for (last, by) in order.iter().enumerate().take(key.len()) {
            let mut parts = Vec::new();
            for (by, value) in order.iter().zip(key).take(last) {
                let place = self.bind(value.clone());
                parts.push(format!("{} = {place}", by.column));
            }
            let sign = if by.descending == behind { "<" } else { ">" };
            let place = self.bind(key[last].clone());
            parts.push(format!("{} {sign} {place}", by.column));
            alternatives.push(format!("({})", parts.join(" AND ")));
        }
        self.parts.push(format!("({})", alternatives.join(" OR ")));
    }
}

/// The column, if the table has it: names never come from outside, and a wrong one is told.
fn column<R: Record>(name: &'static str) -> Result<&'static str, ViewError> {
    let known = R::TABLE.columns.iter().any(|column| column.name == name);
    known.then_some(name).ok_or_else(|| {
        ViewError::Store(StoreError::database(R::TABLE.name, format!("no column {name}")))
    })
}
