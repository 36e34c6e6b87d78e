//! The money side of a pay office, as sentences.

pub(crate) mod desk;

use disbursement::account;
use disbursement::journal::imbalance;
use disbursement::obligation::{self, NotOwed, Obligation, Overpayment};
use disbursement::opening::Settled;
use disbursement::period::Period;
use disbursement::reconcile::Kind;
use disbursement::recovery::{Instalment, Place, Recovery};
use disbursement::statement::{Counter, Share};
use shared::{Component, Money, ObligationId};

use self::desk::{Desk, PAID_ON, area, digest, item, key, month, yuan};
use super::super::{EnterOpening, Mirrored, OpeningBalance, certificate_message};
use super::*;
use crate::fixture::TODAY;

const PAID: [&str; 3] = ["paid:1", "paid:2", "paid:3"];

/// An office in which three people were paid for February by the other system.
async fn paid(results: &[&str]) -> (Desk, String) {
    let mut desk = Desk::open(3).await;
    desk.opens_feed().await;
    let file = desk.run(1, month(2), results);
    let mirrored = desk.mirrors(&file).await.unwrap();
    (desk, mirrored.plan.unwrap())
}

fn code<T: std::fmt::Debug>(outcome: Result<T, CommandError>) -> String {
    outcome.unwrap_err().code().to_owned()
}

fn statement(bank: &str) -> String {
    format!("{bank}-{}-{PAID_ON}", key())
}

/// Every batch on one day's statements of both banks, with what came back.
async fn stated(desk: &mut Desk, plan: &str, back: &str) -> Vec<String> {
    let boc = format!("{PAID_ON} 50000.00\nb1 out 2000.00 {plan}-1-BOC-1{back}");
    let js = format!("{PAID_ON} 50000.00\nj1 out 1000.00 {plan}");
    assert_eq!(desk.states("BOC", &boc).await.unwrap().differences, 0);
    assert_eq!(desk.states("JSBANK", &js).await.unwrap().matched, 1);
    vec![statement("BOC"), statement("JSBANK")]
}

#[tokio::test]
async fn a_certificate_is_signed_closes_the_books_and_two_persons_reopen_it() {
    let (mut desk, plan) = paid(&["paid:1", "returned:R03", "paid:3"]).await;
    let back = format!("\nb2 in 1000.00 {plan}-1-BOC-1");
    let days = stated(&mut desk, &plan, &back).await;
    let period = "A1-2026-02-320600";
    let asked = desk.asks("kuai");
    let certificate = desk.pay.certify(&asked, period, &days).await.unwrap().result;
    let item_bridge = certificate.item;
    assert_eq!((item_bridge.paid, item_bridge.returned), (yuan("2000.00"), yuan("1000.00")));
    let book = &certificate.books[0];
    assert_eq!((book.paid, book.closing), (yuan("2000.00"), yuan("98000.00")));
    let message = certificate_message(period, 1, &certificate).unwrap();
    assert!(message.starts_with("renshe certificate v1\nA1-2026-02-320600\n1\n{\"item\":"));
    let asked = desk.asks("kuai");
    desk.pay.close(&asked, period).await.unwrap();
    // Nothing posts to it any more.
    let (item, month_closed) = (item(), month(2));
    assert!(desk.book().await.closed_items.contains(&(item, month_closed)));
    let asked = desk.asks("kuai");
    desk.pay.ask_reopening(&asked, period, "a receipt came late").await.unwrap();
    let asked = desk.asks("kuai");
    assert_eq!(code(desk.pay.reopen(&asked, period).await), "PERIOD_REOPENING_BY_ONE");
    let asked = desk.asks("shen");
    desk.pay.reopen(&asked, period).await.unwrap();
    assert!(desk.book().await.closed_items.is_empty());
    let asked = desk.asks("kuai");
    assert_eq!(code(desk.pay.close(&asked, period).await), "PERIOD_NOT_CERTIFIED");
    let asked = desk.asks("kuai");
    desk.pay.certify(&asked, period, &days).await.unwrap();
    let asked = desk.asks("kuai");
    desk.pay.close(&asked, period).await.unwrap();
    let (state, _) = desk.pay.executor().load::<Period>(period).await.unwrap();
    assert_eq!(state.certificates.len(), 2);
}

