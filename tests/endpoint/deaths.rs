//! Lists of the dead that other authorities send.

use serde_json::{Value, json};

use crate::house::{CLERK, House, all};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_deaths_reports_what_matches_and_tells_the_rest() {
    let house = House::new().await;
    let people = "{ persons(first: 20, where: { life: ALIVE }) { edges { node { id name number \
                  numberKind } } } }";
    let people = house.ask(CLERK, people).await;
    let people: Vec<Value> = people["persons"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"].clone())
        .filter(|person| person["numberKind"] == json!("RESIDENT_ID"))
        .collect();
    let row = |name: &Value, number: &Value| json!({ "name": name, "number": number, "diedOn": "2026-02-01" });
    let (one, other) = (&people[0], &people[1]);
    let rows = json!([
        row(&one["name"], &one["number"]),
        row(&json!("全不相识"), &other["number"]),
        row(&json!("全不相识"), &json!("12")),
    ]);
    let list = json!({ "source": "CIVIL_AFFAIRS", "rows": rows });
    let report = "exact nameDiffers badNumbers rows { row kind personIds rule }";
    let told = house.done(CLERK, "deathListImport", list, report).await;
    assert_eq!(all(&told["rows"], "kind"), ["EXACT", "NAME_DIFFERS", "BAD_NUMBER"]);
    assert_eq!((&told["exact"], &told["badNumbers"]), (&json!(1), &json!(1)));
    assert_eq!(told["rows"][0]["personIds"], json!([one["id"]]));
    house.node.caught_up().await.unwrap();
    let now = format!("{{ person(id: {}) {{ life diedOn }} }}", one["id"]);
    assert_eq!(house.ask(CLERK, &now).await["person"]["diedOn"], json!("2026-02-01"));
}
