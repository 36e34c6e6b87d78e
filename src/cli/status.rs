//! `renshe status`: how log and read models stand.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "Example: renshe status --json")]
pub struct Status {}

#[derive(Serialize)]
struct Standing {
    log_id: String,
    epoch: u32,
    head: u64,
    /// Where it is served; absent while nobody serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    served_at: Option<String>,
    views: Vec<View>,
}

#[derive(Serialize)]
struct View {
    name: String,
    version: u32,
    generation: u32,
    position: u64,
    lag_events: u64,
}

impl Status {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let status = node.train.status().await;
        let identity = node.log.identity();
        let standing = Standing {
            log_id: identity.log_id.0.to_string(),
            epoch: identity.epoch.0,
            head: status.head.0,
            served_at: desk.served_at().map(str::to_owned),
            views: status
                .views
                .iter()
                .map(|view| View {
                    name: view.name.to_owned(),
                    version: view.version,
                    generation: view.generation,
                    position: view.position.0,
                    lag_events: view.lag_events,
                })
                .collect(),
        };
        desk.say(&standing, || {
            let Standing { log_id, epoch, head, served_at, views } = &standing;
            let mut text = vec![format!("log {log_id}, epoch {epoch}, position {head}")];
            text.extend(served_at.iter().map(|address| format!("served at {address}")));
            text.extend(views.iter().map(|view| {
                format!(
                    "{:12} v{} generation {}  position {}  behind by {}",
                    view.name, view.version, view.generation, view.position, view.lag_events
                )
            }));
            text.join("\n")
        })?;
        Ok(())
    }
}
