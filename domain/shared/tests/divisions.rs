//! Divisions through time, and the codes.

use std::collections::BTreeSet;

use shared::{
    AreaCode, ArtefactId, BankCode, Component, Date, DivisionCode, DivisionLevel, Divisions,
    FundCode, ItemId, PayClass, ReturnReason, RunType, Sex,
};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

#[test]
fn a_code_is_named_as_of_a_date() {
    let divisions = Divisions::bundled();
    for (division, on, name) in [
        ("320602", "2019-12-31", Some("崇川区")),
        ("320602", "2021-01-01", None),
        ("320613", "2020-12-31", Some("崇川区")),
        ("320613", "2019-01-01", None),
        ("320602", "1985-01-01", Some("城区")),
        ("320621", "2017-06-01", Some("海安县")),
        ("320685", "2018-06-01", Some("海安市")),
        ("320614", "2026-01-01", Some("海门区")),
        ("340706", "2015-12-01", Some("义安区")),
        ("32", "2026-01-01", Some("江苏省")),
        ("3206", "2026-01-01", Some("南通市")),
        ("320600", "2026-01-01", Some("南通市")),
        ("320612001", "2026-01-01", Some("金沙街道")),
        ("999999", "2026-01-01", None),
    ] {
        assert_eq!(divisions.name(code(division), date(on)), name, "{division} on {on}");
    }
    let on = date("2026-01-01");
    assert_eq!(
        divisions.full_name(code("320612001"), on).as_deref(),
        Some("江苏省南通市通州区金沙街道")
    );
    assert_eq!(divisions.full_name(code("110101"), on).as_deref(), Some("北京市东城区"));
}

#[test]
fn successors_take_over_the_year_after_the_old_code_ends() {
    let divisions = Divisions::bundled();
    for (old, new, year) in [
        ("320602", "320613", 2020),
        ("320611", "320613", 2020),
        ("320621", "320685", 2018),
        ("320683", "320612", 2009),
        ("320684", "320614", 2020),
        ("340721", "340706", 2015),
    ] {
        let found: Vec<_> = divisions.successors(code(old)).collect();
        assert_eq!(found, [(code(new), year)], "{old}");
        let first_day = Date::new(year, 1, 1).unwrap();
        let day_before = Date::new(year - 1, 12, 31).unwrap();
        assert!(
            divisions.valid_on(code(old), day_before) && !divisions.valid_on(code(old), first_day)
        );
        assert!(
            divisions.valid_on(code(new), first_day) && !divisions.valid_on(code(new), day_before)
        );
    }
    let merged: Vec<_> = divisions.predecessors(code("320613")).map(|(old, _)| old).collect();
    assert_eq!(merged, [code("320602"), code("320611")]);
    assert_eq!(divisions.successors(code("320682")).count(), 0);
}

#[test]
fn nantong_has_seven_counties_in_2026() {
    let on = date("2026-01-15");
    let names: Vec<_> = Divisions::bundled()
        .counties_of("320600", on)
        .into_iter()
        .map(|county| (county.to_string(), Divisions::bundled().name(county, on).unwrap()))
        .collect();
    let expected = [
        ("320612", "通州区"),
        ("320613", "崇川区"),
        ("320614", "海门区"),
        ("320623", "如东县"),
        ("320681", "启东市"),
        ("320682", "如皋市"),
        ("320685", "海安市"),
    ];
    assert_eq!(names, expected.map(|(code, name)| (code.to_owned(), name)));
    assert_eq!(Divisions::bundled().counties_of("nowhere", on), []);
    let towns = Divisions::bundled().towns_of(code("320600"));
    assert_eq!(towns.len(), 136);
}

