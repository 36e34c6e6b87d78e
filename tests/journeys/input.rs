//! Tables, bank files and definitions with mistakes in them: told by row and rule in Chinese and
//! English, and nothing half applied.
//!
//! A name that the bank cannot write is tried in `rules` (its line is held), a wrong digest in `demo`.

use std::fs;

use bank::Header;
use disbursement::statement::{Difference, Event};
use kernel::{Limit, Revision, StreamName};
use renshe::node::World;
use serde_json::Value;
use shared::Money;
use simulations::Resident;
use simulations::bank::{AccountBook, Mischief, line};

use crate::bureau::{Answered, Bureau, PENSION, at_bank, city, perfect};
use crate::place::{Place, Ran};
use crate::workbooks::{bomb, far};

const PERSONS: &str = "证件号码,姓名,户籍区划,手机号码\n";

fn person(resident: &Resident) -> String {
    let (number, name) = (resident.identity.number(), &resident.name);
    format!("{number},{name},{},{}\n", resident.county, resident.phone.as_str())
}

/// The last character of a resident number by GB 11643.
fn with_check_digit(body: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.chars().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    format!("{body}{}", b"10X98765432"[sum as usize % 11] as char)
}

/// The report beside a table: row, outcome, first row, column, rule, zh, en.
fn report(place: &Place, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(place.path(name)).unwrap();
    let lines = text.trim_start_matches('\u{FEFF}').lines().skip(1);
    // No text of a message holds both a quote and a comma, so that a simple reader will do.
    lines
        .map(|line| {
            let quoted = line.split('"').enumerate();
            let safe: String = quoted
                .map(|(place, piece)| match place % 2 {
                    0 => piece.to_owned(),
                    _ => piece.replace(',', ";"),
                })
                .collect();
            safe.split(',').map(str::to_owned).collect()
        })
        .collect()
}

fn counts(ran: &Ran) -> [u64; 4] {
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    ["rows", "accepted", "duplicate", "refused"].map(|count| answer[count].as_u64().unwrap())
}

/// A row that is refused, and what its report must name.
struct Refusal {
    what: &'static str,
    row: fn(&Resident) -> String,
    rule: &'static str,
}

const REFUSALS: &[Refusal] = &[
    Refusal {
        what: "a wrong check digit",
        row: |one| {
            let number = one.identity.number();
            let last = if number.ends_with('1') { '2' } else { '1' };
            person(one).replacen(number, &format!("{}{last}", &number[..17]), 1)
        },
        rule: "NUMBER_CHECK_DIGIT",
    },
    Refusal {
        what: "30 February in the number",
        row: |one| {
            let number = one.identity.number();
            let body = format!("{}19750230{}", &number[..6], &number[14..17]);
            person(one).replacen(number, &with_check_digit(&body), 1)
        },
        rule: "NUMBER_",
    },
    Refusal {
        what: "a county that never was",
        row: |one| person(one).replacen(&format!(",{},", one.county), ",999999,", 1),
        rule: "NOT_A_COUNTY",
    },
    Refusal {
        what: "a number of 17 characters",
        row: |one| person(one).replacen(one.identity.number(), &one.identity.number()[..17], 1),
        rule: "NUMBER_LENGTH",
    },
    Refusal {
        what: "no name",
        row: |one| person(one).replacen(&format!(",{},", one.name), ",,", 1),
        rule: "missing-value",
    },
    Refusal {
        what: "a cell too many",
        row: |one| person(one).replace('\n', ",x\n"),
        rule: "ragged",
    },
    Refusal {
        what: "a cut line",
        row: |one| one.identity.number()[..9].to_owned() + "\n",
        rule: "ragged",
    },
];

