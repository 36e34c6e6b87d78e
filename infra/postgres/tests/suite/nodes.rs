//! Several nodes on one log: one order for all, and a writer that lost its lease writes nothing.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::Duration;

use kernel::conformance::{assert_ordered, block_on, clock, event, meta, single, write};
use kernel::{Append, AppendError, Clock, EventLog, Limit, Micros, Position, Recorded, StreamName};
use postgres::PostgresLog;
use rustix::process::{Pid, Signal, kill_process};

use crate::shared::{Place, all, command};

const NODES: u64 = 3;
const WRITERS: u64 = 6;
const APPENDS: u64 = 15;

#[test]
fn readers_of_every_node_see_one_order_without_a_gap() {
    let place = Place::new();
    let nodes: Vec<_> = (0..NODES)
        .map(|node| {
            // Their clocks differ by an hour, and stand.
            let clock = clock();
            clock.set(Micros(clock.now().0 + node.cast_signed() * 3_600_000_000));
            place.log_at(place.options(&node.to_string()), clock)
        })
        .collect();
    let total = NODES * WRITERS * APPENDS * 2;
    let work = |node: u64, writer: u64| {
        for turn in 0..APPENDS {
            let number = (node * WRITERS + writer) * APPENDS + turn;
            let events = (0..2).map(|n| event(number * 2 + n, "thing.happened.v1")).collect();
            let stream = StreamName::new("thing", format!("{node}.{writer}"));
            let append = Append::new(meta(number)).write(write(stream, turn * 2, events));
            let position = block_on(nodes[node as usize].append(append)).unwrap().position();
            assert!(nodes[node as usize].head() >= position);
        }
    };
    let follow = |log: &PostgresLog| {
        let mut seen: Vec<Recorded> = Vec::new();
        while (seen.len() as u64) < total {
            let after = Position(seen.len() as u64);
            let head = block_on(log.beyond(after));
            let page = block_on(log.read(after, Limit::events(7))).unwrap();
            assert!(head > after && !page.is_empty(), "what the head covers is visible");
            seen.extend(page);
        }
        seen
    };
    let seen: Vec<_> = std::thread::scope(|scope| {
        let (work, follow) = (&work, &follow);
        let readers: Vec<_> = nodes.iter().map(|log| scope.spawn(move || follow(log))).collect();
        for node in 0..NODES {
            for writer in 0..WRITERS {
                scope.spawn(move || work(node, writer));
            }
        }
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert_ordered(&seen[0]);
    assert!(seen.iter().all(|one| *one == seen[0]));
}

#[test]
fn of_takers_on_two_nodes_one_wins_and_every_loser_knows() {
    let place = Place::new();
    let nodes = [place.log("a"), place.log("b")];
    let start = Barrier::new(16);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let take = |taker: u64| {
            let (log, start) = (&nodes[taker as usize % 2], &start);
            move || {
                start.wait();
                let append = single(taker, taker, 0).take("day", format!("t{taker}"));
                (taker, block_on(log.append(append)))
            }
        };
        let takers: Vec<_> = (0..16).map(|taker| scope.spawn(take(taker))).collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).collect()
    });
    let winners: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).collect();
    assert_eq!(winners.len(), 1);
    for (taker, answer) in &answers {
        if *taker != winners[0].0 {
            let Err(AppendError::Conflict(conflicts)) = answer else { panic!("{answer:?}") };
            let held = conflicts.claims[0].held.as_ref().unwrap();
            assert_eq!(
                (held.holder.as_str(), held.position.0),
                (&*format!("t{}", winners[0].0), 1)
            );
        }
    }
}

#[test]
fn what_another_node_wrote_is_judged_by() {
    let place = Place::new();
    let (a, b) = (place.log("a"), place.log("b"));
    // Each has the other's stream in memory, and it moves under it.
    for turn in 0..6 {
        let (log, other) = if turn % 2 == 0 { (&a, &b) } else { (&b, &a) };
        block_on(log.append(command(single(turn, "s", turn), turn))).unwrap();
        let stale = block_on(other.append(single(99, "s", turn)));
        let Err(AppendError::Conflict(conflicts)) = stale else { panic!("{stale:?}") };
        assert_eq!(conflicts.revisions[0].actual.0, turn + 1);
        let again = block_on(other.append(command(single(turn, "s", turn), turn))).unwrap();
        assert_eq!(again.position(), Position(turn + 1));
        assert!(other.head() >= again.position());
        let since = single(98, "t", 0).none_since(["thing.*"], Position(turn));
        let Err(AppendError::Conflict(conflicts)) = block_on(other.append(since)) else { panic!() };
        assert_eq!(conflicts.since[0].position, Position(turn + 1));
    }
    assert_ordered(&all(&a));
}

