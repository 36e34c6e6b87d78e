//! The transport's owner: who asks, and what is shared by all requests.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use async_graphql::Data;
use commands::Language;
use projections::Scope;
use projections::scope::Fields;
use shared::DivisionCode;
use transport::{Code, Incoming, Refusal, RequestData, Row};

use crate::App;
use crate::codes;
use crate::files::Tickets;
use crate::ops::Counts;
use crate::request::{Request, Shown};

/// Who acts where nobody says so in demo mode.
pub const DEMO_ACTOR: &str = "demo.clerk";
/// Who acts outside demo mode until identities are there: the endpoint listens on loopback only.
pub const LOCAL_ACTOR: &str = "local.operator";

const ACTOR: &str = "x-renshe-actor";
/// In demo mode: the personal fields that are shown in clear, by comma; absent means all.
const FIELDS: &str = "x-renshe-fields";
/// In demo mode: the divisions that are seen, by comma; absent means all.
const DIVISIONS: &str = "x-renshe-divisions";
/// In demo mode: the business function, like `audit`; absent means all of them.
const FUNCTION: &str = "x-renshe-function";
/// Why personal values are looked at: kept with the record of the look.
const PURPOSE: &str = "x-renshe-purpose";
const ACTOR_BYTES_MAX: usize = 64;
const PURPOSE_CHARS_MAX: usize = 200;

/// What all requests share.
pub struct State {
    pub app: App,
    pub tickets: Tickets,
    pub counts: Counts,
    /// The digest of the schema, for `ETag`.
    schema: String,
}

impl State {
    pub fn new(app: App, schema: String) -> Self {
        Self { app, tickets: Tickets::default(), counts: Counts::default(), schema }
    }

    /// Who asks, by a header or by the same word in a WebSocket's first message.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a name that can be nobody's.
    pub fn scope(
        &self,
        headers: &axum::http::HeaderMap,
        init: Option<&serde_json::Value>,
    ) -> Result<Scope, Refusal> {
        if !self.app.demo {
            return Ok(Scope::everything(LOCAL_ACTOR));
        }
        let said = |name: &str| {
            let first = init.and_then(|init| init.get(name)?.as_str());
            first.or_else(|| headers.get(name).and_then(|value| value.to_str().ok()))
        };
        let actor = said(ACTOR).unwrap_or(DEMO_ACTOR);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if actor.is_empty() || actor.len() > ACTOR_BYTES_MAX || !actor.chars().all(fits) {
            return Err(Code::Unauthenticated.into());
        }
        let mut scope = Scope::everything(actor);
        if let Some(fields) = said(FIELDS) {
            let fields = fields.split(',').map(str::trim).filter(|field| !field.is_empty());
            scope.fields = Fields::These(fields.map(str::to_owned).collect::<BTreeSet<_>>());
        }
        if let Some(divisions) = said(DIVISIONS) {
            let divisions = divisions.split(',').map(str::trim).filter(|code| !code.is_empty());
            let divisions: Result<Vec<_>, _> = divisions.map(DivisionCode::parse).collect();
            scope.divisions = Some(divisions.map_err(|_| Code::Unauthenticated)?);
        }
        if let Some(function) = said(FUNCTION).filter(|function| function.chars().all(fits)) {
            scope.function = function.to_owned();
        }
        Ok(scope)
    }

    /// What an answer depends on besides the request: where the read models stand, who may see
    /// what, and the schema.
    fn version(&self, scope: &Scope) -> String {
        let here = self.app.executor.log().identity().token(self.app.train.reached());
        // `Scope` prints every one of its fields, and none of them is personal but the actor.
        format!("{here}\0{scope:?}\0{}", self.schema)
    }
}

/// Why, as the header says, cut where it is longer than a line.
pub fn purpose(headers: &axum::http::HeaderMap) -> Option<String> {
    let said = headers.get(PURPOSE)?.to_str().ok()?.trim();
    (!said.is_empty()).then(|| said.chars().take(PURPOSE_CHARS_MAX).collect())
}

/// One per process.
pub struct Owner(pub Arc<State>);

impl transport::Context for Owner {
    fn request_data(&self, incoming: &Incoming<'_>) -> Result<RequestData, Refusal> {
        let state = &self.0;
        let scope = state.scope(&incoming.parts.headers, incoming.init)?;
        let language = match incoming.language {
            transport::Language::Zh => Language::Zh,
            transport::Language::En => Language::En,
        };
        let address = incoming.parts.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>();
        let client = address.map(|address| address.0.ip().to_string());
        let shown = Shown::default();
        let here = state.app.executor.log().identity();
        let mut data = Data::default();
        let version = Some(state.version(&scope));
        let mut request = Request::new(Arc::clone(state), scope, language, client, shown.clone());
        request.purpose = purpose(&incoming.parts.headers);
        data.insert(request);
        let extensions = move || {
            vec![
                ("position", here.token(shown.get()).to_string().into()),
                ("statements", shown.statements().into()),
            ]
        };
        Ok(RequestData { data, extensions: Some(Box::new(extensions)), version })
    }

    fn codes(&self) -> &'static [Row] {
        codes::FAULTS
    }
}
