//! The city as its users see it: valid, of the asked size, the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use definitions::{Catalogue, Charset};
use shared::{
    CardNumber, CreditCode, Date, Divisions, ItemId, Money, Month, Payee, Phone, PrefixCheck,
    ResidentId,
};
use simulations::calendar::{due_in, pay_days, pooling_area};
use simulations::{
    CardState, City, Group, Identity, Mark, PaidTo, PensionSheet, Plan, PlanError, banks,
    card_issuer, counties,
};

const TODAY: Date = Date::constant(2026, 1, 1);

fn demo() -> &'static City {
    static DEMO: OnceLock<City> = OnceLock::new();
    DEMO.get_or_init(|| City::new(Plan::default()).unwrap())
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::bundled().unwrap())
}

fn small(seed: u64) -> City {
    City::new(Plan { seed, people: 800, employers: 30, ..Plan::default() }).unwrap()
}

fn counts<'a>(items: impl Iterator<Item = &'a ItemId>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    items.for_each(|item| *counts.entry(item.to_string()).or_default() += 1);
    counts
}

#[test]
fn every_number_passes_its_check() {
    let divisions = Divisions::bundled();
    for one in demo().residents() {
        match &one.identity {
            Identity::Citizen(id) => {
                let read = ResidentId::parse(id.as_str(), TODAY, divisions).unwrap();
                read.agree(one.sex, one.birth).unwrap();
                let either = ResidentId::parse_either(one.identity.recorded(), TODAY, divisions);
                assert_eq!(either.as_ref(), Ok(id));
                assert!(id.division().as_str().starts_with("3206"), "{}", id.division());
            }
            Identity::Foreign(_) => assert_eq!(one.mark, Some(Mark::ForeignDocument)),
        }
        assert!(Phone::parse(one.phone.as_str()).is_ok());
        let card = CardNumber::parse(one.card.number.as_str()).unwrap();
        assert_eq!(card.as_str().len(), 19);
        assert_eq!(card.check_bank(card_issuer(one.card.bank)), PrefixCheck::Agrees);
        assert!(one.birth < TODAY, "{}", one.birth);
    }
    for one in demo().employers() {
        let code: CreditCode = one.credit_code.as_str().parse().unwrap();
        code.check_organisation().unwrap();
        assert_eq!(code.division(), Some(one.county));
        assert!(one.head_count > 0);
    }
}

#[test]
fn the_counties_and_towns_are_real_and_the_older_have_older_codes() {
    let divisions = Divisions::bundled();
    let real = divisions.counties_of("320600", TODAY);
    let lived: BTreeSet<_> = demo().residents().iter().map(|one| one.county).collect();
    assert_eq!(lived.into_iter().collect::<Vec<_>>(), real);
    assert!(demo().employers().iter().all(|one| real.contains(&one.county)));
    let mut given_up = 0;
    for one in demo().residents() {
        let town = one.town.expect("the table has towns of every county");
        assert!(town.is_within(one.county) && divisions.name(town, TODAY).is_some());
        let Identity::Citizen(id) = &one.identity else { continue };
        let year = id.birth().year();
        assert!(divisions.valid_ever_since(id.division(), year));
        given_up += usize::from(!divisions.valid_on(id.division(), TODAY));
        if id.division() != one.county {
            let still: Vec<_> =
                [id.division()].into_iter().filter(|code| real.contains(code)).collect();
            assert!(still.is_empty(), "{} lives in {}", id.division(), one.county);
        }
    }
    assert!(given_up > 10_000, "{given_up}");
    assert_eq!(counties().len(), 7);
}

