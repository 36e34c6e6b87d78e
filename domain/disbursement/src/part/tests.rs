//! The rules of a part, by their numbers in INVENTORY 3.4 and DISBURSEMENT section 2.

use kernel::given;

use super::*;
use crate::city::world::{bank, line, yuan};

/// Lines of persons 1, 2 and 3: the second goes to the first bank, the others to the second.
fn calculated() -> Event {
    Event::LinesCalculated { chunk: 0, lines: vec![line(1), line(2), line(3)] }
}

fn sealed() -> Vec<Event> {
    let totals = Totals::of(&[line(1), line(2), line(3)]);
    vec![calculated(), Event::Sealed { grants: 3, totals, excluded: 0 }]
}

fn held(place: u32, reason: Hold) -> Event {
    let line = line(u128::from(place) + 1);
    let (person, component) = (line.person, line.component);
    Event::LinesHeld { lines: vec![Held { line: place, person, component, reason }] }
}

fn instructed() -> Event {
    Event::Instructed { bank: bank(1), batch: "b".to_owned(), lines: 2, total: yuan(1_950) }
}

#[test]
fn r2_an_obligation_stands_in_a_part_once_even_across_chunks() {
    for (chunk, history, lines, again) in
        [(0, vec![], vec![line(1), line(1)], 1), (1, vec![calculated()], vec![line(4), line(2)], 1)]
    {
        given::<Part>(history)
            .when(Command::Calculate { chunk, lines, excluded: vec![] })
            .then_refused(Error::Again { line: again });
    }
}

#[test]
fn r7_a_sealed_part_takes_no_line() {
    given::<Part>(sealed())
        .when(Command::Calculate { chunk: 1, lines: vec![line(4)], excluded: vec![] })
        .then_refused(Error::Sealed);
}

#[test]
fn a_line_owes_something_and_pays_no_less_than_nothing() {
    let calculate = |line| Command::Calculate { chunk: 0, lines: vec![line], excluded: vec![] };
    let mut nothing = line(1);
    nothing.gross = Money::ZERO;
    nothing.deductions = Money::ZERO;
    given::<Part>([])
        .when(calculate(nothing))
        .then_refused(Error::NotPositive { line: 0, net: Money::ZERO });
    let mut less = line(1);
    less.deductions = less.gross + Money::from_fen(1);
    let net = Money::from_fen(-1);
    given::<Part>([]).when(calculate(less)).then_refused(Error::NotPositive { line: 0, net });
}

#[test]
fn rule_12_a_line_of_which_deductions_leave_nothing_goes_to_no_bank() {
    let mut nothing = line(1);
    nothing.deductions = nothing.gross;
    let chunk = Event::LinesCalculated { chunk: 0, lines: vec![nothing, line(2)] };
    let part = given::<Part>([chunk]).state();
    assert_eq!(part.netted().map(|(place, _)| place).collect::<Vec<_>>(), [0]);
    assert_eq!(part.payable().map(|(place, _)| place).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_line_is_released_until_its_bank_is_instructed() {
    let held = |bank_instructed: bool| {
        let mut events = sealed();
        events.push(held(2, Hold::Ordered));
        if bank_instructed {
            events.push(instructed());
        }
        events
    };
    let release = |place| Command::Release { lines: vec![place] };
    given::<Part>(held(false)).when(release(2)).then([Event::LinesReleased { lines: vec![2] }]);
    given::<Part>(held(false)).when(release(0)).then_refused(Error::NotHeld(0));
    given::<Part>(held(true))
        .when(release(2))
        .then_refused(Error::Instructed { line: 2, batch: "b".to_owned() });
}

#[test]
fn r3_a_held_line_goes_to_no_bank() {
    let mut events = sealed();
    let lines = vec![(1, Hold::DeathReported)];
    given::<Part>(events.clone())
        .when(Command::Hold { lines })
        .then([held(1, Hold::DeathReported)]);
    events.push(held(1, Hold::DeathReported));
    let part = given::<Part>(events).state();
    let places: Vec<u32> = part.payable().map(|(place, _)| place).collect();
    assert_eq!((places, part.held_totals()), (vec![0, 2], (1, yuan(1_000))));
}

#[test]
fn r13_a_line_in_a_batch_is_not_held_any_more() {
    let mut events = sealed();
    events.push(instructed());
    given::<Part>(events.clone())
        .when(Command::Hold { lines: vec![(0, Hold::Ordered)] })
        .then_refused(Error::Instructed { line: 0, batch: "b".to_owned() });
    // The other bank's line still can be.
    given::<Part>(events)
        .when(Command::Hold { lines: vec![(1, Hold::Ordered)] })
        .then([held(1, Hold::Ordered)]);
}

#[test]
fn r4_a_batch_has_exactly_the_payable_lines_of_its_bank() {
    let batch = || "b".to_owned();
    let instruct = |lines, total| Command::Instruct { bank: bank(1), batch: batch(), lines, total };
    given::<Part>(sealed()).when(instruct(2, yuan(1_950))).then([instructed()]);
    given::<Part>(sealed()).when(instruct(1, yuan(1_000))).then_refused(Error::OtherLines {
        lines: 1,
        total: yuan(1_000),
        lines_here: 2,
        total_here: yuan(1_950),
    });
}

#[test]
fn r2_lines_are_instructed_once_until_their_batch_is_freed() {
    let mut events = sealed();
    events.push(instructed());
    let again =
        Command::Instruct { bank: bank(1), batch: "c".to_owned(), lines: 2, total: yuan(1_950) };
    given::<Part>(events.clone())
        .when(again.clone())
        .then_refused(Error::InstructedAlready { bank: bank(1), batch: "b".to_owned() });
    let free = Command::Free { batch: "b".to_owned() };
    let freed = Event::Freed { bank: bank(1), batch: "b".to_owned() };
    let part = given::<Part>(events).when(free).then([freed]).state();
    assert!(part.decide(again).is_ok());
}
