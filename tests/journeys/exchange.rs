//! Files to a bank's server and from it: on a bad line, and from the command line.

use std::fs;
use std::sync::Arc;

use serde_json::Value;
use shared::BankCode;
use simulations::bank::Mischief;
use simulations::server::LyingServers;

use crate::bureau::{Bureau, perfect};
use crate::cases::json;

fn boc() -> BankCode {
    BankCode::parse("BOC").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_comes_to_its_bank_once_over_a_line_that_is_cut() {
    for seed in 0..3 {
        let servers = LyingServers::new(seed);
        let (bureau, _) =
            Bureau::with_payees_and_servers("BOC", 3, Some(Arc::new(servers.clone()))).await;
        let plan = bureau.funded().await;
        let batch = bureau.compose(&plan).await.batches.remove(0);
        bureau.sign(&batch).await;
        // Cut or not: the sending stands, and the exchanges follow it.
        let _cut = bureau.send(&batch).await;
        let (server, pay) = (servers.server(boc()), &bureau.node.disbursement);
        for round in 0..24 {
            pay.exchange(&bureau.by("banks"), Some(boc())).await.unwrap();
            if round % 5 == 4 {
                server.bank_takes(true);
            }
        }
        server.calm();
        pay.exchange(&bureau.by("banks"), Some(boc())).await.unwrap();
        server.bank_takes(true);
        let took = server.took();
        let state = bureau.batch(&batch).await;
        let names: Vec<&str> = took.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, [state.file.as_ref().unwrap().name.as_str()], "seed {seed}");
        let (layout, one) = (bureau.layout(boc()), &took[0]);
        let bytes = one.bytes.as_deref().unwrap();
        let read = bank::parse_instruction(&layout, &one.name, bytes, Some(&one.mark));
        assert_eq!(read.ok().unwrap().lines.len(), 3, "seed {seed}");
        assert!(state.handover.as_ref().is_some_and(|over| over.found.is_some()), "seed {seed}");
        bureau.node.stop();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exchange_takes_what_a_bank_left_with_its_mark() {
    let (bureau, _) = Bureau::with_payees("BOC", 3).await;
    let plan = bureau.funded().await;
    let batch = bureau.sent(&plan).await;
    let answered = bureau.answer(&batch, perfect(), Mischief::Straight);
    bureau.debit(&answered).await.unwrap();
    let (_, name, bytes) = bureau.file(&answered.replies[0]);
    let (mark_name, mark) = bank::ready_mark(&bureau.layout(boc()), &name, &bytes);
    let place = bureau.leave();
    let inbox = place.data().join("banks/BOC/in");
    fs::create_dir_all(inbox.join("2")).unwrap();
    let exchange = || json(&place, &["bank", "exchange", "--bank", "BOC"]);
    // Half of it with the mark of the whole, and a file without a mark.
    fs::write(inbox.join(&name), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(inbox.join(&mark_name), &mark).unwrap();
    fs::write(inbox.join("2").join(&name), &bytes).unwrap();
    let told = exchange();
    assert_eq!(
        (told[0]["taken"].as_array().unwrap().len(), &told[0]["sent"]),
        (0, &Value::from(Vec::<Value>::new()))
    );
    assert_eq!(told[0]["halves"][0], format!("in/{name}"));
    fs::write(inbox.join(&name), &bytes).unwrap();
    let told = exchange();
    let taken = &told[0]["taken"][0];
    assert_eq!(
        (&taken["reply_to"], &taken["new"]),
        (&Value::from(batch.as_str()), &Value::from(true))
    );
    // The second copy of the same bytes says nothing new.
    fs::write(inbox.join("2").join(&mark_name), &mark).unwrap();
    let told = exchange();
    assert_eq!(told[0]["taken"][0]["new"], false);
    assert!(
        inbox.join("taken").join(&name).is_file() && inbox.join("2/taken").join(&name).is_file()
    );
    let paid = place.ends(0, &["events", "--type", "batch.reply-applied"]).out;
    assert_eq!(paid.matches("batch.reply-applied.v1").count(), 1, "{paid}");

    // What nobody sent is refused with its reason, and the command says so.
    fs::write(inbox.join("HP_x.txt"), "none of ours").unwrap();
    let (stranger, mark) = bank::ready_mark(&layout(), "HP_x.txt", b"none of ours");
    fs::write(inbox.join(stranger), mark).unwrap();
    let refused = place.ends(1, &["bank", "exchange"]);
    assert!(refused.out.contains("HP_x.txt is refused, FILE_REFUSED"), "{refused:?}");
    let reason = fs::read_to_string(inbox.join("refused/HP_x.txt.reason")).unwrap();
    assert!(reason.starts_with("FILE_REFUSED"), "{reason}");
    assert_eq!(place.ends(0, &["bank", "exchange"]).out.trim(), "nothing is on its way");
    assert!(place.ends(1, &["bank", "exchange", "--bank", "ICBC"]).err.contains("NOT_FOUND"));
}

fn layout() -> definitions::Layout {
    definitions::Catalogue::bundled().unwrap().layout(boc()).unwrap().clone()
}
