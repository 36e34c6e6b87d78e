//! Connections over TLS: `sslmode` of the address is honoured, for the log and the read models.

use std::sync::LazyLock;

use kernel::conformance::{block_on, clock, id, single};
use kernel::stream::LogId;
use kernel::{EventLog, Position};
use postgres::views::ViewOptions;
use postgres::{OpenError, Options, PostgresLog, PostgresViews};
use postgres_server::Server;

static SERVER: LazyLock<Server> = LazyLock::new(Server::encrypted);

fn open(settings: &str, schema: &str) -> Result<PostgresLog, OpenError> {
    let url = format!("{}?{settings}", SERVER.encrypted_url("postgres"));
    let options = Options::new("a").schema(schema);
    block_on(PostgresLog::open_or_create(&url, || id("log", 1), options, clock()))
}

/// How many connections of an application are open, encrypted and in clear.
fn connections(application: &str) -> String {
    let text = format!(
        "SELECT count(*) FILTER (WHERE s.ssl) || ' ' || count(*) FILTER (WHERE NOT s.ssl) \
         FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) \
         WHERE a.application_name = '{application}'"
    );
    let output = SERVER.psql("postgres").args(["-c", &text]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn rooted(mode: &str) -> String {
    format!("sslmode={mode}&sslrootcert={}", SERVER.authority().display())
}

#[test]
fn what_is_asked_for_is_encrypted_and_works() {
    for (mode, settings) in [
        ("prefer", "sslmode=prefer".to_owned()),
        ("require", "sslmode=require".to_owned()),
        ("verify_ca", rooted("verify-ca")),
        ("verify_full", rooted("verify-full")),
    ] {
        let url = format!("{}?{settings}", SERVER.encrypted_url("postgres"));
        let options = Options::new(mode).schema(mode);
        let opened = PostgresLog::open_or_create(&url, || id("log", 1), options, clock());
        let log = block_on(opened).unwrap();
        block_on(log.append(single(1, "a", 0))).unwrap();
        assert_eq!(log.head(), Position(1));
        let held = connections(&format!("renshe-log {mode}"));
        assert!(held.ends_with(" 0") && !held.starts_with('0'), "{mode}: {held}");
    }
}

#[test]
fn the_read_models_are_asked_over_it_as_well() {
    let url = format!("{}?{}", SERVER.encrypted_url("postgres"), rooted("verify-full"));
    let options = ViewOptions::new(LogId(id("log", 1))).schema("over_tls");
    let views = PostgresViews::open(&url, options).unwrap();
    let held = connections("renshe-views over_tls writer");
    assert!(held.ends_with(" 0") && !held.starts_with('0'), "{held}");
    drop(views);
}

#[test]
fn clear_text_is_spoken_only_where_it_is_asked_for() {
    let log = open("sslmode=disable", "clear").unwrap();
    let held = connections("renshe-log a");
    assert!(held.starts_with("0 ") && !held.ends_with(" 0"), "{held}");
    drop(log);
}

#[test]
fn a_server_that_nobody_vouches_for_is_refused() {
    for mode in ["verify-ca", "verify-full"] {
        let refused = open(&format!("sslmode={mode}"), "unknown").err().unwrap();
        let OpenError::Connect { source, .. } = &refused else { panic!("{mode}: {refused:?}") };
        assert!(format!("{source:?}").contains("UnknownIssuer"), "{mode}: {source:?}");
    }
}

#[test]
fn a_certificate_for_another_name_is_refused_where_the_name_counts() {
    let named = |mode: &str| {
        let url = SERVER.encrypted_url("postgres").replace("127.0.0.1", "localhost");
        let url = format!("{url}?{}", rooted(mode));
        let options = Options::new(mode).schema("named");
        block_on(PostgresLog::open_or_create(&url, || id("log", 2), options, clock()))
    };
    assert!(named("verify-ca").is_ok());
    let refused = named("verify-full").err().unwrap();
    let OpenError::Connect { source, .. } = &refused else { panic!("{refused:?}") };
    assert!(format!("{source:?}").contains("NotValidForName"), "{source:?}");
}
