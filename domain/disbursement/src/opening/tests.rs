//! The rules of an opening: DISBURSEMENT 1.2, issue 4 part 1.

use kernel::given;
use shared::Component;

use super::*;
use crate::city::world::{area, artefact, day, item, month, person, yuan};

fn before(people: u32, payments: u64, money: i64) -> Cumulative {
    Cumulative {
        item: item(0),
        area: area(),
        as_of: day(),
        people,
        payments,
        money: yuan(money),
        artefact: artefact(1),
        by: "hu".to_owned(),
    }
}

fn entered() -> Event {
    Event::Entered(before(2, 5, 9_000))
}

fn settled(of: u128) -> Settled {
    Settled {
        person: person(of),
        month: month(1),
        component: Component::whole(),
        adjustment: 0,
        amount: yuan(10),
        returned: None,
    }
}

fn chunk(chunk: u32, obligations: Vec<Settled>) -> Command {
    Command::Settle { chunk, obligations }
}

fn stored(chunk: u32, obligations: Vec<Settled>) -> Event {
    Event::ObligationsSettled { chunk, obligations }
}

#[test]
fn an_opening_comes_before_the_first_run() {
    let begun = || Event::RunsBegun {};
    given::<Opening>([]).when(Command::BeginRuns).then([begun()]);
    given::<Opening>([begun()]).when(Command::BeginRuns).then_nothing();
    for command in [
        Command::Enter(before(2, 5, 9_000)),
        chunk(0, vec![settled(1)]),
        Command::Seal { declared: 0 },
    ] {
        given::<Opening>([begun()]).when(command).then_refused(Error::AfterFirstRun);
    }
}

#[test]
fn payments_begin_on_a_whole_opening() {
    given::<Opening>([entered(), stored(0, vec![settled(1)])])
        .when(Command::BeginRuns)
        .then_refused(Error::HalfDone);
    given::<Opening>([entered(), stored(0, vec![settled(1)])])
        .when(Command::Seal { declared: 2 })
        .then_refused(Error::CountDiffers { declared: 2, settled: 1 });
    given::<Opening>([entered(), stored(0, vec![settled(1)])])
        .when(Command::Seal { declared: 1 })
        .then([Event::Sealed { settled: 1 }])
        .when(Command::BeginRuns)
        .then([Event::RunsBegun {}]);
}

#[test]
fn people_and_payments_differ_and_money_goes_with_payments() {
    given::<Opening>([]).when(Command::Enter(before(2, 5, 9_000))).then([entered()]);
    for (people, payments, money) in [(6, 5, 10), (1, 5, -1), (1, 5, 0), (0, 0, 1)] {
        given::<Opening>([])
            .when(Command::Enter(before(people, payments, money)))
            .then_refused(Error::Figures { people, payments, money: yuan(money) });
    }
    given::<Opening>([entered()])
        .when(Command::Enter(before(2, 5, 9_000)))
        .then_refused(Error::Again);
}

#[test]
fn chunks_come_in_order_and_are_small() {
    for (given_chunk, obligations, refused) in [
        (1, vec![settled(1)], Error::Order { expected: 0, given: 1 }),
        (0, vec![], Error::ChunkSize(0)),
        (0, vec![settled(1); 1_001], Error::ChunkSize(1_001)),
        (0, vec![Settled { amount: yuan(-1), ..settled(1) }], Error::Negative { row: 0 }),
    ] {
        given::<Opening>([entered()]).when(chunk(given_chunk, obligations)).then_refused(refused);
    }
    given::<Opening>([]).when(chunk(0, vec![settled(1)])).then_refused(Error::NotEntered);
    given::<Opening>([entered(), Event::Sealed { settled: 0 }])
        .when(chunk(0, vec![settled(1)]))
        .then_refused(Error::Sealed);
}
