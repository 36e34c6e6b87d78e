//! `docs/disbursement.md`, carried out word for word beside a serving process.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use shared::{AgencyCode, BankCode, Date};
use simulations::bank::{AccountBook, DebitSlip, Habits, Instruction, Mischief, SimulatedBank};

use crate::bureau::{Bureau, perfect};
use crate::place::Place;
use crate::served::Served;

const PAGE: &str = include_str!("../../docs/disbursement.md");
const BATCH: &str = "A1-2026-01-320000-1-1-BOC-1";

/// What stands between two fences, with the word behind the first.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, behind)) = rest.split_once("\n```") {
        let (word, body) = behind.split_once('\n').unwrap();
        let (body, after) = body.split_once("\n```").unwrap();
        blocks.push((word, body));
        rest = after;
    }
    blocks
}

fn ask(address: &str, query: &str) -> Value {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let body = json!({ "query": query }).to_string();
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut answer: Value = serde_json::from_str(body).unwrap();
    // Costs and positions are the machine's own.
    answer.as_object_mut().unwrap().remove("extensions");
    answer
}

/// The read models may be a moment behind the command before: a reader who minds waits for them.
fn covers_what_was_done(address: &str) {
    let head = ask(address, "{ status { head } }");
    let head = head["data"]["status"]["head"].as_str().unwrap();
    let waited = ask(address, &format!("{{ periods(atLeast: \"{head}\") {{ id }} }}"));
    assert!(waited.get("errors").is_none(), "{waited}");
}

/// What the bank makes of the file that was sent: the words of the page for its own files.
fn bank_answers(place: &Place, layout: &definitions::Layout) -> BTreeMap<&'static str, String> {
    let bank = BankCode::parse("BOC").unwrap();
    let out = place.data().join("banks/BOC/out");
    let file = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()).find(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.contains(BATCH) && !name.ends_with(&layout.ready_mark)
    });
    let file = file.expect("the batch was sent");
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let mark = file.with_file_name(format!("{name}{}", layout.ready_mark));
    let (bytes, mark) = (fs::read(&file).unwrap(), fs::read(mark).unwrap());
    let taken = bank::parse_instruction(layout, &name, &bytes, Some(&mark)).ok().unwrap();
    let day = Date::constant(2026, 1, 15);
    let habits: Habits = perfect();
    let simulated =
        SimulatedBank::new(bank, 3).with_habits(habits).with_mischief(Mischief::Straight);
    let reply = simulated.replies(&Instruction::from(&taken), day).remove(0);
    let header = bank::Header { made_on: Some(day), ..taken.header };
    let reply = bank::write_reply(layout, &header, &reply.to_rows()).unwrap();
    place.put(&reply.name, &reply.bytes);
    let amount = "15617.25".parse().unwrap();
    let slip = DebitSlip { serial: "D0001".to_owned(), batch: BATCH.to_owned(), amount, on: day };
    let mut account = AccountBook::new("A-1", amount);
    account.debit(&slip).unwrap();
    let header = bank::Header {
        agency: Some(AgencyCode::parse("320600-SI").unwrap()),
        made_on: Some(day),
        ..bank::Header::default()
    };
    let day = account.statement(day);
    let statement = bank::write_statement(layout, &header, &day.to_rows()).unwrap();
    place.put(&statement.name, &statement.bytes);
    BTreeMap::from([("{reply}", reply.name), ("{statement}", statement.name)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_the_pay_office_is_carried_out_as_it_stands() {
    let (bureau, _) = Bureau::with_payees("BOC", 5).await;
    let layout = bureau.layout(BankCode::parse("BOC").unwrap());
    let place = bureau.leave();
    let served = Served::at(&place);
    let mut words: BTreeMap<&str, String> = BTreeMap::new();
    let (mut commands, mut queries) = (0, 0);
    let mut asked = Value::Null;
    for (kind, body) in blocks(PAGE) {
        match kind {
            "console" => {
                let mut lines = body.lines().peekable();
                while let Some(line) = lines.next() {
                    let line = line.strip_prefix("$ renshe ").expect("a command, then its answer");
                    let line = words
                        .iter()
                        .fold(line.to_owned(), |line, (word, stands)| line.replace(word, stands));
                    let args: Vec<&str> = line.split(' ').collect();
                    let ran = place.renshe(&args);
                    let mut refused = false;
                    while let Some(told) = lines.next_if(|line| !line.starts_with("$ ")) {
                        let wanted = told.trim_start_matches("! ");
                        refused |= told.starts_with("! ");
                        assert!(ran.said(wanted), "renshe {line}\nshould say {wanted}\n{ran:?}");
                    }
                    assert_eq!(ran.code, i32::from(refused), "renshe {line}\n{ran:?}");
                    commands += 1;
                    if line.starts_with("bank send") {
                        words = bank_answers(&place, &layout);
                    }
                    if line.starts_with("bank statement") {
                        let id = ran.out.split([' ', ':']).nth(1).unwrap().to_owned();
                        words.insert("{statement-id}", id);
                    }
                }
            }
            "graphql" => {
                covers_what_was_done(&served.address);
                asked = ask(&served.address, body);
            }
            "json" => {
                let told: Value = serde_json::from_str(body).unwrap();
                assert_eq!(asked, told);
                queries += 1;
            }
            other => panic!("{other}: what is that?"),
        }
    }
    assert!(commands > 18 && queries > 1, "{commands} commands, {queries} queries");
    served.ends();
}
