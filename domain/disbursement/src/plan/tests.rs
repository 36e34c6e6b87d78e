//! The rules of a plan, by their numbers in INVENTORY 3.4 and DISBURSEMENT section 2.

use std::collections::BTreeSet;

use kernel::Position;
use kernel::given;
use shared::Money;

use super::*;
use crate::city::world::{bank, header, item, month, yuan};

const SUM: Totals = Totals { lines: 2, gross: Money::from_fen(200_000), deductions: Money::ZERO };

fn opened() -> Event {
    Event::Opened(header(item(0), month(1), 1))
}

fn frozen(grants: u32) -> Event {
    Event::PopulationFrozen { at: Position(7), grants, digest: "list".to_owned() }
}

fn part(excluded: u32) -> Event {
    Event::PartCalculated { part: 0, grants: 2, totals: SUM, excluded }
}

fn calculated() -> Vec<Event> {
    vec![opened(), frozen(3), part(1), Event::Calculated { totals: SUM, excluded: 1 }]
}

fn reviewed(people: &[(&str, &str)]) -> Vec<Event> {
    let mut events = calculated();
    events.push(Event::Submitted { by: "hu".to_owned() });
    events.extend(people.iter().map(|(role, by)| said(role, by)));
    events
}

fn said(role: &str, by: &str) -> Event {
    Event::Reviewed { role: role.to_owned(), by: by.to_owned() }
}

fn review(role: &str, by: &str) -> Command {
    let address_editors = BTreeSet::from(["wang".to_owned()]);
    Command::Review { role: role.to_owned(), by: by.to_owned(), address_editors }
}

fn funded() -> Vec<Event> {
    let mut events = reviewed(&[("checker", "chen"), ("accountant", "kuai")]);
    events.push(Event::Approved { lines: 2, net: SUM.net() });
    events.push(Event::FundsReserved { account: "book".to_owned(), amount: SUM.net() });
    events
}

fn batch(name: &str, total: Money) -> ComposedBatch {
    ComposedBatch { batch: name.to_owned(), part: 0, bank: bank(0), lines: 1, total }
}

fn composed(name: &str, total: Money) -> Event {
    let ComposedBatch { batch, part, bank, lines, total } = batch(name, total);
    Event::BatchComposed { batch, part, bank, lines, total }
}

#[test]
fn r4_the_frozen_list_is_calculated_and_excluded() {
    given::<Plan>([opened(), frozen(3), part(1)])
        .when(Command::FinishCalculation)
        .then([Event::Calculated { totals: SUM, excluded: 1 }]);
    given::<Plan>([opened(), frozen(4), part(1)])
        .when(Command::FinishCalculation)
        .then_refused(Error::CountDiffers { frozen: 4, calculated: 2, excluded: 1 });
}

#[test]
fn r5_the_last_level_approves() {
    given::<Plan>(reviewed(&[("checker", "chen")]))
        .when(review("accountant", "kuai"))
        .then([said("accountant", "kuai"), Event::Approved { lines: 2, net: SUM.net() }]);
}

#[test]
fn r5_a_high_sum_passes_one_more_level() {
    let high = Totals { lines: 2, gross: yuan(8_001), deductions: Money::ZERO };
    given::<Plan>([
        opened(),
        frozen(2),
        Event::Calculated { totals: high, excluded: 0 },
        Event::Submitted { by: "hu".to_owned() },
        said("checker", "chen"),
    ])
    .when(review("accountant", "kuai"))
    .then_refused(Error::WrongRole {
        expected: "section-head".to_owned(),
        given: "accountant".to_owned(),
    });
}

#[test]
fn r5_every_level_is_another_person_and_no_editor_of_addresses() {
    let by = |by: &str| by.to_owned();
    for (role, who, refused) in [
        ("checker", "hu", Error::SamePerson { by: by("hu") }),
        ("checker", "wang", Error::EditedAddresses { by: by("wang") }),
        ("cashier", "chen", Error::WrongRole { expected: by("checker"), given: by("cashier") }),
    ] {
        given::<Plan>(reviewed(&[])).when(review(role, who)).then_refused(refused);
    }
}

#[test]
fn r5_a_plan_sent_back_starts_its_review_anew() {
    let mut events = reviewed(&[("checker", "chen")]);
    let (role, by, reason) = ("accountant".to_owned(), "kuai".to_owned(), "why?".to_owned());
    events.push(Event::SentBack { role, by, reason });
    let plan = given::<Plan>(events).state();
    assert_eq!((plan.stage, plan.acted.len()), (Stage::Calculated, 0));
}

#[test]
fn r5_a_chain_has_a_level_for_every_sum() {
    let mut header = header(item(0), month(1), 1);
    header.chain.retain(|step| step.above.is_some());
    given::<Plan>([]).when(Command::Open(header)).then_refused(Error::NoChain);
}

#[test]
fn r6_the_whole_net_is_reserved() {
    let mut events = funded();
    events.pop();
    let account = "book".to_owned();
    given::<Plan>(events)
        .when(Command::ReserveFunds { account, amount: yuan(1) })
        .then_refused(Error::WrongAmount { amount: yuan(1), net: SUM.net() });
}

#[test]
fn r13_what_is_held_is_not_instructed_and_nothing_is_left_over() {
    let mut events = funded();
    events.push(composed("one", yuan(1_000)));
    let finish = |held: Money| Command::FinishComposition { held_lines: 1, held, netted_lines: 0 };
    given::<Plan>(events.clone()).when(finish(yuan(1_000))).then([Event::Composed {
        instructed_lines: 1,
        instructed: yuan(1_000),
        held_lines: 1,
        held: yuan(1_000),
    }]);
    given::<Plan>(events).when(finish(yuan(999))).then_refused(Error::NotWhole {
        composed: yuan(1_000),
        held: yuan(999),
        net: SUM.net(),
        composed_lines: 1,
        held_lines: 1,
        netted_lines: 0,
        lines: 2,
    });
}

#[test]
fn a_freed_batch_opens_composing_again_under_another_name() {
    let mut events = funded();
    events.extend([composed("one", yuan(1_000)), composed("two", yuan(1_000))]);
    events.push(Event::Composed {
        instructed_lines: 2,
        instructed: yuan(2_000),
        held_lines: 0,
        held: Money::ZERO,
    });
    let free = Command::FreeBatch { batch: "one".to_owned() };
    let freed = given::<Plan>(events).when(free.clone());
    let freed = freed.then([Event::BatchFreed { batch: "one".to_owned() }]).state();
    assert_eq!(freed.stage, Stage::Funded);
    let again = freed.decide(Command::RecordBatch(batch("one", yuan(1_000))));
    assert_eq!(again, Err(Error::BatchAgain("one".to_owned())));
    assert_eq!(freed.decide(free), Err(Error::NoBatch("one".to_owned())));
    assert!(freed.decide(Command::RecordBatch(batch("three", yuan(1_000)))).is_ok());
}

#[test]
fn what_is_out_cannot_be_cancelled_and_a_plan_of_nothing_goes_no_further() {
    let mut events = funded();
    events.push(composed("one", yuan(1_000)));
    let (by, reason) = ("hu".to_owned(), "wrong month".to_owned());
    given::<Plan>(events).when(Command::Cancel { by, reason }).then_refused(Error::Instructed(1));
    let nothing = Event::Calculated { totals: Totals::default(), excluded: 3 };
    given::<Plan>([opened(), frozen(3), nothing])
        .when(Command::Submit { by: "hu".to_owned() })
        .then_refused(Error::NothingToPay);
}
