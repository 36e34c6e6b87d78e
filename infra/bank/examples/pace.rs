//! How long an instruction of 100,000 lines takes to write and to read, in each layout.

use std::time::Instant;

use bank::{Header, Line, parse_instruction, write_instruction};
use definitions::Catalogue;
use shared::{Money, Month, Pii};

fn main() {
    const LINES: u32 = 100_000;
    let names = ["张三", "阿卜杜拉·买买提", "欧阳建国", "李镕"];
    let texts: Vec<[String; 4]> = (1..=LINES)
        .map(|n| {
            let obligation = format!("A1/2026-01/whole/0/0198c0de-0000-7000-8000-{n:012}");
            let attempt = format!("{obligation}#1");
            [
                obligation,
                attempt,
                format!("32060019500101{:04}", n % 10_000),
                format!("6217{n:015}"),
            ]
        })
        .collect();
    let catalogue = Catalogue::bundled().expect("the bundled definitions are sound");
    let header = Header {
        batch: "B20260115-0001".to_owned(),
        agency: "320600-01".parse().ok(),
        item: "A1".parse().ok(),
        period: Month::new(2026, 1).ok(),
        made_on: Some(jiff::civil::date(2026, 1, 15)),
        count: LINES,
        total: Money::from_fen(128_000 * i64::from(LINES)),
        ..Header::default()
    };
    for layout in catalogue.layouts().values() {
        let lines =
            texts.iter().zip(1..).map(|([obligation, attempt, id_number, account], seq)| {
                let name = names[seq as usize % names.len()];
                Line::<&str> {
                    seq,
                    attempt,
                    obligation: Some(obligation),
                    name: Some(Pii::new(name)),
                    id_number: Some(Pii::new(id_number)),
                    account: Pii::new(account),
                    account_name: Pii::new(name),
                    bank_name: Some("南通分行营业部"),
                    amount: Money::from_fen(128_000),
                    month: header.period,
                    memo: None,
                }
            });
        let from = Instant::now();
        let file = write_instruction(layout, &header, lines).expect("the lines are sound");
        let written = from.elapsed();
        let from = Instant::now();
        let read = parse_instruction(layout, &file.name, &file.bytes, Some(&file.ready_bytes));
        let lines = read.map_or(0, |read| read.lines.len());
        println!(
            "{:6} {LINES} lines, {} KiB: written in {written:?}, {lines} read in {:?}",
            layout.id,
            file.bytes.len() / 1024,
            from.elapsed(),
        );
    }
}
