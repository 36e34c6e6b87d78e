//! Folding a long log into a table, beside raw rusqlite in the same run; and what a rebuild does to
//! live commits to a durable log. `cargo bench -p views [events]`.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::date;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, EventLog, Ids, Limit, Meta, Micros, NewEvent, Position, Recorded, Revision, StreamName,
    Write,
};
use log::{Options, SqliteLog};
use projections::engine::{
    Cached, Failure, FoldError, Happened, Outcome, Projection, Record, Store, Stores, Table, Train,
    TrainHandle,
};
use projections::record;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use shared::Money;
use uuid::Uuid;
use views::SqliteViews;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Event {
    #[serde(rename = "toy.credited.v1")]
    Credited { fen: i64, county: String, purpose: String },
}

kernel::event!(Event);

record! {
    struct BalanceRow in "balance" key(account: String) index("county", "account") {
        pub county: String,
        pub balance: Money,
        pub credits: u64,
    }
}

#[derive(Default)]
struct Balances(Cached<BalanceRow>);

impl Projection for Balances {
    fn name(&self) -> &'static str {
        "balances"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![BalanceRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let Event::Credited { fen, county, .. } = happened.decode()?;
        let account = happened.subject().to_owned();
        let first = || BalanceRow {
            account: account.clone(),
            county,
            balance: Money::default(),
            credits: 0,
        };
        self.0.update_or(&account, store, first, |row| {
            row.balance = Money::from_fen(row.balance.fen() + fen);
            row.credits += 1;
        })?;
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        Ok(self.0.flush(store)?)
    }

    fn forget(&mut self) {
        self.0.forget();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::new(Self::default())
    }
}

const EVENTS: usize = 600_000;
const ACCOUNTS: u64 = 60_000;
const LIVE: usize = 4_000;

struct Writer {
    log: Arc<SqliteLog>,
    ids: SeededIds,
    revisions: HashMap<u64, u64>,
    next: u64,
}

impl Writer {
    async fn append(&mut self, events: usize) -> Position {
        let mut append = Append::new(Meta::of("system", date(2026, 1, 5), self.ids.next()));
        for _ in 0..events {
            // Spread over the accounts, none twice in one append.
            self.next += 1;
            let account = self.next.wrapping_mul(7_919) % ACCOUNTS;
            let event = Event::Credited {
                fen: 1_250,
                county: format!("3206{:02}", account % 12),
                purpose: "a text as long as what real events say besides amounts".to_owned(),
            };
            let revision = self.revisions.entry(account).or_default();
            let encoded = NewEvent::encoded(self.ids.next(), kernel::Event::encode(&event));
            append.writes.push(Write {
                stream: StreamName::new("toy", format_args!("account-{account:06}")),
                expected: Revision(*revision),
                events: vec![encoded],
            });
            *revision += 1;
        }
        self.log.append(append).await.expect("nobody else writes").position()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let events = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(EVENTS);
    let clock = Arc::new(FixedClock::at(Micros(1)));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let log = SqliteLog::create(dir.path(), Uuid::from_u128(1), clock, Options::default());
    let log = Arc::new(log.expect("the log opens"));
    let mut writer =
        Writer { log: log.clone(), ids: SeededIds::new(1), revisions: HashMap::new(), next: 0 };
    while (writer.next as usize) < events {
        writer.append(1_000).await;
    }
    println!("{events} events over {ACCOUNTS} accounts, one table with one further index");

    let whole = whole(&*log).await;
    rate("raw rusqlite, upserts every 10,000, decoded by serde", events, || {
        raw_upserts(&whole, &dir.path().join("upserts.db"));
    });
    rate("raw rusqlite, folded in memory, written once", events, || {
        raw_once(&whole, &dir.path().join("once.db"));
    });
    drop(whole);

    let stores: Arc<dyn Stores> =
        Arc::new(SqliteViews::open(dir.path().join("views")).expect("the views open"));
    let began = Instant::now();
    let train = Train::start(log.clone(), stores, vec![Box::<Balances>::default()])
        .expect("the train starts");
    reach(&train, log.head()).await;
    row("the train from zero, live batches", events, began.elapsed());

    let began = Instant::now();
    let rebuilt = train.rebuild("balances").expect("the rebuild starts").finished().await;
    assert_eq!(rebuilt.outcome, Outcome::Flipped);
    row("a rebuild, with the comparison by hash", events, began.elapsed());
    println!("{:>58}: {} events/s", "of that, filling", rebuilt.events_per_second);

    for round in 1..=2 {
        let alone = live(&mut writer, &train, None).await;
        let rebuild = train.rebuild("balances").expect("the rebuild starts");
        let beside = live(&mut writer, &train, Some(&rebuild)).await;
        let done = rebuild.finished().await;
        assert_eq!(done.outcome, Outcome::Flipped);
        tell(round, "alone", &alone);
        tell(round, "with a rebuild beside it", &beside);
    }
}

/// One event each, durable, from the append until it can be read; with a rebuild, only while it fills.
async fn live(
    writer: &mut Writer,
    train: &TrainHandle,
    rebuild: Option<&projections::engine::Rebuild>,
) -> Vec<Duration> {
    let mut taken = Vec::with_capacity(LIVE);
    while taken.len() < LIVE
        && rebuild.is_none_or(|rebuild| rebuild.progress().outcome == Outcome::Filling)
    {
        let began = Instant::now();
        let at = writer.append(1).await;
        reach(train, at).await;
        taken.push(began.elapsed());
    }
    taken.sort_unstable();
    taken
}

async fn whole(log: &dyn EventLog) -> Vec<Recorded> {
    let (mut whole, mut after) = (Vec::new(), Position::START);
    while after < log.head() {
        whole.extend(log.read(after, Limit::PAGE).await.expect("the log can be read"));
        after = whole.last().map_or(after, |event| event.position);
    }
    whole
}

async fn reach(train: &TrainHandle, position: Position) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(600);
    train.wait_for(position, deadline).await.expect("the train gets there");
}

