//! From parameters to an answer, the same way for every transport.
//!
//! **Invariant** nothing runs that `cost::check` has not passed, and every single answer has a
//! deadline.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::{
    Executor, Request, Response, ServerError, Value,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use axum::http::{HeaderMap, request::Parts};
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use serde::Serialize;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    code::{Code, Row},
    context::{Context, Incoming, ResponseExtensions},
    cost::{self, Cost},
    documents::{self, Documents, TrustedDocuments},
    fault::{self, Fault},
    language::Language,
    limits::Limits,
    params::Params,
};

/// Any schema, boxed so that the transport is not generic over its roots.
pub(crate) trait Engine: Send + Sync + 'static {
    fn single(&self, request: Request) -> BoxFuture<'static, Response>;
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<E: Executor> Engine for E {
    fn single(&self, request: Request) -> BoxFuture<'static, Response> {
        let executor = self.clone();
        async move { executor.execute(request).await }.boxed()
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        self.execute_stream(request, None)
    }
}

pub(crate) struct Core {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) context: Box<dyn Context>,
    pub(crate) limits: Limits,
    pub(crate) documents: Documents,
    pub(crate) trusted: Option<TrustedDocuments>,
    pub(crate) introspection: bool,
    pub(crate) graphiql: bool,
    /// Origins besides the endpoint's own that may open a WebSocket.
    pub(crate) origins: Vec<String>,
    /// One permit per open WebSocket or event stream.
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) trace_seed: RandomState,
    pub(crate) traces: AtomicU64,
}

/// Who asks, in which language, under which trace.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) language: Language,
    pub(crate) trace_id: String,
}

/// An operation that passed every check and is ready to run.
pub(crate) struct Job {
    request: Request,
    pub(crate) kind: OperationType,
    /// The owner's word for the state that the answer will show.
    pub(crate) version: Option<String>,
    meta: Meta,
}

/// What is still needed of a job once its request has gone to the engine.
struct Meta {
    cost: Cost,
    caller: Caller,
    extensions: Option<Box<dyn Fn() -> ResponseExtensions + Send + Sync>>,
}

/// A GraphQL response with only published errors. `data: None` means that nothing ran.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) extensions: BTreeMap<&'static str, Value>,
    #[serde(skip)]
    pub(crate) headers: HeaderMap,
    /// The first error's row: it gives the status when there is no data.
    #[serde(skip)]
    pub(crate) row: Option<&'static Row>,
}

impl Core {
    pub(crate) fn caller(&self, parts: &Parts) -> Caller {
        let brought = parts.headers.get("traceparent").and_then(|value| value.to_str().ok());
        let trace_id = brought
            .and_then(trace_of_parent)
            .or_else(|| self.context.trace_id())
            .unwrap_or_else(|| self.fresh_trace_id());
        Caller { language: Language::of(&parts.headers), trace_id }
    }

    /// The caller of one more operation on a connection, with a trace of its own.
    pub(crate) fn next_caller(&self, language: Language) -> Caller {
        let trace_id = self.context.trace_id().unwrap_or_else(|| self.fresh_trace_id());
        Caller { language, trace_id }
    }

    /// Unique enough to find a line in the log; not a secret.
    fn fresh_trace_id(&self) -> String {
        let count = self.traces.fetch_add(1, Ordering::Relaxed);
        let [high, low] = [0_u8, 1].map(|half| self.trace_seed.hash_one((count, half)));
        format!("{high:016x}{low:016x}")
    }

    /// Checks everything that can be checked before running. The owner is asked first: whoever
    /// is refused learns nothing about documents.
    pub(crate) fn prepare(
        &self,
        params: Params,
        parts: &Parts,
        init: Option<&serde_json::Value>,
        caller: &Caller,
    ) -> Result<Job, Fault> {
        let Caller { language, trace_id } = caller;
        let incoming = Incoming { parts, init, language: *language, trace_id };
        let owned = self.context.request_data(&incoming)?;

        let (text, document) = self.document(&params)?;
        let operation = chosen(&document, params.operation_name.as_deref())?;
        let (cost, introspects) =
            cost::check(&document, operation, &params.variables, &self.limits)?;
        if introspects && !self.introspection {
            return Err(Fault::new(Code::IntrospectionRefused, ""));
        }
        let kind = operation.ty;

        let mut request = Request::new(text).variables(params.variables);
        request.operation_name = operation_name(&document, params.operation_name);
        request.data = owned.data;
        request.set_parsed_query(Arc::unwrap_or_clone(document));
        if !self.introspection {
            request = request.disable_introspection();
        }
        let meta = Meta { cost, caller: caller.clone(), extensions: owned.extensions };
        Ok(Job { request, kind, version: owned.version, meta })
    }

    /// The text and the parsed form, from the trusted list or from the caller.
    fn document(&self, params: &Params) -> Result<(String, Arc<ExecutableDocument>), Fault> {
        let unknown = || Fault::new(Code::DocumentUnknown, "");
        let by_name = match params.document_digest() {
            Some(name) => Some(documents::named(name).ok_or_else(unknown)?),
            None => None,
        };
        let digest = match (by_name, &params.query) {
            (Some(digest), None) => digest,
            (None, Some(text)) => documents::digest(text),
            (Some(digest), Some(text)) if documents::digest(text) == digest => digest,
            (Some(_), Some(_)) => {
                return Err(Fault::new(Code::BadRequest, "the digest is not that of the query"));
            }
            (None, None) => return Err(Fault::new(Code::BadRequest, "query is missing")),
        };
        if let Some(trusted) = &self.trusted {
            if let Some((text, document)) = trusted.get(&digest) {
                return Ok((text.to_owned(), Arc::clone(document)));
            }
            if trusted.accepts_only_these() {
                return Err(Fault::new(Code::DocumentNotTrusted, ""));
            }
        }
        let text = params.query.as_ref().ok_or_else(unknown)?;
        let document = self.documents.parse(text, digest, &self.limits)?;
        Ok((text.clone(), document))
    }

