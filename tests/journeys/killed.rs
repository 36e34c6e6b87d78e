//! A process killed at any moment, and the same command again: every row once, nothing lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use kernel::conformance::times;
use kernel::process::derived_id;
use serde_json::Value;
use simulations::{City, Identity, Plan};

use crate::place::Place;

const ROWS: usize = 3_000;
const COMMAND: &str = "01980000-0000-7000-8000-0000000000aa";
/// How often the process is killed before it may end.
const KILLS: u32 = 6;

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
    // While the log is being made there is no table yet.
    let count = place.ask("SELECT COALESCE(MAX(position), 0) FROM events");
    count.first().map_or(0, |row| row[0].parse().unwrap())
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
    for turn in 0..u64::from(times(KILLS)) {
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
        let sql = "SELECT stream FROM events WHERE type = 'person.registered.v1'";
        place.ask(sql).into_iter().flatten().collect()
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

/// Every bank file by its name.
fn bank_files(place: &Place) -> BTreeMap<PathBuf, Vec<u8>> {
    let pay = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pay");
    let files = place.files().into_iter().filter(pay);
    files
        .map(|path| (path.strip_prefix(place.data()).unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn a_demo_killed_anywhere_goes_on_and_ends_as_if_it_had_not_been() {
    let demo = ["demo", "--once", "--people", "600", "--months", "2", "--seed", "7"];
    let whole = Place::new();
    let told = whole.ends(0, &demo).out;
    let (files, head) = (bank_files(&whole), head(&whole));
    assert!(!files.is_empty());
    // In the registration, then in each part of each month; some more than once.
    let turns = u64::from(times(3));
    for turn in 0..turns {
        let place = Place::new();
        let mut at = head * turn / turns + 1 + chance("demo", turn, head / turns);
        let mut kills = 0;
        while kills < 3 && at < head && killed_at(&place, &demo, at) {
            kills += 1;
            if kills == 1 {
                healthy(&place);
            }
            at += 1 + chance("again", turn, head / 4);
        }
        assert!(kills > 0, "the demo ended before event {at} was seen");
        // Without arguments: what it was begun with.
        let ran = place.ends(0, &["demo", "--once"]);
        assert_eq!(ran.out, told, "killed {kills} times, at last before event {at}");
        assert!(bank_files(&place) == files, "killed {kills} times it made other bank files");
        healthy(&place);
    }
}

#[test]
fn a_demo_is_not_mixed_with_another() {
    let place = Place::new();
    let demo = ["demo", "--once", "--people", "600", "--months", "1", "--seed", "7"];
    let told = place.ends(0, &demo).out;
    let events = head(&place);
    for other in [
        &["demo", "--once", "--people", "601"][..],
        &["demo", "--once", "--months", "2"],
        &["demo", "--seed", "8"],
    ] {
        let ran = place.ends(3, other);
        ran.says(&["holds the demo of --people 600 --months 1 --seed 7", "安装目录无法使用"]);
    }
    // The same again is proved again, and nothing is written.
    assert_eq!(place.ends(0, &demo).out, told);
    assert_eq!(head(&place), events);

    let no_demo = Place::new();
    no_demo.put("people.csv", people());
    no_demo.ends(0, &["import", "persons", "people.csv"]);
    no_demo.ends(3, &demo).says(&["an installation that no demo made"]);
}
