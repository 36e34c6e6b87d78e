//! What never runs, and what never waits for ever.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use serde_json::json;
use transport::{Limits, Transport, TrustedDocuments};

use crate::{
    http::{JSON, RESPONSE_JSON, ask, post, send},
    router,
    schema::{Owner, schema},
};

#[tokio::test]
async fn a_document_that_asks_for_too_much_never_runs() {
    let router = router();
    let mut bomb = "{ ...F0 }".to_owned();
    for level in 0..30 {
        bomb.push_str(&format!(" fragment F{level} on Query {{ ...F{n} ...F{n} }}", n = level + 1));
    }
    bomb.push_str(" fragment F30 on Query { greeting }");
    for (query, code) in [
        (bomb, "TOO_MANY_FIELDS"),
        (format!("{{{}}}", "a{".repeat(10_000)), "DOCUMENT_TOO_LARGE"),
        (format!("{{ a(b: {}) }}", "[".repeat(10_000)), "DOCUMENT_TOO_LARGE"),
        (format!("{{ {} }}", "greeting ".repeat(8_000)), "DOCUMENT_TOO_LARGE"),
        (format!("{{ {} }}", "greeting ".repeat(501)), "TOO_MANY_FIELDS"),
        (format!("{{ {} }}", "g: greeting ".repeat(31)), "TOO_MANY_ALIASES"),
        (format!("{{ greeting {} }}", "@skip(if: true) ".repeat(6)), "TOO_MANY_DIRECTIVES"),
        ("{ ...A } fragment A on Query { ...A }".to_owned(), "FRAGMENT_CYCLE"),
    ] {
        let (status, _, body) = ask(&router, RESPONSE_JSON, json!({ "query": query })).await;
        assert_eq!(status, 400);
        assert_eq!(body["errors"][0]["extensions"]["code"], code, "{query:.60}");
    }
}

#[tokio::test]
async fn introspection_answers_only_where_it_is_enabled() {
    let closed = Transport::new(schema(), Limits::default(), Owner).router();
    for (router, status) in [(router(), 200), (closed, 400)] {
        for query in ["{ __schema { queryType { name } } }", "{ __type(name: \"Query\") { name } }"]
        {
            let (found, _, body) = ask(&router, RESPONSE_JSON, json!({ "query": query })).await;
            assert_eq!(found, status, "{body}");
        }
        let (found, _, _) = ask(&router, RESPONSE_JSON, json!({ "query": "{ __typename }" })).await;
        assert_eq!(found, 200);
    }
}

#[tokio::test]
async fn trusted_documents_are_found_by_digest() {
    let text = "query Greeting { greeting }";
    let manifest = || HashMap::from([(sha256(text), text.to_owned())]);
    let limits = Limits::default();
    let transport = || Transport::new(schema(), limits.clone(), Owner);
    let open = transport().trusted(TrustedDocuments::new(manifest(), &limits).unwrap()).router();
    let only =
        transport().trusted(TrustedDocuments::new(manifest(), &limits).unwrap().only()).router();
    let digest = sha256(text);
    let other = sha256("{ greeting }");
    let persisted =
        |digest: &str| json!({ "persistedQuery": { "version": 1, "sha256Hash": digest } });
    for (body, in_open, in_only) in [
        (json!({ "documentId": digest }), None, None),
        (json!({ "documentId": format!("sha256:{digest}") }), None, None),
        (json!({ "extensions": persisted(&digest) }), None, None),
        (json!({ "query": text }), None, None),
        (json!({ "query": text, "extensions": persisted(&digest) }), None, None),
        (json!({ "query": "{ greeting }" }), None, Some("DOCUMENT_NOT_TRUSTED")),
        (
            json!({ "query": "{ greeting }", "documentId": digest }),
            Some("BAD_REQUEST"),
            Some("BAD_REQUEST"),
        ),
        (json!({ "documentId": other }), Some("DOCUMENT_UNKNOWN"), Some("DOCUMENT_NOT_TRUSTED")),
        (json!({ "documentId": "x" }), Some("DOCUMENT_UNKNOWN"), Some("DOCUMENT_UNKNOWN")),
    ] {
        for (router, code) in [(&open, in_open), (&only, in_only)] {
            let (_, _, answer) = ask(router, RESPONSE_JSON, body.clone()).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"].as_str(), code, "{body} {answer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_wait_has_an_end() {
    let router = router();
    let (status, _, body) = ask(&router, RESPONSE_JSON, json!({ "query": "{ stuck }" })).await;
    assert_eq!(status, 504);
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!(
        (extensions["code"].as_str(), extensions["retryable"].as_bool()),
        (Some("TIMEOUT"), Some(true))
    );

    let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let (status, _, _) = send(&router, post(never, &[("content-type", JSON)])).await;
    assert_eq!(status, 408);
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text))
}
