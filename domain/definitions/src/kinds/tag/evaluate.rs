//! A tag's rule, checked and ready to be asked about a subject on a date.

use conditions::{Condition, Outcome, Subject, Type, Value};
use shared::Date;

use super::{Function, Ids, Query, Rule, Tag, declared, told, variable};
use crate::kinds::Critic;
use crate::mistake::{Code, Fault};

/// One thing that a rule reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// As it stands in the condition.
    pub name: String,
    pub of: Of,
    pub kind: Type,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    Fact(String),
    Tag(String),
}

/// What is known of one input on a date.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub value: &'a Value,
    /// Since when it has held without a break.
    pub since: Date,
}

#[derive(Debug, Clone)]
pub struct Evaluator {
    pub inputs: Vec<Input>,
    compiled: Compiled,
}

#[derive(Debug, Clone)]
enum Compiled {
    Folder,
    Condition(Condition),
    /// The values and their conditions, with the inputs that each names.
    Cases(Vec<(Value, Condition)>),
    Function(Function),
    /// By place among the inputs.
    Score(Vec<(i64, Option<i64>)>),
    Query(Query),
}

type Faults = Vec<(&'static str, Fault)>;

impl Evaluator {
    /// `tag_of` answers for the tags that it reads.
    pub(crate) fn of<'a>(
        tag: &Tag,
        tag_of: impl Fn(&str) -> Option<&'a Tag>,
        ids: Ids<'_>,
    ) -> Result<Self, Faults> {
        let facts = declared(tag.subject, &tag.inputs, ids)?;
        let mut inputs: Vec<Input> = facts
            .into_iter()
            .map(|(name, kind)| Input { of: Of::Fact(name.clone()), name, kind })
            .collect();
        // A tag that is not there is told as a dangling reference, or by its own mistakes.
        if tag.reads().any(|id| tag_of(id).is_none()) {
            return Err(Vec::new());
        }
        inputs.extend(tag.reads().filter_map(&tag_of).map(|other| Input {
            name: variable(&other.id),
            of: Of::Tag(other.id.clone()),
            kind: other.value.clone(),
        }));
        let names: Vec<(String, Type)> =
            inputs.iter().map(|input| (input.name.clone(), input.kind.clone())).collect();
        let compiled = match &tag.rule {
            Rule::None => Compiled::Folder,
            Rule::Condition(source) => {
                Compiled::Condition(compile("when", source, &names, &tag.value)?)
            }
            Rule::Cases(cases) => Compiled::Cases(self::cases(cases, &names, &tag.value)?),
            Rule::Function(function) => {
                function.check(tag)?;
                Compiled::Function(*function)
            }
            Rule::Score(weights) => {
                if !matches!(tag.value, Type::Number)
                    || inputs.iter().any(|input| input.kind != Type::Flag)
                {
                    let fault = Fault::contradiction(
                        "score 由 flag 标签加总为 number",
                        "a score is a number summed over tags that are flags",
                    );
                    return Err(vec![("score", fault)]);
                }
                Compiled::Score(
                    weights.iter().map(|one| (one.weight, one.half_life_days)).collect(),
                )
            }
            Rule::Query(query) => {
                query.fits(tag).map_err(|fault| vec![("query", fault)])?;
                // Its one input is what it was told when it last asked.
                let of = Of::Fact(query.fact(&tag.id));
                inputs.push(Input { name: query.indicator.clone(), of, kind: query.figure() });
                Compiled::Query(query.clone())
            }
        };
        Ok(Self { inputs, compiled })
    }

    /// The tag of a checked catalogue; `None` for a folder.
    #[must_use]
    pub fn checked<'a>(tag: &Tag, tag_of: impl Fn(&str) -> Option<&'a Tag>) -> Option<Self> {
        // Which ids there are was checked when it was published.
        let evaluator = Self::of(tag, tag_of, &|_| Vec::new()).ok()?;
        (!matches!(evaluator.compiled, Compiled::Folder)).then_some(evaluator)
    }

    /// What the tag is on a date, where `part` answers for each input by its place.
    #[must_use]
    pub fn value<'a>(&self, on: Date, part: impl Fn(usize) -> Option<Part<'a>>) -> Outcome {
        let by_name = |name: &str| {
            let place = self.inputs.iter().position(|input| input.name == name)?;
            part(place).map(|part| part.value)
        };
        match &self.compiled {
            Compiled::Folder => Outcome::Unknown(Vec::new()),
            Compiled::Condition(condition) => condition.evaluate(by_name),
            Compiled::Cases(cases) => {
                for (value, condition) in cases {
                    match condition.evaluate(by_name) {
                        Outcome::Known(Value::Flag(true)) => return Outcome::Known(value.clone()),
                        Outcome::Known(_) => {}
                        other @ (Outcome::Unknown(_) | Outcome::Failed(_)) => return other,
                    }
                }
                Outcome::Unknown(Vec::new())
            }
            Compiled::Function(function) => function.value(&self.inputs, &by_name),
            Compiled::Query(query) => match part(0) {
                Some(figure) => Outcome::Known(query.says(figure.value)),
                None => Outcome::Unknown(vec![query.indicator.clone()]),
            },
            Compiled::Score(weights) => {
                let mut sum = 0_i64;
                for (place, (weight, half_life)) in weights.iter().enumerate() {
                    let Some(part) = part(place) else { continue };
                    if *part.value == Value::Flag(true) {
                        sum = sum.saturating_add(decayed(*weight, *half_life, part.since, on));
                    }
                }
                Outcome::Known(Value::Number(sum))
            }
        }
    }

    /// Whether the answer hangs on the date, and not on the values alone.
    #[must_use]
    pub fn asks_the_date(&self) -> bool {
        matches!(self.compiled, Compiled::Score(_))
    }

    /// The days, counted from when an input was set, on which a score changes by itself.
    #[must_use]
    pub fn decays(&self) -> Vec<(usize, i64, u32)> {
        let Compiled::Score(weights) = &self.compiled else { return Vec::new() };
        let halvings = |weight: i64| 64 - weight.unsigned_abs().leading_zeros();
        weights
            .iter()
            .enumerate()
            .filter_map(|(place, (weight, days))| Some((place, (*days)?, halvings(*weight))))
            .collect()
    }

    pub(crate) fn examples(&self, tag: &Tag, critic: &Critic<'_>) {
        for (number, example) in (1..).zip(&tag.examples) {
            let key = format!("example[{number}]");
            if let Err(fault) = self.example(tag, example) {
                critic.note(&key, fault);
            }
        }
    }

    fn example(&self, tag: &Tag, example: &super::Example) -> Result<(), Fault> {
        let mut values: Vec<Option<Value>> = vec![None; self.inputs.len()];
        for input in &self.inputs {
            if let Of::Fact(name) = &input.of {
                let place = self.inputs.iter().position(|other| other.name == input.name);
                let absent = conditions::facts::find(tag.subject, name);
                values[place.unwrap_or_default()] = absent.and_then(|fact| fact.absent.clone());
            }
        }
        for (name, text) in &example.given {
            let known = || self.inputs.iter().map(|input| input.name.clone()).collect();
            let place = self.inputs.iter().position(|input| input.name == *name);
            let place = place.ok_or_else(|| Fault::unknown_word(name, known()))?;
            let kind = &self.inputs[place].kind;
            let wanted = (kind.name(), kind.name());
            let value = kind.read(text).ok_or_else(|| Fault::bad_value(text, wanted))?;
            values[place] = Some(value);
        }
        let on = Date::constant(2026, 1, 1);
        let part = |place: usize| values[place].as_ref().map(|value| Part { value, since: on });
        let found = match self.value(on, part) {
            Outcome::Known(value) => value.to_string(),
            Outcome::Unknown(_) => "unknown".to_owned(),
            Outcome::Failed(why) => why,
        };
        if found == example.value {
            return Ok(());
        }
        let wanted = &example.value;
        Err(Fault::new(
            Code::Contradiction,
            format!("示例应为 {wanted}，规则得出 {found}"),
            format!("the example says {wanted}, the rule says {found}"),
        ))
    }
}

