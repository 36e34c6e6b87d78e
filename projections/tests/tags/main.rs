//! Tags with evidence in both times, and signals of warning rules, folded through the engine.

mod asks;
mod deaths;
mod house;
mod inhibited;
mod random;
#[path = "../stores/mod.rs"]
mod stores;

use benefits::grant::{ComponentAmount, EndReason, Event as Granted, Registration as Grant};
use conditions::Subject;
use definitions::{Catalogue, Source};
use projections::Scope;
use projections::engine::Signals;
use projections::tags::backtest::Backtest;
use projections::tags::{
    self as view, SIGNAL, SignalBody, SubjectFilter, TagFilter, TagRow, try_tag, try_warning,
};
use registry::person::{DeathReport, DeathSource, Event as Lived};
use shared::{AreaCode, Component, Date, FundCode, ItemId, Money, Month, Payee};

use warnings::Level;

use crate::house::{House, address, county, day, grant, person, registration};

fn lived(house: &House, number: u128, event: &Lived) {
    house.happened("person", person(number), event);
}

fn born(house: &House, number: u128) {
    lived(house, number, &Lived::Registered(registration(person(number))));
}

fn draws(house: &House, number: u128, place: u128, item: &str, from: &str) {
    let person = person(number);
    let registered = Granted::Registered(Grant {
        grant: grant(place),
        person,
        arises_from: None,
        item: ItemId::parse(item).unwrap(),
        components: vec![ComponentAmount {
            component: Component::whole(),
            amount: Money::parse("1000.00").unwrap(),
        }],
        from: Month::parse(from).unwrap(),
        to: None,
        payee: Payee::Person { person },
        fund: FundCode::parse("employee-pension").unwrap(),
        area: AreaCode::parse("320000").unwrap(),
        county: county(),
        address: address(place),
        basis: "核定表".to_owned(),
    });
    house.happened("grant", grant(place), &registered);
}

fn rows(house: &House, number: u128, tag: &str, times: TagFilter) -> Vec<TagRow> {
    let (session, scope) = (house.session(), Scope::everything("test"));
    let subject = person(number).to_string();
    let found = view::tags_of(&session, &scope, (Subject::Person, &subject), times).unwrap();
    found.into_iter().filter(|row| row.tag == tag).collect()
}

fn now() -> TagFilter {
    TagFilter::default()
}

fn spans(rows: &[TagRow]) -> Vec<(String, String, Option<String>)> {
    rows.iter()
        .map(|row| {
            let value = row.value.clone().unwrap_or_else(|| "unknown".to_owned());
            (value, row.valid_from.to_string(), row.valid_to.map(|to| to.to_string()))
        })
        .collect()
}

#[test]
fn a_value_has_its_time_and_its_evidence() {
    let house = House::published();
    born(&house, 1);
    draws(&house, 1, 1, "A1", "2026-01");
    draws(&house, 1, 2, "C2", "2026-03");
    let several = rows(&house, 1, "several-items", now());
    let told = [("true".to_owned(), "2026-03-01".to_owned(), None)];
    assert_eq!(spans(&several), told);
    let evidence = &several[0].evidence[0];
    assert_eq!((evidence.name.as_str(), evidence.value.as_deref()), ("items", Some("A1 C2")));
    assert_eq!(evidence.source, "grant.registered.v1");
    assert!(evidence.event.is_some() && evidence.position == Some(house.head().0));
    let last = Month::parse("2026-05").unwrap();
    let ended = Granted::Ended { last, reason: EndReason::Waived };
    house.happened("grant", grant(2), &ended);
    let several = rows(&house, 1, "several-items", now());
    let to = Some("2026-06-01".to_owned());
    assert_eq!(spans(&several), [("true".to_owned(), "2026-03-01".to_owned(), to)]);
    house.rebuilt_equals_live();
}

