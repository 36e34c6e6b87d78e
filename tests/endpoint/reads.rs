//! What is asked: every root query, pages under writes, positions, the past, tags and readiness.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::{CLERK, House, all};

const PAGE: &str = "pageInfo { hasNextPage endCursor }";

#[tokio::test(flavor = "multi_thread")]
async fn every_query_answers() {
    let house = House::new().await;
    let lists = format!(
        "{{ persons(first: 3) {{ totalCount edges {{ node {{ id name number phone cards {{ id \
         number }} grants {{ id amounts {{ amount }} stops {{ fromMonth }} }} payAddresses {{ id \
         number accountName }} lines(first: 2) {{ totalCount }} }} }} {PAGE} }} \
         employers(first: 2) {{ totalCount edges {{ node {{ id name contact payAddresses {{ id }} \
         }} }} }} grants(first: 2) {{ edges {{ node {{ id person {{ id }} }} }} }} \
         plans(first: 50, orderBy: [{{ field: MONTH, descending: true }}]) {{ edges {{ node {{ id \
         code periodId agency item {{ name {{ zh }} }} acts {{ act actor }} parts {{ net people }} \
         exclusions(first: 2) {{ totalCount edges {{ node {{ id reason }} }} }} batches {{ id acts \
         {{ act }} plan {{ id }} replies {{ id }} }} }} }} }} }}"
    );
    let answer = house.ask(CLERK, &lists).await;
    let person = answer["persons"]["edges"][0]["node"]["id"].as_str().unwrap().to_owned();
    let plan = &answer["plans"]["edges"][0]["node"];
    let (plan_id, period) = (plan["id"].as_str().unwrap(), plan["periodId"].as_str().unwrap());
    let more = house
        .ask(
            CLERK,
            &format!(
                "{{ batches(first: 3) {{ edges {{ node {{ id lines(first: 1) {{ edges {{ node {{ id \
                 history {{ id typeName }} person {{ id }} }} }} }} }} }} }} \
                 lines(first: 2, orderBy: [{{ field: NET }}]) {{ totals {{ people lines net }} edges \
                 {{ node {{ id net }} }} }} \
                 statements(first: 2) {{ totalCount edges {{ node {{ id lines {{ serial }} }} }} }} \
                 books {{ id trialBalance {{ account debit }} vouchers(first: 2) {{ edges {{ node {{ \
                 id entries {{ debit credit }} }} }} }} }} \
                 periods {{ id plans {{ id }} certificates {{ number people }} }} \
                 replies {{ id }} differences(first: 2) {{ totalCount edges {{ node {{ serial ageDays }} }} }} inbox {{ kind title role }} \
                 organisations {{ id name }} grids(within: \"320600\") {{ id headName headPhone }} \
                 divisions(below: \"320600\") {{ code name }} items {{ code }} funds {{ code }} \
                 definitions(kind: \"item\") {{ id code version }} \
                 definition(kind: \"item\", code: \"A1\") {{ id body }} \
                 plan(id: \"{plan_id}\") {{ code }} period(id: \"{period}\") {{ code }} \
                 person(id: \"{person}\") {{ id }} cardsOf(personId: \"{person}\") {{ id }} \
                 payAddresses(ownerId: \"{person}\") {{ id }} \
                 matrix(from: \"2026-01\", to: \"2026-01\", by: [ITEM, CLASS], measures: [PEOPLE, \
                 PLANNED, PAID]) {{ cells {{ itemCode class people paid {{ amount }} }} total {{ \
                 people planned {{ amount }} }} }} \
                 status {{ head views {{ name lagEvents }} }} \
                 events(first: 2) {{ totalCount edges {{ node {{ id typeName stream }} }} }} \
                 accessRecords(first: 2) {{ totalCount edges {{ node {{ actor subjects {{ fields }} \
                 }} }} }} }}"
            ),
        )
        .await;
    assert!(more["matrix"]["total"]["people"].as_str().unwrap().parse::<u64>().unwrap() > 100);
    // Whatever has an id is found again under it.
    let id = |value: &Value| all(value, "id").first().map(|id| (*id).to_owned());
    let kinds = [
        ("employer", id(&answer["employers"])),
        ("grant", id(&answer["grants"])),
        ("card", id(&answer["persons"]["edges"][0]["node"]["cards"])),
        ("payAddress", id(&answer["persons"]["edges"][0]["node"]["payAddresses"])),
        ("batch", id(&more["batches"])),
        ("line", id(&more["lines"])),
        ("statement", id(&more["statements"])),
        ("book", id(&more["books"])),
        ("event", id(&more["events"])),
    ];
    for (root, id) in kinds {
        let Some(id) = id else { panic!("{root}: nothing in the demo city") };
        let of_root = house.ask(CLERK, &format!("{{ it: {root}(id: \"{id}\") {{ id }} }}")).await;
        assert_eq!(of_root["it"]["id"], json!(id), "{root}");
        let of_node =
            house.ask(CLERK, &format!("{{ node(id: \"{id}\") {{ id __typename }} }}")).await;
        assert_eq!(of_node["node"]["id"], json!(id), "{root}");
    }
    // The roots above as the schema spells them: employer( grant( card( payAddress( batch( line(
    // statement( book( event(
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_by_number_phone_and_name_and_a_slip_is_told_as_data() {
    let house = House::new().await;
    let answer =
        house.ask(CLERK, "{ persons(first: 1) { edges { node { id name number phone } } } }").await;
    let person = &answer["persons"]["edges"][0]["node"];
    let (number, name) = (person["number"].as_str().unwrap(), person["name"].as_str().unwrap());
    let found = house
        .ask(
            CLERK,
            &format!(
                "{{ personByNumber(number: \"{number}\") {{ persons {{ id }} errors {{ rule }} }} \
                 personsByName(name: \"{name}\") {{ persons {{ id }} }} \
                 personsByPhone(phone: \"13800138000\") {{ persons {{ id }} errors {{ rule }} }} }}"
            ),
        )
        .await;
    for root in ["personByNumber", "personsByName"] {
        assert!(all(&found[root], "id").contains(&person["id"].as_str().unwrap()), "{root}");
    }
    let wrong = house
        .ask(
            CLERK,
            "{ personByNumber(number: \"320602199001011234\") { persons { id } errors { rule field \
             message } } personsByPhone(phone: \"12\") { persons { id } errors { rule field } } }",
        )
        .await;
    for (root, field) in [("personByNumber", "number"), ("personsByPhone", "phone")] {
        assert_eq!(wrong[root]["persons"], json!([]));
        assert_eq!(wrong[root]["errors"][0]["field"], json!([field]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_neither_skip_nor_repeat_while_others_write() {
    let house = House::new().await;
    let mut seen = Vec::new();
    let mut after = String::new();
    for round in 0..200 {
        let page = house
            .ask(
                CLERK,
                &format!(
                    "{{ organisations {{ id }} persons(first: 40{after}) {{ edges {{ node {{ id \
                          }} cursor }} {PAGE} }} }}"
                ),
            )
            .await;
        let persons = &page["persons"];
        seen.extend(all(&persons["edges"], "id").into_iter().map(str::to_owned));
        if persons["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
        after = format!(", after: \"{}\"", persons["pageInfo"]["endCursor"].as_str().unwrap());
        let entry = json!({ "name": format!("机构{round}"), "county": "320602", "kind": "OTHER" });
        house.done(CLERK, "organisationRegister", json!({ "entry": entry }), "").await;
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all);
    assert!(all > 500, "{all}");
    let bad = "{ persons(first: 1, after: \"AAAA\") { edges { cursor } } }";
    assert_eq!(house.fault(CLERK, bad).await, "BAD_CURSOR");
    assert_eq!(house.fault(CLERK, "{ persons { totalCount } }").await, "BAD_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_covers_what_was_written_and_tells_what_was() {
    let house = House::new().await;
    let before = house.ask(CLERK, "{ status { head } }").await["status"]["head"].clone();
    let grant = house.ask(CLERK, "{ grants(first: 1) { edges { node { id } } } }").await;
    let grant = all(&grant, "id")[0].to_owned();
    let input = json!({ "grantId": grant, "fromMonth": "2026-02", "reason": "death_reported" });
    let told = house.tell(CLERK, "grantSuspend", input, "").await;
    let told = if told["position"].is_string() {
        told
    } else {
        // Another word of the list, where this reason is not one of them.
        panic!("{told}")
    };
    let position = told["position"].as_str().unwrap();
    let now = house
        .ask(
            CLERK,
            &format!("{{ grant(id: \"{grant}\", atLeast: \"{position}\") {{ stoppedFrom }} }}"),
        )
        .await;
    assert_eq!(now["grant"]["stoppedFrom"], json!("2026-02"));
    let then = house
        .ask(
            CLERK,
            &format!(
                "{{ grant(id: \"{grant}\", asOf: {{ position: {before} }}) {{ stoppedFrom stops {{ \
                 fromMonth }} amounts {{ amount }} }} }}"
            ),
        )
        .await;
    assert_eq!(then["grant"]["stoppedFrom"], Value::Null);
    assert_eq!(then["grant"]["stops"], json!([]));
    let lines = format!("{{ lines(first: 1, asOf: {{ position: {before} }}) {{ totalCount }} }}");
    let answer = house.answer(CLERK, &lines, Value::Null).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], json!("AS_OF_NOT_PREPARED"));
    assert!(extensions["nearest"].is_string() && extensions["job"].is_null(), "{extensions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_holds_until_something_is_written_and_for_one_reader_only() {
    let house = House::new().await;
    let path = "/graphql?query=%7Bfunds%7Bcode%7D%7D";
    let tag = async |who: &[(&str, &str)]| {
        let mut request = axum::http::Request::get(path).header("x-graphql-preflight", "1");
        request =
            request.header("accept", "application/json").header("apollo-require-preflight", "1");
        for (name, value) in who {
            request = request.header(*name, *value);
        }
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = house.send(request).await;
        let tag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        (response.status(), tag)
    };
    let (status, first) = tag(CLERK).await;
    assert_eq!(status, StatusCode::OK);
    let first = first.unwrap();
    let (status, _) = tag(&[("x-renshe-actor", "demo.clerk"), ("if-none-match", &first)]).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);
    let other = tag(&[("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", "320602")]).await;
    assert_ne!(other.1.unwrap(), first);
    let entry = json!({ "name": "新机构", "county": "320602", "kind": "OTHER" });
    house.done(CLERK, "organisationRegister", json!({ "entry": entry }), "").await;
    house.node.caught_up().await.unwrap();
    assert_ne!(tag(CLERK).await.1.unwrap(), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_names_each_part() {
    let house = House::new().await;
    let (status, body) = house.get("/ready", &[]).await;
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["parts"], json!({ "log": "ready", "access": "ready", "train": "ready" }));
    assert_eq!(house.get("/health", &[]).await.0, StatusCode::OK);
    let (_, metrics) = house.get("/metrics", &[]).await;
    assert!(String::from_utf8(metrics).unwrap().contains("renshe_ready 1"));
}

/// As deep as the transport lets a query be: it answers, and no stack ends before it does.
#[tokio::test(flavor = "multi_thread")]
async fn the_deepest_query_answers() {
    let house = House::new().await;
    let query = "{ plans(first: 1) { edges { node { batches { plan { batches { plan { batches { plan \
                 { acts { act } } } } } } } } } } }";
    house.ask(CLERK, query).await;
}
