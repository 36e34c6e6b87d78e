//! One GraphQL endpoint over HTTP, WebSocket and server-sent events, for any schema.
//!
//! Knows the protocols, the limits and the shape of errors; knows nothing of the schema's domain.
//!
//! | address | what |
//! |---|---|
//! | `POST /graphql` | one operation, GraphQL over HTTP; `Accept: text/event-stream` streams it |
//! | `GET /graphql` | a query or, as event stream, a subscription; GraphiQL for a browser if enabled |
//! | `GET /graphql` with `Upgrade`, `GET /graphql/ws` | the `graphql-transport-ws` protocol |
//! | `GET /graphiql/…` | the files of GraphiQL, if enabled |
//!
//! **Invariant** nothing executes that has not passed `cost::check`; every queue, cache and
//! waiting has a bound in [`Limits`].

mod accept;
mod code;
mod context;
mod core;
mod cost;
mod documents;
mod fault;
mod graphiql;
mod host;
mod http;
mod language;
mod limits;
mod origin;
mod outbox;
mod params;
mod scan;
mod sse;
mod ws;

use std::{
    hash::RandomState,
    sync::{Arc, atomic::AtomicU64},
};

use async_graphql::Executor;
use axum::{
    Router,
    routing::{any, get},
};
use tokio::sync::Semaphore;

pub use crate::{
    code::{Code, Row},
    context::{Context, Incoming, Refusal, RequestData, ResponseExtensions},
    cost::Cost,
    documents::{TrustedDocumentError, TrustedDocuments},
    host::Hosts,
    language::Language,
    limits::Limits,
};

/// The endpoint, before it becomes a router. Introspection and GraphiQL are off unless enabled.
pub struct Transport {
    core: core::Core,
}

impl Transport {
    /// `executor` is an `async_graphql::Schema` or anything that runs requests like one.
    pub fn new(executor: impl Executor, limits: Limits, context: impl Context) -> Self {
        let core = core::Core {
            engine: Box::new(executor),
            context: Box::new(context),
            documents: documents::Documents::new(&limits),
            trusted: None,
            introspection: false,
            graphiql: false,
            origins: Vec::new(),
            streams: Arc::new(Semaphore::new(limits.streams_max)),
            trace_seed: RandomState::new(),
            traces: AtomicU64::new(0),
            limits,
        };
        Self { core }
    }

    /// Allows `__schema` and `__type`, for demo and development.
    #[must_use]
    pub fn introspection(mut self, enabled: bool) -> Self {
        self.core.introspection = enabled;
        self
    }

    /// Serves GraphiQL to browsers, from files in the binary. It needs introspection.
    #[must_use]
    pub fn graphiql(mut self, enabled: bool) -> Self {
        self.core.graphiql = enabled;
        self
    }

    /// Origins besides the endpoint's own (`https://host[:port]`) that may open a WebSocket.
    #[must_use]
    pub fn origins(mut self, origins: impl IntoIterator<Item = String>) -> Self {
        self.core.origins = origins.into_iter().collect();
        self
    }

    /// Documents that callers may name by digest; with `TrustedDocuments::only`, no others run.
    #[must_use]
    pub fn trusted(mut self, documents: TrustedDocuments) -> Self {
        self.core.trusted = Some(documents);
        self
    }

    pub fn router(self) -> Router {
        let graphiql = self.core.graphiql;
        let mut router = Router::new()
            .route("/graphql", any(http::endpoint))
            .route("/graphql/ws", get(ws::endpoint));
        if graphiql {
            router = router.route("/graphiql/{file}", get(graphiql::file));
        }
        router.with_state(Arc::new(self.core))
    }
}
