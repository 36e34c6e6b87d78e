//! The rules of a deduction (DISBURSEMENT 2.12).

use kernel::given;
use shared::OrganisationId;
use uuid::Uuid;

use super::*;
use crate::city::world::{item, month, person, yuan};

fn order() -> Order {
    Order {
        kind: Kind::Court,
        item: item(0),
        person: person(1),
        third_party: Some(OrganisationId::from_uuid(Uuid::from_u128(7))),
        per_month: Some(yuan(600)),
        total: Some(yuan(1_000)),
        from: month(1),
        to: None,
        basis: "(2026)苏0602执12号".to_owned(),
        by: "hu".to_owned(),
        approver: "chen".to_owned(),
    }
}

fn kept(part: &str, amount: i64) -> Event {
    Event::Kept { part: part.to_owned(), amount: yuan(amount) }
}

fn keep(amount: i64) -> Command {
    Command::Keep { part: "p".to_owned(), amount: yuan(amount) }
}

#[test]
fn a_court_gets_its_sum_and_no_more() {
    let ordered = Event::Ordered(order());
    given::<Deduction>([]).when(Command::Order(order())).then([ordered.clone()]);
    let state = Deduction::default().evolve(&ordered);
    assert_eq!(state.due(month(1), yuan(1_000)), yuan(600));
    assert_eq!(state.due(month(1), yuan(50)), yuan(50));
    let state = state.evolve(&kept("p", 600));
    assert_eq!(state.due(month(2), yuan(1_000)), yuan(400));
    given::<Deduction>([ordered.clone(), kept("q", 600)])
        .when(keep(401))
        .then_refused(Error::TooMuch { amount: yuan(401), left: yuan(400) });
    let (part, amount) = ("q".to_owned(), yuan(600));
    given::<Deduction>([ordered, kept("q", 600)])
        .when(Command::GiveBack { part: part.clone() })
        .then([Event::GivenBack { part, amount }]);
}

#[test]
fn an_order_holds_for_its_months() {
    let limited = Order { from: month(2), to: Some(month(2)), total: None, ..order() };
    let state = Deduction::default().evolve(&Event::Ordered(limited));
    let due = |of| state.due(month(of), yuan(1_000));
    assert_eq!([due(1), due(2), due(3)], [Money::ZERO, yuan(600), Money::ZERO]);
}

#[test]
fn an_order_is_whole_and_approved_by_another() {
    for (order, refused) in [
        (Order { basis: String::new(), ..order() }, Error::NoBasis),
        (Order { approver: "hu".to_owned(), ..order() }, Error::SamePerson { by: "hu".to_owned() }),
        (Order { third_party: None, ..order() }, Error::NoThirdParty),
        (Order { kind: Kind::Excess, total: None, ..order() }, Error::NoTotal),
        (Order { total: Some(Money::ZERO), ..order() }, Error::NotPositive { amount: Money::ZERO }),
    ] {
        given::<Deduction>([]).when(Command::Order(order)).then_refused(refused);
    }
}

#[test]
fn an_ended_order_keeps_nothing() {
    let ordered = Event::Ordered(order());
    let end = |reason: &str| Command::End { by: "hu".to_owned(), reason: reason.to_owned() };
    let ended = Event::Ended { by: "hu".to_owned(), reason: "paid".to_owned() };
    given::<Deduction>([ordered.clone()]).when(end("paid")).then([ended.clone()]);
    for (history, command, refused) in [
        (vec![ordered.clone(), ended.clone()], keep(1), Error::Ended),
        (vec![ordered.clone(), ended], end("paid"), Error::Ended),
        (vec![ordered.clone()], end(" "), Error::NoBasis),
        (vec![ordered.clone()], keep(0), Error::NotPositive { amount: Money::ZERO }),
        (
            vec![ordered.clone()],
            Command::GiveBack { part: "p".to_owned() },
            Error::NothingKept { part: "p".to_owned() },
        ),
        (vec![ordered], Command::Order(order()), Error::OrderedAlready),
        (vec![], keep(1), Error::Unknown),
    ] {
        given::<Deduction>(history).when(command).then_refused(refused);
    }
}
