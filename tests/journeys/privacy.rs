//! No name, number, phone or account stands anywhere but in bank files and sealed places.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use simulations::{CardState, City, Identity, Plan};

use crate::place::Place;

/// People whose words are looked for.
const SAMPLE: usize = 200;
const PEOPLE: u32 = 600;

/// Clear words of people who were registered, and what they are.
fn words() -> BTreeMap<Vec<u8>, &'static str> {
    let city = City::new(Plan { people: PEOPLE, ..Plan::default() }).unwrap();
    let mut words = BTreeMap::new();
    let step = city.residents().len() / SAMPLE;
    for resident in city.residents().iter().step_by(step) {
        if let Identity::Citizen(_) = resident.identity {
            // A name of two characters may be a word of the definitions or of a message.
            if resident.name.chars().count() > 2 {
                words.insert(resident.name.clone().into_bytes(), "a name");
            }
            words.insert(resident.identity.number().into(), "a number");
            words.insert(resident.identity.recorded().into(), "a number");
        }
        words.insert(resident.phone.as_str().into(), "a phone");
        if resident.card.state == CardState::Active {
            words.insert(resident.card.number.as_str().into(), "an account");
        }
    }
    assert!(words.len() > 3 * SAMPLE);
    words
}

/// Words by their first four bytes, so that a file is read once.
struct Finder {
    by_start: BTreeMap<[u8; 4], Vec<(Vec<u8>, &'static str)>>,
}

impl Finder {
    fn new() -> Self {
        let mut by_start: BTreeMap<[u8; 4], Vec<_>> = BTreeMap::new();
        for (word, what) in words() {
            let start = word[..4].try_into().unwrap();
            by_start.entry(start).or_default().push((word, what));
        }
        Self { by_start }
    }

    /// What of a person stands in `bytes`; never the word itself.
    fn found(&self, bytes: &[u8]) -> BTreeMap<&'static str, usize> {
        let mut found = BTreeMap::new();
        for (at, start) in bytes.windows(4).enumerate() {
            let Some(words) = self.by_start.get(start) else { continue };
            for (_, what) in words.iter().filter(|(word, _)| bytes[at..].starts_with(word)) {
                *found.entry(*what).or_default() += 1;
            }
        }
        found
    }

    fn assert_none(&self, what: &str, bytes: &[u8]) {
        let found = self.found(bytes);
        assert!(found.is_empty(), "{what} holds {found:?}");
    }
}

#[test]
fn nothing_that_is_kept_or_said_holds_a_direct_identifier() {
    let (place, finder) = (Place::new(), Finder::new());
    let people = PEOPLE.to_string();
    let mut said = Vec::new();
    for args in [
        &["demo", "--once", "--people", &people][..],
        &["demo", "--prove", "--json"],
        &["status"],
        &["events", "--limit", "1000000"],
        &["events", "--limit", "1000000", "--json"],
        &["rebuild", "people"],
        &["rebuild", "cards"],
        &["rebuild", "payments"],
        &["definitions", "show"],
        &["period", "calculate", "A1-2026-01-320000-1"],
        &["bank", "withdraw", "A1-2026-01-320000-1-1-BOC-1", "--reason", "x"],
    ] {
        let ran = place.renshe(args);
        said.push((args.join(" "), ran));
    }
    let events = &said[3].1.out;
    assert!(events.contains("person.registered.v1") && events.contains("batch.sent"), "{events}");
    for (command, ran) in &said {
        finder.assert_none(&format!("the output of `renshe {command}`"), ran.out.as_bytes());
        finder.assert_none(&format!("the messages of `renshe {command}`"), ran.err.as_bytes());
    }

    if let Some(dump) = place.dump() {
        assert!(dump.len() > 100_000);
        finder.assert_none("the database", &dump);
    }
    let (mut kept, mut bank_files) = (0, BTreeMap::new());
    for path in place.files() {
        let bytes = fs::read(&path).unwrap();
        let shown = path.strip_prefix(place.data()).unwrap();
        if shown.starts_with(Path::new("banks")) {
            for (what, count) in finder.found(&bytes) {
                *bank_files.entry(what).or_insert(0) += count;
            }
        } else {
            // Artefacts are sealed: they are bank files, and hold nothing in clear.
            finder.assert_none(&shown.display().to_string(), &bytes);
            kept += 1;
        }
    }
    assert!(kept > 20);
    // The finder finds: a bank is told whom to pay, and nothing else.
    assert!(bank_files["a number"] > 0 && bank_files["an account"] > 0, "{bank_files:?}");
    assert!(!bank_files.contains_key("a phone"), "{bank_files:?}");
}

#[test]
fn a_refused_row_is_told_without_what_it_held() {
    let (place, finder) = (Place::new(), Finder::new());
    let city = City::new(Plan { people: PEOPLE, ..Plan::default() }).unwrap();
    let mut table = "证件号码,姓名,户籍区划,手机号码\n".to_owned();
    for resident in city.residents() {
        let (number, phone) = (resident.identity.number(), resident.phone.as_str());
        // Every row is refused: there is no such county.
        table += &format!("{number},{},990000,{phone}\n", resident.name);
    }
    place.put("people.csv", table);
    let ran = place.ends(1, &["import", "persons", "people.csv"]);
    finder.assert_none("the output", ran.out.as_bytes());
    finder.assert_none("the messages", ran.err.as_bytes());
    let report = fs::read(place.path("people.report.csv")).unwrap();
    assert!(report.len() > 10_000);
    finder.assert_none("the report", &report);
    for path in place.files() {
        finder.assert_none(&path.display().to_string(), &fs::read(&path).unwrap());
    }
}
