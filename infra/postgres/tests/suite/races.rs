//! Why positions come from a locked counter: what readers of a sequence miss.
//!
//! Each interleaving is forced, step by step: no luck is needed to see the loss.

use kernel::conformance::{assert_ordered, block_on, single};
use kernel::{EventLog, Limit, Position};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::shared::{Place, all};

/// A log as it is often built: positions from a sequence, everybody inserts.
struct Naive {
    place: Place,
    runtime: tokio::runtime::Runtime,
}

impl Naive {
    fn new() -> Self {
        let place = Place::new();
        place.sql(&format!("CREATE SCHEMA {}", place.schema));
        place.sql(
            "CREATE SEQUENCE naive_next; CREATE TABLE naive \
             (position bigint PRIMARY KEY DEFAULT nextval('naive_next'), data text NOT NULL)",
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { place, runtime }
    }

    fn session(&self) -> PgConnection {
        self.runtime.block_on(PgConnection::connect(&self.place.url)).unwrap()
    }

    fn run(&self, session: &mut PgConnection, text: &str) -> Vec<i64> {
        let text = text.replace("naive", &format!("{}.naive", self.place.schema));
        let rows = self.runtime.block_on(sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(session));
        rows.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// What a reader has seen that asks again behind the last position it saw.
    fn follow(&self, reader: &mut PgConnection, seen: &mut Vec<i64>, condition: &str) {
        let last = seen.last().copied().unwrap_or_default();
        seen.extend(self.run(
            reader,
            &format!(
                "SELECT position FROM naive WHERE position > {last} {condition} ORDER BY position"
            ),
        ));
    }
}

#[test]
fn a_reader_behind_the_last_position_misses_what_commits_late() {
    let naive = Naive::new();
    let (mut slow, mut fast, mut reader) = (naive.session(), naive.session(), naive.session());
    let mut seen = Vec::new();
    naive.run(&mut slow, "BEGIN; INSERT INTO naive (data) VALUES ('slow')");
    naive.run(&mut fast, "INSERT INTO naive (data) VALUES ('fast')");
    naive.follow(&mut reader, &mut seen, "");
    naive.run(&mut slow, "COMMIT");
    naive.follow(&mut reader, &mut seen, "");
    assert_eq!(seen, [2], "position 1 is committed, and never seen");
}

#[test]
fn a_reader_behind_the_oldest_transaction_misses_it_too() {
    let naive = Naive::new();
    let (mut slow, mut fast, mut reader) = (naive.session(), naive.session(), naive.session());
    let behind = "AND xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    let mut seen = Vec::new();
    // Sessions that draw positions in advance, as drivers and ORMs like to have it.
    naive.place.sql("ALTER SEQUENCE naive_next CACHE 10");
    naive.run(&mut slow, "INSERT INTO naive (data) VALUES ('first')");
    // The position is drawn before the transaction has a number: no snapshot knows of it.
    naive.run(&mut slow, "BEGIN; SELECT nextval('naive_next')");
    naive.run(&mut fast, "INSERT INTO naive (data) VALUES ('fast')");
    for _ in 0..600 {
        // Other tests' transactions hold the horizon back for a while.
        naive.follow(&mut reader, &mut seen, behind);
        if seen.len() == 2 {
            break;
        }
        naive.place.sql("SELECT pg_sleep(0.02)");
    }
    naive.run(&mut slow, "INSERT INTO naive (position, data) VALUES (2, 'slow'); COMMIT");
    naive.follow(&mut reader, &mut seen, "");
    assert_eq!(seen, [1, 11], "position 2 is committed, and never seen");
}

#[test]
fn ours_gives_no_position_away_before_the_one_before_is_visible() {
    let place = Place::new();
    let (slow, fast) = (place.log("slow"), place.log("fast"));
    block_on(slow.append(single(0, "s", 0))).unwrap();
    // The slow node stands in its transaction: its claim waits for a lock on the key.
    let mut lock = crate::faults::Held::new(&place, "LOCK TABLE claims IN EXCLUSIVE MODE");
    let claimed = single(1, "s", 1).take("k", "s");
    std::thread::scope(|scope| {
        let late = scope.spawn(|| block_on(slow.append(claimed)).unwrap().position());
        place.until("SELECT count(*) = 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
             WHERE c.relname = 'claims' AND NOT l.granted AND c.relnamespace = current_schema()::regnamespace");
        let next = scope.spawn(|| block_on(fast.append(single(2, "f", 0))).unwrap().position());
        place.until(
            "SELECT count(*) = 1 FROM pg_stat_activity \
             WHERE application_name = 'renshe-log ' || current_schema() || '.fast' \
             AND wait_event_type = 'Lock'",
        );
        let page = block_on(fast.read(Position(1), Limit::PAGE)).unwrap();
        assert!(page.is_empty(), "nothing is visible out of turn");
        lock.release();
        assert_eq!((late.join().unwrap(), next.join().unwrap()), (Position(2), Position(3)));
    });
    assert_ordered(&all(&fast));
}
