//! Commands, appends without events, cursors.

use super::{Asked, Backend, clock, id, meta, single, stream};
use crate::append::{Append, AppendError, Appended, CommandRecord};
use crate::log::{Done, EventLog};
use crate::stream::{Position, Revision};

fn command(number: u64, digest: u8, result: &str) -> CommandRecord {
    CommandRecord { id: id("c", number), digest: [digest; 32], result: result.to_owned() }
}

pub fn the_same_command_has_the_first_result<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0).command(command(1, 7, "first")));
    asked.appended(single(2, "a", 1));
    // Its revision is stale by now, its event id taken, its result another: it does not matter.
    for again in [
        single(1, "a", 0).command(command(1, 7, "second")),
        single(9, "b", 4).command(command(1, 7, "")),
    ] {
        let answer = asked.append(again).expect("a command carried out before is no error");
        let before = Appended::Before { result: "first".to_owned(), last: Position(1) };
        assert_eq!(answer, before);
    }
    assert_eq!(log.head(), Position(2));
    let find = |number| {
        let done = backend.block_on(log.command(id("c", number)));
        done.expect("the log under test is readable")
    };
    let done = Done { digest: [7; 32], result: "first".to_owned(), last: Position(1) };
    assert_eq!(find(1), Some(done));
    assert_eq!(find(2), None);
}

pub fn an_altered_command_is_refused<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0).command(command(1, 7, "first")));
    let answer = asked.append(single(2, "a", 1).command(command(1, 8, "first")));
    let altered = id("c", 1);
    assert!(
        matches!(answer, Err(AppendError::CommandAltered { id }) if id == altered),
        "{answer:?}"
    );
    assert_eq!(log.head(), Position(1));
}

pub fn a_refused_command_is_decided_anew<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let refused = single(1, "a", 0).guard(stream("b"), Revision(1)).command(command(1, 7, "no"));
    asked.conflicts(refused);
    asked.appended(single(2, "b", 0));
    // The same id may even carry another content now: nothing was remembered.
    let answer = asked.append(single(1, "a", 0).command(command(1, 8, "yes")));
    assert!(matches!(answer, Ok(Appended::Now { first: Position(2), .. })), "{answer:?}");
}

pub fn an_append_without_events_stands<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0));
    let bare = Append::new(meta(2)).take("day", "x").command(command(2, 1, "bare"));
    let answer = asked.append(bare.clone()).expect("an append without events stands");
    let Appended::Now { first, last, .. } = answer else { panic!("it is new: {answer:?}") };
    assert_eq!((first, last), (Position(2), Position(1)));
    assert_eq!(asked.holder("day"), Some(("x".to_owned(), 1)));
    let again = asked.append(bare).expect("a command carried out before is no error");
    assert_eq!(again, Appended::Before { result: "bare".to_owned(), last: Position(1) });
    assert_eq!(log.head(), Position(1));
}

pub fn cursors_never_go_back<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let cursor = |process| {
        let position = backend.block_on(log.cursor(process));
        position.expect("the log under test is readable").0
    };
    let advance = |process, to| {
        let moved = backend.block_on(log.move_cursor(process, Position(to)));
        moved.expect("the log under test takes cursors");
    };
    assert_eq!(cursor("holds"), 0);
    for (to, then) in [(5, 5), (3, 5), (9, 9), (9, 9), (0, 9)] {
        advance("holds", to);
        assert_eq!(cursor("holds"), then);
    }
    advance("other", 1);
    assert_eq!((cursor("holds"), cursor("other"), cursor("third")), (9, 1, 0));
}
