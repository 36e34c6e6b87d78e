//! Append and scan beside plain rusqlite doing the same rows, durable, in the same process.
//!
//! `cargo bench -p event-log` prints one row per work: name, ours per second, plain per second,
//! ratio; the best of [`ROUNDS`] each, taken in turns. Plain rusqlite is a thread with group commit
//! over the same tables that checks nothing itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::date;
use kernel::log::EventLog;
use kernel::ports::FixedClock;
use kernel::{
    Append, CommandRecord, Limit, Meta, Micros, NewEvent, Position, Revision, StreamName, Write,
};
use log::{Options, SqliteLog};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql};
use serde::Deserialize;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const ROUNDS: usize = 3;
const SINGLES: usize = 24_000;
const BULK_APPENDS: usize = 150;
const BULK: usize = 1_000;
const BEGIN: Micros = Micros(1_768_435_200_000_000);

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    println!("{:<34} {:>12} {:>12} {:>7}", "work", "ours/s", "plain/s", "ratio");
    for callers in [1, 16, 64] {
        let total = if callers == 1 { SINGLES / 6 } else { SINGLES };
        let input = singles(total);
        compare(
            &format!("append, {callers} callers, one event"),
            || rate(total, |dir| ours(&runtime, dir, &input, callers)),
            || rate(total, |dir| plain(&runtime, dir, &input, callers)),
        );
    }
    let input = bulks();
    compare(
        "append, 1,000 per call",
        || rate(BULK * BULK_APPENDS, |dir| ours(&runtime, dir, &input, 1)),
        || rate(BULK * BULK_APPENDS, |dir| plain(&runtime, dir, &input, 1)),
    );
    let dir = tempfile::tempdir().expect("a directory for the bench");
    ours(&runtime, dir.path(), &input, 1)();
    let log = SqliteLog::open(dir.path(), clock(), Options::default()).expect("the log opens");
    let connection = Connection::open(dir.path().join("log.db")).expect("the file opens");
    let (payload, whole) = ("position, type, data", "*");
    compare("scan, typed; plain: data alone", || scan(&log), || scan_plain(&connection, payload));
    compare("scan, typed; plain: all columns", || scan(&log), || scan_plain(&connection, whole));
    let owned = || read(&runtime, &log);
    compare("read (owned), typed", owned, || scan_plain(&connection, whole));
}

fn compare(work: &str, mut ours: impl FnMut() -> u64, mut plain: impl FnMut() -> u64) {
    let (mut best_ours, mut best_plain) = (0, 0);
    for _ in 0..ROUNDS {
        best_ours = best_ours.max(ours());
        best_plain = best_plain.max(plain());
    }
    // Hundredths, for a figure that is read and not reckoned with.
    let percent = best_ours * 100 / best_plain.max(1);
    let ratio = format!("{}.{:02}", percent / 100, percent % 100);
    println!("{work:<34} {best_ours:>12} {best_plain:>12} {ratio:>7}");
}

/// Events per second of the work that `prepare` makes ready in an empty directory.
fn rate<W: FnOnce()>(events: usize, prepare: impl FnOnce(&Path) -> W) -> u64 {
    let dir = tempfile::tempdir().expect("a directory for the bench");
    let work = prepare(dir.path());
    per_second(events, work)
}

fn per_second(events: usize, work: impl FnOnce()) -> u64 {
    let start = Instant::now();
    work();
    let micros = u64::try_from(start.elapsed().as_micros()).expect("a bench ends").max(1);
    events as u64 * 1_000_000 / micros
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(BEGIN))
}

/// Ids grow with time, as version 7 does.
fn id(kind: u128, number: usize) -> Uuid {
    let number = number as u128;
    Uuid::from_u128((number << 72) | (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) << 8) | kind)
}

/// 385 bytes, as in the peers' figures.
fn data(number: usize) -> String {
    let head = format!(
        r#"{{"obligation":"pension/2026-01/basic/0/{number:012}","person":"{number:012}","amount":{},"account":"address-{number:012}","bank":"icbc","division":"320602","note":""#,
        100_000 + number % 90_000
    );
    let note = "n".repeat(385 - head.len() - 2);
    format!(r#"{head}{note}"}}"#)
}

#[derive(Deserialize)]
struct Line<'a> {
    obligation: &'a str,
    person: &'a str,
    amount: i64,
    account: &'a str,
    bank: &'a str,
    division: &'a str,
    note: &'a str,
}

impl Line<'_> {
    fn weight(&self) -> u64 {
        let texts =
            [self.obligation, self.person, self.account, self.bank, self.division, self.note];
        self.amount.unsigned_abs() + texts.iter().map(|text| text.len() as u64).sum::<u64>()
    }
}

