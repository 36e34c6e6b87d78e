//! How a `[[tag]]` is read.

use conditions::{Subject, Type};

use super::query::query;
use super::{Case, Example, Function, Rule, Sensitivity, Tag, Weight};
use crate::block::{Block, Name};
use crate::kinds::account::plain_id;
use crate::mistake::Fault;

const SUBJECT: (&str, &str) =
    ("对象种类(如 person、employer、bank)", "a kind of subject such as person, employer or bank");

pub(super) fn tag(block: &Block<'_>) -> Option<(String, Tag)> {
    let (id, name, source) = block.head(plain_id);
    let parent = block.reference_if_any("parent", "tag");
    let subject = subject(block);
    let value = value(block);
    let sensitivity = block.word::<Sensitivity>("sensitivity");
    let purpose = block.table("purpose", Name::read);
    let inputs = block.texts_if_any("inputs");
    let tags = block.references_if_any("tags", "tag");
    let rule = rule(block);
    let examples = block.tables_if_any("example", example);
    let id = id?;
    let (inputs, tags, rule) = (inputs?, tags?, rule?);
    let reads = !(inputs.is_empty() && tags.is_empty());
    if rule == Rule::None && reads {
        let fault = Fault::missing_key("when");
        return block.refuse("when", fault);
    }
    if matches!(rule, Rule::Query(_)) && reads {
        let (zh, en) = ("查询不读取 inputs 或 tags", "a query reads neither inputs nor tags");
        return block.refuse("query", Fault::contradiction(zh, en));
    }
    Some((
        id.clone(),
        Tag {
            id,
            name: name?,
            source: source?,
            parent: parent?,
            subject: subject?,
            value: value?,
            sensitivity: sensitivity?,
            purpose: purpose?,
            inputs,
            tags,
            rule,
            examples: examples?,
        },
    ))
}

pub(crate) fn subject(block: &Block<'_>) -> Option<Subject> {
    block.parsed("subject", SUBJECT, |text| text.parse().ok())
}

fn value(block: &Block<'_>) -> Option<Type> {
    const KINDS: (&str, &str) = (
        "值类型(flag、number、basis-points、money、date、month、text、word)",
        "a type of value: flag, number, basis-points, money, date, month, text or word",
    );
    let kind = block.parsed("type", KINDS, |text| match text {
        "flag" => Some(Type::Flag),
        "number" => Some(Type::Number),
        "basis-points" => Some(Type::BasisPoints),
        "money" => Some(Type::Money),
        "date" => Some(Type::Date),
        "month" => Some(Type::Month),
        "text" => Some(Type::Text),
        "word" => Some(Type::word([])),
        _ => None,
    });
    let words = block.texts_if_any("words");
    match (kind?, words?) {
        (Type::Word(_), words) if words.is_empty() => {
            block.refuse("words", Fault::missing_key("words"))
        }
        (Type::Word(_), words) => Some(Type::Word(words.into())),
        (kind, words) if words.is_empty() => Some(kind),
        _ => block.refuse(
            "words",
            Fault::contradiction(
                "只有 word 类型才列出词",
                "only a tag of type word lists its words",
            ),
        ),
    }
}

fn rule(block: &Block<'_>) -> Option<Rule> {
    let when = block.text_if_any("when");
    let function = block.word_if_any::<Function>("function");
    let cases = block.tables_if_any("case", |case| {
        let (value, when) = (case.text("value"), case.text("when"));
        Some(Case { value: value?, when: when? })
    });
    let score = block.tables_if_any("score", |weight| {
        let tag = weight.reference("tag", "tag");
        let points = weight.integer("weight", -1_000_000, 1_000_000);
        let half_life_days = weight.integer_if_any("half_life_days", 1, 36_600);
        Some(Weight { tag: tag?, weight: points?, half_life_days })
    });
    let query = block.table_if_any("query", query);
    let (cases, score) = (cases?, score?);
    let mut rules = Vec::new();
    rules.extend(when.map(Rule::Condition));
    rules.extend(function.map(Rule::Function));
    rules.extend((!cases.is_empty()).then_some(Rule::Cases(cases)));
    rules.extend((!score.is_empty()).then_some(Rule::Score(score)));
    rules.extend(query.map(Rule::Query));
    if rules.len() > 1 {
        return block.refuse(
            "when",
            Fault::contradiction(
                "when、case、function、score、query 只能用一种",
                "a tag has one rule: when, case, function, score or query",
            ),
        );
    }
    Some(rules.pop().unwrap_or(Rule::None))
}

fn example(block: &Block<'_>) -> Option<Example> {
    let (given, value) = (block.texts_if_any("given"), block.text("value"));
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    let given: Option<Vec<_>> = given?.iter().map(pair).collect();
    if given.is_none() {
        let wanted = ("“名称 = 值”", "a text such as \"life = dead\"");
        block.refuse::<()>("given", Fault::bad_value("given", wanted));
    }
    Some(Example { given: given?, value: value? })
}
