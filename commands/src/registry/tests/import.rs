//! Many people at once.

use shared::PersonId;

use super::town::{anybody, entry, envelope, everything, registered, resident};
use crate::bulk::{Bulk, Row};
use crate::fixture::World;
use crate::registry::{RegisterPerson, Registry};

fn rows(count: u32) -> Vec<RegisterPerson> {
    (0..count).map(|index| entry(&format!("居民{index}"), anybody(index + 10))).collect()
}

fn codes(bulk: &Bulk<PersonId>) -> Vec<(usize, &str)> {
    bulk.refused().map(|(place, refused)| (place, refused.code.as_str())).collect()
}

#[tokio::test]
async fn three_bad_rows_among_a_thousand_are_reported_and_the_others_stand() {
    let world = World::new();
    let known = registered(&world.executor, 1).await;
    let registry = Registry::new(world.executor.clone());
    let mut rows = rows(1_000);
    rows[10] = entry("甲", resident(1));
    rows[600].number = rows[20].number.clone();
    rows[999] = entry("乙", "123");
    let asked = envelope("import");
    let bulk = registry.register_persons(&asked, &rows).await.unwrap();
    let expected = [
        (10, "PERSON_NUMBER_REGISTERED"),
        (600, "PERSON_NUMBER_REGISTERED"),
        (999, "NUMBER_LENGTH"),
    ];
    assert_eq!(codes(&bulk), expected);
    assert_eq!(bulk.done().count(), 997);
    let holder = |place: usize| match &bulk.rows[place] {
        Row::Refused(refused) => refused.param("holder").map(str::to_owned),
        Row::Done(_) => None,
    };
    assert_eq!(holder(10), Some(format!("person-{known}")));
    let Row::Done(twentieth) = &bulk.rows[20] else { panic!("the first of two stands") };
    assert_eq!(holder(600), Some(format!("person-{twentieth}")));
    let registered =
        world.log.events().iter().filter(|event| event.type_name == "person.registered.v1").count();
    assert_eq!(registered, 998);

    // Asked again, every row has its first outcome, and nothing is written.
    let events = world.log.events().len();
    let again = registry.register_persons(&asked, &rows).await.unwrap();
    assert_eq!((again, world.log.events().len()), (bulk, events));

    let text = everything(&world, &[]).await;
    for clear in ["居民20", &anybody(30)] {
        assert!(!text.contains(clear), "{clear} stands in clear");
    }
}

#[tokio::test]
async fn a_number_twice_in_one_piece_goes_to_the_first_row() {
    let world = World::new();
    let mut rows = rows(5);
    rows[3].number = rows[1].number.clone();
    rows[4].person = Some(PersonId::from_uuid(uuid::Uuid::from_u128(7)));
    let registry = Registry::new(world.executor.clone());
    let bulk = registry.register_persons(&envelope("i"), &rows).await.unwrap();
    assert_eq!(codes(&bulk), [(3, "PERSON_NUMBER_REGISTERED")]);
    // The id that the caller gave is taken now.
    let mut late = entry("丙", anybody(99));
    late.person = rows[4].person;
    let bulk = registry.register_persons(&envelope("j"), &[late]).await.unwrap();
    assert_eq!(codes(&bulk), [(0, "PERSON_ALREADY_REGISTERED")]);
}

#[tokio::test]
async fn two_imports_of_the_same_people_register_each_once() {
    let world = World::new();
    let rows = rows(700);
    let (mine, other) = (
        Registry::new(crate::fixture::Lagging::over(&world.executor)),
        Registry::new(world.other_node()),
    );
    let (one, two) = (envelope("one"), envelope("two"));
    let (one, two) =
        tokio::join!(mine.register_persons(&one, &rows), other.register_persons(&two, &rows));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.done().count() + two.done().count(), 700);
    assert_eq!(one.refused().count() + two.refused().count(), 700);
}
