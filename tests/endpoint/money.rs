//! A pay clerk's month through the endpoint, definitions, and the inbox.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{CLERK, House, all};
use crate::looks::upload;

async fn plan(house: &House, id: &str) -> Value {
    let fields = "stage waitsFor lineCount net batches { id bank total stage }";
    house.node.caught_up().await.unwrap();
    house.ask(CLERK, &format!("{{ plan(id: \"{id}\") {{ {fields} }} }}")).await["plan"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_paid_step_by_step() {
    let house = House::new().await;
    let january = house
        .ask(
            CLERK,
            "{ plans(first: 1, where: { itemCode: \"A1\" }) { edges { node { area agency fund bookId } } } }",
        )
        .await;
    let of = |key: &str| all(&january, key)[0].to_owned();
    let run = json!({
        "itemCode": "A1", "month": "2026-02", "area": of("area"), "run": "NORMAL",
        "agency": of("agency"), "fund": of("fund"),
    });
    let by = |who: &'static str| [("x-renshe-actor", who)];
    let handler = by("demo.handler");
    let told = house.done(&handler, "runOpen", run, "plan { id }").await;
    let id = told["plan"]["id"].as_str().unwrap().to_owned();
    let input = json!({ "planId": id });
    house.done(&handler, "planFreeze", input.clone(), "grants").await;
    house.done(&handler, "planCalculate", input.clone(), "lineCount net excluded").await;
    house.done(&handler, "planSubmit", input.clone(), "plan { waitsFor }").await;
    let role = plan(&house, &id).await["waitsFor"].as_str().unwrap().to_owned();
    let own = json!({ "planId": id, "role": role });
    assert_ne!(house.refused(&handler, "planReview", own.clone()).await, "carried out");
    let back = json!({ "planId": id, "role": role, "reason": "再核" });
    house.done(&by("demo.checker"), "planSendBack", back, "").await;
    house.done(&handler, "planSubmit", input.clone(), "").await;
    for who in ["demo.one", "demo.two", "demo.three", "demo.four", "demo.five"] {
        let now = plan(&house, &id).await;
        if now["stage"] != json!("IN_REVIEW") {
            break;
        }
        let inbox =
            format!("{{ inbox(role: {}) {{ kind subjectId title role }} }}", now["waitsFor"]);
        assert!(all(&house.ask(CLERK, &inbox).await, "subjectId").contains(&id.as_str()));
        let input = json!({ "planId": id, "role": now["waitsFor"] });
        house.done(&by(who), "planReview", input, "approved").await;
    }
    let approved = plan(&house, &id).await;
    assert_eq!(approved["stage"], json!("APPROVED"));
    assert_ne!(house.refused(&handler, "planReserve", input.clone()).await, "carried out");
    let money = json!({ "bookId": of("bookId"), "amount": approved["net"], "reference": "BK-1" });
    house.done(&by("demo.treasurer"), "bookAppropriate", money, "book { cash free }").await;
    house.done(&by("demo.treasurer"), "planReserve", input.clone(), "").await;
    let composed = "instructed heldLines batches { id bank total }";
    let told = house.done(&by("demo.treasurer"), "planCompose", input, composed).await;
    let batches: Vec<Value> = told["batches"].as_array().unwrap().clone();
    assert!(batches.len() > 2, "{batches:?}");
    let batch = |place: usize| json!({ "batchId": batches[place]["id"] });
    let with = |place: usize, more: Value| {
        let mut input = batch(place);
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        input
    };
    let reason = |place| with(place, json!({ "reason": "测试" }));
    house.done(&by("demo.key"), "batchWithdraw", reason(0), "batch { stage }").await;
    for place in [1, 2] {
        assert_ne!(house.refused(&by("demo.key"), "batchSend", batch(place)).await, "carried out");
        let key = |role: &str| with(place, json!({ "role": role }));
        house.done(&by("demo.key"), "batchSign", key("accountant"), "").await;
        house.done(&by("demo.key2"), "batchSign", key("cashier"), "").await;
        house.done(&by("demo.key2"), "batchSend", batch(place), "batch { stage fileName }").await;
    }
    exchanged(&house).await;
    house.done(&by("demo.key2"), "batchReject", reason(1), "").await;
    house.done(&by("demo.key2"), "batchLoseOutcome", reason(2), "").await;
    let debit = json!({ "slip": "S-1", "amount": batches[2]["total"], "debitedOn": "2026-02-03" });
    house.done(&by("demo.key2"), "batchDebit", with(2, debit), "batch { debited }").await;
    let told = with(2, json!({ "reference": "R-1" }));
    house.tell(&by("demo.key2"), "batchAcknowledge", told, "").await;

    let file = upload(&house, b"not a reply").await;
    let bank = batches[2]["bank"].clone();
    let reply = json!({ "bank": bank, "fileName": "reply.txt", "artefactId": file });
    assert_ne!(house.refused(&by("demo.key2"), "replyReceive", reply).await, "carried out");
    let reply = with(2, json!({ "replyId": Uuid::from_u128(5).to_string() }));
    assert_ne!(house.refused(&by("demo.key2"), "replyApply", reply).await, "carried out");
    let statement = json!({
        "bank": bank, "bookId": of("bookId"), "fileName": "day.txt", "artefactId": file,
    });
    assert_ne!(house.refused(CLERK, "statementImport", statement).await, "carried out");
    let period = house.ask(CLERK, &format!("{{ plan(id: \"{id}\") {{ periodId }} }}")).await;
    let period = all(&period, "periodId")[0];
    let certify = json!({ "periodId": period, "statementIds": [] });
    house.tell(CLERK, "periodCertify", certify, "certificate { number }").await;
    assert_ne!(
        house.refused(CLERK, "periodClose", json!({ "periodId": period })).await,
        "carried out"
    );
    let book = json!({
        "fund": of("fund"), "area": of("area"), "agency": of("agency"), "year": 2027, "opening": "0.00",
    });
    house.done(CLERK, "bookOpen", book, "book { code }").await;
}

/// What a bank left is taken at once, and told file by file.
async fn exchanged(house: &House) {
    let layout = definitions::Catalogue::bundled().unwrap();
    let layout = layout.layout(shared::BankCode::parse("BOC").unwrap()).unwrap();
    let left = house.node.dir.join("banks/BOC/in");
    std::fs::create_dir_all(&left).unwrap();
    for (name, bytes) in [("HP_x.txt", "none of ours"), ("HP_half.txt", "hal")] {
        let whole = if name == "HP_half.txt" { "half" } else { bytes };
        let (mark_name, mark) = bank::ready_mark(layout, name, whole.as_bytes());
        std::fs::write(left.join(name), bytes).unwrap();
        std::fs::write(left.join(mark_name), mark).unwrap();
    }
    let told = "banks { bank sent { batchId state reason { rule } batch { code } } halves \
                taken { name new refusal { rule } batch { code } statement { id } } \
                unreachable { message } }";
    let only = json!({ "bank": "BOC" });
    let done = house.done(CLERK, "bankExchange", only.clone(), told).await;
    let refused = json!({
        "name": "HP_x.txt", "new": false, "refusal": { "rule": "FILE_REFUSED" },
        "batch": null, "statement": null,
    });
    let banks = json!([{
        "bank": "BOC", "sent": [], "halves": ["in/HP_half.txt"], "taken": [refused],
        "unreachable": null,
    }]);
    assert_eq!(done["banks"], banks);
    let again = house.done(CLERK, "bankExchange", only, told).await;
    assert_eq!(all(&again, "name"), Vec::<&str>::new(), "it was put away");
    let all_banks = house.done(CLERK, "bankExchange", json!({}), "banks { bank }").await;
    assert!(all(&all_banks, "bank").len() > 3);
    assert_ne!(
        house.refused(CLERK, "bankExchange", json!({ "bank": "ICBC" })).await,
        "carried out"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_published_and_the_inbox_is_worked_off() {
    let house = House::new().await;
    let body = house.ask(CLERK, "{ definition(kind: \"account\", code: \"1004\") { body } }").await;
    let text = all(&body, "body").first().copied().unwrap_or("[[account]]").to_owned();
    let publish = json!({
        "fileName": "test.toml", "text": text, "holdsFrom": "2026-03-01", "approver": "demo.chief",
    });
    house.tell(CLERK, "definitionPublish", publish, "published { code version }").await;
    let wrong = json!({
        "fileName": "test.toml", "text": "[[item]]\nid = \"ZZ\"", "holdsFrom": "2026-03-01",
        "approver": "demo.chief",
    });
    let told = house.tell(CLERK, "definitionPublish", wrong, "").await;
    assert!(!told["errors"].as_array().unwrap().is_empty());
    let retire = json!({
        "kind": "item", "code": "ZZ", "retiredFrom": "2026-03-01", "approver": "demo.chief",
        "reason": "停用",
    });
    assert_ne!(house.refused(CLERK, "definitionRetire", retire).await, "carried out");
    let nobody = Uuid::from_u128(6).to_string();
    let resolve = json!({ "refusedCommandId": nobody, "note": "已处理" });
    assert_eq!(house.refused(CLERK, "inboxResolve", resolve).await, "INBOX_ITEM_UNKNOWN");
    let retry = json!({ "refusedCommandId": nobody });
    assert_eq!(house.refused(CLERK, "inboxRetry", retry).await, "INBOX_ITEM_UNKNOWN");
}
