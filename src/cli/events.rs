//! `renshe events`: the log, event by event, as it is stored.

use anyhow::Result;
use clap::Args;
use kernel::codec::to_line;
use kernel::{Limit, Position, Recorded, Revision, StreamName};

use super::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  renshe events --type batch. --limit 20
  renshe events --stream plan-A1-2026-01-320000-1 --json")]
pub struct Events {
    /// Only this stream, such as plan-A1-2026-01-320000-1
    #[arg(long)]
    stream: Option<String>,
    /// Only types that begin so, such as batch.
    #[arg(long, value_name = "PREFIX")]
    r#type: Option<String>,
    /// After this position (or revision, with --stream)
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

impl Events {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let (mut after, mut shown) = (self.after, 0);
        while shown < self.limit {
            let page = match &self.stream {
                Some(stream) => {
                    let stream = StreamName::stored(stream.clone());
                    node.log.read_stream(&stream, Revision(after), Limit::PAGE).await?
                }
                None => node.log.read(Position(after), Limit::PAGE).await?,
            };
            let Some(last) = page.last() else { break };
            after = if self.stream.is_some() { last.revision.0 } else { last.position.0 };
            let wanted = |event: &&Recorded| {
                self.r#type.as_ref().is_none_or(|prefix| event.type_name.starts_with(prefix))
            };
            for event in page.iter().filter(wanted).take(self.limit - shown) {
                shown += 1;
                show(desk, event)?;
            }
        }
        Ok(())
    }
}

fn show(desk: &Desk, event: &Recorded) -> Result<()> {
    if desk.json() {
        return desk.out(&to_line(event));
    }
    let actor = event.meta().map_or_else(|_| String::new(), |meta| meta.actor);
    desk.out(&format!(
        "{:>8}  {}  {}@{}  {}  by {actor}\n          {}",
        event.position,
        event.recorded_at,
        event.stream,
        event.revision,
        event.type_name,
        event.data
    ))
}
