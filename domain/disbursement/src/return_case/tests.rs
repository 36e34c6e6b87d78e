//! The rules of a return (INVENTORY 3.2 step 10, 3.4 rules 2, 3 and 9).

use kernel::given;

use super::*;
use crate::city::world::{bank, day, grant, item, line, month, person, yuan};

fn opened(reason: ReturnReason) -> Opened {
    let line = line(1);
    Opened {
        obligation: line.obligation(item(0), month(1)),
        attempt: 1,
        batch: "b".to_owned(),
        bank: bank(0),
        reason,
        amount: yuan(1_000),
        grant: grant(1),
        person: person(1),
        payee: None,
        address: line.address,
        address_version: 1,
        returned_on: day(),
        late: false,
    }
}

fn closed_account() -> Event {
    Event::Opened(opened(ReturnReason::AccountClosed))
}

fn notify() -> Command {
    Command::Notify { by: "hu".to_owned(), channel: "sms".to_owned(), on: day() }
}

fn notified() -> Event {
    Event::Notified { by: "hu".to_owned(), channel: "sms".to_owned(), on: day() }
}

fn correct(version: u32, verified: bool) -> Command {
    let address = line(1).address;
    Command::Correct { address, version, verified, by: "hu".to_owned(), on: day() }
}

fn corrected(version: u32) -> Event {
    let address = line(1).address;
    Event::Corrected(Corrected { address, version, by: "hu".to_owned(), on: day() })
}

fn part() -> String {
    "p".to_owned()
}

fn close(outcome: Outcome) -> Command {
    Command::Close { outcome, on: day() }
}

#[test]
fn a_return_is_notified_corrected_reissued_and_closed_when_it_is_paid() {
    let reissued = Event::Reissued { part: part() };
    given::<ReturnCase>([closed_account()]).when(notify()).then([notified()]);
    given::<ReturnCase>([closed_account(), notified()]).when(correct(2, true)).then([corrected(2)]);
    given::<ReturnCase>([closed_account(), corrected(2)])
        .when(Command::Reissue { part: part() })
        .then([reissued.clone()]);
    let history = [closed_account(), corrected(2), reissued];
    given::<ReturnCase>(history.clone())
        .when(close(Outcome::Paid))
        .then([Event::Closed { outcome: Outcome::Paid, on: day() }]);
    given::<ReturnCase>(history)
        .when(Command::Free { part: part() })
        .then([Event::Freed { part: part() }]);
}

#[test]
fn nothing_goes_to_the_account_that_the_bank_refused() {
    let reason = ReturnReason::AccountClosed;
    given::<ReturnCase>([closed_account()])
        .when(correct(1, true))
        .then_refused(Error::SameAccount { reason });
    given::<ReturnCase>([closed_account()])
        .when(correct(2, false))
        .then_refused(Error::NotVerified { version: 2 });
    // The card was activated since: the account is the right one.
    given::<ReturnCase>([Event::Opened(opened(ReturnReason::CardNotActive))])
        .when(correct(1, true))
        .then([corrected(1)]);
    let needs = Stage::Corrected;
    given::<ReturnCase>([closed_account()])
        .when(Command::Reissue { part: part() })
        .then_refused(Error::Stage { is: Stage::Open, needs });
}

#[test]
fn r3_what_a_dead_payee_did_not_get_is_passed_on() {
    let dead = Event::Opened(opened(ReturnReason::PayeeDeceased));
    given::<ReturnCase>([dead.clone()]).when(correct(2, true)).then_refused(Error::PayeeDeceased);
    given::<ReturnCase>([dead])
        .when(close(Outcome::PassedOn))
        .then([Event::Closed { outcome: Outcome::PassedOn, on: day() }]);
}

#[test]
fn what_does_not_fit_the_stage_is_refused() {
    let reissued = Event::Reissued { part: part() };
    let stage = |is, needs| Error::Stage { is, needs };
    for (history, command, refused) in [
        (vec![], notify(), Error::NotOpen),
        (vec![closed_account()], Command::Open(opened(ReturnReason::Other)), Error::AlreadyOpen),
        (
            vec![closed_account()],
            Command::Notify { by: "hu".to_owned(), channel: " ".to_owned(), on: day() },
            Error::NoChannel,
        ),
        (vec![closed_account()], close(Outcome::Paid), stage(Stage::Open, Stage::Reissued)),
        (
            vec![closed_account(), corrected(2), reissued.clone()],
            close(Outcome::PassedOn),
            stage(Stage::Reissued, Stage::Open),
        ),
        (
            vec![closed_account(), corrected(2), reissued],
            Command::Free { part: "q".to_owned() },
            Error::OtherPart { part: "q".to_owned() },
        ),
    ] {
        given::<ReturnCase>(history).when(command).then_refused(refused);
    }
}

#[test]
fn a_case_ages_from_the_day_of_the_banks_word() {
    let open = ReturnCase::default().evolve(&closed_account());
    assert_eq!(open.age_days(Date::constant(2026, 2, 14)), Some(30));
    let closed = open.evolve(&Event::Closed { outcome: Outcome::Cancelled, on: day() });
    assert_eq!(closed.age_days(day()), None);
}
