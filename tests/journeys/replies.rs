//! What banks say twice, in parts, wrongly, too early or too late.

use commands::disbursement::ReplyApplied;
use disbursement::account::Account;
use disbursement::batch::Outcome;
use shared::Money;
use simulations::bank::{Habits, Mischief, Reply};

use crate::bureau::{Bureau, PENSION, PERIOD, code, perfect};

const LINES: u32 = 12;

/// A dozen people, one batch, sent.
async fn sent() -> (Bureau, String) {
    let (bureau, _) = Bureau::with_payees("BOC", LINES as usize).await;
    let plan = bureau.funded().await;
    let batch = bureau.sent(&plan).await;
    (bureau, batch)
}

/// Receives and applies one file.
async fn take(bureau: &Bureau, reply: &Reply) -> ReplyApplied {
    let (bank, name, bytes) = bureau.file(reply);
    let pay = &bureau.node.disbursement;
    let receipt = pay.receive_reply(&bureau.by("cashier"), bank, &name, &bytes).await.unwrap();
    let id = receipt.result.reply;
    pay.apply_reply(&bureau.by("cashier"), &reply.batch, id).await.unwrap().result
}

/// Lines of the batch by what they came to: paid, returned, unknown.
async fn results(bureau: &Bureau, batch: &str) -> (usize, usize, usize) {
    let batch = bureau.batch(batch).await;
    let of =
        |wanted: fn(Outcome) -> bool| batch.lines.iter().filter(|line| wanted(line.result)).count();
    (
        of(|result| result == Outcome::Paid),
        of(|result| matches!(result, Outcome::Returned(_))),
        of(|result| result == Outcome::Unknown),
    )
}

/// A row each: what the bank does, and the sums over its files.
struct Told {
    mischief: Mischief,
    files: usize,
    paid: u32,
    duplicates: u32,
    contradictions: u32,
    strangers: u32,
    unknown: usize,
}

const HONEST: Told = Told {
    mischief: Mischief::Straight,
    files: 1,
    paid: LINES,
    duplicates: 0,
    contradictions: 0,
    strangers: 0,
    unknown: 0,
};

const TOLD: &[Told] = &[
    HONEST,
    Told { mischief: Mischief::TwoParts, files: 2, ..HONEST },
    // The same bytes are the same reply: its counts are told again and nothing is done.
    Told { mischief: Mischief::SameTwice, files: 2, paid: 2 * LINES, ..HONEST },
    Told { mischief: Mischief::Contradicts { lines: 2 }, files: 2, contradictions: 2, ..HONEST },
    Told { mischief: Mischief::Stranger, strangers: 1, ..HONEST },
    Told { mischief: Mischief::Pending { lines: 3 }, paid: LINES - 3, unknown: 3, ..HONEST },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_bank_says_counts_are_right_and_nothing_is_overwritten() {
    for told in TOLD {
        let (bureau, batch) = sent().await;
        let answered = bureau.answer(&batch, perfect(), told.mischief);
        bureau.debit(&answered).await.unwrap();
        assert_eq!(answered.replies.len(), told.files, "{:?}", told.mischief);
        let (mut paid, mut duplicates, mut contradictions, mut strangers) = (0, 0, 0, 0);
        for reply in &answered.replies {
            let applied = take(&bureau, reply).await;
            paid += applied.paid_lines;
            duplicates += applied.duplicates;
            contradictions += applied.contradictions;
            strangers += applied.strangers;
        }
        let seen = (paid, duplicates, contradictions, strangers);
        let wanted = (told.paid, told.duplicates, told.contradictions, told.strangers);
        assert_eq!(seen, wanted, "{:?}", told.mischief);
        let settled = LINES as usize - told.unknown;
        assert_eq!(
            results(&bureau, &batch).await,
            (settled, 0, told.unknown),
            "{:?}",
            told.mischief
        );
        bureau.node.stop();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_of_another_amount_settles_no_line() {
    let (bureau, batch) = sent().await;
    let answered = bureau.answer(&batch, perfect(), Mischief::WrongAmount { lines: 2 });
    bureau.debit(&answered).await.unwrap();
    let applied = take(&bureau, &answered.replies[0]).await;
    assert_eq!(applied.paid_lines, LINES - 2, "{applied:?}");
    assert_eq!(results(&bureau, &batch).await, (LINES as usize - 2, 0, 2));
    bureau.node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_waits_for_the_debit_slip() {
    let (bureau, batch) = sent().await;
    let answered = bureau.answer(&batch, perfect(), Mischief::Straight);
    let (bank, name, bytes) = bureau.file(&answered.replies[0]);
    let pay = &bureau.node.disbursement;
    let by = bureau.by("cashier");
    let receipt = pay.receive_reply(&by, bank, &name, &bytes).await.unwrap().result;
    let early = pay.apply_reply(&bureau.by("cashier"), &batch, receipt.reply).await;
    assert_eq!(code(early), "BATCH_NOT_DEBITED");
    assert_eq!(results(&bureau, &batch).await, (0, 0, LINES as usize));

    let wrong = PENSION;
    let slip = &answered.slip;
    let by = bureau.by("treasurer");
    let debited = pay.debit(&by, &batch, &slip.serial, wrong, slip.on).await;
    assert_eq!(code(debited), "BATCH_WRONG_DEBIT");
    bureau.debit(&answered).await.unwrap();
    let applied = pay.apply_reply(&bureau.by("cashier"), &batch, receipt.reply).await.unwrap();
    assert_eq!(applied.result.paid_lines, LINES);
    assert_eq!(code(bureau.debit(&answered).await), "BATCH_DEBITED_ALREADY");
    bureau.node.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_period_takes_no_posting() {
    let (bureau, batch) = sent().await;
    let silent = Habits { unmentioned_per_10k: 5_000, ..perfect() };
    let answered = bureau.answer(&batch, silent, Mischief::Straight);
    bureau.debit(&answered).await.unwrap();
    let applied = take(&bureau, &answered.replies[0]).await;
    assert!(applied.unreplied_lines > 0 && applied.paid_lines > 0, "{applied:?}");
    let statement = bureau.statement(&answered).await;
    let pay = &bureau.node.disbursement;
    let by = bureau.by("accountant");
    let certificate = pay.certify(&by, PERIOD, &[statement]).await.unwrap().result;
    assert_eq!(certificate.item.unreplied_lines, applied.unreplied_lines);
    pay.close(&bureau.by("director"), PERIOD).await.unwrap();

    let before = books(&bureau).await;
    let (bank, name, bytes) = bureau.file(&answered.late);
    let by = bureau.by("cashier");
    let late = pay.receive_reply(&by, bank, &name, &bytes).await.unwrap().result;
    let posted = pay.apply_reply(&bureau.by("cashier"), &batch, late.reply).await;
    assert_eq!(code(posted), "NO_OPEN_PERIOD");
    let again = bureau.run(crate::bureau::month("2026-01"), shared::RunType::Sporadic);
    assert_eq!(code(pay.open_run(&bureau.by("handler"), &again).await), "PERIOD_CLOSED");
    let closed = pay.close(&bureau.by("director"), PERIOD).await;
    assert_ne!(code(closed), "done");
    assert_eq!(books(&bureau).await, before, "something was posted into a closed period");
    assert_ne!(certificate.item.unreplied, Money::ZERO);
    bureau.node.stop();
}

/// How often the book of the period was written to.
async fn books(bureau: &Bureau) -> u64 {
    let (_, revision) = bureau.node.executor.load::<Account>(bureau.book()).await.unwrap();
    revision.0
}
