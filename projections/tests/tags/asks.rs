//! Tags that ask: what follows from an answer, until the next one.

use conditions::Subject;
use projections::Scope;
use projections::tags::{TagRow, tags_of};
use shared::Date;
use tags::query::{Event, Figure, Run};

use crate::house::{House, day};
use crate::{now, spans};

const TAG: &str = "bank-month-over-limit";

fn told(house: &House, due: Date, indicator: &str, figures: &[(&str, Option<i64>)]) {
    house.on(due);
    let figure = |(subject, value): &(&str, Option<i64>)| Figure {
        subject: (*subject).to_owned(),
        value: *value,
    };
    let run = Run {
        tag: TAG.to_owned(),
        digest: "ab12".to_owned(),
        indicator: indicator.to_owned(),
        indicator_digest: "cd34".to_owned(),
        due,
        span: "2026-02".to_owned(),
        known_at: house.head().0,
        kind: "bank".to_owned(),
        figures: figures.iter().map(figure).collect(),
    };
    house.happened("tag_query", TAG, &Event::Ran(run));
}

fn of(house: &House, bank: &str) -> Vec<TagRow> {
    let (session, scope) = (house.session(), Scope::everything("test"));
    let found = tags_of(&session, &scope, (Subject::Bank, bank), now()).unwrap();
    found.into_iter().filter(|row| row.tag == TAG).collect()
}

#[test]
fn an_answer_holds_until_the_next_one_and_is_its_evidence() {
    let house = House::published();
    told(&house, day(3, 4), "return-rate", &[("BOC", Some(210)), ("CMB", Some(20))]);
    let at = house.head();
    let boc = of(&house, "BOC");
    assert_eq!(spans(&boc), [("true".to_owned(), "2026-03-04".to_owned(), None)]);
    let evidence = &boc[0].evidence[0];
    assert_eq!((evidence.name.as_str(), evidence.value.as_deref()), ("return-rate", Some("210")));
    assert_eq!((evidence.source.as_str(), evidence.position), ("tag.query-ran.v1", Some(at.0)));
    assert!(of(&house, "CMB").is_empty(), "a flag that is not set");
    // A month later: the one is better, the other has nothing any more.
    told(&house, day(4, 3), "return-rate", &[("BOC", Some(100)), ("CMB", None)]);
    let ended = Some("2026-04-03".to_owned());
    assert_eq!(spans(&of(&house, "BOC")), [("true".to_owned(), "2026-03-04".to_owned(), ended)]);
    house.rebuilt_equals_live();
}

#[test]
fn a_new_threshold_judges_what_was_told_and_another_indicator_does_not() {
    let house = House::published();
    told(&house, day(3, 4), "return-rate", &[("BOC", Some(160))]);
    assert_eq!(of(&house, "BOC")[0].value.as_deref(), Some("true"));
    house.publish("tag", TAG, "above = \"150\"\n", "above = \"200\"\n", 2);
    assert!(of(&house, "BOC").is_empty(), "160 is not so bad any more");
    told(&house, day(4, 3), "payment-rate", &[("BOC", Some(9_000))]);
    assert!(of(&house, "BOC").is_empty(), "nobody reads what another version asked");
    told(&house, day(5, 8), "return-rate", &[("BOC", Some(300))]);
    assert_eq!(of(&house, "BOC")[0].valid_from, day(5, 8));
    house.rebuilt_equals_live();
}
