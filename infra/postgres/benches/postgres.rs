//! Append and read beside plain sqlx doing the same rows on the same server, flushed.
//!
//! `cargo bench -p postgres` (the server's files lie in `TMPDIR`) prints one row per work: name, ours per second, plain per second,
//! ratio; the best of [`ROUNDS`] each, taken in turns. Plain is what the row says; it checks nothing.
//!
//! | work | at least |
//! |---|---|
//! | append, 64 callers, one event | 2.0 of one INSERT per transaction on 64 connections |
//! | append, 1,000 per call | 0.8 of plain UNNEST |
//! | read, typed | 0.6 of a plain scan of the texts |

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::TryStreamExt;
use jiff::civil::date;
use kernel::ports::FixedClock;
use kernel::{
    Append, CommandRecord, EventLog, Limit, Meta, Micros, NewEvent, Position, Revision, StreamName,
    Write,
};
use postgres::{Options, PostgresLog};
use postgres_server::{Disk, Server};
use serde::Deserialize;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Row};
use tokio::runtime::Runtime;
use uuid::Uuid;

const ROUNDS: usize = 3;
const SINGLES: usize = 24_000;
const BULK_APPENDS: usize = 100;
const BULK: usize = 1_000;
const CALLERS: usize = 64;
const BEGIN: Micros = Micros(1_768_435_200_000_000);

static SCHEMAS: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let mut server = Server::start(Disk::Flushed);
    // A server that was started twice has its files in the cache of the machine.
    server.order("stop");
    server.order("start");
    let runtime = Runtime::new().expect("a runtime starts");
    let url = server.url("postgres");
    let bench = Bench { server, url, runtime };
    println!("{:<44} {:>10}", "one flush on this disk, in µs", flush_micros());
    println!("{:<44} {:>10} {:>10} {:>6}", "work", "ours/s", "plain/s", "ratio");
    for callers in [1, 16, CALLERS] {
        let total = if callers == 1 { SINGLES / 12 } else { SINGLES };
        let (bare, full) = (singles(total, false), singles(total, true));
        let plain = || bench.plain_singles(&bare, callers);
        compare(
            &format!("append, {callers} callers, one event"),
            || bench.ours(&bare, callers),
            plain,
        );
        let works = format!("append, {callers} callers, with claim and command");
        compare(&works, || bench.ours(&full, callers), plain);
    }
    let input = bulks();
    compare("append, 1,000 per call", || bench.ours(&input, 1), || bench.plain_bulk(&input));
    let (log, schema) = bench.filled(&input);
    let plain = || bench.plain_scan(&schema, "data");
    compare("scan, typed; plain: data alone", || bench.scan(&log), plain);
    let whole = "position, stream, revision, type, id, recorded_at, meta, data";
    let plain = || bench.plain_scan(&schema, whole);
    compare("scan, typed; plain: all columns", || bench.scan(&log), plain);
    compare("read (owned), typed; plain: all columns", || bench.read(&log), plain);
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
    println!("{work:<44} {best_ours:>10} {best_plain:>10} {ratio:>6}");
}

fn per_second(events: usize, work: impl FnOnce()) -> u64 {
    let start = Instant::now();
    work();
    let micros = u64::try_from(start.elapsed().as_micros()).expect("a bench ends").max(1);
    events as u64 * 1_000_000 / micros
}

