//! What a plan is told: who lives, whose money waits, and where it goes.

use benefits::grant::Event as Granted;
use cards::address::{Account, Event as Addressed, FreezeReason, Owner};
use cards::card::{Account as Behind, Event as Carded, Made};
use projections::pay_facts::{self, Asked, Envelopes, Life, PAGE, Usable};
use registry::person::{DeathReport, DeathSource, Event as Lived, GroupId};
use shared::{BankCode, CardApplicationId, OrganisationId, Payee, ReturnReason};
use uuid::Uuid;

use crate::amounts::{area, components, fund, item, population, registration};
use crate::house::{House, address, card, day, employer, grant, month, person, sealed};
use crate::people;

fn bank(code: &str) -> BankCode {
    BankCode::parse(code).unwrap()
}

fn account(number: &str, behind: Option<u128>) -> Account {
    Account {
        number: sealed(number),
        name: sealed("account name"),
        bank: bank("BOC"),
        card: behind.map(card),
    }
}

/// A person with a grant and an address of his own number, not yet verified.
fn entitled(house: &House, number: u128, behind: Option<u128>) {
    let registered = Lived::Registered(people::registration(person(number), "320602"));
    house.happened("person", person(number), &registered);
    let registered = Addressed::Registered {
        address: address(number),
        owner: Owner::Person { person: person(number) },
        account: account("number", behind),
        on: day(5),
    };
    house.happened("address", address(number), &registered);
    let granted = registration(usize::try_from(number).unwrap(), components(0));
    house.happened("grant", grant(number), &Granted::Registered(granted));
}

fn verified(house: &House, number: u128) {
    let verified = Addressed::Verified { version: 1, on: day(6) };
    house.happened("address", address(number), &verified);
}

fn usable(house: &House, number: u128) -> (u32, Usable) {
    let facts = population(&house.session(), month(1));
    let fact = facts.into_iter().find(|fact| fact.grant == grant(number)).unwrap();
    let address = fact.address.unwrap();
    (address.version, address.usable)
}

#[test]
fn a_merged_person_lives_and_dies_with_the_one_that_stays() {
    let house = House::new();
    for number in [1, 2, 3] {
        entitled(&house, number, None);
    }
    let lives = |house: &House| {
        let facts = population(&house.session(), month(1));
        facts.into_iter().map(|fact| fact.life).collect::<Vec<_>>()
    };
    let group = GroupId::of(person(2));
    let merged = Lived::Merged { into: person(2), group, reason: "一人多号".to_owned() };
    house.happened("person", person(1), &merged);
    house.happened("person", person(2), &Lived::Absorbed { person: person(1), group });
    assert_eq!(lives(&house), [Life::Alive; 3]);
    let report = DeathReport {
        died_on: day(1),
        reported_on: day(2),
        source: DeathSource::Police,
        verify_by: day(9),
    };
    house.happened("person", person(2), &Lived::DeathReported(report));
    assert_eq!(lives(&house), [Life::DeathReported, Life::DeathReported, Life::Alive]);
    let (died_on, confirmed_on) = (day(1), day(3));
    let source = DeathSource::Police;
    house.happened("person", person(2), &Lived::DeathConfirmed { died_on, confirmed_on, source });
    let dead = Life::Dead { month: month(1) };
    assert_eq!(lives(&house), [dead, dead, Life::Alive]);
    let split = Lived::Split { from: person(2), group, reason: "两人".to_owned() };
    house.happened("person", person(1), &split);
    assert_eq!(lives(&house), [Life::Alive, dead, Life::Alive]);
}

#[test]
fn a_payee_is_named_where_it_is_somebody_else_and_his_life_counts() {
    let house = House::new();
    for number in [1, 2] {
        entitled(&house, number, None);
    }
    let guardian = Payee::Guardian { person: person(2) };
    for (number, payee) in [(3, guardian), (4, Payee::Employer { employer: employer(1) })] {
        let granted =
            benefits::grant::Registration { payee, ..registration(number, components(0)) };
        let id = grant(u128::try_from(number).unwrap());
        house.happened("grant", id, &Granted::Registered(granted));
    }
    let report = DeathReport {
        died_on: day(1),
        reported_on: day(2),
        source: DeathSource::Police,
        verify_by: day(9),
    };
    house.happened("person", person(2), &Lived::DeathReported(report));
    let facts = population(&house.session(), month(1));
    let told: Vec<_> =
        facts.iter().map(|fact| (fact.grant, fact.payee, fact.life, fact.payee_life)).collect();
    let paid_to = Some(Payee::Employer { employer: employer(1) });
    assert_eq!(
        told,
        [
            (grant(1), None, Life::Alive, None),
            (grant(2), None, Life::DeathReported, None),
            (grant(3), Some(guardian), Life::Alive, Some(Life::DeathReported)),
            (grant(4), paid_to, Life::Alive, None),
        ]
    );
    assert_eq!(facts[2].address, None, "nobody registered it");
    assert_eq!((facts[0].revision, facts[0].person), (1, person(1)));
}

