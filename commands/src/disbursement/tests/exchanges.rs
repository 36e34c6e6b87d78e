//! Files to the bank's server and from it, as sentences.

use disbursement::batch::{Found, Stage};
use shared::{ReturnReason, RunType};

use super::office::{Office, bank};
use crate::CommandError;
use crate::disbursement::{Exchanged, Handed, Said};

async fn exchanges(office: &Office) -> Exchanged {
    let done = office.pay.exchange(&office.by("banks"), Some(bank())).await;
    done.unwrap().remove(0)
}

/// Three payees, one batch, two keys.
async fn signed(office: &Office) -> String {
    for sequence in 1..=3 {
        office.payee(sequence).await;
    }
    let plan = office.funded(1, RunType::Normal).await;
    let by = office.by("accountant");
    let batch = office.pay.compose(&by, &plan).await.unwrap().result.batches.remove(0);
    for role in ["accountant", "cashier"] {
        office.pay.sign(&office.by(role), &batch, role).await.unwrap();
    }
    batch
}

fn names(office: &Office) -> Vec<String> {
    office.servers.server(bank()).files().keys().cloned().collect()
}

#[tokio::test]
async fn a_file_is_brought_with_its_mark_and_seen_there() {
    let office = Office::new().await;
    let batch = signed(&office).await;
    let by = office.by("cashier");
    office.pay.send(&by, &batch).await.unwrap();
    assert_eq!(names(&office), [format!("out/{batch}.txt"), format!("out/{batch}.txt.ok")]);
    let state = office.batch(&batch).await;
    assert_eq!(state.handover.as_ref().unwrap().found, Some(Found::Ready));
    // The bank takes both away and keeps nothing: nobody brings them again.
    office.servers.server(bank()).files().clear();
    office.pay.send(&by, &batch).await.unwrap();
    assert!(exchanges(&office).await.sent.is_empty());
    assert!(names(&office).is_empty(), "it went out twice");
}

#[tokio::test]
async fn a_mark_that_lies_there_already_ends_the_search() {
    let office = Office::new().await;
    let batch = signed(&office).await;
    // What a process left that was cut between the rename and its record.
    let server = office.servers.server(bank());
    server.put(&format!("out/{batch}.txt.ok"), b"earlier");
    office.pay.send(&office.by("cashier"), &batch).await.unwrap();
    assert_eq!(server.files()[&format!("out/{batch}.txt.ok")], b"earlier");
    assert_eq!(office.batch(&batch).await.stage, Stage::Sent);
}

#[tokio::test]
async fn another_file_of_the_name_is_not_replaced_and_the_batch_waits() {
    let office = Office::new().await;
    let batch = signed(&office).await;
    let server = office.servers.server(bank());
    server.put(&format!("out/{batch}.txt"), b"of somebody else");
    let sent = office.pay.send(&office.by("cashier"), &batch).await;
    assert!(matches!(sent, Err(CommandError::Unavailable { retryable: false, .. })), "{sent:?}");
    assert_eq!(server.files()[&format!("out/{batch}.txt")], b"of somebody else");
    let waits = exchanges(&office).await.sent.remove(0);
    assert!(waits.1.is_err(), "{waits:?}");
    // The bank's people took the other file away: the next exchange goes on.
    server.files().remove(&format!("out/{batch}.txt"));
    let (of, handed) = exchanges(&office).await.sent.remove(0);
    assert_eq!((of, handed.unwrap()), (batch, Handed::Over(Found::Ready)));
}

#[tokio::test]
async fn what_the_bank_said_meanwhile_ends_the_search() {
    let office = Office::new().await;
    let batch = signed(&office).await;
    let server = office.servers.server(bank());
    server.put(&format!("out/{batch}.txt"), b"of somebody else");
    office.pay.send(&office.by("cashier"), &batch).await.unwrap_err();
    office.pay.reject(&office.by("cashier"), &batch, "银行拒收").await.unwrap();
    let (_, handed) = exchanges(&office).await.sent.remove(0);
    assert_eq!(handed.unwrap(), Handed::Settled);
    assert!(exchanges(&office).await.sent.is_empty());
}

