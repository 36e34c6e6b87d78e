//! From a fact to the warning that a reader sees: the node with its processes, one fact at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use benches::node::{Node, World};
use commands::Envelope;
use commands::tags::{Observe, Tags};
use conditions::Subject;
use kernel::ports::FixedClock;
use kernel::{Micros, Position};
use rusqlite::Connection;
use tokio::sync::watch;

use crate::figures::patience;
use crate::history::DAY;

const SIGNALS: u32 = 1_000;
/// What is aimed at from the fact's event on.
const MILLIS_MAX: u32 = 200;

pub async fn measure() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let clock = Arc::new(FixedClock::default());
    let nine = DAY.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))?;
    clock.set(Micros(nine.timestamp().as_microsecond()));
    let node = Node::open(dir.path(), World::seeded(clock, 6)).await?;
    commands::day::open_days(&node.executor, DAY).await?;
    let (end, mut ended) = watch::channel(false);
    let raiser = node.raiser();
    let raising = tokio::spawn(async move {
        raiser
            .run(async move {
                let _gone = ended.wait_for(|ended| *ended).await;
            })
            .await
    });
    let tags = Tags::new(node.executor.clone(), Arc::clone(&node.rules));
    let mut took = Vec::new();
    for number in 0..SIGNALS {
        let fact = Observe {
            kind: Subject::Channel,
            subject: format!("channel-{}", number % 50),
            fact: "gap_hours".to_owned(),
            from: DAY,
            value: (2 + number / 50).to_string(),
            source: "bench".to_owned(),
        };
        let envelope = Envelope::new(node.executor.ids().next(), "bench");
        let at = tags.observe(&envelope, &[fact]).await?.position;
        let began = Instant::now();
        seen(&node, at).await?;
        took.push(began.elapsed());
    }
    end.send(true).ok().context("the raiser listens")?;
    raising.await??;
    node.stop();
    took.sort_unstable();
    let plain = committed()?;
    let millis = |of: &[Duration], percent: usize| {
        of[(of.len() * percent / 100).min(of.len() - 1)].as_secs_f64() * 1_000.0
    };
    println!("a warning that can be read, after the event of its fact, {SIGNALS} one by one");
    println!(
        "  {:<44} p50 {:.2} ms, p99 {:.2} ms; the aim is {MILLIS_MAX} ms",
        "signal, case, list",
        millis(&took, 50),
        millis(&took, 99)
    );
    println!(
        "  {:<44} p50 {:.2} ms, p99 {:.2} ms",
        "plain rusqlite: two durable commits",
        millis(&plain, 50),
        millis(&plain, 99)
    );
    Ok(())
}

/// Waits until the case that follows from a fact is in the list of warnings.
async fn seen(node: &Node, fact: Position) -> Result<()> {
    let case = node.log.beyond(fact).await;
    node.train.wait_for(case, patience()).await?;
    Ok(())
}

fn committed() -> Result<Vec<Duration>> {
    let scratch = tempfile::tempdir()?;
    let connection = Connection::open(scratch.path().join("plain.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE event (position INTEGER PRIMARY KEY, data TEXT) STRICT;",
    )?;
    let mut took = Vec::new();
    for _ in 0..SIGNALS {
        let began = Instant::now();
        for _ in 0..2 {
            connection.execute("INSERT INTO event (data) VALUES (?)", ["x".repeat(600)])?;
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}
