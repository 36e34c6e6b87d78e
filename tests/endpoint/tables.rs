//! Tables that are handed in: taken behind the answer, watched, reported row by row.

use serde_json::{Value, json};
use simulations::{City, Identity, Plan};

use crate::house::{CLERK, House};
use crate::live::Incoming;
use crate::looks::upload;

/// A table of persons whom the demo's city does not know; the last row's number has a wrong check
/// digit, and the one before it stands twice.
fn persons() -> String {
    let city = City::new(Plan { seed: 99, people: 600, ..Plan::default() }).unwrap();
    let citizen = |resident: &&simulations::Resident| {
        matches!(resident.identity, Identity::Citizen(_)) && resident.mark.is_none()
    };
    let rows: Vec<String> = city
        .residents()
        .iter()
        .filter(citizen)
        .take(6)
        .map(|resident| {
            let number = resident.identity.recorded();
            format!("{number},{},{}", resident.name, resident.county)
        })
        .collect();
    let mut wrong = rows[5].clone();
    let digit = if wrong.as_bytes()[17] == b'1' { "2" } else { "1" };
    wrong.replace_range(17..18, digit);
    format!("证件号码,姓名,户籍区划\n{}\n{}\n{wrong}\n", rows[..5].join("\n"), rows[4])
}

async fn start(house: &House, kind: &str, bytes: &[u8]) -> Value {
    let file = upload(house, bytes).await;
    let input = json!({ "kind": kind, "format": "CSV", "artefactId": file });
    let told = house.done(CLERK, "importStart", input, "import { id stage rows }").await;
    assert_eq!(told["import"]["stage"], json!("TAKING"));
    told["import"]["id"].clone()
}

const SHOWN: &str = "id kind format stage by rows accepted known refused reportId startedAt endedAt \
                     faults { row rule message }";

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_taken_row_by_row_and_its_report_fetched() {
    let house = House::new().await;
    let id = start(&house, "PERSONS", persons().as_bytes()).await;
    let id = id.as_str().unwrap();
    let watch =
        format!("subscription {{ importChanged(id: \"{id}\") {{ import {{ stage rows }} }} }}");
    let mut watched = Incoming::of(&house, &watch).await;
    let first = watched.next().await;
    assert_eq!(first["data"]["importChanged"]["import"]["stage"], json!("TAKING"));
    house.node.take_imports().await.unwrap();
    loop {
        let next = watched.next().await;
        if next["data"]["importChanged"]["import"]["stage"] == json!("FINISHED") {
            break;
        }
    }
    let import = house.ask(CLERK, &format!("{{ import(id: \"{id}\") {{ {SHOWN} }} }}")).await;
    let import = &import["import"];
    let counts =
        ["rows", "accepted", "known", "refused"].map(|name| import[name].as_str().unwrap());
    assert_eq!(counts, ["7", "5", "1", "1"], "{import}");
    let report = import["reportId"].as_str().unwrap();
    let link = format!("mutation {{ fileLink(artefactId: \"{report}\") {{ path }} }}");
    let link = house.ask(CLERK, &link).await;
    let (_, bytes) = house.get(link["fileLink"]["path"].as_str().unwrap(), CLERK).await;
    let report = String::from_utf8(bytes).unwrap();
    assert_eq!(report.lines().filter(|line| line.contains("accepted")).count(), 5, "{report}");
    assert!(report.contains("NUMBER_CHECK_DIGIT"), "{report}");
    // The people are there, and what each row became was done in the name of who handed it in.
    let by = house
        .ask(CLERK, "{ events(last: 20) { edges { node { typeName actor } } } }")
        .await
        .to_string();
    assert!(by.contains("person.registered"), "{by}");
    // Handed in again, every row is known.
    let again = start(&house, "PERSONS", persons().as_bytes()).await;
    house.node.take_imports().await.unwrap();
    let list = "{ imports(first: 5, where: { kind: PERSONS }) { totalCount edges { node { id known } } } }";
    let list = house.ask(CLERK, list).await;
    assert_eq!(list["imports"]["totalCount"], json!("2"));
    assert_eq!(list["imports"]["edges"][0]["node"], json!({ "id": again, "known": "6" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_its_columns_is_refused_with_place_and_rule() {
    let house = House::new().await;
    let id = start(&house, "EMPLOYERS", "单位名称,区划\n南通一厂,320602\n".as_bytes()).await;
    house.node.take_imports().await.unwrap();
    let asked = format!(
        "{{ node(id: {id}) {{ ... on Import {{ stage reportId faults {{ rule message }} }} }} }}"
    );
    let import = house.ask(CLERK, &asked).await["node"].clone();
    assert_eq!(import["stage"], json!("REFUSED"));
    assert_eq!(import["faults"][0]["rule"], json!("missing-column"));
    assert_eq!(import["reportId"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_uploaded_starts_nothing() {
    let house = House::new().await;
    let input = json!({ "kind": "CARDS", "format": "XLSX", "artefactId": "ab".repeat(32) });
    assert_eq!(house.refused(CLERK, "importStart", input).await, "NOT_FOUND");
}