#[tokio::test]
async fn a_movement_is_matched_by_hand_only_with_what_it_can_be() {
    let (mut desk, plan) = paid(&["paid:1", "returned:R03", "paid:3"]).await;
    let day = format!("{PAID_ON} 100000.00\nb1 out 2000.00 -\nb2 in 1000.00 -\nb3 in 5.00 -");
    assert_eq!(desk.states("BOC", &day).await.unwrap().differences, 3);
    let (own, other) = (format!("{plan}-1-BOC-1"), format!("{plan}-1-JSBANK-1"));
    let share = |batch: &str, amount| [Share { batch: batch.to_owned(), amount: yuan(amount) }];
    for (serial, batch, amount) in [
        // A batch that nobody made, and one that another bank pays.
        ("b1", "A1-2026-02-320600-9-1-BOC-1", "2000.00"),
        ("b2", "A1-2026-02-320600-9-1-BOC-1", "1000.00"),
        ("b1", other.as_str(), "2000.00"),
        // More than came back.
        ("b3", own.as_str(), "6.00"),
    ] {
        let asked = desk.asks("kuai");
        let shares = share(batch, amount);
        let matched = desk.pay.match_line(&asked, &statement("BOC"), serial, &shares).await;
        assert!(matched.is_err(), "{serial} {batch}");
    }
    assert_eq!(desk.book().await.balances, {
        let (fresh, _) = paid(&["paid:1", "returned:R03", "paid:3"]).await;
        fresh.book().await.balances.clone()
    });
    for (serial, amount) in [("b1", "2000.00"), ("b2", "1000.00")] {
        let asked = desk.asks("kuai");
        let shares = share(&own, amount);
        desk.pay.match_line(&asked, &statement("BOC"), serial, &shares).await.unwrap();
    }
}

#[tokio::test]
async fn a_day_has_one_statement_and_a_stray_debit_is_owned_booked_and_taken_back() {
    let (mut desk, plan) = paid(&PAID).await;
    let asked = desk.asks("kuai");
    let brought = yuan("500.00");
    desk.pay.receive_appropriation(&asked, key(), brought, "BO-7").await.unwrap();
    let day = format!(
        "{PAID_ON} 100000.00\nb1 out 2000.00 {plan}-1-BOC-1\nb2 out 1280.00 -\nb3 in 500.00 BO-7\n\
         b4 in 7.00 ?"
    );
    let matched = desk.states("BOC", &day).await.unwrap();
    assert_eq!((matched.matched, matched.differences), (2, 2));
    assert_eq!(code(desk.states("BOC", &format!("{day}\n")).await), "STATEMENT_AGAIN");
    let first = statement("BOC");
    let asked = desk.asks("shen");
    desk.pay.assign_difference(&asked, &first, "b2", "chu").await.unwrap();
    // Neither is in the book: both are reconciling items, and so is the other bank's batch.
    let days = [first.clone()];
    let drawn = desk.pay.reconciliation(&key().to_string(), None, month(2), &days).await.unwrap();
    let kinds: Vec<(Kind, Money)> = drawn.items.iter().map(|one| (one.kind, one.amount)).collect();
    assert_eq!(
        kinds,
        [
            (Kind::BankCredit, yuan("7.00")),
            (Kind::BankDebit, yuan("1280.00")),
            (Kind::BookCredit, yuan("1000.00")),
        ]
    );
    assert_eq!((drawn.bank_balance, drawn.book_balance), (yuan("97227.00"), yuan("97500.00")));
    assert_eq!(drawn.unexplained(), Money::ZERO);
    let asked = desk.asks("chu");
    let held = desk.pay.book_difference(&asked, &first, "b2").await.unwrap().result;
    assert_eq!(held.amount, yuan("1280.00"));
    // It comes back a day later.
    let later = "2026-02-14 97227.00\nc1 in 1280.00 -";
    desk.states("BOC", later).await.unwrap();
    let second = format!("BOC-{}-2026-02-14", key());
    let at = |statement: &str, serial: &str| Counter {
        statement: statement.to_owned(),
        serial: serial.to_owned(),
    };
    let asked = desk.asks("chu");
    let wrong = desk.pay.clear_difference(&asked, &at(&first, "b4"), &at(&second, "c1")).await;
    assert_eq!(code(wrong), "STATEMENT_NOT_COUNTER");
    let asked = desk.asks("chu");
    desk.pay.clear_difference(&asked, &at(&first, "b2"), &at(&second, "c1")).await.unwrap();
    let book = desk.book().await;
    assert_eq!(book.balance(disbursement::Ledger::F, "1101.04"), Money::ZERO);
    let asked = desk.asks("chu");
    desk.pay.resolve_difference(&asked, &first, "b4", "interest").await.unwrap();
    let days = [first, second];
    let drawn = desk.pay.reconciliation(&key().to_string(), None, month(2), &days).await.unwrap();
    assert_eq!(drawn.unexplained(), Money::ZERO);
}

