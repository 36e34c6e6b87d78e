//! Tags of everybody: when facts of many change, and when a version is published; and a warning rule
//! tried over the whole log.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use benches::raw;
use benches::steps::{rate, ratio};
use definitions::Catalogue;
use definitions::publication::{self, Event as Published};
use kernel::{EventLog, Revision};
use projections::engine::{Projection, Train};
use projections::tags::backtest::Backtest;
use projections::tags::{NAME, Tags, try_warning};
use rusqlite::{Connection, OpenFlags};
use views::SqliteViews;

use crate::figures::{counted, patience};
use crate::history::{DAY, Scribe};

const CHANGED: usize = 100_000;
const TAG: &str = "shared-phone";

pub async fn measure(log: &Arc<dyn EventLog>, dir: &Path, people: u32) -> Result<()> {
    let views = dir.join("tags");
    let stores = Arc::new(SqliteViews::open(&views)?);
    let models: Vec<Box<dyn Projection>> = vec![Box::<Tags>::default()];
    let scribe = Scribe::new(log, 2);
    let (_, facts) = counted(&**log)?;
    let began = Instant::now();
    let train = Train::start(Arc::clone(log), stores, models)?;
    train.wait_for(log.head(), patience()).await?;
    let filled = began.elapsed();
    println!("tags of {people} people");
    println!(
        "  {:<44} {:>9} facts/s {:>8.2} s",
        "folded from zero",
        rate(facts, filled),
        filled.as_secs_f64()
    );

    let numbers: Vec<usize> = (0..CHANGED.min(people as usize)).collect();
    let changed = numbers.len() as u64;
    let began = Instant::now();
    scribe.observed(&numbers, 0, "7").await?;
    train.wait_for(log.head(), patience()).await?;
    let (took, file) = (began.elapsed(), raw::newest(&views, NAME)?);
    told(
        "facts of so many changed",
        changed,
        took,
        upserted(&file, numbers.len())?,
        "5 s for 100,000",
    );

    let traffic = Arc::new(AtomicBool::new(true));
    let beside = tokio::spawn(beside(Arc::clone(log), Arc::clone(&traffic)));
    let began = Instant::now();
    publish(&scribe).await?;
    train.wait_for(log.head(), patience()).await?;
    let took = began.elapsed();
    traffic.store(false, Ordering::Relaxed);
    let (appends, slowest) = beside.await??;
    let all = u64::from(people);
    let raw = upserted(&file, people as usize)?;
    told("everybody is asked at a publication", all, took, raw, "60 s for 1,000,000");
    println!(
        "    beside it {appends} appends, the slowest {:.1} ms",
        slowest.as_secs_f64() * 1_000.0
    );
    train.stop();

    let catalogue = Catalogue::bundled().map_err(|_| anyhow::anyhow!("bundled definitions"))?;
    let (_, facts) = counted(&**log)?;
    let began = Instant::now();
    let trial = try_warning(&catalogue, "shared-phone")?.over(&**log).await?;
    let found = Backtest::of(&trial);
    let took = began.elapsed();
    let began = Instant::now();
    raw::decoded(&**log, &Tags::default(), &mut |happened| {
        std::hint::black_box(happened);
        Ok(())
    })?;
    told("a rule tried over the log, facts", facts, took, began.elapsed(), "5 s for 1,000,000");
    println!("    {} warnings on {} people would have been", found.cases.len(), found.subjects());
    Ok(())
}

fn told(what: &str, count: u64, took: Duration, plain: Duration, aim: &str) {
    let (ours, beside) = (rate(count, took), rate(count, plain));
    println!(
        "  {what:<44} {count:>9} in {:>7.2} s, {ours} a second; plain {:.2} s, ratio {}; the aim: {aim}",
        took.as_secs_f64(),
        plain.as_secs_f64(),
        ratio(ours, beside)
    );
}

/// A second version of a bundled tag, with another threshold.
async fn publish(scribe: &Scribe) -> Result<()> {
    let catalogue = Catalogue::bundled().map_err(|_| anyhow::anyhow!("bundled definitions"))?;
    let one = catalogue.definition("tag", TAG).context("the tag is bundled")?;
    let body = one.body.replace("phone_sharers >= 5", "phone_sharers >= 6");
    let published = Published::Published {
        kind: "tag".to_owned(),
        id: TAG.to_owned(),
        version: 2,
        digest: "ab12".to_owned(),
        from: DAY,
        body,
        author: "anna".to_owned(),
        approver: "bo".to_owned(),
        reason: None,
    };
    let stream = publication::stream("tag", TAG);
    scribe.append(vec![scribe.write(stream, Revision(1), &[published])]).await
}

/// One append after another, until there is no more traffic: how many, and the slowest.
async fn beside(log: Arc<dyn EventLog>, traffic: Arc<AtomicBool>) -> Result<(u64, Duration)> {
    let scribe = Scribe::new(&log, 3);
    let (mut appends, mut slowest) = (0, Duration::ZERO);
    while traffic.load(Ordering::Relaxed) {
        let note = serde_json::json!({ "date": DAY, "kind": "working" });
        let began = Instant::now();
        let id = format!("traffic-{appends}");
        scribe.one("traffic", &id, 0, vec![("traffic.noted.v1", note)]).await?;
        slowest = slowest.max(began.elapsed());
        appends += 1;
    }
    Ok((appends, slowest))
}

/// The raw engine: so many subjects are read and written again, each with a value.
fn upserted(view: &Path, subjects: usize) -> Result<Duration> {
    let filled = Connection::open_with_flags(view, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select =
        filled.prepare("SELECT kind, subject, county, body FROM tag_subject LIMIT ?")?;
    let rows = select
        .query_map([i64::try_from(subjects)?], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<Vec<(String, String, Option<String>, Vec<u8>)>, _>>()?;
    let scratch = tempfile::tempdir()?;
    let connection = Connection::open(scratch.path().join("plain.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE subject (kind TEXT, subject TEXT, county TEXT, body BLOB,
             PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID;
         CREATE TABLE value (kind TEXT, subject TEXT, tag TEXT, county TEXT, value TEXT,
             PRIMARY KEY (kind, subject, tag)) STRICT, WITHOUT ROWID;",
    )?;
    let began = Instant::now();
    for rows in rows.chunks(10_000) {
        let transaction = connection.unchecked_transaction()?;
        let mut subject = transaction.prepare_cached(
            "INSERT INTO subject VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        )?;
        let mut value = transaction.prepare_cached(
            "INSERT INTO value VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        )?;
        for (kind, id, county, body) in rows {
            subject.execute((kind, id, county, body))?;
            value.execute((kind, id, TAG, county, "true"))?;
        }
        drop((subject, value));
        transaction.commit()?;
    }
    Ok(began.elapsed())
}
