//! What may happen to a database: no acknowledged command is lost or doubled, the error says what
//! it is, and the log recovers by itself.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use kernel::conformance::{assert_ordered, block_on, id, single, stream};
use kernel::{AppendError, EventLog, Limit, Position, ReadError, Revision};
use postgres::PostgresLog;

use crate::shared::{Place, SERVER, all, command, insist};
use postgres_server::{Disk, Server};

const WRITERS: u64 = 8;
const APPENDS: u64 = 60;

/// A transaction of somebody else, open until it is released.
pub struct Held {
    psql: Child,
    input: Option<ChildStdin>,
}

impl Held {
    pub fn new(place: &Place, text: &str) -> Self {
        let mut psql =
            SERVER.psql("postgres").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = psql.stdin.take().unwrap();
        writeln!(input, "SET search_path = {}; BEGIN; {text};\n\\echo held", place.schema).unwrap();
        let answers = BufReader::new(psql.stdout.take().unwrap());
        assert!(answers.lines().any(|line| line.unwrap() == "held"));
        Self { psql, input: Some(input) }
    }

    pub fn release(&mut self) {
        self.input = None;
        assert!(self.psql.wait().unwrap().success());
    }
}

/// Every writer insists on its appends while `harm` is done; then each stands exactly once.
fn under_load(log: &PostgresLog, harm: impl FnOnce(&AtomicU64, &AtomicBool) + Send) {
    let (done, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let write = |writer: u64| {
        for turn in 0..APPENDS {
            let number = writer * APPENDS + turn;
            let append = command(single(number, writer, turn), number);
            let append = append.take(format!("k:{number:05}"), "x");
            let position = insist(log, &append).unwrap().position();
            assert!(log.head() >= position);
            done.fetch_add(1, Ordering::SeqCst);
        }
    };
    std::thread::scope(|scope| {
        let harmer = scope.spawn(|| harm(&done, &over));
        let write = &write;
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        let ended: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        over.store(true, Ordering::SeqCst);
        harmer.join().unwrap();
        assert!(ended.iter().all(Result::is_ok));
    });
    let events = all(log);
    assert_ordered(&events);
    assert_eq!(events.len() as u64, WRITERS * APPENDS, "every command once");
    assert_eq!(log.head(), Position(WRITERS * APPENDS));
    let claims = block_on(log.claims_from("k:", "", usize::MAX)).unwrap();
    assert_eq!(claims.len() as u64, WRITERS * APPENDS);
}

#[test]
fn a_server_that_restarts_under_load_costs_no_command() {
    let mut server = Server::start(Disk::Flushed);
    let place = Place::on(&server);
    let log = place.log("a");
    under_load(&log, |done, over| {
        for after in [40, 200] {
            while done.load(Ordering::SeqCst) < after && !over.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            server.order("stop");
            server.order("start");
        }
    });
    // Reading came back as well.
    let read = block_on(log.read_stream(&stream(1), Revision::NONE, Limit::PAGE)).unwrap();
    assert_eq!(read.len() as u64, APPENDS);
    drop(log);
}

#[test]
fn connections_killed_at_random_cost_no_command() {
    let place = Place::new();
    let log = place.log("a");
    let kill = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE application_name = 'renshe-log {}' AND random() < 0.6",
        place.node("a")
    );
    let mut killed = 0;
    under_load(&log, |_, over| {
        while !over.load(Ordering::SeqCst) {
            killed += place.sql(&kill).parse::<u64>().unwrap();
        }
    });
    assert!(killed > 0);
}

#[test]
fn a_pool_without_a_free_connection_says_so_and_recovers() {
    let place = Place::new();
    let mut options = place.options("a");
    options.readers = 1;
    options.patience = Duration::from_millis(200);
    let log = place.log_with(options);
    block_on(log.append(single(1, "a", 0))).unwrap();
    let mut lock = Held::new(&place, "LOCK TABLE events IN ACCESS EXCLUSIVE MODE");
    let errors: Vec<_> = std::thread::scope(|scope| {
        let ask = || block_on(log.read(Position(0), Limit::PAGE));
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        place.until(
            "SELECT count(*) >= 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
             AND application_name = 'renshe-log ' || current_schema() || '.a'",
        );
        // One of them may hold the listener's place: what it waits for is only the lock.
        let refused = ask();
        lock.release();
        let mut answers: Vec<_> = asked.into_iter().map(|asked| asked.join().unwrap()).collect();
        answers.push(refused);
        answers.into_iter().filter_map(Result::err).collect()
    });
    assert!(!errors.is_empty());
    for error in errors {
        let ReadError::Unavailable(why) = &error else { panic!("{error:?}") };
        assert!(why.contains("no connection") && why.contains("200 ms"), "{why}");
    }
    assert_eq!(all(&log).len(), 1);
}

