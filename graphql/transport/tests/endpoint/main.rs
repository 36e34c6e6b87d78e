//! The endpoint through its public surface: a router in memory, and sockets on the loopback.

mod http;
mod limits;
mod schema;
mod stream;
mod websocket;

use axum::Router;
use transport::{Limits, Transport};

use crate::schema::{Owner, schema};

fn router() -> Router {
    router_with(Limits::default())
}

fn router_with(limits: Limits) -> Router {
    Transport::new(schema(), limits, Owner).introspection(true).graphiql(true).router()
}
