//! Which requests a foreign page cannot have sent.

use axum::http::{HeaderMap, Uri, header, request::Parts};

/// Any of these headers makes a browser ask for leave first, and we never grant it to others.
const PREFLIGHT_HEADERS: [&str; 4] = [
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "x-graphql-client-name",
];

/// Whether a GET without a body could only come from our own page or from outside a browser.
pub(crate) fn is_preflighted(headers: &HeaderMap) -> bool {
    // Browsers set this one themselves and let no script change it.
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    matches!(site, Some("same-origin"))
        || PREFLIGHT_HEADERS
            .iter()
            .any(|name| headers.get(*name).is_some_and(|value| !value.is_empty()))
        || is_json(headers)
}

/// Whether the body is declared as JSON in UTF-8, which no HTML form can do.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = value.unwrap_or_default().split(';');
    let json = parts.next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

/// Whether a WebSocket may be opened from where the request comes: the page's host is ours, the
/// origin is on the list, or there is no origin because no browser sent it.
pub(crate) fn may_open_socket(parts: &Parts, allowed: &[String]) -> bool {
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else {
        return false;
    };
    if allowed.iter().any(|one| one.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    let Ok(origin) = origin.parse::<Uri>() else {
        return false;
    };
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    match (origin.scheme_str(), origin.authority(), host) {
        (Some("http" | "https"), Some(from), Some(host)) => {
            let port = if origin.scheme_str() == Some("https") { ":443" } else { ":80" };
            let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
            bare(from.as_str()) == bare(host)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_socket_opens_from_our_own_page_and_from_listed_ones() {
        let allowed = ["https://console.example".to_owned()];
        for (origin, host, open) in [
            (None, "renshe.example", true),
            (Some("https://renshe.example"), "renshe.example", true),
            (Some("https://RENSHE.example:443"), "renshe.example", true),
            (Some("http://127.0.0.1:8080"), "127.0.0.1:8080", true),
            (Some("http://127.0.0.1:8081"), "127.0.0.1:8080", false),
            (Some("https://console.example"), "renshe.example", true),
            (Some("http://console.example"), "renshe.example", false),
            (Some("https://evil.example"), "renshe.example", false),
            (Some("https://renshe.example.evil.example"), "renshe.example", false),
            (Some("null"), "renshe.example", false),
        ] {
            let mut request = Request::builder().uri("/graphql").header("host", host);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(may_open_socket(&parts, &allowed), open, "{origin:?} {host}");
        }
    }
}