#[test]
fn a_statement_that_takes_too_long_is_refused_and_writes_nothing() {
    let place = Place::new();
    let mut options = place.options("a");
    options.statement = Duration::from_millis(150);
    let log = place.log_with(options);
    let append = command(single(1, "a", 0), 1);
    let mut lock = Held::new(&place, "SELECT 1 FROM installation FOR UPDATE");
    let answer = block_on(log.append(append.clone()));
    assert!(
        matches!(&answer, Err(AppendError::Unavailable(why)) if why.contains("timeout")),
        "{answer:?}"
    );
    lock.release();
    assert_eq!(all(&log), []);
    assert_eq!(insist(&log, &append).unwrap().position(), Position(1));
    assert_eq!(all(&log).len(), 1);
}

#[test]
fn a_full_disk_closes_the_log_until_there_is_room() {
    let place = Place::new();
    let log = place.log("a");
    place.sql(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'could not extend file: No space left on device' \
         USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT ON events EXECUTE FUNCTION full_disk()",
    );
    let append = command(single(1, "a", 0), 1);
    let answer = block_on(log.append(append.clone()));
    assert!(
        matches!(&answer, Err(AppendError::ReadOnly(why)) if why.contains("No space left")),
        "{answer:?}"
    );
    assert_eq!((all(&log).len(), log.head()), (0, Position(0)));
    place.sql("DROP TRIGGER full_disk ON events");
    assert_eq!(block_on(log.append(append)).unwrap().position(), Position(1));
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_by_its_command() {
    let place = Place::new();
    let log = place.log("a");
    // Ends the session after all work is done, within COMMIT.
    place.sql(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION cut()",
    );
    let append = command(single(1, "a", 0), 1);
    let answer = block_on(log.append(append.clone()));
    assert!(matches!(answer, Err(AppendError::Uncertain(_))), "{answer:?}");
    place.sql("DROP TRIGGER cut ON events");
    assert_eq!(insist(&log, &append).unwrap().position(), Position(1));
    assert_eq!(block_on(log.append(append)).unwrap().position(), Position(1));
    assert_eq!(all(&log).len(), 1);
}

#[test]
fn what_the_database_cannot_store_is_refused_alone() {
    let place = Place::new();
    let log = place.log("a");
    let mut lock = Held::new(&place, "SELECT 1 FROM installation FOR UPDATE");
    let answers: Vec<_> = std::thread::scope(|scope| {
        let ask = |number: u64| {
            let append = single(number, number, 0);
            let append = match number {
                3 => append.take("a\0b", "x"),
                // Longer than an index takes, and not to be compressed.
                5 => append.take(
                    (0..300).map(|n| id("noise", n).simple().to_string()).collect::<String>(),
                    "x",
                ),
                _ => append.take(format!("k:{number}"), "x"),
            };
            let log = &log;
            move || (number, block_on(log.append(append)))
        };
        let asked: Vec<_> = (0..10).map(|number| scope.spawn(ask(number))).collect();
        place.until(
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
             AND application_name = 'renshe-log ' || current_schema() || '.a'",
        );
        lock.release();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    for (number, answer) in answers {
        match number {
            3 | 5 => assert!(matches!(answer, Err(AppendError::ReadOnly(_))), "{answer:?}"),
            _ => assert!(answer.is_ok(), "{answer:?}"),
        }
    }
    assert_ordered(&all(&log));
    assert_eq!(log.head(), Position(8));
}

#[test]
fn a_caller_that_gives_up_leaves_no_transaction_behind() {
    let place = Place::new();
    let mut options = place.options("a");
    options.readers = 2;
    let log = place.log_with(options);
    let mut context = Context::from_waker(Waker::noop());
    for number in 0..50 {
        let mut read = log.read(Position(0), Limit::PAGE);
        let _ = read.as_mut().poll(&mut context);
        let mut append = log.append(command(single(number, number, 0), number));
        let _ = append.as_mut().poll(&mut context);
    }
    for number in 0..50 {
        let append = command(single(number, number, 0), number);
        block_on(log.append(append)).unwrap();
    }
    assert_eq!(all(&log).len(), 50, "given up or not, each once");
    place.until(
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
         AND application_name = 'renshe-log ' || current_schema() || '.a'",
    );
}