fn compile(
    key: &'static str,
    source: &str,
    names: &[(String, Type)],
    result: &Type,
) -> Result<Condition, Faults> {
    Condition::check(source, names, result)
        .map_err(|faults| faults.into_iter().map(|fault| (key, told(fault))).collect())
}

/// Each case names some of the inputs, all cases together every one.
fn cases(
    cases: &[super::Case],
    names: &[(String, Type)],
    kind: &Type,
) -> Result<Vec<(Value, Condition)>, Faults> {
    let mut found = Vec::new();
    let mut faults: Faults = Vec::new();
    let mut unused: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    for case in cases {
        let word = |c: char| !(c.is_alphanumeric() || c == '_');
        let named = |name: &str| case.when.split(word).any(|part| part == name);
        let of: Vec<(String, Type)> =
            names.iter().filter(|(name, _)| named(name)).cloned().collect();
        unused.retain(|name| !named(name));
        let value = kind.read(&case.value);
        if value.is_none() {
            let known = match kind {
                Type::Word(words) => words.to_vec(),
                _ => vec![kind.name().to_owned()],
            };
            faults.push(("case", Fault::unknown_word(&case.value, known)));
        }
        match (value, compile("case", &case.when, &of, &Type::Flag)) {
            (Some(value), Ok(condition)) => found.push((value, condition)),
            (_, Err(told)) => faults.extend(told),
            (None, Ok(_)) => {}
        }
    }
    for name in unused {
        let (zh, en) = (format!("声明了“{name}”却未用到"), format!("{name} is never used"));
        faults.push(("inputs", Fault::contradiction(zh, en)));
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Halved once for each whole half-life, rounded towards nothing.
fn decayed(weight: i64, half_life: Option<i64>, since: Date, on: Date) -> i64 {
    let Some(days) = half_life else { return weight };
    let age = since.until(on).map_or(0, |span| i64::from(span.get_days()));
    let halvings = u32::try_from((age / days).clamp(0, 62)).unwrap_or(62);
    weight / (1_i64 << halvings)
}

impl Function {
    fn check(self, tag: &Tag) -> Result<(), Faults> {
        let (inputs, kind): (&[&str], Type) = match self {
            Self::ItemCount => (&["items"], Type::Number),
            Self::CompetingPensions => (&["items"], Type::Flag),
        };
        if tag.subject == Subject::Person && tag.inputs == inputs && tag.value == kind {
            return Ok(());
        }
        let (list, kind) = (inputs.join(", "), kind.name());
        let fault = Fault::contradiction(
            format!("函数 {self} 针对 person，读取 {list}，得出 {kind}"),
            format!("{self} is of a person, reads {list} and gives a {kind}"),
        );
        Err(vec![("function", fault)])
    }

    fn value<'a>(self, inputs: &[Input], value: &dyn Fn(&str) -> Option<&'a Value>) -> Outcome {
        let Some(Value::Words(items)) = value("items") else {
            return Outcome::Unknown(inputs.iter().map(|input| input.name.clone()).collect());
        };
        Outcome::Known(match self {
            Self::ItemCount => Value::Number(i64::try_from(items.len()).unwrap_or(i64::MAX)),
            Self::CompetingPensions => {
                let pensions = ["A1", "A2", "A3"];
                let drawn = pensions.iter().filter(|one| items.iter().any(|item| item == *one));
                Value::Flag(drawn.count() > 1)
            }
        })
    }
}
