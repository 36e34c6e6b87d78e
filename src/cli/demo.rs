//! `renshe demo`: the main job on real input.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Serialize;

use super::Unusable;
use super::desk::Desk;
use super::serve::Serve;
use crate::demo::{Asked, Proof, Term, is_whole, prove, run};

/// Makes people and employers in the real divisions of Nantong, registers the 91 real pension
/// settlement sheets and grants for the other items, pays them through simulated banks, proves the
/// sums from five sources, then serves.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe demo
  renshe demo --once --people 2000 --months 3
  renshe demo --prove --json
The simulated banks read and leave their files in <data-dir>/banks: alter one and prove again.
Interrupted anywhere, the same command goes on where it was; a --data-dir that holds a demo of other
people, months or seed is left alone. Several months take their time: add --release to `cargo xtask
demo`.")]
pub struct Demo {
    /// Print the proof and end, instead of serving
    #[arg(long)]
    once: bool,
    /// Only prove what lies in --data-dir already
    #[arg(long, conflicts_with = "once")]
    prove: bool,
    /// How many people live in the city [default: 20000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    people: Option<u32>,
    /// How many months are paid, from January 2026 on [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=12))]
    months: Option<u8>,
    /// The same seed gives the same city and the same bank files [default: 2026]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    serve: Serve,
}

impl Demo {
    /// Whether it only reads.
    pub fn only_proves(&self) -> bool {
        self.prove
    }

    pub async fn run(self, desk: &Desk) -> Result<()> {
        let dir = desk.data_dir();
        if self.prove {
            let node = desk.existing().await?;
            // A source that is not whole proves nothing.
            let proofs = prove(&dir, &*node.log).await.context(Unusable::Refuted)?;
            return report(desk, &proofs);
        }
        let Self { people, months, seed, .. } = self;
        let asked = Asked { people, months, seed };
        // What people did with it since is theirs: it is served, not proved.
        if self.once || !is_whole(&dir, &asked)? {
            report(desk, &run(&dir, &asked, desk.databases()).await?)?;
        }
        if self.once {
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
    lines: u64,
    plan: String,
    instruction: String,
    reply: String,
    statement: String,
    ledger: String,
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
            lines: proof.plan.lines,
            plan: proof.plan.sum.to_string(),
            instruction: proof.instruction.sum.to_string(),
            reply: proof.reply.sum.to_string(),
            statement: proof.statement.sum.to_string(),
            ledger: proof.ledger.sum.to_string(),
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
