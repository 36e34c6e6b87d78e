//! For operators: is the process alive, can it do its work, and how much does it do.
//!
//! **Invariant** nothing here holds personal data: names of views and codes, and numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{EventLog, Limit, Position};
use projections::engine::Status;
use serde_json::json;

use crate::owner::State;

/// Further behind than this, answers are too old to be worked with.
const LAG_SECONDS_MAX: i64 = 30;

/// What is counted since the process began.
#[derive(Default)]
pub struct Counts {
    /// By the class of the HTTP status, like `2xx`.
    requests: Mutex<BTreeMap<&'static str, u64>>,
    /// By the code that the command ended with, `OK` or a refusal's or a fault's.
    commands: Mutex<BTreeMap<String, u64>>,
    /// The last append found the log read-only or fenced.
    read_only: AtomicBool,
}

impl Counts {
    pub fn command(&self, code: &str) {
        let mut counts = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(code) {
            Some(count) => *count += 1,
            None => {
                counts.insert(code.to_owned(), 1);
            }
        }
    }

    pub fn log_writable(&self, writable: bool) {
        self.read_only.store(!writable, Ordering::Relaxed);
    }
}

/// Counts every answer of the GraphQL endpoint.
pub async fn count_request(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let class = match response.status().as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    };
    let mut counts = state.counts.requests.lock().unwrap_or_else(PoisonError::into_inner);
    *counts.entry(class).or_default() += 1;
    response
}

/// `GET /health`: the process lives.
pub async fn health() -> impl IntoResponse {
    Json(json!({ "status": "alive" }))
}

/// `GET /ready`: the log answers and takes writes, the access log answers, and the read models are
/// near the head; else 503. Either way each part is named.
pub async fn ready(Shared(state): Shared<Arc<State>>) -> Response {
    let status = state.app.train.status().await;
    let parts = parts(&state, &status).await;
    let blocked = parts.iter().any(|(_, blocker)| blocker.is_some());
    let shown: serde_json::Map<String, serde_json::Value> = parts
        .into_iter()
        .map(|(name, blocker)| (name.to_owned(), blocker.unwrap_or_else(|| "ready".into()).into()))
        .collect();
    let word = if blocked { "not ready" } else { "ready" };
    let answer = json!({ "status": word, "position": status.head.0, "parts": shown });
    let code = if blocked { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(answer)).into_response()
}

/// What this process needs to do its work, and what is wrong with each.
async fn parts(state: &State, status: &Status) -> [(&'static str, Option<String>); 3] {
    [
        ("log", log_blocker(state, status).await),
        ("access", probed(state.app.access.log()).await),
        ("train", train_blocker(status)),
    ]
}

/// Asks the log for its last event: it must be there and readable.
async fn probed(log: &dyn EventLog) -> Option<String> {
    let head = log.head();
    let before = Position(head.0.saturating_sub(1));
    match log.read(before, Limit::events(1)).await {
        Ok(page) if page.is_empty() && head > Position::START => {
            Some(format!("position {head} is not there"))
        }
        Ok(_) => None,
        Err(error) => {
            tracing::error!(%error, "a log does not answer");
            Some("cannot be read".to_owned())
        }
    }
}

async fn log_blocker(state: &State, status: &Status) -> Option<String> {
    if state.counts.read_only.load(Ordering::Relaxed) {
        return Some("takes no writes".to_owned());
    }
    if status.log_error.is_some() {
        return Some("cannot be read".to_owned());
    }
    probed(state.app.executor.log()).await
}

fn train_blocker(status: &Status) -> Option<String> {
    if let Some(faulted) = status.views.iter().find(|view| view.fault.is_some()) {
        return Some(format!("{} has left the train", faulted.name));
    }
    if let Some(rebuild) = status
        .rebuilds
        .iter()
        .find(|build| !status.views.iter().any(|view| view.name == build.view))
    {
        return Some(format!("{} is not filled yet", rebuild.view));
    }
    let late = status.views.iter().max_by_key(|view| view.lag_seconds)?;
    (late.lag_seconds > LAG_SECONDS_MAX).then(|| {
        format!("{} is {} s and {} events behind", late.name, late.lag_seconds, late.lag_events)
    })
}

/// `GET /metrics`: Prometheus text.
pub async fn metrics(Shared(state): Shared<Arc<State>>) -> impl IntoResponse {
    let status = state.app.train.status().await;
    let parts = parts(&state, &status).await;
    let ready = u8::from(parts.iter().all(|(_, blocker)| blocker.is_none()));
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, rows: Vec<(String, String)>| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let one = |value: String| vec![(String::new(), value)];
    family("renshe_ready", "gauge", "1 while work can be done.", one(ready.to_string()));
    family("renshe_log_position", "gauge", "The last position.", one(status.head.0.to_string()));
    let views = |value: fn(&projections::engine::ViewStatus) -> String| {
        let rows = status.views.iter();
        rows.map(|view| (format!("{{view=\"{}\"}}", view.name), value(view))).collect::<Vec<_>>()
    };
    let position = views(|view| view.position.0.to_string());
    family("renshe_view_position", "gauge", "What a read model has folded.", position);
    let events = views(|view| view.lag_events.to_string());
    family("renshe_view_lag_events", "gauge", "Events not folded yet.", events);
    let seconds = views(|view| view.lag_seconds.to_string());
    family("renshe_view_lag_seconds", "gauge", "Age of the first of them.", seconds);
    let parked = views(|view| view.parked.to_string());
    family("renshe_view_parked_events", "gauge", "Events that it went past.", parked);
    let faults = views(|view| u8::from(view.fault.is_some()).to_string());
    family("renshe_view_fault", "gauge", "1 where it has left the train.", faults);
    let requests = state.counts.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let rows = requests
        .iter()
        .map(|(class, count)| (format!("{{outcome=\"{class}\"}}"), count.to_string()));
    family("renshe_requests_total", "counter", "Requests by outcome.", rows.collect());
    let commands = state.counts.commands.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let rows =
        commands.iter().map(|(code, count)| (format!("{{code=\"{code}\"}}"), count.to_string()));
    family("renshe_commands_total", "counter", "Commands by code.", rows.collect());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
