//! What is known of people, and who may see it.

use projections::Scope;
use projections::people::{self, Life, PersonFilter};
use registry::person::{
    Contact, Correction, DeathReport, DeathSource, DeathStage, Event, GroupId, IdentityKind,
    IdentityNumber, Registration,
};
use shared::{PersonId, Sex};

use crate::house::{House, day, division, month, person, sealed};

pub fn registration(id: PersonId, county: &str) -> Registration {
    Registration {
        person: id,
        name: sealed("name"),
        number: IdentityNumber { kind: IdentityKind::ResidentId, sealed: sealed("number") },
        sex: Sex::Female,
        birth: month(3),
        county: division(county),
    }
}

fn everything() -> Scope {
    Scope::everything("test")
}

fn within(area: &str) -> Scope {
    Scope { divisions: Some(vec![division(area)]), ..everything() }
}

fn registered(house: &House, number: u128, county: &str) {
    let event = Event::Registered(registration(person(number), county));
    house.happened("person", person(number), &event);
}

#[test]
fn a_person_is_what_was_last_said_of_him() {
    let house = House::new();
    registered(&house, 1, "320602");
    let nothing = Correction {
        name: None,
        number: None,
        sex: None,
        birth: None,
        county: None,
        reason: "更正".to_owned(),
        by: "wu".to_owned(),
        second: None,
    };
    let corrected = Correction {
        name: Some(sealed("new name")),
        sex: Some(Sex::Male),
        county: Some(division("320612")),
        ..nothing
    };
    house.happened("person", person(1), &Event::DetailsCorrected(corrected));
    let phone = Contact { phone: Some(sealed("phone")), ..Contact::default() };
    let home = Contact { usual_address: Some(sealed("home")), ..Contact::default() };
    for contact in [phone, home] {
        house.happened("person", person(1), &Event::ContactChanged(contact));
    }
    let session = house.session();
    let row = people::person(&session, &everything(), person(1)).unwrap().unwrap();
    assert_eq!((row.sex, row.birth, row.county), (Sex::Male, month(3), division("320612")));
    assert_eq!((&row.name, &row.number), (&sealed("new name"), &sealed("number")));
    assert_eq!((&row.phone, &row.usual_address), (&Some(sealed("phone")), &Some(sealed("home"))));
    assert_eq!((row.revision.0, row.position), (4, house.head()));
    assert_eq!((row.life, row.merged_into, row.members), (Life::Alive, None, 0));
}

#[test]
fn a_death_is_reported_confirmed_and_withdrawn() {
    let house = House::new();
    registered(&house, 1, "320602");
    let lived = |house: &House| {
        let session = house.session();
        let row = people::person(&session, &everything(), person(1)).unwrap().unwrap();
        (row.life, row.died_on, row.death_source, row.verify_by)
    };
    let report = DeathReport {
        died_on: day(1),
        reported_on: day(2),
        source: DeathSource::Bank,
        verify_by: day(9),
    };
    house.happened("person", person(1), &Event::DeathReported(report));
    let reported = (Life::DeathReported, Some(day(1)), Some(DeathSource::Bank), Some(day(9)));
    assert_eq!(lived(&house), reported);
    let confirmed = Event::DeathConfirmed {
        died_on: day(2),
        confirmed_on: day(4),
        source: DeathSource::Police,
    };
    house.happened("person", person(1), &confirmed);
    assert_eq!(lived(&house), (Life::Dead, Some(day(2)), Some(DeathSource::Police), None));
    let withdrawn = Event::DeathReportWithdrawn {
        died_on: day(2),
        withdrawn_on: day(5),
        stage: DeathStage::Confirmed,
        reason: "误报".to_owned(),
        approver: Some("wu".to_owned()),
    };
    house.happened("person", person(1), &withdrawn);
    assert_eq!(lived(&house), (Life::Alive, None, None, None));
    house.rebuilt_equals_live();
}

#[test]
fn ids_that_were_merged_are_found_under_the_one_that_stays() {
    let house = House::new();
    for number in [1, 2, 3] {
        registered(&house, number, "320602");
    }
    let group = GroupId::of(person(1));
    for number in [2, 3] {
        let reason = "一人多号".to_owned();
        let merged = Event::Merged { into: person(1), group, reason };
        house.happened("person", person(number), &merged);
        let absorbed = Event::Absorbed { person: person(number), group };
        house.happened("person", person(1), &absorbed);
    }
    let split = Event::Split { from: person(1), group, reason: "两人".to_owned() };
    house.happened("person", person(3), &split);
    house.happened("person", person(1), &Event::Separated { person: person(3), group });
    let session = house.session();
    let survivor = people::person(&session, &everything(), person(1)).unwrap().unwrap();
    assert_eq!((survivor.members, survivor.group_id), (1, Some(group)));
    let members = people::members(&session, &everything(), person(1)).unwrap();
    assert_eq!(members.iter().map(|row| row.person).collect::<Vec<_>>(), [person(2)]);
    let alone = people::person(&session, &everything(), person(3)).unwrap().unwrap();
    assert_eq!((alone.merged_into, alone.group_id), (None, None));
    let counted = |with_merged| {
        let filter = PersonFilter { with_merged, ..PersonFilter::default() };
        people::count(&session, &everything(), &filter).unwrap()
    };
    assert_eq!((counted(false), counted(true)), (2, 3));
}

#[test]
fn a_scope_hides_the_people_of_other_divisions() {
    let house = House::new();
    for (number, county) in [(1, "320602"), (2, "320612"), (3, "320602"), (4, "320505")] {
        registered(&house, number, county);
    }
    let session = house.session();
    let all = [1, 2, 3, 4].map(person);
    let seen = |scope: &Scope| {
        let rows = people::many(&session, scope, &all).unwrap();
        rows.into_iter().map(|row| row.person).collect::<Vec<_>>()
    };
    assert_eq!(seen(&everything()), all);
    assert_eq!(seen(&within("320602")), [1, 3].map(person));
    assert_eq!(seen(&within("320600")), [1, 2, 3].map(person));
    assert_eq!(people::person(&session, &within("320602"), person(2)).unwrap(), None);
    let none = Scope { divisions: Some(vec![]), ..everything() };
    assert_eq!(seen(&none), []);
    // Narrower than the scope, and page by page.
    let filter = PersonFilter { county: Some(division("320600")), ..PersonFilter::default() };
    let page = |after, limit| {
        let rows = people::persons(&session, &everything(), &filter, after, limit).unwrap();
        rows.into_iter().map(|row| row.person).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 2), [1, 2].map(person));
    assert_eq!(page(Some(person(2)), 2), [person(3)]);
    assert_eq!(people::count(&session, &within("320602"), &filter).unwrap(), 2);
    let born = PersonFilter { born_from: Some(month(4)), ..PersonFilter::default() };
    assert_eq!(people::count(&session, &everything(), &born).unwrap(), 0);
}
