//! GraphQL over HTTP: status, media type, errors, limits.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;
use transport::{Limits, Transport};

use crate::{
    router,
    schema::{Owner, schema},
};

pub const RESPONSE_JSON: &str = "application/graphql-response+json";
pub const JSON: &str = "application/json";

pub async fn send(router: &Router, request: Request<Body>) -> (u16, HeaderMap, Bytes) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, to_bytes(body, usize::MAX).await.unwrap())
}

pub fn post(body: impl Into<Body>, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

/// A well-formed POST; gives status, content type and body.
pub async fn ask(router: &Router, accept: &str, body: Value) -> (u16, String, Value) {
    let headers = [("content-type", JSON), ("accept", accept), ("accept-language", "en")];
    let (status, headers, body) = send(router, post(body.to_string(), &headers)).await;
    let content_type = headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    (status, content_type, serde_json::from_slice(&body).unwrap())
}

fn get(query: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(format!("/graphql?{query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_status_follows_the_form_of_answer_and_what_happened() {
    let router = router();
    for (query, in_response_json, in_json, code) in [
        ("{ greeting }", 200, 200, None),
        ("mutation { numberEcho(value: 1) { value } }", 200, 200, None),
        ("{ greeting broken }", 294, 200, Some("INTERNAL")),
        ("{ brokenWhole }", 294, 200, Some("INTERNAL")),
        ("{ numbers(first: 1, after: \"x\") { totalCount } }", 294, 200, Some("BAD_CURSOR")),
        ("{ panicking }", 500, 500, Some("INTERNAL")),
        ("{", 400, 200, Some("SYNTAX")),
        ("{ unknown }", 400, 200, Some("INVALID_DOCUMENT")),
        ("{ node { id } }", 400, 200, Some("INVALID_DOCUMENT")),
        ("query A { greeting } query B { greeting }", 400, 200, Some("OPERATION_NOT_FOUND")),
        ("subscription { countdown(from: 1) }", 406, 406, Some("STREAM_REQUIRED")),
    ] {
        for (accept, expected) in [(RESPONSE_JSON, in_response_json), (JSON, in_json)] {
            let (status, content_type, body) =
                ask(&router, accept, json!({ "query": query })).await;
            assert_eq!(status, expected, "{query} {accept} {body}");
            assert!(content_type.starts_with(accept), "{content_type}");
            assert_eq!(body["errors"][0]["extensions"]["code"].as_str(), code, "{query}");
            assert_eq!(body.get("data").is_some(), in_response_json < 300, "{body}");
            assert!(!body.to_string().contains("hunter2"), "{body}");
        }
    }
}

#[tokio::test]
async fn requests_that_are_not_graphql_over_http_are_refused() {
    let router = router();
    let large = format!(r#"{{"query":"{{greeting}}","pad":"{}"}}"#, "x".repeat(256 * 1024));
    let unsized_body = Body::from_stream(futures_util::stream::iter(
        (0..300).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1024]))),
    ));
    let good = r#"{"query":"{greeting}"}"#;
    let mutation = r#"{"query":"mutation { numberEcho(value: 1) { value } }"}"#;
    let json_type = ("content-type", JSON);
    let cases = [
        (post(good, &[json_type]), 200, ""),
        (post(good, &[("content-type", "application/json; charset=UTF-8")]), 200, ""),
        (post(good, &[json_type, ("accept", "text/plain")]), 406, "NOT_ACCEPTABLE"),
        (post(good, &[]), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (post(mutation, &[("content-type", "text/plain")]), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            post(mutation, &[("content-type", "multipart/form-data; boundary=x")]),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            post(mutation, &[("content-type", "application/x-www-form-urlencoded")]),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            post(good, &[("content-type", "application/json; charset=gbk")]),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (post(good, &[json_type, ("content-encoding", "gzip")]), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (post(large, &[json_type]), 413, "BODY_TOO_LARGE"),
        (post(unsized_body, &[json_type]), 413, "BODY_TOO_LARGE"),
        (post("{", &[json_type]), 400, "BAD_REQUEST"),
        (post("", &[json_type]), 400, "BAD_REQUEST"),
        (post(format!("[{good}]"), &[json_type]), 400, "BATCH_REFUSED"),
        (post(good, &[json_type, ("x-actor", "nobody")]), 401, "UNAUTHENTICATED"),
        (Request::put("/graphql").body(Body::empty()).unwrap(), 405, "METHOD_NOT_ALLOWED"),
        (Request::options("/graphql").body(Body::empty()).unwrap(), 405, "METHOD_NOT_ALLOWED"),
    ];
    for (request, expected, code) in cases {
        let name = format!("{} {:?}", request.method(), request.headers());
        let (status, headers, body) = send(&router, request).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, expected, "{name} {body}");
        assert_eq!(body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default(), code);
        assert_eq!(headers.contains_key(header::ALLOW), status == 405, "{name}");
    }
}

#[tokio::test]
async fn a_get_reads_only_and_only_from_our_own_page() {
    let router = router();
    let preflight = ("graphql-require-preflight", "1");
    let mutation = "query=mutation%7BnumberEcho(value:1)%7Bvalue%7D%7D";
    let variables =
        "query=query(%24n:Int!)%7Bnumbers(first:%24n)%7BtotalCount%7D%7D&variables=%7B%22n%22:1%7D";
    for (query, header, expected, allow) in [
        ("query=%7Bgreeting%7D", preflight, 200, None),
        ("query=%7Bgreeting%7D", ("sec-fetch-site", "same-origin"), 200, None),
        ("query=%7Bgreeting%7D", ("sec-fetch-site", "cross-site"), 403, None),
        ("query=%7Bgreeting%7D", ("x-other", "1"), 403, None),
        ("query=%7Bgreeting%7D&operationName=&extensions=", preflight, 200, None),
        (variables, preflight, 200, None),
        ("query=%7Bgreeting%7D&variables=x", preflight, 400, None),
        ("query=%7Bgreeting%7D&query=%7Bgreeting%7D", preflight, 400, None),
        ("", preflight, 400, None),
        (mutation, preflight, 405, Some("POST")),
    ] {
        let (status, headers, body) = send(&router, get(query, &[header])).await;
        assert_eq!(status, expected, "{query} {header:?} {body:?}");
        assert_eq!(headers.get(header::ALLOW).map(|v| v.to_str().unwrap()), allow, "{query}");
    }
}

#[tokio::test]
async fn an_answer_is_not_sent_again_while_its_state_stands() {
    let router = router();
    let tag_of =
        |headers: &HeaderMap| headers.get(header::ETAG).map(|t| t.to_str().unwrap().to_owned());
    let ask = async |query: &str, version: &str, known: &str| {
        let headers = [
            ("graphql-require-preflight", "1"),
            ("accept-language", "en"),
            ("x-version", version),
            ("if-none-match", known),
        ];
        let (status, headers, body) = send(&router, get(query, &headers)).await;
        (status, tag_of(&headers), body.is_empty())
    };
    let greeting = "query=%7Bgreeting%7D";
    let (status, tag, _) = ask(greeting, "7", "").await;
    let tag = tag.unwrap();
    assert_eq!(status, 200);
    assert_eq!(ask(greeting, "7", &tag).await, (304, Some(tag.clone()), true));
    assert_eq!(ask(greeting, "7", &format!("\"x\", {tag}")).await.0, 304);
    for (query, version) in [(greeting, "8"), ("query=%7Bgreeting,__typename%7D", "7")] {
        let (status, other, _) = ask(query, version, &tag).await;
        assert_eq!(status, 200);
        assert_ne!(other, Some(tag.clone()));
    }
    assert_eq!(ask("query=%7Bgreeting,broken%7D", "7", "").await.1, None, "errors are not kept");
    let (_, headers, _) = send(&router, get(greeting, &[("graphql-require-preflight", "1")])).await;
    assert_eq!(tag_of(&headers), None, "without a version there is no tag");
}

#[tokio::test]
async fn extensions_carry_cost_and_position_and_errors_carry_code_and_trace() {
    let router = router();
    let query = "{ numbers(first: 10) { edges { node { value } } totalCount } }";
    let (_, _, body) = ask(&router, RESPONSE_JSON, json!({ "query": query })).await;
    // 1 + 10 × 3 + 10 for totalCount
    assert_eq!(
        body["extensions"],
        json!({ "cost": { "requested": 41, "available": 20_000 }, "position": "42" })
    );

    let query = "{ numbers(first: 100000) { edges { node { value } } } }";
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (language, message) in [
        ("en", "the query costs more than is allowed: 300001 > 20000"),
        ("zh-CN", "查询代价超过上限：300001 > 20000"),
        ("fr", "查询代价超过上限：300001 > 20000"),
    ] {
        let parent = format!("00-{trace}-00f067aa0ba902b7-01");
        let headers = [
            ("content-type", JSON),
            ("accept", RESPONSE_JSON),
            ("accept-language", language),
            ("traceparent", &parent),
        ];
        let body = json!({ "query": query }).to_string();
        let (status, _, body) = send(&router, post(body, &headers)).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, 400);
        assert_eq!(body["extensions"]["cost"]["requested"], 300_001);
        let error = json!({
            "message": message,
            "extensions": { "code": "QUERY_TOO_COSTLY", "retryable": false, "traceId": trace },
        });
        assert_eq!(body["errors"], json!([error]));
    }
}

#[tokio::test]
async fn data_of_the_request_reaches_the_resolvers() {
    let headers = [("content-type", JSON), ("x-actor", "zhang")];
    let (_, _, body) = send(&router(), post(r#"{"query":"{greeting}"}"#, &headers)).await;
    assert!(String::from_utf8_lossy(&body).contains("hello zhang"));
}

#[tokio::test]
async fn graphiql_is_served_from_the_binary() {
    let router = router();
    let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let (status, headers, body) = send(&router, get("", &[browser])).await;
    assert_eq!(
        (status, headers[header::CONTENT_TYPE].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    let page = String::from_utf8_lossy(&body).into_owned();
    assert!(!page.contains("://"), "the page needs nothing from elsewhere");
    for part in page.split('"').filter(|part| part.starts_with("/graphiql/")) {
        let request = Request::get(part).body(Body::empty()).unwrap();
        let (status, headers, body) = send(&router, request).await;
        assert_eq!(status, 200, "{part}");
        assert!(
            headers[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .contains("default-src 'none'")
        );
        assert!(!body.is_empty());
    }
    let missing = Request::get("/graphiql/../Cargo.toml").body(Body::empty()).unwrap();
    assert_eq!(send(&router, missing).await.0, 404);
    let off = Transport::new(schema(), Limits::default(), Owner).router();
    assert_eq!(send(&off, get("", &[browser])).await.0, 403);
}
