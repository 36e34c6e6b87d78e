//! The names that a server answers to.
//!
//! A foreign page can let its own name point at this machine (DNS rebinding); the browser then takes
//! both for one site, and nothing but the name in `Host` tells them apart.

use std::net::IpAddr;
use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{code::Code, language::Language};

/// `localhost` and loopback addresses with any port, and the names that the operator lists.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    /// Names without a port, as `renshe.example`; they hold for every port.
    #[must_use]
    pub fn with(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names.extend(names.into_iter().map(|name| name.to_ascii_lowercase()));
        self
    }

    /// Every route of `router` answers to these names only; others get 421.
    pub fn guard(self, router: Router) -> Router {
        router.layer(from_fn_with_state(Arc::new(self), answer_to_known))
    }

    fn knows(&self, authority: &str) -> bool {
        let Ok(uri) = format!("http://{authority}/").parse::<Uri>() else {
            return false;
        };
        // No name with a user before it: `localhost@evil.example` is somebody else.
        let (Some(host), false) = (uri.host(), authority.contains('@')) else {
            return false;
        };
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        host == "localhost"
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            || self.names.contains(&host)
    }
}

async fn answer_to_known(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Response {
    let mut named = request.headers().get_all(header::HOST).iter();
    let known = match (named.next(), named.next(), request.uri().authority()) {
        (Some(host), None, _) => host.to_str().is_ok_and(|host| hosts.knows(host)),
        // HTTP/2 has the name in the address.
        (None, None, Some(authority)) => hosts.knows(authority.as_str()),
        _ => false,
    };
    if known {
        return next.run(request).await;
    }
    let row = Code::HostRefused.row();
    let language = Language::of(request.headers());
    let error = json!({ "message": row.text(language), "extensions": {
        "code": row.code, "retryable": row.retryable, "action": row.action(language),
    } });
    let status = StatusCode::from_u16(row.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, Json(json!({ "errors": [error] }))).into_response();
    crate::http::private(&mut response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_under_a_name_of_its_own_is_not_answered() {
        let hosts = Hosts::default().with(["Renshe.example".to_owned()]);
        for (authority, known) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:8080", true),
            ("127.8.9.1", true),
            ("[::1]:8080", true),
            ("renshe.example", true),
            ("renshe.example:443", true),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("localhost@evil.example", false),
            ("evil@localhost", false),
            ("192.168.1.7:8080", false),
            ("0.0.0.0", false),
            ("", false),
        ] {
            assert_eq!(hosts.knows(authority), known, "{authority}");
        }
    }
}
