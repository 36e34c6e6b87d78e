//! Runs of another system, what was paid before the cut-over, and lists that leave as tables.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::{CLERK, House, all};
use crate::looks::upload;

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_opened_and_a_file_that_is_none_is_refused() {
    let house = House::new().await;
    let open = json!({
        "source": "province", "itemCode": "A2", "area": "320600", "firstSequence": 3,
    });
    let fields = "id code nextSequence missing gaps { first last foundOn } runs(first: 2) { totalCount edges { \
                  node { sequence state blockedBy total digest } } }";
    let told = house.done(CLERK, "feedOpen", open.clone(), &format!("feed {{ {fields} }}")).await;
    assert_eq!(told["feed"]["code"], json!("province-A2-320600"));
    assert_eq!(told["feed"]["nextSequence"], json!(3));
    assert_eq!(house.refused(CLERK, "feedOpen", open).await, "FEED_ALREADY_OPEN");
    let file = upload(&house, b"H|not a run").await;
    let import = json!({ "fileName": "run.txt", "artefactId": file });
    assert_eq!(house.refused(CLERK, "feedImport", import).await, "FILE_REFUSED");
    let id = told["feed"]["id"].as_str().unwrap();
    let apply = json!({ "feedId": id, "sequence": 3 });
    assert_eq!(house.refused(CLERK, "feedApply", apply).await, "FEED_NOT_RECEIVED");
    let asked = house
        .ask(
            CLERK,
            &format!(
                "{{ feed(id: \"{id}\") {{ {fields} }} feeds {{ id entered received }} node(id: \"{id}\") {{ id \
                 __typename }} }}"
            ),
        )
        .await;
    assert_eq!(asked["feed"]["runs"]["totalCount"], json!("0"));
    assert_eq!(asked["feeds"][0]["id"], json!(id));
    assert_eq!(asked["node"]["__typename"], json!("Feed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_go_on_from_an_opening() {
    let house = House::new().await;
    let before =
        house.ask(CLERK, "{ cumulative { itemCode total { people payments money } } }").await;
    let proof = upload(&house, b"the list of 2025").await;
    let enter = json!({
        "itemCode": "B8", "area": "320600", "asOf": "2025-12-31", "people": 7, "payments": "9",
        "money": "4500.00", "artefactId": proof,
    });
    let told = house.done(CLERK, "openingEnter", enter.clone(), "opening { id code stage }").await;
    assert_eq!(told["opening"]["code"], json!("B8-320600"));
    assert_ne!(house.refused(CLERK, "openingEnter", enter).await, "carried out");
    let id = told["opening"]["id"].as_str().unwrap();
    let person = house.ask(CLERK, "{ persons(first: 1) { edges { node { id } } } }").await;
    let settle = json!({ "openingId": id, "obligations": [{
        "personId": all(&person, "id")[0], "month": "2025-11", "amount": "500.00",
        "returned": "ACCOUNT_CLOSED",
    }] });
    let told = house
        .done(CLERK, "openingSettle", settle.clone(), "entered opening { returned returnedMoney }")
        .await;
    assert_eq!((&told["entered"], &told["opening"]["returned"]), (&json!(1), &json!(1)));
    assert_eq!(house.refused(CLERK, "openingSettle", settle).await, "OBLIGATIONS_CLAIMED");
    let wrong = json!({ "openingId": id, "declared": 2 });
    assert_ne!(house.refused(CLERK, "openingSeal", wrong).await, "carried out");
    let seal = json!({ "openingId": id, "declared": 1 });
    house.done(CLERK, "openingSeal", seal, "opening { stage }").await;
    house.node.caught_up().await.unwrap();
    let after = house
        .ask(
            CLERK,
            &format!(
                "{{ cumulative {{ itemCode before {{ people }} since {{ people }} total {{ people payments money \
                 }} }} openings {{ id stage people }} opening(id: \"{id}\") {{ id stage settled returned }} }}"
            ),
        )
        .await;
    let people = |told: &Value| -> u64 {
        told["cumulative"][0]["total"]["people"].as_str().unwrap().parse().unwrap()
    };
    assert_eq!(people(&after), people(&before) + 7);
    assert_eq!(after["opening"]["stage"], json!("SEALED"));
    assert!(all(&after["openings"], "id").contains(&id), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_leaves_as_a_table_and_that_is_recorded() {
    let house = House::new().await;
    let lists = house.ask(CLERK, "{ exportLists { name nameZh columns narrowedBy } }").await;
    let names = all(&lists, "name");
    assert!(names.contains(&"differences") && names.len() > 20, "{names:?}");
    let lines = house
        .ask(CLERK, "{ lines(first: 1, where: { runMonth: \"2026-01\" }) { totalCount } }")
        .await;
    let wanted = &lines["lines"]["totalCount"];
    let made = "rows bytes fileName artefactId link { path expiresAt }";
    for (format, name, begin) in
        [("CSV", "lines.csv", "\u{FEFF}obligation,".as_bytes()), ("XLSX", "lines.xlsx", b"PK")]
    {
        let input = json!({ "list": "lines", "format": format, "month": "2026-01" });
        let told = house.done(CLERK, "exportMake", input, made).await;
        assert_eq!((&told["rows"], &told["fileName"]), (wanted, &json!(name)), "{told}");
        let (status, bytes) = house.get(told["link"]["path"].as_str().unwrap(), CLERK).await;
        assert_eq!(status, StatusCode::OK);
        assert!(bytes.starts_with(begin), "{format}");
        assert_eq!(told["bytes"], json!(bytes.len().to_string()));
    }
    let auditor = [("x-renshe-actor", "demo.auditor"), ("x-renshe-function", "audit")];
    let records = "{ accessRecords(last: 2) { edges { node { kind actor artefactId } } } }";
    assert_eq!(all(&house.ask(&auditor, records).await, "kind"), ["EXPORTED", "EXPORTED"]);
    // A county's clerk takes no more than he sees.
    let narrow = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", "110101")];
    let input = json!({ "list": "books", "format": "CSV" });
    assert_eq!(house.done(&narrow, "exportMake", input, made).await["rows"], json!("0"));
    for (list, month, code) in [
        ("secrets", None, "EXPORT_LIST_UNKNOWN"),
        ("books", Some("2026-01"), "EXPORT_NOT_NARROWED"),
    ] {
        let input = json!({ "list": list, "format": "CSV", "month": month });
        assert_eq!(house.refused(CLERK, "exportMake", input).await, code);
    }
    // Every list that is offered can be taken.
    for name in names {
        let input = json!({ "list": name, "format": "CSV" });
        house.done(CLERK, "exportMake", input, "rows").await;
    }
}
