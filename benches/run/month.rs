//! Months of lines: one step by step, twelve one after another, one that comes back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use benches::facts;
use benches::node::{Node, World};
use benches::steps::{Watch, memory_peak_anew, memory_peak_mib, rate, ratio};
use kernel::ports::FixedClock;
use kernel::{EventLog, Limit, Position};
use shared::Date;
use simulations::bank::Habits;

use super::desk::{Desk, SEED, Sent, Step, at};
use super::{build, database, plain};

/// The file in which a round leaves how long it took, in microseconds.
pub const TOOK: &str = "bench-took";

/// What is aimed at for 100,000 lines.
const SECONDS_MAX: u64 = 5;
const MEMORY_MAX_MIB: u64 = 1_024;

/// The day on which the first month begins for the office.
fn first_day() -> Result<Date> {
    Ok(build::month()?.first_day().tomorrow()?)
}

/// An installation in the morning of that day, with its clock.
async fn opened(dir: &Path) -> Result<(Arc<FixedClock>, Node)> {
    let clock = Arc::new(FixedClock::default());
    at(&clock, first_day()?, 10);
    let world = World::seeded(Arc::clone(&clock) as _, SEED);
    Ok((clock, Node::open(dir, database::placed(world)).await?))
}

pub async fn pay(dir: &Path, lines: u32) -> Result<()> {
    let (clock, node) = opened(dir).await?;
    let begins = node.log.head();
    let mut desk = Desk::at(&node, build::month()?, first_day()?);
    let memory_before = memory_peak_mib()?;
    desk.run(&clock, lines).await?;
    let memory = memory_peak_mib()?;
    let watch = Watch::start()?;
    node.caught_up().await?;
    let behind = watch.stop()?;
    let total = told(&node, &desk.steps, begins, lines).await?;
    fs::write(dir.join(TOOK), total.wall.as_micros().to_string())?;
    println!(
        "  {:<34} {:>9} {:>8.2} s",
        "then until all is readable",
        "",
        behind.wall.as_secs_f64()
    );
    println!(
        "  memory at its highest {memory} MiB ({memory_before} before), simulated banks included; \
         the aim is {SECONDS_MAX} s and {MEMORY_MAX_MIB} MiB for 100,000 lines"
    );
    node.stop();
    drop(desk);
    drop(node);
    if database::is_named() {
        return Ok(());
    }
    let plain = plain::write(dir, begins)?;
    println!(
        "  {:<34} {:>9} facts/s {:>8.2} s wall: {} events of {} KiB, {} claims, {} commands, {} \
         commits",
        "plain rusqlite, the same rows",
        rate(total.facts, plain.wall),
        plain.wall.as_secs_f64(),
        plain.events,
        plain.bytes / 1024,
        plain.claims,
        plain.commands,
        plain.commits,
    );
    let (ours, raw) = (rate(total.facts, total.wall), rate(total.facts, plain.wall));
    println!("  ratio of the run to plain rusqlite: {}", ratio(ours, raw));
    Ok(())
}

/// A year of months, each paid like the first: what a month takes, and the memory at its highest.
pub async fn year(dir: &Path, lines: u32) -> Result<()> {
    let (clock, node) = opened(dir).await?;
    println!("twelve months of {lines} lines, one after another in one process");
    // Who is returned has no usable account in the month after.
    let begins = Desk::at(&node, build::month()?, first_day()?);
    let mut desk = Desk { habits: Habits::NONE, ..begins };
    for _ in 0..12 {
        let day = desk.month.first_day().tomorrow()?;
        desk.reach(&clock, day).await?;
        memory_peak_anew()?;
        let watch = Watch::start()?;
        desk.run(&clock, lines).await?;
        let took = watch.stop()?;
        node.caught_up().await?;
        println!(
            "  {} {:>8.2} s wall with the simulated banks, memory at its highest {} MiB",
            desk.month,
            took.wall.as_secs_f64(),
            memory_peak_mib()?
        );
        (desk.month, desk.begins_year) = (desk.month.next(), false);
        desk.steps.clear();
    }
    node.stop();
    Ok(())
}

/// Every line of every batch comes back: what the reply of one bank takes.
pub async fn returns(dir: &Path, lines: u32) -> Result<()> {
    let (clock, node) = opened(dir).await?;
    let returned_per_10k = 10_000;
    let habits = Habits { returned_per_10k, unmentioned_per_10k: 0, ..Habits::default() };
    let mut desk = Desk { habits, ..Desk::at(&node, build::month()?, first_day()?) };
    println!("replies in which every line comes back, each returned line with a case of its own");
    let funded = desk.funded(lines).await?;
    let (sent, _) = desk.sent(&clock, &funded).await?;
    for Sent { batch, bank, replies, .. } in &sent {
        for (name, bytes) in replies {
            let before = node.log.head();
            let watch = Watch::start()?;
            desk.answered(batch, *bank, name, bytes).await?;
            let took = watch.stop()?;
            let facts = facts_between(&*node.log, before, node.log.head()).await?;
            println!(
                "  a reply of {bank}: {:>8} facts {:>8.3} s wall {:>8.2} s cpu; the aim is 2 s for \
                 5,000 returns",
                facts,
                took.wall.as_secs_f64(),
                took.cpu.as_secs_f64(),
            );
        }
    }
    node.caught_up().await?;
    node.stop();
    Ok(())
}

/// What the run came to: facts after the opening, and the time of its steps.
struct Total {
    facts: u64,
    wall: Duration,
}

async fn told(node: &Node, steps: &[Step], begins: Position, lines: u32) -> Result<Total> {
    println!("a run of {lines} lines, from the freeze to the certificate");
    let mut total = Total { facts: 0, wall: Duration::ZERO };
    let mut cpu = Duration::ZERO;
    let mut after = begins;
    for step in steps {
        let facts = facts_between(&*node.log, after, step.ends).await?;
        after = step.ends;
        if !step.counted {
            continue;
        }
        println!(
            "  {:<34} {:>9} facts {:>10.3} s wall {:>8.2} s cpu",
            step.name,
            facts,
            step.took.wall.as_secs_f64(),
            step.took.cpu.as_secs_f64(),
        );
        total.facts += facts;
        total.wall += step.took.wall;
        cpu += step.took.cpu;
    }
    println!(
        "  {:<34} {:>9} facts {:>10.3} s wall {:>8.2} s cpu, {} facts/s",
        "together",
        total.facts,
        total.wall.as_secs_f64(),
        cpu.as_secs_f64(),
        rate(total.facts, total.wall),
    );
    Ok(total)
}

async fn facts_between(log: &dyn EventLog, mut after: Position, upto: Position) -> Result<u64> {
    let mut facts = 0;
    while after < upto {
        let page = log.read(after, Limit::PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in page.iter().filter(|event| event.position <= upto) {
            facts += facts::of(&event.type_name, &event.data)?;
        }
    }
    Ok(facts)
}
