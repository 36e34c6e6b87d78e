//! A process killed at any moment, and the same command again: every row once, nothing lost.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use kernel::process::derived_id;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use simulations::{City, Identity, Plan};

use crate::place::Place;

const ROWS: usize = 3_000;
const COMMAND: &str = "01980000-0000-7000-8000-0000000000aa";
/// How often the process is killed before it may end.
const KILLS: u64 = 6;

fn people() -> String {
    let city = City::new(Plan { people: 3_600, ..Plan::default() }).unwrap();
    let mut table = "证件号码,姓名,户籍区划,手机号码\n".to_owned();
    let citizens = city.residents().iter().filter_map(|resident| match &resident.identity {
        Identity::Citizen(id) => Some((resident, id)),
        Identity::Foreign(_) => None,
    });
    for (resident, id) in citizens.take(ROWS) {
        let phone = resident.phone.as_str();
        table += &format!("{},{},{},{phone}\n", id.as_str(), resident.name, resident.county);
    }
    table
}

/// Events in the log, read beside the process that writes it.
fn head(place: &Place) -> u64 {
    let path = place.data().join("log/log.db");
    let Ok(log) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return 0;
    };
    let count = log
        .query_row("SELECT COALESCE(MAX(position), 0) FROM events", [], |row| row.get::<_, i64>(0));
    // While the file is being made there is no table yet.
    count.map_or(0, |count| count.unsigned_abs())
}

/// Kills a command as soon as the log holds `events`; false when it ended before.
fn killed_at(place: &Place, args: &[&str], events: u64) -> bool {
    let mut child = place.command(args).spawn().unwrap();
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if head(place) >= events {
            child.kill().unwrap();
            let status = child.wait().unwrap();
            return status.code().is_none();
        }
        std::thread::yield_now();
    }
}

/// A number below `below` that follows from `turn`.
fn chance(what: &str, turn: u64, below: u64) -> u64 {
    let id = derived_id(what, &[&turn.to_be_bytes()]);
    u64::try_from(id.as_u128() % u128::from(below)).unwrap()
}

/// Log and read models are where an undisturbed run leaves them.
fn healthy(place: &Place) {
    let status = place.ends(0, &["status", "--json"]);
    let status: Value = serde_json::from_str(&status.out).unwrap();
    let views = status["views"].as_array().unwrap();
    for view in views {
        assert_eq!(view["position"], status["head"], "{view}");
        let name = view["name"].as_str().unwrap();
        place.ends(0, &["rebuild", name]).says(&["Flipped"]);
    }
}

#[test]
fn an_import_killed_again_and_again_brings_every_row_once() {
    let (place, undisturbed) = (Place::new(), Place::new());
    let table = people();
    let import = ["import", "persons", "people.csv", "--command-id", COMMAND, "--json"];
    for place in [&place, &undisturbed] {
        place.put("people.csv", &table);
    }
    undisturbed.ends(0, &import);
    let whole = head(&undisturbed);
    assert!(whole as usize > ROWS);

    let mut killed = 0;
    for turn in 0..KILLS {
        let events = 1 + chance("kill", turn, whole - ROWS as u64 / 10);
        killed += u64::from(killed_at(&place, &import, events.max(head(&place))));
    }
    assert!(killed > 0, "no run was killed");
    let ran = place.ends(0, &import);
    let counts: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(counts["accepted"], ROWS, "{counts}");
    assert_eq!(counts["refused"], 0);
    let report = fs::read_to_string(place.path("people.report.csv")).unwrap();
    assert_eq!(report.lines().filter(|line| line.contains(",accepted,")).count(), ROWS);

    let registered = |place: &Place| -> Vec<String> {
        let log = Connection::open(place.data().join("log/log.db")).unwrap();
        let sql = "SELECT stream FROM events WHERE type = 'person.registered.v1'";
        let mut rows = log.prepare(sql).unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let (streams, wanted) = (registered(&place), registered(&undisturbed));
    assert_eq!(streams.len(), ROWS);
    let streams: BTreeSet<String> = streams.into_iter().collect();
    // The ids follow from the command: both runs made the same people.
    assert!(streams == wanted.into_iter().collect::<BTreeSet<String>>());
    assert_eq!(head(&place), whole);
    healthy(&place);

    let again = place.ends(0, &import);
    let again: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(again["accepted"], ROWS, "asked again it answers what it answered");
    assert_eq!(head(&place), whole, "asked again it wrote something");

    let mut other = fs::OpenOptions::new().append(true).open(place.path("people.csv")).unwrap();
    other.write_all(b"1,2,3,4\n").unwrap();
    place.renshe(&import);
    assert_eq!(registered(&place).len(), ROWS);
}

#[test]
fn a_killed_demo_leaves_an_installation_that_opens_and_agrees_with_its_log() {
    let demo = ["demo", "--once", "--people", "600"];
    let whole = Place::new();
    whole.ends(0, &demo);
    let head = head(&whole);
    for turn in 0..4 {
        let place = Place::new();
        let at = 1 + chance("demo", turn, head * 9 / 10);
        assert!(killed_at(&place, &demo, at), "the demo ended before event {at} was seen");
        healthy(&place);
        // A demo is made whole or not at all: it does not go on with half a city.
        place.ends(3, &demo).says(&["holds an installation already"]);
    }
}
