//! One `graphql-transport-ws` connection: reads messages, runs operations, writes results.
//!
//! The reader and the writer run side by side; each operation is a task that ends with the
//! connection. The reader takes no further message while the outbox is full.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::parser::types::OperationType;
use axum::{extract::ws::Message, http::request::Parts};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use serde_json::Value;
use tokio::{
    task::AbortHandle,
    time::{Instant, timeout, timeout_at},
};

use super::message::{self, ClientMessage, Close, Frame};
use crate::{
    code::Code,
    context::Incoming,
    core::{Answer, Caller, Core, Job},
    fault::Fault,
    language::Language,
    outbox::{CONNECTION, Outbox, Serial, Slow},
    params::Params,
};

/// Bytes of an operation's id, which the client chooses and we keep.
const ID_BYTES_MAX: usize = 256;

/// Signs of life that may go unanswered before the peer is taken for dead.
const QUIET_MAX: u32 = 2;

/// Runs a connection until either side ends it.
pub(super) async fn serve<R, W, E, F>(
    core: Arc<Core>,
    parts: Arc<Parts>,
    language: Language,
    reader: R,
    writer: W,
) where
    R: Stream<Item = Result<Message, E>> + Unpin,
    W: Sink<Message, Error = F> + Unpin,
{
    let limits = &core.limits;
    let outbox = Arc::new(Outbox::new(limits.queue_frames_max, limits.queue_bytes_max));
    let mut connection = Connection {
        core: Arc::clone(&core),
        parts,
        language,
        outbox: Arc::clone(&outbox),
        init: None,
        operations: Operations::default(),
        serial: CONNECTION,
    };
    let write = write(&core, &outbox, writer);
    tokio::pin!(write);
    tokio::select! {
        () = &mut write => {}
        close = connection.read(reader) => {
            connection.operations.abort_all();
            if let Some(close) = close {
                outbox.push(CONNECTION, Frame::Close(close));
            }
            outbox.finish();
            // The writer has a deadline per frame; what is left are a few frames.
            write.await;
        }
    }
}

/// Writes until the outbox is finished, the peer is gone, or a frame does not leave in time.
async fn write<W, F>(core: &Core, outbox: &Outbox<Frame>, mut writer: W)
where
    W: Sink<Message, Error = F> + Unpin,
{
    while let Some(frame) = outbox.take().await {
        let sent = timeout(core.limits.write_timeout, writer.send(frame.into())).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
    // Sends our half of the closing handshake if it has not gone out; a dead peer gets none.
    drop(timeout(core.limits.write_timeout, writer.close()).await);
}

/// The operations that are open, by the id that the client gave them.
#[derive(Clone, Default)]
struct Operations(Arc<Mutex<HashMap<String, (Serial, AbortHandle)>>>);

impl Operations {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Serial, AbortHandle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn abort_all(&self) {
        for (_, (_, operation)) in self.lock().drain() {
            operation.abort();
        }
    }
}

struct Connection {
    core: Arc<Core>,
    parts: Arc<Parts>,
    language: Language,
    outbox: Arc<Outbox<Frame>>,
    /// The payload of `connection_init`, once it was accepted.
    init: Option<Arc<Value>>,
    operations: Operations,
    serial: Serial,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.operations.abort_all();
    }
}

impl Connection {
    /// Handles messages until the connection ends; says how to close it, if we are the one.
    async fn read<R, E>(&mut self, mut reader: R) -> Option<Close>
    where
        R: Stream<Item = Result<Message, E>> + Unpin,
    {
        let limits = self.core.limits.clone();
        let frames_max = limits.queue_frames_max.max(limits.operations_per_socket_max);
        let init_deadline = Instant::now() + limits.init_timeout;
        let mut sign_of_life = Instant::now() + limits.keep_alive;
        let mut quiet = 0;
        loop {
            self.outbox.room(frames_max).await;
            let deadline = match self.init {
                None => init_deadline.min(sign_of_life),
                Some(_) => sign_of_life,
            };
            let text = match timeout_at(deadline, reader.next()).await {
                Err(_) if self.init.is_none() && Instant::now() >= init_deadline => {
                    return Some(Close::InitTimeout);
                }
                Err(_) if quiet >= QUIET_MAX => return None,
                Err(_) => {
                    quiet += 1;
                    sign_of_life = Instant::now() + limits.keep_alive;
                    self.outbox.push(CONNECTION, Frame::Ping);
                    continue;
                }
                Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return None,
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {
                    quiet = 0;
                    continue;
                }
                Ok(Some(Ok(Message::Binary(_)))) => return Some(Close::BadMessage),
                Ok(Some(Ok(Message::Text(text)))) => text,
            };
            quiet = 0;
            let Ok(message) = serde_json::from_str(&text) else {
                return Some(Close::BadMessage);
            };
            if let Err(close) = self.handle(message) {
                return Some(close);
            }
        }
    }

