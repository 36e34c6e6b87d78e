//! One read-only transaction over all read models: what it sees is one position.

use std::sync::{Arc, Mutex};

use kernel::Position;
use projections::engine::{Parked, Reader, Record as _, Row, Signal, StoreError, Table, Value};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use super::generation::{fetch, parked, parked_of};
use super::statements;
use super::tables::Tables;
use super::transaction::told;
use super::transactions::lock;
use super::values::Statement;
use crate::threads::Threads;

/// One read model's tables, and where they stand.
pub(super) type Held = (Arc<Tables>, Position);

pub(super) struct PostgresReader {
    held: Vec<Held>,
    /// The schema of the list of generations.
    schema: String,
    threads: Arc<Threads>,
    asked: Mutex<Asked>,
}

struct Asked {
    /// None only while it is lent, and after it was lost.
    connection: Option<PoolConnection<Postgres>>,
    /// Whose tables come first where several read models have one of that name.
    first: Option<usize>,
}

impl PostgresReader {
    pub(super) fn new(
        held: Vec<Held>,
        schema: String,
        threads: Arc<Threads>,
        connection: PoolConnection<Postgres>,
    ) -> Self {
        let asked = Mutex::new(Asked { connection: Some(connection), first: None });
        Self { held, schema, threads, asked }
    }

    fn place(&self, view: &str) -> Result<usize, StoreError> {
        self.held
            .iter()
            .position(|(tables, _)| tables.view == view)
            .ok_or_else(|| StoreError::database(view, "this session was opened without it"))
    }

    /// The paths by which plain names are looked up, `first` before the others.
    fn path(&self, first: usize) -> String {
        let others = self.held.iter().enumerate().filter(|(place, _)| *place != first);
        let all: Vec<&str> = [&self.held[first].0]
            .into_iter()
            .chain(others.map(|(_, (tables, _))| tables))
            .map(|tables| tables.schema.as_str())
            .collect();
        format!("SET LOCAL search_path = {}", all.join(", "))
    }

    fn ask(
        &self,
        asked: &mut Asked,
        view: &str,
        statement: Result<Statement, sqlx::Error>,
    ) -> Result<Vec<Row>, StoreError> {
        let failed = |error: sqlx::Error| told(view, error);
        let statement = statement.map_err(failed)?;
        let mut connection = asked
            .connection
            .take()
            .ok_or_else(|| StoreError::away(view, "the session was lost"))?;
        let answer = self.threads.wait(async move {
            let rows = statement.ask(&mut connection).await;
            (connection, rows)
        });
        let (connection, rows) =
            answer.ok_or_else(|| StoreError::database(view, "the question panicked"))?;
        asked.connection = Some(connection);
        rows.map_err(failed)
    }
}

impl Reader for PostgresReader {
    fn positions(&self) -> Vec<(&str, Position)> {
        self.held.iter().map(|(tables, position)| (&*tables.view, *position)).collect()
    }

    fn rows(&self, view: &str, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError> {
        let place = self.place(view)?;
        let mut asked = lock(&self.asked);
        // Names of tables are unique over all read models but for that of the signals.
        if asked.first != Some(place) && sql.contains(Signal::TABLE.name) {
            self.ask(&mut asked, view, Ok(Statement::plain(self.path(place))))?;
            asked.first = Some(place);
        }
        self.ask(&mut asked, view, Statement::bound(sql, binds))
    }

    fn parked(&self, view: &str) -> Result<Vec<Parked>, StoreError> {
        let (tables, _) = &self.held[self.place(view)?];
        let statement = parked(&self.schema, tables);
        let rows = self.ask(&mut lock(&self.asked), view, statement)?;
        rows.iter().map(|row| parked_of(row)).collect()
    }

    fn scan(
        &self,
        view: &str,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError> {
        let (tables, _) = &self.held[self.place(view)?];
        let text = statements::scan(&tables.schema, table);
        let mut asked = lock(&self.asked);
        let declare = format!("DECLARE heaps NO SCROLL CURSOR FOR {text}");
        self.ask(&mut asked, view, Ok(Statement::plain(declare)))?;
        loop {
            let heap = self.ask(&mut asked, view, fetch())?;
            if heap.is_empty() {
                break;
            }
            heap.iter().for_each(|row| each(row));
        }
        self.ask(&mut asked, view, Ok(Statement::plain("CLOSE heaps"))).map(drop)
    }
}

impl Drop for PostgresReader {
    fn drop(&mut self) {
        // Giving it back is work for the threads: they end its transaction first.
        let _inside = self.threads.handle().enter();
        drop(lock(&self.asked).connection.take());
    }
}
