//! A condition: read and checked once, evaluated often.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use cel::objects::Value as Held;
use cel::{Context, ExecutionError, Program};
use shared::Money;

use crate::check::{self, Walk};
use crate::fault::{Fault, FaultCode};
use crate::value::{Type, Value};

/// A condition that passed every check.
#[derive(Clone)]
pub struct Condition {
    source: String,
    /// What it names, by name.
    inputs: Vec<(String, Type)>,
    result: Type,
    steps: u64,
    program: Arc<Program>,
}

/// What a condition says of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Known(Value),
    /// The declared inputs that are absent and without which it cannot be said.
    Unknown(Vec<String>),
    /// Everything is there and still no answer: a division by nothing, a number beyond 64 bits.
    Failed(String),
}

thread_local! {
    /// One base scope: a fresh one for each evaluation is thirty times slower.
    static BASE: Context<'static, 'static> = base();
}

fn base() -> Context<'static, 'static> {
    let mut context = Context::default();
    let yuan = |text: Arc<String>| {
        Money::parse(&text).map(Money::fen).map_err(|error| ExecutionError::FunctionError {
            function: "yuan".to_owned(),
            message: error.to_string(),
        })
    };
    context.add_function("yuan", yuan).expect("the standard library has no yuan");
    context
}

impl Condition {
    /// Reads `source`, which may name what is `declared` and must give a value of type `result`.
    ///
    /// # Errors
    /// Every mistake, in the order of the text.
    pub fn check(
        source: &str,
        declared: &[(String, Type)],
        result: &Type,
    ) -> Result<Self, Vec<Fault>> {
        let program = Program::compile(source).map_err(|errors| {
            let told = |error: &cel::ParseError| {
                let at = usize::try_from(error.pos.1).ok().filter(|at| *at > 0);
                let why = error.msg.lines().next().unwrap_or_default().to_owned();
                Fault::new(FaultCode::Syntax, format!("条件写法有误：{why}"), why).at(at)
            };
            errors.errors.iter().map(told).collect::<Vec<_>>()
        })?;
        let mut walk = Walk::new(declared, program.source_info());
        let found = walk.type_of(program.expression());
        if let Some(found) = &found
            && !found.fits(result)
        {
            walk.fault(program.expression(), Fault::wanted(result.name(), found.name()));
        }
        let steps = check::cost(program.expression());
        if steps > crate::STEPS_MAX {
            let most = crate::STEPS_MAX;
            let fault = Fault::new(
                FaultCode::TooCostly,
                format!("条件最多 {most} 步，此处需 {steps} 步"),
                format!("a condition takes at most {most} steps, this one {steps}"),
            );
            walk.fault(program.expression(), fault);
        }
        let mut faults = walk.faults;
        let references = program.references();
        let named: BTreeSet<&str> = references.variables().into_iter().collect();
        for (name, _) in declared.iter().filter(|(name, _)| !named.contains(name.as_str())) {
            faults.push(Fault::new(
                FaultCode::Unused,
                format!("声明了“{name}”，条件却没有用到"),
                format!("{name} is declared and never used"),
            ));
        }
        drop(references);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (source, inputs) = (source.to_owned(), declared.to_vec());
        Ok(Self { source, inputs, result: result.clone(), steps, program: Arc::new(program) })
    }

    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    #[must_use]
    pub fn inputs(&self) -> &[(String, Type)] {
        &self.inputs
    }

    /// What it takes in the worst case.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What it says where `value` answers for each input, with nothing for what is absent.
    #[must_use]
    pub fn evaluate<'a>(&self, value: impl Fn(&str) -> Option<&'a Value>) -> Outcome {
        BASE.with(|base| {
            let mut scope = base.new_inner_scope();
            let mut missing = Vec::new();
            for (name, _) in &self.inputs {
                match value(name) {
                    Some(value) => scope.add_variable_from_value(name.as_str(), held(value)),
                    None => missing.push(name.clone()),
                }
            }
            match self.program.execute(&scope) {
                Ok(found) => match self.back(&found) {
                    Some(value) => Outcome::Known(value),
                    None => Outcome::Failed(format!("{found:?} is no {}", self.result.name())),
                },
                Err(_) if !missing.is_empty() => Outcome::Unknown(missing),
                Err(error) => Outcome::Failed(error.to_string()),
            }
        })
    }

    fn back(&self, found: &Held) -> Option<Value> {
        match (&self.result, found) {
            (Type::Flag, Held::Bool(flag)) => Some(Value::Flag(*flag)),
            (Type::Number | Type::BasisPoints, Held::Int(number)) => Some(Value::Number(*number)),
            (Type::Money, Held::Int(fen)) => Some(Value::Money(Money::from_fen(*fen))),
            (result, Held::String(text)) => result.read(text),
            (_, _) => None,
        }
    }
}

/// Dates and months stand in conditions as ISO texts, which sort as they do.
fn held(value: &Value) -> Held {
    match value {
        Value::Flag(flag) => Held::Bool(*flag),
        Value::Number(number) => Held::Int(*number),
        Value::Money(money) => Held::Int(money.fen()),
        Value::Date(_) | Value::Month(_) | Value::Text(_) => {
            Held::String(Arc::new(value.to_string()))
        }
        Value::Words(words) => {
            Held::List(Arc::new(words.iter().map(|word| Held::from(word.as_str())).collect()))
        }
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        (&self.source, &self.inputs, &self.result) == (&other.source, &other.inputs, &other.result)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition").field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
