//! The four layouts and small files in each.

use bank::{
    BankFile, Header, Line, Said, reply, statement, write_instruction, write_reply, write_statement,
};
use definitions::{Catalogue, DigestPlace, Direction, Layout};
use jiff::civil::date;
use shared::{Money, Month, Pii, ReturnReason};
use sm3::{Digest, Sm3};

pub fn layouts() -> Vec<Layout> {
    Catalogue::bundled().unwrap().layouts().values().cloned().collect()
}

pub fn layout(bank: &str) -> Layout {
    layouts().into_iter().find(|layout| layout.id.as_str() == bank).unwrap()
}

pub fn header() -> Header {
    Header {
        batch: "B20260115-0001".to_owned(),
        kind: Some("PAY".to_owned()),
        agency: Some("320600-01".parse().unwrap()),
        division: Some("320600".parse().unwrap()),
        insurance: Some("110".to_owned()),
        item: Some("A1".parse().unwrap()),
        period: Some("2026-01".parse().unwrap()),
        made_on: Some(date(2026, 1, 15)),
        count: 3,
        total: Money::from_fen(128_000 + 99_999 + 1),
    }
}

pub fn line(seq: u32, name: &str, fen: i64) -> Line {
    Line {
        seq,
        attempt: format!("A1/2026-01/whole/0/P{seq}#1"),
        obligation: Some(format!("A1/2026-01/whole/0/P{seq}")),
        name: Some(Pii::new(name.to_owned())),
        id_number: Some(Pii::new(format!("32060019500101{seq:04}"))),
        account: Pii::new(format!("6217000000000{seq:06}")),
        account_name: Pii::new(name.to_owned()),
        bank_name: Some("南通分行".to_owned()),
        amount: Money::from_fen(fen),
        month: Some(Month::new(2026, 1).unwrap()),
        memo: Some("一月养老金".to_owned()),
    }
}

pub fn lines() -> Vec<Line> {
    vec![line(1, "张三", 128_000), line(2, "阿卜杜拉·买买提", 99_999), line(7, "李镕", 1)]
}

pub fn instruction(layout: &Layout) -> BankFile {
    write_instruction(layout, &header(), lines()).unwrap()
}

pub fn reply_rows() -> Vec<reply::Row> {
    let row = |row, seq: u32, fen, said, posted_on| reply::Row {
        row,
        attempt: format!("A1/2026-01/whole/0/P{seq}#1"),
        seq: Some(seq),
        account: Some(Pii::new("6217000000000000001".to_owned())),
        account_name: Some(Pii::new("张三".to_owned())),
        amount: Money::from_fen(fen),
        said,
        posted_on,
        memo: None,
    };
    let returned = Said::Returned { reason: ReturnReason::AccountClosed, bank_code: String::new() };
    let day = Some(date(2026, 1, 16));
    vec![
        row(2, 1, 128_000, Said::Paid { serial: "S0001".to_owned() }, day),
        row(3, 2, 99_999, returned, None),
        row(4, 7, 1, Said::Paid { serial: "S0003".to_owned() }, day),
    ]
}

pub fn reply(layout: &Layout) -> BankFile {
    write_reply(layout, &header(), &reply_rows()).unwrap()
}

pub fn statement_rows() -> Vec<statement::Row> {
    let row =
        |row, serial: &str, direction, fen, balance, reference: Option<&str>| statement::Row {
            row,
            serial: serial.to_owned(),
            posted_on: date(2026, 1, 16),
            direction,
            amount: Money::from_fen(fen),
            balance: Some(Money::from_fen(balance)),
            reference: reference.map(str::to_owned),
            memo: Some("代发".to_owned()),
        };
    vec![
        row(2, "T1", Direction::Debit, 228_000, 772_000, Some("B20260115-0001")),
        row(3, "T2", Direction::Credit, 99_999, 871_999, Some("B20260115-0001")),
        row(4, "T3", Direction::Credit, 12, 872_011, None),
    ]
}

pub fn statement(layout: &Layout) -> BankFile {
    let header = Header { batch: String::new(), ..header() };
    write_statement(layout, &header, &statement_rows()).unwrap()
}

pub fn line_end(layout: &Layout) -> &'static str {
    match layout.line_end {
        definitions::LineEnd::Lf => "\n",
        definitions::LineEnd::CrLf => "\r\n",
    }
}

pub fn sm3_hex(bytes: &[u8]) -> String {
    hex::encode(Sm3::digest(bytes))
}

/// The ready mark of these bytes.
pub fn ready(layout: &Layout, bytes: &[u8]) -> Vec<u8> {
    format!("{}{}", sm3_hex(bytes), line_end(layout)).into_bytes()
}

/// The bytes with the right digest in the header, where the layout has one there: a file that is
/// wrong only in what the test changed.
pub fn resealed(layout: &Layout, mut bytes: Vec<u8>) -> Vec<u8> {
    if layout.digest != DigestPlace::Header {
        return bytes;
    }
    let after = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let digest = sm3_hex(&bytes[after..]);
    let run = |window: &[u8]| window.iter().all(u8::is_ascii_hexdigit);
    if let Some(at) = bytes[..after].windows(64).position(run) {
        bytes[at..at + 64].copy_from_slice(digest.as_bytes());
    }
    bytes
}
