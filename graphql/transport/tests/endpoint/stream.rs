//! Server-sent events in distinct mode.

use axum::http::Request;
use serde_json::json;
use transport::Limits;

use crate::{
    http::{post, send},
    router, router_with,
};

const STREAM: [(&str, &str); 3] = [
    ("content-type", "application/json"),
    ("accept", "text/event-stream"),
    ("accept-language", "en"),
];

async fn events(query: &str) -> (u16, String) {
    let request = post(json!({ "query": query }).to_string(), &STREAM);
    let (status, _, body) = send(&router(), request).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn an_operation_streams_its_results_and_completes() {
    for (query, nexts, holds) in [
        ("subscription { countdown(from: 3) }", 3, r#"{"data":{"countdown":2}"#),
        ("{ greeting }", 1, r#"{"data":{"greeting":"hello clerk"}"#),
        ("mutation { numberEcho(value: 7) { value } }", 1, r#"{"value":7}"#),
        ("subscription { locked }", 1, "BAD_CURSOR"),
        ("{ unknown }", 1, "INVALID_DOCUMENT"),
        ("{", 1, "SYNTAX"),
        ("{ panicking }", 1, "INTERNAL"),
    ] {
        let (status, text) = events(query).await;
        assert_eq!(status, 200, "{query}");
        assert_eq!(text.matches("event: next\ndata: {").count(), nexts, "{query} {text}");
        assert!(text.ends_with("event: complete\ndata: \n\n"), "{query} {text}");
        assert!(text.contains(holds), "{query} {text}");
    }
}

#[tokio::test]
async fn an_event_source_asks_by_get() {
    let request = Request::get("/graphql?query=subscription%7Bcountdown(from:2)%7D")
        .header("accept", "text/event-stream")
        .header("sec-fetch-site", "same-origin")
        .body(axum::body::Body::empty())
        .unwrap();
    let (status, headers, body) = send(&router(), request).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(String::from_utf8_lossy(&body).matches("event: next").count(), 2);
}

/// The flood never ends, but the reader does not read: the queue fills, the grace passes.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_told_to_resync() {
    let limits = Limits { keep_alive: std::time::Duration::from_secs(3_600), ..Limits::default() };
    let request = post(json!({ "query": "subscription { flood }" }).to_string(), &STREAM);
    let response = tower::ServiceExt::oneshot(router_with(limits), request).await.unwrap();
    // Paused time passes while nobody reads.
    let pause = std::time::Duration::from_secs(2);
    drop(tokio::time::timeout(pause, std::future::pending::<()>()).await);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&body);
    assert_eq!(text.matches("event: next").count(), 1, "the backlog is dropped");
    assert!(text.contains("RESYNC") && text.ends_with("event: complete\ndata: \n\n"));
}

#[tokio::test]
async fn streams_of_the_process_are_bounded() {
    let router = router_with(Limits { streams_max: 1, ..Limits::default() });
    let open = |query: &str| post(json!({ "query": query }).to_string(), &STREAM);
    let held = tower::ServiceExt::oneshot(router.clone(), open("subscription { silence }"));
    let held = held.await.unwrap();
    assert_eq!(held.status(), 200);
    assert_eq!(send(&router, open("{ greeting }")).await.0, 503);
}
