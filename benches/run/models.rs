//! Every read model over the installation's log: folded in memory, rebuilt into a new generation,
//! and beside it plain rusqlite that decodes the same events and upserts the same final rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use benches::node::{Node, World};
use kernel::ports::FixedClock;
use kernel::{EventLog, EventRef, Limit, Meta, Position};
use projections::Fact;
use projections::engine::{Happened, Outcome, Projection, Row, Store, StoreError, Table, Value};
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::steps::{Watch, rate, ratio};
use super::{database, facts};

/// Rows of one commit of plain rusqlite.
const ROWS_PER_COMMIT: usize = 10_000;

pub async fn fold(dir: &Path) -> Result<()> {
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
        ensure!(known.contains(&name), "{name} is no read model of the program");
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
        let wanted = |category: &str| {
            model.categories().is_empty() || model.categories().contains(&category)
        };
        self.by_category.iter().filter(|(category, _)| wanted(category)).map(|(_, n)| n).sum()
    }
}

/// Passes every event of the log.
fn each(log: &dyn EventLog, work: &mut dyn FnMut(EventRef<'_>) -> Result<()>) -> Result<()> {
    let mut after = Position::START;
    let mut outcome = Ok(());
    loop {
        let page = Limit { events: 10_000, bytes: 32 * 1024 * 1024 };
        let scanned = log.scan(after, page, &mut |event| {
            if outcome.is_ok() {
                outcome = work(event);
            }
        });
        let scanned = scanned.context("this log scans")??;
        if scanned.events == 0 || outcome.is_err() {
            return outcome;
        }
        after = scanned.last;
    }
}

/// The decoded events that a read model folds.
fn decoded(
    log: &dyn EventLog,
    model: &dyn Projection,
    work: &mut dyn FnMut(&Happened<'_>) -> Result<()>,
) -> Result<()> {
    let categories = model.categories();
    let mut last: Option<(String, Meta)> = None;
    each(log, &mut |event| {
        let recorded = event.to_recorded();
        if !categories.is_empty() && !categories.contains(&recorded.stream.category()) {
            return Ok(());
        }
        if last.as_ref().is_none_or(|(text, _)| *text != recorded.meta) {
            last = Some((recorded.meta.clone(), recorded.meta()?));
        }
        let fact = Fact::decode(&recorded)?;
        match &last {
            Some((_, meta)) => work(&Happened { recorded: &recorded, meta, fact: &fact }),
            None => Ok(()),
        }
    })
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

/// The file of the newest generation of a read model.
fn newest(views: &Path, name: &str) -> Result<std::path::PathBuf> {
    let of = |path: &Path| -> Option<u32> {
        let stem = path.file_name()?.to_str()?.strip_suffix(".db")?;
        let (view, number) = stem.strip_prefix(name)?.split_once("-g")?;
        view.strip_prefix("-v")?.parse::<u32>().ok()?;
        number.parse().ok()
    };
    let files = std::fs::read_dir(views)?.map(|entry| Ok(entry?.path()));
    let files = files.collect::<std::io::Result<Vec<_>>>()?;
    let newest = files.into_iter().filter_map(|path| Some((of(&path)?, path))).max();
    newest.map(|(_, path)| path).with_context(|| format!("{name} has no file"))
}

struct Filled {
    create: String,
    upsert: String,
    rows: Vec<Vec<rusqlite::types::Value>>,
}

/// Decodes the same events and upserts the final rows one by one, commits of 10,000.
fn plain_rows(log: &dyn EventLog, model: &dyn Projection, view: &Path) -> Result<Duration> {
    let filled = Connection::open_with_flags(view, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let tables = model.tables().into_iter().map(|table| rows_of(&filled, table));
    let tables = tables.collect::<Result<Vec<_>>>()?;
    let scratch = tempfile::tempdir()?;
    let connection = Connection::open(scratch.path().join("plain.db"))?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")?;
    let began = Instant::now();
    decoded(log, model, &mut |happened| {
        std::hint::black_box(happened);
        Ok(())
    })?;
    for table in &tables {
        connection.execute_batch(&table.create)?;
        for rows in table.rows.chunks(ROWS_PER_COMMIT) {
            let transaction = connection.unchecked_transaction()?;
            let mut upsert = transaction.prepare_cached(&table.upsert)?;
            for row in rows {
                upsert.execute(params_from_iter(row))?;
            }
            drop(upsert);
            transaction.commit()?;
        }
    }
    Ok(began.elapsed())
}

fn rows_of(filled: &Connection, table: &Table) -> Result<Filled> {
    let texts = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL \
                 ORDER BY type DESC";
    let mut texts = filled.prepare(texts)?;
    let texts = texts.query_map([table.name], |row| row.get::<_, String>(0))?;
    let create = texts.collect::<Result<Vec<_>, _>>()?.join(";");
    let columns = table.columns.len();
    let mut select =
        filled.prepare(&format!("SELECT {} FROM {}", table.column_list(), table.name))?;
    let rows = select
        .query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?
        .collect::<Result<Vec<_>, _>>()?;
    let keys: Vec<&str> = table.key_columns().iter().map(|column| column.name).collect();
    let others: Vec<String> = table.columns[table.key..]
        .iter()
        .map(|column| format!("{0} = excluded.{0}", column.name))
        .collect();
    let action = if others.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", others.join(", "))
    };
    let upsert = format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {action}",
        table.name,
        table.column_list(),
        vec!["?"; columns].join(", "),
        keys.join(", "),
    );
    Ok(Filled { create, upsert, rows })
}