/// What the ratios of single appends depend on: a group costs one flush, and so do as many
/// transactions as the server finds waiting.
fn flush_micros() -> u64 {
    use std::io::Write as _;
    let mut file = tempfile::tempfile().expect("a file beside the server's");
    let flushes = 200;
    let rate = per_second(flushes, || {
        for _ in 0..flushes {
            file.write_all(&[0; 8_192]).expect("the disk has room");
            file.sync_data().expect("the disk flushes");
        }
    });
    1_000_000 / rate.max(1)
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

fn weight(data: &str) -> u64 {
    let line: Line<'_> = serde_json::from_str(data).expect("it is a line");
    let texts = [line.obligation, line.person, line.account, line.bank, line.division, line.note];
    line.amount.unsigned_abs() + texts.iter().map(|text| text.len() as u64).sum::<u64>()
}

fn event(number: usize) -> NewEvent {
    let type_name = "obligation.calculated.v1".to_owned();
    NewEvent { id: id(1, number), type_name, data: data(number) }
}

fn append(number: usize, stream: usize, expected: usize, events: Vec<NewEvent>) -> Append {
    let meta = Meta::of("user:9c1f4c52", date(2026, 1, 15), id(2, number));
    let stream = StreamName::new("obligation", format!("{stream:012}"));
    Append::new(meta).write(Write { stream, expected: Revision(expected as u64), events })
}

/// One event each, ten per stream.
fn singles(total: usize, full: bool) -> Vec<Append> {
    let single = |number| {
        let append = append(number, number / 10, number % 10, vec![event(number)]);
        if !full {
            return append;
        }
        let result = format!("{number:012}");
        append
            .take(format!("obligation:pension/2026-01/basic/0/{number:012}"), "run-2026-01")
            .command(CommandRecord { id: id(2, number), digest: [7; 32], result })
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

fn events(input: &[Append]) -> usize {
    input.iter().map(Append::len).sum()
}

struct Bench {
    server: Server,
    url: String,
    runtime: Runtime,
}

impl Bench {
    fn log(&self) -> (Arc<PostgresLog>, String) {
        let schema = format!("bench_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let options = Options::new("bench").schema(&schema);
        let clock = Arc::new(FixedClock::at(BEGIN));
        let log = PostgresLog::create(&self.url, id(3, 1), options, clock);
        (Arc::new(self.runtime.block_on(log).expect("the log opens")), schema)
    }

    fn filled(&self, input: &[Append]) -> (Arc<PostgresLog>, String) {
        let (log, schema) = self.log();
        for append in input {
            self.runtime.block_on(log.append(append.clone())).expect("the append stands");
        }
        (log, schema)
    }

    fn drop_schema(&self, schema: &str) {
        let text = format!("DROP SCHEMA {schema} CASCADE");
        let mut psql = self.server.psql("postgres");
        let quiet = "SET client_min_messages = warning";
        let dropped = psql.args(["-c", quiet, "-c", &text, "-c", "CHECKPOINT"]).status();
        assert!(dropped.expect("psql runs").success(), "{schema} is dropped");
    }

    fn pool(&self, connections: usize) -> PgPool {
        let max = u32::try_from(connections).expect("a few");
        let pool = PgPoolOptions::new()
            .max_connections(max)
            .min_connections(max)
            .test_before_acquire(false)
            .connect(&self.url);
        self.runtime.block_on(pool).expect("the server is there")
    }

    fn ours(&self, input: &[Append], callers: usize) -> u64 {
        let (log, schema) = self.log();
        let hands = dealt(input, callers);
        let rate = per_second(events(input), || {
            let tasks: Vec<_> = hands
                .into_iter()
                .map(|hand| {
                    let log = Arc::clone(&log);
                    self.runtime.spawn(async move {
                        for append in hand {
                            log.append(append).await.expect("the append stands");
                        }
                    })
                })
                .collect();
            for task in tasks {
                self.runtime.block_on(task).expect("a caller ends");
            }
        });
        drop(log);
        self.drop_schema(&schema);
        rate
    }

    /// The table of events alone, with the indexes that ours has, positions from a sequence.
    fn plain_table(&self, pool: &PgPool) -> String {
        let schema = format!("bench_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let text = format!(
            "CREATE SCHEMA {schema}; CREATE TABLE {schema}.events (\
                 position BIGSERIAL PRIMARY KEY, stream TEXT COLLATE \"C\" NOT NULL, \
                 revision BIGINT NOT NULL, type TEXT COLLATE \"C\" NOT NULL, id UUID NOT NULL, \
                 recorded_at BIGINT NOT NULL, meta TEXT NOT NULL, data TEXT NOT NULL, \
                 UNIQUE (stream, revision)); \
             CREATE UNIQUE INDEX events_by_id ON {schema}.events (id)"
        );
        let made = self.runtime.block_on(sqlx::raw_sql(AssertSqlSafe(text)).execute(pool));
        made.expect("the table is made");
        schema
    }

    /// One INSERT per transaction, every caller on a connection of its own.
    fn plain_singles(&self, input: &[Append], callers: usize) -> u64 {
        let pool = self.pool(callers);
        let schema = self.plain_table(&pool);
        let text: Arc<str> = format!(
            "INSERT INTO {schema}.events (stream, revision, type, id, recorded_at, meta, data) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        )
        .into();
        let hands = dealt(input, callers);
        let sessions = (0..callers).map(|_| self.runtime.block_on(pool.acquire()));
        let sessions: Vec<_> = sessions.collect::<Result<_, _>>().expect("connections are there");
        let rate = per_second(input.len(), || {
            let tasks: Vec<_> = hands
                .into_iter()
                .zip(sessions)
                .map(|(hand, mut session)| {
                    let text = Arc::clone(&text);
                    self.runtime.spawn(async move {
                        for append in hand {
                            let meta = append.meta.to_text();
                            let write = &append.writes[0];
                            let event = &write.events[0];
                            sqlx::query(AssertSqlSafe(Arc::clone(&text)))
                                .bind(write.stream.as_str())
                                .bind(write.expected.0.cast_signed() + 1)
                                .bind(&event.type_name)
                                .bind(event.id)
                                .bind(BEGIN.0)
                                .bind(meta)
                                .bind(&event.data)
                                .execute(&mut *session)
                                .await
                                .expect("the row is inserted");
                        }
                    })
                })
                .collect();
            for task in tasks {
                self.runtime.block_on(task).expect("a caller ends");
            }
        });
        self.runtime.block_on(pool.close());
        self.drop_schema(&schema);
        rate
    }

    /// One UNNEST of arrays per call, in a transaction of its own.
    fn plain_bulk(&self, input: &[Append]) -> u64 {
        let pool = self.pool(1);
        let schema = self.plain_table(&pool);
        let text: Arc<str> = format!(
            "INSERT INTO {schema}.events (stream, revision, type, id, recorded_at, meta, data) \
             SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::text[], $4::uuid[], $5::bigint[], \
                 $6::text[], $7::text[])"
        )
        .into();
        let input = input.to_vec();
        let total = events(&input);
        let asked = pool.clone();
        let rate = per_second(total, || {
            let task = self.runtime.spawn(async move {
                for append in input {
                    let meta = append.meta.to_text();
                    let write = &append.writes[0];
                    let (name, rows) = (write.stream.as_str(), &write.events);
                    let revisions: Vec<_> = (1..=rows.len() as i64).collect();
                    let types: Vec<_> = rows.iter().map(|row| row.type_name.as_str()).collect();
                    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
                    let datas: Vec<_> = rows.iter().map(|row| row.data.as_str()).collect();
                    sqlx::query(AssertSqlSafe(Arc::clone(&text)))
                        .bind(vec![name; rows.len()])
                        .bind(revisions)
                        .bind(types)
                        .bind(ids)
                        .bind(vec![BEGIN.0; rows.len()])
                        .bind(vec![meta.as_str(); rows.len()])
                        .bind(datas)
                        .execute(&asked)
                        .await
                        .expect("the rows are inserted");
                }
            });
            self.runtime.block_on(task).expect("the caller ends");
        });
        self.runtime.block_on(pool.close());
        self.drop_schema(&schema);
        rate
    }

    fn scan(&self, log: &PostgresLog) -> u64 {
        per_second(BULK * BULK_APPENDS, || {
            let (mut after, mut sum, mut count) = (Position::START, 0, 0);
            loop {
                let page = Limit { events: 10_000, bytes: usize::MAX };
                let scanned = log.scan(after, page, &mut |event| sum += weight(event.data));
                let scanned = scanned.expect("it scans").expect("the log is readable");
                if scanned.events == 0 {
                    break;
                }
                count += scanned.events;
                after = scanned.last;
            }
            assert!(sum > 0 && count == BULK * BULK_APPENDS);
        })
    }

    fn read(&self, log: &PostgresLog) -> u64 {
        per_second(BULK * BULK_APPENDS, || {
            let (mut after, mut sum) = (Position::START, 0);
            loop {
                let events = self.runtime.block_on(log.read(after, Limit::PAGE));
                let events = events.expect("the log is readable");
                let Some(last) = events.last() else { break };
                after = last.position;
                sum += events.iter().map(|event| weight(&event.data)).sum::<u64>();
            }
            assert!(sum > 0 && after.0 == (BULK * BULK_APPENDS) as u64);
        })
    }

    /// One statement for all rows; the last column is the data.
    fn plain_scan(&self, schema: &str, columns: &str) -> u64 {
        let pool = self.pool(1);
        let text = format!("SELECT {columns} FROM {schema}.events ORDER BY position");
        let last = columns.split(',').count() - 1;
        let rate = per_second(BULK * BULK_APPENDS, || {
            let (mut sum, mut count) = (0, 0);
            self.runtime.block_on(async {
                let mut rows = sqlx::query(AssertSqlSafe(text)).fetch(&pool);
                while let Some(row) = rows.try_next().await.expect("it is readable") {
                    sum += weight(row.get::<&str, _>(last));
                    count += 1;
                }
            });
            assert!(sum > 0 && count == BULK * BULK_APPENDS);
        });
        self.runtime.block_on(pool.close());
        rate
    }
}
