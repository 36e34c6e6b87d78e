//! Books, feeds, openings and exports, from the command line: each command once, with what it says.

use std::fs;

use serde_json::Value;

use crate::bureau::{Bureau, at_bank, city};
use crate::cases::json;
use crate::place::Place;

const BOOK: [&str; 8] =
    ["--fund", "employee-pension", "--area", "320000", "--agency", "320600-SI", "--year", "2026"];

fn of_book<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, &BOOK, more].concat()
}

fn answer(place: &Place, words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&place.ends(0, &words).out).unwrap()
}

fn fen(sum: &Value) -> i64 {
    sum.as_str().unwrap().parse::<shared::Money>().unwrap().fen()
}

#[test]
fn a_book_is_read_balanced_reconciled_and_exported() {
    let place = Place::new();
    place
        .ends(0, &["demo", "--once", "--plain", "--months", "1", "--people", "600", "--seed", "7"]);
    let trial = answer(&place, &of_book(&["book", "trial"], &["--at", "2026-01-31"]));
    let rows = trial.as_array().unwrap();
    let of_fund = || rows.iter().filter(|row| row["ledger"] != "memo" && row["ledger"] != "M");
    let sum = |column: &str| of_fund().map(|row| fen(&row[column])).sum::<i64>();
    assert!(of_fund().count() > 3 && sum("debit") > 0, "{trial}");
    assert_eq!(sum("debit"), sum("credit"), "{trial}");
    let days = ["--from", "2026-01-01", "--to", "2026-01-31"];
    let journal = answer(&place, &of_book(&["book", "journal"], &days));
    let lines = journal["lines"].as_array().unwrap();
    let moved: i64 = lines.iter().map(|line| fen(&line["debit"]) - fen(&line["credit"])).sum();
    assert!(lines.len() > 2 && journal["cut"] == false);
    assert_eq!(fen(&journal["opening"]) + moved, fen(&journal["closing"]));
    let shown = place.ends(0, &of_book(&["book", "reconcile"], &["--month", "2026-01"])).out;
    assert!(shown.contains("无法解释的差额 0.00"), "{shown}");
    let money = ["--amount", "1.00", "--reference", "TH-1"];
    let left = place.ends(1, &of_book(&["book", "return-remainder"], &money));
    assert!(left.err.contains("_"), "only an entrusting unit's money goes back: {}", left.err);
    let close = of_book(&["book", "close-year"], &[]);
    assert!(place.ends(0, &close).out.contains("employee-pension-320000-320600-SI-2027 is open"));
    let again = place.ends(1, &close);
    assert!(again.err.contains("BOOK_CLOSED"), "{}", again.err);
    let unknown = ["book", "trial", "--fund", "employee-pension", "--area", "110000", "--agency"];
    let unknown = [unknown.as_slice(), &["320600-SI", "--year", "2026", "--at", "2026-01-31"]];
    assert!(place.ends(2, &unknown.concat()).err.contains("there is no book"));

    let made = answer(&place, &["export", "lines", "--month", "2026-01", "--item", "A1"]);
    let text = fs::read_to_string(place.path("lines.csv")).unwrap();
    assert_eq!(made["rows"].as_u64().unwrap(), text.lines().count() as u64 - 1);
    assert!(text.starts_with('\u{FEFF}') && made["rows"].as_u64().unwrap() > 10);
    let words = ["export", "vouchers", "--format", "xlsx", "--out", "凭证.xlsx"];
    let book = ["--book", "employee-pension-320000-320600-SI-2026"];
    let made = answer(&place, &[words.as_slice(), &book].concat());
    let bytes = fs::read(place.path("凭证.xlsx")).unwrap();
    assert_eq!(made["bytes"].as_u64().unwrap(), bytes.len() as u64);
    assert!(bytes.starts_with(b"PK") && made["rows"].as_u64().unwrap() > 2);
    for (list, month, code) in [
        ("secrets", None, "EXPORT_LIST_UNKNOWN"),
        ("books", Some("2026-01"), "EXPORT_NOT_NARROWED"),
    ] {
        let narrow = month.map_or(vec![], |month| vec!["--month", month]);
        let refused = place.ends(1, &[["export", list].as_slice(), &narrow].concat());
        assert!(refused.err.contains(code), "{}", refused.err);
    }
}