#[test]
fn a_process_with_the_same_name_takes_over() {
    let place = Place::new();
    let first = place.log("a");
    block_on(first.append(single(1, "a", 0))).unwrap();
    let second = place.log("a");
    let answer = block_on(first.append(single(2, "a", 1)));
    let Err(AppendError::Fenced { held, current }) = answer else { panic!("{answer:?}") };
    assert!(held < current, "{held} {current}");
    assert!(block_on(first.failed()).contains("another process"));
    assert!(matches!(block_on(first.append(single(2, "a", 1))), Err(AppendError::Fenced { .. })));
    assert!(block_on(first.move_cursor("p", Position(1))).is_err());
    // It still reads.
    assert_eq!(all(&first).len(), 1);
    block_on(second.append(single(2, "a", 1))).unwrap();
    drop(first);
    // Its end does not end the lease of the other.
    block_on(second.append(single(3, "a", 2))).unwrap();
}

const URL: &str = "RENSHE_NODE_URL";
const SCHEMA: &str = "RENSHE_NODE_SCHEMA";

fn sleepy(place: &Place) -> postgres::Options {
    let mut options = place.options("sleepy");
    options.lease = Duration::from_millis(900);
    options
}

#[test]
#[ignore = "the child of the tests below"]
fn the_child_writes_until_it_is_fenced_off() {
    let (Ok(url), Ok(schema)) = (std::env::var(URL), std::env::var(SCHEMA)) else { return };
    let place = Place { url, schema, number: 0 };
    let log = block_on(PostgresLog::connect(&place.url, sleepy(&place), clock())).unwrap();
    let tell = |line: String| std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let (log, tell) = (&log, &tell);
            scope.spawn(move || {
                for turn in 0.. {
                    let append = single(writer * 1_000_000 + turn, writer, turn);
                    match block_on(log.append(append)) {
                        Ok(_) => tell(format!("told ack {writer} {turn}\n")),
                        Err(error) => {
                            return tell(format!("told end {writer} {turn} {error:?}\n"));
                        }
                    }
                }
            });
        }
    });
}

fn child(place: &Place) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nodes::the_child_writes_until_it_is_fenced_off"])
        .args(["--ignored", "--nocapture"])
        .env(URL, &place.url)
        .env(SCHEMA, &place.schema)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    // The test harness's own words end up on the same line as the first of ours.
    let told = output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("told ").map(|(_, told)| told.to_owned()));
    (child, told)
}

/// Stops a writing process, has `meanwhile` happen once its lease is over, and wakes it.
fn woken(meanwhile: impl FnOnce(&Place)) {
    let place = Place::new();
    let watch = place.log("watch");
    let (mut child, mut told) = child(&place);
    let pid = Pid::from_child(&child);
    let mut acknowledged: Vec<String> = told.by_ref().take(60).collect();
    kill_process(pid, Signal::STOP).unwrap();
    // It may have stopped with the counter locked: the server ends that transaction.
    let mine = block_on(watch.append(single(9_000_000, "watch", 0))).unwrap().position();
    place.until(&format!(
        "SELECT until < clock_timestamp() FROM writers WHERE node = '{}'",
        place.node("sleepy")
    ));
    meanwhile(&place);
    kill_process(pid, Signal::CONT).unwrap();
    acknowledged.extend(told);
    assert!(child.wait().unwrap().success());

    let events = all(&watch);
    assert_ordered(&events);
    assert_eq!(watch.head(), mine, "it wrote nothing after it woke: {acknowledged:?}");
    let streams: HashSet<_> = events.iter().map(|e| (e.stream.id(), e.revision.0)).collect();
    let mut ends = 0;
    for line in &acknowledged {
        let words: Vec<_> = line.split_whitespace().collect();
        let turn: u64 = words[2].parse().unwrap();
        if words[0] == "ack" {
            assert!(streams.contains(&(words[1], turn + 1)), "{line} is lost");
        } else {
            ends += 1;
            assert!(line.contains("Fenced") || line.contains("Uncertain"), "{line}");
        }
    }
    assert_eq!(ends, 4);
}

#[test]
fn a_writer_that_wakes_after_its_lease_writes_nothing() {
    woken(|_| {});
}

#[test]
fn a_writer_that_wakes_after_another_took_its_name_writes_nothing() {
    woken(|place| drop(place.log_with(sleepy(place))));
}

#[test]
fn a_lease_is_kept_while_nobody_writes() {
    let place = Place::new();
    let mut options = place.options("a");
    options.lease = Duration::from_millis(600);
    let log = place.log_with(options);
    let first = place.sql("SELECT until FROM writers");
    place.until(&format!(
        "SELECT until > '{first}'::timestamptz + interval '1 second' FROM writers"
    ));
    block_on(log.append(single(1, "a", 0))).unwrap();
    drop(log);
    assert_eq!(place.sql("SELECT count(*) FROM writers"), "0", "it was given back");
}
