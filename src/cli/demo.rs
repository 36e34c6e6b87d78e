//! `renshe demo`: the main job on real input.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Serialize;

use super::Unusable;
use super::desk::Desk;
use super::serve::Serve;
use crate::demo::{Asked, Checked, Proof, Shown, Term, is_whole, prove, run};

/// Makes people and employers in the real divisions of Nantong, registers the 91 real pension
/// settlement sheets and grants for the other items, pays January to March 2026 through simulated
/// banks that err, checks sixteen facts, proves the sums from five sources, then serves.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe demo
  renshe demo --once --people 2000 --months 1
  renshe demo --prove --json
The simulated banks read and leave their files in <data-dir>/banks: alter one and prove again.
Interrupted anywhere, the same command goes on where it was; a --data-dir that holds a demo of other
people, months or seed is left alone. The facts are checked where the first three months are paid.")]
pub struct Demo {
    /// Print facts and proof and end, instead of serving
    #[arg(long)]
    once: bool,
    /// Only prove what lies in --data-dir already
    #[arg(long, conflicts_with = "once")]
    prove: bool,
    /// How many people live in the city [default: 20000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    people: Option<u32>,
    /// How many months are paid, from January 2026 on [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=12))]
    months: Option<u8>,
    /// The same seed gives the same city and the same bank files [default: 2026]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The straight path alone: nothing happens but the payments, and the banks return some lines
    #[arg(long)]
    plain: bool,
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
        let asked = Asked { people, months, seed, plain: self.plain.then_some(true) };
        // What people did with it since is theirs: it is served, not proved.
        if self.once || !is_whole(&dir, &asked)? {
            shown(desk, &run(&dir, &asked, desk.databases()).await?)?;
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
    held: String,
}

#[derive(Serialize)]
struct Whole<'a> {
    facts: &'a [Checked],
    proofs: Vec<Line>,
}

/// The facts, each with ✓ or ✗, then the sums; an error when something does not hold.
fn shown(desk: &Desk, shown: &Shown) -> Result<()> {
    let Shown { facts, proofs } = shown;
    let broken: Vec<String> = facts
        .iter()
        .filter(|fact| !fact.holds())
        .map(|fact| format!("fact {} {} does not hold", fact.number, fact.en))
        .collect();
    let whole = Whole { facts, proofs: lines(proofs) };
    desk.say(&whole, || {
        let text = facts.iter().map(told).chain([sums(proofs)]);
        text.collect::<Vec<String>>().join("\n")
    })?;
    if !broken.is_empty() {
        return Err(anyhow::anyhow!("{}", broken.join("; ")).context(Unusable::Refuted));
    }
    equal(proofs)
}

/// A fact in a line, and below it the figures that are not as they should be.
fn told(fact: &Checked) -> String {
    let mark = if fact.holds() { '✓' } else { '✗' };
    let mut text = format!("{mark} {:>2} {} / {}", fact.number, fact.zh, fact.en);
    for figure in &fact.figures {
        let mark = if figure.holds() { '✓' } else { '✗' };
        let (what, found) = (&figure.what, &figure.found);
        text.push_str(&format!("\n     {mark} {what}: {found}"));
        if !figure.holds() {
            text.push_str(&format!(", expected {}", figure.expected));
        }
    }
    text
}

/// One line per item, then all of them together; an error when one does not hold.
fn report(desk: &Desk, proofs: &[Proof]) -> Result<()> {
    desk.say(&lines(proofs), || sums(proofs))?;
    equal(proofs)
}

fn lines(proofs: &[Proof]) -> Vec<Line> {
    let line = |proof: &Proof| Line {
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
        held: proof.held.sum.to_string(),
    };
    proofs.iter().map(line).collect()
}

fn sums(proofs: &[Proof]) -> String {
    let mut text: Vec<String> = proofs.iter().map(ToString::to_string).collect();
    if let Some(total) = Proof::total(proofs) {
        let Term { lines, sum } = total.returned;
        text.push(format!("returned by the banks: {sum} yuan, {lines} lines"));
        let Term { lines, sum } = total.unknown;
        text.push(format!("not mentioned in any reply: {sum} yuan, {lines} lines"));
        let Term { lines, sum } = total.held;
        text.push(format!("held back from the bank files: {sum} yuan, {lines} lines"));
        text.push(format!("all  {}", total.equation()));
    }
    text.join("\n")
}

fn equal(proofs: &[Proof]) -> Result<()> {
    let total = Proof::total(proofs).context("nothing was paid: there is nothing to prove")?;
    let broken: Vec<String> = proofs.iter().filter(|proof| !proof.holds()).map(broken).collect();
    if !broken.is_empty() {
        return Err(anyhow::anyhow!("{}", broken.join("; ")).context(Unusable::Refuted));
    }
    if !total.holds() {
        bail!(Unusable::Refuted);
    }
    Ok(())
}
