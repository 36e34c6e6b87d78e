//! The rules of one obligation, by their numbers in INVENTORY 3.4 and DISBURSEMENT 2.

use kernel::given;
use shared::PersonId;
use uuid::Uuid;

use super::*;
use crate::city::world::{book, fund, item, month, yuan};

fn hold(attempt: u16) -> Command {
    let by = "hu".to_owned();
    let (reason, amount) = (Hold::DeathReported, yuan(10));
    Command::Hold { attempt, reason, amount, by, verify_by: None }
}

fn held(attempt: u16) -> Event {
    let by = "hu".to_owned();
    let (reason, amount) = (Hold::DeathReported, yuan(10));
    Event::Held { attempt, reason, amount, by, verify_by: None }
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
    Command::Release { by: "chen".to_owned(), reason: reason.to_owned(), part: None }
}

fn released() -> Event {
    let (by, reason) = ("chen".to_owned(), "a false report".to_owned());
    Event::Released { by, reason, part: None }
}

fn take(part: &str) -> Command {
    Command::Take { part: part.to_owned(), amount: yuan(10) }
}

fn taken(attempt: u16, part: &str) -> Event {
    Event::Taken { attempt, part: part.to_owned(), amount: yuan(10) }
}

fn pass_on() -> Command {
    Command::PassOn { amount: yuan(10), died_in: month(1) }
}

fn due_to_heirs(attempt: u16) -> Event {
    Event::DueToHeirs { attempt, amount: yuan(10), died_in: month(1) }
}

fn cancel() -> Command {
    Command::Cancel { reason: NotOwed::AfterDeath, by: "hu".to_owned() }
}

fn cancelled(attempt: u16) -> Event {
    let (reason, by) = (NotOwed::AfterDeath, "hu".to_owned());
    Event::Cancelled { attempt, amount: yuan(10), reason, by }
}

fn reinstate() -> Command {
    Command::Reinstate { by: "hu".to_owned(), reason: "he lives".to_owned() }
}

fn found(attempt: u16, amount: i64) -> Overpayment {
    Overpayment {
        attempt,
        amount: yuan(amount),
        person: PersonId::from_uuid(Uuid::from_u128(1)),
        fund: fund(item(0)),
        book: book(fund(item(0))),
        reason: NotOwed::AfterDeath,
        by: "hu".to_owned(),
    }
}

fn other() -> ObligationId {
    "A1/2026-01/whole/0/00000000-0000-0000-0000-000000000009".parse().unwrap()
}

#[test]
fn r3_a_reported_death_holds_the_line_and_a_false_report_lifts_it() {
    given::<Obligation>([]).when(hold(1)).then([held(1)]);
    given::<Obligation>([held(1)]).when(release("a false report")).then([released()]);
    given::<Obligation>([held(1), released()]).when(take("p")).then([taken(1, "p")]);
    let back = Event::Released {
        by: "chen".to_owned(),
        reason: "a false report".to_owned(),
        part: Some("p".to_owned()),
    };
    given::<Obligation>([held(1), back]).when(give_back(1)).then([returned(1)]);
}

#[test]
fn r9_the_next_attempt_needs_a_return_and_a_run() {
    given::<Obligation>([returned(1)]).when(take("p")).then([taken(2, "p")]);
    given::<Obligation>([returned(1), taken(2, "p")]).when(give_back(2)).then([returned(2)]);
    given::<Obligation>([returned(1)]).when(hold(2)).then([held(2)]);
    for history in [vec![], vec![returned(1), taken(2, "p")]] {
        given::<Obligation>(history).when(take("q")).then_refused(Error::NotWaiting);
    }
}

#[test]
fn a_cancelled_run_frees_what_it_took() {
    let free = |part: &str| Command::Free { part: part.to_owned() };
    let freed = Event::Freed { part: "p".to_owned() };
    given::<Obligation>([returned(1), taken(2, "p")]).when(free("p")).then([freed.clone()]);
    given::<Obligation>([returned(1), taken(2, "p"), freed]).when(take("q")).then([taken(2, "q")]);
    let stranger = Error::OtherPart { part: "q".to_owned() };
    given::<Obligation>([returned(1), taken(2, "p")]).when(free("q")).then_refused(stranger);
}