#[tokio::test]
async fn an_overpayment_is_demanded_paid_back_and_written_off_with_its_entries() {
    let (mut desk, _) = paid(&PAID).await;
    let id = ObligationId::new(item(), month(2), Component::whole(), desk.people[0]);
    let asked = desk.asks("hu");
    assert_eq!(code(desk.pay.open_recovery(&asked, id).await), "RECOVERY_NOT_OPEN");
    let found = Overpayment {
        attempt: 1,
        amount: yuan("1000.00"),
        person: desk.people[0],
        fund: key().fund,
        book: key().to_string(),
        reason: NotOwed::AfterDeath,
        by: "hu".to_owned(),
    };
    let asked = desk.asks("hu");
    let find = |_: &Obligation, _| Ok(obligation::Command::FindOverpayment(found.clone()));
    desk.pay.executor().execute(&asked, "test.find", &(), id, find).await.unwrap();
    let asked = desk.asks("hu");
    desk.pay.open_recovery(&asked, id).await.unwrap();
    let asked = desk.asks("hu");
    desk.pay.demand_recovery(&asked, id, "追〔2026〕1", TODAY).await.unwrap();
    let half = |due| Instalment { due, amount: yuan("500.00") };
    let asked = desk.asks("hu");
    let parts = [half(TODAY), half(TODAY)];
    desk.pay.agree_instalments(&asked, id, "协议1", &parts).await.unwrap();
    let asked = desk.asks("hu");
    let into = Place::ExpenditureAccount;
    let wrong = desk.pay.receive_repayment(&asked, id, "r0", yuan("300.00"), into).await;
    assert_eq!(code(wrong), "RECOVERY_NEVER_EXPENDITURE");
    for (serial, into) in [("r1", Place::IncomeAccount), ("r2", Place::FiscalAccount)] {
        let asked = desk.asks("hu");
        desk.pay.receive_repayment(&asked, id, serial, yuan("300.00"), into).await.unwrap();
    }
    let (recovery, _) = desk.pay.executor().load::<Recovery>(id).await.unwrap();
    assert_eq!((recovery.owed_on(PAID_ON), recovery.owed()), (yuan("400.00"), yuan("400.00")));
    let book = desk.book().await;
    let on = |code: &str| book.balance(disbursement::Ledger::F, code);
    assert_eq!(on("1101.03"), yuan("400.00"), "what the recovery says is what the book holds");
    assert_eq!((on("1002"), on("1003.11")), (yuan("300.00"), yuan("300.00")));
    assert_eq!(on("5001.01"), yuan("2000.00"));
    assert_eq!(book.cash(), yuan("97000.00"), "the expenditure account saw none of it");
    let asked = desk.asks("hu");
    let bare = desk.pay.write_off_recovery(&asked, id, "", "财政局", yuan("400.00")).await;
    assert_eq!(code(bare), "RECOVERY_NO_APPROVAL");
    let asked = desk.asks("hu");
    let approval = "财批〔2026〕7";
    let rest = yuan("400.00");
    desk.pay.write_off_recovery(&asked, id, approval, "财政局", rest).await.unwrap();
    let book = desk.book().await;
    assert_eq!(book.balance(disbursement::Ledger::F, "1101.03"), Money::ZERO);
    assert_eq!(book.balance(disbursement::Ledger::M, "M1002"), Money::ZERO);
}

