//! Who is granted what, and which months pay it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use definitions::Catalogue;
use shared::{ItemId, Money, Month, Payee};
use simulations::calendar::{due_in, pay_days, pooling_area};
use simulations::{City, Grant, Group, PaidTo, PensionSheet, Plan};

fn demo() -> &'static City {
    static DEMO: OnceLock<City> = OnceLock::new();
    DEMO.get_or_init(|| City::new(Plan::default()).unwrap())
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::bundled().unwrap())
}

fn counts<'a>(items: impl Iterator<Item = &'a ItemId>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    items.for_each(|item| *counts.entry(item.to_string()).or_default() += 1);
    counts
}

#[test]
fn january_pays_as_many_as_the_demo_asks() {
    let due = demo().due(catalogue(), Month::new(2026, 1).unwrap()).unwrap();
    let found = counts(due.iter().map(|grant| &grant.item));
    let asked = [
        ("A1", 2_600 + 91),
        ("A2", 330),
        ("A3", 3_200),
        ("A4", 5),
        ("A5", 140),
        ("A6", 60),
        ("A7", 18),
        ("A8", 3),
        ("B10", 18),
        ("B11", 22),
        ("B2", 16),
        ("B4", 6),
        ("B7", 40),
        ("B9", 14),
        ("C1", 45),
        ("C2", 30),
        ("C3", 14),
        ("C4", 26),
    ];
    let found: Vec<(&str, usize)> = found.iter().map(|(item, n)| (item.as_str(), *n)).collect();
    assert_eq!(found, asked);
    let pensions_and_benefits = ["A1", "A2", "A3", "A5", "A6", "A7", "C1", "C2", "C3", "C4"];
    let people: BTreeSet<_> = due
        .iter()
        .filter(|grant| pensions_and_benefits.contains(&grant.item.as_str()) && !grant.sample)
        .map(|grant| grant.person)
        .collect();
    assert_eq!(people.len(), 6_330, "DISBURSEMENT 4.1");
}

