//! Many facts, 32 writers on four nodes and eight readers: a million facts, ten million in a long
//! run. An event of a run carries its lines: here a hundred facts, as one column of numbers.

use std::collections::HashMap;
use std::thread;

use kernel::append::{Append, NewEvent};
use kernel::conformance::{block_on, id, meta, stream, times, write};
use kernel::{EventLog, Limit, Position};
use postgres::PostgresLog;

use crate::shared::Place;

const FACTS_PER_EVENT: u64 = 100;
const EVENTS_PER_APPEND: u64 = 10;
const WRITERS: u64 = 32;
const READERS: usize = 8;
const NODES: u64 = 4;
/// A million facts.
const EVENTS: u32 = 10_000;

/// A hundred facts that no other event has.
fn facts(number: u64) -> String {
    let first = number * FACTS_PER_EVENT;
    let lines: Vec<String> =
        (first..first + FACTS_PER_EVENT).map(|fact| fact.to_string()).collect();
    format!("[{}]", lines.join(","))
}

fn sum(of: &str) -> u64 {
    let lines = of.trim_matches(['[', ']']).split(',');
    lines.map(|fact| fact.parse::<u64>().unwrap()).sum()
}

/// Appends the events of one writer, one append after the other; `mine` are their numbers.
fn work(log: &PostgresLog, writer: u64, mine: std::ops::Range<u64>) {
    let mut revision = 0;
    let (mut from, end) = (mine.start, mine.end);
    while from < end {
        let numbers = from..(from + EVENTS_PER_APPEND).min(end);
        from = numbers.end;
        let events: Vec<NewEvent> = numbers
            .map(|number| NewEvent {
                id: id("many", number),
                type_name: "thing.lines-counted.v1".to_owned(),
                data: facts(number),
            })
            .collect();
        let count = events.len() as u64;
        let append = Append::new(meta(writer)).write(write(stream(writer), revision, events));
        block_on(log.append(append)).unwrap();
        revision += count;
    }
}

/// What a reader that follows the log adds up to: each position once, in order, each stream without
/// a gap.
fn follow(log: &PostgresLog, events: u64) -> u64 {
    let (mut last, mut total) = (Position::START, 0);
    let mut revisions: HashMap<String, u64> = HashMap::new();
    while last.0 < events {
        block_on(log.beyond(last));
        for event in block_on(log.read(last, Limit::PAGE)).unwrap() {
            assert_eq!(event.position.0, last.0 + 1, "none is skipped, repeated or out of turn");
            last = event.position;
            let revision = revisions.entry(event.stream.to_string()).or_default();
            assert_eq!(event.revision.0, *revision + 1, "{}", event.stream);
            *revision = event.revision.0;
            total += sum(&event.data);
        }
    }
    total
}

#[test]
fn no_reader_misses_one_of_a_million_facts() {
    let place = Place::new();
    let nodes: Vec<PostgresLog> = (0..NODES).map(|node| place.log(&format!("n{node}"))).collect();
    let events = u64::from(times(EVENTS));
    let per_writer = events.div_ceil(WRITERS);
    let facts = events * FACTS_PER_EVENT;
    let expected = facts * (facts - 1) / 2;
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                let log = &nodes[reader % nodes.len()];
                scope.spawn(move || follow(log, events))
            })
            .collect();
        for writer in 0..WRITERS {
            let log = &nodes[usize::try_from(writer % NODES).unwrap()];
            let first = (writer * per_writer).min(events);
            let mine = first..(first + per_writer).min(events);
            scope.spawn(move || work(log, writer, mine));
        }
        for reader in readers {
            assert_eq!(reader.join().unwrap(), expected);
        }
    });
}
