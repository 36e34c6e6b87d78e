//! Conditions on the rows of one read model, from a typed `where` and the reader's scope.
//!
//! Columns are words of this program; values are always bound.

use projections::engine::Column;
use projections::{Scope, Value};
use shared::{DivisionCode, DivisionLevel};

/// Conditions joined by AND, and their binds, numbered as they come.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    parts: Vec<String>,
    binds: Vec<Value>,
}

impl Conditions {
    /// Only what lies in the scope's divisions by `column`.
    #[must_use]
    pub fn scoped(scope: &Scope, column: &str) -> Self {
        let (part, binds) = scope.division_clause(column, 1);
        Self { parts: vec![part], binds }
    }

    /// `test("amount >=", &value)`: the text of a condition, not yet joined.
    pub fn test(&mut self, column_and_operator: &str, value: &impl Column) -> String {
        let place = self.bind(value.write());
        format!("{column_and_operator} {place}")
    }

    /// What lies within a division.
    pub fn within(&mut self, column: &str, area: DivisionCode) -> String {
        let prefix = match area.level() {
            DivisionLevel::Province => &area.as_str()[..2],
            DivisionLevel::City => &area.as_str()[..4],
            DivisionLevel::County | DivisionLevel::Town | DivisionLevel::Village => area.as_str(),
        };
        let from = self.bind(Value::from(prefix));
        // Division codes are digits, and `:` follows `9`.
        let below = self.bind(Value::Text(format!("{prefix}:")));
        format!("({column} >= {from} AND {column} < {below})")
    }

    pub fn bind(&mut self, value: Value) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    pub fn and(&mut self, part: String) {
        self.parts.push(part);
    }

    /// `WHERE …` (nothing without conditions) and then `rest`.
    #[must_use]
    pub fn tail(&self, rest: &str) -> String {
        if self.parts.is_empty() {
            return rest.to_owned();
        }
        format!("WHERE {} {rest}", self.parts.join(" AND "))
    }

    #[must_use]
    pub fn binds(&self) -> &[Value] {
        &self.binds
    }
}

/// Declares the typed `where` of a list: each field with the condition that it stands for, and
/// `and`, `or`, `not` of the same.
macro_rules! filter {
    (
        $(#[$meta:meta])*
        $name:ident { $(
            $(#[$field_meta:meta])*
            $field:ident: $type:ty => |$value:ident, $conditions:ident| $test:expr,
        )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, async_graphql::InputObject)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: Option<$type>,)*
            /// 同时满足 / All of these hold.
            pub and: Option<Vec<$name>>,
            /// 满足其一 / One of these holds.
            pub or: Option<Vec<$name>>,
            /// 不满足 / This does not hold.
            pub not: Option<Box<$name>>,
        }

        impl $name {
            /// The whole as one condition.
            ///
            /// # Errors
            /// `BAD_INPUT` for an id of another kind.
            pub fn text(
                &self,
                conditions: &mut $crate::conditions::Conditions,
            ) -> Result<String, $crate::fault::Fault> {
                let mut parts: Vec<String> = Vec::new();
                $(if let Some($value) = &self.$field {
                    let $conditions = &mut *conditions;
                    parts.push($test);
                })*
                for each in self.and.iter().flatten() {
                    parts.push(each.text(conditions)?);
                }
                if let Some(some) = &self.or {
                    let mut alternatives = Vec::new();
                    for each in some {
                        alternatives.push(each.text(conditions)?);
                    }
                    parts.push($crate::conditions::any(&alternatives));
                }
                if let Some(not) = &self.not {
                    parts.push(format!("NOT {}", not.text(conditions)?));
                }
                Ok($crate::conditions::all(&parts))
            }
        }
    };
}

pub(crate) use filter;

pub fn all(parts: &[String]) -> String {
    if parts.is_empty() { "(1 = 1)".to_owned() } else { format!("({})", parts.join(" AND ")) }
}

/// No alternative holds where there is none.
pub fn any(parts: &[String]) -> String {
    if parts.is_empty() { "(1 = 0)".to_owned() } else { format!("({})", parts.join(" OR ")) }
}
