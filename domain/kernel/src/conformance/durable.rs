//! What a log still holds after it was closed.

use std::task::{Context, Waker};

use super::{Asked, Backend, assert_ordered, clock, id, single, stream};
use crate::append::{Appended, CommandRecord, Lookup};
use crate::log::{EventLog, Limit};
use crate::ports::{Clock, Micros};
use crate::stream::Position;

fn command(number: u64) -> CommandRecord {
    CommandRecord { id: id("c", number), digest: [1; 32], result: format!("r{number}") }
}

pub fn everything_survives_a_reopen<B: Backend>(backend: &B) {
    let clock = clock();
    let log = backend.open(clock.clone());
    let asked = Asked { backend, log: &log };
    let mut append = single(1, "a", 0).take("k:1", "one").take("k:2", "one").command(command(1));
    append.index.push(Lookup {
        kind: "name".to_owned(),
        blind: "b".to_owned(),
        subject: id("s", 1),
    });
    asked.appended(append);
    asked.appended(single(2, "a", 1).release("k:2", "one").command(command(2)));
    let moved = backend.block_on(log.move_cursor("holds", Position(1)));
    moved.expect("the log under test takes cursors");
    let (identity, events) = (log.identity(), asked.all());

    let log = backend.reopen(log, clock);
    let asked = Asked { backend, log: &log };
    assert_eq!(log.identity(), identity);
    assert_eq!(log.head(), Position(2));
    assert_eq!(asked.all(), events);
    assert_eq!(asked.holder("k:1"), Some(("one".to_owned(), 1)));
    assert_eq!(asked.holder("k:2"), None);
    let subjects = backend.block_on(log.look_up("name", "b"));
    assert_eq!(subjects.expect("the log under test is readable"), [id("s", 1)]);
    let cursor = backend.block_on(log.cursor("holds"));
    assert_eq!(cursor.expect("the log under test is readable"), Position(1));
    let again = asked.append(single(1, "a", 0).command(command(1)));
    let before = Appended::Before { result: "r1".to_owned(), last: Position(1) };
    assert_eq!(again.expect("a command carried out before is no error"), before);
    // What the writer kept in its head it finds again.
    let stale = asked.conflicts(single(3, "a", 0).none_since(["thing.*"], Position(1)));
    assert_eq!(stale.revisions[0].actual.0, 2);
    assert_eq!(stale.since.len(), 1);
    assert_eq!(asked.appended(single(3, "a", 2)), Position(3));
}

pub fn an_unanswered_append_is_found_by_its_command<B: Backend>(backend: &B) {
    let clock = clock();
    let log = backend.open(clock.clone());
    let append = single(1, "a", 0).command(command(1));
    // The caller dies after it asked and before it was answered.
    let mut answer = log.append(append.clone());
    let _ = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    drop(answer);

    let log = backend.reopen(log, clock);
    let asked = Asked { backend, log: &log };
    let found = asked.append(append).expect("the command stands, or is carried out now");
    assert_eq!(found.position(), Position(1));
    assert_eq!(asked.stream(&stream("a"), 0, Limit::PAGE).len(), 1, "once, not twice");
}

pub fn time_grows_over_a_reopen_with_an_earlier_clock<B: Backend>(backend: &B) {
    let clock = clock();
    let log = backend.open(clock.clone());
    Asked { backend, log: &log }.appended(single(1, "a", 0));
    clock.set(Micros(clock.now().0 - 86_400_000_000));
    let log = backend.reopen(log, clock);
    let asked = Asked { backend, log: &log };
    asked.appended(single(2, "a", 1));
    assert_ordered(&asked.all());
}