fn tell(round: usize, what: &str, taken: &[Duration]) {
    let at = |share: usize| taken[(taken.len() - 1) * share / 1_000];
    println!(
        "round {round}, append to readable, {what}: {} commits, p50 {:?}, p99 {:?}, p99.9 {:?}",
        taken.len(),
        at(500),
        at(990),
        at(999),
    );
}

fn rate(what: &str, events: usize, run: impl FnOnce()) {
    let began = Instant::now();
    run();
    row(what, events, began.elapsed());
}

fn row(what: &str, events: usize, taken: Duration) {
    println!("{what:>58}: {:.0} events/s", events as f64 / taken.as_secs_f64());
}

const TABLE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE balance (account TEXT PRIMARY KEY, county TEXT NOT NULL,
        balance INTEGER NOT NULL, credits INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX balance_0 ON balance (county, account);";

const UPSERT: &str = "INSERT INTO balance (account, county, balance, credits) VALUES (?, ?, ?, ?) \
    ON CONFLICT (account) DO UPDATE SET balance = balance + excluded.balance, \
    credits = credits + excluded.credits";

fn raw_upserts(events: &[Recorded], path: &Path) {
    let connection = Connection::open(path).expect("a file");
    connection.execute_batch(TABLE).expect("a table");
    for batch in events.chunks(10_000) {
        let transaction = connection.unchecked_transaction().expect("a transaction");
        let mut upsert = transaction.prepare_cached(UPSERT).expect("a statement");
        for recorded in batch {
            black_box(recorded.meta().expect("meta"));
            let Event::Credited { fen, county, .. } = recorded.decode().expect("an event");
            upsert.execute(params![recorded.stream.id(), county, fen, 1]).expect("a row");
        }
        drop(upsert);
        transaction.commit().expect("a commit");
    }
}

fn raw_once(events: &[Recorded], path: &Path) {
    let connection = Connection::open(path).expect("a file");
    connection.execute_batch(TABLE).expect("a table");
    let mut rows: HashMap<&str, (String, i64, i64)> = HashMap::new();
    for recorded in events {
        black_box(recorded.meta().expect("meta"));
        let Event::Credited { fen, county, .. } = recorded.decode().expect("an event");
        let row = rows.entry(recorded.stream.id()).or_insert((county, 0, 0));
        (row.1, row.2) = (row.1 + fen, row.2 + 1);
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_unstable();
    let transaction = connection.unchecked_transaction().expect("a transaction");
    let mut upsert = transaction.prepare_cached(UPSERT).expect("a statement");
    for (account, (county, balance, credits)) in rows {
        upsert.execute(params![account, county, balance, credits]).expect("a row");
    }
    drop(upsert);
    transaction.commit().expect("a commit");
}
