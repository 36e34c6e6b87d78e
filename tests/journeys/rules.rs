//! Rules that hold across contexts, from the freeze of a population to the close of its period.

use commands::cards::{AccountInput, ChangeAddress};
use disbursement::line::Exclusion;
use disbursement::part::{self, Hold};
use kernel::{Limit, Revision, StreamName};
use shared::RunType;
use simulations::Mark;
use simulations::bank::Mischief;

use crate::bureau::{Bureau, JANUARY, PENSION, PERIOD, at_bank, city, code, month, perfect};

/// Of three people one falls out: the reason of the hold, and what the bank is told to pay.
async fn one_is_held(bureau: &Bureau, plan: &str, batch: &str, reason: Hold) {
    let part = bureau.part(plan).await;
    assert_eq!(part.held.values().copied().collect::<Vec<_>>(), [reason]);
    let bank = bureau.batch(batch).await.header.clone().unwrap().bank;
    let lines = bureau.taken(bank, batch).lines;
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.amount == PENSION));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_after_the_freeze_holds_the_line_and_the_certificate_shows_it() {
    let (bureau, payees) = Bureau::with_payees("BOC", 3).await;
    let plan = bureau.funded().await;
    bureau.report_death(&payees[0]).await;
    let batch = bureau.sent(&plan).await;
    one_is_held(&bureau, &plan, &batch, Hold::DeathReported).await;

    let answered = bureau.answer(&batch, perfect(), Mischief::Straight);
    bureau.debit(&answered).await.unwrap();
    let (bank, name, bytes) = bureau.file(&answered.replies[0]);
    let pay = &bureau.node.disbursement;
    let by = bureau.by("cashier");
    let receipt = pay.receive_reply(&by, bank, &name, &bytes).await.unwrap().result;
    pay.apply_reply(&bureau.by("cashier"), &batch, receipt.reply).await.unwrap();
    let statement = bureau.statement(&answered).await;
    let by = bureau.by("accountant");
    let certificate = pay.certify(&by, PERIOD, &[statement]).await.unwrap().result;
    certificate.check().unwrap();
    let item = certificate.item;
    assert_eq!((item.planned_lines, item.held_lines, item.paid_lines), (3, 1, 2));
    assert_eq!((item.held, item.paid + item.held), (PENSION, item.gross));
    pay.close(&bureau.by("director"), PERIOD).await.unwrap();
    bureau.node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_after_the_file_was_composed_keeps_the_file_here() {
    let (bureau, payees) = Bureau::with_payees("BOC", 3).await;
    let plan = bureau.funded().await;
    let first = bureau.compose(&plan).await.batches.remove(0);
    bureau.sign(&first).await;
    bureau.report_death(&payees[1]).await;
    assert_eq!(code(bureau.send(&first).await), "BATCH_PAYEE_DIED");
    let outbox = bureau.place.data().join("banks/BOC/out");
    assert!(!outbox.exists(), "a file went out although its payee died");

    let by = bureau.by("cashier");
    bureau.node.disbursement.withdraw(&by, &first, "收款人死亡").await.unwrap();
    let second = bureau.sent(&plan).await;
    assert_ne!(first, second);
    one_is_held(&bureau, &plan, &second, Hold::DeathReported).await;
    assert_eq!(code(bureau.send(&first).await), "BATCH_STAGE");
    bureau.node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pay_address_changed_after_the_freeze_holds_the_line() {
    let (bureau, payees) = Bureau::with_payees("BOC", 3).await;
    let plan = bureau.funded().await;
    change_address(&bureau, &payees[2], "registrar").await;
    let batch = bureau.sent(&plan).await;
    one_is_held(&bureau, &plan, &batch, Hold::AddressChanged).await;
    bureau.node.stop();
}

/// To the account of somebody who is not registered.
async fn change_address(bureau: &Bureau, payee: &crate::bureau::Payee, who: &str) {
    let city = city();
    let other = at_bank(&city, "BOC").last().unwrap();
    let change = ChangeAddress {
        address: payee.address,
        account: AccountInput {
            number: other.card.number.as_str().into(),
            name: other.name.clone().into(),
            bank: payee.bank,
            card: None,
        },
        reason: "本人申请".to_owned(),
        on: None,
    };
    bureau.node.cards.change_address(&bureau.by(who), &change).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_the_bank_cannot_write_is_held_and_the_others_are_paid() {
    let (bureau, _) = Bureau::with_payees("JSB", 2).await;
    let city = city();
    let rare = city.residents().iter().find(|one| one.mark == Some(Mark::RareCharacter)).unwrap();
    assert!(rare.name.contains('䶮') && rare.card.bank.as_str() == "JSB");
    bureau.payee(rare).await;
    let plan = bureau.funded().await;
    let batch = bureau.sent(&plan).await;
    one_is_held(&bureau, &plan, &batch, Hold::BankCharset).await;
    assert_eq!(Hold::BankCharset.code(), "bank_charset");
    bureau.node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_planned_twice_claims_nothing_twice() {
    let (bureau, _) = Bureau::with_payees("BOC", 3).await;
    bureau.funded().await;
    let pay = &bureau.node.disbursement;
    let again = bureau.run(month(JANUARY), RunType::Sporadic);
    let plan = pay.open_run(&bureau.by("handler"), &again).await.unwrap().result;
    pay.freeze(&bureau.by("handler"), &plan).await.unwrap();
    // Nothing is left to pay, and every grant says why.
    let calculated = pay.calculate(&bureau.by("handler"), &plan).await;
    let lines = calculated.map(|done| done.result.lines).unwrap_or_default();
    assert_eq!(lines, 0);
    assert_eq!(excluded(&bureau, &plan).await, [Exclusion::AlreadyClaimed; 3]);
    let submitted = pay.submit(&bureau.by("handler"), &plan).await;
    assert_ne!(code(submitted), "done");
    bureau.node.stop();
}

async fn excluded(bureau: &Bureau, plan: &str) -> Vec<Exclusion> {
    let stream = StreamName::stored(format!("part-{plan}-1"));
    let page = bureau.node.log.read_stream(&stream, Revision(0), Limit::PAGE).await.unwrap();
    let mut reasons = Vec::new();
    for event in &page {
        if let part::Event::GrantsExcluded { excluded, .. } = event.decode().unwrap() {
            reasons.extend(excluded.into_iter().map(|one| one.reason));
        }
    }
    reasons
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reviews_twice_and_nobody_who_changed_an_address() {
    let (bureau, payees) = Bureau::with_payees("BOC", 2).await;
    change_address(&bureau, &payees[0], "editor").await;
    let plan = bureau.submitted(month(JANUARY)).await;
    let pay = &bureau.node.disbursement;
    let book = bureau.book();
    pay.open_book(&bureau.by("treasurer"), book, shared::Money::ZERO).await.unwrap();
    let first = bureau.next_role(&plan).await.unwrap();
    for (who, role, refused) in [
        ("handler", first.as_str(), "PLAN_SAME_PERSON"),
        ("editor", first.as_str(), "PLAN_EDITED_ADDRESSES"),
        ("anna", "director", "PLAN_WRONG_ROLE"),
        ("anna", first.as_str(), "done"),
    ] {
        assert_eq!(code(pay.review(&bureau.by(who), &plan, role).await), refused, "{who} {role}");
    }
    let second = bureau.next_role(&plan).await.unwrap();
    assert_ne!(first, second);
    let again = pay.review(&bureau.by("anna"), &plan, &second).await;
    assert_eq!(code(again), "PLAN_SAME_PERSON");
    bureau.node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_opens_after_the_one_before_is_closed_or_by_exception() {
    let (bureau, _) = Bureau::with_payees("BOC", 1).await;
    bureau.submitted(month(JANUARY)).await;
    let pay = &bureau.node.disbursement;
    let mut february = bureau.run(month("2026-02"), RunType::Normal);
    let refused = pay.open_run(&bureau.by("handler"), &february).await;
    assert_eq!(code(refused), "PERIOD_BEFORE_IS_OPEN");
    february.exception = Some("一月对账未完，二月先行开启".to_owned());
    let opened = pay.open_run(&bureau.by("handler"), &february).await.unwrap().result;
    assert!(opened.starts_with("A1-2026-02-"));
    bureau.node.stop();
}