/// A run of one payment as the province writes it.
fn run(sequence: u32, month: &str, number: &str) -> String {
    let line = format!("L|1|{number}|BOC|320602|whole||0|1|3123.45|0.00|paid:{sequence}\n");
    let digest = sm::hex(sm::sm3(line.as_bytes()));
    format!(
        "H|province|A1|320000|{sequence}|S{sequence}|{month}|normal|employee-pension|320600-SI|\
         2026-01-15|1|3123.45|{digest}|\n{line}"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_waits_for_what_is_missing_and_enters_it() {
    let (bureau, _) = Bureau::with_payees("BOC", 1).await;
    let place = bureau.leave();
    let city = city();
    let number = at_bank(&city, "BOC").next().unwrap().identity.recorded().to_owned();
    place.ends(0, &of_book(&["period", "open-book"], &["--opening", "10000.00"]));
    let open = ["feed", "open", "--source", "province", "--item", "A1", "--area", "320000"];
    assert!(place.ends(0, &open).out.contains("province-A1-320000"));
    assert!(place.ends(1, &open).err.contains("FEED_ALREADY_OPEN"));

    place.put("second.txt", run(2, "2026-02", &number));
    let waits = answer(&place, &["feed", "import", "second.txt"]);
    assert_eq!(waits["result"]["plan"], Value::Null);
    let listed = json(&place, &["feed", "list"]);
    assert_eq!((&listed[0]["missing"], &listed[0]["received"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(listed[0]["gaps"][0]["from"], 1);
    let apply = |sequence: &str| {
        place.renshe(&["feed", "apply", "province-A1-320000", "--sequence", sequence])
    };
    assert!(apply("2").err.contains("FEED_OUT_OF_ORDER"));
    assert!(apply("9").err.contains("FEED_NOT_RECEIVED"));
    // A mistyped number is no gap of thousands of millions.
    place.put("far.txt", run(4_000_000_000, "2026-03", &number));
    let far = place.ends(1, &["feed", "import", "far.txt"]);
    assert!(far.err.contains("FEED_TOO_FAR_AHEAD"), "{}", far.err);

    // The missing one comes by the folder; what waited for it follows.
    let inbox = place.data().join("feed/in");
    fs::create_dir_all(&inbox).unwrap();
    fs::write(inbox.join("first.txt"), run(1, "2026-01", &number)).unwrap();
    fs::write(inbox.join("first.txt.ok"), "").unwrap();
    fs::write(inbox.join("half.txt"), "H|").unwrap();
    let taken = json(&place, &["feed", "take"]);
    assert_eq!((taken.len(), &taken[0]["sequence"]), (1, &Value::from(1)));
    assert!(
        place.data().join("feed/taken/first.txt").is_file() && inbox.join("half.txt").is_file()
    );
    let listed = json(&place, &["feed", "list"]);
    let shown = ["entered", "missing", "next"].map(|key| listed[0][key].as_u64().unwrap());
    assert_eq!(shown, [2, 0, 3]);
    assert!(apply("2").err.contains("FEED_"), "entered already");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_is_entered_settled_sealed_and_shown() {
    let (bureau, payees) = Bureau::with_payees("BOC", 2).await;
    let people: Vec<String> = payees.iter().map(|payee| payee.person.to_string()).collect();
    let place = bureau.leave();
    place.put("list.pdf", "the list of 2025");
    let of = ["--item", "A1", "--area", "320000"];
    let sums = ["--people", "2", "--payments", "24", "--money", "74962.80"];
    let until = ["--as-of", "2025-12-31", "--proof", "list.pdf"];
    let enter = [["opening", "enter"].as_slice(), &of, &sums, &until].concat();
    assert!(place.ends(0, &enter).out.contains("is entered"));

    let settle = |rows: &str, code| {
        place.put("obligations.csv", format!("人员编号,待遇月份,金额,退票原因\n{rows}"));
        place.ends(code, &[["opening", "settle"].as_slice(), &of, &["obligations.csv"]].concat())
    };
    let (first, second) = (&people[0], &people[1]);
    let wrong = settle(&format!("{first},2025-12,3123.45,\nnobody,2025-12,1.00,\n"), 1);
    assert!(
        wrong.err.contains("row 3") && wrong.err.contains("nothing is entered"),
        "{}",
        wrong.err
    );
    let rows = format!("{first},2025-12,3123.45,\n{second},2025-12,3123.45,R03\n");
    assert!(settle(&rows, 0).out.contains("2 obligations are entered"));
    let seal = |declared: &str, code| {
        let declared = ["--declared", declared];
        place.ends(code, &[["opening", "seal"].as_slice(), &of, &declared].concat())
    };
    assert!(seal("3", 1).err.contains("OPENING_"));
    seal("2", 0);
    let shown = answer(&place, &["opening", "show"]);
    let one = &shown["openings"][0];
    assert_eq!(
        (&one["opening"], &one["stage"]),
        (&Value::from("A1-320000"), &Value::from("sealed"))
    );
    let counts =
        ["settled", "returned", "people", "payments"].map(|key| one[key].as_u64().unwrap());
    assert_eq!(counts[1..], [1, 2, 24]);
    assert_eq!(shown["money"], "74962.80");
}