#[test]
fn refused_rows_are_told_and_the_mended_file_brings_exactly_them() {
    let (place, city) = (Place::new(), city());
    let mut people = at_bank(&city, "BOC");
    let (mut table, mut mended, mut good) = (PERSONS.to_owned(), PERSONS.to_owned(), 0);
    for refusal in REFUSALS {
        let (before, wrong) = (people.next().unwrap(), people.next().unwrap());
        table += &(person(before) + &(refusal.row)(wrong));
        mended += &(person(before) + &person(wrong));
        good += 1;
    }
    let twice = people.next().unwrap();
    table += &(person(twice) + &person(twice));
    mended += &person(twice);
    good += 1;
    place.put("people.csv", &table);
    place.put("mended.csv", &mended);

    let ran = place.ends(1, &["import", "persons", "people.csv", "--json"]);
    let wrong = REFUSALS.len() as u64;
    assert_eq!(counts(&ran), [2 * wrong + 2, good, 1, wrong]);
    ran.says(&["INPUT_REFUSED", "未被接受"]);
    let lines = report(&place, "people.report.csv");
    let numbers: Vec<u32> = lines.iter().map(|line| line[0].parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "the report does not follow the table: {numbers:?}");
    for (refusal, row) in REFUSALS.iter().zip((3..).step_by(2)) {
        let Refusal { what, rule, .. } = refusal;
        let line = lines.iter().find(|line| line[0] == row.to_string());
        let line = line.unwrap_or_else(|| panic!("{what}: row {row} has no line"));
        assert_eq!(line[1], "refused", "{what}: {line:?}");
        assert!(line[4].contains(rule) || line[6].contains(rule), "{what}: {line:?}");
        let chinese = line[5].chars().any(|one| ('\u{4E00}'..='\u{9FFF}').contains(&one));
        assert!(chinese && line[6].is_ascii(), "{what}: {line:?}");
    }
    let last = lines.last().unwrap();
    assert_eq!(last[1..3], ["duplicate".to_owned(), (2 * wrong + 2).to_string()]);

    let ran = place.ends(0, &["import", "persons", "mended.csv", "--json"]);
    assert_eq!(counts(&ran), [2 * wrong + 1, wrong, good, 0]);
    place.ends(0, &["rebuild", "people"]).says(&["Flipped"]);
}

#[test]
fn a_date_that_no_calendar_has_is_refused_in_its_column() {
    let (place, city) = (Place::new(), city());
    let one = at_bank(&city, "BOC").next().unwrap();
    let (number, name, county) = (one.identity.number(), &one.name, one.county);
    for date in ["1975-02-30", "1900-02-29", "1975-13-01", "19750431", "32.01.1975", "27000"] {
        let table = format!("证件号码,姓名,户籍区划,出生日期\n{number},{name},{county},{date}\n");
        place.put("people.csv", table);
        let ran = place.ends(1, &["import", "persons", "people.csv", "--json"]);
        assert_eq!(counts(&ran), [1, 0, 0, 1], "{date}");
        let lines = report(&place, "people.report.csv");
        assert_eq!(lines[0][3..5], ["出生日期".to_owned(), "date-form".to_owned()], "{date}");
    }
    let events = place.ends(0, &["events", "--type", "person."]);
    assert_eq!(events.out, "");
}

