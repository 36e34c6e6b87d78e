//! A city is registered and paid, and five sources tell the same sum: each altered alone is found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bank::{Header, Line};
use definitions::{Catalogue, Layout};
use serde_json::Value;
use shared::{BankCode, Money};

use crate::place::Place;

/// A city that is paid for January.
fn paid(people: &str, seed: &str) -> (Place, String) {
    let place = Place::new();
    let january = ["demo", "--once", "--people", people, "--months", "1", "--seed", seed];
    let ran = place.ends(0, &january);
    (place, ran.out)
}

#[test]
fn the_demo_holds_its_facts_and_proves_every_item_and_all_of_them() {
    let place = Place::new();
    let out = place.ends(0, &["demo", "--once", "--people", "2000"]).out;
    let facts: Vec<&str> = out.lines().filter(|line| line.starts_with('✓')).collect();
    assert_eq!(facts.len(), 16, "{out}");
    assert!(!out.contains('✗'), "{out}");
    let equations: Vec<&str> = out
        .lines()
        .filter_map(|line| line.split_once("plan = instruction = reply = statement = ledger: "))
        .map(|(_, sum)| sum)
        .collect();
    assert!(equations.len() > 15, "{out}");
    let read = |text: &str| {
        // What is open is named behind it.
        let sum = text.split("; ").next().unwrap();
        let (sum, lines) = sum.strip_suffix(" lines").unwrap().split_once(" yuan, ").unwrap();
        (Money::parse(sum).unwrap(), lines.parse::<u64>().unwrap())
    };
    let (all, items) = equations.split_last().unwrap();
    let (sum, lines) = read(all);
    assert_eq!(sum, items.iter().map(|item| read(item).0).sum());
    assert_eq!(lines, items.iter().map(|item| read(item).1).sum::<u64>());
    assert!(lines > 1_000, "{out}");

    let json = place.ends(0, &["demo", "--prove", "--json"]);
    let proofs: Value = serde_json::from_str(&json.out).unwrap();
    assert!(proofs.as_array().unwrap().iter().all(|proof| proof["holds"] == true));
}

#[test]
fn months_follow_each_other_and_each_is_closed() {
    let place = Place::new();
    let demo = ["demo", "--once", "--people", "600", "--months", "3"];
    let out = place.ends(0, &demo).out;
    let closed = place.ends(0, &["events", "--type", "period.closed", "--limit", "1000"]).out;
    for month in ["2026-01", "2026-02", "2026-03"] {
        let items: Vec<&str> = out
            .lines()
            .filter(|line| line.starts_with(month))
            .map(|line| line.split_once("  ").unwrap())
            .inspect(|(_, proof)| {
                assert!(proof.starts_with("plan = instruction = reply = statement = ledger: "));
            })
            .map(|(key, _)| key.split_once(' ').unwrap().1)
            .collect();
        assert!(items.len() > 10, "{month}: {items:?}");
        for item in items {
            assert!(closed.contains(&format!("period-{item}-{month}-")), "{month} {item}");
        }
    }
    let all = out.lines().last().unwrap();
    assert!(all.starts_with("all  plan = instruction = reply = statement = ledger: "), "{all}");
}

#[test]
fn the_same_seed_makes_the_same_bank_files() {
    let files = |place: &Place| -> BTreeMap<PathBuf, Vec<u8>> {
        let pay = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pay");
        let files = place.files().into_iter().filter(pay);
        files
            .map(|path| {
                let bytes = fs::read(&path).unwrap();
                (path.strip_prefix(place.data()).unwrap().to_owned(), bytes)
            })
            .collect()
    };
    let (first, second, other) = (paid("600", "7").0, paid("600", "7").0, paid("600", "8").0);
    assert!(!files(&first).is_empty());
    assert!(files(&first) == files(&second), "the same seed made other bank files");
    assert!(files(&first) != files(&other), "another seed made the same bank files");
}

