//! Money, months and the ids of what is owed: forms, errors, laws.

use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    AttemptId, Component, ItemId, Money, MoneyError, Month, MonthError, ObligationId, Payee,
    PersonId, Rounding,
};
use uuid::Uuid;

#[test]
fn an_amount_is_read_exactly() {
    for (text, fen) in [
        ("0", 0),
        ("123", 12_300),
        ("123.4", 12_340),
        ("123.45", 12_345),
        ("-123.45", -12_345),
        ("-0.01", -1),
        ("0.00", 0),
        ("92233720368547758.07", i64::MAX),
        ("-92233720368547758.08", i64::MIN),
    ] {
        assert_eq!(Money::parse(text), Ok(Money::from_fen(fen)), "{text}");
    }
}

#[test]
fn a_text_that_is_no_amount_says_why() {
    use MoneyError::*;
    for (text, error) in [
        ("", Empty),
        ("-", MissingDigit { position: 2 }),
        (".5", MissingDigit { position: 1 }),
        ("-.5", MissingDigit { position: 2 }),
        ("5.", MissingDigit { position: 3 }),
        ("1.234", TooManyDecimals { found: 3 }),
        ("1 000", Blank { position: 2 }),
        (" 1", Blank { position: 1 }),
        ("1 ", Blank { position: 2 }),
        ("1,000.00", Separator { position: 2 }),
        ("-1，000", Separator { position: 3 }),
        ("1e3", Exponent { position: 2 }),
        ("1E3", Exponent { position: 2 }),
        ("+1", NotADigit { found: '+', position: 1 }),
        ("--1", NotADigit { found: '-', position: 2 }),
        ("1.2.3", NotADigit { found: '.', position: 4 }),
        ("１", NotADigit { found: '１', position: 1 }),
        ("¥1", NotADigit { found: '¥', position: 1 }),
        ("NaN", NotADigit { found: 'N', position: 1 }),
        ("92233720368547758.08", Overflow),
        ("-92233720368547758.09", Overflow),
        ("1000000000000000000000", Overflow),
    ] {
        assert_eq!(Money::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn each_rounding_is_what_its_name_says() {
    use Rounding::*;
    for (yuan, half_up, up, down) in [
        ("1.005", 101, 101, 100),
        ("1.0049", 100, 101, 100),
        ("1.001", 100, 101, 100),
        ("1.00", 100, 100, 100),
        ("-1.005", -101, -101, -100),
        ("-1.001", -100, -101, -100),
        ("0.0001", 0, 1, 0),
    ] {
        let yuan: Decimal = yuan.parse().unwrap();
        for (rounding, fen) in [(HalfUp, half_up), (UpToFen, up), (Down, down)] {
            assert_eq!(
                Money::from_decimal(yuan, rounding),
                Ok(Money::from_fen(fen)),
                "{yuan} {rounding:?}"
            );
        }
    }
    for far in [Decimal::MAX, Decimal::MIN, Decimal::from(i64::MAX)] {
        assert_eq!(Money::from_decimal(far, HalfUp), Err(MoneyError::Overflow), "{far}");
    }
}

#[test]
fn sums_that_overflow_are_none() {
    let most = Money::from_fen(i64::MAX);
    assert_eq!(Money::try_sum([most, Money::from_fen(1)]), None);
    assert_eq!(Money::try_sum([]), Some(Money::ZERO));
    assert_eq!(most.checked_mul_int(2), None);
    assert_eq!(Money::from_fen(i64::MIN).checked_neg(), None);
    assert_eq!(Money::ZERO.checked_sub(Money::from_fen(i64::MIN)), None);
}

#[test]
fn money_is_stored_as_a_decimal_string() {
    assert_eq!(serde_json::to_string(&Money::from_fen(-128_000)).unwrap(), "\"-1280.00\"");
    assert_eq!(serde_json::from_str::<Money>("\"1280.5\"").unwrap(), Money::from_fen(128_050));
    // A JSON number would pass through a float somewhere.
    assert!(serde_json::from_str::<Money>("1280.5").is_err());
    assert!(serde_json::from_str::<Money>("\"1280.555\"").is_err());
}

#[test]
fn a_month_is_read_exactly() {
    assert_eq!(Month::parse("2026-01"), Month::new(2026, 1));
    for (text, error) in [
        ("2026-1", MonthError::Length { found: 6 }),
        ("2026-01-01", MonthError::Length { found: 10 }),
        ("2026/01", MonthError::Form { expected: "a hyphen", position: 5 }),
        ("+026-01", MonthError::Form { expected: "a digit", position: 1 }),
        ("2026-13", MonthError::NoSuchMonth { year: 2026, month: 13 }),
        ("2026-00", MonthError::NoSuchMonth { year: 2026, month: 0 }),
        ("0000-01", MonthError::NoSuchMonth { year: 0, month: 1 }),
    ] {
        assert_eq!(Month::parse(text), Err(error), "{text}");
    }
}

#[test]
fn a_month_knows_its_days_and_neighbours() {
    let february = Month::parse("2024-02").unwrap();
    assert_eq!(february.last_day().to_string(), "2024-02-29");
    assert_eq!(february.first_day().to_string(), "2024-02-01");
    assert_eq!(february.previous().previous().to_string(), "2023-12");
    assert_eq!(february.plus(11).to_string(), "2025-01");
    assert_eq!(february.quarter(), 1);
    assert_eq!(Month::MAX.next(), Month::MAX);
    assert_eq!(Month::MIN.previous(), Month::MIN);
    let through: Vec<String> = february.through(february.plus(2)).map(|m| m.to_string()).collect();
    assert_eq!(through, ["2024-02", "2024-03", "2024-04"]);
    assert_eq!(february.through(february.previous()).count(), 0);
}

#[test]
fn an_obligation_has_one_spelling() {
    let uuid = "0198c0de-0000-7000-8000-00000000000a";
    let text = format!("A1/2026-01/whole/0/{uuid}");
    let id: ObligationId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(id.claim(), format!("obligation:{text}"));
    assert_eq!(serde_json::to_string(&id.attempt(1)).unwrap(), format!("\"{text}#1\""));
    for refused in [
        format!("A1/2026-01/whole/0/{}", uuid.to_uppercase()),
        format!("A1/2026-01/whole/0/{}", uuid.replace('-', "")),
        format!("A1/2026-01/whole/00/{uuid}"),
        format!("A1/2026-01/whole/+0/{uuid}"),
        format!("A1/2026-01/whole/65536/{uuid}"),
        format!("A1/2026-1/whole/0/{uuid}"),
        format!("a1/2026-01/whole/0/{uuid}"),
        format!("A1/2026-01/Whole/0/{uuid}"),
        format!("A1/2026-01/whole/{uuid}"),
        format!("A1/2026-01/whole/0/{uuid}/"),
        String::new(),
    ] {
        assert!(refused.parse::<ObligationId>().is_err(), "{refused}");
    }
    for refused in ["#0", "#01", "#", "#65536", "", "#1#2", "# 1"] {
        assert!(format!("{text}{refused}").parse::<AttemptId>().is_err(), "{refused}");
    }
}

#[test]
fn a_payee_is_stored_with_its_kind() {
    let person: PersonId = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
    let stored = serde_json::to_string(&Payee::Heir { person }).unwrap();
    assert_eq!(stored, r#"{"kind":"heir","person":"0198c0de-0000-7000-8000-000000000001"}"#);
    assert_eq!(serde_json::from_str::<Payee>(&stored).unwrap(), Payee::Heir { person });
}

prop_compose! {
    fn obligations()(
        letter in prop::sample::select(vec!['A', 'B', 'C']), number in 1_u16..30, months in 0..40_i32,
        part in prop::sample::select(vec!["whole", "basic-pension", "personal-account"]),
        adjustment in 0_u16..300, person in 0_u128..4,
    ) -> ObligationId {
        ObligationId {
            item: ItemId::parse(&format!("{letter}{number}")).unwrap(),
            month: Month::new(2025, 1).unwrap().plus(months),
            component: Component::parse(part).unwrap(),
            adjustment,
            person: PersonId::from_uuid(Uuid::from_u128(person)),
        }
    }
}

proptest! {
    #[test]
    fn money_survives_its_text(fen: i64) {
        let money = Money::from_fen(fen);
        prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
        prop_assert_eq!(Money::from_decimal(money.to_decimal(), Rounding::Down), Ok(money));
        let stored = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&stored).unwrap(), money);
    }

    #[test]
    fn money_never_reads_what_it_would_not_write(text in "[-+0-9., e]{0,8}") {
        if let Ok(money) = Money::parse(&text) {
            let plain: Decimal = text.parse().unwrap();
            prop_assert_eq!(money.to_decimal(), plain);
        }
    }

    #[test]
    fn months_add_up(months in -20_000..20_000_i32, more in -3_000..3_000_i32) {
        let start = Month::new(2026, 1).unwrap();
        let month = start.plus(months);
        prop_assert_eq!(start.months_until(month), months);
        prop_assert_eq!(month.plus(more), start.plus(months + more));
        prop_assert_eq!(month.next().previous(), month);
        prop_assert_eq!(Month::parse(&month.to_string()), Ok(month));
        prop_assert_eq!(Month::of(month.first_day()), month);
        prop_assert_eq!(Month::of(month.last_day()), month);
        prop_assert_eq!(month.last_day().tomorrow().unwrap(), month.next().first_day());
        prop_assert!(month < month.next());
    }

    #[test]
    fn an_obligation_survives_its_text(id in obligations(), number in 1_u16..) {
        prop_assert_eq!(id.to_string().parse::<ObligationId>(), Ok(id));
        let attempt = id.attempt(number);
        prop_assert_eq!(attempt.to_string().parse::<AttemptId>(), Ok(attempt));
        let stored = serde_json::to_string(&attempt).unwrap();
        prop_assert_eq!(serde_json::from_str::<AttemptId>(&stored).unwrap(), attempt);
    }

    #[test]
    fn obligations_are_ordered_by_item_then_month_then_part(a in obligations(), b in obligations()) {
        let number = |id: &ObligationId| id.item.as_str()[1..].parse::<u16>().unwrap();
        let key = |id: &ObligationId| (
            id.item.as_str()[..1].to_owned(), number(id), id.month.to_string(),
            id.component.as_str().to_owned(), id.adjustment, id.person.uuid(),
        );
        prop_assert_eq!(a.cmp(&b), key(&a).cmp(&key(&b)));
    }
}
