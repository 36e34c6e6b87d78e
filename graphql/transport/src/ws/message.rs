//! Messages and close codes of `graphql-transport-ws`.

use axum::extract::ws::{CloseFrame, Message};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{outbox::Weighed, params::Params};

/// What a client may send. Unknown members are ignored; an unknown type is a bad message.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    ConnectionInit {
        payload: Option<Map<String, Value>>,
    },
    Ping {
        payload: Option<Map<String, Value>>,
    },
    Pong {
        #[serde(rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: Params,
    },
    Complete {
        id: String,
    },
}

/// Why the server closes the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    BadMessage,
    Unauthorized,
    Forbidden,
    InitTimeout,
    SubscriberExists,
    TooManyInits,
}

impl Close {
    fn code(self) -> u16 {
        match self {
            Self::BadMessage => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::InitTimeout => 4408,
            Self::SubscriberExists => 4409,
            Self::TooManyInits => 4429,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::BadMessage => "Bad message",
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::InitTimeout => "Connection initialisation timeout",
            Self::SubscriberExists => "Subscriber already exists",
            Self::TooManyInits => "Too many initialisation requests",
        }
    }
}

/// What waits to be written on a socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Text(String),
    /// A ping of the WebSocket itself, which browsers answer without a script.
    Ping,
    Close(Close),
}

impl Weighed for Frame {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Ping | Self::Close(_) => 0,
        }
    }
}

impl From<Frame> for Message {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text.into()),
            Frame::Ping => Self::Ping(Default::default()),
            Frame::Close(close) => {
                Self::Close(Some(CloseFrame { code: close.code(), reason: close.reason().into() }))
            }
        }
    }
}

pub(super) fn acknowledged() -> Frame {
    Frame::Text(r#"{"type":"connection_ack"}"#.to_owned())
}

pub(super) fn pong(payload: Option<Map<String, Value>>) -> Frame {
    Frame::Text(match payload {
        Some(payload) => {
            format!(r#"{{"type":"pong","payload":{}}}"#, Value::Object(payload))
        }
        None => r#"{"type":"pong"}"#.to_owned(),
    })
}

/// `response` is a GraphQL response in JSON.
pub(super) fn next(id: &str, response: &str) -> Frame {
    Frame::Text(format!(r#"{{"id":{},"type":"next","payload":{response}}}"#, quoted(id)))
}

/// `errors` is a list of GraphQL errors in JSON.
pub(super) fn error(id: &str, errors: &str) -> Frame {
    Frame::Text(format!(r#"{{"id":{},"type":"error","payload":{errors}}}"#, quoted(id)))
}

pub(super) fn complete(id: &str) -> Frame {
    Frame::Text(format!(r#"{{"id":{},"type":"complete"}}"#, quoted(id)))
}

fn quoted(id: &str) -> String {
    Value::from(id).to_string()
}
