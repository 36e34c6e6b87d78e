//! `renshe rebuild`: read models are filled anew and take over; nothing stops.

use anyhow::{Result, anyhow};
use clap::Args;
use projections::engine::{Outcome, Progress};
use serde::Serialize;

use super::Unusable;
use super::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe rebuild payments
  renshe rebuild payments runs books  # together: the log is read once
  renshe rebuild --all
  renshe rebuild payments --replace   # after the live one was found to differ
Nothing stops meanwhile, also beside `renshe serve`.")]
pub struct Rebuild {
    /// The read models, as `renshe status` lists them
    #[arg(value_name = "VIEW", required_unless_present = "all", conflicts_with = "all")]
    models: Vec<String>,
    /// All of them
    #[arg(long)]
    all: bool,
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
        let known = node.train.status().await;
        let views: Vec<&str> = match self.all {
            true => known.views.iter().map(|view| view.name).collect(),
            false => self.models.iter().map(String::as_str).collect(),
        };
        let rebuilds = match self.replace {
            true => views.iter().map(|view| node.train.rebuild_and_replace(view)).collect(),
            false => node.train.rebuild_all(&views),
        };
        let mut ended = Vec::new();
        for rebuild in rebuilds.map_err(|no| anyhow!(no).context(Unusable::Asked))? {
            ended.push(rebuild.finished().await);
        }
        let answers: Vec<Answer> = ended.iter().map(Answer::of).collect();
        desk.say(&answers, || answers.iter().map(Answer::text).collect::<Vec<_>>().join("\n"))?;
        ended.iter().try_for_each(judge)
    }
}

impl Answer {
    fn of(ended: &Progress) -> Self {
        Self {
            view: ended.view.to_owned(),
            generation: ended.generation,
            position: ended.done.0,
            outcome: match &ended.outcome {
                Outcome::Flipped => "Flipped".to_owned(),
                Outcome::Different { .. } => "Different: the live one stays".to_owned(),
                other => format!("{other:?}"),
            },
        }
    }

    fn text(&self) -> String {
        let Self { view, generation, position, outcome } = self;
        format!("{view} generation {generation} at position {position}: {outcome}")
    }
}

fn judge(ended: &Progress) -> Result<()> {
    match &ended.outcome {
        Outcome::Flipped => Ok(()),
        // A pure fold that gives two tables is a fault of the program, or somebody altered one.
        Outcome::Different { .. } => {
            let differs = "the read model and the log tell different things: see --replace";
            Err(anyhow!(differs).context(Unusable::Refuted))
        }
        Outcome::Filling | Outcome::Comparing | Outcome::Failed(_) | Outcome::Interrupted => {
            Err(anyhow!("{} is not rebuilt: {:?}", ended.view, ended.outcome))
        }
    }
}
