//! Subscriptions over server-sent events: a snapshot first, then what changes, and from a position on.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;

use crate::house::{CLERK, House, all};

/// What comes in, one answer after the other.
pub struct Incoming {
    body: axum::body::BodyDataStream,
    read: String,
}

impl Incoming {
    pub async fn of(house: &House, document: &str) -> Self {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .header("x-renshe-actor", "demo.clerk")
            .body(Body::from(json!({ "query": document }).to_string()))
            .unwrap();
        let response = house.send(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    pub async fn next(&mut self) -> Value {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                let data = event.lines().find_map(|line| line.strip_prefix("data:"));
                match data.map(str::trim).filter(|data| !data.is_empty()) {
                    Some(data) => return serde_json::from_str(data).unwrap(),
                    None => continue,
                }
            }
            let piece = tokio::time::timeout(Duration::from_secs(60), self.body.next());
            let piece = piece.await.expect("an answer comes within a minute");
            self.read.push_str(std::str::from_utf8(&piece.unwrap().unwrap()).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_live_view_begins_with_what_is() {
    let house = House::new().await;
    let ids = house
        .ask(CLERK, "{ plans(first: 1) { edges { node { id } } } batches(first: 1) { edges { node { id } } } }")
        .await;
    let (plan, batch) = (all(&ids["plans"], "id")[0], all(&ids["batches"], "id")[0]);
    for document in [
        format!("subscription {{ planChanged(id: \"{plan}\") {{ position plan {{ id stage }} }} }}"),
        format!("subscription {{ batchChanged(id: \"{batch}\") {{ position batch {{ id }} }} }}"),
        "subscription { matrixChanged(month: \"2026-01\", by: [ITEM], measures: [PAID]) { position \
         matrix { cells { itemCode } } } }"
            .to_owned(),
        "subscription { inboxChanged { position items { title } } }".to_owned(),
        "subscription { statusChanged { position status { head } } }".to_owned(),
    ] {
        let first = Incoming::of(&house, &document).await.next().await;
        assert!(first.get("errors").is_none(), "{first:#}");
        assert_eq!(all(&first["data"], "position").len(), 1, "{first:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_view_goes_on_and_resumes_behind_a_position() {
    let house = House::new().await;
    let mut status = Incoming::of(&house, "subscription { statusChanged { position } }").await;
    let first = status.next().await;
    let entry = json!({ "name": "新机构", "county": "320602", "kind": "OTHER" });
    let told = house.done(CLERK, "organisationRegister", json!({ "entry": entry }), "").await;
    let second = status.next().await;
    let position = |answer: &Value| all(&answer["data"], "position")[0].to_owned();
    assert_ne!(position(&first), position(&second));
    drop(status);
    let after = told["position"].as_str().unwrap();
    let document = format!("subscription {{ statusChanged(after: \"{after}\") {{ position }} }}");
    let resumed = Incoming::of(&house, &document).await.next().await;
    assert_eq!(position(&resumed), after);
}
