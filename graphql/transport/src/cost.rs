//! What a document asks for, counted in one memoised walk before it is validated or run.
//!
//! **Invariant** the work is linear in the length of the document: each fragment is measured
//! once, so twenty fragments that each spread the next one twice are refused at once.
//!
//! A field costs 1. A list size in `first` or `last`, or the length of `ids`, multiplies what
//! stands below it; below a connection only `edges` and `nodes` are multiplied, because
//! `pageInfo` and `totalCount` come once per page. Introspection is counted apart.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection,
        SelectionSet,
    },
};

use crate::{code::Code, fault::Fault, limits::Limits};

/// What an operation would cost, and how much one may cost. Stands in `extensions.cost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Cost {
    pub requested: u64,
    pub available: u64,
}

/// Levels of recursion of the walk itself, through fields and fragments: the stack is finite.
const WALK_DEPTH_MAX: usize = 200;

/// Checks the document and the one operation that is to run.
pub(crate) fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    limits: &Limits,
) -> Result<(Cost, bool), Fault> {
    let mut walk = Walk { document, operation, variables, limits, fragments: HashMap::new() };
    walk.directives(&operation.directives)?;
    let asked = walk.selections(&operation.selection_set.node, 0)?;
    walk.whole_document()?;

    let bounds = [
        (asked.depth, limits.depth_max, Code::TooDeep),
        (asked.introspection_depth, limits.introspection_depth_max, Code::TooDeep),
        (asked.fields, limits.fields_max, Code::TooManyFields),
        (asked.introspection_fields, limits.introspection_fields_max, Code::TooManyFields),
        (asked.aliases, limits.aliases_max, Code::TooManyAliases),
    ];
    for (found, max, code) in bounds {
        if found > max {
            return Err(Fault::new(code, format!("{found} > {max}")));
        }
    }
    let cost =
        Cost { requested: asked.page.saturating_add(asked.cost), available: limits.cost_max };
    if cost.requested > cost.available {
        let mut fault =
            Fault::new(Code::QueryTooCostly, format!("{} > {}", cost.requested, cost.available));
        fault.cost = Some(cost);
        return Err(fault);
    }
    Ok((cost, asked.introspection_fields > 0))
}

/// Sums over a selection set. All saturate.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    /// Fields, spreads and inline fragments that a validator visits.
    selections: u64,
    fields: u64,
    aliases: u64,
    depth: u64,
    introspection_fields: u64,
    introspection_depth: u64,
    /// Cost of `edges` and `nodes`, which the page size of the parent multiplies.
    page: u64,
    /// Cost of the other fields.
    cost: u64,
}

impl Measure {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.introspection_fields =
            self.introspection_fields.saturating_add(other.introspection_fields);
        self.page = self.page.saturating_add(other.page);
        self.cost = self.cost.saturating_add(other.cost);
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
    }
}

enum Fragment {
    /// Being measured: meeting it again is a cycle.
    Open,
    Done(Measure),
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    limits: &'a Limits,
    fragments: HashMap<&'a Name, Fragment>,
}

impl<'a> Walk<'a> {
    /// Bounds what validation will visit: it looks at every operation and fragment, used or not,
    /// and follows every spread.
    fn whole_document(&mut self) -> Result<(), Fault> {
        let document = self.document;
        let mut selections = 0_u64;
        match &document.operations {
            DocumentOperations::Single(operation) => {
                let measure = self.selections(&operation.node.selection_set.node, 0)?;
                selections = selections.saturating_add(measure.selections);
            }
            DocumentOperations::Multiple(operations) => {
                for operation in operations.values() {
                    let measure = self.selections(&operation.node.selection_set.node, 0)?;
                    selections = selections.saturating_add(measure.selections);
                }
            }
        }
        for name in document.fragments.keys() {
            selections = selections.saturating_add(self.fragment(name, 0)?.selections);
        }
        let max = self.limits.document_selections_max;
        if selections > max {
            return Err(Fault::new(Code::TooManyFields, format!("{selections} > {max}")));
        }
        Ok(())
    }

