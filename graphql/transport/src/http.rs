//! GraphQL over HTTP (September 2026): one operation per request.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::{
    accept::{Accepted, Media},
    code::Code,
    core::{Answer, Caller, Core},
    fault::Fault,
    graphiql,
    limits::Limits,
    origin,
    params::Params,
    sse, ws,
};

/// An operation ran but met errors; a status of the GraphQL-over-HTTP specification's own.
const PARTIAL_SUCCESS: u16 = 294;

pub(crate) async fn endpoint(State(core): State<Arc<Core>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if ws::is_upgrade(&parts) {
        return ws::upgrade(core, parts).await;
    }
    let caller = core.caller(&parts);
    let accepted = Accepted::of(&parts.headers);
    if parts.method == Method::GET && core.graphiql && accepted.best == Some(Media::Html) {
        return graphiql::page();
    }
    let json = accepted.json.unwrap_or(Media::Json);
    match run(&core, &mut parts, body, accepted, &caller).await {
        Ok(response) => response,
        Err(fault) => {
            // Errors of the document itself go through the stream that the caller asked for,
            // since an `EventSource` cannot read the body of an error status.
            if accepted.best == Some(Media::EventStream) && !fault.row.status_always {
                return sse::single(&core.faulted(&fault, &caller));
            }
            refused(&core, &fault, &caller, json)
        }
    }
}

async fn run(
    core: &Arc<Core>,
    parts: &mut Parts,
    body: Body,
    accepted: Accepted,
    caller: &Caller,
) -> Result<Response, Fault> {
    let is_get = match parts.method {
        Method::GET => true,
        Method::POST => false,
        _ => {
            let mut fault = Fault::new(Code::MethodNotAllowed, parts.method.as_str());
            fault.allow = Some("GET, POST");
            return Err(fault);
        }
    };
    if accepted.best.is_none_or(|best| best == Media::Html) && accepted.json.is_none() {
        return Err(Fault::new(Code::NotAcceptable, ""));
    }
    let params = if is_get {
        if !origin::is_preflighted(&parts.headers) {
            return Err(Fault::new(Code::PreflightRequired, ""));
        }
        Params::from_uri(&parts.uri)?
    } else {
        if !origin::is_json(&parts.headers) || is_encoded(parts) {
            return Err(Fault::new(Code::UnsupportedMediaType, ""));
        }
        Params::from_json(&read(parts, body, &core.limits).await?)?
    };

    let job = core.prepare(params, parts, None, caller)?;
    if is_get && job.kind == OperationType::Mutation {
        let mut fault = Fault::new(Code::MethodNotAllowed, "");
        fault.allow = Some("POST");
        return Err(fault);
    }
    let stream = accepted.best == Some(Media::EventStream)
        || (accepted.event_stream && job.kind == OperationType::Subscription);
    if stream {
        return sse::stream(core, job, caller);
    }
    if job.kind == OperationType::Subscription {
        return Err(Fault::new(Code::StreamRequired, ""));
    }
    let media = accepted.json.unwrap_or(Media::Json);
    let tag =
        job.version.as_deref().filter(|_| is_get).map(|v| entity_tag(v, parts, media, caller));
    if let Some(tag) = tag.as_ref().filter(|tag| is_known(parts, tag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        tagged(&mut response, tag);
        return Ok(response);
    }
    let answer = core.answer(job).await;
    let flawless = answer.row.is_none();
    let mut response = written(answer, media);
    if let Some(tag) = tag.filter(|_| flawless) {
        tagged(&mut response, &tag);
    }
    Ok(response)
}

/// The state that the owner named, and all of the request that shapes the answer.
///
/// The state is named before the operation runs, so the answer may be newer than its tag; the
/// next request then only gets it once more.
fn entity_tag(version: &str, parts: &Parts, media: Media, caller: &Caller) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let language = format!("{:?}", caller.language);
    let mut digest = Sha256::new();
    for part in [version, query, media.content_type(), &language] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let digest = hex::encode(digest.finalize());
    format!("W/\"{}\"", &digest[..32])
}

fn is_known(parts: &Parts, tag: &str) -> bool {
    let known = parts.headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    known.any(|one| one.trim() == tag)
}

fn tagged(response: &mut Response, tag: &str) {
    let tag = HeaderValue::from_str(tag).expect("a tag is ASCII: hexadecimal digits in quotes");
    response.headers_mut().insert(header::ETAG, tag);
    set(response, header::CACHE_CONTROL, "private, no-cache");
    set(response, header::VARY, "accept, accept-language");
}

fn is_encoded(parts: &Parts) -> bool {
    let encoding = parts.headers.get(header::CONTENT_ENCODING);
    encoding.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Reads the body, counting: a declared length is believed only when it is too long.
async fn read(parts: &Parts, body: Body, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let max = limits.body_bytes_max;
    let too_large = || Fault::new(Code::BodyTooLarge, format!("> {max}"));
    let declared = parts.headers.get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let declared = declared.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if declared.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let counted = async {
        let mut bytes = Vec::with_capacity(declared.unwrap_or_default());
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk: Bytes =
                chunk.map_err(|_| Fault::new(Code::BadRequest, "the body broke off"))?;
            if bytes.len() + chunk.len() > max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    timeout(limits.body_timeout, counted).await.map_err(|_| Fault::new(Code::BodyTooSlow, ""))?
}

pub(crate) fn refused(core: &Core, fault: &Fault, caller: &Caller, media: Media) -> Response {
    let mut response = written(core.faulted(fault, caller), media);
    if let Some(allow) = fault.allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

fn written(mut answer: Answer, media: Media) -> Response {
    let headers = std::mem::take(&mut answer.headers);
    let mut response = answer.to_json().into_response();
    *response.status_mut() = status(&answer, media);
    response.headers_mut().extend(headers);
    set(&mut response, header::CONTENT_TYPE, media.content_type());
    set(&mut response, header::VARY, "accept, accept-language");
    private(&mut response);
    response
}

/// Answers depend on who asks: no cache may keep them and nothing may guess their type.
pub(crate) fn private(response: &mut Response) {
    set(response, header::CACHE_CONTROL, "private, no-store");
    set(response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
}

pub(crate) fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

fn status(answer: &Answer, media: Media) -> StatusCode {
    let code = match (answer.row, answer.data.is_some(), media) {
        (None, _, _) => 200,
        (Some(_), true, Media::GraphqlResponse) => PARTIAL_SUCCESS,
        (Some(row), false, Media::GraphqlResponse) => row.status,
        (Some(row), false, _) if row.status_always => row.status,
        (Some(_), _, _) => 200,
    };
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
