//! The rules of a recovery: DISBURSEMENT 2.9, 社会保险经办条例 art 46.

use kernel::given;
use shared::Component;

use super::*;
use crate::city::world::{book, fund, item, month, person, yuan};

fn on(day: i8) -> Date {
    Date::constant(2026, 3, day)
}

fn obligation(of: u128) -> ObligationId {
    ObligationId::new(item(0), month(2), Component::whole(), person(of))
}

fn about() -> About {
    About {
        obligation: obligation(1),
        person: person(1),
        item: item(0),
        month: month(2),
        component: Component::whole(),
        fund: fund(item(0)),
        book: book(fund(item(0))),
        amount: yuan(100),
        reason: "died in January".to_owned(),
        found_on: on(1),
        carried: false,
    }
}

fn opened() -> Event {
    Event::Opened(about())
}

fn demanded() -> Event {
    Event::Demanded {
        notice: "追〔2026〕1".to_owned(),
        on: on(2),
        due: on(20),
        by: "hu".to_owned(),
    }
}

fn receive(serial: &str, amount: i64, into: Place) -> Command {
    Command::Receive { serial: serial.to_owned(), amount: yuan(amount), into, on: on(5) }
}

fn received(serial: &str, amount: i64) -> Event {
    let (serial, into) = (serial.to_owned(), Place::IncomeAccount);
    Event::Received { serial, amount: yuan(amount), into, on: on(5) }
}

fn agreement(parts: &[(i8, i64)]) -> Command {
    let instalments =
        parts.iter().map(|(day, amount)| Instalment { due: on(*day), amount: yuan(*amount) });
    Command::Agree {
        agreement: "协议1".to_owned(),
        on: on(3),
        instalments: instalments.collect(),
        by: "hu".to_owned(),
    }
}

#[test]
fn money_comes_back_until_nothing_is_owed() {
    given::<Recovery>([opened()])
        .when(receive("s1", 60, Place::IncomeAccount))
        .then([received("s1", 60)])
        .when(receive("s2", 40, Place::IncomeAccount))
        .then([received("s2", 40), Event::Settled { on: on(5) }])
        .when(receive("s3", 1, Place::IncomeAccount))
        .then_refused(Error::Over { is: Stage::Settled });
}

#[test]
fn r2_9_it_never_enters_the_expenditure_account() {
    given::<Recovery>([opened()])
        .when(receive("s1", 60, Place::ExpenditureAccount))
        .then_refused(Error::NeverThere);
}

#[test]
fn r2_9_an_offset_stays_inside_one_fund() {
    let offset =
        |fund| Command::Offset { against: obligation(2), fund, amount: yuan(30), on: on(6) };
    let (own, other) = (fund(item(0)), fund(item(1)));
    given::<Recovery>([opened(), demanded()])
        .when(offset(other))
        .then_refused(Error::OtherFund { given: other, owed_to: own });
    given::<Recovery>([opened(), demanded()]).when(offset(own)).then([Event::Offset {
        against: obligation(2),
        fund: own,
        amount: yuan(30),
        on: on(6),
    }]);
    given::<Recovery>([opened()]).when(offset(own)).then_refused(Error::NotDemanded);
}

#[test]
fn r2_9_a_write_off_names_the_outside_approval() {
    let write_off = |approval: &str| Command::WriteOff {
        approval: approval.to_owned(),
        authority: "市财政局".to_owned(),
        amount: yuan(100),
        on: on(9),
        by: "kuai".to_owned(),
    };
    let events = || [opened(), demanded()];
    given::<Recovery>(events()).when(write_off(" ")).then_refused(Error::NoApproval);
    let state = given::<Recovery>(events())
        .when(write_off("财批〔2026〕7"))
        .then([
            Event::WrittenOff {
                approval: "财批〔2026〕7".to_owned(),
                authority: "市财政局".to_owned(),
                amount: yuan(100),
                on: on(9),
                by: "kuai".to_owned(),
            },
            Event::Settled { on: on(9) },
        ])
        .state();
    assert_eq!((state.owed_on(on(8)), state.owed_on(on(9))), (yuan(100), yuan(0)));
}

#[test]
fn instalments_are_what_is_owed_in_the_order_of_their_days() {
    let events = || [opened(), demanded(), received("s1", 40)];
    for (parts, refused) in [
        (&[(10, 30), (20, 31)][..], Error::InstalmentsDiffer { sum: yuan(61), owed: yuan(60) }),
        (&[], Error::InstalmentCount(0)),
        (&[(20, 30), (10, 30)], Error::Instalment { number: 2, due: on(10), amount: yuan(30) }),
        (&[(10, 60), (11, 0)], Error::Instalment { number: 2, due: on(11), amount: yuan(0) }),
    ] {
        given::<Recovery>(events()).when(agreement(parts)).then_refused(refused);
    }
    let history = [opened(), demanded()];
    let instalments = [(10, 50), (20, 50)]
        .map(|(day, amount)| Instalment { due: on(day), amount: yuan(amount) })
        .to_vec();
    let agreed = Event::InstalmentsAgreed {
        agreement: "协议1".to_owned(),
        on: on(3),
        instalments,
        by: "hu".to_owned(),
    };
    let state = given::<Recovery>(history)
        .when(agreement(&[(10, 50), (20, 50)]))
        .then([agreed])
        .when(receive("s1", 20, Place::FiscalAccount))
        .then([Event::Received {
            serial: "s1".to_owned(),
            amount: yuan(20),
            into: Place::FiscalAccount,
            on: on(5),
        }])
        .state();
    let overdue = [9, 10, 20].map(|day| state.overdue_on(on(day)));
    assert_eq!(overdue, [yuan(0), yuan(30), yuan(80)]);
}

#[test]
fn what_is_owed_stands_for_every_day() {
    let state = given::<Recovery>([opened(), received("s1", 60)]).state();
    let owed = [Date::constant(2026, 2, 28), on(1), on(4), on(5)].map(|day| state.owed_on(day));
    assert_eq!(owed, [yuan(0), yuan(100), yuan(100), yuan(40)]);
}

#[test]
fn what_was_found_by_mistake_is_withdrawn_unless_money_came() {
    let withdraw =
        || Command::Withdraw { reason: "a false match".to_owned(), on: on(7), by: "hu".to_owned() };
    given::<Recovery>([opened(), received("s1", 60)])
        .when(withdraw())
        .then_refused(Error::PaidAlready { received: yuan(60) });
    let state = given::<Recovery>([opened()])
        .when(withdraw())
        .then([Event::Withdrawn {
            reason: "a false match".to_owned(),
            on: on(7),
            by: "hu".to_owned(),
        }])
        .state();
    assert_eq!(state.owed(), yuan(0));
}
