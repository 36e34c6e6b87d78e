//! Publishing a definition: the rules, and the catalogue of a business date.

use definitions::publication::{Command, Event, Publication, Refusal, SYSTEM, first_start, stream};
use definitions::{Catalogue, History, digest};
use kernel::{Decider, given};
use shared::{Date, Money};

const ID: &str = "resident-pension-basic";
const OLD: &str = r#"{"id":"resident-pension-basic","name":{"en":"Basic","zh":"基础养老金"},"source":"notice","type":"money","values":[{"from":"2025-01-01","source":"notice","value":"260.00"}]}"#;
const NEW: &str = r#"{"id":"resident-pension-basic","name":{"en":"Basic","zh":"基础养老金"},"source":"notice","type":"money","values":[{"from":"2025-01-01","source":"notice","value":"260.00"},{"from":"2026-01-01","source":"notice of 2 March","value":"280.00"}]}"#;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn publish(body: &str, from: &str, author: &str, approver: &str, reason: Option<&str>) -> Command {
    Command::Publish {
        kind: "parameter".to_owned(),
        id: ID.to_owned(),
        body: body.to_owned(),
        digest: digest("parameter", body),
        from: day(from),
        author: author.to_owned(),
        approver: approver.to_owned(),
        reason: reason.map(str::to_owned),
    }
}

fn published(version: u32, body: &str, from: &str, author: &str, approver: &str) -> Event {
    Event::Published {
        kind: "parameter".to_owned(),
        id: ID.to_owned(),
        version,
        digest: digest("parameter", body),
        from: day(from),
        body: body.to_owned(),
        author: author.to_owned(),
        approver: approver.to_owned(),
        reason: None,
    }
}

fn retire(from: &str) -> Command {
    Command::Retire {
        kind: "parameter".to_owned(),
        id: ID.to_owned(),
        from: day(from),
        author: "li".to_owned(),
        approver: "wang".to_owned(),
        reason: "replaced by the province's".to_owned(),
    }
}

fn retired(version: u32, from: &str) -> Event {
    Event::Retired {
        kind: "parameter".to_owned(),
        id: ID.to_owned(),
        version,
        from: day(from),
        author: "li".to_owned(),
        approver: "wang".to_owned(),
        reason: "replaced by the province's".to_owned(),
    }
}

#[test]
fn a_new_version_follows_the_one_of_the_system() {
    given::<Publication>([])
        .when(publish(OLD, "2025-01-01", SYSTEM, SYSTEM, None))
        .then([published(1, OLD, "2025-01-01", SYSTEM, SYSTEM)])
        .when(publish(NEW, "2026-01-01", "li", "wang", None))
        .then([published(2, NEW, "2026-01-01", "li", "wang")]);
}

#[test]
fn the_system_publishes_only_the_first_version() {
    given::<Publication>([published(1, OLD, "2025-01-01", SYSTEM, SYSTEM)])
        .when(publish(NEW, "2026-01-01", SYSTEM, SYSTEM, None))
        .then_refused(Refusal::SystemAfterFirst { next: 2 });
    given::<Publication>([published(1, OLD, "2025-01-01", SYSTEM, SYSTEM)])
        .when(publish(NEW, "2026-01-01", "li", SYSTEM, None))
        .then_refused(Refusal::SystemAfterFirst { next: 2 });
}

#[test]
fn nobody_approves_what_he_wrote() {
    given::<Publication>([])
        .when(publish(OLD, "2025-01-01", "li", "li", None))
        .then_refused(Refusal::ApprovedByAuthor { person: "li".to_owned() });
}

#[test]
fn the_same_again_is_no_version() {
    given::<Publication>([published(1, OLD, "2025-01-01", SYSTEM, SYSTEM)])
        .when(publish(OLD, "2026-01-01", "li", "wang", None))
        .then_refused(Refusal::Unchanged { version: 1 });
}

#[test]
fn reaching_back_before_the_version_before_needs_a_reason() {
    let history = || [published(1, OLD, "2025-01-01", SYSTEM, SYSTEM)];
    let refusal = Refusal::BeforePrevious {
        from: day("2024-07-01"),
        previous: day("2025-01-01"),
        version: 1,
    };
    given::<Publication>(history())
        .when(publish(NEW, "2024-07-01", "li", "wang", None))
        .then_refused(refusal.clone());
    given::<Publication>(history())
        .when(publish(NEW, "2024-07-01", "li", "wang", Some("  ")))
        .then_refused(refusal);
    let mut corrected = published(2, NEW, "2024-07-01", "li", "wang");
    if let Event::Published { reason, .. } = &mut corrected {
        *reason = Some("the notice was misread".to_owned());
    }
    given::<Publication>(history())
        .when(publish(NEW, "2024-07-01", "li", "wang", Some("the notice was misread")))
        .then([corrected]);
}

