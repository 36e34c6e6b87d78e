//! Every read model over the installation's log: folded in memory, rebuilt into a new generation,
//! and beside it plain rusqlite that decodes the same events and upserts the same final rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use benches::facts;
use benches::node::{Node, World};
use benches::raw::{decoded, each, newest, plain_rows};
use benches::steps::{Watch, rate, ratio};
use kernel::EventLog;
use kernel::ports::FixedClock;
use projections::engine::{Outcome, Projection, Row, Store, StoreError, Table, Value, folds};

use super::database;

/// All of them, or those that are named.
pub async fn fold(dir: &Path, names: &[&str]) -> Result<()> {
    let clock = Arc::new(FixedClock::default());
    let node = Node::open(dir, database::placed(World::seeded(clock, 1))).await?;
    node.caught_up().await?;
    let counted = Counted::of(&*node.log)?;
    println!(
        "every read model over {} facts in {} events; facts/s of the facts that it folds",
        counted.all, counted.events
    );
    let known: Vec<_> = node.train.status().await.views.iter().map(|view| view.name).collect();
    ensure!(
        known.len() == projections::all().len(),
        "the program has other read models: {known:?}"
    );
    let known: Vec<_> =
        known.into_iter().filter(|name| names.is_empty() || names.contains(name)).collect();
    if !database::is_named() {
        one_by_one(dir, &node, &counted, &known).await?;
    }
    let watch = Watch::start()?;
    for rebuild in node.train.rebuild_all(&known)? {
        let rebuilt = rebuild.finished().await;
        ensure!(rebuilt.outcome == Outcome::Flipped, "{:?}", rebuilt.outcome);
    }
    let took = watch.stop()?;
    println!(
        "  all at once, each fact counted once: {} facts/s, {:.2} s wall, {:.2} s cpu",
        rate(counted.all, took.wall),
        took.wall.as_secs_f64(),
        took.cpu.as_secs_f64(),
    );
    node.stop();
    Ok(())
}

/// Each rebuilt alone, beside plain rusqlite.
async fn one_by_one(dir: &Path, node: &Node, counted: &Counted, known: &[&str]) -> Result<()> {
    println!(
        "  {:<12} {:>9} {:>11} {:>11} {:>8} {:>11} {:>7}",
        "read model", "facts", "fold/s", "rebuild/s", "cpu s", "plain/s", "ratio"
    );
    let mut all = Duration::ZERO;
    let mut plain_all = Duration::ZERO;
    for mut model in projections::all() {
        let name = model.name();
        if !known.contains(&name) {
            continue;
        }
        let facts = counted.folded_by(&*model);
        let began = Instant::now();
        fold_in_memory(&*node.log, &mut *model)?;
        let folded = began.elapsed();
        let watch = Watch::start()?;
        let rebuilt = node.train.rebuild(name)?.finished().await;
        ensure!(rebuilt.outcome == Outcome::Flipped, "{name}: {:?}", rebuilt.outcome);
        let took = watch.stop()?;
        all += took.wall;
        let view = newest(&dir.join("views"), name)?;
        let plain = plain_rows(&*node.log, &*model, &view)?;
        plain_all += plain;
        let (ours, raw) = (rate(facts, took.wall), rate(facts, plain));
        println!(
            "  {name:<12} {facts:>9} {:>11} {ours:>11} {:>8.2} {raw:>11} {:>7}",
            rate(facts, folded),
            took.cpu.as_secs_f64(),
            ratio(ours, raw),
        );
    }
    let (ours, raw) = (rate(counted.all, all), rate(counted.all, plain_all));
    println!(
        "  all, one after another, each fact counted once: {ours} facts/s, plain {raw}, ratio {}",
        ratio(ours, raw)
    );
    Ok(())
}

/// Facts of the log by stream category.
struct Counted {
    events: u64,
    all: u64,
    by_category: BTreeMap<String, u64>,
}

impl Counted {
    fn of(log: &dyn EventLog) -> Result<Self> {
        let mut counted = Self { events: 0, all: 0, by_category: BTreeMap::new() };
        each(log, &mut |event| {
            let facts = facts::of(event.type_name, event.data)?;
            let recorded = event.to_recorded();
            counted.events += 1;
            counted.all += facts;
            let category = recorded.stream.category().to_owned();
            *counted.by_category.entry(category).or_default() += facts;
            Ok(())
        })?;
        Ok(counted)
    }

    fn folded_by(&self, model: &dyn Projection) -> u64 {
        let wanted = |category: &str| folds(model.categories(), category);
        self.by_category.iter().filter(|(category, _)| wanted(category)).map(|(_, n)| n).sum()
    }
}

fn fold_in_memory(log: &dyn EventLog, model: &mut dyn Projection) -> Result<()> {
    let mut folding = model.fresh();
    decoded(log, model, &mut |happened| Ok(folding.fold(happened, &mut Nothing)?))
}

/// A store without rows, never written to: a read model's own cache holds all there is.
struct Nothing;

impl Store for Nothing {
    fn get(&mut self, _: &'static Table, _: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(None)
    }

    fn is_empty(&mut self, _: &'static Table) -> Result<bool, StoreError> {
        Ok(true)
    }

    fn put(&mut self, _: &'static Table, _: &[Row]) -> Result<(), StoreError> {
        Ok(())
    }

    fn delete(&mut self, _: &'static Table, _: &[Row]) -> Result<(), StoreError> {
        Ok(())
    }

    fn rows(&mut self, _: &str, _: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(Vec::new())
    }

    fn scan(&mut self, _: &'static Table, _: &mut dyn FnMut(&[Value])) -> Result<(), StoreError> {
        Ok(())
    }
}
