//! `graphql-transport-ws` over a real socket on the loopback.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};
use transport::Limits;

use crate::router_with;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn serve(limits: Limits) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(axum::serve(listener, router_with(limits)).into_future());
    address
}

async fn connect(
    address: &str,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, u16> {
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, response)) => {
            assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
            Ok(socket)
        }
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// Sends all the texts, then reads until the socket closes or falls silent after `expected`.
async fn talk(address: &str, texts: &[&str], expected: usize) -> Vec<String> {
    let mut socket = connect(address, "/graphql", &[PROTOCOL]).await.unwrap();
    for text in texts {
        socket.send(Message::text(*text)).await.unwrap();
    }
    let mut heard = Vec::new();
    while heard.len() < expected {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => heard.push(short(&text)),
            Some(Ok(Message::Close(Some(frame)))) => heard.push(u16::from(frame.code).to_string()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    heard
}

/// Type, id and the gist of the payload.
fn short(text: &str) -> String {
    let message: Value = serde_json::from_str(text).unwrap();
    let mut short = message["type"].as_str().unwrap().to_owned();
    if let Some(id) = message["id"].as_str() {
        short.push_str(&format!(" {id}"));
    }
    let payload = &message["payload"];
    for gist in [
        &payload["data"],
        &payload["errors"][0]["extensions"]["code"],
        &payload[0]["extensions"]["code"],
    ] {
        if !gist.is_null() {
            short.push_str(&format!(" {gist}"));
        }
    }
    short
}

#[tokio::test]
async fn the_protocol_is_kept() {
    let address = serve(Limits { operations_per_socket_max: 2, ..Limits::default() }).await;
    let init = r#"{"type":"connection_init"}"#;
    let subscribe = |id: &str, query: &str| {
        json!({ "id": id, "type": "subscribe", "payload": { "query": query } }).to_string()
    };
    let cases: [(&str, Vec<String>, &[&str]); 20] = [
        (
            "subscription",
            vec![init.into(), subscribe("1", "subscription { countdown(from: 2) }")],
            &[
                "connection_ack",
                "next 1 {\"countdown\":1}",
                "next 1 {\"countdown\":0}",
                "complete 1",
            ],
        ),
        (
            "query",
            vec![init.into(), subscribe("q", "{ greeting }")],
            &["connection_ack", "next q {\"greeting\":\"hello clerk\"}", "complete q"],
        ),
        (
            "mutation",
            vec![init.into(), subscribe("m", "mutation { numberEcho(value: 3) { value } }")],
            &["connection_ack", "next m {\"numberEcho\":{\"value\":3}}", "complete m"],
        ),
        (
            "init data",
            vec![
                r#"{"type":"connection_init","payload":{"actor":"li"}}"#.into(),
                subscribe("q", "{ greeting }"),
            ],
            &["connection_ack", "next q {\"greeting\":\"hello li\"}", "complete q"],
        ),
        (
            "partial",
            vec![init.into(), subscribe("p", "{ greeting broken }")],
            &[
                "connection_ack",
                "next p {\"broken\":null,\"greeting\":\"hello clerk\"} \"INTERNAL\"",
                "complete p",
            ],
        ),
        (
            "invalid",
            vec![init.into(), subscribe("i", "{ unknown }")],
            &["connection_ack", "error i \"INVALID_DOCUMENT\""],
        ),
        (
            "invalid subscription",
            vec![init.into(), subscribe("i", "subscription { unknown }")],
            &["connection_ack", "error i \"INVALID_DOCUMENT\""],
        ),
        (
            "locked",
            vec![init.into(), subscribe("l", "subscription { locked }")],
            &["connection_ack", "error l \"BAD_CURSOR\""],
        ),
        (
            "syntax",
            vec![init.into(), subscribe("s", "{")],
            &["connection_ack", "error s \"SYNTAX\""],
        ),
        (
            "costly",
            vec![
                init.into(),
                subscribe("c", "{ numbers(first: 99999) { totalCount edges { cursor } } }"),
            ],
            &["connection_ack", "error c \"QUERY_TOO_COSTLY\""],
        ),
        (
            "ping",
            vec![r#"{"type":"ping"}"#.into(), r#"{"type":"ping","payload":{"a":1}}"#.into()],
            &["pong", "pong"],
        ),
        ("pong", vec![r#"{"type":"pong"}"#.into(), init.into()], &["connection_ack"]),
        (
            "complete",
            vec![
                init.into(),
                subscribe("1", "subscription { silence }"),
                r#"{"id":"1","type":"complete"}"#.into(),
                subscribe("1", "{ greeting }"),
            ],
            &["connection_ack", "next 1 {\"greeting\":\"hello clerk\"}", "complete 1"],
        ),
        (
            "too many operations",
            vec![
                init.into(),
                subscribe("1", "subscription { silence }"),
                subscribe("2", "subscription { silence }"),
                subscribe("3", "{ greeting }"),
            ],
            &["connection_ack", "error 3 \"TOO_MANY_OPERATIONS\""],
        ),
        ("not JSON", vec!["hello".into()], &["4400"]),
        ("unknown type", vec![r#"{"type":"start"}"#.into()], &["4400"]),
        (
            "no id",
            vec![init.into(), r#"{"type":"subscribe","payload":{"query":"{greeting}"}}"#.into()],
            &["connection_ack", "4400"],
        ),
        ("before ack", vec![subscribe("1", "{ greeting }")], &["4401"]),
        (
            "refused",
            vec![r#"{"type":"connection_init","payload":{"actor":"nobody"}}"#.into()],
            &["4403"],
        ),
        (
            "exists",
            vec![
                init.into(),
                subscribe("1", "subscription { silence }"),
                subscribe("1", "{ greeting }"),
            ],
            &["connection_ack", "4409"],
        ),
    ];
    for (name, texts, expected) in cases {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(talk(&address, &texts, expected.len()).await, expected, "{name}");
    }
    assert_eq!(talk(&address, &[init, init], 2).await, ["connection_ack", "4429"]);
}

#[tokio::test]
async fn a_socket_opens_for_our_protocol_and_origin_only() {
    let address = serve(Limits { streams_max: 2, ..Limits::default() }).await;
    let own = format!("http://{address}");
    let _first = connect(&address, "/graphql", &[PROTOCOL, ("origin", &own)]).await.unwrap();
    for (headers, status) in [
        (vec![PROTOCOL, ("origin", "https://evil.example")], 403),
        (vec![PROTOCOL, ("origin", "null")], 403),
        (vec![("sec-websocket-protocol", "graphql-ws")], 400),
        (vec![], 400),
    ] {
        assert_eq!(
            connect(&address, "/graphql", &headers).await.err(),
            Some(status),
            "{headers:?}"
        );
    }
    let _second = connect(&address, "/graphql/ws", &[PROTOCOL]).await.unwrap();
    assert_eq!(connect(&address, "/graphql", &[PROTOCOL]).await.err(), Some(503));
}
