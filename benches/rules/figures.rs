//! All live indicators: folded and durable while the history is written, then rebuilt from zero.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use benches::steps::{rate, ratio};
use benches::{facts, raw};
use kernel::EventLog;
use projections::engine::{Outcome, Projection, Train};
use projections::indicators::{Indicators, NAME};
use views::SqliteViews;

use crate::history::Scribe;

/// What is aimed at, in facts a second.
const LIVE_MIN: u64 = 100_000;
const REBUILD_MIN: u64 = 300_000;

pub async fn measure(log: &Arc<dyn EventLog>, dir: &Path, people: u32) -> Result<()> {
    let views = dir.join("figures");
    let stores = Arc::new(SqliteViews::open(&views)?);
    let models: Vec<Box<dyn Projection>> = vec![Box::<Indicators>::default()];
    let train = Train::start(Arc::clone(log), stores, models)?;
    let scribe = Scribe::new(log, 1);
    let began = Instant::now();
    scribe.publish().await?;
    scribe.city(people).await?;
    let written = began.elapsed();
    train.wait_for(log.head(), patience()).await?;
    let live = began.elapsed();
    let began = Instant::now();
    let rebuilt = train.rebuild(NAME)?.finished().await;
    ensure!(rebuilt.outcome == Outcome::Flipped, "{:?}", rebuilt.outcome);
    let again = began.elapsed();
    let (events, facts) = counted(&**log)?;
    let newest = raw::newest(&views, NAME)?;
    let plain = raw::plain_rows(&**log, &Indicators::default(), &newest)?;
    train.stop();
    println!("all live indicators over {facts} facts in {events} events of {people} people");
    let told = |what: &str, wall: Duration| {
        let (ours, beside) = (rate(facts, wall), rate(facts, plain));
        println!(
            "  {what:<44} {ours:>9} facts/s {:>8.2} s, ratio to plain {}",
            wall.as_secs_f64(),
            ratio(ours, beside)
        );
    };
    told("live: written and folded, both durable", live);
    told("rebuilt into a new generation", again);
    println!(
        "  {:<44} {:>9} facts/s {:>8.2} s",
        "plain rusqlite: decode, upsert the same rows",
        rate(facts, plain),
        plain.as_secs_f64()
    );
    println!(
        "  writing alone took {:.2} s; the aim is {LIVE_MIN} live and {REBUILD_MIN} rebuilt",
        written.as_secs_f64()
    );
    Ok(())
}

pub fn patience() -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_secs(3_600)
}

/// Events and facts of the log.
pub fn counted(log: &dyn EventLog) -> Result<(u64, u64)> {
    let (mut events, mut all) = (0, 0);
    raw::each(log, &mut |event| {
        events += 1;
        all += facts::of(event.type_name, event.data)?;
        Ok(())
    })?;
    Ok((events, all))
}
