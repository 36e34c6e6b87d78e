//! What a condition may say, what it may not, and what it says where something is missing.

use shared::Date;

use super::*;

fn declared() -> Vec<(String, Type)> {
    [
        ("life", Type::word(["alive", "dead"])),
        ("items", Type::words(["A1", "A3", "C1"])),
        ("returns", Type::Number),
        ("rate", Type::BasisPoints),
        ("amount", Type::Money),
        ("before", Type::Money),
        ("died_on", Type::Date),
        ("month", Type::Month),
        ("guardian", Type::Flag),
        ("name", Type::Text),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .to_vec()
}

/// With exactly those inputs declared that the text names.
fn check(source: &str, result: &Type) -> Result<Condition, Vec<Fault>> {
    let mut declared = declared();
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    declared.retain(|(name, _)| source.split(word).any(|part| part == name));
    Condition::check(source, &declared, result)
}

fn fault(source: &str) -> Fault {
    let mut faults = check(source, &Type::Flag).expect_err(source);
    assert_eq!(faults.len(), 1, "{source}: {faults:?}");
    faults.remove(0)
}

#[test]
fn what_fits_together_is_accepted() {
    let sound = [
        "life == \"dead\" && returns > 0",
        "life != \"dead\" || guardian",
        "\"A1\" in items && \"A3\" in items",
        "returns in [1, 2, 3]",
        "items.exists(item, item == \"C1\")",
        "[1, 2].all(n, n < returns)",
        "amount > yuan(\"38214.60\")",
        "amount > before * 2 && amount - before > yuan(\"100\")",
        "before == 0 || amount * 10000 / before > 10",
        "died_on >= \"2026-01-31\"",
        "month < \"2026-03\"",
        "(guardian ? returns : 0) >= 3",
        "rate >= 150 && size(items) > 1",
        "name.startsWith(\"甲\")",
        "amount * rate / 10000 > yuan(\"1.00\")",
    ];
    for source in sound {
        // Money divided by money is a count of tens of thousandths.
        let outcome = check(source, &Type::Flag);
        assert!(outcome.is_ok(), "{source}: {outcome:?}");
    }
    assert!(check("returns * 3 - 1", &Type::Number).is_ok());
    assert!(check("amount / 2", &Type::Money).is_ok());
}

#[test]
fn what_is_inexact_slow_or_of_another_type_is_refused() {
    let table = [
        ("returns > 1.5", FaultCode::Refused),
        ("name.matches(\"a+\")", FaultCode::Refused),
        ("items.exists(a, items.exists(b, a == b))", FaultCode::Refused),
        ("size(items.filter(a, a == \"A1\")) > 0", FaultCode::Refused),
        ("amount > 500", FaultCode::WrongType),
        ("amount > before + 1", FaultCode::WrongType),
        ("rate == returns", FaultCode::WrongType),
        ("life > \"alive\"", FaultCode::WrongType),
        ("died_on > \"31 January\"", FaultCode::WrongType),
        ("returns", FaultCode::WrongType),
        ("guardian > false", FaultCode::WrongType),
        ("yuan(\"1.234\") < amount", FaultCode::WrongType),
        ("returns +", FaultCode::Syntax),
        ("{\"a\": 1} == {\"a\": 1}", FaultCode::Refused),
    ];
    for (source, code) in table {
        let faults = check(source, &Type::Flag).expect_err(source);
        assert_eq!(faults[0].code, code, "{source}: {faults:?}");
        assert!(!faults[0].zh.is_empty() && !faults[0].en.is_empty());
    }
}

#[test]
fn an_unknown_word_is_told_with_the_allowed_ones() {
    let death = fault("life == \"deceased\"");
    assert_eq!((death.code, death.written.as_deref()), (FaultCode::UnknownWord, Some("deceased")));
    assert_eq!(death.allowed, ["alive", "dead"]);
    let undeclared = fault("guardian && retruns > 0");
    assert_eq!(undeclared.allowed, ["guardian"]);
    assert_eq!(undeclared.at, Some(13), "{undeclared}");
    let function = fault("lower(name) == \"a\"");
    assert!(function.allowed.contains(&"size".to_owned()));
    let unused = Condition::check("guardian", &declared()[..1], &Type::Flag).unwrap_err();
    assert_eq!(unused.last().unwrap().code, FaultCode::Unused);
}

#[test]
fn long_lists_and_long_ways_are_refused() {
    let long: Vec<String> = (0..=120).map(|n: i32| n.to_string()).collect();
    let source = format!("returns in [{}]", long.join(", "));
    assert_eq!(fault(&source).code, FaultCode::TooCostly);
    let each = vec!["item == \"A1\""; 40].join(" || ");
    let source = format!("items.exists(item, {each})");
    assert_eq!(fault(&source).code, FaultCode::TooCostly);
    assert!(check("items.exists(item, item == \"A1\")", &Type::Flag).unwrap().steps() < 2_000);
}

#[test]
fn what_is_missing_makes_it_unknown_unless_the_rest_decides() {
    let condition = check("guardian && returns > 2", &Type::Flag).unwrap();
    let say = |guardian: Option<bool>, returns: Option<i64>| {
        let (guardian, returns) = (guardian.map(Value::Flag), returns.map(Value::Number));
        condition
            .evaluate(|name| if name == "guardian" { guardian.as_ref() } else { returns.as_ref() })
    };
    assert_eq!(say(Some(true), Some(3)), Outcome::Known(Value::Flag(true)));
    assert_eq!(say(Some(false), None), Outcome::Known(Value::Flag(false)));
    assert_eq!(say(None, Some(0)), Outcome::Known(Value::Flag(false)));
    assert_eq!(say(None, Some(3)), Outcome::Unknown(vec!["guardian".to_owned()]));
    let both = vec!["returns".to_owned(), "guardian".to_owned()];
    assert_eq!(say(None, None), Outcome::Unknown(both));
    let ratio = check("10 / returns > 1", &Type::Flag).unwrap();
    let zero = Value::Number(0);
    assert!(matches!(ratio.evaluate(|_| Some(&zero)), Outcome::Failed(_)));
}

#[test]
fn dates_money_and_words_are_compared_as_what_they_are() {
    let date: Date = "2026-02-14".parse().unwrap();
    let late = check("died_on < \"2026-02-15\"", &Type::Flag).unwrap();
    let died = Value::Date(date);
    assert_eq!(late.evaluate(|_| Some(&died)), Outcome::Known(Value::Flag(true)));
    let jump = check("amount > yuan(\"38214.59\")", &Type::Flag).unwrap();
    let amount = Value::Money(Money::parse("38214.60").unwrap());
    assert_eq!(jump.evaluate(|_| Some(&amount)), Outcome::Known(Value::Flag(true)));
    let both = check("\"A1\" in items && \"A3\" in items", &Type::Flag).unwrap();
    let items = Value::Words(vec!["A1".to_owned(), "A3".to_owned()]);
    assert_eq!(both.evaluate(|_| Some(&items)), Outcome::Known(Value::Flag(true)));
    let half = check("amount / 2", &Type::Money).unwrap();
    assert_eq!(
        half.evaluate(|_| Some(&amount)),
        Outcome::Known(Value::Money(Money::parse("19107.30").unwrap()))
    );
}
