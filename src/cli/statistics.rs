//! `renshe statistics`: figures that authorities publish.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use commands::statistics::{Report, Statistics as Reports, Taken};
use kernel::process::chunk_id;
use statistics::table;

use super::desk::Desk;
use super::failed::Unusable;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example: renshe statistics import mohrss_annual.csv
A figure that was published before with another value is a correction; both stay.")]
pub enum Statistics {
    /// Take a table of the Ministry's figures: one row per month, counted from January
    #[command(after_help = "\
Example: renshe statistics import mohrss_monthly_funds.csv --actor anna")]
    Import {
        /// A CSV file: period, then one column per series; empty cells were not published
        file: PathBuf,
        /// Whose figures they are
        #[arg(long, default_value = "mohrss")]
        publisher: String,
        /// What says so, for rows that do not name their release
        #[arg(long, default_value = "人力资源和社会保障统计快报")]
        source: String,
    },
}

impl Statistics {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let Self::Import { file, publisher, source } = self;
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(desk.file(&file));
        let text = text.with_context(|| format!("cannot read {shown}"));
        let rows = match table::read(&text.map_err(|error| error.context(Unusable::Asked))?) {
            Ok(rows) => rows,
            Err(mistakes) => {
                for one in &mistakes {
                    let place = format!("{shown}:{}: {} ", one.line, one.column);
                    desk.mistake(&place, &one.zh, &one.en)?;
                }
                let count = mistakes.len();
                return Err(anyhow!("{count} mistakes: nothing is taken").context(Unusable::Input));
            }
        };
        let node = desk.node().await?;
        let (reports, envelope) = (Reports::new(node.executor.clone()), desk.envelope());
        let (mut months, mut total) = (0_usize, Taken::default());
        for (index, row) in (0..).zip(rows) {
            // A month of which nothing was published.
            if row.readings.is_empty() {
                continue;
            }
            let step = envelope.step(chunk_id(envelope.command_id, index));
            let report = Report {
                publisher: publisher.clone(),
                month: row.month,
                readings: row.readings,
                source: row.source.unwrap_or_else(|| source.clone()),
            };
            let taken = reports.report(&step, &report).await?.result;
            months += 1;
            total.new += taken.new;
            total.corrected += taken.corrected;
        }
        node.caught_up().await?;
        desk.say(&total, || {
            let Taken { new, corrected } = total;
            format!("{months} months: {new} figures are new, {corrected} were corrected")
        })
    }
}
