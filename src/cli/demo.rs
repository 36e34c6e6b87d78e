//! `renshe demo`: the main job on real input.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Serialize;

use super::serve::Serve;
use super::{Desk, Unusable};
use crate::demo::{Proof, Term, Wanted, prove, run};

/// Makes people and employers in the real divisions of Nantong, registers the 91 real pension
/// settlement sheets and grants for the other items, pays them through simulated banks, proves the
/// sums from five sources, then serves.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe demo --once --people 2000
  renshe demo --prove --json
The simulated banks read and leave their files in <data-dir>/banks: alter one and prove again.")]
pub struct Demo {
    /// Print the proof and end, instead of serving
    #[arg(long)]
    once: bool,
    /// Only prove what lies in --data-dir already
    #[arg(long, conflicts_with = "once")]
    prove: bool,
    /// How many people live in the city
    #[arg(long, default_value_t = 20_000)]
    people: u32,
    /// How many months are paid, from January 2026 on
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=12))]
    months: u8,
    /// The same seed gives the same city and the same bank files
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    #[command(flatten)]
    serve: Serve,
}

impl Demo {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let dir = desk.data_dir();
        let proofs = if self.prove {
            let node = desk.existing().await?;
            let proofs = prove(&dir, &*node.log).await;
            node.stop();
            // A source that is not whole proves nothing.
            proofs.context(Unusable::Refuted)?
        } else if dir.join("log").exists() && !self.once {
            return self.serve.run(desk).await;
        } else {
            let Self { people, months, seed, .. } = self;
            run(&dir, &Wanted { people, months, seed }).await?
        };
        report(desk, &proofs)?;
        if self.once || self.prove {
            return Ok(());
        }
        self.serve.run(desk).await
    }
}

/// Which item, and which of its sources stand against the others.
fn broken(proof: &Proof) -> String {
    let (month, item, odd) = (proof.month, proof.item, proof.odd());
    match odd.as_slice() {
        [] => format!("{month} {item}: no two sources tell the same sum"),
        [one] => format!("{month} {item}: the {one} tells another sum"),
        _ => format!("{month} {item}: {} tell other sums", odd.join(", ")),
    }
}

#[derive(Serialize)]
struct Line {
    month: String,
    item: String,
    holds: bool,
    plan: String,
    lines: u64,
    returned: String,
    unknown: String,
}

/// One line per item, then all of them together; an error when one does not hold.
fn report(desk: &Desk, proofs: &[Proof]) -> Result<()> {
    let lines: Vec<Line> = proofs
        .iter()
        .map(|proof| Line {
            month: proof.month.to_string(),
            item: proof.item.to_string(),
            holds: proof.holds(),
            plan: proof.plan.sum.to_string(),
            lines: proof.plan.lines,
            returned: proof.returned.sum.to_string(),
            unknown: proof.unknown.sum.to_string(),
        })
        .collect();
    let total = Proof::total(proofs).context("nothing was paid: there is nothing to prove")?;
    desk.say(&lines, || {
        let mut text: Vec<String> = proofs.iter().map(ToString::to_string).collect();
        let Term { lines, sum } = total.returned;
        text.push(format!("returned by the banks: {sum} yuan, {lines} lines"));
        let Term { lines, sum } = total.unknown;
        text.push(format!("not mentioned in any reply: {sum} yuan, {lines} lines"));
        text.push(format!("all  {}", total.equation()));
        text.join("\n")
    })?;
    let broken: Vec<String> = proofs.iter().filter(|proof| !proof.holds()).map(broken).collect();
    if !broken.is_empty() {
        return Err(anyhow::anyhow!("{}", broken.join("; ")).context(Unusable::Refuted));
    }
    if !total.holds() {
        bail!(Unusable::Refuted);
    }
    Ok(())
}
