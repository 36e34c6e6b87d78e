//! A connection in memory, where time stands still unless everything waits.

use std::time::Duration;

use async_graphql::{Data, EmptyMutation, Object, Schema, Subscription};
use axum::{extract::ws::CloseFrame, http::Request};
use futures_util::{sink, stream};
use tokio::sync::mpsc;

use super::*;
use crate::{Context, Limits, Refusal, RequestData, Transport};

struct Query;

#[Object]
impl Query {
    async fn one(&self) -> i32 {
        1
    }
}

struct Events;

#[Subscription]
impl Events {
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(1024))
    }

    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }
}

struct Anyone;

impl Context for Anyone {
    fn request_data(&self, _: &Incoming<'_>) -> Result<RequestData, Refusal> {
        Ok(Data::default().into())
    }
}

/// A connection whose peer sends `texts` and then nothing, and reads only what fits in a channel
/// of `room` messages until it is drained.
fn connect(
    texts: &[&str],
    room: usize,
) -> (mpsc::Receiver<Message>, impl Future<Output = ()> + use<>) {
    let schema = Schema::new(Query, EmptyMutation, Events);
    let core = Arc::new(Transport::new(schema, Limits::default(), Anyone).core);
    let (parts, ()) = Request::new(()).into_parts();
    let texts: Vec<_> = texts.iter().map(|text| Ok::<_, ()>(Message::text(*text))).collect();
    let reader = stream::iter(texts).chain(stream::pending());
    let (to_peer, sent) = mpsc::channel(room);
    let writer = Box::pin(sink::unfold(to_peer, |to_peer, message| async move {
        to_peer.send(message).await.map(|()| to_peer)
    }));
    (sent, serve(core, Arc::new(parts), Language::En, reader, writer))
}

async fn all(mut sent: mpsc::Receiver<Message>) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some(message) = sent.recv().await {
        messages.push(message);
    }
    messages
}

fn close_code(message: Option<&Message>) -> Option<u16> {
    match message {
        Some(Message::Close(Some(CloseFrame { code, .. }))) => Some(*code),
        _ => None,
    }
}

const INIT: &str = r#"{"type":"connection_init"}"#;

#[tokio::test(start_paused = true)]
async fn a_socket_that_does_not_init_in_time_is_closed() {
    let (sent, connection) = connect(&[], 8);
    let begin = Instant::now();
    connection.await;
    assert_eq!(begin.elapsed().as_secs(), Limits::default().init_timeout.as_secs());
    let sent = all(sent).await;
    assert_eq!(close_code(sent.last()), Some(4408));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_answers_a_ping_is_dropped() {
    let (sent, connection) = connect(&[INIT], 8);
    connection.await;
    let sent = all(sent).await;
    let pings = sent.iter().filter(|message| matches!(message, Message::Ping(_))).count();
    assert_eq!(pings, 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_told_to_resync_and_the_backlog_is_dropped() {
    let flood = r#"{"id":"f","type":"subscribe","payload":{"query":"subscription { flood }"}}"#;
    let (mut sent, connection) = connect(&[INIT, flood], 1);
    let connection = tokio::spawn(connection);
    // Nobody reads until long after the grace, but before the peer is taken for dead.
    drop(timeout(Duration::from_secs(5), std::future::pending::<()>()).await);
    let mut texts = Vec::new();
    while let Some(message) = sent.recv().await {
        if let Message::Text(text) = message {
            texts.push(text.to_string());
        }
        if texts.last().is_some_and(|text| text.contains("complete")) {
            break;
        }
    }
    connection.abort();
    let nexts = texts.iter().filter(|text| text.contains(r#""type":"next""#)).count();
    assert!(nexts <= 3, "what the channel and the writer held, and the last: {nexts}");
    let last = &texts[texts.len() - 2];
    assert!(last.contains(r#""type":"next""#) && last.contains("RESYNC"), "{last}");
    assert_eq!(texts.last().unwrap(), r#"{"id":"f","type":"complete"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_reading_is_dropped() {
    let ping = r#"{"type":"ping"}"#;
    let pings = [ping; 200];
    let (sent, connection) = connect(&pings, 1);
    let begin = Instant::now();
    connection.await;
    let limits = Limits::default();
    assert!(begin.elapsed() <= limits.write_timeout + limits.init_timeout);
    drop(sent);
}

#[tokio::test(start_paused = true)]
async fn operations_end_with_the_connection() {
    let silence = r#"{"id":"s","type":"subscribe","payload":{"query":"subscription { silence }"}}"#;
    let (sent, connection) = connect(&[INIT, silence, "nonsense"], 8);
    connection.await;
    let sent = all(sent).await;
    assert_eq!(close_code(sent.last()), Some(4400));
}
