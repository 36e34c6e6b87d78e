//! The raw engine beside a read model: the same events decoded, and the same final rows upserted by
//! plain rusqlite.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use kernel::{EventLog, EventRef, Limit, Meta, Position};
use projections::Fact;
use projections::engine::{Happened, Projection, Table, folds};
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// Rows of one commit.
const ROWS_PER_COMMIT: usize = 10_000;

/// Passes every event of the log.
///
/// # Errors
/// When the log, the file or the work fails; so for all of these.
pub fn each(log: &dyn EventLog, work: &mut dyn FnMut(EventRef<'_>) -> Result<()>) -> Result<()> {
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
///
/// # Errors
/// See [`each`].
pub fn decoded(
    log: &dyn EventLog,
    model: &dyn Projection,
    work: &mut dyn FnMut(&Happened<'_>) -> Result<()>,
) -> Result<()> {
    let categories = model.categories();
    let mut last: Option<(String, Meta)> = None;
    each(log, &mut |event| {
        let recorded = event.to_recorded();
        if !folds(categories, recorded.stream.category()) {
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

/// The file of the newest generation of a read model.
///
/// # Errors
/// See [`each`].
pub fn newest(views: &Path, name: &str) -> Result<PathBuf> {
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
///
/// # Errors
/// See [`each`].
pub fn plain_rows(log: &dyn EventLog, model: &dyn Projection, view: &Path) -> Result<Duration> {
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