#[test]
fn a_code_holds_for_births_up_to_the_year_it_was_given_up() {
    let divisions = Divisions::bundled();
    assert!(divisions.valid_ever_since(code("320602"), 1950));
    assert!(divisions.valid_ever_since(code("320602"), 2020));
    assert!(!divisions.valid_ever_since(code("320602"), 2021));
    assert!(divisions.valid_ever_since(code("320613"), 1950));
    // 市辖区 of Suzhou, which the source leaves out.
    assert!(divisions.valid_ever_since(code("320501"), 1998));
    assert!(!divisions.valid_ever_since(code("329901"), 1998));
}

#[test]
fn a_division_knows_where_it_lies() {
    let village = code("320682001002");
    assert_eq!(village.level(), DivisionLevel::Village);
    assert_eq!(village.province(), code("320000"));
    assert_eq!(village.city(), Some(code("320600")));
    assert_eq!(village.county(), Some(code("320682")));
    assert_eq!(code("320600").county(), None);
    assert_eq!(code("32").city(), None);
    assert_eq!(code("32").province(), code("320000"));
    assert!(village.is_within(code("3206")) && village.is_within(code("320600")));
    assert!(!village.is_within(code("320683")) && !code("320600").is_within(village));
    let divisions = Divisions::bundled();
    for (child, parent) in [
        ("320682001002", Some("320682001")),
        ("320682001", Some("320682")),
        ("320682", Some("320600")),
        ("320600", Some("320000")),
        ("110101", Some("110000")),
        ("320000", None),
    ] {
        assert_eq!(divisions.parent(code(child)), parent.map(code), "{child}");
    }
}

#[test]
fn codes_are_checked() {
    for good in ["A1", "B10", "C999"] {
        assert_eq!(ItemId::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "A", "A0", "A01", "a1", "A1000", "AA1", "A-1", "A1 "] {
        assert!(ItemId::parse(bad).is_err(), "{bad}");
    }
    let items: BTreeSet<ItemId> = ["A10", "B1", "A2", "A1"].map(|t| t.parse().unwrap()).into();
    assert_eq!(items.iter().map(ItemId::as_str).collect::<Vec<_>>(), ["A1", "A2", "A10", "B1"]);
    for bad in ["", "-a", "a-", "a--b", "Employee", "employee pension", "1a", "养老"] {
        assert!(FundCode::parse(bad).is_err() && Component::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(Component::default().as_str(), "whole");
    for bad in ["B", "boc", "BOC ", "1BC"] {
        assert!(BankCode::parse(bad).is_err(), "{bad}");
    }
    for bad in ["", "3", "320", "02", "32060", "32O6", "3206820010"] {
        assert!(DivisionCode::parse(bad).is_err(), "{bad}");
    }
    let refused = "x".parse::<AreaCode>().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`x` is not a pooling area: 2, 4, 6, 9 or 12 digits, the first not 0"
    );
    let digest = ArtefactId::from_digest([0xab; 32]);
    assert_eq!(digest.to_string().parse(), Ok(digest));
    assert!(ArtefactId::parse(&"AB".repeat(32)).is_err());
    assert_eq!(serde_json::to_string(&code("320600")).unwrap(), "\"320600\"");
    assert!(serde_json::from_str::<DivisionCode>("\"3206001\"").is_err());
}

#[test]
fn closed_lists_survive_their_codes() {
    for reason in ReturnReason::ALL {
        assert_eq!(reason.code().parse(), Ok(*reason));
        let stored = serde_json::to_string(reason).unwrap();
        assert_eq!(stored, format!("\"{}\"", reason.code()));
        assert_eq!(serde_json::from_str::<ReturnReason>(&stored).unwrap(), *reason);
    }
    assert_eq!(ReturnReason::ALL.len(), 13);
    assert_eq!(ReturnReason::CODES.first(), Some(&"R01"));
    assert_eq!(RunType::BackPay.code(), "back_pay");
    assert_eq!(PayClass::Agency.zh(), "代发项目");
    assert_eq!(Sex::Female.gb(), '2');
    assert!("R13".parse::<ReturnReason>().is_err());
}
