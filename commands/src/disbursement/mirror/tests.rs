//! Runs of another system, as sentences.

use disbursement::Ledger;
use shared::{Money, RunType};

use crate::disbursement::OpenRun;
use crate::disbursement::books::tests::desk::{Desk, PAID_ON, area, bank, item, key, month};
use crate::{CommandError, Envelope};

const RESULTS: [&str; 3] = ["paid:1", "returned:R03", "paid:3"];

fn code<T: std::fmt::Debug>(outcome: Result<T, CommandError>) -> String {
    outcome.unwrap_err().code().to_owned()
}

#[tokio::test]
async fn a_gap_stops_what_follows_until_it_is_filled() {
    let mut desk = Desk::open(3).await;
    let (first, second) = (desk.run(1, month(1), &RESULTS), desk.run(2, month(2), &RESULTS));
    assert_eq!(code(desk.mirrors(&first).await), "FEED_NOT_OPEN");
    desk.opens_feed().await;
    let ahead = desk.mirrors(&second).await.unwrap();
    assert_eq!((ahead.plan, ahead.missing, ahead.waiting), (None, vec![1], vec![2]));
    let asked = desk.asks("feed");
    let early = desk.pay.apply_external_run(&asked, &ahead.feed, 2).await;
    assert_eq!(code(early), "FEED_OUT_OF_ORDER");
    assert_eq!(desk.book().await.vouchers, 0, "nothing is half applied");
    let filled = desk.mirrors(&first).await.unwrap();
    assert_eq!(filled.plan.as_deref(), Some("A1-2026-01-320600-1"));
    assert!(filled.missing.is_empty() && filled.waiting.is_empty());
    // The one that waited went with it; the same bytes again are the first receipt.
    let again = desk.mirrors(&second).await.unwrap();
    assert_eq!(again.plan.as_deref(), Some("A1-2026-02-320600-1"));
    let vouchers = desk.book().await.vouchers;
    let other = desk.run(2, month(3), &RESULTS);
    assert_eq!(code(desk.mirrors(&other).await), "FEED_SEQUENCE_TAKEN");
    assert_eq!(desk.book().await.vouchers, vouchers);
}

#[tokio::test]
async fn a_file_is_taken_whole_or_not_at_all() {
    let mut desk = Desk::open(3).await;
    desk.opens_feed().await;
    let file = desk.run(1, month(2), &RESULTS);
    for (wrong, refused) in [
        (file.replace("|3|3000.00|", "|4|3000.00|"), "FEED_COUNT_DIFFERS"),
        (file.replace("paid:3", "paid:4"), "FEED_DIGEST_DIFFERS"),
        (file.replace("L|2|", "M|2|"), "FILE_REFUSED"),
        (desk.run(1, month(2), &["paid:1", "paid:2", "paid:3", "paid:4"]), "FILE_REFUSED"),
        ("H|".to_owned(), "FILE_REFUSED"),
        (String::new(), "FILE_REFUSED"),
    ] {
        assert_eq!(code(desk.mirrors(&wrong).await), refused, "{wrong}");
    }
    assert_eq!(desk.book().await.vouchers, 0);
}

/// What a bank says of a line: to us, and to whoever paid it.
#[derive(Debug, Clone, Copy)]
enum Says {
    Paid,
    Returned,
    Nothing,
}

impl Says {
    /// The two lines of one bank, or the one of the other, in a reply of its own.
    fn reply(said: &[Self]) -> String {
        let rows = (1..).zip(said).filter_map(|(seq, says)| match says {
            Self::Paid => Some(format!("\n{seq} 1000.00 serial")),
            Self::Returned => Some(format!("\n{seq} 1000.00 R03")),
            Self::Nothing => None,
        });
        rows.collect()
    }

    fn mirrored(self) -> &'static str {
        match self {
            Self::Paid => "paid:serial",
            Self::Returned => "returned:R03",
            Self::Nothing => "",
        }
    }
}

