//! What every log does: one stream per append, reading, waiting.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{Asked, Backend, assert_ordered, clock, event, meta, single, stream, write};
use crate::append::{Append, AppendError, Appended, NewEvent, RevisionConflict};
use crate::event::Recorded;
use crate::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, EventLog, Limit};
use crate::ports::{Clock, Micros};
use crate::stream::{Position, Revision};

pub fn an_empty_log_holds_nothing<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    assert_eq!(log.head(), Position::START);
    assert!(asked.read(0, Limit::PAGE).is_empty());
    assert!(asked.read(u64::MAX, Limit::PAGE).is_empty());
    assert!(asked.stream(&stream(1), 0, Limit::PAGE).is_empty());
    let mut beyond = log.beyond(Position::START);
    let poll = beyond.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Pending, "nothing lies beyond the start");
}

pub fn events_come_back_as_they_were_written<B: Backend>(backend: &B) {
    let clock = clock();
    let log = backend.open(clock.clone());
    let asked = Asked { backend, log: &log };
    let texts =
        ["{ \"spaced\" : 1.50 }", r#"{"名":"李四\n\u0000"}"#, "{}", "null", "\"\u{1F600}\""];
    let events: Vec<_> = (0..)
        .zip(texts)
        .map(|(number, data)| NewEvent {
            data: data.to_owned(),
            ..event(number, "thing.happened.v1")
        })
        .collect();
    let append = Append::new(meta(1)).write(write(stream("a-b"), 0, events.clone()));
    let stored_meta = append.meta.to_text();
    let answer = asked.append(append);
    let last = texts.len() as u64;
    let now = clock.now().0;
    assert_eq!(
        answer.expect("a first append stands"),
        Appended::Now {
            first: Position(1),
            last: Position(last),
            recorded_at: Micros(now + last as i64 - 1),
        }
    );
    let expected: Vec<_> = (1..)
        .zip(events)
        .map(|(place, event)| Recorded {
            position: Position(place),
            stream: stream("a-b"),
            revision: Revision(place),
            type_name: event.type_name,
            id: event.id,
            recorded_at: Micros(now + place as i64 - 1),
            meta: stored_meta.clone(),
            data: event.data,
        })
        .collect();
    assert_eq!(asked.all(), expected);
    assert_eq!(asked.stream(&stream("a-b"), 0, Limit::PAGE), expected);
    assert_eq!(log.head(), Position(last));
}

pub fn pages_end_at_the_first_bound_and_skip_nothing<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    for number in 0..25 {
        asked.appended(single(number, number % 3, number / 3));
    }
    let all = asked.all();
    assert_eq!(all.len(), 25);
    let positions = |events: Vec<Recorded>| -> Vec<u64> {
        events.iter().map(|event| event.position.0).collect()
    };
    assert_eq!(positions(asked.read(3, Limit::events(4))), [4, 5, 6, 7]);
    assert_eq!(positions(asked.read(23, Limit::events(4))), [24, 25]);
    assert!(asked.read(25, Limit::events(4)).is_empty());
    assert!(asked.read(1_000, Limit::events(4)).is_empty());
    assert!(asked.read(0, Limit::events(0)).is_empty());
    // A page always moves on, however few bytes it may hold.
    assert_eq!(positions(asked.read(3, Limit { events: 9, bytes: 0 })), [4]);
    assert_eq!(positions(asked.read(3, Limit { events: 9, bytes: 1 })), [4]);
    let two = all[3].data.len() + all[3].meta.len() + 1;
    assert_eq!(positions(asked.read(3, Limit { events: 9, bytes: two })), [4, 5]);
    assert_eq!(positions(asked.stream(&stream(1), 2, Limit::events(3))), [8, 11, 14]);
    assert_eq!(positions(asked.stream(&stream(1), 2, Limit { events: 3, bytes: 0 })), [8]);
}

pub fn a_scan_sees_what_a_read_returns<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    for number in 0..25 {
        asked.appended(single(number, number % 3, number / 3));
    }
    for (after, limit) in [
        (0, Limit::PAGE),
        (3, Limit::events(4)),
        (3, Limit { events: 9, bytes: 0 }),
        (25, Limit::PAGE),
        (99, Limit::PAGE),
    ] {
        let mut seen = Vec::new();
        let scanned = log.scan(Position(after), limit, &mut |event| seen.push(event.to_recorded()));
        // A backend that cannot scan says so; its readers read.
        let Some(scanned) = scanned else { return };
        let scanned = scanned.expect("the log under test is readable");
        assert_eq!(seen, asked.read(after, limit));
        assert_eq!(scanned.events, seen.len());
        let last = seen.last().map_or(Position(after), |event| event.position);
        assert_eq!(scanned.last, last);
    }
}

