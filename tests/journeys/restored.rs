//! The log comes back from a backup that is older than what the bank received.

use disbursement::batch::{Batch, Stage};
use disbursement::restoration::LOST_MAX;
use serde_json::Value;

use crate::bureau::Bureau;
use crate::place::{Place, Ran};

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|fault| panic!("{fault}: {ran:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_restored_log_forgot_is_not_sent_twice() {
    let (bureau, _) = Bureau::with_payees("BOC", 3).await;
    let plan = bureau.funded().await;
    let batch = bureau.compose(&plan).await.batches.remove(0);
    bureau.sign(&batch).await;
    let (known, _) = bureau.node.executor.load::<Batch>(&batch).await.unwrap();
    let digest = known.file.as_ref().unwrap().artefact;
    let rules = bureau.node.rules.on(bureau.node.executor.today().unwrap()).unwrap();
    let banks: Vec<String> = rules.layouts().keys().map(ToString::to_string).collect();
    let place = bureau.leave();
    let backup = Place::like(&place);
    // The file goes out after the backup was taken.
    let send = ["bank", "send", &batch, "--actor", "key holder two"];
    place.ends(0, &send);

    let restored = backup;
    // A log that was never restored locks nothing.
    assert_eq!(json(&restored.ends(0, &["restoration", "show", "--json"]))["locked"], false);
    restored.ends(1, &["restoration", "ask"]).says(&["RESTORATION_NONE"]);
    let raised = json(&restored.ends(0, &["restoration", "raise-epoch", "--json"]));
    assert_eq!(raised["epoch"], 2);
    restored.ends(1, &send).says(&["SENDING_LOCKED", "放行"]);
    restored.ends(1, &["restoration", "ask"]).says(&["RESTORATION_BANK_UNHEARD"]);

    // The bank names the file, and one that nobody here knows.
    restored.put("cut.csv", "批次号,摘要\nA1,12\n");
    let hear = |bank: &str, file: &str, code: i32| {
        restored
            .ends(code, &["restoration", "hear", "--bank", bank, file, "--actor", "anna", "--json"])
    };
    hear("BOC", "cut.csv", 1);
    let stranger = "A1-2026-01-320000-1-1-BOC-9";
    // A list that is refused records nothing: the batch is found by the next one.
    let mut many = format!("批次号,摘要\n{batch},{digest}\n");
    many.extend((0..=LOST_MAX).map(|number| format!("Z{number},{digest}\n")));
    restored.put("many.csv", &many);
    hear("BOC", "many.csv", 1).says(&["RESTORATION_TOO_MANY"]);
    let list = format!("批次号,摘要\n{batch},{digest}\n{stranger},{digest}\n");
    restored.put("boc.csv", &list);
    let heard = json(&hear("BOC", "boc.csv", 0));
    assert_eq!(heard["result"]["found"], 1, "{heard}");
    assert_eq!(heard["result"]["lost"], serde_json::json!([stranger]));
    restored.put("none.csv", "批次号,摘要\n");
    for bank in banks.iter().filter(|bank| *bank != "BOC") {
        hear(bank, "none.csv", 0);
    }
    let ask = ["restoration", "ask", "--actor", "anna"];
    restored.ends(1, &ask).says(&["RESTORATION_FILES_LOST", stranger]);
    let explain = ["restoration", "explain", stranger, "--bank", "BOC"];
    restored.ends(0, &[&explain[..], &["--reason", "银行已撤销"]].concat());
    restored.ends(0, &ask);
    restored.ends(1, &["restoration", "release", "--actor", "anna"]).says(&["SAME_PERSON"]);
    restored.ends(1, &send).says(&["SENDING_LOCKED"]);
    restored.ends(0, &["restoration", "release", "--actor", "bo"]);
    let shown = json(&restored.ends(0, &["restoration", "show", "--json"]));
    assert_eq!((&shown["locked"], &shown["released_by"]), (&false.into(), &"bo".into()));

    // What the bank has is on its way; it does not go out again.
    restored.ends(1, &send).says(&["BATCH_STAGE"]);
    let node = restored.node(renshe::node::World::real()).await;
    let (found, _) = node.executor.load::<Batch>(&batch).await.unwrap();
    assert_eq!(found.stage, Stage::Sent);
    node.stop();
}