#[test]
fn a_file_that_is_no_table_is_refused_whole_with_its_reason() {
    let (place, city) = (Place::new(), city());
    let one = at_bank(&city, "BOC").next().unwrap();
    // 张三 in GBK.
    let (before, after) = (format!("{PERSONS}{},", one.identity.number()), ",320602,\n");
    let gbk = [before.as_bytes(), &[0xD5, 0xC5, 0xC8, 0xFD], after.as_bytes()].concat();
    let files: [(&str, Vec<u8>, &[&str]); 8] = [
        ("empty.csv", Vec::new(), &["空"]),
        ("words.xlsx", b"not a workbook".to_vec(), &["工作簿", "not an .xlsx workbook"]),
        ("bomb.xlsx", bomb(), &["解", "unpack"]),
        ("far.xlsx", far(), &["INPUT_REFUSED"]),
        ("encoding.csv", gbk, &["UTF-8", "GB18030"]),
        ("columns.csv", "证件号码,姓名\n1,2\n".into(), &["户籍区划", "缺少", "missing"]),
        ("unknown.csv", "证件号码,姓名,户籍区划,诗\n".into(), &["没有这一列", "no such column"]),
        ("header.csv", PERSONS.into(), &["", ""]),
    ];
    for (name, bytes, words) in &files {
        place.put(name, bytes);
        let ran = place.renshe(&["import", "persons", name]);
        assert_eq!(ran.code, 1, "{name}: {ran:?}");
        ran.says(words);
        assert!(ran.err.contains("INPUT_REFUSED"), "{name}: {ran:?}");
    }
    place.ends(2, &["import", "persons", "nowhere.csv"]).says(&["NO_SUCH_NAME", "nowhere.csv"]);
    let events = place.ends(0, &["events", "--type", "person."]);
    assert_eq!(events.out, "", "something of a refused file was taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn amounts_of_grants_are_yuan_with_two_decimals_above_nothing() {
    let (bureau, payees) = Bureau::with_payees("BOC", 1).await;
    let city = city();
    let home = at_bank(&city, "BOC").next().unwrap().county;
    let (person, address) = (payees[0].person, payees[0].address);
    let place = bureau.leave();
    let row =
        |amount: &str| format!("{person},C2,,{amount},2026-01,320611,{home},{address},审批\n");
    let header = "人员编号,待遇项目,待遇构成,月标准,起始月,统筹区,区划,发放账户,依据\n";
    for (amount, rule) in [
        ("100.001", "money-form"),
        ("-5.00", "refused"),
        ("0", "refused"),
        ("0.00", "refused"),
        ("1e3", "money-form"),
        ("壹佰", "money-form"),
        ("99999999999999999999.00", "money-form"),
        ("30000001.00", "refused"),
    ] {
        place.put("grants.csv", format!("{header}{}", row(amount)));
        let ran = place.renshe(&["import", "grants", "grants.csv", "--json"]);
        assert_eq!(ran.code, 1, "{amount}: {ran:?}");
        assert_eq!(counts(&ran), [1, 0, 0, 1], "{amount}");
        let lines = report(&place, "grants.report.csv");
        // Nothing else differs from the row that is accepted below.
        assert_eq!(lines[0][4], rule, "{amount}: {lines:?}");
    }
    place.put("grants.csv", format!("{header}{}", row("123.45")));
    let ran = place.ends(0, &["import", "grants", "grants.csv", "--json"]);
    assert_eq!(counts(&ran), [1, 1, 0, 0]);
}

/// A batch that was sent and debited, and the bank's honest reply to it.
async fn debited() -> (Bureau, Answered) {
    let (bureau, _) = Bureau::with_payees("BOC", 5).await;
    let plan = bureau.funded().await;
    let batch = bureau.sent(&plan).await;
    let answered = bureau.answer(&batch, perfect(), Mischief::Straight);
    bureau.debit(&answered).await.unwrap();
    (bureau, answered)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_with_a_mistake_is_refused_whole() {
    let (bureau, answered) = debited().await;
    let (_, name, bytes) = bureau.file(&answered.replies[0]);
    let place = bureau.leave();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let amount = PENSION.to_string();
    let amount_text = amount.as_str();
    let batch = &answered.slip.batch;
    let rows: Vec<&str> = text.lines().collect();
    let cut = rows[..rows.len() - 1].join("\n") + "\n";
    let tail = bytes.len() - 9;
    let foreign = [&bytes[..tail], &[0xCD, 0xF5], &bytes[tail..]].concat();
    let other = "A1-2026-01-320000-9-1-BOC-1";
    let of_row = |amount: &str| -> Vec<u8> {
        text.replacen(&format!("|{amount_text}|"), &format!("|{amount}|"), 1).into()
    };
    let twice = text.replacen(rows[2], rows[1], 1);
    let mistakes: [(&str, Vec<u8>, &str); 10] = [
        ("a row twice", twice.into(), "FILE_REFUSED"),
        ("three decimals", of_row(&format!("{amount_text}0")), "FILE_REFUSED"),
        ("a negative amount", of_row(&format!("-{amount_text}")), "FILE_REFUSED"),
        ("an amount of nothing", of_row("0.00"), "FILE_REFUSED"),
        ("another batch", text.replace(batch.as_str(), other).into(), "REPLY_UNKNOWN_BATCH"),
        ("another amount in a row", text.replacen(&amount, "1.00", 1).into(), "FILE_REFUSED"),
        ("another count in the header", text.replacen("|5|", "|6|", 1).into(), "FILE_REFUSED"),
        ("a line cut off", cut.into(), "FILE_REFUSED"),
        ("cut within a line", bytes[..tail].to_vec(), "FILE_REFUSED"),
        ("another character set", foreign, "FILE_REFUSED"),
    ];
    for (what, bytes, code) in mistakes {
        assert_ne!(bytes, text.as_bytes(), "{what}");
        let name = if code == "REPLY_UNKNOWN_BATCH" {
            name.replace(batch.as_str(), other)
        } else {
            name.clone()
        };
        place.put(&name, &bytes);
        let ran = place.renshe(&["bank", "reply", "--bank", "BOC", &name]);
        assert_eq!(ran.code, 1, "{what}: {ran:?}");
        assert!(ran.err.contains(code), "{what}: {ran:?}");
        assert!(ran.err.lines().count() >= 2, "{what}: {ran:?}");
    }
    place.put(&name, &bytes);
    // Its name does not fit: somebody took one batch's reply for another's.
    place.put("HP_320600-SI_other.txt", &bytes);
    let ran = place.ends(1, &["bank", "reply", "--bank", "BOC", "HP_320600-SI_other.txt"]);
    ran.says(&["FILE_REFUSED", "file-name"]);
    let events = place.ends(0, &["events", "--type", "batch."]);
    assert!(!events.said("batch.reply") && !events.said("settled"), "{}", events.out);
    place.put(&name, &bytes);
    place.ends(1, &["bank", "reply", "--bank", "CMB", &name]);
    place.ends(0, &["bank", "reply", "--bank", "BOC", &name]).says(&["5 lines paid", "15617.25"]);
    place.ends(0, &["bank", "reply", "--bank", "BOC", &name]).says(&["5 lines paid"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_line_without_a_batch_is_a_difference_with_an_owner() {
    let (bureau, answered) = debited().await;
    let slip = &answered.slip;
    let mut account = AccountBook::new("A-1", slip.amount + Money::from_fen(900));
    account.debit(slip).unwrap();
    let direction = definitions::Direction::Debit;
    let fee = line("FEE-1", slip.on, direction, Money::from_fen(900), "手续费");
    account.post(fee).unwrap();
    let book = bureau.book();
    let header = Header { agency: Some(book.agency), made_on: Some(slip.on), ..Header::default() };
    let layout = bureau.layout("BOC".parse().unwrap());
    let rows = account.statement(slip.on).to_rows();
    let file = bank::write_statement(&layout, &header, &rows).unwrap();
    let place = bureau.leave();
    let import = [
        "bank",
        "statement",
        "--bank",
        "BOC",
        "--fund",
        "employee-pension",
        "--area",
        "320000",
        "--agency",
        "320600-SI",
        "--year",
        "2026",
        "--actor",
        "anna",
        &file.name,
    ];
    let cut = file.bytes.len() - 12;
    place.put(&file.name, &file.bytes[..cut]);
    place.ends(1, &import).says(&["FILE_REFUSED"]);
    let broken = String::from_utf8(file.bytes.clone()).unwrap().replacen("9.00", "9.01", 1);
    place.put(&file.name, broken);
    place.ends(1, &import).says(&["FILE_REFUSED"]);
    let none = place.ends(0, &["events", "--type", "statement."]);
    assert_eq!(none.out, "", "a refused statement was taken");

    place.put(&file.name, &file.bytes);
    place.ends(0, &import).says(&["1 lines matched, 1 differences"]);
    let node = place.node(World::real()).await;
    let id = format!("statement-BOC-{book}-{}", slip.on);
    let stream = StreamName::stored(id);
    let page = node.log.read_stream(&stream, Revision(0), Limit::PAGE).await.unwrap();
    let events = page.iter().map(|event| event.decode::<Event>().unwrap());
    let found: Vec<Event> =
        events.filter(|event| matches!(event, Event::DifferenceFound { .. })).collect();
    let [Event::DifferenceFound { serial, owner, reason, .. }] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!((serial.as_str(), owner.as_str()), ("FEE-1", "anna"));
    assert_eq!(*reason, Difference::NoBatch);
    node.stop();
}

#[test]
fn mistakes_in_definitions_are_told_by_file_and_line_with_the_allowed_words() {
    let place = Place::new();
    let item = "[[item]]\n\
                id = \"A9\"\n\
                name = { zh = \"新项目\", en = \"New\" }\n\
                source = \"ours\"\n\
                clas = \"agency\"\n\
                cycle = \"fortnightly\"\n";
    place.put("new.toml", item);
    let ran = place.ends(1, &["definitions", "check", "new.toml"]);
    ran.says(&["new.toml:5:1", "clas", "did you mean class?", "allowed:", "funds"]);
    ran.says(&["new.toml:6:", "fortnightly", "monthly"]);
    ran.says(&["nothing is applied"]);
    assert!(!place.data().exists(), "checking made an installation");
    place.ends(0, &["definitions", "check"]).says(&["no mistake"]);
    place.ends(0, &["definitions", "show", "item", "A1"]).says(&["职工", "SM3"]);
    place.ends(2, &["definitions", "show", "item", "A99"]).says(&["NO_SUCH_NAME"]);
}

#[test]
fn exit_codes_are_those_that_the_help_promises() {
    let place = Place::new();
    place.ends(0, &["--help"]).says(&["Exit codes: 0 done; 1 refused"]);
    place.ends(2, &["pay", "everybody"]);
    for reading in [&["status"][..], &["events"], &["rebuild", "people"], &["demo", "--prove"]] {
        let ran = place.ends(3, reading);
        ran.says(&["INSTALLATION_UNUSABLE", "安装目录无法使用", "no installation"]);
        assert!(!place.data().exists(), "reading made an installation");
    }
    place.put("people.csv", PERSONS);
    place.put("data", "a file where a folder is due");
    place.ends(3, &["import", "persons", "people.csv"]).says(&["INSTALLATION_UNUSABLE"]);
    fs::remove_file(place.data()).unwrap();
    place.ends(1, &["period", "close", "A1-2026-01-320000"]);
    place.ends(2, &["rebuild", "nothing"]).says(&["no read model is called nothing"]);
    let status = place.ends(0, &["status", "--json"]);
    let status: Value = serde_json::from_str(&status.out).unwrap();
    assert!(status["views"].as_array().unwrap().len() >= 9);
}