    fn handle(&mut self, message: ClientMessage) -> Result<(), Close> {
        match message {
            ClientMessage::ConnectionInit { payload } => {
                if self.init.is_some() {
                    return Err(Close::TooManyInits);
                }
                self.open(payload.map_or(Value::Null, Value::Object))
            }
            ClientMessage::Ping { payload } => {
                self.outbox.push(CONNECTION, message::pong(payload));
                Ok(())
            }
            ClientMessage::Pong { .. } => Ok(()),
            ClientMessage::Subscribe { id, payload } => {
                let Some(init) = self.init.clone() else {
                    return Err(Close::Unauthorized);
                };
                let params = payload.complete().map_err(|_| Close::BadMessage)?;
                if id.is_empty() || id.len() > ID_BYTES_MAX {
                    return Err(Close::BadMessage);
                }
                self.subscribe(id, params, &init)
            }
            ClientMessage::Complete { id } => {
                let found = self.operations.lock().remove(&id);
                if let Some((serial, operation)) = found {
                    operation.abort();
                    self.outbox.forget(serial);
                }
                Ok(())
            }
        }
    }

    /// Asks the owner whether the caller may connect at all.
    fn open(&mut self, payload: Value) -> Result<(), Close> {
        if let Some(language) = payload.get("acceptLanguage").and_then(Value::as_str) {
            self.language = Language::of_text(language);
        }
        let Caller { trace_id, .. } = self.core.caller(&self.parts);
        let (parts, language) = (&*self.parts, self.language);
        let incoming = Incoming { parts, init: Some(&payload), language, trace_id: &trace_id };
        self.core.context.request_data(&incoming).map_err(|_| Close::Forbidden)?;
        self.init = Some(Arc::new(payload));
        self.outbox.push(CONNECTION, message::acknowledged());
        Ok(())
    }

    fn subscribe(&mut self, id: String, params: Params, init: &Value) -> Result<(), Close> {
        let caller = self.core.next_caller(self.language);
        let open = {
            let operations = self.operations.lock();
            if operations.contains_key(&id) {
                return Err(Close::SubscriberExists);
            }
            operations.len()
        };
        let job = if open < self.core.limits.operations_per_socket_max {
            self.core.prepare(params, &self.parts, Some(init), &caller)
        } else {
            Err(Fault::new(Code::TooManyOperations, format!("{open}")))
        };
        match job {
            Ok(job) => {
                self.serial += 1;
                let operation = Operation {
                    core: Arc::clone(&self.core),
                    outbox: Arc::clone(&self.outbox),
                    operations: self.operations.clone(),
                    id: id.clone(),
                    serial: self.serial,
                    caller,
                };
                // The lock is held until the handle is in: the task removes it when it ends.
                let mut operations = self.operations.lock();
                let handle = tokio::spawn(operation.run(job)).abort_handle();
                operations.insert(id, (self.serial, handle));
            }
            Err(fault) => {
                let answer = self.core.faulted(&fault, &caller);
                self.outbox.push(CONNECTION, message::error(&id, &errors(&answer)));
            }
        }
        Ok(())
    }
}

/// One operation of a connection, in its task.
struct Operation {
    core: Arc<Core>,
    outbox: Arc<Outbox<Frame>>,
    operations: Operations,
    id: String,
    serial: Serial,
    caller: Caller,
}

impl Operation {
    async fn run(self, job: Job) {
        if job.kind == OperationType::Subscription {
            self.stream(job).await;
        } else {
            let answer = self.core.answer(job).await;
            self.single(&answer).await;
        }
    }

    /// `error` if nothing ran, else `next` and `complete`. A result waits for room as long as the
    /// socket lives: it is not one of many that could be dropped.
    async fn single(&self, answer: &Answer) {
        if answer.data.is_none() {
            return self.end(message::error(&self.id, &errors(answer)));
        }
        let next = message::next(&self.id, &answer.to_json());
        if self.outbox.offer(self.serial, next, None).await.is_ok() {
            self.end(message::complete(&self.id));
        }
    }

    async fn stream(&self, job: Job) {
        let grace = Some(self.core.limits.slow_reader_grace);
        let mut answers = self.core.answers(job);
        let mut first = true;
        while let Some(answer) = answers.next().await {
            if first && was_never_opened(&answer) {
                return self.end(message::error(&self.id, &errors(&answer)));
            }
            first = false;
            let next = message::next(&self.id, &answer.to_json());
            if self.outbox.offer(self.serial, next, grace).await == Err(Slow) {
                self.outbox.forget(self.serial);
                let resync = self.core.faulted(&Fault::new(Code::Resync, ""), &self.caller);
                let next = message::next(&self.id, &resync.to_json());
                self.outbox.push(self.serial, next);
                break;
            }
        }
        self.end(message::complete(&self.id));
    }

    /// Queues the last frame. The id is free from here on, so that the client may use it again
    /// as soon as it reads the frame.
    fn end(&self, last: Frame) {
        let mut operations = self.operations.lock();
        if operations.get(&self.id).is_some_and(|(serial, _)| *serial == self.serial) {
            operations.remove(&self.id);
            self.outbox.push(self.serial, last);
        }
    }
}

/// The document was refused, or the source of events failed before its first one.
fn was_never_opened(answer: &Answer) -> bool {
    let nothing = answer.data.as_ref().is_none_or(|data| *data == async_graphql::Value::Null);
    nothing && answer.errors.iter().all(|error| error.path.len() <= 1) && answer.row.is_some()
}

fn errors(answer: &Answer) -> String {
    serde_json::to_string(&answer.errors).expect("errors serialise: their keys are strings")
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