/// One source of the five, altered in a copy of a paid month.
struct Alteration {
    what: &'static str,
    alter: fn(&Place),
    /// What the message must name.
    named: &'static [&'static str],
}

const ALTERATIONS: &[Alteration] = &[
    Alteration {
        what: "the approved net of a plan",
        alter: plan,
        named: &["2026-01 A1", "DIFFERENT", "the plan tells another sum"],
    },
    Alteration {
        what: "an amount in a bank file, nothing else",
        alter: amount_only,
        named: &["DF_320600-SI_202601_A1-2026-01-320000-1-1-BOC-1.pay", "digest"],
    },
    Alteration {
        what: "an amount in a bank file with its totals, digest and ready mark",
        alter: amount_and_digests,
        named: &["2026-01 A1", "DIFFERENT", "the instruction tells another sum"],
    },
    Alteration {
        what: "a line taken out of a bank file, with its totals, digest and ready mark",
        alter: line_taken_out,
        named: &["2026-01 A1", "DIFFERENT", "the instruction tells another sum"],
    },
    Alteration {
        what: "a ready mark that is not there",
        alter: no_ready_mark,
        named: &["DF_320600-SI_202601_A1-2026-01-320000-1-1-BOC-1.pay.OK"],
    },
    Alteration {
        what: "a row of a reply",
        alter: reply,
        named: &["2026-01 A1", "DIFFERENT", "the reply tells another sum"],
    },
    Alteration {
        what: "a debit of a statement with consistent balances",
        alter: statement,
        named: &["2026-01 A1", "DIFFERENT", "the statement tells another sum"],
    },
    Alteration {
        what: "both sides of a voucher",
        alter: voucher,
        named: &["2026-01 A1", "DIFFERENT", "the ledger tells another sum"],
    },
];

#[test]
fn each_source_altered_alone_is_found() {
    let (untouched, _) = paid("800", "2026");
    Place::like(&untouched).ends(0, &["demo", "--prove"]);
    for Alteration { what, alter, named } in ALTERATIONS {
        let place = Place::like(&untouched);
        alter(&place);
        let ran = place.renshe(&["demo", "--prove"]);
        assert_eq!(ran.code, 1, "{what}: {ran:?}");
        for named in *named {
            assert!(ran.said(named), "{what}: {named:?} is not in {ran:?}");
        }
        assert!(ran.said("证明不成立"), "{what}: {ran:?}");
    }
    untouched.ends(0, &["demo", "--prove"]);
}

const MORE: Money = Money::from_fen(100);

fn boc() -> Layout {
    let rules = Catalogue::bundled().unwrap();
    rules.layout(BankCode::parse("BOC").unwrap()).unwrap().clone()
}

/// The data of one event, changed where the log keeps it.
fn change_event(place: &Place, wanted: &str, change: impl Fn(&str) -> String) {
    let sql = format!("SELECT position, data FROM events WHERE {wanted} ORDER BY position LIMIT 1");
    let found = place.ask(&sql);
    let [position, data] = found[0].as_slice() else { panic!("{found:?}") };
    let changed = change(data);
    assert_ne!(changed, *data);
    let changed = changed.replace('\'', "''");
    place.tamper(&format!("UPDATE events SET data = '{changed}' WHERE position = {position}"));
}

fn plan(place: &Place) {
    let wanted = "type = 'plan.approved.v1' AND stream LIKE 'plan-A1-%'";
    change_event(place, wanted, |data| {
        let mut event: Value = serde_json::from_str(data).unwrap();
        let net = Money::parse(event["net"].as_str().unwrap()).unwrap();
        event["net"] = (net + MORE).to_string().into();
        event.to_string()
    });
}

