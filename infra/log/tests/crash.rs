//! `kill -9` under load: whatever was acknowledged is there, once, and nothing is half there.
//!
//! The child is this test binary itself, started again for `the_child_appends_until_it_is_killed`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use kernel::conformance::{assert_ordered, block_on, clock, event, id, meta, write};
use kernel::{
    Append, Appended, CommandRecord, EventLog, Limit, Micros, Position, Recorded, StreamName,
};
use log::{Options, SqliteLog};

const DIRECTORY: &str = "RENSHE_CRASH_DIRECTORY";
const RUN: &str = "RENSHE_CRASH_RUN";
const WRITERS: u64 = 8;
const APPENDS_MAX: u64 = 100_000;

/// The `turn`-th append of a writer: mostly one event, now and then a large chunk.
fn append(run: u64, writer: u64, turn: u64) -> Append {
    let number = (run * WRITERS + writer) * APPENDS_MAX + turn;
    let events = (0..length(turn)).map(|n| event(number * 1_000 + n, "line.paid.v1")).collect();
    Append::new(meta(number))
        .write(write(StreamName::new("line", number), 0, events))
        .take(format!("line:{number:012}"), format!("w{writer}"))
        .command(CommandRecord {
            id: id("crash", number),
            digest: [1; 32],
            result: number.to_string(),
        })
}

fn length(turn: u64) -> u64 {
    if turn % 16 == 7 { 400 } else { 1 + turn % 3 }
}

#[test]
#[ignore = "the child of the test below"]
fn the_child_appends_until_it_is_killed() {
    let (Ok(directory), Ok(run)) = (std::env::var(DIRECTORY), std::env::var(RUN)) else { return };
    let run: u64 = run.parse().unwrap();
    let log = open(Path::new(&directory), run);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let log = &log;
            scope.spawn(move || {
                for turn in 0..APPENDS_MAX {
                    let position =
                        block_on(log.append(append(run, writer, turn))).unwrap().position();
                    let line = format!("ack {writer} {turn} {position}\n");
                    // One write per line: a line is whole or missing.
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            });
        }
    });
}

/// Every run's clock stands still, and before that of the run before.
fn open(directory: &Path, run: u64) -> SqliteLog {
    let clock = clock();
    clock.set(Micros(1_768_435_200_000_000 - run.cast_signed() * 1_000_000));
    SqliteLog::open_or_create(directory, || id("log", 1), clock, Options::default()).unwrap()
}

#[test]
fn what_was_acknowledged_survives_a_kill_exactly_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    let runs = [1, 400, 37, 900, 153, 260, 5, 610];
    for (run, kill_after) in (0..).zip(runs) {
        let lines = killed_after(directory.path(), run, kill_after);
        assert!(lines.len() >= kill_after);
        acknowledged.extend(
            lines.into_iter().map(|(writer, turn, position)| (run, writer, turn, position)),
        );
        let log = Arc::new(open(directory.path(), run));
        log.integrity().unwrap();
        let events = all(&log);
        assert_ordered(&events);
        assert_eq!(log.head().0, events.len() as u64);
        check(&log, &events, &acknowledged);
    }
}

/// What the child acknowledged before and while it was killed.
fn killed_after(directory: &Path, run: u64, lines: usize) -> Vec<(u64, u64, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child_appends_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(RUN, run.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // The test harness's own words end up on the same line as the first of ours.
        let told = line.ends_with('\n').then(|| line.split_once("ack ")).flatten();
        if let Some((_, told)) = told {
            let mut numbers = told.split_whitespace().map(|number| number.parse().unwrap());
            let mut next = || numbers.next().unwrap();
            acknowledged.push((next(), next(), next()));
            if acknowledged.len() == lines {
                child.kill().unwrap();
            }
        }
        line.clear();
    }
    assert!(!child.wait().unwrap().success());
    acknowledged
}

fn all(log: &SqliteLog) -> Vec<Recorded> {
    let mut events = Vec::new();
    loop {
        let page = block_on(log.read(Position(events.len() as u64), Limit::PAGE)).unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

fn check(log: &SqliteLog, events: &[Recorded], acknowledged: &[(u64, u64, u64, u64)]) {
    let mut lengths: HashMap<&str, u64> = HashMap::new();
    for event in events {
        *lengths.entry(event.stream.as_str()).or_default() += 1;
    }
    for (run, writer, turn, position) in acknowledged {
        let append = append(*run, *writer, *turn);
        let stream = append.writes[0].stream.clone();
        assert_eq!(lengths.get(stream.as_str()), Some(&length(*turn)), "{stream} is there once");
        let keys = [append.take[0].key.clone()];
        let held = block_on(log.claims(&keys)).unwrap().remove(0).unwrap();
        assert_eq!(held.position, Position(*position));
        let result = append.command.as_ref().unwrap().result.clone();
        let before = Appended::Before { result, last: Position(*position) };
        assert_eq!(block_on(log.append(append)).unwrap(), before);
    }
    // What nobody acknowledged is whole, too.
    for (stream, count) in lengths {
        let number: u64 = stream.trim_start_matches("line-").parse().unwrap();
        assert_eq!(count, length(number % APPENDS_MAX), "{stream} is whole");
    }
}
