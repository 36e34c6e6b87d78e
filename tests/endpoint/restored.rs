//! The log came back from a backup: nothing goes to a bank before two persons release it.

use serde_json::{Value, json};

use crate::house::{CLERK, House, Who};
use crate::looks::upload;

const DIRECTOR: Who<'static> = &[("x-renshe-actor", "demo.director")];

#[tokio::test(flavor = "multi_thread")]
async fn banks_are_heard_and_two_persons_release() {
    let house = House::restored().await;
    let all = "{ restoration { epoch locked askedBy releasedBy banks { bank files found open explained { batch \
               reason } } } batches(first: 1) { edges { node { code bank } } } }";
    let before = house.ask(CLERK, all).await;
    assert_eq!(before["restoration"]["epoch"], json!(2));
    assert_eq!(before["restoration"]["locked"], json!(true));
    assert_eq!(house.refused(CLERK, "restorationAsk", json!({})).await, "RESTORATION_BANK_UNHEARD");
    let list = upload(&house, b"batch,digest").await;
    let digest = "0".repeat(64);
    let node = &before["batches"]["edges"][0]["node"];
    let (known, bank) = (node["code"].as_str().unwrap(), node["bank"].as_str().unwrap());
    let rules = house.node.rules.on(house.node.executor.today().unwrap()).unwrap();
    let banks: Vec<String> = rules.layouts().keys().map(ToString::to_string).collect();
    for one in &banks {
        let files =
            if one == bank { json!([{ "batch": known, "digest": digest }]) } else { json!([]) };
        let hear = json!({ "bank": one, "artefactId": list, "files": files });
        house.done(CLERK, "restorationHear", hear, "files found lost").await;
    }
    let other = banks.iter().find(|one| *one != bank).unwrap();
    let files = json!([{ "batch": known, "digest": digest }]);
    let hear = json!({ "bank": other, "artefactId": list, "files": files });
    assert_eq!(house.refused(CLERK, "restorationHear", hear).await, "RESTORATION_OTHER_BANK");
    // The bank's bytes are not ours.
    assert_eq!(house.refused(CLERK, "restorationAsk", json!({})).await, "RESTORATION_FILES_LOST");
    let explain = json!({ "bank": bank, "batch": known, "reason": "核对为另一文件" });
    house.done(CLERK, "restorationExplain", explain, "replayed").await;
    house.done(CLERK, "restorationAsk", json!({}), "replayed").await;
    let refused = house.refused(CLERK, "restorationRelease", json!({})).await;
    assert_eq!(refused, "RESTORATION_SAME_PERSON");
    house.done(DIRECTOR, "restorationRelease", json!({}), "replayed").await;
    let after = house.ask(CLERK, all).await;
    assert_eq!(after["restoration"]["locked"], json!(false));
    assert_eq!(after["restoration"]["releasedBy"], json!("demo.director"));
    // Who sees a part of the city is told nothing of it.
    let narrow = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", "320611")];
    assert_eq!(house.ask(&narrow, "{ restoration { epoch } }").await["restoration"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_never_restored_has_no_restoration() {
    let house = House::new().await;
    assert_eq!(house.ask(CLERK, "{ restoration { epoch } }").await["restoration"], Value::Null);
}