#[tokio::test]
async fn an_opening_is_claims_only_and_comes_before_the_first_run() {
    let mut desk = Desk::open(3).await;
    desk.opens_feed().await;
    let input = EnterOpening {
        item: item(),
        area: area(),
        as_of: PAID_ON,
        people: 3,
        payments: 30,
        money: yuan("30000.00"),
        artefact: digest(b"list"),
    };
    let asked = desk.asks("hu");
    desk.pay.enter_opening(&asked, &input).await.unwrap();
    let settled = |place: usize| Settled {
        person: desk.people[place],
        month: month(2),
        component: Component::whole(),
        adjustment: 0,
        amount: yuan("1000.00"),
        returned: None,
    };
    let list = [settled(0)];
    let file = desk.run(1, month(2), &PAID);
    // Half done, no run begins; and what is settled is never paid again.
    let asked = desk.asks("hu");
    desk.pay.settle_opening(&asked, item(), area(), &list).await.unwrap();
    assert_eq!(code(desk.mirrors(&file).await), "OBLIGATIONS_CLAIMED");
    let asked = desk.asks("hu");
    let again = desk.pay.settle_opening(&asked, item(), area(), &list).await;
    assert_eq!(code(again), "OBLIGATIONS_CLAIMED");
    let asked = desk.asks("hu");
    let few = desk.pay.seal_opening(&asked, item(), area(), 2).await;
    assert_eq!(code(few), "OPENING_COUNT_DIFFERS");
    let asked = desk.asks("hu");
    desk.pay.seal_opening(&asked, item(), area(), 1).await.unwrap();
    let mut march = Desk::open(3).await;
    march.opens_feed().await;
    let file = march.run(1, month(2), &PAID);
    march.mirrors(&file).await.unwrap();
    let asked = march.asks("hu");
    assert_eq!(code(march.pay.enter_opening(&asked, &input).await), "OPENING_AFTER_FIRST_RUN");
}

#[tokio::test]
async fn opening_and_events_are_the_balances_of_any_day() {
    let (mut desk, _) = paid(&PAID).await;
    let id = key().to_string();
    for (on, cash) in [(Date::constant(2026, 1, 1), "100000.00"), (PAID_ON, "97000.00")] {
        let rows = desk.pay.trial_balance(&id, on).await.unwrap();
        assert!(imbalance(&rows).is_empty(), "{rows:?}");
        let row = rows.iter().find(|row| row.account == "1004").unwrap();
        assert_eq!(row.closing, yuan(cash));
    }
    let book = desk.book().await;
    let rows = desk.pay.trial_balance(&id, TODAY).await.unwrap();
    for row in rows {
        assert_eq!(row.closing, book.balance(row.ledger, &row.account), "{}", row.account);
    }
    let journal = desk.pay.journal(&id).await.unwrap();
    assert!(journal.gaps().is_empty());
    let day = desk.pay.cash_journal(&id, None, PAID_ON, PAID_ON).await.unwrap();
    assert_eq!((day.opening, day.closing), (yuan("100000.00"), yuan("97000.00")));
    // The year ends: spending is gone from the books, cash stands in the next one.
    let asked = desk.asks("kuai");
    let next = desk.pay.close_year(&asked, key()).await.unwrap().result;
    let (carried, _) = desk.pay.executor().load::<Account>(&next).await.unwrap();
    assert_eq!(carried.opening, Some(yuan("97000.00")));
    assert_eq!(carried.carried_from.as_deref(), Some(id.as_str()));
    assert_eq!(carried.balance(disbursement::Ledger::F, "5001.01"), Money::ZERO);
    let asked = desk.asks("kuai");
    let late = desk.pay.receive_appropriation(&asked, key(), yuan("1.00"), "late").await;
    assert_eq!(code(late), account::Error::Closed.code());
    let asked = desk.asks("kuai");
    assert_eq!(code(desk.pay.close_year(&asked, key()).await), account::Error::Closed.code());
}

#[tokio::test]
async fn entrusted_money_goes_back_and_no_other_does() {
    let mut desk = Desk::open(1).await;
    let fund = shared::FundCode::parse("ex-officer").unwrap();
    let trust = BookKey { fund, ..key() };
    let side = |account: &str, debit: &str, credit: &str| OpeningBalance {
        account: account.to_owned(),
        bank: None,
        party: None,
        debit: yuan(debit),
        credit: yuan(credit),
    };
    let asked = desk.asks("kuai");
    let uneven = [side("T1004", "50.00", "0.00"), side("T2101", "0.00", "49.00")];
    assert_eq!(code(desk.pay.open_book_on(&asked, trust, &uneven).await), "BOOK_UNBALANCED");
    let even = [side("T1004", "50.00", "0.00"), side("T2101", "0.00", "50.00")];
    desk.pay.open_book_on(&asked, trust, &even).await.unwrap();
    let asked = desk.asks("kuai");
    let much = desk.pay.return_remainder(&asked, trust, yuan("51.00"), "TH-1").await;
    assert_eq!(code(much), "BOOK_NOT_ENOUGH");
    let asked = desk.asks("kuai");
    desk.pay.return_remainder(&asked, trust, yuan("50.00"), "TH-1").await.unwrap();
    let asked = desk.asks("kuai");
    let own = desk.pay.return_remainder(&asked, key(), yuan("1.00"), "TH-2").await;
    assert_eq!(code(own), "REMAINDER_OF_INSURANCE_FUND");
}
