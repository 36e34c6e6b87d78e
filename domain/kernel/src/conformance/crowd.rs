//! Many callers at once.

use std::collections::HashSet;
use std::sync::Barrier;

use super::{Asked, Backend, assert_ordered, clock, event, id, meta, single, stream, times, write};
use crate::append::{Append, AppendError, Appended, CommandRecord};
use crate::event::Recorded;
use crate::log::{EventLog, Limit};
use crate::stream::Position;

const WRITERS: u64 = 32;
const READERS: usize = 8;
/// Of each writer, at the least.
const APPENDS: u32 = 12;

pub fn readers_of_a_busy_log_skip_repeat_and_reorder_nothing<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let appends = u64::from(times(APPENDS));
    // Every append holds one to three events.
    let total: u64 = (0..appends).map(|number| number % 3 + 1).sum::<u64>() * WRITERS;
    let follow = |page: usize| {
        let mut seen: Vec<Recorded> = Vec::new();
        while (seen.len() as u64) < total {
            let after = Position(seen.len() as u64);
            let head = backend.block_on(log.beyond(after));
            let events = asked.read(after.0, Limit::events(page));
            assert!(head > after && !events.is_empty(), "what the head covers is visible");
            seen.extend(events);
        }
        seen
    };
    let work = |writer: u64| {
        let mut revision = 0;
        for number in 0..appends {
            let numbers = (0..=number % 3).map(|n| (writer * appends + number) * 3 + n);
            let events: Vec<_> = numbers.map(|n| event(n, "thing.happened.v1")).collect();
            let count = events.len() as u64;
            let append = Append::new(meta(writer)).write(write(stream(writer), revision, events));
            let position = asked.appended(append);
            revision += count;
            assert!(log.head() >= position, "what is acknowledged is visible");
        }
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> =
            (1..=READERS).map(|n| scope.spawn(move || follow(n * n * 3))).collect();
        for writer in 0..WRITERS {
            scope.spawn(move || work(writer));
        }
        for reader in readers {
            let seen = reader.join().expect("a reader ends");
            assert_eq!(seen.len() as u64, total);
            assert_ordered(&seen);
            let ids: HashSet<_> = seen.iter().map(|event| event.id).collect();
            assert_eq!(ids.len() as u64, total);
        }
    });
    assert_eq!(log.head(), Position(total));
}

pub fn of_a_hundred_takers_one_wins<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let start = Barrier::new(100);
    let asked = &asked;
    let start = &start;
    let answers: Vec<_> = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..100)
            .map(|taker| {
                scope.spawn(move || {
                    start.wait();
                    let append =
                        single(taker, taker, 0).take("day:2026-01-15", format!("t{taker}"));
                    (format!("t{taker}"), asked.append(append))
                })
            })
            .collect();
        takers.into_iter().map(|taker| taker.join().expect("a taker ends")).collect()
    });
    let winners: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).collect();
    assert_eq!(winners.len(), 1, "exactly one wins");
    let (winner, position) = (&winners[0].0, winners[0].1.as_ref().expect("it won").position());
    for (taker, answer) in &answers {
        if taker == winner {
            continue;
        }
        let Err(AppendError::Conflict(conflicts)) = answer else { panic!("{taker}: {answer:?}") };
        let held = conflicts.claims[0].held.as_ref().expect("the loser learns who won");
        assert_eq!((&held.holder, held.position), (winner, position));
    }
    assert_eq!(log.head(), Position(1));
}

pub fn a_command_sent_by_many_is_carried_out_once<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = &Asked { backend, log: &log };
    let start = &Barrier::new(WRITERS as usize);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..WRITERS)
            .map(|caller| {
                scope.spawn(move || {
                    start.wait();
                    let record = CommandRecord {
                        id: id("c", 1),
                        digest: [1; 32],
                        result: caller.to_string(),
                    };
                    asked.append(single(caller, "a", 0).command(record))
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller ends")).collect()
    });
    let mut now = 0;
    let done = backend.block_on(log.command(id("c", 1)));
    let done = done.expect("the log under test is readable").expect("it was carried out");
    for answer in answers {
        match answer.expect("a repeated command is no error") {
            Appended::Now { .. } => now += 1,
            Appended::Before { result, last } => {
                assert_eq!((result, last), (done.result.clone(), done.last));
            }
        }
    }
    assert_eq!((now, log.head()), (1, Position(1)));
}

pub fn a_conflict_of_one_leaves_the_others_standing<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = &Asked { backend, log: &log };
    asked.appended(single(0, "start", 0).take("taken", "start"));
    let appends = u64::from(times(APPENDS));
    let acknowledged: Vec<Vec<u64>> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..WRITERS)
            .map(|caller| {
                scope.spawn(move || {
                    let mut stood = Vec::new();
                    for turn in 0..appends {
                        let number = 1 + caller * appends + turn;
                        let append = single(number, caller, stood.len() as u64);
                        match (caller + turn) % 4 {
                            0 => assert_eq!(
                                asked.conflicts(append.take("taken", "x")).claims.len(),
                                1
                            ),
                            1 => {
                                let twin = single(0, caller, stood.len() as u64);
                                let answer = asked.append(twin);
                                let taken = matches!(answer, Err(AppendError::EventIdTaken { .. }));
                                assert!(taken, "{answer:?}");
                            }
                            _ => {
                                asked.appended(append.take(format!("k:{number}"), "x"));
                                stood.push(number);
                            }
                        }
                    }
                    stood
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller ends")).collect()
    });
    let events = asked.all();
    assert_ordered(&events);
    let ids: HashSet<_> = events.iter().map(|event| event.id).collect();
    let stood: HashSet<_> =
        acknowledged.into_iter().flatten().chain([0]).map(|number| id("event", number)).collect();
    assert_eq!(ids, stood);
}
