//! Every look at a clear value, and every file that leaves.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use crate::house::{CLERK, House, all};

const AUDITOR: &[(&str, &str)] = &[
    ("x-renshe-actor", "demo.auditor"),
    ("x-renshe-function", "audit"),
    ("x-renshe-fields", "none"),
];
const RECORDS: &str = "{ accessRecords(last: 5) { totalCount edges { node { kind actor function \
                       purpose operation shownPosition subjects { subject fields } artefactId } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_at_whom_in_clear_is_recorded_once_for_a_page() {
    let house = House::new().await;
    let clerk = [("x-renshe-actor", "li"), ("x-renshe-purpose", "case 7")];
    let page = "query Payees { persons(first: 20) { edges { node { id name number } } } }";
    house.ask(&clerk, page).await;
    let records = house.ask(AUDITOR, RECORDS).await;
    let records = &records["accessRecords"];
    assert_eq!(records["totalCount"], json!("1"));
    let record = &records["edges"][0]["node"];
    assert_eq!(record["actor"], json!("li"));
    assert_eq!(record["purpose"], json!("case 7"));
    assert_eq!(record["subjects"].as_array().unwrap().len(), 20);
    assert_eq!(record["subjects"][0]["fields"], json!(["person.name", "person.number"]));
    // Masked values are nobody's secret, and the auditor's own reading shows none in clear.
    house.ask(AUDITOR, page).await;
    let after = house.ask(AUDITOR, RECORDS).await;
    assert_eq!(after["accessRecords"]["totalCount"], json!("1"));
    let other = [("x-renshe-actor", "li"), ("x-renshe-function", "disbursement.review")];
    assert_eq!(house.fault(&other, RECORDS).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn interface_users_are_counted_and_nobody_else_is_named() {
    let house = House::new().await;
    let page = "query Payees { persons(first: 7) { edges { node { id name } } } }";
    let shown = house.ask(&[("x-renshe-actor", "li")], page).await;
    house.ask(&[("x-renshe-actor", "li")], page).await;
    house.ask(&[("x-renshe-actor", "wu")], page).await;
    let input = json!({ "list": "plans", "format": "CSV" });
    let made = house.done(CLERK, "exportMake", input, "link { path }").await;
    house.get(made["link"]["path"].as_str().unwrap(), CLERK).await;
    let asked = |range: &str| {
        format!(
            "{{ interfaceUsers{range} {{ actor calls share interfaces \
             {{ function operation calls looks exports subjects }} }} }}"
        )
    };
    let told = house.ask(AUDITOR, &asked("")).await;
    let users = told["interfaceUsers"].as_array().unwrap();
    let of = |actor: &str| users.iter().find(|user| user["actor"] == json!(actor)).unwrap();
    assert_eq!((&of("li")["calls"], &of("wu")["calls"]), (&json!("2"), &json!("1")));
    let shares: i64 = users.iter().map(|user| user["share"].as_i64().unwrap()).sum();
    assert!((9_900..=10_000).contains(&shares), "{shares} basis points in all");
    let payees = &of("li")["interfaces"][0];
    let said = ["operation", "calls", "looks", "exports", "subjects"].map(|key| &payees[key]);
    assert_eq!(json!(said), json!(["Payees", "2", "2", "0", "14"]));
    assert_eq!(of("demo.clerk")["interfaces"][0]["exports"], json!("1"));
    for name in all(&shown, "name") {
        assert!(!told.to_string().contains(name), "somebody who was looked at is named");
    }
    // The clock stands on 3 February.
    let none = house.ask(AUDITOR, &asked("(to: \"2026-02-02\")")).await;
    assert_eq!(none["interfaceUsers"], json!([]));
    let day = house.ask(AUDITOR, &asked("(from: \"2026-02-03\", to: \"2026-02-03\")")).await;
    let li = day["interfaceUsers"].as_array().unwrap().iter().find(|user| user["actor"] == "li");
    assert_eq!(li.unwrap()["interfaces"], of("li")["interfaces"]);
    // What shows nothing in clear is a call as well.
    house.ask(&[("x-renshe-actor", "hu")], "query Head { status { head } }").await;
    let told = house.ask(AUDITOR, &asked("")).await;
    let users = told["interfaceUsers"].as_array().unwrap();
    let hu = users.iter().find(|user| user["actor"] == json!("hu")).unwrap();
    let said = ["operation", "calls", "looks"].map(|key| &hu["interfaces"][0][key]);
    assert_eq!(json!(said), json!(["Head", "1", "0"]));
    let other = [("x-renshe-actor", "wang"), ("x-renshe-function", "disbursement.review")];
    assert_eq!(house.fault(&other, "{ interfaceUsers { actor lastAt } }").await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_leaves_once_and_is_recorded() {
    let house = House::new().await;
    let batch = house.ask(CLERK, "{ batches(first: 1) { edges { node { fileDigest } } } }").await;
    let digest = all(&batch, "fileDigest")[0].to_owned();
    let link = format!("mutation {{ fileLink(artefactId: \"{digest}\") {{ path expiresAt }} }}");
    let link = house.ask(CLERK, &link).await;
    let path = link["fileLink"]["path"].as_str().unwrap();
    let (status, bytes) = house.get(path, CLERK).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!bytes.is_empty());
    assert_eq!(house.get(path, CLERK).await.0, StatusCode::NOT_FOUND);
    let records = house.ask(AUDITOR, RECORDS).await;
    let record = &records["accessRecords"]["edges"][0]["node"];
    assert_eq!(record["kind"], json!("EXPORTED"));
    assert_eq!(record["actor"], json!("demo.clerk"));
}

/// What `POST /files` takes, for the steps that work on uploaded files.
pub async fn upload(house: &House, bytes: &[u8]) -> String {
    let digest = sm::hex(sm::sm3(bytes));
    let request = Request::post("/files")
        .header("x-renshe-actor", "demo.clerk")
        .header("x-renshe-digest", &digest)
        .body(Body::from(bytes.to_vec()))
        .unwrap();
    assert_eq!(house.send(request).await.status(), StatusCode::CREATED);
    digest
}