#[test]
fn a_late_death_report_changes_what_was_true_and_not_what_was_known() {
    let house = House::published();
    born(&house, 1);
    draws(&house, 1, 1, "A1", "2025-01");
    let before = house.head();
    house.on(day(3, 2));
    let report = DeathReport {
        died_on: day(1, 10),
        reported_on: day(3, 2),
        source: DeathSource::CivilAffairs,
        verify_by: day(3, 9),
    };
    lived(&house, 1, &Lived::DeathReported(report));
    let (died_on, confirmed_on) = (day(1, 10), day(3, 4));
    let source = DeathSource::CivilAffairs;
    lived(&house, 1, &Lived::DeathConfirmed { died_on, confirmed_on, source });
    let february = |known_at| TagFilter { valid_on: Some(day(2, 14)), known_at };
    // True in the world in February, and unknown to us then.
    assert_eq!(rows(&house, 1, "deceased", february(None)).len(), 1);
    assert_eq!(rows(&house, 1, "deceased", february(Some(before))).len(), 0);
    let january = TagFilter { valid_on: Some(day(1, 9)), known_at: None };
    assert_eq!(rows(&house, 1, "deceased", january).len(), 0);
    let late = rows(&house, 1, "late-death-report", now());
    assert_eq!(late.last().unwrap().evidence[0].value.as_deref(), Some("51"));
    let (session, scope) = (house.session(), Scope::everything("test"));
    let who = |times| {
        let wanted = SubjectFilter { times, value: None };
        view::subjects_with(&session, &scope, "deceased", &wanted, None, 10).unwrap().len()
    };
    assert_eq!((who(february(None)), who(february(Some(before)))), (1, 0));
    house.rebuilt_equals_live();
}

#[test]
fn what_is_missing_is_said_and_what_is_awaited_is_not_said_of_everybody() {
    let house = House::published();
    born(&house, 1);
    let late = rows(&house, 1, "late-death-report", now());
    assert!(late.is_empty(), "nobody is asked before his facts move: {late:?}");
    draws(&house, 1, 1, "A1", "2026-01");
    assert!(rows(&house, 1, "hard-to-place", now()).is_empty());
    let elsewhere = Scope {
        divisions: Some(vec![shared::DivisionCode::parse("320500").unwrap()]),
        ..Scope::everything("test")
    };
    let subject = person(1).to_string();
    let hidden = view::tags_of(&house.session(), &elsewhere, (Subject::Person, &subject), now());
    assert!(hidden.unwrap().is_empty(), "another city sees nothing");
}

#[test]
fn an_unchanged_recompute_writes_nothing_and_a_new_version_holds_from_its_position() {
    let house = House::published();
    for number in 1..=3 {
        born(&house, number);
        draws(&house, number, number, "A1", "2026-01");
    }
    let all = |times| rows(&house, 2, "payee", times);
    let first = all(now());
    // The same again: suspending and resuming brings everything back to where it was.
    let same =
        Lived::GuardianReleased { guardian: person(9), on: day(2, 1), reason: "x".to_owned() };
    lived(&house, 2, &same);
    assert_eq!(all(now()), first);
    let before = house.head();
    house.publish("tag", "payee", "when = 'size(items) > 0'", "when = 'size(items) > 1'", 2);
    assert!(all(now()).is_empty(), "nobody draws two items");
    let then = TagFilter { known_at: Some(before), ..now() };
    assert_eq!(spans(&all(then)), spans(&first));
    assert_eq!(all(then)[0].known_to, Some(house.head()));
    house.rebuilt_equals_live();
}

#[test]
fn composites_follow_what_they_read() {
    let house = House::published();
    born(&house, 1);
    draws(&house, 1, 1, "A5", "2026-01");
    assert!(rows(&house, 1, "unemployed-and-retired", now()).is_empty());
    draws(&house, 1, 2, "A3", "2026-02");
    let both = rows(&house, 1, "unemployed-and-retired", now());
    assert_eq!(spans(&both), [("true".to_owned(), "2026-02-01".to_owned(), None)]);
    assert_eq!(both[0].evidence[1].tag.as_deref(), Some("pensioner"));
    draws(&house, 1, 3, "A1", "2026-02");
    let score = rows(&house, 1, "payee-risk-score", now());
    assert_eq!(score.last().unwrap().value.as_deref(), Some("60"));
    house.rebuilt_equals_live();
}

fn signals(house: &House) -> Vec<SignalBody> {
    let found = house.session().after(SIGNAL, kernel::Position(0), 1_000).unwrap();
    found.iter().map(|signal| serde_json::from_str(&signal.payload).unwrap()).collect()
}

fn deficits(house: &House) {
    // 亿元, as published: July to December 2025.
    let figures = ["-4.0", "-41.6", "-35.1", "-12.6", "-40.5", "-19.7"];
    for (month, figure) in (7..).zip(figures) {
        let fen = figure.replace('.', "").parse::<i64>().unwrap() * 1_000_000_000;
        house.observed(
            "fund",
            "unemployment-national",
            "surplus",
            Date::constant(2025, month, 1),
            Money::from_fen(fen),
        );
    }
}