#[test]
fn the_items_run_by_their_calendars() {
    let month = |m| Month::new(2026, m).unwrap();
    let city = City::new(Plan { months: 3, ..Plan::default() }).unwrap();
    let due = |m| counts(city.due(catalogue(), month(m)).unwrap().iter().map(|one| &one.item));
    let (january, february, march) = (due(1), due(2), due(3));
    assert_eq!(february["C5"], 9);
    assert!(!january.contains_key("C5") && !march.contains_key("C5"));
    for item in ["B1", "B3", "B5", "B6"] {
        assert!(!january.contains_key(item) && !february.contains_key(item), "{item}");
        assert!(march[item] > 0, "{item}");
    }
    for item in ["A4", "A8", "B2", "B4", "B10", "B11"] {
        let each = [&january, &february, &march].map(|due| due[item]);
        assert!(each.iter().all(|n| *n == each[0]), "{item}: {each:?}");
    }
    assert!([january, february, march].iter().all(|due| !due.contains_key("B8")));
    let in_autumn = [10, 11, 12].map(|m| due(m).get("B8").copied().unwrap_or(0));
    assert_eq!(in_autumn.iter().sum::<usize>(), 20, "{in_autumn:?}");

    let days = |item: &str, m| {
        let item = catalogue().item(item.parse().unwrap()).unwrap();
        let days = pay_days(catalogue(), item, month(m)).unwrap();
        days.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(days("A1", 1), ["2026-01-15"]);
    assert_eq!(days("A1", 2), ["2026-02-14"], "a swap working Saturday");
    assert_eq!(days("A1", 3), ["2026-03-13"]);
    assert_eq!(days("C5", 2), ["2026-02-06"]);
    assert!(days("C5", 1).is_empty());
    // 2 January is a holiday, whose pay day lies in December.
    assert_eq!(days("A4", 1), ["2026-01-09", "2026-01-16", "2026-01-23", "2026-01-30"]);
    assert!(days("B8", 1).is_empty());
}

#[test]
fn every_item_has_a_grant_within_its_definition() {
    let city = demo();
    let mut items = BTreeSet::new();
    for grant in city.grants() {
        let item = catalogue().item(grant.item).unwrap();
        let bounds = &item.bounds;
        for (component, amount) in &grant.components {
            assert!(*amount >= bounds.min && *amount <= bounds.max, "{}: {amount}", grant.item);
            assert!(item.expense_account(*component).is_some(), "{}: {component}", grant.item);
        }
        assert_eq!(grant.components.len(), item.components.len(), "{}", grant.item);
        assert!(grant.amount() <= bounds.max);
        assert!(item.funds.contains(&grant.fund), "{} from {}", grant.item, grant.fund);
        let fund = catalogue().fund(grant.fund).unwrap();
        let area = pooling_area(fund, grant.county);
        assert!(grant.county.is_within(area.division()), "{area}");
        assert!(grant.to.is_none_or(|to| grant.from <= to));
        items.insert(grant.item);
    }
    assert_eq!(items.len(), catalogue().items().len(), "all 24");
    let areas = |item: &str| {
        let of = city.grants().iter().filter(|grant| grant.item.as_str() == item);
        let area =
            |grant: &Grant| pooling_area(catalogue().fund(grant.fund).unwrap(), grant.county);
        of.map(area).collect::<BTreeSet<_>>().len()
    };
    assert_eq!((areas("A1"), areas("A2"), areas("A3")), (1, 1, 7));
}

#[test]
fn levels_of_amounts_are_those_of_life() {
    let mean = |item: &str| {
        let of =
            demo().grants().iter().filter(|grant| grant.item.as_str() == item && !grant.sample);
        let amounts: Vec<i64> = of.map(|grant| grant.amount().fen()).collect();
        amounts.iter().sum::<i64>() / i64::try_from(amounts.len()).unwrap() / 100
    };
    assert!((3_300..3_800).contains(&mean("A1")), "{}", mean("A1"));
    assert!((6_200..6_800).contains(&mean("A2")), "{}", mean("A2"));
    assert!((320..360).contains(&mean("A3")), "{}", mean("A3"));
    let a1: BTreeSet<Money> = demo()
        .grants()
        .iter()
        .filter(|grant| grant.item.as_str() == "A1")
        .map(Grant::amount)
        .collect();
    assert!(a1.len() > 2_500, "{} different pensions", a1.len());
}

#[test]
fn the_sample_group_is_the_sheets() {
    let city = demo();
    let sheets = PensionSheet::all();
    let people = city.group(Group::PensionSheet);
    assert_eq!(people.len(), sheets.len());
    for (one, sheet) in people.iter().zip(sheets) {
        assert_eq!((Month::of(one.birth), one.sex), (sheet.birth, sheet.sex), "{}", sheet.id);
    }
    let sample: Vec<_> = city.grants().iter().filter(|grant| grant.sample).collect();
    let total: Money = sample.iter().map(|grant| grant.amount()).sum();
    assert_eq!((sample.len(), total), (91, Money::parse("382380.12").unwrap()));
    for (grant, sheet) in sample.iter().zip(sheets) {
        assert_eq!(grant.amount(), sheet.official_total, "{}", sheet.id);
        assert!(grant.covers(city.plan().month), "{}", sheet.id);
    }
}

#[test]
fn wards_are_paid_through_their_guardians() {
    let city = demo();
    let guarded: Vec<_> = city
        .grants()
        .iter()
        .filter(|grant| matches!(grant.payee, Payee::Guardian { .. }))
        .collect();
    assert_eq!(guarded.len(), 4);
    for grant in guarded {
        let ward = &city.residents()[grant.resident as usize];
        let guardian = &city.residents()[ward.guardian.unwrap() as usize];
        assert_eq!(grant.payee, Payee::Guardian { person: guardian.id });
        assert_eq!(guardian.group, Group::Guardian);
        let account = city.account(grant);
        assert_eq!(
            (account.name, account.number),
            (&*guardian.name, guardian.card.number.as_str())
        );
        assert_eq!(account.address, grant.address);
    }
}

#[test]
fn survivors_draw_for_people_who_died() {
    let city = demo();
    let dead: BTreeMap<_, _> =
        city.residents().iter().filter_map(|one| Some((one.id, one.died?))).collect();
    assert_eq!(dead.len(), city.group(Group::Deceased).len());
    let mut causes = BTreeSet::new();
    for grant in city.grants() {
        assert!(!dead.contains_key(&grant.person), "the dead draw nothing");
        let Some(cause) = grant.arises_from else { continue };
        let died = Month::of(dead[&cause]);
        assert!(died < grant.from && causes.insert(cause));
        if grant.item.as_str() == "A4" {
            assert_eq!(died.next(), grant.from);
        }
    }
    assert_eq!(causes.len(), dead.len());
}

#[test]
fn employers_are_paid_for_hires_and_some_interns() {
    let city = demo();
    let to_firms: Vec<_> =
        city.grants().iter().filter(|grant| matches!(grant.paid_to, PaidTo::Employer(_))).collect();
    let items = counts(to_firms.iter().map(|grant| &grant.item));
    assert_eq!((items["B3"], items["B9"], items.len()), (24, 4, 2));
    for grant in to_firms {
        let firm = city.residents()[grant.resident as usize].employer.unwrap();
        assert_eq!(city.account(grant).name, city.employers()[firm as usize].name);
    }
}

#[test]
fn due_in_and_the_definitions_agree_on_every_month() {
    for item in catalogue().items().values() {
        for m in 1..=9 {
            let month = Month::new(2026, m).unwrap();
            let due = due_in(catalogue(), item, month).unwrap();
            assert!(item.runs_in(m) || !due, "{} in {month}", item.id);
            let days = pay_days(catalogue(), item, month).unwrap();
            assert_eq!(due, !days.is_empty(), "{} in {month}", item.id);
        }
    }
}