#[test]
fn rule_1_what_was_owed_until_the_death_goes_to_the_heirs_and_what_came_after_to_nobody() {
    for (history, attempt) in [(vec![], 1), (vec![held(1)], 1), (vec![returned(1)], 2)] {
        given::<Obligation>(history).when(pass_on()).then([due_to_heirs(attempt)]);
    }
    given::<Obligation>([returned(1), due_to_heirs(2)]).when(take("p")).then([taken(2, "p")]);
    for (history, attempt) in [(vec![held(1)], 1), (vec![returned(1)], 2)] {
        given::<Obligation>(history).when(cancel()).then([cancelled(attempt)]);
    }
    let stage = |is| Error::Stage { is };
    given::<Obligation>([held(1), cancelled(1)])
        .when(take("p"))
        .then_refused(stage(Stage::Cancelled));
    given::<Obligation>([]).when(cancel()).then_refused(stage(Stage::AsPlanned));
}

#[test]
fn rule_1_a_false_death_brings_back_what_it_took() {
    let back = Event::Reinstated { by: "hu".to_owned(), reason: "he lives".to_owned() };
    for history in [vec![held(1), cancelled(1)], vec![held(1), due_to_heirs(1)]] {
        given::<Obligation>(history.clone()).when(reinstate()).then([back.clone()]);
        let history = history.into_iter().chain([back.clone()]);
        given::<Obligation>(history).when(take("p")).then([taken(1, "p")]);
    }
}

#[test]
fn rule_1_a_month_paid_after_the_death_is_overpaid_once() {
    let overpaid = Event::Overpaid(found(1, 10));
    let find = |attempt, amount| Command::FindOverpayment(found(attempt, amount));
    given::<Obligation>([]).when(find(1, 10)).then([overpaid.clone()]);
    given::<Obligation>([overpaid.clone()])
        .when(find(1, 10))
        .then_refused(Error::Stage { is: Stage::Overpaid });
    given::<Obligation>([]).when(find(1, 0)).then_refused(Error::NotPositive { amount: yuan(0) });
    given::<Obligation>([returned(1)])
        .when(find(1, 10))
        .then_refused(Error::Stage { is: Stage::Returned });
    let (by, reason) = ("hu".to_owned(), "he lives".to_owned());
    let amount = yuan(10);
    given::<Obligation>([overpaid])
        .when(Command::WithdrawOverpayment { by: by.clone(), reason: reason.clone() })
        .then([Event::OverpaymentWithdrawn { amount, by, reason }]);
}

#[test]
fn a_duplicate_is_recovered_where_it_was_paid_and_cancelled_where_it_was_not() {
    let by = || "hu".to_owned();
    let duplicate = Event::DuplicateFound { other: other() };
    let find = |paid| Command::FindDuplicate { other: other(), paid, by: by() };
    given::<Obligation>([])
        .when(find(Some(found(1, 10))))
        .then([duplicate.clone(), Event::Overpaid(found(1, 10))]);
    let reason = NotOwed::Duplicate;
    let dropped = Event::Cancelled { attempt: 1, amount: yuan(10), reason, by: by() };
    given::<Obligation>([held(1)]).when(find(None)).then([duplicate, dropped]);
}

#[test]
fn a_special_payment_is_ordered_by_one_and_approved_by_another() {
    let order = |amount: i64, approver: &str| Command::Order {
        amount: yuan(amount),
        reason: "a wrong index".to_owned(),
        by: "hu".to_owned(),
        approver: approver.to_owned(),
    };
    let ordered = Event::Ordered {
        amount: yuan(10),
        reason: "a wrong index".to_owned(),
        by: "hu".to_owned(),
        approver: "chen".to_owned(),
    };
    given::<Obligation>([]).when(order(10, "chen")).then([ordered.clone()]);
    given::<Obligation>([ordered.clone()]).when(take("p")).then([taken(1, "p")]);
    let same = Error::SamePerson { by: "hu".to_owned() };
    given::<Obligation>([]).when(order(10, "hu")).then_refused(same);
    let nothing = Error::NotPositive { amount: yuan(0) };
    given::<Obligation>([]).when(order(0, "chen")).then_refused(nothing);
    let twice = Error::Stage { is: Stage::Released };
    given::<Obligation>([ordered]).when(order(10, "chen")).then_refused(twice);
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
        // Nobody instructed the second one.
        (vec![returned(1)], give_back(2), Error::NotSent),
        (vec![held(1)], give_back(1), Error::NotSent),
        (vec![held(1)], hold(1), Error::HeldAlready),
        (vec![held(1)], take("p"), Error::HeldAlready),
        (vec![], release("a false report"), Error::NotHeld),
        (vec![held(1)], release(" "), Error::NoReason),
        (
            vec![returned(1)],
            Command::Take { part: "p".to_owned(), amount: yuan(9) },
            Error::OtherAmount { amount: yuan(9), owed: yuan(10) },
        ),
    ] {
        given::<Obligation>(history).when(command).then_refused(refused);
    }
}
