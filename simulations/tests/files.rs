//! January through the files of all four banks: what the bureau writes the bank reads, what the
//! bank writes the bureau reads, and the bytes are the same for the same seed.

use std::collections::BTreeMap;

use bank::{
    BankFile, Header, Said, parse_instruction, parse_reply, parse_statement, write_instruction,
    write_reply, write_statement,
};
use definitions::{Catalogue, Direction, Layout};
use shared::{AgencyCode, BankCode, Date, ItemId, Money, Month, ObligationId, Pii};
use simulations::bank::{AccountBook, Fate, Instruction, SimulatedBank, line};
use simulations::{City, Grant, Plan};

const PAID_ON: Date = Date::constant(2026, 1, 15);
const BACK_ON: Date = Date::constant(2026, 1, 19);

fn january() -> Month {
    Month::new(2026, 1).unwrap()
}

fn header(batch: &str, item: ItemId) -> Header {
    Header {
        batch: batch.to_owned(),
        agency: Some(AgencyCode::parse("320600-SI").unwrap()),
        item: Some(item),
        period: Some(january()),
        made_on: Some(PAID_ON),
        ..Header::default()
    }
}

fn instruction(city: &City, layout: &Layout, batch: &str, grants: &[&Grant]) -> BankFile {
    let lines: Vec<bank::Line> = grants
        .iter()
        .zip(1..)
        .map(|(grant, seq)| {
            let person = &city.residents()[grant.resident as usize];
            let account = city.account(grant);
            let component = grant.components[0].0;
            let obligation = ObligationId::new(grant.item, january(), component, grant.person);
            bank::Line {
                seq,
                attempt: obligation.attempt(1).to_string(),
                obligation: Some(obligation.to_string()),
                name: Some(Pii::new(person.name.clone())),
                id_number: Some(Pii::new(person.identity.number().to_owned())),
                account: Pii::new(account.number.to_owned()),
                account_name: Pii::new(account.name.to_owned()),
                bank_name: Some(layout.name.zh.clone()),
                amount: grant.amount(),
                month: Some(january()),
                memo: None,
            }
        })
        .collect();
    let total = Money::try_sum(lines.iter().map(|line| line.amount)).unwrap();
    let count = u32::try_from(lines.len()).unwrap();
    let header = Header { count, total, ..header(batch, grants[0].item) };
    write_instruction(layout, &header, lines).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Every file of January, by name: instructions, replies and statements of every item and bank.
fn files(seed: u64) -> BTreeMap<String, Vec<u8>> {
    let city = City::new(Plan { seed, people: 3_000, ..Plan::default() }).unwrap();
    let catalogue = Catalogue::bundled().unwrap();
    let mut batches: BTreeMap<(BankCode, ItemId), Vec<&Grant>> = BTreeMap::new();
    for grant in city.due(&catalogue, january()).unwrap() {
        batches.entry((city.account(grant).bank, grant.item)).or_default().push(grant);
    }
    let mut files = BTreeMap::new();
    for ((code, item), grants) in batches {
        let layout = catalogue.layout(code).unwrap();
        let batch = format!("{item}2601{code}");
        let simulated = SimulatedBank::new(code, seed);
        let sent = instruction(&city, layout, &batch, &grants);
        let read = parse_instruction(layout, &sent.name, &sent.bytes, Some(&sent.ready_bytes));
        let taken = Instruction::from(&read.unwrap_or_else(|mistakes| panic!("{mistakes:?}")));
        assert_eq!(taken.lines.len(), grants.len());

        let reply = simulated.replies(&taken, PAID_ON).remove(0);
        let written = write_reply(layout, &header(&batch, item), &reply.to_rows());
        let written = written.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let back = parse_reply(layout, &written.name, &written.bytes).unwrap();
        let fates = simulated.fates(&taken);
        let returned = fates.iter().filter(|fate| matches!(fate, Fate::Returned(_))).count();
        let unmentioned = fates.iter().filter(|fate| **fate == Fate::Unmentioned).count();
        assert_eq!(back.returned.count as usize, returned);
        assert_eq!(back.rows.len() + unmentioned, grants.len());
        for (row, ours) in back.rows.iter().zip(&reply.rows) {
            assert_eq!((&row.attempt, row.amount), (&ours.attempt, ours.amount));
            if let Said::Returned { reason, .. } = &row.said {
                assert_eq!(Some(*reason), ours.reason);
            }
        }

        let mut book = AccountBook::new("32001", Money::ZERO);
        let slip = simulated.debit(&taken, PAID_ON).unwrap();
        let money = line(&format!("F{batch}"), PAID_ON, Direction::Credit, slip.amount, "拨款");
        book.post(money).unwrap();
        book.debit(&slip).unwrap();
        if let Some(credit) = simulated.money_back(&reply, BACK_ON) {
            book.credit_back(&credit).unwrap();
        }
        let day = book.statement(PAID_ON);
        let shown = write_statement(layout, &header(&batch, item), &day.to_rows());
        let shown = shown.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let read = parse_statement(layout, &shown.name, &shown.bytes).unwrap();
        assert_eq!((read.rows.len(), read.debits.total), (2, slip.amount));
        for file in [sent, written, shown] {
            files.insert(format!("{batch}/{}", file.name), file.bytes);
        }
    }
    files
}

#[test]
fn january_goes_through_the_files_of_all_banks_and_again_the_same() {
    let first = files(1);
    assert!(first.len() > 100, "{}", first.len());
    assert!(files(1) == first, "the same seed, other bytes");
    assert!(files(2) != first);
}