#[test]
fn a_continuing_deficit_is_a_notice_in_july_and_a_warning_from_august() {
    let house = House::published();
    deficits(&house);
    let found = signals(&house);
    let levels: Vec<&str> = found.iter().filter_map(|signal| signal.level.as_deref()).collect();
    assert_eq!(levels, ["notice", "yellow", "yellow", "yellow", "yellow", "yellow"]);
    assert!(found.iter().all(|signal| signal.rule == "fund-deficit" && signal.version == 1));
    assert_eq!(found[1].value, -416_000_000_000);
    assert_eq!(found[1].evidence[0].source, "observation.recorded.v1");
    // Repaired: the metric is back.
    house.observed(
        "fund",
        "unemployment-national",
        "surplus",
        Date::constant(2026, 1, 1),
        Money::from_fen(100),
    );
    assert_eq!(signals(&house).last().unwrap().level, None);
    // A rebuilt read model makes the same signals at the same positions, and no others.
    let before = house.session().after(SIGNAL, kernel::Position(0), 1_000).unwrap();
    house.rebuilt_equals_live();
    assert_eq!(house.session().after(SIGNAL, kernel::Position(0), 1_000).unwrap(), before);
}

#[test]
fn a_backtest_counts_cases_as_they_would_have_been_opened() {
    let house = House::published();
    deficits(&house);
    let mut sources = Source::bundled();
    let rules = sources.iter_mut().find(|one| one.text.contains("id = \"fund-deficit\"")).unwrap();
    rules.text = rules.text.replacen("cooldown_days = 0", "cooldown_days = 30", 1);
    let catalogue = Catalogue::load(&sources).unwrap();
    let mut trial = try_warning(&catalogue, "fund-deficit").unwrap();
    house.events().iter().for_each(|event| trial.fold(event).unwrap());
    let found = Backtest::of(&trial);
    let [case] = found.cases.as_slice() else { panic!("one case: {found:?}") };
    assert_eq!((case.worst, case.signals), (Level::Yellow, 6));
    assert_eq!((case.value, case.cleared_on), (-416_000_000_000, None));
    assert_eq!((found.subjects(), found.position), (1, house.head()));
    let counted: Vec<u64> = found.levels().iter().map(|(_, number)| *number).collect();
    assert_eq!(counted, [0, 1, 0, 0]);
    // The metric is back: what comes within the cooldown is the same case, later another one.
    let surplus = |month, yuan| {
        let on = Date::constant(2026, month, 1);
        house.observed("fund", "unemployment-national", "surplus", on, Money::from_fen(yuan));
    };
    house.on(day(2, 1));
    surplus(1, 100);
    house.on(day(2, 20));
    surplus(2, -100);
    house.on(day(3, 1));
    surplus(3, 100);
    house.on(day(6, 1));
    surplus(6, -100);
    let mut trial = try_warning(&catalogue, "fund-deficit").unwrap();
    house.events().iter().for_each(|event| trial.fold(event).unwrap());
    let found = Backtest::of(&trial);
    let days: Vec<Date> = found.cases.iter().map(|case| case.on).collect();
    assert_eq!(days, [day(1, 20), day(6, 1)]);
    assert_eq!(found.cases[0].cleared_on, Some(day(3, 1)));
}

#[test]
fn a_trial_says_what_a_rule_would_have_done_and_raises_nothing() {
    let house = House::published();
    for number in 1..=7 {
        born(&house, number);
        draws(&house, number, number, if number > 4 { "A3" } else { "A1" }, "2026-01");
    }
    deficits(&house);
    let catalogue = Catalogue::load(&Source::bundled()).unwrap();
    let mut trial = try_tag(&catalogue, "resident-pensioner").unwrap();
    house.events().iter().for_each(|event| trial.fold(event).unwrap());
    assert_eq!(
        trial.population(day(2, 1), &Scope::everything("test")).values.get("true"),
        Some(&3)
    );
    let mut trial = try_warning(&catalogue, "fund-deficit").unwrap();
    house.events().iter().for_each(|event| trial.fold(event).unwrap());
    let live = signals(&house);
    let tried: Vec<_> = trial.signals().map(|(_, _, body)| &body.level).collect();
    assert_eq!(tried, live.iter().map(|body| &body.level).collect::<Vec<_>>());
    assert!(try_warning(&catalogue, "nobody").is_err());
}
