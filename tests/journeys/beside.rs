//! Sub-commands beside a serving process: they go through it, and are the same commands.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use serde_json::Value;
use simulations::bank::Mischief;

use crate::bureau::{Bureau, JANUARY, PERIOD, at_bank, city, month, perfect};
use crate::place::{Place, Ran};
use crate::served::Served;

fn persons() -> (String, usize) {
    let city = city();
    let mut table = "证件号码,姓名,户籍区划,手机号码\n".to_owned();
    let people: Vec<_> = at_bank(&city, "CMB").collect();
    for one in &people {
        let (number, phone) = (one.identity.number(), one.phone.as_str());
        table += &format!("{number},{},{},{phone}\n", one.name, one.county);
    }
    (table, people.len())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|fault| panic!("{fault}: {ran:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_is_paid_by_commands_beside_the_process_that_serves() {
    let (bureau, _) = Bureau::with_payees("BOC", 5).await;
    let plan = bureau.funded().await;
    let batch = bureau.compose(&plan).await.batches.remove(0);
    bureau.sign(&batch).await;
    bureau.send(&batch).await.unwrap();
    let answered = bureau.answer(&batch, perfect(), Mischief::Straight);
    let (bank, name, bytes) = bureau.file(&answered.replies[0]);
    let slip = answered.slip.clone();
    let place = bureau.leave();
    let served = Served::at(&place);
    let socket = place.data().join("control.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);

    // Reading.
    let status = json(&place.ends(0, &["status", "--json"]));
    assert_eq!(status["served_at"], served.address.as_str());
    let events = place.ends(0, &["events", "--type", "batch.sent"]);
    assert!(events.said(&batch), "{events:?}");
    place.ends(0, &["events", "--limit", "2"]).says(&["@"]);

    // Tables, with the report where they lie.
    let (table, count) = persons();
    place.put("people.csv", &table);
    let import = ["import", "persons", "people.csv", "--json"];
    assert_eq!(json(&place.ends(0, &import))["accepted"], count);
    assert_eq!(json(&place.ends(0, &import))["duplicate"], count);
    let report = fs::read_to_string(place.path("people.report.csv")).unwrap();
    assert_eq!(report.lines().count(), 1 + count);
    place.put("cut.csv", &table.as_bytes()[..table.len() - 20]);
    place.ends(1, &["import", "persons", "cut.csv"]).says(&["INPUT_REFUSED", "未被接受"]);
    place.ends(2, &["import", "persons", "nowhere.csv"]).says(&["NO_SUCH_NAME"]);

    // The bank's answer.
    let (amount, on) = (slip.amount.to_string(), slip.on.to_string());
    let debit = ["bank", "debit", &batch, "--slip", &slip.serial, "--amount", &amount];
    let debit = [&debit[..], &["--date", &on, "--actor", "treasurer"]].concat();
    place.ends(0, &debit).says(&["is debited"]);
    place.ends(1, &debit).says(&["BATCH_DEBITED_ALREADY"]);
    place.put(&name, &bytes);
    let bank = bank.to_string();
    let reply = ["bank", "reply", "--bank", &bank, &name, "--actor", "cashier"];
    place.ends(0, &reply).says(&["5 lines paid"]);

    // A period opens, and is refused by the same rules.
    let next = month(JANUARY).next().to_string();
    let open = ["period", "open", "--item", "A1", "--month", &next, "--area", "320000"];
    let open = [&open[..], &["--agency", "320600-SI", "--actor", "handler"]].concat();
    place.ends(1, &open).says(&["PERIOD_BEFORE_IS_OPEN"]);
    let open = [&open[..], &["--exception", "一月对账未完"]].concat();
    place.ends(0, &open).says(&[&format!("plan A1-{next}-320000-1 is open")]);
    place.ends(1, &["period", "close", PERIOD, "--actor", "director"]);

    // Read models and definitions.
    place.ends(0, &["rebuild", "payments"]).says(&["Flipped"]);
    place.ends(0, &["definitions", "show", "item", "A1"]).says(&["职工", "SM3"]);
    place.put("wrong.toml", "[[item]]\nid = \"A9\"\nclas = \"agency\"\n");
    place.ends(1, &["definitions", "check", "wrong.toml"]).says(&["wrong.toml:3:1"]);

    // A second server finds the installation held; the first one goes on.
    place.ends(3, &["serve", "--listen", "127.0.0.1:0"]).says(&["INSTALLATION_UNUSABLE"]);
    place.ends(0, &["status"]);
    let head = json(&place.ends(0, &["status", "--json"]))["head"].clone();
    served.ends();
    assert!(!socket.exists(), "the socket outlives its process");
    let status = json(&place.ends(0, &["status", "--json"]));
    // What the server did by itself until it ended came on top.
    assert!(status["head"].as_u64() >= head.as_u64(), "{head} was told, {status} stands");
    assert!(status.get("served_at").is_none());
}

#[test]
fn a_socket_that_a_killed_process_left_is_passed_by_and_replaced() {
    let place = Place::new();
    Served::at(&place).killed();
    assert!(place.data().join("control.sock").exists());
    assert!(json(&place.ends(0, &["status", "--json"])).get("served_at").is_none());
    let served = Served::at(&place);
    let status = json(&place.ends(0, &["status", "--json"]));
    assert_eq!(status["served_at"], served.address.as_str());
    served.ends();
}

#[test]
fn a_folder_with_a_long_name_is_served_too() {
    let place = Place::new();
    let deep = ["很长的目录名"; 12].join("/");
    let place = place.within(&deep);
    let served = Served::at(&place);
    let status = json(&place.ends(0, &["status", "--json"]));
    assert_eq!(status["served_at"], served.address.as_str());
    served.ends();
}

#[test]
fn words_that_are_no_command_line_change_nothing_and_the_process_lives() {
    let place = Place::new();
    let served = Served::at(&place);
    let socket = place.data().join("control.sock");
    let request = |version: &str, words: &[&str]| {
        let line = serde_json::json!({
            "version": version,
            "words": words,
            "folder": "/",
            "lang": "both",
            "command": uuid::Uuid::from_u128(1),
        });
        format!("{line}\n")
    };
    let here = env!("CARGO_PKG_VERSION");
    for (asked, told) in [
        (String::new(), ""),
        ("\n".to_owned(), ""),
        ("{}\n".to_owned(), ""),
        (request("0.0.0", &["status"]), r#"{"end":3}"#),
        (request(here, &["serve"]), r#"{"end":3}"#),
        (request(here, &["pay", "everybody"]), r#"{"end":3}"#),
        (request(here, &["status"]), r#"{"end":0}"#),
    ] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(asked.as_bytes()).unwrap();
        if !asked.contains("words") {
            stream.shutdown(std::net::Shutdown::Write).unwrap();
        }
        let last = BufReader::new(stream).lines().map_while(Result::ok).last();
        assert_eq!(last.unwrap_or_default(), told, "{asked}");
    }
    // Somebody hangs up while his command is under way: the next one is heard.
    let mut stream = UnixStream::connect(&socket).unwrap();
    let rebuild = request(here, &["events", "--limit", "1000000"]);
    stream.write_all(rebuild.as_bytes()).unwrap();
    drop(stream);
    place.ends(0, &["status"]);
    served.ends();
}
