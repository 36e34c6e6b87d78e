//! How a log is opened, and when it is not.

use kernel::conformance::{assert_ordered, block_on, clock, id, single};
use kernel::stream::{LogId, TokenError};
use kernel::{AppendError, Epoch, EventLog, Position};
use postgres::{OpenError, Options, PostgresLog, raise_epoch};

use crate::shared::{Place, SERVER, all};

fn connect(url: &str, options: Options) -> Result<PostgresLog, OpenError> {
    block_on(PostgresLog::connect(url, options, clock()))
}

/// The error, and its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        said = format!("{said}: {cause}");
        source = cause.source();
    }
    said
}

#[test]
fn a_log_is_created_once() {
    let place = Place::new();
    let options = || place.options("a");
    assert!(matches!(connect(&place.url, options()), Err(OpenError::Missing { .. })));
    let create = || {
        let log_id = id("log", place.number);
        block_on(PostgresLog::create(&place.url, log_id, options(), clock()))
    };
    let identity = create().unwrap().identity();
    assert!(matches!(create(), Err(OpenError::Exists { .. })));
    assert_eq!(place.log("a").identity(), identity);
}

#[test]
fn of_many_that_create_one_does() {
    let place = Place::new();
    let identities: Vec<_> = std::thread::scope(|scope| {
        let open = |n: u64| {
            let options = place.options(&n.to_string());
            let place = &place;
            move || {
                let log_id = || id("racer", n);
                let log = PostgresLog::open_or_create(&place.url, log_id, options, clock());
                block_on(log).unwrap().identity()
            }
        };
        let racers: Vec<_> = (0..6).map(|n| scope.spawn(open(n))).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert!(identities.iter().all(|identity| *identity == identities[0]), "{identities:?}");
}

#[test]
fn an_address_that_leads_nowhere_is_told_without_its_password() {
    let options = || Place::new().options("a");
    let error = connect("mysql:/x", options()).err().unwrap();
    assert!(matches!(error, OpenError::Url(_)), "{error:?}");
    let error = connect("postgres://u:hidden@127.0.0.1:1/money", options()).err().unwrap();
    assert!(matches!(error, OpenError::Connect { .. }), "{error:?}");
    let said = said(&error);
    assert!(said.contains("127.0.0.1, port 1, money") && !said.contains("hidden"), "{said}");
    let error = connect(&SERVER.url("absent"), options()).err().unwrap();
    assert!(self::said(&error).contains("\"absent\" does not exist"), "{error:?}");
}

#[test]
fn a_database_that_does_not_fit_is_refused() {
    let place = Place::new();
    place.sql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    let refused = connect(&SERVER.url("ascii"), place.options("a"));
    assert!(matches!(refused, Err(OpenError::Encoding { .. })), "{:?}", refused.err());
    place.sql("CREATE DATABASE frozen");
    place.sql("ALTER DATABASE frozen SET default_transaction_read_only = on");
    let log_id = || id("log", place.number);
    let refused = block_on(PostgresLog::open_or_create(
        &SERVER.url("frozen"),
        log_id,
        place.options("a"),
        clock(),
    ));
    assert!(matches!(refused, Err(OpenError::ReadOnlyServer)), "{:?}", refused.err());
}

#[test]
fn a_schema_of_others_is_left_alone() {
    for table in ["events (id int)", "installation (name text, one int)"] {
        let place = Place::new();
        place.sql(&format!("CREATE SCHEMA {}", place.schema));
        place.sql(&format!("CREATE TABLE {table}"));
        let log_id = || id("log", place.number);
        let opened = PostgresLog::open_or_create(&place.url, log_id, place.options("a"), clock());
        let error = block_on(opened).err().unwrap();
        assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
        assert_eq!(
            place.sql("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"),
            "1"
        );
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.log("a"));
    place.sql("UPDATE installation SET schema = 99");
    let refused = connect(&place.url, place.options("a"));
    assert!(
        matches!(refused, Err(OpenError::NewerSchema { found: 99, known: 3 })),
        "{:?}",
        refused.err()
    );
}

#[test]
fn an_older_schema_is_brought_up_to_date() {
    let place = Place::new();
    place.sql(&format!("CREATE SCHEMA {}", place.schema));
    place.sql(include_str!("../../src/migrations/0001_log.sql"));
    place.sql(&format!(
        "INSERT INTO installation (one, log_id, epoch, schema, head, recorded_at) \
             VALUES (1, '{0}', 1, 1, 1, 5); \
         INSERT INTO events VALUES (1, 'thing-a', 1, 'thing.happened.v1', '{0}', 5, '{{}}', '{{}}'); \
         INSERT INTO types VALUES ('thing.happened.v1', 1)",
        id("log", place.number)
    ));
    let log = connect(&place.url, place.options("a")).unwrap();
    assert_eq!((log.head(), log.identity().log_id), (Position(1), LogId(id("log", place.number))));
    assert_eq!(block_on(log.append(single(1, "a", 1))).unwrap().position(), Position(2));
    assert_ordered(&all(&log));
    assert_eq!(place.sql("SELECT schema FROM installation"), "3");
}

#[test]
fn another_installation_is_not_taken_for_ours() {
    let place = Place::new();
    let log = place.log("a");
    let mut options = place.options("b");
    options.expected = Some(LogId(id("other", 1)));
    let error = connect(&place.url, options.clone()).err().unwrap();
    assert!(matches!(error, OpenError::OtherLog { .. }), "{error:?}");
    options.expected = Some(log.identity().log_id);
    assert!(connect(&place.url, options).is_ok());
    // The same database holds both, each in its schema.
    let beside = Place::new();
    let other = beside.log("a");
    block_on(other.append(single(1, "a", 0))).unwrap();
    assert_eq!((log.head(), other.head()), (Position(0), Position(1)));
}

#[test]
fn a_tail_that_lost_events_is_refused() {
    for damage in [
        "DELETE FROM events WHERE position = 4",
        "DELETE FROM events WHERE position = 6",
        "UPDATE installation SET head = 9",
        "UPDATE installation SET recorded_at = 9",
    ] {
        let place = Place::new();
        let log = place.log("a");
        for number in 0..6 {
            block_on(log.append(single(number, "a", number))).unwrap();
        }
        drop(log);
        assert!(connect(&place.url, place.options("a")).is_ok());
        place.sql(damage);
        let refused = connect(&place.url, place.options("a"));
        assert!(matches!(refused, Err(OpenError::Damaged { .. })), "{damage}: {:?}", refused.err());
    }
}

#[test]
fn a_restore_raises_the_epoch_and_stops_who_still_runs() {
    let place = Place::new();
    let log = place.log("a");
    let position = block_on(log.append(single(1, "a", 0))).unwrap().position();
    let token = log.identity().token(position);
    assert_eq!(block_on(raise_epoch(&place.url, &place.options("b"))).unwrap(), Epoch(2));
    let answer = block_on(log.append(single(2, "a", 1)));
    assert!(
        matches!(&answer, Err(AppendError::ReadOnly(why)) if why.contains("epoch")),
        "{answer:?}"
    );
    assert!(block_on(log.failed()).contains("restored"));
    let log = place.log("b");
    let answer = token.position_in(log.identity());
    assert_eq!(answer, Err(TokenError::OtherEpoch { given: 1, here: 2 }));
    assert_eq!(log.head(), Position(1));
}
