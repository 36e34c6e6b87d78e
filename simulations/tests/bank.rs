//! The simulated banks: nothing is lost, everything is repeatable, every mischief does what it says.

use std::collections::BTreeSet;

use definitions::{Direction, LineResult};
use shared::{BankCode, Date, Money, ReturnReason};
use simulations::bank::{
    AccountBook, BookError, Fate, Instruction, Line, Mischief, Reply, SimulatedBank, line,
};

const PAID_ON: Date = Date::constant(2026, 1, 15);
const LATER: Date = Date::constant(2026, 1, 20);

fn bank(seed: u64) -> SimulatedBank {
    SimulatedBank::new(BankCode::parse("BOC").unwrap(), seed)
}

fn batch(lines: u32) -> Instruction {
    let line = |seq: u32| Line {
        seq,
        attempt: format!("A1/2026-01/whole/0/{seq}#1"),
        account: format!("6217{seq:015}"),
        account_name: "张三".to_owned(),
        amount: Money::from_fen(300_000 + i64::from(seq)),
    };
    Instruction { batch: "A1-202601-1-BOC".to_owned(), lines: (1..=lines).map(line).collect() }
}

fn of(reply: &Reply, result: LineResult) -> Vec<u32> {
    reply.rows.iter().filter(|row| row.result == result).map(|row| row.seq).collect()
}

fn straight(instruction: &Instruction) -> Reply {
    bank(1).replies(instruction, PAID_ON).remove(0)
}

#[test]
fn paid_returned_and_unmentioned_are_together_what_was_sent() {
    let sent = batch(20_000);
    let reply = straight(&sent);
    let late = bank(1).late_reply(&sent, LATER);
    let (paid, returned) = (of(&reply, LineResult::Paid), of(&reply, LineResult::Returned));
    let unmentioned: Vec<u32> = late.rows.iter().map(|row| row.seq).collect();
    let mut all: Vec<u32> = [&paid[..], &returned, &unmentioned].concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(1..=20_000), "each line once");
    assert!((140..=220).contains(&returned.len()), "about 0.9 %: {}", returned.len());
    assert!((15..=50).contains(&unmentioned.len()), "about 0.15 %: {}", unmentioned.len());
    let sum = |reply: &Reply| reply.rows.iter().map(|row| row.amount).sum::<Money>();
    assert_eq!(sum(&reply) + sum(&late), sent.total().unwrap());
    assert!(late.rows.iter().all(|row| row.result != LineResult::Pending));

    let fates = bank(1).fates(&sent);
    let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|fate| wanted(fate)).count();
    assert_eq!(count(|fate| *fate == Fate::Paid), paid.len());
    assert_eq!(count(|fate| *fate == Fate::Unmentioned), unmentioned.len());
}

#[test]
fn most_returns_are_for_cards_that_are_not_active() {
    let reply = straight(&batch(20_000));
    let reasons: Vec<ReturnReason> = reply.rows.iter().filter_map(|row| row.reason).collect();
    let r05 = reasons.iter().filter(|reason| **reason == ReturnReason::CardNotActive).count();
    assert!(r05 * 2 > reasons.len(), "{r05} of {}", reasons.len());
    assert!(reasons.iter().all(|reason| reason.code() <= "R05"));
    assert_eq!(reasons.iter().collect::<std::collections::HashSet<_>>().len(), 5);
    for row in &reply.rows {
        assert_eq!(row.reason.is_some(), row.result == LineResult::Returned);
        assert_eq!(row.bank_serial.is_some(), row.result == LineResult::Paid);
    }
    let serials: BTreeSet<_> =
        reply.rows.iter().filter_map(|row| row.bank_serial.as_ref()).collect();
    assert_eq!(serials.len(), of(&reply, LineResult::Paid).len());
}

#[test]
fn the_same_batch_gets_the_same_answer_and_another_another() {
    let sent = batch(2_000);
    assert_eq!(straight(&sent), straight(&sent));
    let other_batch = Instruction { batch: "A1-202601-2-BOC".to_owned(), ..sent.clone() };
    let other_bank = SimulatedBank::new(BankCode::parse("CMB").unwrap(), 1);
    assert_ne!(bank(1).fates(&sent), bank(2).fates(&sent));
    assert_ne!(bank(1).fates(&sent), bank(1).fates(&other_batch));
    assert_ne!(bank(1).fates(&sent), other_bank.fates(&sent));
    assert_eq!(bank(1).acknowledge(&sent), bank(1).acknowledge(&sent));
    let acknowledged = bank(1).acknowledge(&sent).unwrap().unwrap();
    assert_eq!((acknowledged.count, acknowledged.total), (2_000, sent.total().unwrap()));
}

#[test]
fn a_total_beyond_all_amounts_is_refused() {
    let mut sent = batch(2);
    sent.lines[0].amount = Money::from_fen(i64::MAX);
    let error = bank(1).debit(&sent, PAID_ON).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the total of batch A1-202601-1-BOC is beyond what an amount can hold"
    );
}

