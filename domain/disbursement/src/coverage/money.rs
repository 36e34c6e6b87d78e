//! The same for books, statements, item-periods and certificates.

use std::collections::BTreeMap;

use shared::Money;

use super::{by, fitting, reason};
use crate::account::{self, Account, Book};
use crate::certificate::{BookBridge, Broken, Certificate, ItemBridge};
use crate::city::world::{
    CASH, FISCAL, agency, area, artefact, bank, book, day, fund, item, month, voucher, yuan,
};
use crate::ledger::{Entry, Ledger, Voucher};
use crate::period::{self, Before, Period};
use crate::statement::{self, Counter, Difference, Direction, Share, Statement};
use crate::walk::{Dice, covers};

#[test]
fn an_account_meets_every_case() {
    covers::<Account>(next_for_account, account::Error::code, account::Error::CODES);
}

fn next_for_account(account: &Account, dice: &mut Dice<'_>) -> account::Command {
    use account::Command;
    let fits: &[usize] = match &account.book {
        None => &[0, 10],
        Some(_) => &[1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 0, 7, 7, 8, 9],
    };
    let own = fund(item(usize::from(dice.rarely(8))));
    let plan = dice.one_of(&["p", "q"]).to_owned();
    let batch = dice.one_of(&["b1", "b2", "b3"]).to_owned();
    let amount = dice.one_of(&[yuan(10), yuan(10), yuan(20), yuan(500), Money::ZERO]);
    let which = fitting(dice, fits, 11);
    match which {
        0 => {
            let book = own_book();
            let opening = voucher("opening", None, &[(Ledger::F, CASH, "3001", yuan(50))]).entries;
            Command::Open { book, opening }
        }
        1 => {
            let moves = match dice.below(5) {
                0 | 3 => (Ledger::F, CASH, FISCAL, yuan(20)),
                4 => (Ledger::F, "2001.02", CASH, yuan(1)),
                1 => (Ledger::F, "1101.01", CASH, amount),
                _ => (Ledger::M, "M1001", "M2001", amount),
            };
            let about = dice.one_of(&[None, None, Some(item(0))]);
            let remitted = moves.1 == "2001.02";
            let word = if remitted { "deduction_remitted" } else { "any" };
            let mut voucher: Voucher = voucher(word, about, &[moves]);
            for entry in &mut voucher.entries {
                entry.month = about.map(|_| month(1));
            }
            if let Some(entry) = voucher.entries.first_mut() {
                match dice.below(10) {
                    0 => entry.debit += yuan(1),
                    1 => *entry = Entry { credit: yuan(1), ..entry.clone() },
                    _ => {}
                }
            }
            let settles = account.pending.keys().next().filter(|_| dice.rarely(2)).cloned();
            let settles = settles.or_else(|| dice.rarely(8).then_some(batch));
            Command::Post { fund: own, voucher, settles }
        }
        2 => Command::Reserve { fund: own, plan, amount },
        3 => Command::Split { plan, batch, amount },
        4 => Command::Void { batch },
        5 => Command::Release { plan },
        7 => Command::CloseItem { item: item(0), month: month(1) },
        8 => Command::ReopenItem { item: item(0), month: month(1) },
        9 => Command::CloseYear(account::YearEnd {
            into: "next".to_owned(),
            next: dice.one_of(&[2027, 2027, 2028]),
            transfers: BTreeMap::from([("1101.01".to_owned(), "3001".to_owned())]),
        }),
        10 => {
            let carried = voucher("opening", None, &[(Ledger::F, CASH, "3001", yuan(50))]).entries;
            Command::CarryForward { book: own_book(), from: "last".to_owned(), balances: carried }
        }
        _ => Command::Close,
    }
}

fn own_book() -> Book {
    Book {
        fund: fund(item(0)),
        area: area(),
        agency: agency(),
        year: 2026,
        policy: "p".to_owned(),
        cash: CASH.to_owned(),
    }
}

#[test]
fn a_statement_meets_every_case() {
    covers::<Statement>(next_for_statement, statement::Error::code, statement::Error::CODES);
}

