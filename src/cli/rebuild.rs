//! `renshe rebuild`: a read model is filled anew and takes over; nothing stops.

use anyhow::Result;
use clap::Args;

use super::Desk;

#[derive(Debug, Args)]
pub struct Rebuild {
    /// The read model, as `renshe status` lists it
    view: String,
    /// Let the new one take over even where it differs from the live one
    #[arg(long)]
    replace: bool,
}

impl Rebuild {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let rebuild = if self.replace {
            node.train.rebuild_and_replace(&self.view)?
        } else {
            node.train.rebuild(&self.view)?
        };
        let ended = rebuild.finished().await;
        let outcome = format!("{:?}", ended.outcome);
        desk.say(&outcome, || {
            let (view, generation, done) = (ended.view, ended.generation, ended.done);
            format!("{view} generation {generation} at position {done}: {outcome}")
        })?;
        node.stop();
        Ok(())
    }
}