fn event(number: usize) -> NewEvent {
    let type_name = "obligation.calculated.v1".to_owned();
    NewEvent { id: id(1, number), type_name, data: data(number) }
}

fn append(number: usize, stream: usize, expected: usize, events: Vec<NewEvent>) -> Append {
    let meta = Meta::of("user:9c1f4c52", date(2026, 1, 15), id(2, number));
    let stream = StreamName::new("obligation", format!("{stream:012}"));
    Append::new(meta).write(Write { stream, expected: Revision(expected as u64), events }).command(
        CommandRecord { id: id(2, number), digest: [7; 32], result: format!("{number:012}") },
    )
}

/// One event each, ten per stream, with a claim and a command id.
fn singles(total: usize) -> Vec<Append> {
    let single = |number| {
        append(number, number / 10, number % 10, vec![event(number)])
            .take(format!("obligation:pension/2026-01/basic/0/{number:012}"), "run-2026-01")
    };
    (0..total).map(single).collect()
}

fn bulks() -> Vec<Append> {
    let bulk = |chunk: usize| {
        let events = (chunk * BULK..(chunk + 1) * BULK).map(event).collect();
        append(chunk, chunk, 0, events)
    };
    (0..BULK_APPENDS).map(bulk).collect()
}

/// Deals the input to `callers` so that the appends of one stream stay with one caller.
fn dealt(input: &[Append], callers: usize) -> Vec<Vec<Append>> {
    let mut hands = vec![Vec::new(); callers];
    for (place, append) in input.iter().enumerate() {
        hands[place / 10 % callers].push(append.clone());
    }
    hands
}

fn ours(runtime: &Runtime, dir: &Path, input: &[Append], callers: usize) -> impl FnOnce() + use<> {
    let log = SqliteLog::create(dir, id(3, 1), clock(), Options::default());
    let log = Arc::new(log.expect("the log opens"));
    let hands = dealt(input, callers);
    let handle = runtime.handle().clone();
    move || {
        let tasks: Vec<_> = hands
            .into_iter()
            .map(|hand| {
                let log = Arc::clone(&log);
                handle.spawn(async move {
                    for append in hand {
                        log.append(append).await.expect("the append stands");
                    }
                })
            })
            .collect();
        for task in tasks {
            handle.block_on(task).expect("a caller ends");
        }
    }
}

type Ask = (Append, String, oneshot::Sender<()>);

fn plain(runtime: &Runtime, dir: &Path, input: &[Append], callers: usize) -> impl FnOnce() + use<> {
    let connection = Connection::open(dir.join("plain.db")).expect("the file opens");
    connection.execute_batch(include_str!("../src/sqlite/schema.sql")).expect("the tables stand");
    for (name, value) in
        [("journal_mode", "WAL"), ("synchronous", "FULL"), ("wal_autocheckpoint", "4096")]
    {
        connection.pragma_update(None, name, value).expect("the setting is known");
    }
    connection.pragma_update(None, "cache_size", -65_536).expect("the setting is known");
    connection.set_prepared_statement_cache_capacity(64);
    let hands = dealt(input, callers);
    let handle = runtime.handle().clone();
    let (queue, asked) = mpsc::channel::<Ask>(1_024);
    let writer = std::thread::spawn(move || plain_writer(&connection, asked));
    move || {
        let tasks: Vec<_> = hands
            .into_iter()
            .map(|hand| {
                let queue = queue.clone();
                handle.spawn(async move {
                    for append in hand {
                        let (answer, answered) = oneshot::channel();
                        let meta = append.meta.to_text();
                        queue.send((append, meta, answer)).await.expect("the writer takes it");
                        answered.await.expect("the writer answers");
                    }
                })
            })
            .collect();
        for task in tasks {
            handle.block_on(task).expect("a caller ends");
        }
        drop(queue);
        writer.join().expect("the writer ends");
    }
}

fn plain_writer(connection: &Connection, mut asked: mpsc::Receiver<Ask>) {
    let mut head = 0;
    while let Some(first) = asked.blocking_recv() {
        let mut group = vec![first];
        while group.len() < 10_000
            && let Ok(next) = asked.try_recv()
        {
            group.push(next);
        }
        plain_group(connection, &group, &mut head).expect("plain rusqlite writes");
        for (_, _, answer) in group {
            answer.send(()).expect("the caller waits");
        }
    }
}