fn next_for_statement(statement: &Statement, dice: &mut Dice<'_>) -> statement::Command {
    use statement::Command;
    let fits: &[usize] = match &statement.header {
        None => &[0],
        Some(_) => &[1, 2, 2, 3, 4, 5, 6, 7, 8],
    };
    let serial = dice.one_of(&["s0", "s1", "s2", "s3"]).to_owned();
    match fitting(dice, fits, 9) {
        0 => {
            let count = if dice.rarely(8) { statement::LINES_MAX + 1 } else { 3 };
            let (opening, mut closing) = (yuan(100), yuan(100));
            let mut lines = Vec::new();
            for number in 0..count {
                let amount = if dice.rarely(12) { Money::ZERO } else { yuan(1) };
                let number = if dice.rarely(12) { 0 } else { number };
                closing += amount;
                lines.push(statement::Line {
                    serial: format!("s{number}"),
                    direction: Direction::Credit,
                    amount,
                    reference: None,
                    balance: closing
                        + if number == 1 && dice.rarely(8) { yuan(1) } else { Money::ZERO },
                });
            }
            closing += if dice.rarely(8) { yuan(1) } else { Money::ZERO };
            let (bank, fund, on) = (bank(0), fund(item(0)), day());
            let (account, artefact) = (book(fund), artefact(1));
            let header = statement::Header { bank, fund, account, on, opening, closing, artefact };
            Command::Import { header, lines }
        }
        1 => {
            let expected = dice.one_of(&[yuan(1), yuan(1), yuan(2)]);
            Command::Match { serial, batch: "batch".to_owned(), expected }
        }
        2 => {
            let owner = dice.one_of(&["kuai", "kuai", ""]).to_owned();
            Command::FindDifference { serial, owner, reason: Difference::NoBatch }
        }
        4 => {
            let one = |batch: &str, amount: Money| Share { batch: batch.to_owned(), amount };
            let half = Money::from_fen(50);
            let second = dice.one_of(&["two", "two", "two", "one"]);
            let rest = dice.one_of(&[half, half, yuan(1)]);
            Command::Share { serial, shares: vec![one("one", half), one(second, rest)] }
        }
        5 => Command::Enter { serial, voucher: 1, expected: dice.one_of(&[yuan(1), yuan(2)]) },
        6 => {
            let owner = dice.one_of(&["kuai", "chu", "chu", ""]).to_owned();
            Command::Assign { serial, owner, by: by(dice) }
        }
        7 => Command::Book { serial, voucher: 2 },
        8 => {
            let by = Counter { statement: "other".to_owned(), serial: "s9".to_owned() };
            let amount = dice.one_of(&[yuan(1), yuan(1), yuan(2)]);
            let direction = dice.one_of(&[Direction::Debit, Direction::Debit, Direction::Credit]);
            Command::Clear { serial, by, amount, direction, who: "chu".to_owned() }
        }
        _ => Command::Resolve { serial, by: by(dice), note: reason(dice) },
    }
}

#[test]
fn a_period_meets_every_case() {
    covers::<Period>(next_for_period, period::Error::code, period::Error::CODES);
}

fn next_for_period(period: &Period, dice: &mut Dice<'_>) -> period::Command {
    use period::{Command, Stage};
    let fits: &[usize] = match period.stage {
        Stage::Unopened => &[0],
        Stage::Open if period.plans.is_empty() => &[1, 1, 2],
        Stage::Open => &[1, 2, 2, 2, 3, 4],
        Stage::Closed if period.reopening.is_some() => &[5, 6, 6],
        Stage::Closed => &[1, 2, 3, 5, 5, 6],
    };
    match fitting(dice, fits, 7) {
        0 => {
            let before = dice.one_of(&[Before::NeverOpened, Before::Closed, Before::Open]);
            let exception = dice.one_of(&[None, Some(" "), Some("the bank is late")]);
            let exception = exception.map(str::to_owned);
            Command::Open { item: item(0), month: month(1), area: area(), before, exception }
        }
        1 => Command::AddRun { plan: dice.one_of(&["p", "q", "r"]).to_owned() },
        2 => Command::Certify { certificate: certificate(dice) },
        4 => {
            let last = u32::try_from(period.certificates.len()).unwrap();
            let (by, signature) = (by(dice), "3045".to_owned());
            let certificate = last + u32::from(dice.rarely(6));
            Command::Sign { signature: period::Signature { certificate, by, signature } }
        }
        5 => Command::AskReopen { by: by(dice), reason: reason(dice) },
        6 => Command::Reopen { by: by(dice) },
        _ => Command::Close { by: by(dice) },
    }
}

/// Whole one time in three; else with one figure wrong.
fn certificate(dice: &mut Dice<'_>) -> Certificate {
    let (ten, one) = (yuan(10), yuan(1));
    let book = BookBridge {
        book: "book".to_owned(),
        opening: ten,
        appropriated: ten,
        paid: ten,
        in_transit: Money::ZERO,
        closing: ten,
        unidentified: Money::ZERO,
        sent_back: Money::ZERO,
    };
    let item = ItemBridge {
        gross: ten,
        planned_lines: 1,
        instructed: ten,
        instructed_lines: 1,
        paid: ten,
        paid_lines: 1,
        ..ItemBridge::EMPTY
    };
    let mut whole = Certificate {
        item,
        books: vec![book],
        people: 1,
        statement_debits: ten,
        statement_credits: Money::ZERO,
        open_differences: 0,
        evidence: vec![],
    };
    match dice.below(14) {
        0 => whole.item.deductions = -one,
        1 => whole.item.gross += one,
        2 => whole.item.held_lines += 1,
        3 => whole.item.returned += one,
        4 => whole.item.unreplied_lines += 1,
        5 => whole.statement_debits -= one,
        6 => whole.statement_credits += one,
        7 => whole.books[0].closing += one,
        8 => whole.books.clear(),
        _ => {}
    }
    whole
}

#[test]
fn every_broken_equality_is_named() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for face in 0..=u8::MAX {
        if let Err(broken) = certificate(&mut Dice::new(&[face])).check() {
            *seen.entry(broken.code()).or_default() += 1;
        }
    }
    for code in Broken::CODES {
        assert!(seen.get(code).is_some_and(|times| *times >= 18), "{code} in {seen:?}");
    }
}
