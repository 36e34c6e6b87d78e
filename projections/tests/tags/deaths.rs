//! What was instructed for months after a death, however equal the months are.

use conditions::Subject;
use disbursement::batch::{Attempt, Event as Sent, Header};
use kernel::Position;
use projections::Scope;
use projections::tags::facts_of;
use registry::person::{DeathSource, DeathStage, Event as Lived};
use shared::{BankCode, Component, Date, ItemId, Money, Month};

use crate::house::{House, day, person};
use crate::{born, lived, now, rows, signals, spans};

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

/// A batch of a month, with what it instructs for person 1: for which month, and how much.
fn instructed(house: &House, of: &str, lines: &[(Option<&str>, &str)]) {
    composed(house, (of, 1), lines);
}

/// The same, composed so many times: a bank refused the ones before.
fn composed(house: &House, (of, times): (&str, u32), lines: &[(Option<&str>, &str)]) -> String {
    let batch = format!("A1-{of}-320600-1-1-BOC-{times}");
    let opened = Sent::Opened(Header {
        plan: format!("A1-{of}-320600-1"),
        part: 1,
        bank: BankCode::parse("BOC").unwrap(),
        item: ItemId::parse("A1").unwrap(),
        month: month(of),
        account: "employee-pension-320600-NT01-2026".to_owned(),
        seen: Position(1),
    });
    house.happened("batch", &batch, &opened);
    let attempt = |(line, (owed, sum)): (u32, &(Option<&str>, &str))| Attempt {
        line,
        person: person(1),
        component: Component::whole(),
        month: owed.map(month),
        adjustment: 0,
        number: 1,
        amount: Money::parse(sum).unwrap(),
    };
    let lines = (0..).zip(lines).map(attempt).collect();
    house.happened("batch", &batch, &Sent::LinesComposed { chunk: 0, lines });
    batch
}

fn dies(house: &House, on: Date, confirmed_on: Date) {
    house.on(confirmed_on);
    let source = DeathSource::CivilAffairs;
    lived(house, 1, &Lived::DeathConfirmed { died_on: on, confirmed_on, source });
}

/// The last value of one of the person's facts.
fn fact(house: &House, name: &str) -> String {
    let (session, scope) = (house.session(), Scope::everything("test"));
    let known = facts_of(&session, &scope, Subject::Person, &person(1).to_string()).unwrap();
    let line = known.into_iter().find(|(fact, _)| fact == name).map(|(_, line)| line);
    line.and_then(|line| line.steps().last()?.value.clone()).unwrap().to_string()
}

#[test]
fn equal_months_after_a_death_are_counted_each() {
    let house = House::published();
    born(&house, 1);
    for of in ["2025-12", "2026-01", "2026-02", "2026-03"] {
        instructed(&house, of, &[(None, "1000.00")]);
    }
    dies(&house, day(1, 10), day(3, 20));
    assert_eq!(fact(&house, "paid_after_death"), "2");
    let levels: Vec<_> = signals(&house)
        .into_iter()
        .filter(|signal| signal.rule == "dead-payee")
        .map(|signal| (signal.level.unwrap(), signal.value))
        .collect();
    assert_eq!(levels, [("orange".to_owned(), 2)]);
    assert_eq!(spans(&rows(&house, 1, "paid-after-death", now())).len(), 1);
    // One more, paid for another month than its batch is of.
    instructed(&house, "2026-05", &[(Some("2026-04"), "1000.00"), (Some("2026-01"), "80.00")]);
    assert_eq!(fact(&house, "paid_after_death"), "3");
    let last = signals(&house).into_iter().rfind(|signal| signal.rule == "dead-payee").unwrap();
    assert_eq!(last.level.as_deref(), Some("red"));
    house.rebuilt_equals_live();
}

#[test]
fn what_a_refused_batch_instructed_counts_with_the_next_one() {
    let house = House::published();
    born(&house, 1);
    let february: &[(Option<&str>, &str)] = &[(None, "1000.00"), (Some("2026-01"), "80.00")];
    instructed(&house, "2026-01", &[(None, "1000.00")]);
    let first = composed(&house, ("2026-02", 1), february);
    house.happened("batch", &first, &Sent::Rejected { reason: "FORMAT".to_owned() });
    let second = composed(&house, ("2026-02", 2), february);
    let (by, reason) = ("kuai".to_owned(), "wrong day".to_owned());
    house.happened("batch", &second, &Sent::Withdrawn { by, reason });
    assert_eq!(fact(&house, "instructed"), "0.00");
    composed(&house, ("2026-02", 3), february);
    assert_eq!(fact(&house, "instructed"), "1000.00");
    assert_eq!(fact(&house, "instructed_change"), "-740");
    house.rebuilt_equals_live();
}

#[test]
fn a_corrected_day_of_death_counts_anew() {
    let house = House::published();
    born(&house, 1);
    for of in ["2026-01", "2026-02", "2026-03"] {
        instructed(&house, of, &[(None, "1000.00")]);
    }
    dies(&house, day(3, 1), day(3, 20));
    assert_eq!(fact(&house, "paid_after_death"), "0");
    dies(&house, day(1, 31), day(3, 25));
    assert_eq!(fact(&house, "paid_after_death"), "2");
    let withdrawn = Lived::DeathReportWithdrawn {
        died_on: day(1, 31),
        withdrawn_on: day(3, 26),
        stage: DeathStage::Confirmed,
        reason: "误报".to_owned(),
        approver: Some("wu".to_owned()),
    };
    lived(&house, 1, &withdrawn);
    assert_eq!(fact(&house, "paid_after_death"), "0");
}

#[test]
fn a_sum_that_comes_late_changes_the_step_to_the_next_month() {
    let house = House::published();
    born(&house, 1);
    instructed(&house, "2026-01", &[(None, "1000.00")]);
    instructed(&house, "2026-02", &[(None, "2000.00")]);
    assert_eq!(fact(&house, "instructed_change"), "10000");
    instructed(&house, "2026-03", &[(Some("2026-01"), "1000.00")]);
    assert_eq!(fact(&house, "instructed_change"), "0");
    // A month without any is no step to nothing.
    instructed(&house, "2026-04", &[(None, "2000.00")]);
    assert_eq!(fact(&house, "instructed_change"), "0");
}