#[test]
fn money_goes_only_to_what_is_verified_not_frozen_and_credited() {
    let house = House::new();
    entitled(&house, 1, None);
    assert_eq!(usable(&house, 1), (1, Usable::No));
    let failed = Addressed::VerificationFailed {
        version: 1,
        reason: ReturnReason::NameMismatch,
        on: day(5),
    };
    house.happened("address", address(1), &failed);
    assert_eq!(usable(&house, 1), (1, Usable::No));
    verified(&house, 1);
    assert_eq!(usable(&house, 1), (1, Usable::Yes));
    let frozen = Addressed::Frozen { reason: FreezeReason::Returned, on: day(7) };
    house.happened("address", address(1), &frozen);
    assert_eq!(usable(&house, 1), (1, Usable::Frozen));
    let changed = Addressed::Changed {
        version: 2,
        account: account("other", None),
        reason: "换卡".to_owned(),
        on: day(8),
    };
    house.happened("address", address(1), &changed);
    assert_eq!(usable(&house, 1), (2, Usable::Frozen), "a change does not lift a freeze");
    let unfrozen = Addressed::Unfrozen { reason: "误冻".to_owned(), on: day(8) };
    house.happened("address", address(1), &unfrozen);
    assert_eq!(usable(&house, 1), (2, Usable::No), "the new version is not verified");
}

#[test]
fn an_account_behind_a_card_is_as_good_as_the_card() {
    let house = House::new();
    entitled(&house, 1, Some(1));
    verified(&house, 1);
    assert_eq!(usable(&house, 1), (1, Usable::No), "nobody made the card");
    let outlet = OrganisationId::from_uuid(Uuid::from_u128(3));
    let made = Made {
        card: card(1),
        application: CardApplicationId::from_uuid(Uuid::from_u128(9)),
        person: person(1),
        bank: bank("BOC"),
        number: sealed("card number"),
        generation: 3,
        valid_until: None,
        on: day(1),
    };
    let steps = [
        (Carded::Made(made), Usable::No),
        (Carded::Delivered { outlet, on: day(2) }, Usable::No),
        (Carded::Issued { on: day(3) }, Usable::No),
        (Carded::SocialFunctionActivated { on: day(3) }, Usable::No),
        (Carded::FinancialAccountActivated { on: day(4) }, Usable::Yes),
        (Carded::ReportedLost { on: day(5) }, Usable::Yes),
        (Carded::Replaced { by: card(2), account: Behind::Kept, on: day(6) }, Usable::No),
    ];
    for (event, expected) in steps {
        house.happened("card", card(1), &event);
        assert_eq!(usable(&house, 1), (1, expected), "after {event:?}");
    }
}

#[test]
fn a_line_finds_the_version_that_it_names() {
    let house = House::new();
    entitled(&house, 1, None);
    let changed = Addressed::Changed {
        version: 2,
        account: account("other", None),
        reason: "换卡".to_owned(),
        on: day(8),
    };
    house.happened("address", address(1), &changed);
    let of_employer = Addressed::Registered {
        address: address(7),
        owner: Owner::Employer { employer: employer(1) },
        account: account("of the employer", None),
        on: day(5),
    };
    house.happened("address", address(7), &of_employer);
    let asked = [(address(7), 1), (address(1), 2), (address(1), 3), (address(1), 1)]
        .map(|(address, version)| (person(1), address, version));
    let envelopes = |subject, id_number: Option<&str>, account| Envelopes {
        subject,
        id_number: id_number.map(sealed),
        account: sealed(account),
        account_name: sealed("account name"),
    };
    assert_eq!(
        pay_facts::payees(&house.session(), &asked).unwrap(),
        [
            Some(envelopes(employer(1).uuid(), None, "of the employer")),
            Some(envelopes(person(1).uuid(), Some("number"), "other")),
            None,
            Some(envelopes(person(1).uuid(), Some("number"), "number")),
        ]
    );
}

#[test]
fn who_registers_or_changes_an_address_is_known_by_business_month() {
    let house = House::new();
    entitled(&house, 1, None);
    *house.actor.borrow_mut() = ("wu".to_owned(), month(2).first_day());
    verified(&house, 1);
    let changed = |version| Addressed::Changed {
        version,
        account: account("other", None),
        reason: "换卡".to_owned(),
        on: month(2).first_day(),
    };
    *house.actor.borrow_mut() = ("zhou".to_owned(), month(2).first_day());
    for version in [2, 3] {
        house.happened("address", address(1), &changed(version));
    }
    *house.actor.borrow_mut() = ("chen".to_owned(), month(2).last_day());
    house.happened("address", address(1), &changed(4));
    let session = house.session();
    let editors = |of| pay_facts::address_editors(&session, month(of)).unwrap();
    assert_eq!(editors(1), ["chen"]);
    assert_eq!(editors(2), ["chen", "zhou"], "a verification is no edit");
    assert!(editors(3).is_empty());
}

#[test]
fn more_grants_than_one_statement_asks_for() {
    let house = House::new();
    for number in 0..1_203 {
        entitled(&house, number, None);
        if number % 2 == 0 {
            verified(&house, number);
        }
    }
    let session = house.session();
    let facts = population(&session, month(1));
    assert_eq!(facts.len(), 1_203);
    let asked = Asked { item: item(), fund: fund(), month: month(1), area: area() };
    let at_once = pay_facts::population(&session, asked, PAGE);
    assert!(at_once.map(Result::unwrap).eq(facts.iter().cloned()), "whatever the page");
    assert!(facts.is_sorted_by_key(|fact| fact.grant));
    let usable = |fact: &pay_facts::Fact| fact.address.unwrap().usable == Usable::Yes;
    assert_eq!(facts.iter().filter(|fact| usable(fact)).count(), 602);
    let lines: Vec<_> =
        facts.iter().rev().map(|fact| (fact.person, fact.address.unwrap().address, 1)).collect();
    let found = pay_facts::payees(&session, &lines).unwrap();
    assert!(found.iter().zip(&lines).all(|(found, (person, ..))| {
        found.as_ref().is_some_and(|found| found.subject == person.uuid())
    }));
}
