//! A clerk who works for one county.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::house::{CLERK, House, all};

/// Where most of the demo city's people live.
async fn county(house: &House) -> String {
    let people = house.ask(CLERK, "{ persons(first: 100) { edges { node { county } } } }").await;
    let counties = all(&people, "county");
    let count = |county: &&&str| counties.iter().filter(|other| other == county).count();
    (*counties.iter().max_by_key(count).unwrap()).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_of_one_county_sees_nothing_of_anothers() {
    let house = House::new().await;
    let county = county(&house).await;
    let clerk = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", county.as_str())];
    let roots = "{ persons(first: 100) { edges { node { id county lines(first: 5) { edges { node { id \
                 county } } } grants { id county } cards { id } payAddresses { id } } } } \
                 employers(first: 100) { edges { node { id county } } } \
                 grants(first: 100) { edges { node { id county } } } \
                 lines(first: 100) { edges { node { id county history { stream } } } } \
                 plans(first: 100) { edges { node { id area batches { id } exclusions(first: 1) { edges { node { \
                 id } } } } } } batches(first: 100) { edges { node { id plan { area } replies { id } } } } periods { id area } books { id area vouchers(first: 1) { edges { node { id } } } } statements(first: 100) { edges { node { id bookId } } } \
                 replies { id } differences(first: 5) { edges { node { bookId } } } \
                 matrix(from: \"2026-01\", to: \"2026-01\", by: [DIVISION], measures: [PAID]) { cells \
                 { division } } }";
    let mine = house.ask(&clerk, roots).await;
    let counties = all(&mine, "county");
    assert!(counties.len() > 20, "{} rows", counties.len());
    assert!(counties.iter().all(|other| *other == county), "{counties:?}");
    assert!(all(&mine["matrix"], "division").iter().all(|other| *other == county));
    // What spans the city is not the county's; what the county itself pools is.
    let areas = all(&mine, "area");
    assert!(areas.iter().all(|area| *area == county), "{areas:?}");
    let own: BTreeSet<&str> = all(&mine, "id").into_iter().collect();
    let books = all(&mine["books"], "id");
    assert!(all(&mine["statements"], "bookId").iter().all(|book| books.contains(book)));
    let streams = all(&mine["lines"], "stream");
    assert!(
        streams.iter().all(|stream| stream.starts_with("obligation-") || stream.contains(&county)),
        "{streams:?}"
    );

    let others = format!(
        "{{ persons(first: 100, where: {{ not: {{ county: \"{county}\" }} }}) {{ edges {{ cursor node {{ \
         id cards {{ id }} payAddresses {{ id }} grants {{ id }} }} }} }} \
         employers(first: 3, where: {{ not: {{ county: \"{county}\" }} }}) {{ edges {{ node {{ id }} }} }} \
         lines(first: 3, where: {{ not: {{ county: \"{county}\" }} }}) {{ edges {{ node {{ id }} }} }} \
         plans(first: 3) {{ edges {{ node {{ id exclusions(first: 1) {{ edges {{ node {{ id }} }} }} }} }} }} \
         batches(first: 3) {{ edges {{ node {{ id replies {{ id }} }} }} }} periods {{ id }} \
         books {{ id vouchers(first: 1) {{ edges {{ node {{ id }} }} }} }} \
         statements(first: 3) {{ edges {{ node {{ id }} }} }} }}"
    );
    let theirs = house.ask(CLERK, &others).await;
    let ids = all(&theirs, "id");
    assert!(ids.len() > 100, "{}", ids.len());
    for id in ids.into_iter().filter(|id| !own.contains(id)) {
        let seen = house.ask(&clerk, &format!("{{ node(id: \"{id}\") {{ id }} }}")).await;
        assert_eq!(seen["node"], Value::Null, "{id}");
    }
    // A cursor of somebody who sees more opens no door.
    let cursor = all(&theirs["persons"], "cursor")[0];
    let page = format!(
        "{{ persons(first: 50, after: \"{cursor}\") {{ edges {{ node {{ county }} }} }} }}"
    );
    let page = house.ask(&clerk, &page).await;
    assert!(all(&page, "county").iter().all(|other| *other == county));

    assert_eq!(house.fault(&clerk, "{ events(first: 1) { totalCount } }").await, "FORBIDDEN");
    let all_events =
        house.ask(CLERK, "{ events(last: 60) { edges { node { id stream } } } }").await;
    for event in all_events["events"]["edges"].as_array().unwrap() {
        let stream = event["node"]["stream"].as_str().unwrap();
        if !stream.contains(&county)
            && ["plan-", "batch-", "account-", "statement-", "period-", "part-"]
                .iter()
                .any(|category| stream.starts_with(category))
        {
            let id = event["node"]["id"].as_str().unwrap();
            let seen = house
                .ask(
                    &clerk,
                    &format!(
                        "{{ event(id: \"{id}\") {{ id }} events(stream: \"{stream}\", first: 1) {{ \
                         totalCount }} }}"
                    ),
                )
                .await;
            assert_eq!((&seen["event"], &seen["events"]), (&Value::Null, &Value::Null), "{stream}");
        }
    }
}
