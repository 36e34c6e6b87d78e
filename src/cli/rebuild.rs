//! `renshe rebuild`: a read model is filled anew and takes over; nothing stops.

use anyhow::{Result, anyhow};
use clap::Args;
use projections::engine::Outcome;
use serde::Serialize;

use super::Unusable;
use super::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe rebuild payments
  renshe rebuild payments --replace   # after the live one was found to differ
Nothing stops meanwhile, also beside `renshe serve`.")]
pub struct Rebuild {
    /// The read model, as `renshe status` lists it
    view: String,
    /// Let the new one take over even where it differs from the live one
    #[arg(long)]
    replace: bool,
}

#[derive(Serialize)]
struct Answer {
    view: String,
    generation: u32,
    position: u64,
    outcome: String,
}

impl Rebuild {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        let rebuild = if self.replace {
            node.train.rebuild_and_replace(&self.view)
        } else {
            node.train.rebuild(&self.view)
        };
        let ended = rebuild.map_err(|no| anyhow!(no).context(Unusable::Asked))?.finished().await;
        let outcome = match &ended.outcome {
            Outcome::Flipped => "Flipped".to_owned(),
            Outcome::Different { .. } => "Different: the live one stays".to_owned(),
            other => format!("{other:?}"),
        };
        let answer = Answer {
            view: ended.view.to_string(),
            generation: ended.generation,
            position: ended.done.0,
            outcome,
        };
        desk.say(&answer, || {
            let Answer { view, generation, position, outcome } = &answer;
            format!("{view} generation {generation} at position {position}: {outcome}")
        })?;
        match ended.outcome {
            Outcome::Flipped => Ok(()),
            // A pure fold that gives two tables is a fault of the program, or somebody altered one.
            Outcome::Different { .. } => {
                let differs = "the read model and the log tell different things: see --replace";
                Err(anyhow!(differs).context(Unusable::Refuted))
            }
            Outcome::Filling | Outcome::Comparing | Outcome::Failed(_) | Outcome::Interrupted => {
                Err(anyhow!("{} is not rebuilt: {}", answer.view, answer.outcome))
            }
        }
    }
}
