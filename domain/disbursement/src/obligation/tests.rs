//! The rules of one obligation, by their numbers in INVENTORY 3.4.

use kernel::given;

use super::*;
use crate::city::world::yuan;

fn hold(attempt: u16) -> Command {
    let by = "hu".to_owned();
    Command::Hold { attempt, reason: Hold::DeathReported, amount: yuan(10), by }
}

fn held(attempt: u16) -> Event {
    let by = "hu".to_owned();
    Event::Held { attempt, reason: Hold::DeathReported, amount: yuan(10), by }
}

fn give_back(attempt: u16) -> Command {
    let (batch, reason) = ("b".to_owned(), ReturnReason::AccountClosed);
    Command::Return { attempt, batch, reason, amount: yuan(10) }
}

fn returned(attempt: u16) -> Event {
    let (batch, reason) = ("b".to_owned(), ReturnReason::AccountClosed);
    Event::Returned { attempt, batch, reason, amount: yuan(10) }
}

fn release(reason: &str) -> Command {
    Command::Release { by: "chen".to_owned(), reason: reason.to_owned() }
}

fn released() -> Event {
    Event::Released { by: "chen".to_owned(), reason: "a false report".to_owned() }
}

#[test]
fn r3_a_reported_death_holds_the_line_and_a_false_report_lifts_it() {
    given::<Obligation>([]).when(hold(1)).then([held(1)]);
    given::<Obligation>([held(1)]).when(release("a false report")).then([released()]);
    given::<Obligation>([held(1), released()]).when(give_back(1)).then([returned(1)]);
}

#[test]
fn r9_the_next_attempt_needs_a_return() {
    given::<Obligation>([returned(1)]).when(give_back(2)).then([returned(2)]);
    given::<Obligation>([returned(1)]).when(hold(2)).then([held(2)]);
}

#[test]
fn r2_an_attempt_ends_once() {
    let over = Error::ReturnedAlready { attempt: 1 };
    for (history, command, refused) in [
        (vec![returned(1)], give_back(1), over.clone()),
        (vec![returned(1)], hold(1), over.clone()),
        // Not even after a hold of the next one came and went.
        (vec![returned(1), held(2), released()], give_back(1), over),
        (vec![], give_back(2), Error::NoAttempt { attempt: 2, next: 1 }),
        (vec![held(1)], give_back(1), Error::NotSent),
        (vec![held(1)], hold(1), Error::HeldAlready),
        (vec![], release("a false report"), Error::NotHeld),
        (vec![held(1)], release(" "), Error::NoReason),
    ] {
        given::<Obligation>(history).when(command).then_refused(refused);
    }
}