    /// Runs a query or a mutation, within the deadline.
    ///
    /// A mutation runs in a task of its own: neither the deadline nor a caller who goes away
    /// stops it half-way; its `commandId` tells later what became of it.
    pub(crate) async fn answer(&self, job: Job) -> Answer {
        let Job { request, kind, meta, .. } = job;
        let run = AssertUnwindSafe(self.engine.single(request)).catch_unwind();
        let deadline = self.limits.request_timeout;
        let result = if kind == OperationType::Mutation {
            timeout(deadline, tokio::spawn(run))
                .await
                .map(|joined| joined.ok().and_then(Result::ok))
        } else {
            timeout(deadline, run).await.map(Result::ok)
        };
        match result {
            Ok(Some(response)) => self.finished(response, &meta),
            Ok(None) => self.panicked(&meta),
            Err(_) => self.faulted(&Fault::new(Code::Timeout, ""), &meta.caller),
        }
    }

    /// Runs a subscription: one answer per event, each with its own `extensions`.
    pub(crate) fn answers(self: &Arc<Self>, job: Job) -> BoxStream<'static, Answer> {
        let Job { request, meta, .. } = job;
        let events = self.engine.stream(request);
        let state = Some((Arc::clone(self), events, meta));
        stream::unfold(state, |state| async move {
            let (core, mut events, meta) = state?;
            match AssertUnwindSafe(events.next()).catch_unwind().await {
                Ok(Some(response)) => {
                    let answer = core.finished(response, &meta);
                    Some((answer, Some((core, events, meta))))
                }
                Ok(None) => None,
                Err(_) => Some((core.panicked(&meta), None)),
            }
        })
        .boxed()
    }

    pub(crate) fn faulted(&self, fault: &Fault, caller: &Caller) -> Answer {
        let mut extensions = BTreeMap::new();
        if let Some(cost) = fault.cost {
            extensions.insert("cost", cost_value(cost));
        }
        Answer {
            errors: vec![fault.to_error(caller.language, &caller.trace_id)],
            data: None,
            extensions,
            headers: HeaderMap::new(),
            row: Some(fault.row),
        }
    }

    fn panicked(&self, meta: &Meta) -> Answer {
        tracing::error!(trace_id = meta.caller.trace_id, "a resolver panicked");
        self.faulted(&Fault::new(Code::Internal, ""), &meta.caller)
    }

    fn finished(&self, response: Response, meta: &Meta) -> Answer {
        let Caller { language, trace_id } = &meta.caller;
        // The engine writes `null` for data that never was. Errors of the execution have a path.
        let executed = response.errors.is_empty()
            || response.data != Value::Null
            || response.errors.iter().any(|error| !error.path.is_empty());
        let mut row = None;
        let mut errors = Vec::with_capacity(response.errors.len());
        for error in response.errors {
            let own = self.context.codes();
            let (error, found) = fault::published(error, executed, own, *language, trace_id);
            row.get_or_insert(found);
            errors.push(error);
        }
        let mut extensions = BTreeMap::from([("cost", cost_value(meta.cost))]);
        if let Some(more) = &meta.extensions {
            extensions.extend(more());
        }
        let data = executed.then_some(response.data);
        Answer { errors, data, extensions, headers: response.http_headers, row }
    }
}

impl Answer {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a response serialises: its keys are strings")
    }
}

fn cost_value(cost: Cost) -> Value {
    let entry = |name, value: u64| (async_graphql::Name::new(name), Value::from(value));
    Value::Object(
        [entry("requested", cost.requested), entry("available", cost.available)]
            .into_iter()
            .collect(),
    )
}

/// The operation to run: the named one, or the only one.
fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, Fault> {
    let name = name.filter(|name| !name.is_empty());
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) => {
            operations.values().next().filter(|_| operations.len() == 1)
        }
    };
    found.map(|operation| &operation.node).ok_or_else(|| Fault::new(Code::OperationNotFound, ""))
}

/// `""` means the only operation, as with no name at all: it goes by the name that it has.
fn operation_name(document: &ExecutableDocument, name: Option<String>) -> Option<String> {
    match document.operations {
        DocumentOperations::Single(_) => None,
        DocumentOperations::Multiple(ref operations) => {
            let only = || operations.keys().next().filter(|_| operations.len() == 1);
            let given = name.filter(|name| !name.is_empty());
            given.or_else(|| only().map(ToString::to_string))
        }
    }
}

/// The trace id of a W3C `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`.
fn trace_of_parent(parent: &str) -> Option<String> {
    let mut parts = parent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hexadecimal =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let valid = version.len() == 2
        && hexadecimal(version)
        && trace.len() == 32
        && hexadecimal(trace)
        && trace.bytes().any(|byte| byte != b'0');
    valid.then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_taken_from_a_valid_parent_only() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (parent, found) in [
            (format!("00-{id}-00f067aa0ba902b7-01"), Some(id)),
            (format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            ("00-abc-def-01".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(trace_of_parent(&parent).as_deref(), found, "{parent}");
        }
    }
}
