//! The rules of a heirs' case (DISBURSEMENT 2.1 and 2.4).

use kernel::given;

use super::*;
use crate::city::world::{item, line, month, person, yuan};

fn died_on() -> Date {
    Date::constant(2026, 2, 12)
}

fn owed(of: i8) -> ObligationId {
    line(1).obligation(item(0), month(of))
}

fn add(of: i8) -> Command {
    let (deceased, died_on) = (person(1), died_on());
    Command::Add { deceased, died_on, obligation: owed(of), amount: yuan(10) }
}

fn opened() -> Event {
    Event::Opened { deceased: person(1), died_on: died_on() }
}

fn added(of: i8) -> Event {
    Event::Added { obligation: owed(of), amount: yuan(10) }
}

fn named(heir: u128, basis: &str, approver: &str) -> Named {
    Named {
        heir: person(heir),
        address: line(heir).address,
        basis: basis.to_owned(),
        by: "hu".to_owned(),
        approver: approver.to_owned(),
    }
}

#[test]
fn rule_1_the_month_of_death_and_those_before_are_owed_and_no_later_one() {
    given::<Heirs>([]).when(add(2)).then([opened(), added(2)]);
    given::<Heirs>([opened(), added(2)]).when(add(1)).then([added(1)]);
    given::<Heirs>([opened(), added(2)]).when(add(2)).then_nothing();
    let refused = Error::AfterDeath { month: month(3), died_on: died_on() };
    given::<Heirs>([]).when(add(3)).then_refused(refused);
}

#[test]
fn an_heir_lives_and_is_named_by_one_and_approved_by_another() {
    let name = |named, alive| Command::Name { named, alive };
    let good = named(2, "公证书", "chen");
    let history = [opened(), added(2)];
    given::<Heirs>(history.clone())
        .when(name(good.clone(), true))
        .then([Event::Named(good.clone())]);
    for (named, alive, refused) in [
        (named(2, "公证书", "hu"), true, Error::SamePerson { by: "hu".to_owned() }),
        (named(2, " ", "chen"), true, Error::NoBasis),
        (named(1, "公证书", "chen"), true, Error::Deceased { heir: person(1) }),
        (good.clone(), false, Error::Deceased { heir: person(2) }),
    ] {
        given::<Heirs>(history.clone()).when(name(named, alive)).then_refused(refused);
    }
    given::<Heirs>([]).when(name(good, true)).then_refused(Error::NotOpen);
}

#[test]
fn a_false_death_ends_the_case_and_a_true_one_later_opens_it_anew() {
    let withdrawn = Event::Withdrawn { reason: "he lives".to_owned() };
    let withdraw = |reason: &str| Command::Withdraw { reason: reason.to_owned() };
    given::<Heirs>([opened(), added(2)]).when(withdraw("he lives")).then([withdrawn.clone()]);
    given::<Heirs>([opened(), added(2)]).when(withdraw("")).then_refused(Error::NoBasis);
    given::<Heirs>([opened(), added(2), withdrawn]).when(add(2)).then([opened(), added(2)]);
    let nothing = Command::Add {
        deceased: person(1),
        died_on: died_on(),
        obligation: owed(1),
        amount: yuan(0),
    };
    given::<Heirs>([]).when(nothing).then_refused(Error::NotPositive { amount: yuan(0) });
}
