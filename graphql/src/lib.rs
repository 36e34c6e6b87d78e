//! The one endpoint: everything that front-ends ask and tell, in GraphQL, and what stands beside it.
//!
//! | question | module |
//! |---|---|
//! | Who asks, at which position is it answered? | [`request`] |
//! | How are values written? | [`scalars`], [`global_id`], [`cursor`] |
//! | How is a list paged, filtered and ordered? | [`connection`], [`conditions`], [`listing`] |
//! | What does a command answer? | [`outcome`], and its codes in [`codes`] |
//! | What does a fault look like? | [`fault`] |
//! | How is a live view kept? | [`live`] |
//! | How is nothing read row by row? | [`batches`], [`reads`] |
//! | Who looked at what in clear? | [`personal`], [`access`] |
//! | How did it stand then? | [`scratch`] |
//! | Files, lists that leave, health, metrics? | [`files`], [`mod@exports`], [`ops`] |
//! | The schema itself? | [`schema`], with one module per context |
//!
//! **Invariant** one operation reads all read models at one position, and no query is made per row
//! of a list.

mod access;
mod audit;
mod batches;
mod benefits;
mod calls;
mod cards;
pub mod codes;
mod conditions;
mod connection;
mod cursor;
mod definitions;
mod desk;
mod disbursement;
mod drafts;
pub mod exports;
mod fault;
mod files;
mod global_id;
mod imports;
mod indicators;
mod listing;
mod live;
mod ops;
mod outcome;
mod owner;
mod personal;
mod reads;
mod registry;
mod request;
mod scalars;
mod schema;
mod scratch;
mod tags;
#[cfg(test)]
mod tests;
mod view;
mod warnings;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use projections::TrainHandle;
use transport::Transport;

pub use transport::Limits;

/// What the endpoint works with: the write side, the read side and their ports.
#[derive(Clone)]
pub struct App {
    pub executor: commands::Executor,
    pub registry: commands::registry::Registry,
    pub cards: commands::cards::Cards,
    pub benefits: commands::benefits::Benefits,
    pub rulebook: commands::rulebook::Rulebook,
    pub disbursement: commands::disbursement::Disbursement,
    pub imports: commands::imports::Imports,
    pub train: TrainHandle,
    pub keys: Arc<dyn commands::Keys>,
    pub artefacts: Arc<dyn commands::Artefacts>,
    pub rules: Arc<dyn commands::disbursement::Rules>,
    /// Who looked at what: nothing personal is shown in clear without a record in it.
    pub access: commands::access::Access,
    /// Writes the tables of lists that leave.
    pub tables: Arc<dyn projections::exports::Tables>,
    /// Reacts to events, and tries a refused command again when a person says so.
    pub processes: Arc<commands::Runner>,
    /// The actor comes from a header, introspection and GraphiQL are on.
    pub demo: bool,
}

impl App {
    /// What makes tables of lists.
    #[must_use]
    pub fn exporter(&self) -> exports::Exporter {
        exports::Exporter {
            executor: self.executor.clone(),
            train: self.train.clone(),
            artefacts: Arc::clone(&self.artefacts),
            tables: Arc::clone(&self.tables),
        }
    }
}

/// Everything that is served: `/graphql`, `/files`, `/health`, `/ready`, `/metrics`.
pub fn router(app: App, limits: Limits) -> Router {
    let demo = app.demo;
    let schema = schema::schema();
    let digest = app.keys.mac(schema.sdl().as_bytes());
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let state = Arc::new(owner::State::new(app, digest));
    let endpoint = Transport::new(schema, limits, owner::Owner(Arc::clone(&state)))
        .introspection(demo)
        .graphiql(demo)
        .router()
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&state), ops::count_request));
    Router::new()
        .route("/files", post(files::upload))
        .route("/files/{ticket}", get(files::download))
        .route("/health", get(ops::health))
        .route("/ready", get(ops::ready))
        .route("/metrics", get(ops::metrics))
        .with_state(state)
        .merge(endpoint)
}

/// The schema as text: the contract with every front-end.
#[must_use]
pub fn sdl() -> String {
    schema::schema().sdl()
}