fn plain_group(connection: &Connection, group: &[Ask], head: &mut i64) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut rows = Vec::new();
    for (append, meta, _) in group {
        for write in &append.writes {
            let numbered = (write.expected.0.cast_signed() + 1..).zip(&write.events);
            rows.extend(numbered.map(|(revision, event)| (write, revision, event, meta)));
        }
    }
    insert(
        connection,
        "INSERT INTO events (position, stream, revision, type, id, recorded_at, meta, data)",
        8,
        &rows,
        |(write, revision, event, meta), bind| {
            *head += 1;
            bind(head)?;
            bind(&write.stream.as_str())?;
            bind(revision)?;
            bind(&event.type_name)?;
            bind(&event.id.as_bytes().as_slice())?;
            bind(&(BEGIN.0 + *head))?;
            bind(meta)?;
            bind(&event.data)
        },
    )?;
    let claims: Vec<_> = group.iter().flat_map(|(append, ..)| &append.take).collect();
    insert(connection, "INSERT INTO claims (key, holder, position)", 3, &claims, |claim, bind| {
        bind(&claim.key)?;
        bind(&claim.holder)?;
        bind(head)
    })?;
    let commands: Vec<_> =
        group.iter().filter_map(|(append, ..)| append.command.as_ref()).collect();
    let text = "INSERT INTO commands (id, digest, result, last)";
    insert(connection, text, 4, &commands, |command, bind| {
        bind(&command.id.as_bytes().as_slice())?;
        bind(&command.digest.as_slice())?;
        bind(&command.result)?;
        bind(head)
    })?;
    connection.execute_batch("COMMIT")
}

type Bind<'a> = dyn FnMut(&dyn ToSql) -> rusqlite::Result<()> + 'a;

fn insert<T>(
    connection: &Connection,
    text: &str,
    columns: usize,
    rows: &[T],
    mut row_of: impl FnMut(&T, &mut Bind<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let row = format!("({})", vec!["?"; columns].join(","));
    let mut rest = rows;
    for size in [64, 8, 1] {
        if rest.len() < size {
            continue;
        }
        let values = vec![row.as_str(); size].join(",");
        let mut statement = connection.prepare_cached(&format!("{text} VALUES {values}"))?;
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            let mut place = 0;
            for row in now {
                row_of(row, &mut |value| {
                    place += 1;
                    statement.raw_bind_parameter(place, value)
                })?;
            }
            statement.raw_execute()?;
            rest = later;
        }
    }
    Ok(())
}

fn scan(log: &SqliteLog) -> u64 {
    per_second(BULK * BULK_APPENDS, || {
        let (mut after, mut weight, mut count) = (Position::START, 0, 0);
        loop {
            let page = Limit { events: 10_000, bytes: usize::MAX };
            let scanned = log.scan(after, page, &mut |event| {
                let line: Line<'_> = serde_json::from_str(event.data).expect("it is a line");
                weight += line.weight();
            });
            let scanned = scanned.expect("it scans").expect("the log is readable");
            if scanned.events == 0 {
                break;
            }
            count += scanned.events;
            after = scanned.last;
        }
        assert!(weight > 0 && count == BULK * BULK_APPENDS);
    })
}

fn read(runtime: &Runtime, log: &SqliteLog) -> u64 {
    per_second(BULK * BULK_APPENDS, || {
        let (mut after, mut weight) = (Position::START, 0);
        loop {
            let events = runtime.block_on(log.read(after, Limit::PAGE));
            let events = events.expect("the log is readable");
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in &events {
                let line: Line<'_> = serde_json::from_str(&event.data).expect("it is a line");
                weight += line.weight();
            }
        }
        assert!(weight > 0 && after.0 == (BULK * BULK_APPENDS) as u64);
    })
}

/// Reads every column that is asked for; the last one is the data.
fn scan_plain(connection: &Connection, columns: &str) -> u64 {
    per_second(BULK * BULK_APPENDS, || {
        let mut statement = connection
            .prepare(&format!("SELECT {columns} FROM events ORDER BY position"))
            .expect("the table stands");
        let last = statement.column_count() - 1;
        let mut rows = statement.query(()).expect("it is readable");
        let (mut weight, mut count) = (0, 0);
        while let Some(row) = rows.next().expect("it is readable") {
            for column in 0..last {
                weight += match row.get_ref(column).expect("a column") {
                    ValueRef::Text(text) => str::from_utf8(text).expect("a text").len() as u64,
                    ValueRef::Blob(blob) => blob.len() as u64,
                    ValueRef::Integer(number) => number.unsigned_abs() & 1,
                    ValueRef::Null | ValueRef::Real(_) => unreachable!("no such column"),
                };
            }
            let data = row.get_ref(last).expect("a column").as_str().expect("a text");
            let line: Line<'_> = serde_json::from_str(data).expect("it is a line");
            weight += line.weight();
            count += 1;
        }
        assert!(weight > 0 && count == BULK * BULK_APPENDS);
    })
}
