//! Reading: one transaction per read model, all opened at one position.
//!
//! Calls block for as long as the database takes; from async code they belong in
//! `spawn_blocking`, or in a resolver that asks for one page.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::Position;
use thiserror::Error;

use super::hash::content_hash;
use super::record::Record;
use super::signal::{Signal, Signals};
use super::store::{Parked, StoreError, Stores};
use super::table::{Column, Row, Table, Unreadable, Value};

/// The port: open read transactions of one database.
pub trait Reader: Send + Sync {
    /// The read models that it holds, and where each stands.
    fn positions(&self) -> Vec<(&str, Position)>;

    /// # Errors
    /// When the database fails, or `view` is not among them.
    fn rows(&self, view: &str, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// What the read model went past, by position.
    ///
    /// # Errors
    /// As [`Self::rows`].
    fn parked(&self, view: &str) -> Result<Vec<Parked>, StoreError>;

    /// # Errors
    /// As [`Self::rows`].
    fn scan(
        &self,
        view: &str,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError>;
}

/// Where sessions come from; cheap to clone.
#[derive(Clone)]
pub struct Views {
    stores: Arc<dyn Stores>,
    owners: Arc<Owners>,
}

/// Each read model and its tables.
#[derive(Debug, Default)]
struct Owners(HashMap<&'static str, (&'static str, &'static Table)>);

impl Views {
    #[must_use]
    pub fn new(
        stores: Arc<dyn Stores>,
        owned: impl IntoIterator<Item = (&'static str, Vec<&'static Table>)>,
    ) -> Self {
        let owners = owned
            .into_iter()
            .flat_map(|(view, tables)| {
                tables.into_iter().map(move |table| (table.name, (view, table)))
            })
            .collect();
        Self { stores, owners: Arc::new(Owners(owners)) }
    }

    /// All read models at one position.
    ///
    /// # Errors
    /// When the database fails.
    pub fn session(&self) -> Result<ReadSession, ViewError> {
        self.session_of(&[])
    }

    /// Only these read models: cheaper, where it is known what an answer needs.
    ///
    /// # Errors
    /// When the database fails. A read model that is not filled yet shows at the first query.
    pub fn session_of(&self, views: &[&str]) -> Result<ReadSession, ViewError> {
        Ok(ReadSession {
            reader: self.stores.reader(views)?,
            owners: Arc::clone(&self.owners),
            statements: AtomicU64::new(0),
        })
    }
}

impl Signals for Views {
    fn after(&self, name: &str, cursor: Position, limit: usize) -> Result<Vec<Signal>, ViewError> {
        self.session()?.after(name, cursor, limit)
    }
}

/// One consistent look at the read models.
pub struct ReadSession {
    reader: Box<dyn Reader>,
    owners: Arc<Owners>,
    /// How many statements were run.
    statements: AtomicU64,
}

impl ReadSession {
    /// The position that everything read here covers: the lowest of its read models'.
    #[must_use]
    pub fn position(&self) -> Position {
        self.reader.positions().iter().map(|(_, position)| *position).min().unwrap_or_default()
    }

    /// Each read model's own; they differ only where one has left the train or is not yet aboard.
    #[must_use]
    pub fn positions(&self) -> Vec<(&str, Position)> {
        self.reader.positions()
    }

    /// How many statements were run in this look.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Rows of one table: `tail` is what follows `SELECT … FROM <table>`, with binds `$1`, `$2`, …
    ///
    /// # Errors
    /// See [`ViewError`]; so for all of these.
    pub fn query<R: Record>(&self, tail: &str, binds: &[Value]) -> Result<Vec<R>, ViewError> {
        let sql = format!("SELECT {} FROM {} {tail}", R::TABLE.column_list(), R::TABLE.name);
        let rows = self.rows(self.owner(R::TABLE)?, &sql, binds)?;
        rows.iter().map(|row| read::<R>(row)).collect()
    }

    /// The first row that `tail` selects.
    pub fn one<R: Record>(&self, tail: &str, binds: &[Value]) -> Result<Option<R>, ViewError> {
        Ok(self.query::<R>(&format!("{tail} LIMIT 1"), binds)?.into_iter().next())
    }

    /// The row under a key.
    pub fn get<R: Record>(&self, key: &R::Key) -> Result<Option<R>, ViewError> {
        let conditions: Vec<String> = R::TABLE
            .key_columns()
            .iter()
            .enumerate()
            .map(|(place, column)| format!("{} = ${}", column.name, place + 1))
            .collect();
        let tail = format!("WHERE {}", conditions.join(" AND "));
        Ok(self.query::<R>(&tail, &R::key_row(key))?.into_iter().next())
    }

    /// What a whole statement selects from the tables of one read model.
    pub fn rows(&self, view: &str, sql: &str, binds: &[Value]) -> Result<Vec<Row>, ViewError> {
        self.ready(view)?;
        self.statements.fetch_add(1, Ordering::Relaxed);
        Ok(self.reader.rows(view, sql, binds)?)
    }

    /// The one value of a statement, like a count or a sum.
    pub fn scalar<T: Column>(
        &self,
        view: &str,
        sql: &str,
        binds: &[Value],
    ) -> Result<T, ViewError> {
        let rows = self.rows(view, sql, binds)?;
        let value = rows.first().and_then(|row| row.first()).unwrap_or(&Value::Null);
        Ok(T::read(value)?)
    }

    /// The content hash of one read model at this session's position.
    pub fn content_hash(&self, view: &str) -> Result<[u8; 32], ViewError> {
        let tables: Vec<&'static Table> = self
            .owners
            .0
            .values()
            .filter(|(owner, _)| *owner == view)
            .map(|(_, table)| *table)
            .collect();
        self.ready(view)?;
        Ok(content_hash(&tables, &mut |table, each| self.reader.scan(view, table, each))?)
    }

    /// The events that a read model went past.
    pub fn parked(&self, view: &str) -> Result<Vec<Parked>, ViewError> {
        self.ready(view)?;
        Ok(self.reader.parked(view)?)
    }

    fn ready(&self, view: &str) -> Result<(), ViewError> {
        if self.reader.positions().iter().any(|(held, _)| *held == view) {
            return Ok(());
        }
        Err(ViewError::NotReady { view: view.to_owned() })
    }

    fn owner(&self, table: &'static Table) -> Result<&'static str, ViewError> {
        self.owners
            .0
            .get(table.name)
            .map(|(view, _)| *view)
            .ok_or_else(|| ViewError::NotReady { view: table.name.to_owned() })
    }
}

impl Signals for ReadSession {
    fn after(&self, name: &str, cursor: Position, limit: usize) -> Result<Vec<Signal>, ViewError> {
        const SQL: &str = "SELECT name, position, subject, payload FROM signal \
             WHERE name = $1 AND position > $2 AND position <= (SELECT MAX(position) FROM \
             (SELECT position FROM signal WHERE name = $1 AND position > $2 \
              ORDER BY position LIMIT $3) AS page) ORDER BY position, subject";
        let limit = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
        let binds = [Value::from(name), Value::from(cursor), Value::Int(limit)];
        let mut found: Vec<Signal> = Vec::new();
        // Where one read model has more than a page, nothing of the others goes beyond its page:
        // the last position is the next cursor for all.
        let mut whole = Position(u64::MAX);
        for (view, _) in self.reader.positions() {
            let rows = self.reader.rows(view, SQL, &binds)?;
            let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
            for row in rows {
                found.push(read::<Signal>(&row)?);
            }
            if let Some(last) = found.last().filter(|_| is_full) {
                whole = whole.min(last.position);
            }
        }
        found.retain(|signal| signal.position <= whole);
        found.sort_unstable_by_key(|signal| (signal.position, signal.subject.clone()));
        Ok(found)
    }
}

fn read<R: Record>(row: &[Value]) -> Result<R, ViewError> {
    R::read(row)
        .map_err(|source| ViewError::Store(StoreError::Shape { table: R::TABLE.name, source }))
}

#[derive(Debug, Error)]
pub enum ViewError {
    #[error("{view} is not filled yet")]
    NotReady { view: String },
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the answer of a statement has another shape")]
    Shape(#[from] Unreadable),
}
