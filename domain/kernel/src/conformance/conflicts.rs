//! What an append of the full profile is checked against: all of it, or nothing is written.

use super::{Asked, Backend, assert_ordered, clock, event, id, meta, single, stream, write};
use crate::append::{
    Append, AppendError, ClaimConflict, CommandRecord, Held, Lookup, RevisionConflict,
    SinceConflict,
};
use crate::log::{EventLog, Limit};
use crate::stream::{Position, Revision};

pub fn several_streams_are_written_at_once<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0));
    let append = Append::new(meta(2))
        .write(write(stream("b"), 0, vec![event(2, "thing.happened.v1")]))
        .write(write(stream("a"), 1, vec![event(3, "x.y.v1"), event(4, "x.z.v2")]))
        .guard(stream("c"), Revision(0));
    assert_eq!(asked.appended(append), Position(4));
    let events = asked.all();
    assert_ordered(&events);
    let names: Vec<_> =
        events.iter().map(|event| (event.stream.id(), event.type_name.as_str())).collect();
    let happened = "thing.happened.v1";
    assert_eq!(names, [("a", happened), ("b", happened), ("a", "x.y.v1"), ("a", "x.z.v2")]);
    assert!(events[1..].iter().all(|event| event.meta == events[1].meta));
}

pub fn a_guard_that_moved_refuses<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0));
    let guarded = |revision| single(2, "b", 0).guard(stream("a"), Revision(revision));
    for stale in [0, 2] {
        let moved = RevisionConflict {
            stream: stream("a"),
            expected: Revision(stale),
            actual: Revision(1),
        };
        assert_eq!(asked.conflicts(guarded(stale)).revisions, [moved]);
    }
    asked.appended(guarded(1));
    // A guard on what the same append writes looks at how it stood before.
    asked.appended(single(3, "b", 1).guard(stream("b"), Revision(1)));
    assert_eq!(log.head(), Position(3));
}

pub fn none_since_knows_families_names_and_versions<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let types =
        ["death.confirmed.v1", "death.confirmed.v12", "death.reported.v1", "deathly.hallow.v1"];
    for (number, type_name) in (0..).zip(types) {
        let write = write(stream("a"), number, vec![event(number, type_name)]);
        asked.appended(Append::new(meta(number)).write(write));
    }
    let found = |pattern: &str, after| -> Vec<u64> {
        let append = single(50, "b", 7).none_since([pattern], Position(after));
        let conflicts = asked.conflicts(append);
        conflicts.since.iter().map(|since| since.position.0).collect()
    };
    assert_eq!(found("death.*", 0), [1, 2, 3]);
    assert_eq!(found("death.*", 2), [3]);
    assert_eq!(found("death.*", 3), [0; 0]);
    assert_eq!(found("death.confirmed", 0), [1, 2], "every version of it");
    assert_eq!(found("death.confirmed", 1), [2]);
    assert_eq!(found("death.conf", 0), [0; 0], "a name is whole");
    assert_eq!(found("death.confirmed.v1", 0), [0; 0], "a name has no version");
    assert_eq!(found("*", 3), [4]);
    assert_eq!(found("*", u64::MAX), [0; 0]);
    let append = single(51, "b", 0).none_since(["deathly.*", "death.reported"], Position(2));
    let conflicts = asked.conflicts(append);
    let listed = |position: u64, type_name: &str| SinceConflict {
        position: Position(position),
        stream: stream("a"),
        type_name: type_name.to_owned(),
    };
    assert_eq!(conflicts.since, [listed(3, types[2]), listed(4, types[3])]);
    asked.appended(single(52, "b", 0).none_since(["death.*"], Position(3)));
}

pub fn a_death_between_look_up_and_compose_refuses<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "population", 0));
    let frozen = log.head();
    let compose = || single(3, "batch", 0).none_since(["death.*", "person.merged"], frozen);

    let death = write(stream("person"), 0, vec![event(2, "death.confirmed.v1")]);
    asked.appended(Append::new(meta(2)).write(death));
    let since = asked.conflicts(compose()).since;
    assert_eq!(since.len(), 1);
    assert_eq!((since[0].position, since[0].stream.id()), (Position(2), "person"));
    assert!(asked.stream(&stream("batch"), 0, Limit::PAGE).is_empty(), "nobody was paid");

    // Frozen again, with the death known, the batch is composed.
    asked.appended(single(3, "batch", 0).none_since(["death.*", "person.merged"], log.head()));
}

