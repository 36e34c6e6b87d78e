//! What a reader may see: the parameter that every read function takes.

use std::collections::BTreeSet;

use shared::{DivisionCode, DivisionLevel, OrganisationId};

use crate::engine::Value;

/// Who reads, for which function, within which divisions and organisations, and which personal
/// fields may be unsealed for him. An unscoped read does not type-check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub actor: String,
    /// The business function that the reader acts in, like `disbursement.review`.
    pub function: String,
    /// None: every division. A list: these and what lies below them. An empty list: nothing.
    pub divisions: Option<Vec<DivisionCode>>,
    /// None: every organisation.
    pub organisations: Option<Vec<OrganisationId>>,
    pub fields: Fields,
}

/// Which personal fields may be shown in clear; the others are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    All,
    These(BTreeSet<String>),
}

impl Scope {
    /// Everything, in clear: for the system itself and for tests.
    #[must_use]
    pub fn everything(actor: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            function: "system".to_owned(),
            divisions: None,
            organisations: None,
            fields: Fields::All,
        }
    }

    /// Whether a row of this division may be seen.
    #[must_use]
    pub fn covers(&self, division: DivisionCode) -> bool {
        match &self.divisions {
            None => true,
            Some(allowed) => allowed.iter().any(|area| division.is_within(*area)),
        }
    }

    /// Whether a personal field, like `person.name`, may be shown in clear.
    #[must_use]
    pub fn unseals(&self, field: &str) -> bool {
        match &self.fields {
            Fields::All => true,
            Fields::These(fields) => fields.contains(field),
        }
    }

    /// A condition on a division column, as ranges of text, with binds from `$<first>` on.
    /// `TRUE`-like where every division is allowed, so that it can always be joined by AND.
    #[must_use]
    pub fn division_clause(&self, column: &str, first: usize) -> (String, Vec<Value>) {
        let Some(allowed) = &self.divisions else { return ("1 = 1".to_owned(), Vec::new()) };
        let (mut parts, mut binds) = (Vec::new(), Vec::new());
        for area in allowed {
            let prefix = prefix(*area);
            let (from, below) = (first + binds.len(), first + binds.len() + 1);
            parts.push(format!("({column} >= ${from} AND {column} < ${below})"));
            binds.push(Value::from(prefix.as_str()));
            binds.push(Value::Text(after(&prefix)));
        }
        if parts.is_empty() { ("1 = 0".to_owned(), binds) } else { (one_of(&parts), binds) }
    }

    /// The same for a column of organisation ids.
    #[must_use]
    pub fn organisation_clause(&self, column: &str, first: usize) -> (String, Vec<Value>) {
        let Some(allowed) = &self.organisations else { return ("1 = 1".to_owned(), Vec::new()) };
        let binds: Vec<Value> = allowed.iter().map(|id| Value::from(*id)).collect();
        let parts: Vec<String> =
            (0..binds.len()).map(|place| format!("{column} = ${}", first + place)).collect();
        if parts.is_empty() { ("1 = 0".to_owned(), binds) } else { (one_of(&parts), binds) }
    }
}

/// Conditions joined by AND, and their binds, numbered as they come.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    conditions: Vec<String>,
    binds: Vec<Value>,
}

impl Filter {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what lies in the scope's divisions by `column`.
    #[must_use]
    pub fn divisions(self, scope: &Scope, column: &str) -> Self {
        let (condition, binds) = scope.division_clause(column, self.binds.len() + 1);
        self.joined(condition, binds)
    }

    /// Only what belongs to the scope's organisations by `column`.
    #[must_use]
    pub fn organisations(self, scope: &Scope, column: &str) -> Self {
        let (condition, binds) = scope.organisation_clause(column, self.binds.len() + 1);
        self.joined(condition, binds)
    }

    /// `filter.and("amount >=", 500)`: a column with an operator, and the value.
    #[must_use]
    pub fn and(self, column_and_operator: &str, value: impl Into<Value>) -> Self {
        let condition = format!("{column_and_operator} ${}", self.binds.len() + 1);
        self.joined(condition, vec![value.into()])
    }

    /// As [`Self::and`], where there is a value to compare with.
    #[must_use]
    pub fn and_if(self, column_and_operator: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.and(column_and_operator, value),
            None => self,
        }
    }

    /// A condition without binds, like `died_on IS NULL`.
    #[must_use]
    pub fn and_that(self, condition: &str) -> Self {
        self.joined(condition.to_owned(), Vec::new())
    }

    /// `WHERE …` (nothing without conditions) and then `rest`, for `ReadSession::query`.
    #[must_use]
    pub fn tail(&self, rest: &str) -> String {
        if self.conditions.is_empty() {
            return rest.to_owned();
        }
        format!("WHERE {} {rest}", self.conditions.join(" AND "))
    }

    #[must_use]
    pub fn binds(&self) -> &[Value] {
        &self.binds
    }

    fn joined(mut self, condition: String, binds: Vec<Value>) -> Self {
        self.conditions.push(condition);
        self.binds.extend(binds);
        self
    }
}

fn one_of(parts: &[String]) -> String {
    format!("({})", parts.join(" OR "))
}

/// The digits that every division within `area` begins with.
pub(crate) fn prefix(area: DivisionCode) -> String {
    match area.level() {
        DivisionLevel::Province => area.as_str()[..2].to_owned(),
        DivisionLevel::City => area.as_str()[..4].to_owned(),
        DivisionLevel::County | DivisionLevel::Town | DivisionLevel::Village => {
            area.as_str().to_owned()
        }
    }
}

/// The first text after all that begin with `prefix`, compared byte by byte.
fn after(prefix: &str) -> String {
    let mut bytes = prefix.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        // Division codes are digits, and `:` follows `9`.
        *last += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn division(code: &str) -> DivisionCode {
        DivisionCode::parse(code).unwrap()
    }

    #[test]
    fn divisions_become_ranges_of_text() {
        let scope = Scope {
            divisions: Some(vec![division("320600"), division("320499")]),
            ..Scope::everything("test")
        };
        let (clause, binds) = scope.division_clause("county", 3);
        assert_eq!(clause, "((county >= $3 AND county < $4) OR (county >= $5 AND county < $6))");
        assert_eq!(binds, ["3206", "3207", "320499", "32049:"].map(Value::from));
        assert!(scope.covers(division("320682001")) && !scope.covers(division("320505")));
    }

    #[test]
    fn a_scope_without_divisions_sees_nothing() {
        let scope = Scope { divisions: Some(Vec::new()), ..Scope::everything("test") };
        let filter = Filter::new().and("status =", "open").divisions(&scope, "county");
        assert_eq!(filter.tail("ORDER BY id"), "WHERE status = $1 AND 1 = 0 ORDER BY id");
        let all = Filter::new().divisions(&Scope::everything("test"), "county");
        assert_eq!(all.and_if("id =", None::<&str>).tail(""), "WHERE 1 = 1 ");
    }
}