pub fn a_stream_is_read_alone<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    // One name is the beginning of another.
    for number in 0..6 {
        asked.appended(single(2 * number, "1", number));
        asked.appended(single(2 * number + 1, "1-1", number));
    }
    let events = asked.stream(&stream("1"), 4, Limit::PAGE);
    let revisions: Vec<_> = events.iter().map(|event| event.revision.0).collect();
    assert_eq!(revisions, [5, 6]);
    assert!(events.iter().all(|event| event.stream == stream("1")));
    assert!(asked.stream(&stream("1"), 6, Limit::PAGE).is_empty());
    assert!(asked.stream(&stream("1"), u64::MAX, Limit::PAGE).is_empty());
    assert!(asked.stream(&stream("2"), 0, Limit::PAGE).is_empty());
}

pub fn a_write_that_expects_another_revision_is_refused<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0));
    for expected in [0, 2, u64::MAX] {
        let conflicts = asked.conflicts(single(9, "a", expected));
        let moved = RevisionConflict {
            stream: stream("a"),
            expected: Revision(expected),
            actual: Revision(1),
        };
        assert_eq!(conflicts.revisions, [moved]);
    }
    let conflicts = asked.conflicts(single(9, "b", 3));
    assert_eq!(conflicts.revisions[0].actual, Revision::NONE, "the stream does not exist");
    assert_eq!(log.head(), Position(1));
    asked.appended(single(9, "a", 1));
    assert_ordered(&asked.all());
}

pub fn an_append_has_a_largest_size<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let events = |count: usize| (0..count as u64).map(|n| event(n, "thing.happened.v1")).collect();
    let append = |events| Append::new(meta(1)).write(write(stream("a"), 0, events));
    let many = asked.append(append(events(APPEND_EVENTS_MAX + 1)));
    assert!(matches!(many, Err(AppendError::TooLarge { .. })), "{many:?}");
    let mut large = event(1, "thing.happened.v1");
    large.data = "9".repeat(APPEND_BYTES_MAX + 1);
    let large = asked.append(append(vec![large]));
    assert!(matches!(large, Err(AppendError::TooLarge { .. })), "{large:?}");
    assert_eq!(log.head(), Position::START);

    assert_eq!(asked.appended(append(events(APPEND_EVENTS_MAX))).0, APPEND_EVENTS_MAX as u64);
    assert_ordered(&asked.all());
}

pub fn nothing_is_named_twice<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let one = |number| write(stream("a"), 0, vec![event(number, "thing.happened.v1")]);
    let empty = || Append::new(meta(1));
    for (what, append) in [
        ("stream", empty().write(one(1)).write(one(2))),
        ("guard", empty().guard(stream("a"), Revision(0)).guard(stream("a"), Revision(1))),
        ("claim", empty().take("key", "x").take("key", "y")),
        ("release", empty().release("key", "x").release("key", "y")),
        ("event id", empty().write(write(stream("a"), 0, vec![event(1, "a.b.v1"); 2]))),
    ] {
        let answer = asked.append(append);
        assert!(
            matches!(&answer, Err(AppendError::Twice { what: said, .. }) if *said == what),
            "{what}: {answer:?}"
        );
    }
    assert_eq!(log.head(), Position::START);
}

pub fn time_grows_while_the_clock_stands_or_goes_back<B: Backend>(backend: &B) {
    let clock = clock();
    let log = backend.open(clock.clone());
    let asked = Asked { backend, log: &log };
    let begin = clock.now();
    let pair = |number: u64, revision| {
        let events = vec![
            event(2 * number, "thing.happened.v1"),
            event(2 * number + 1, "thing.happened.v1"),
        ];
        Append::new(meta(number)).write(write(stream("a"), revision, events))
    };
    asked.appended(pair(0, 0));
    asked.appended(pair(1, 2));
    clock.set(Micros(begin.0 - 3_600_000_000));
    asked.appended(pair(2, 4));
    clock.set(Micros(begin.0 + 1_000));
    asked.appended(pair(3, 6));
    let events = asked.all();
    assert_ordered(&events);
    let since: Vec<_> = events.iter().map(|event| event.recorded_at.0 - begin.0).collect();
    assert_eq!(since, [0, 1, 2, 3, 4, 5, 1_000, 1_001]);
}

pub fn a_waiter_wakes_when_the_head_moves<B: Backend>(backend: &B) {
    let log = Arc::new(backend.open(clock()));
    let asked = Asked { backend, log: &*log };
    asked.appended(single(0, "a", 0));
    assert_eq!(
        backend.block_on(log.beyond(Position::START)),
        Position(1),
        "it lies beyond already"
    );
    std::thread::scope(|scope| {
        let waiters: Vec<_> =
            (0..8).map(|_| scope.spawn(|| backend.block_on(log.beyond(Position(1))))).collect();
        let patient = scope.spawn(|| backend.block_on(log.beyond(Position(3))));
        for number in 1..4 {
            asked.appended(single(number, "a", number));
        }
        for waiter in waiters {
            assert!(waiter.join().expect("a waiter wakes") > Position(1));
        }
        assert_eq!(patient.join().expect("a waiter wakes"), Position(4));
    });
}