#[test]
fn no_two_share_what_is_ones_own() {
    let city = demo();
    let people = city.residents().len();
    assert_eq!(people, 20_000);
    assert_eq!(city.employers().len(), 600);
    let own = |key: fn(&simulations::Resident) -> String| {
        city.residents().iter().map(key).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(own(|one| one.identity.number().to_owned()), people);
    assert_eq!(own(|one| one.identity.recorded().to_owned()), people);
    assert_eq!(own(|one| one.card.number.as_str().to_owned()), people);
    assert_eq!(own(|one| one.id.to_string()), people);
    assert_eq!(own(|one| one.card.id.to_string()), people);
    assert_eq!(own(|one| one.card.address.to_string()), people);
    let codes: BTreeSet<_> = city.employers().iter().map(|one| one.credit_code).collect();
    let names: BTreeSet<_> = city.employers().iter().map(|one| &one.name).collect();
    let accounts: BTreeSet<_> = city.employers().iter().map(|one| &one.account.number).collect();
    assert_eq!((codes.len(), names.len(), accounts.len()), (600, 600, 600));
    let grants: BTreeSet<_> = city.grants().iter().map(|one| one.id).collect();
    assert_eq!(grants.len(), city.grants().len());
    let open: BTreeSet<_> =
        city.grants().iter().map(|one| (one.item, one.person, one.arises_from)).collect();
    assert_eq!(open.len(), city.grants().len(), "one open grant of an item for each person");
}

#[test]
fn the_groups_stand_in_their_order_and_the_ids_too() {
    let city = demo();
    assert!(city.residents().is_sorted_by_key(|one| one.group));
    assert!(city.residents().is_sorted_by_key(|one| one.id));
    assert!(city.residents().iter().zip(0..).all(|(one, index)| one.index == index));
    for (group, size) in city.groups() {
        assert_eq!(city.group(*group).len(), *size as usize, "{group:?}");
    }
    assert!(city.grants().iter().zip(0..).all(|(one, index)| one.index == index));
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
        let area = |grant: &simulations::Grant| {
            pooling_area(catalogue().fund(grant.fund).unwrap(), grant.county)
        };
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
        .map(simulations::Grant::amount)
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
fn the_special_people_are_there() {
    let city = demo();
    let with = |mark| city.residents().iter().filter(move |one| one.mark == Some(mark));
    let rare: Vec<_> = with(Mark::RareCharacter).collect();
    assert!(matches!(rare[..], [one] if one.name.contains('䶮')));
    assert_eq!(with(Mark::DottedName).filter(|one| one.name.contains('·')).count(), 12);
    let old = with(Mark::OldNumber).map(|one| one.identity.recorded().len());
    assert_eq!(old.collect::<Vec<_>>(), [15; 6]);
    assert_eq!(with(Mark::ForeignDocument).count(), 5);
    let names: BTreeSet<_> = with(Mark::ForeignDocument).map(|one| &one.name).collect();
    assert_eq!(names.len(), 5);
    let phones: BTreeSet<_> = with(Mark::SharedPhone).map(|one| one.phone.as_str()).collect();
    assert_eq!((with(Mark::SharedPhone).count(), phones.len()), (7, 1));
    let all: BTreeSet<_> = city.residents().iter().map(|one| one.phone.as_str()).collect();
    assert!((18_500..19_990).contains(&all.len()), "{} phones", all.len());
    assert_eq!(with(Mark::NewRetiree).count(), 12);
    assert!(with(Mark::NewRetiree).all(|one| Month::of(one.birth) == Month::new(1965, 9).unwrap()));
    let first = city.grants().iter().filter(|grant| {
        grant.item.as_str() == "A1" && grant.from == city.plan().month && !grant.sample
    });
    assert_eq!(first.count(), 12);
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
fn every_payee_has_an_account_that_takes_the_money() {
    let layouts: Vec<_> = catalogue().layouts().keys().copied().collect();
    assert_eq!(banks(), layouts);
    let city = demo();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for grant in city.grants() {
        let account = city.account(grant);
        let layout = catalogue().layout(account.bank).unwrap();
        assert!(layout.charset != Charset::Gbk || !account.name.contains('䶮'));
        *lines.entry(account.bank.to_string()).or_default() += 1;
        if let PaidTo::Resident(index) = grant.paid_to {
            let card = &city.residents()[index as usize].card;
            assert!(matches!(card.state, CardState::Active | CardState::ReportedLost));
        }
    }
    assert_eq!(lines.len(), 4);
    assert!(lines.values().all(|count| *count > 600), "{lines:?}");
    let hard = City::new(Plan { hard_names: true, ..Plan::default() }).unwrap();
    let rare = hard.residents().iter().find(|one| one.mark == Some(Mark::RareCharacter)).unwrap();
    let layout = catalogue().layout(rare.card.bank).unwrap();
    assert_eq!(layout.charset, Charset::Gbk);
}

#[test]
fn the_same_seed_makes_the_same_city_and_another_another() {
    let (one, again, other) = (small(1), small(1), small(2));
    assert_eq!(one.digest(), again.digest());
    assert_ne!(one.digest(), other.digest());
    assert_eq!(demo().digest(), City::new(Plan::default()).unwrap().digest());
    // Whoever changes this changes every bank file of the demo.
    assert_eq!(demo().digest(), "a5169ce71c3f966ebaeddcd5d38482e4bf082c3ab01db1719311505e85509c36");
}

#[test]
fn a_small_city_has_every_item_too() {
    let city =
        City::new(Plan { people: 500, employers: 1, months: 12, ..Plan::default() }).unwrap();
    assert_eq!(city.residents().len(), 500);
    let items: BTreeSet<_> = city.grants().iter().map(|grant| grant.item).collect();
    assert_eq!(items.len(), 24);
    assert!(
        city.groups()
            .iter()
            .all(|(group, size)| { *size > 0 || matches!(group, Group::Dependant) })
    );
}

#[test]
fn what_cannot_be_built_is_refused() {
    let plan = |change: fn(&mut Plan)| {
        let mut plan = Plan::default();
        change(&mut plan);
        City::new(plan).err()
    };
    assert_eq!(plan(|p| p.people = 499), Some(PlanError::TooFewPeople { people: 499 }));
    assert_eq!(
        plan(|p| p.people = 10_000_001),
        Some(PlanError::TooManyPeople { people: 10_000_001 })
    );
    assert_eq!(plan(|p| p.employers = 0), Some(PlanError::Employers { employers: 0 }));
    assert_eq!(plan(|p| p.months = 13), Some(PlanError::Months { months: 13 }));
    let month = Month::new(2027, 1).unwrap();
    assert_eq!(plan(|p| p.month = Month::new(2027, 1).unwrap()), Some(PlanError::Month { month }));
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
