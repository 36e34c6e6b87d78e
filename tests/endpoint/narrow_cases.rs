//! A clerk of one county before the cases of all: he sees his own, and no key opens another's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::house::{CLERK, House, all};

/// Each list with the field that asks for one of it.
const ROOTS: [(&str, &str); 10] = [
    ("returnCases", "returnCase"),
    ("obligations", "obligation"),
    ("holds", "obligation"),
    ("pastHolds", "pastHold"),
    ("overpayments", "obligation"),
    ("specialPayments", "obligation"),
    ("recoveries", "recovery"),
    ("heirsCases", "heirsCase"),
    ("deductions", "deduction"),
    ("stops", "stop"),
];

async fn react(house: &House) {
    let head = house.node.caught_up().await.unwrap();
    house.node.processes().run_until(head).await.unwrap();
    house.node.caught_up().await.unwrap();
}

/// The first lines that are asked for, of one county.
async fn lines(house: &House, state: &str, county: &str) -> Vec<Value> {
    let document = format!(
        "{{ lines(first: 4, where: {{ state: [{state}], itemCode: \"A1\", county: \"{county}\" }}) {{ \
         edges {{ node {{ id personId grantId fund month payAddressId county }} }} }} }}"
    );
    let answer = house.ask(CLERK, &document).await;
    let edges = answer["lines"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// One case of every kind in a county.
async fn cases_in(house: &House, county: &str, plan: &Value) {
    let paid = lines(house, "PAID", county).await;
    let find = json!({ "lineId": paid[0]["id"], "amount": "100.00", "reason": "MISTAKE" });
    house.done(CLERK, "overpaymentFind", find, "").await;
    let order = json!({
        "kind": "EXCESS", "itemCode": "A1", "personId": paid[0]["personId"], "total": "90.00",
        "perMonth": "30.00", "fromMonth": "2026-03", "basis": "决定", "approver": "demo.chief",
    });
    house.done(CLERK, "deductionOrder", order, "").await;
    let payment = json!({
        "itemCode": "A1", "personId": paid[1]["personId"], "month": paid[1]["month"],
        "amount": "12.34", "area": plan["area"], "fund": plan["fund"], "reason": "漏发差额",
        "approver": "demo.chief",
    });
    house.done(CLERK, "paymentOrder", payment, "").await;
    let stop = json!({
        "grantId": paid[2]["grantId"], "fromMonth": "2026-03", "reason": "qualification_expired",
    });
    house.done(CLERK, "grantSuspend", stop, "").await;
    let planned = lines(house, "PLANNED", county).await;
    let hold = json!({ "lineId": planned[0]["id"], "reason": "IN_DISPUTE" });
    house.done(CLERK, "lineHold", hold, "").await;
    let hold = json!({ "lineId": planned[1]["id"], "reason": "ORDERED" });
    house.done(CLERK, "lineHold", hold, "").await;
    let release = json!({ "lineId": planned[1]["id"], "reason": "核实无误" });
    house.done(CLERK, "lineRelease", release, "").await;
    let dead = &planned[3]["personId"];
    let died = json!({ "personId": dead, "diedOn": "2026-02-02", "source": "POLICE" });
    house.done(CLERK, "deathReport", died.clone(), "").await;
    house.done(CLERK, "deathConfirm", died, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_of_one_county_sees_only_its_cases() {
    let house = House::new().await;
    let january = "{ plans(first: 1, where: { itemCode: \"A1\" }) { edges { node { area agency fund } \
                   } } returnCases(first: 100) { edges { node { county } } } }";
    let january = house.ask(CLERK, january).await;
    let plan = january["plans"]["edges"][0]["node"].clone();
    let counties: BTreeSet<&str> = all(&january["returnCases"], "county").into_iter().collect();
    let counties: Vec<&str> = counties.into_iter().take(2).collect();
    let [mine, other] = counties.as_slice() else { panic!("{counties:?}") };
    let run = json!({
        "itemCode": "A1", "month": "2026-02", "area": plan["area"], "run": "NORMAL",
        "agency": plan["agency"], "fund": plan["fund"],
    });
    let told = house.done(CLERK, "runOpen", run, "plan { id }").await;
    let february = json!({ "planId": told["plan"]["id"] });
    for step in ["planFreeze", "planCalculate", "comparisonDraw"] {
        house.done(CLERK, step, february.clone(), "").await;
    }
    house.node.caught_up().await.unwrap();
    for county in [mine, other] {
        cases_in(&house, county, &plan).await;
    }
    react(&house).await;

    let clerk = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", *mine)];
    for (root, one) in ROOTS {
        let list =
            format!("{{ {root}(first: 100) {{ totalCount edges {{ node {{ id county }} }} }} }}");
        let (own, whole) = (house.ask(&clerk, &list).await, house.ask(CLERK, &list).await);
        let seen: BTreeSet<&str> = all(&own, "id").into_iter().collect();
        assert!(all(&own, "county").iter().all(|county| county == mine), "{root}: {own}");
        let edges = whole[root]["edges"].as_array().unwrap();
        let nodes = || edges.iter().map(|edge| &edge["node"]);
        let lies = |county: &str| {
            let of = move |node: &&Value| node["county"] == county;
            nodes().filter(of).map(|node| node["id"].as_str().unwrap()).collect::<BTreeSet<_>>()
        };
        assert_eq!(seen, lies(mine), "{root}");
        assert!(!seen.is_empty() && !lies(other).is_empty(), "{root}: {whole}");
        assert_eq!(own[root]["totalCount"], json!(seen.len().to_string()), "{root}");
        for id in lies(other) {
            let asked = format!(
                "{{ {one}(id: \"{id}\") {{ id }} node(id: \"{id}\") {{ id }} {root}(first: 1, where: \
                 {{ county: \"{other}\" }}) {{ totalCount }} }}"
            );
            let seen = house.ask(&clerk, &asked).await;
            assert_eq!((&seen[one], &seen["node"]), (&Value::Null, &Value::Null), "{root} {id}");
            assert_eq!(seen[root]["totalCount"], json!("0"), "{root}");
        }
    }
    // What spans the province is not the county's, though its entries may be of the county's people;
    // what the county itself pools is.
    let list = "{ comparisons(first: 100) { edges { node { id plan { id area } } } } }";
    let own = house.ask(&clerk, list).await;
    assert!(all(&own["comparisons"], "area").iter().all(|area| area == mine), "{own}");
    let whole = house.ask(CLERK, list).await;
    let edges = whole["comparisons"]["edges"].as_array().unwrap().iter();
    let spans = edges.map(|edge| &edge["node"]).filter(|node| node["plan"]["area"] != *mine);
    let spans: Vec<&str> = spans.map(|node| node["id"].as_str().unwrap()).collect();
    assert!(spans.len() > 1, "{whole}");
    for id in spans {
        let asked = format!("{{ comparison(id: \"{id}\") {{ id }} node(id: \"{id}\") {{ id }} }}");
        let seen = house.ask(&clerk, &asked).await;
        assert_eq!((&seen["comparison"], &seen["node"]), (&Value::Null, &Value::Null), "{id}");
    }
    // Sums are sums of what he sees.
    let sums = "{ returnSummary(on: \"2026-02-03\") { cases } recoverySummary(on: \"2026-02-03\") { owed \
                } obligationSummary { count } obligations(first: 1) { totalCount } returnCases(first: \
                1, where: { open: true }) { totalCount } }";
    let sums = house.ask(&clerk, sums).await;
    assert_eq!(sums["returnSummary"]["cases"], sums["returnCases"]["totalCount"]);
    assert_eq!(sums["recoverySummary"]["owed"], json!("100.00"));
    let stages = all(&sums["obligationSummary"], "count").into_iter();
    let stages: u64 = stages.map(|count| count.parse::<u64>().unwrap()).sum();
    assert_eq!(json!(stages.to_string()), sums["obligations"]["totalCount"]);
}
