//! What the owner of the schema tells the transport: who asks, with which data, and its own codes.

use async_graphql::{Data, Value};
use axum::http::request::Parts;

use crate::{
    code::{Code, Row},
    language::Language,
};

/// The owner's side of every request. One value serves the whole process.
pub trait Context: Send + Sync + 'static {
    /// Makes the data of one operation, or refuses it.
    ///
    /// Called once per request, once when a WebSocket sends `connection_init` (the result is
    /// dropped; a refusal closes the socket with 4403) and again for every operation on it, so
    /// that rights taken away in between count.
    fn request_data(&self, incoming: &Incoming<'_>) -> Result<RequestData, Refusal>;

    /// The owner's codes. An error with a code that is neither here nor in `Code::TABLE` reaches
    /// the caller as `INTERNAL` without its text.
    fn codes(&self) -> &'static [Row] {
        &[]
    }

    /// A fresh trace id: 32 lower-case hexadecimal digits. Called when the request brings no
    /// `traceparent`.
    fn trace_id(&self) -> Option<String> {
        None
    }
}

/// What is known of a request before its document is looked at.
pub struct Incoming<'a> {
    /// The HTTP request; for a WebSocket, the request that opened it.
    pub parts: &'a Parts,
    /// The payload of `connection_init`, on a WebSocket only.
    pub init: Option<&'a serde_json::Value>,
    pub language: Language,
    /// 32 hexadecimal digits, from `traceparent` or fresh.
    pub trace_id: &'a str,
}

/// Entries of a response's `extensions`.
pub type ResponseExtensions = Vec<(&'static str, Value)>;

/// The data of one operation.
#[derive(Default)]
pub struct RequestData {
    /// What resolvers find through `async_graphql::Context::data`.
    pub data: Data,
    /// Called after the operation has run, once per result, for what belongs in the response's
    /// `extensions` (`position`). Share what it reports with the resolvers through `data`.
    pub extensions: Option<Box<dyn Fn() -> ResponseExtensions + Send + Sync>>,
    /// What the answer depends on besides the request: position and scope. With it the answer to
    /// a GET carries an `ETag`, and `If-None-Match` is answered by 304 without running.
    pub version: Option<String>,
}

impl From<Data> for RequestData {
    fn from(data: Data) -> Self {
        Self { data, ..Self::default() }
    }
}

/// Why a request may not run.
#[derive(Debug, Clone, thiserror::Error)]
#[error("refused with {}: {detail}", row.code)]
pub struct Refusal {
    pub row: &'static Row,
    /// Added to the row's text; shown to the caller, so without personal data. May be empty.
    pub detail: String,
}

impl Refusal {
    pub fn new(row: &'static Row, detail: impl Into<String>) -> Self {
        Self { row, detail: detail.into() }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { row: code.row(), detail: String::new() }
    }
}