#[test]
fn the_account_shows_the_debit_and_the_returned_money() {
    let sent = batch(3_000);
    let bank = bank(1);
    let mut book = AccountBook::new("32001", Money::from_fen(100));
    let slip = bank.debit(&sent, PAID_ON).unwrap();
    assert_eq!(
        book.debit(&slip).unwrap_err(),
        BookError::Overdrawn {
            account: "32001".to_owned(),
            amount: slip.amount,
            balance: Money::from_fen(100),
        }
    );
    let appropriation = line("F1", PAID_ON, Direction::Credit, slip.amount, "拨款");
    book.post(appropriation).unwrap();
    book.debit(&slip).unwrap();
    let reply = bank.replies(&sent, PAID_ON).remove(0);
    let credit = bank.money_back(&reply, LATER).unwrap();
    book.credit_back(&credit).unwrap();

    let day = book.statement(PAID_ON);
    assert_eq!((day.opening, day.closing), (Money::from_fen(100), Money::from_fen(100)));
    assert_eq!(day.lines.len(), 2);
    assert_eq!(day.lines[1].reference, sent.batch);
    let back = book.statement(LATER);
    assert_eq!(back.closing, back.opening + credit.amount);
    let returned: Money = reply
        .rows
        .iter()
        .filter(|row| row.result == LineResult::Returned)
        .map(|row| row.amount)
        .sum();
    assert_eq!(credit.amount, returned);
    let quiet = book.statement(Date::constant(2026, 1, 18));
    assert_eq!((quiet.lines.len(), quiet.opening), (0, quiet.closing));

    let backdated = line("F2", PAID_ON, Direction::Credit, slip.amount, "");
    assert_eq!(
        book.post(backdated).unwrap_err().to_string(),
        "a line of 2026-01-15 cannot be posted after one of 2026-01-20"
    );
    let nothing = line("F3", LATER, Direction::Credit, Money::ZERO, "");
    assert!(matches!(book.post(nothing), Err(BookError::NotPositive { .. })));
    let too_much = line("F4", LATER, Direction::Credit, Money::from_fen(i64::MAX), "");
    assert!(matches!(book.post(too_much), Err(BookError::Overflow { .. })));
    assert_eq!(book.balance(), back.closing, "what was refused left no trace");
}

#[test]
fn a_batch_without_returns_brings_no_money_back() {
    let nobody = Reply { batch: "B".to_owned(), rows: Vec::new() };
    assert_eq!(bank(1).money_back(&nobody, LATER), None);
}

#[test]
fn two_parts_are_together_the_one_reply() {
    let sent = batch(500);
    let parts = bank(1).with_mischief(Mischief::TwoParts).replies(&sent, PAID_ON);
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|part| !part.rows.is_empty()));
    let joined = [&parts[0].rows[..], &parts[1].rows].concat();
    assert_eq!(joined, straight(&sent).rows);
    for few in 0..3 {
        let rows = bank(1).with_mischief(Mischief::TwoParts).replies(&batch(few), PAID_ON);
        assert_eq!(rows.iter().map(|part| part.rows.len()).sum::<usize>(), few as usize);
    }
}

#[test]
fn the_same_reply_comes_twice() {
    let sent = batch(500);
    let replies = bank(1).with_mischief(Mischief::SameTwice).replies(&sent, PAID_ON);
    assert_eq!(replies, [straight(&sent), straight(&sent)]);
}

#[test]
fn a_second_file_contradicts_two_lines() {
    let sent = batch(500);
    let contradicting = bank(1).with_mischief(Mischief::Contradicts { lines: 2 });
    let replies = contradicting.replies(&sent, PAID_ON);
    assert_eq!(replies[0], straight(&sent));
    assert_eq!(of(&replies[1], LineResult::Returned).len(), 2);
    let paid = of(&replies[0], LineResult::Paid);
    assert!(replies[1].rows.iter().all(|row| paid.contains(&row.seq)));
    let none = contradicting.replies(&batch(0), PAID_ON);
    assert!(none.iter().all(|reply| reply.rows.is_empty()));
}

#[test]
fn a_stranger_stands_among_the_lines() {
    let sent = batch(500);
    let reply = bank(1).with_mischief(Mischief::Stranger).replies(&sent, PAID_ON).remove(0);
    let ours: BTreeSet<_> = sent.lines.iter().map(|line| &line.attempt).collect();
    let strangers = reply.rows.iter().filter(|row| !ours.contains(&row.attempt)).count();
    assert_eq!(strangers, 1);
    let known: Vec<_> =
        reply.rows.iter().filter(|row| ours.contains(&row.attempt)).cloned().collect();
    assert_eq!(known, straight(&sent).rows);
}

#[test]
fn wrong_amounts_and_open_lines_are_as_many_as_asked() {
    let sent = batch(500);
    let truth = straight(&sent);
    let changed = |mischief| {
        let reply = bank(1).with_mischief(mischief).replies(&sent, PAID_ON).remove(0);
        let pairs = truth.rows.iter().zip(reply.rows);
        pairs.filter(|(one, other)| **one != *other).map(|(_, other)| other).collect::<Vec<_>>()
    };
    let wrong = changed(Mischief::WrongAmount { lines: 3 });
    assert_eq!(wrong.len(), 3);
    assert!(wrong.iter().all(|row| row.amount.fen() == 300_001 + i64::from(row.seq)));
    let open = changed(Mischief::Pending { lines: 40 });
    assert_eq!(open.len(), 40);
    assert!(open.iter().all(|row| row.result == LineResult::Pending && row.bank_serial.is_none()));
}

#[test]
fn a_bank_that_times_out_has_debited_all_the_same() {
    let sent = batch(500);
    let silent = bank(1).with_mischief(Mischief::TimesOut);
    assert_eq!(silent.acknowledge(&sent), Ok(None));
    assert!(silent.replies(&sent, PAID_ON).is_empty());
    assert_eq!(silent.debit(&sent, PAID_ON), bank(1).debit(&sent, PAID_ON));
    let asked = silent.late_reply(&sent, LATER);
    assert_eq!(asked.rows.len(), 500);
    let paid = of(&straight(&sent), LineResult::Paid);
    let late_paid = of(&asked, LineResult::Paid);
    assert!(paid.iter().all(|seq| late_paid.contains(seq)));
}
