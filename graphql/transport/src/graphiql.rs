//! GraphiQL 3 for demo and development, from files in the binary: it works without the internet.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::http::set;

/// Name, type and bytes of every file under `/graphiql/`.
const FILES: [(&str, &str, &[u8]); 9] = [
    ("boot.js", SCRIPT, include_bytes!("../assets/boot.js")),
    ("page.css", STYLE, include_bytes!("../assets/page.css")),
    ("graphiql.min.js", SCRIPT, include_bytes!("../assets/graphiql.min.js")),
    ("graphiql.min.css", STYLE, include_bytes!("../assets/graphiql.min.css")),
    ("react.production.min.js", SCRIPT, include_bytes!("../assets/react.production.min.js")),
    (
        "react-dom.production.min.js",
        SCRIPT,
        include_bytes!("../assets/react-dom.production.min.js"),
    ),
    ("graphiql.LICENSE", TEXT, include_bytes!("../assets/graphiql.LICENSE")),
    ("react.LICENSE", TEXT, include_bytes!("../assets/react.LICENSE")),
    ("react-dom.LICENSE", TEXT, include_bytes!("../assets/react-dom.LICENSE")),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

const PAGE: &str = include_str!("../assets/page.html");

/// Own files only. The editor writes style elements of its own, and its fonts are `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

pub(crate) fn page() -> Response {
    let mut response = PAGE.into_response();
    set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    set(&mut response, header::VARY, "accept, accept-language");
    guard(&mut response);
    response
}

pub(crate) async fn file(Path(name): Path<String>) -> Response {
    let Some((_, content_type, bytes)) = FILES.iter().find(|(file, ..)| *file == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = (*bytes).into_response();
    set(&mut response, header::CONTENT_TYPE, content_type);
    set(&mut response, header::CACHE_CONTROL, "public, max-age=86400");
    guard(&mut response);
    response
}

fn guard(response: &mut Response) {
    set(response, header::CONTENT_SECURITY_POLICY, POLICY);
    set(response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(response, header::REFERRER_POLICY, "no-referrer");
}
