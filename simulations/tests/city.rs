//! The city as its users see it: valid, of the asked size, the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use definitions::{Catalogue, Charset};
use shared::{CardNumber, CreditCode, Date, Divisions, Month, Phone, PrefixCheck, ResidentId};
use simulations::{
    CardState, City, Group, Identity, Mark, PaidTo, Plan, PlanError, banks, card_issuer, counties,
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
    assert_eq!(demo().digest(), "6703193f70c5b77dae94eef256bc6e36ea0227d5f8b676efd8ca9a9ca21dc121");
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
