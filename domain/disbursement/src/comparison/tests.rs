//! The rules of a comparison list (INVENTORY 3.2 step 4).

use kernel::given;

use super::*;
use crate::city::world::{grant, person, yuan};

fn entry(kind: Kind) -> Entry {
    let (before, now) = (Some(yuan(3_184)), Some(yuan(38_214)));
    Entry { kind, grant: grant(1), person: person(1), before, now }
}

fn drawn() -> Event {
    Event::Drawn { chunk: 0, entries: vec![entry(Kind::New), entry(Kind::Exception)] }
}

fn sealed() -> Event {
    Event::Sealed { previous: None, counts: Counts { new: 1, exceptions: 1, ..Counts::default() } }
}

fn decide(place: u32, decision: Decision, reason: &str) -> Command {
    let reason = reason.to_owned();
    Command::Decide { entries: vec![place], decision, by: "hu".to_owned(), reason }
}

fn decided(decision: Decision) -> Event {
    let (by, reason) = ("hu".to_owned(), "checked".to_owned());
    Event::Decided { entries: vec![1], decision, by, reason }
}

fn after(history: &[Event]) -> Comparison {
    history.iter().fold(Comparison::default(), Comparison::evolve)
}

#[test]
fn a_plan_passes_when_every_exception_is_accepted() {
    given::<Comparison>([drawn(), sealed()])
        .when(decide(1, Decision::Accepted, "checked"))
        .then([decided(Decision::Accepted)]);
    let list = [drawn(), sealed(), decided(Decision::Accepted)];
    assert_eq!(after(&list[..1]).passes(), Err(Error::NotSealed));
    assert_eq!(after(&list[..2]).passes(), Err(Error::Undecided { left: 1 }));
    assert_eq!(after(&list).passes(), Ok(()));
    let disputed = [drawn(), sealed(), decided(Decision::Disputed)];
    assert_eq!(after(&disputed).passes(), Err(Error::Undecided { left: 1 }));
}

#[test]
fn what_a_list_does_not_take_is_refused() {
    let draw = |chunk, entries| Command::Draw { chunk, entries };
    let seal = || Command::Seal { previous: None, counts: Counts::default() };
    let many = vec![entry(Kind::New); CHUNK_ENTRIES_MAX + 1];
    for (history, command, refused) in [
        (vec![drawn()], draw(0, vec![]), Error::Order { expected: 1, given: 0 }),
        (vec![], draw(0, many), Error::TooLarge(CHUNK_ENTRIES_MAX + 1)),
        (vec![drawn(), sealed()], draw(1, vec![]), Error::Sealed),
        (vec![drawn(), sealed()], seal(), Error::Sealed),
        (vec![drawn()], decide(1, Decision::Accepted, "checked"), Error::NotSealed),
        (vec![drawn(), sealed()], decide(1, Decision::Accepted, " "), Error::NoReason),
        (vec![drawn(), sealed()], decide(0, Decision::Accepted, "x"), Error::NoException(0)),
        (vec![drawn(), sealed()], decide(9, Decision::Accepted, "x"), Error::NoException(9)),
    ] {
        given::<Comparison>(history).when(command).then_refused(refused);
    }
}
