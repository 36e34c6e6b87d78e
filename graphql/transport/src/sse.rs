//! Server-sent events, one connection per operation (the distinct mode of graphql-sse).
//!
//! Events are `next` (a GraphQL response) and `complete`; comments keep the connection alive. The
//! operation runs in a task of its own that ends with the connection, so that a reader who stops
//! reading costs a bounded queue and no more.

use std::{convert::Infallible, sync::Arc};

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Body, Bytes},
    http::header,
    response::Response,
};
use futures_util::{StreamExt, stream};
use tokio::{
    sync::OwnedSemaphorePermit,
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use crate::{
    accept::Media,
    code::Code,
    core::{Answer, Caller, Core, Job},
    fault::Fault,
    http::{private, set},
    outbox::{CONNECTION, Outbox, Slow, Weighed},
};

const OPERATION: u64 = CONNECTION + 1;

impl Weighed for Bytes {
    fn bytes(&self) -> usize {
        self.len()
    }
}

/// Ends the operation when the connection's body is dropped.
struct Connection {
    outbox: Arc<Outbox<Bytes>>,
    operation: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.operation.abort();
    }
}

pub(crate) fn stream(core: &Arc<Core>, job: Job, caller: &Caller) -> Result<Response, Fault> {
    let permit = Arc::clone(&core.streams).try_acquire_owned();
    let permit = permit.map_err(|_| Fault::new(Code::Busy, ""))?;
    let limits = &core.limits;
    let outbox = Arc::new(Outbox::new(limits.queue_frames_max, limits.queue_bytes_max));
    let operation = operate(Arc::clone(core), Arc::clone(&outbox), job, caller.clone(), permit);
    let operation = tokio::spawn(operation).abort_handle();

    let keep_alive = limits.keep_alive;
    // A comment at once makes proxies and browsers pass the headers on.
    let greeting = stream::once(async { Bytes::from_static(b":\n\n") });
    let connection = Connection { outbox, operation };
    let events = stream::unfold(connection, move |connection| async move {
        let next = timeout_at(Instant::now() + keep_alive, connection.outbox.take()).await;
        let event = match next {
            Ok(event) => event?,
            Err(_) => Bytes::from_static(b":\n\n"),
        };
        Some((event, connection))
    });
    Ok(response(Body::from_stream(greeting.chain(events).map(Ok::<_, Infallible>))))
}

/// One answer as a whole stream.
pub(crate) fn single(answer: &Answer) -> Response {
    let mut events = next(answer).to_vec();
    events.extend_from_slice(COMPLETE);
    response(Body::from(events))
}

const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

fn response(body: Body) -> Response {
    let mut response = Response::new(body);
    set(&mut response, header::CONTENT_TYPE, Media::EventStream.content_type());
    private(&mut response);
    // Asks proxies of the nginx kind not to hold events back.
    response.headers_mut().insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    response
}

/// The permit ends with the operation, not with the connection: what is left of a reader who
/// stopped reading is one full queue.
async fn operate(
    core: Arc<Core>,
    outbox: Arc<Outbox<Bytes>>,
    job: Job,
    caller: Caller,
    _permit: OwnedSemaphorePermit,
) {
    if job.kind == OperationType::Subscription {
        let grace = Some(core.limits.slow_reader_grace);
        let mut answers = core.answers(job);
        while let Some(answer) = answers.next().await {
            if outbox.offer(OPERATION, next(&answer), grace).await == Err(Slow) {
                outbox.forget(OPERATION);
                let resync = core.faulted(&Fault::new(Code::Resync, ""), &caller);
                outbox.push(CONNECTION, next(&resync));
                break;
            }
        }
    } else {
        let answer = core.answer(job).await;
        outbox.push(CONNECTION, next(&answer));
    }
    outbox.push(CONNECTION, Bytes::from_static(COMPLETE));
    outbox.finish();
}

fn next(answer: &Answer) -> Bytes {
    // JSON on one line holds no line break, so one `data` line is enough.
    Bytes::from(format!("event: next\ndata: {}\n\n", answer.to_json()))
}