#[test]
fn what_is_approved_is_what_is_published() {
    let mut other = publish(OLD, "2025-01-01", "li", "wang", None);
    if let Command::Publish { body, .. } = &mut other {
        *body = OLD.replace("260.00", "960.00");
    }
    given::<Publication>([]).when(other).then_refused(Refusal::OtherDigest {
        given: digest("parameter", OLD),
        computed: digest("parameter", &OLD.replace("260.00", "960.00")),
    });
    let spaced = OLD.replace(':', ": ");
    given::<Publication>([])
        .when(publish(&spaced, "2025-01-01", "li", "wang", None))
        .then_refused(Refusal::NotCanonical);
}

#[test]
fn only_what_is_in_force_can_be_retired() {
    given::<Publication>([]).when(retire("2027-01-01")).then_refused(Refusal::NotPublished);
    given::<Publication>([published(1, OLD, "2025-01-01", "li", "wang")])
        .when(retire("2027-01-01"))
        .then([retired(1, "2027-01-01")])
        .when(retire("2027-02-01"))
        .then_refused(Refusal::AlreadyRetired { from: day("2027-01-01") });
}

#[test]
fn a_retired_definition_may_return_as_the_next_version() {
    given::<Publication>([published(1, OLD, "2025-01-01", "li", "wang"), retired(1, "2027-01-01")])
        .when(publish(OLD, "2028-01-01", "li", "wang", None))
        .then([published(2, OLD, "2028-01-01", "li", "wang")]);
}

#[test]
fn the_catalogue_goes_by_business_date() {
    let mut history = History::default();
    history.apply(&published(1, OLD, "2025-01-01", SYSTEM, SYSTEM));
    history.apply(&published(2, NEW, "2026-01-01", "li", "wang"));
    history.apply(&retired(2, "2027-01-01"));

    let amount = |on: &str| {
        let catalogue = history.as_of(day(on)).unwrap();
        let parameter = catalogue.parameter(ID).map(|found| found.money_on(day(on)));
        parameter.ok().map(Result::unwrap)
    };
    assert_eq!(amount("2024-12-31"), None);
    assert_eq!(amount("2025-12-31"), Some(Money::parse("260.00").unwrap()));
    assert_eq!(amount("2026-01-01"), Some(Money::parse("280.00").unwrap()));
    assert_eq!(amount("2027-01-01"), None);
    assert_eq!(history.pinned("parameter", ID, 1).unwrap().body.as_ref().unwrap().text, OLD);
}

#[test]
fn a_correction_that_reaches_back_puts_aside_what_it_corrects() {
    let mut history = History::default();
    history.apply(&published(1, OLD, "2025-01-01", SYSTEM, SYSTEM));
    history.apply(&published(2, NEW, "2026-01-01", "li", "wang"));
    history.apply(&published(3, OLD, "2025-06-01", "li", "wang"));
    let in_force = |on: &str| history.on("parameter", ID, day(on)).map(|one| one.version);
    assert_eq!(in_force("2025-05-31"), Some(1));
    assert_eq!(in_force("2025-06-01"), Some(3));
    assert_eq!(in_force("2026-02-01"), Some(3));
}

#[test]
fn the_first_start_publishes_the_bundled_catalogue() {
    let bundled = Catalogue::bundled().unwrap();
    let mut history = History::default();
    for (name, command) in first_start(&bundled, day("2000-01-01")) {
        let events = Publication::default().decide(command).unwrap();
        let [event @ Event::Published { kind, id, .. }] = events.as_slice() else {
            panic!("one event each, not {events:?}");
        };
        assert_eq!(name, stream(kind, id));
        history.apply(event);
    }
    let published = history.as_of(day("2026-03-01")).unwrap();
    assert_eq!(bundled.diff(&published), []);
    assert_eq!(bundled.items(), published.items());
}

#[test]
fn what_does_not_fit_together_on_a_date_is_told() {
    let bundled = Catalogue::bundled().unwrap();
    let mut history = History::default();
    for (_, command) in first_start(&bundled, day("2000-01-01")) {
        for event in Publication::default().decide(command).unwrap() {
            history.apply(&event);
        }
    }
    history.apply(&Event::Retired {
        kind: "fund".to_owned(),
        id: "injury".to_owned(),
        version: 1,
        from: day("2027-01-01"),
        author: "li".to_owned(),
        approver: "wang".to_owned(),
        reason: "merged".to_owned(),
    });
    assert!(history.as_of(day("2026-12-31")).is_ok());
    let mistakes = history.as_of(day("2027-01-01")).unwrap_err();
    let told: Vec<&str> = mistakes.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(told, ["item/A6 version 1", "item/A7 version 1", "item/A8 version 1"]);
}

#[test]
fn the_events_are_stored_under_these_names() {
    use kernel::Event as _;
    assert_eq!(Event::types(), ["definition.published.v1", "definition.retired.v1"]);
    insta::assert_snapshot!(published(1, OLD, "2025-01-01", SYSTEM, SYSTEM).encode().data);
}