/// The same month as we pay it ourselves.
async fn originates(desk: &mut Desk, said: [Says; 3]) {
    let asked = desk.asks("hu");
    let input = OpenRun {
        item: item(),
        month: month(2),
        area: area(),
        run: RunType::Normal,
        agency: key().agency,
        fund: None,
        pay_day: Some(PAID_ON),
        exception: None,
    };
    let plan = desk.pay.open_run(&asked, &input).await.unwrap().result;
    let asked = desk.asks("hu");
    desk.pay.freeze(&asked, &plan).await.unwrap();
    let asked = desk.asks("hu");
    desk.pay.calculate(&asked, &plan).await.unwrap();
    let asked = desk.asks("hu");
    desk.pay.submit(&asked, &plan).await.unwrap();
    for (role, by) in
        [("checker", "chen"), ("approver", "shen"), ("section-head", "ke"), ("accountant", "kuai")]
    {
        let asked = desk.asks(by);
        desk.pay.review(&asked, &plan, role).await.unwrap();
    }
    let asked = desk.asks("kuai");
    desk.pay.reserve(&asked, &plan).await.unwrap();
    let asked = desk.asks("kuai");
    let composed = desk.pay.compose(&asked, &plan).await.unwrap().result;
    for id in composed.batches {
        for (role, by) in [("accountant", "kuai"), ("cashier", "chu")] {
            let asked = desk.asks(by);
            desk.pay.sign(&asked, &id, role).await.unwrap();
        }
        let asked = desk.asks("chu");
        desk.pay.send(&asked, &id).await.unwrap();
        let (at, total, said) = match id.contains("BOC") {
            true => ("BOC", "2000.00", &said[..2]),
            false => ("JSBANK", "1000.00", &said[2..]),
        };
        let asked: Envelope = desk.asks("chu");
        let amount = Money::parse(total).unwrap();
        desk.pay.debit(&asked, &id, "slip", amount, PAID_ON).await.unwrap();
        let rows = Says::reply(said);
        if rows.is_empty() {
            continue;
        }
        let asked = desk.asks("bank");
        let text = format!("{id}{rows}");
        let receipt = desk.pay.receive_reply(&asked, bank(at), "HP.txt", text.as_bytes()).await;
        let reply = receipt.unwrap().result.reply;
        let asked = desk.asks("bank");
        desk.pay.apply_reply(&asked, &id, reply).await.unwrap();
    }
}

/// Whatever the banks say of each of three lines: 27 months.
#[tokio::test]
async fn mirror_and_originate_give_equal_ledgers_for_equal_facts() {
    const ALL: [Says; 3] = [Says::Paid, Says::Returned, Says::Nothing];
    for first in ALL {
        for second in ALL {
            for third in ALL {
                equal_ledgers([first, second, third]).await;
            }
        }
    }
}

async fn equal_ledgers(said: [Says; 3]) {
    let (mut ours, mut theirs) = (Desk::open(3).await, Desk::open(3).await);
    originates(&mut ours, said).await;
    theirs.opens_feed().await;
    let file = theirs.run(1, month(2), &said.map(Says::mirrored));
    theirs.mirrors(&file).await.unwrap();
    let (one, other) = (ours.book().await, theirs.book().await);
    assert_eq!(one.balances, other.balances, "{said:?}");
    assert_eq!(one.cash_by_occurrence, other.cash_by_occurrence, "{said:?}");
    assert_eq!((one.vouchers, one.reserved()), (other.vouchers, other.reserved()), "{said:?}");
    let id = key().to_string();
    let entries = |journal: disbursement::journal::Journal| -> Vec<_> {
        let vouchers = journal.vouchers.into_values();
        let mut all: Vec<_> =
            vouchers.map(|voucher| (voucher.occurrence, voucher.on, voucher.entries)).collect();
        all.sort_by_key(|(occurrence, on, entries)| {
            (occurrence.clone(), *on, format!("{entries:?}"))
        });
        all
    };
    let ours = entries(ours.pay.journal(&id).await.unwrap());
    let theirs = entries(theirs.pay.journal(&id).await.unwrap());
    let plain = |all: Vec<(String, shared::Date, Vec<disbursement::Entry>)>| -> Vec<_> {
        let of = all
            .into_iter()
            .flat_map(|(word, _, entries)| entries.into_iter().map(move |one| (word.clone(), one)));
        of.filter(|(_, one)| one.ledger == Ledger::F || one.ledger == Ledger::M).collect()
    };
    assert_eq!(plain(ours), plain(theirs), "{said:?}");
}