    fn selections(&mut self, set: &'a SelectionSet, level: usize) -> Result<Measure, Fault> {
        if level > WALK_DEPTH_MAX {
            return Err(Fault::new(Code::TooDeep, format!("> {WALK_DEPTH_MAX}")));
        }
        let mut sum = Measure::default();
        for item in &set.items {
            let mut part = match &item.node {
                Selection::Field(field) => self.field(&field.node, level)?,
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    self.fragment(&spread.node.fragment_name.node, level)?
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.node.directives)?;
                    self.selections(&inline.node.selection_set.node, level + 1)?
                }
            };
            part.selections = part.selections.saturating_add(1);
            sum.add(part);
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &'a Name, level: usize) -> Result<Measure, Fault> {
        // A spread of nothing costs nothing; validation names it.
        let document = self.document;
        let Some((name, definition)) = document.fragments.get_key_value(name) else {
            return Ok(Measure::default());
        };
        match self.fragments.get(name) {
            Some(Fragment::Done(measure)) => return Ok(*measure),
            Some(Fragment::Open) => return Err(Fault::new(Code::FragmentCycle, name.as_str())),
            None => {}
        }
        self.fragments.insert(name, Fragment::Open);
        self.directives(&definition.node.directives)?;
        let measure = self.selections(&definition.node.selection_set.node, level + 1)?;
        self.fragments.insert(name, Fragment::Done(measure));
        Ok(measure)
    }

    fn field(&mut self, field: &'a Field, level: usize) -> Result<Measure, Fault> {
        self.directives(&field.directives)?;
        let below = self.selections(&field.selection_set.node, level + 1)?;
        let name = field.name.node.as_str();
        let mut measure = Measure {
            selections: below.selections,
            aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
            ..Measure::default()
        };
        if matches!(name, "__schema" | "__type") {
            measure.introspection_fields = below.fields.saturating_add(1);
            measure.introspection_depth = below.depth.saturating_add(1);
            return Ok(measure);
        }
        measure.fields = below.fields.saturating_add(1);
        measure.depth = below.depth.saturating_add(1);
        measure.introspection_fields = below.introspection_fields;
        measure.introspection_depth = below.introspection_depth;

        let times = self.list_size(field);
        let inside = if below.page > 0 {
            times.saturating_mul(below.page).saturating_add(below.cost)
        } else {
            times.saturating_mul(below.cost)
        };
        let own = if name == "totalCount" { self.limits.total_count_cost } else { 1 };
        let cost = own.saturating_add(inside);
        if matches!(name, "edges" | "nodes") && field.arguments.is_empty() {
            measure.page = cost;
        } else {
            measure.cost = cost;
        }
        Ok(measure)
    }

    /// The number of elements that the arguments ask for; 1 if they do not say.
    fn list_size(&self, field: &'a Field) -> u64 {
        let mut size = 1_u64;
        for (name, value) in &field.arguments {
            let name = name.node.as_str();
            if !matches!(name, "first" | "last" | "ids") {
                continue;
            }
            let value = value.node.clone();
            let value =
                value.into_const_with(|variable| self.variable(&variable).cloned().ok_or(()));
            let asked = match (name, value) {
                ("ids", Ok(Value::List(list))) => u64::try_from(list.len()).ok(),
                ("first" | "last", Ok(Value::Number(number))) => number.as_u64(),
                _ => None,
            };
            size = size.max(asked.unwrap_or(1));
        }
        size
    }

    fn variable(&self, name: &Name) -> Option<&'a Value> {
        self.variables.get(name).or_else(|| {
            let mut definitions = self.operation.variable_definitions.iter();
            let definition = definitions.find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|value| &value.node)
        })
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), Fault> {
        let (found, max) = (directives.len(), self.limits.directives_max);
        if found > max {
            return Err(Fault::new(Code::TooManyDirectives, format!("{found} > {max}")));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
