//! A thousand clients go away in the middle of a question: no transaction stays open behind them,
//! and the next one is answered.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use crate::database::ALWAYS;
use crate::place::Place;

const CLIENTS: usize = 1_000;
const AT_ONCE: usize = 50;

const QUESTION: &str = r#"{"query":"{ matrix(from: \"2026-01\", to: \"2026-01\", by: [CLASS], measures: [PEOPLE, PAID]) { cells { class people paid { lines amount } } } }"}"#;

fn asking(address: &str, cut: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{QUESTION}",
        QUESTION.len()
    );
    let bytes = request.as_bytes();
    stream.write_all(&bytes[..bytes.len() - cut]).unwrap();
    stream
}

fn count(sql: &str) -> u64 {
    let output = ALWAYS.psql("gone").args(["-c", sql]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn clients_that_go_away_leave_no_transaction_open() {
    ALWAYS.create("gone", None).unwrap();
    let (place, url) = (Place::embedded(), ALWAYS.url("gone"));
    let on = ["--log", url.as_str(), "--views", url.as_str()];
    let demo = ["demo", "--once", "--people", "500"];
    place.ends(0, &[&demo[..], &on[..]].concat());
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mut server = place.command(&[&serve[..], &on[..]].concat()).spawn().unwrap();
    let mut out = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = out.next().expect("it tells where it listens").unwrap();
    let address = line.strip_prefix("listening on http://").unwrap().to_owned();

    for heap in 0..CLIENTS / AT_ONCE {
        let streams: Vec<TcpStream> =
            // Some in the middle of the request, most in the middle of the answer.
            (0..AT_ONCE).map(|client| asking(&address, usize::from(client % 5 == 0) * 9)).collect();
        if heap % 2 == 0 {
            // As late as the first bytes of an answer.
            let _one_byte = (&streams[1]).read(&mut [0]);
        }
        drop(streams);
    }
    // The server goes on with work of its own: what counts is what was begun before they left.
    let left = count("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
    let open = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'gone' AND pid <> pg_backend_pid() \
         AND state LIKE 'idle in transaction%' \
         AND extract(epoch FROM xact_start) * 1000000 <= {left}"
    );
    // A thousand answers that nobody takes are worked off first.
    let settled = (0..3_000).any(|_| {
        count("SELECT 1 FROM pg_sleep(0.05)");
        count(&open) == 0
    });
    assert!(settled, "transactions stay open");
    // Told to ask again, the next one asks again.
    let mut answer = String::new();
    let answered = (0..60).any(|_| {
        answer.clear();
        asking(&address, 0).read_to_string(&mut answer).unwrap();
        let done = answer.starts_with("HTTP/1.1 200") && answer.contains("SOCIAL_INSURANCE");
        assert!(done || answer.contains("\"retryable\":true"), "{answer}");
        done || count("SELECT 0 FROM pg_sleep(0.5)") > 0
    });
    assert!(answered, "{answer}");
    assert_eq!(count(&open), 0);
    let kill = format!("kill -TERM {}", server.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
}
