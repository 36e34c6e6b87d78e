//! Files beside GraphQL: taken as a stream under a digest and a bound, given once by a ticket.
//!
//! `POST /files` with the header `x-renshe-digest` (SM3 of the clear bytes, hexadecimal) answers
//! `{"id", "bytes"}`. `GET /files/<ticket>` gives a file once, to whoever asked for the ticket.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::SimpleObject;
use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use commands::{ArtefactFault, access};
use futures_util::{StreamExt, stream};
use kernel::Micros;
use serde_json::json;
use shared::ArtefactId;

use crate::owner::{self, State};
use crate::request::Request;
use crate::scalars::DateTime;

/// A reply of a large bank holds some 50,000 lines of 200 bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
const DIGEST: &str = "x-renshe-digest";
const TICKETS_MAX: usize = 10_000;
const TICKET_MICROS: i64 = 5 * 60 * 1_000_000;

/// 一次性下载链接，只给申请者本人 / A link that works once, for whoever asked for it.
#[derive(Debug, Clone, SimpleObject)]
pub struct FileLink {
    /// 地址路径 / Its path on this server.
    pub path: String,
    /// 失效时刻 / When it stops to work.
    pub expires_at: DateTime,
}

/// The tickets that are out.
#[derive(Default)]
pub struct Tickets(Mutex<HashMap<String, Ticket>>);

struct Ticket {
    artefact: ArtefactId,
    actor: String,
    expires_at: Micros,
}

impl Tickets {
    /// A ticket for the acting person.
    pub fn issue(&self, request: &Request, artefact: ArtefactId) -> FileLink {
        let app = request.app();
        let now = app.executor.now();
        let expires_at = Micros(now.0 + TICKET_MICROS);
        let actor = request.scope.actor.clone();
        // Ids may be guessed, what is under the key may not.
        let seed = format!("ticket v1\0{}\0{actor}\0{artefact}", app.executor.ids().next());
        let mac = app.keys.mac(seed.as_bytes());
        let name: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, ticket| ticket.expires_at > now);
        // The one that expires first goes: nobody can make the others wait.
        if held.len() >= TICKETS_MAX {
            let first = held.iter().min_by_key(|(_, ticket)| ticket.expires_at);
            if let Some(first) = first.map(|(name, _)| name.clone()) {
                held.remove(&first);
            }
        }
        held.insert(name.clone(), Ticket { artefact, actor, expires_at });
        FileLink { path: format!("/files/{name}"), expires_at: DateTime(expires_at) }
    }

    /// Uses a ticket up, if it is the actor's and not late. A stranger's try leaves it as it is.
    fn take(&self, name: &str, actor: &str, now: Micros) -> Option<ArtefactId> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = held.get(name)?;
        if ticket.actor != actor {
            return None;
        }
        let ticket = held.remove(name)?;
        (ticket.expires_at > now).then_some(ticket.artefact)
    }
}

/// `POST /files`.
pub async fn upload(Shared(state): Shared<Arc<State>>, headers: HeaderMap, body: Body) -> Response {
    if let Err(refused) = state.scope(&headers, None) {
        return problem(StatusCode::UNAUTHORIZED, refused.row.code);
    }
    let digest = headers.get(DIGEST).and_then(|value| value.to_str().ok());
    let Some(Ok(promised)) = digest.map(ArtefactId::parse) else {
        return problem(StatusCode::BAD_REQUEST, "DIGEST_MISSING");
    };
    match receive(&state, promised, body).await {
        Ok(Some(bytes)) => {
            let answer = json!({ "id": promised.to_string(), "bytes": bytes });
            (StatusCode::CREATED, Json(answer)).into_response()
        }
        Ok(None) => problem(StatusCode::UNPROCESSABLE_ENTITY, "DIGEST_DIFFERS"),
        Err(ArtefactFault::TooLarge { .. }) => {
            problem(StatusCode::PAYLOAD_TOO_LARGE, "FILE_TOO_LARGE")
        }
        Err(fault) => {
            tracing::error!(%fault, "a file was not taken");
            problem(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
        }
    }
}

/// The file's length, or `None` where it is another file than was promised: that one is stored
/// under its own digest, which nobody was told.
async fn receive(
    state: &State,
    promised: ArtefactId,
    body: Body,
) -> Result<Option<u64>, ArtefactFault> {
    let mut incoming = state.app.artefacts.begin(FILE_BYTES_MAX).await?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|broken| ArtefactFault::Unavailable(broken.to_string()))?;
        incoming.write(&piece).await?;
    }
    let stored = incoming.finish().await?;
    Ok((stored.id == promised).then_some(stored.bytes))
}

/// `GET /files/<ticket>`.
pub async fn download(
    Shared(state): Shared<Arc<State>>,
    Path(ticket): Path<String>,
    address: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let scope = match state.scope(&headers, None) {
        Ok(scope) => scope,
        Err(refused) => return problem(StatusCode::UNAUTHORIZED, refused.row.code),
    };
    let now = state.app.executor.now();
    let Some(artefact) = state.tickets.take(&ticket, &scope.actor, now) else {
        return problem(StatusCode::NOT_FOUND, "TICKET_UNKNOWN");
    };
    // A bank file holds names and accounts: it leaves only when that is recorded.
    if let Err(error) = record(&state, scope, &headers, address, artefact).await {
        tracing::error!(%error, "an export was not recorded");
        return problem(StatusCode::SERVICE_UNAVAILABLE, "ACCESS_NOT_RECORDED");
    }
    let outgoing = match state.app.artefacts.open(artefact).await {
        Ok(outgoing) => outgoing,
        Err(ArtefactFault::Absent(_)) => return problem(StatusCode::NOT_FOUND, "ARTEFACT_ABSENT"),
        Err(fault) => {
            tracing::error!(%fault, "a file was not given");
            return problem(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
        }
    };
    // An error in the middle breaks the connection: the reader must not take half a file for whole.
    let pieces = stream::unfold(Some(outgoing), |outgoing| async {
        let mut outgoing = outgoing?;
        match outgoing.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(outgoing))),
            Ok(None) => None,
            Err(fault) => Some((Err(fault), None)),
        }
    });
    let disposition = format!("attachment; filename=\"{artefact}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

#[derive(Debug, thiserror::Error)]
enum Unrecorded {
    #[error("the clock shows no day")]
    Day(#[from] Box<commands::CommandError>),
    #[error("the access log takes no record")]
    Log(#[from] access::AccessError),
}

async fn record(
    state: &State,
    scope: projections::Scope,
    headers: &HeaderMap,
    address: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    artefact: ArtefactId,
) -> Result<(), Unrecorded> {
    let by = access::By {
        actor: scope.actor,
        client: address.map(|address| address.0.0.ip().to_string()),
        on: state.app.executor.today().map_err(Box::new)?,
    };
    let (function, purpose) = (scope.function, owner::purpose(headers));
    state.app.access.exported(&by, access::Exported { function, purpose, artefact }).await?;
    Ok(())
}

fn problem(status: StatusCode, code: &'static str) -> Response {
    (status, Json(json!({ "code": code }))).into_response()
}