pub fn every_conflict_is_listed_at_once<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0).take("k:1", "first").take("k:2", "first"));
    asked.appended(single(2, "b", 0).take("k:3", "second"));
    let append = Append::new(meta(3))
        .write(write(stream("a"), 5, vec![event(3, "thing.happened.v1")]))
        .write(write(stream("c"), 0, vec![event(4, "thing.happened.v1")]))
        .guard(stream("b"), Revision(9))
        .none_since(["thing.*"], Position(1))
        .release("k:9", "nobody")
        .release("k:3", "impostor")
        .take("k:4", "free")
        .take("k:2", "third")
        .take("k:1", "third");
    let conflicts = asked.conflicts(append);
    let moved = |name: &str, expected, actual| RevisionConflict {
        stream: stream(name),
        expected: Revision(expected),
        actual: Revision(actual),
    };
    assert_eq!(conflicts.revisions, [moved("a", 5, 1), moved("b", 9, 1)]);
    assert_eq!(conflicts.since.len(), 1);
    assert_eq!(conflicts.since[0].position, Position(2));
    let contested = |key: &str, held: Option<(&str, u64)>| ClaimConflict {
        key: key.to_owned(),
        held: held.map(|(holder, position)| Held {
            holder: holder.to_owned(),
            position: Position(position),
        }),
    };
    assert_eq!(
        conflicts.claims,
        [
            contested("k:9", None),
            contested("k:3", Some(("second", 2))),
            contested("k:2", Some(("first", 1))),
            contested("k:1", Some(("first", 1))),
        ]
    );
}

pub fn a_refusal_leaves_nothing_behind<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0).take("held", "first"));
    let entry = |subject| Lookup {
        kind: "name".to_owned(),
        blind: "b1".to_owned(),
        subject: id("s", subject),
    };
    let everything =
        |number: u64| {
            let mut append = single(number, "b", 0)
                .take("wanted", "second")
                .command(CommandRecord { id: id("c", 9), digest: [9; 32], result: "r".to_owned() });
            append.index.push(entry(1));
            append
        };
    let mut twice = everything(9);
    twice.writes[0].events.push(event(9, "thing.happened.v1"));
    let mut taken = everything(9);
    taken.writes[0].events[0].id = id("event", 1);
    for refused in [
        everything(9).guard(stream("a"), Revision(0)),
        everything(9).none_since(["thing.*"], Position::START),
        everything(9).take("held", "second"),
        everything(9).release("nothing", "second"),
        everything(9).write(write(stream("c"), 4, vec![event(10, "thing.happened.v1")])),
        twice,
        taken,
    ] {
        let answer = asked.append(refused);
        assert!(answer.is_err(), "{answer:?}");
        assert_eq!(log.head(), Position(1));
        assert_eq!(asked.all().len(), 1);
        assert!(asked.stream(&stream("b"), 0, Limit::PAGE).is_empty());
        assert_eq!(asked.holder("wanted"), None);
        assert_eq!(asked.holder("held"), Some(("first".to_owned(), 1)));
        let subjects = backend.block_on(log.look_up("name", "b1"));
        assert!(subjects.expect("the log under test is readable").is_empty());
        let command = backend.block_on(log.command(id("c", 9)));
        assert_eq!(command.expect("the log under test is readable"), None);
    }
    asked.appended(everything(9));
    assert_eq!(asked.holder("wanted"), Some(("second".to_owned(), 2)));
}

pub fn a_taken_event_id_is_refused<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0));
    let mut again = single(2, "b", 0);
    again.writes[0].events.push(event(1, "thing.happened.v1"));
    let answer = asked.append(again);
    let taken = id("event", 1);
    assert!(matches!(answer, Err(AppendError::EventIdTaken { id }) if id == taken), "{answer:?}");
    assert_eq!(log.head(), Position(1));
    asked.appended(single(2, "b", 0));
}

pub fn an_event_is_found_by_its_id<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    for number in 0..5 {
        asked.appended(single(number, "a", number));
    }
    let find = |number| {
        let answer = backend.block_on(log.event(id("event", number)));
        answer.expect("the log under test is readable")
    };
    assert_eq!(find(3).as_ref(), asked.all().get(3));
    assert_eq!(find(9), None);
}
