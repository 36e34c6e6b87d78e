//! The `graphql-transport-ws` protocol: many operations on one WebSocket.
//!
//! `socket` runs one connection, `message` knows the messages and close codes.
//!
//! **Invariant** a socket holds at most its buffers, its bounded outbox and one waiting result per
//! operation.

mod message;
mod socket;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;

use crate::{
    accept::Media, code::Code, core::Core, fault::Fault, http::refused, origin::may_open_socket,
};

const PROTOCOL: &str = "graphql-transport-ws";

pub(crate) async fn endpoint(State(core): State<Arc<Core>>, request: Request) -> Response {
    upgrade(core, request.into_parts().0).await
}

/// Whether the request asks for a WebSocket: by `Upgrade`, or by `CONNECT` in HTTP/2.
pub(crate) fn is_upgrade(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        || parts.method == Method::CONNECT
}

pub(crate) async fn upgrade(core: Arc<Core>, mut parts: Parts) -> Response {
    let caller = core.caller(&parts);
    let refuse = |fault: Fault| refused(&core, &fault, &caller, Media::Json);
    if !may_open_socket(&parts, &core.origins) {
        return refuse(Fault::new(Code::OriginRefused, ""));
    }
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    if upgrade.selected_protocol().is_none() {
        let detail = format!("Sec-WebSocket-Protocol: {PROTOCOL}");
        return refuse(Fault::new(Code::BadRequest, detail));
    }
    let Ok(permit) = Arc::clone(&core.streams).try_acquire_owned() else {
        return refuse(Fault::new(Code::Busy, ""));
    };
    let limits = &core.limits;
    upgrade
        .read_buffer_size(limits.socket_buffer_bytes)
        .write_buffer_size(limits.socket_buffer_bytes)
        .max_message_size(limits.body_bytes_max)
        .max_frame_size(limits.body_bytes_max)
        .on_upgrade(move |websocket| async move {
            let (writer, reader) = websocket.split();
            socket::serve(core, Arc::new(parts), caller.language, reader, writer).await;
            drop(permit);
        })
}