#[tokio::test]
async fn a_reply_is_taken_whole_and_counted_once() {
    let office = Office::new().await;
    let batch = signed(&office).await;
    office.pay.send(&office.by("cashier"), &batch).await.unwrap();
    let (part, said) = ([(1, None)], [(2, None), (3, Some(ReturnReason::AccountClosed))]);
    let first = office.reply(&batch, &part).await;
    let server = office.servers.server(bank());
    // Half of it, with the mark of the whole.
    office.bank_leaves("in/HP_1.txt", first.as_bytes());
    server.put("in/HP_1.txt", &first.as_bytes()[..first.len() / 2]);
    let done = exchanges(&office).await;
    assert_eq!((done.taken.len(), done.halves), (0, vec!["in/HP_1.txt".to_owned()]));
    server.put("in/HP_1.txt", first.as_bytes());
    // Before the debit slip it is kept, and waits.
    let taken = exchanges(&office).await.taken.remove(0).outcome.unwrap();
    assert!(matches!(taken, Said::Reply { before: false, applied: None, .. }), "{taken:?}");
    let total = office.batch(&batch).await.total.unwrap();
    let on = shared::Date::constant(2026, 3, 2);
    office.pay.debit(&office.by("cashier"), &batch, "HD-1", total, on).await.unwrap();
    // The same bytes under another name are the first receipt, and applied now.
    office.bank_leaves("in/2/HP_1.txt", first.as_bytes());
    let second = office.reply(&batch, &said).await;
    office.bank_leaves("in/HP_1.txt", second.as_bytes());
    let done = exchanges(&office).await;
    assert!(done.unreachable.is_none() && done.halves.is_empty(), "{done:?}");
    let outcomes: Vec<Said> = done.taken.into_iter().map(|one| one.outcome.unwrap()).collect();
    let [
        Said::Reply { before: false, applied: Some(new), .. },
        Said::Reply { before: true, applied: Some(old), .. },
    ] = outcomes.as_slice()
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!((new.paid_lines, new.returned_lines, old.paid_lines), (1, 1, 1));
    let state = office.batch(&batch).await;
    assert_eq!(state.replies.iter().filter(|reply| reply.applied).count(), 2);
    let lying = names(&office);
    for kept in ["in/taken/HP_1.txt", "in/taken/HP_1.txt.2", "in/2/taken/HP_1.txt"] {
        assert!(lying.contains(&kept.to_owned()), "{kept} in {lying:?}");
    }
    assert!(exchanges(&office).await.taken.is_empty());
}

#[tokio::test]
async fn a_refused_file_lies_apart_with_its_reason_and_stops_no_other() {
    let office = Office::new().await;
    let batch = signed(&office).await;
    office.pay.send(&office.by("cashier"), &batch).await.unwrap();
    office.bank_leaves("in/HP_0.txt", b"A9-2026-01-320600-1-1-BOC-1\n0\n1|1.00|P\n");
    let reply = office.reply(&batch, &[(1, None)]).await;
    office.bank_leaves("in/HP_1.txt", reply.as_bytes());
    let done = exchanges(&office).await;
    let codes: Vec<_> =
        done.taken.iter().map(|one| one.outcome.as_ref().map_err(CommandError::code)).collect();
    assert!(matches!(codes.as_slice(), [Err("REPLY_UNKNOWN_BATCH"), Ok(_)]), "{codes:?}");
    let files = office.servers.server(bank()).files().clone();
    let reason = String::from_utf8(files["in/refused/HP_0.txt.reason"].clone()).unwrap();
    assert!(reason.starts_with("REPLY_UNKNOWN_BATCH: 回盘文件"), "{reason}");
    assert!(files.contains_key("in/refused/HP_0.txt") && files.contains_key("in/taken/HP_1.txt"));
}