fn voucher(place: &Place) {
    let wanted = "type = 'account.posted.v1' AND data LIKE '%batch_debited%' \
                  AND data LIKE '%\"A1\"%'";
    change_event(place, wanted, |data| {
        let mut event: Value = serde_json::from_str(data).unwrap();
        for entry in event["voucher"]["entries"].as_array_mut().unwrap() {
            for side in ["debit", "credit"] {
                if let Some(amount) = entry.get(side).and_then(Value::as_str) {
                    let amount = Money::parse(amount).unwrap();
                    entry[side] = (amount + MORE).to_string().into();
                }
            }
        }
        event.to_string()
    });
}

const INSTRUCTION: &str = "banks/BOC/out/DF_320600-SI_202601_A1-2026-01-320000-1-1-BOC-1.pay";

fn amount_only(place: &Place) {
    let path = place.data().join(INSTRUCTION);
    let text = fs::read_to_string(&path).unwrap();
    let line = text.lines().nth(1).unwrap();
    let amount = line.split('|').nth(8).unwrap();
    let more = (Money::parse(amount).unwrap() + MORE).to_string();
    let altered = line.replace(&format!("|{amount}|"), &format!("|{more}|"));
    fs::write(&path, text.replacen(line, &altered, 1)).unwrap();
}

fn no_ready_mark(place: &Place) {
    fs::remove_file(place.data().join(format!("{INSTRUCTION}.OK"))).unwrap();
}

fn amount_and_digests(place: &Place) {
    instructed(place, |lines| lines[0].amount += MORE);
}

fn line_taken_out(place: &Place) {
    instructed(place, |lines| {
        lines.pop();
    });
}

/// The file as the bureau would have written it with other lines.
fn instructed(place: &Place, change: impl Fn(&mut Vec<Line>)) {
    let layout = boc();
    let path = place.data().join(INSTRUCTION);
    let name = path.file_name().unwrap().to_str().unwrap();
    let (bytes, ready) = (fs::read(&path).unwrap(), fs::read(mark(&path)).unwrap());
    let mut file = bank::parse_instruction(&layout, name, &bytes, Some(&ready)).ok().unwrap();
    change(&mut file.lines);
    let header = Header {
        count: u32::try_from(file.lines.len()).unwrap(),
        total: file.lines.iter().map(|line| line.amount).sum(),
        kind: Some("DF".to_owned()),
        ..file.header
    };
    let file = bank::write_instruction(&layout, &header, file.lines).unwrap();
    assert_eq!(file.name, name);
    fs::write(&path, file.bytes).unwrap();
    fs::write(mark(&path), file.ready_bytes).unwrap();
}

fn mark(path: &Path) -> PathBuf {
    path.with_extension("pay.OK")
}

fn reply(place: &Place) {
    let layout = boc();
    let path = place.data().join("banks/BOC/in/HP_320600-SI_A1-2026-01-320000-1-1-BOC-1.txt");
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut reply = bank::parse_reply(&layout, name, &fs::read(&path).unwrap()).ok().unwrap();
    reply.rows[0].amount += MORE;
    let file = bank::write_reply(&layout, &reply.header, &reply.rows).unwrap();
    fs::write(&path, file.bytes).unwrap();
}

fn statement(place: &Place) {
    let layout = boc();
    let book = "banks/BOC/in/employee-pension-320000-320600-SI-2026";
    for entry in fs::read_dir(place.data().join(book)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let day = bank::parse_statement(&layout, name, &fs::read(&path).unwrap()).ok().unwrap();
        let mut rows = day.rows;
        let of_a1 = |row: &bank::statement::Row| {
            row.direction == definitions::Direction::Debit
                && row.reference.as_deref().is_some_and(|batch| batch.starts_with("A1-"))
        };
        let Some(place) = rows.iter().position(of_a1) else { continue };
        rows[place].amount += MORE;
        for row in &mut rows[place..] {
            row.balance = row.balance.map(|balance| balance - MORE);
        }
        let file = bank::write_statement(&layout, &day.header, &rows).unwrap();
        fs::write(&path, file.bytes).unwrap();
        return;
    }
    panic!("no statement has a debit of A1");
}
