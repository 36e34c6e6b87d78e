//! Journals, trial balances and quality beside what the deciders' own states say.

use std::collections::BTreeMap;

use disbursement::batch::Stage;
use disbursement::journal::imbalance;
use disbursement::plan;
use projections::books::journal::{self, Asked};
use projections::lists::{Only, Page};
use projections::quality;
use projections::{ReadSession, books};
use shared::{BankCode, Date, Money, Month};

use crate::town::{Streams, Town};
use crate::world::*;

const ALL: u32 = 10_000;

/// The read model says what the book's own events fold to, on days before, at and after the work.
pub fn journals(session: &ReadSession, town: &Town) {
    let scope = everything();
    let days = [Date::constant(2025, 12, 31), day(), Date::constant(2026, 12, 31)];
    for id in town.streams.accounts.keys() {
        let folded = town.journal(id);
        for on in days {
            let shown = journal::trial_balance(session, &scope, id, on).unwrap();
            assert_eq!(shown, folded.trial_balance(on), "{on}");
            assert!(imbalance(&shown).is_empty());
        }
        for (from, to) in [(days[0], days[2]), (day(), day()), (days[2], days[2])] {
            let account = CASH.to_owned();
            let asked = Asked { book: id.clone(), account, bank: None, from, to };
            let expected = folded.account(CASH, None, from, to);
            let opening = journal::opening(session, &scope, &asked).unwrap();
            assert_eq!(opening, expected.opening);
            assert_eq!(journal::closing(session, &scope, &asked).unwrap(), expected.closing);
            let rows = journal::entries(session, &scope, &asked, None, ALL).unwrap();
            assert_eq!(rows.len(), expected.rows.len());
            for (row, expected) in rows.iter().zip(&expected.rows) {
                let before = journal::balance_before(session, &scope, &asked, row).unwrap();
                assert_eq!(before + row.debit - row.credit, expected.balance);
                let shown = (row.number, row.posted_on, row.debit, row.credit);
                assert_eq!(shown, (expected.number, expected.on, expected.debit, expected.credit));
            }
            let numbers = rows.iter().map(|row| row.number);
            let vouchers = journal::vouchers(session, &scope, id, numbers).unwrap();
            for row in &expected.rows {
                let voucher = vouchers.iter().find(|one| one.number == row.number).unwrap();
                assert_eq!(
                    (&voucher.occurrence, &voucher.reference),
                    (&row.occurrence, &row.reference)
                );
            }
            // Another area's clerk reads none of it.
            assert_eq!(
                journal::entries(session, &within("110101"), &asked, None, ALL).unwrap(),
                []
            );
        }
    }
}

/// Banks by month, and what was paid by its pay day, counted anew from the batches.
pub fn quality(session: &ReadSession, streams: &Streams) {
    let shown = quality::banks(session, &everything(), month(1), month(12)).unwrap();
    let mut counted: BTreeMap<(Month, BankCode), (u32, Money, u32, u32)> = BTreeMap::new();
    for batch in streams.batches.values() {
        let Some(header) = &batch.header else { continue };
        let out = matches!(batch.stage, Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown);
        if out {
            let sum = counted.entry((header.month, header.bank)).or_insert((0, Money::ZERO, 0, 0));
            sum.0 += batch.lines.len() as u32;
            sum.1 += batch.total.unwrap();
            for reply in batch.replies.iter().filter(|reply| reply.applied) {
                let counts = batch.counts(reply.id).unwrap();
                sum.2 += counts.paid_lines;
                sum.3 += counts.returned_lines;
            }
        }
    }
    for row in &shown {
        let expected = counted.remove(&(row.month, row.bank)).unwrap_or((0, Money::ZERO, 0, 0));
        let figures = (row.lines, row.instructed, row.paid_lines, row.returned_lines);
        assert_eq!(figures, expected, "{} {}", row.bank, row.month);
        assert_eq!(row.unknown_lines(), row.lines - row.paid_lines - row.returned_lines);
        assert!(row.return_rate().is_none_or(|rate| rate <= 10_000));
    }
    assert!(counted.is_empty(), "{counted:?}");
    for row in quality::promptness(session, &everything(), month(1), month(12)).unwrap() {
        let plans = streams.plans.values().filter(|plan| {
            let of = plan.header.as_ref().is_some_and(|header| header.month == row.month);
            of && plan.stage != plan::Stage::Cancelled
        });
        let (lines, due) = plans.fold((0, Money::ZERO), |(lines, due), plan| {
            (lines + u64::from(plan.totals.lines), due + plan.totals.net())
        });
        assert_eq!((row.due_lines, row.due), (lines, due));
        assert!(row.prompt_lines + row.late_lines <= row.due_lines);
        assert!(row.late_lines == 0, "every slip of the town is of the pay day");
    }
}

#[test]
fn a_journal_is_paged_without_losing_its_balance() {
    let mut town = Town::new();
    town.open_book(yuan(100)).unwrap();
    for amount in 1..=5 {
        town.appropriate(yuan(amount)).unwrap();
    }
    let session = town.session();
    let (account, scope) = (CASH.to_owned(), everything());
    let asked = Asked { book: BOOK.to_owned(), account, bank: None, from: day(), to: day() };
    let (only, mut after, mut seen) = (asked.only(), None, Vec::new());
    loop {
        let page = Page {
            only: &only,
            order: &journal::ORDER,
            after,
            before: None,
            backward: false,
            limit: 2,
        };
        let rows: Vec<books::EntryRow> = projections::lists::page(&session, &scope, &page).unwrap();
        let Some(last) = rows.last() else { break };
        let balance = journal::balance_before(&session, &scope, &asked, &rows[0]).unwrap();
        seen.push((rows[0].number, balance));
        after = Some(vec![last.posted_on.into(), last.number.into(), last.place.into()]);
    }
    assert_eq!(seen, [(1, yuan(100)), (3, yuan(103)), (5, yuan(110))]);
    let of_nobody = Only::equal("book", &"another".to_owned());
    assert_eq!(
        projections::lists::count::<books::EntryRow>(&session, &scope, &of_nobody).unwrap(),
        0
    );
}
