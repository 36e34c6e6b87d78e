//! One read transaction per file, all begun while the turnstile let no commit pass.

use std::sync::{Arc, Mutex};

use kernel::Position;
use projections::engine::{Parked, Reader, Row, StoreError, Table, Value};
use rusqlite::Connection;

use super::file::File;
use super::generation::parked;
use super::statements::{self, bind, collect, numbered, pass};
use super::{failed, lock};

pub(super) struct SqliteReader {
    held: Vec<Held>,
}

struct Held {
    file: Arc<File>,
    position: Position,
    /// None only while it is given back.
    connection: Mutex<Option<Connection>>,
}

impl SqliteReader {
    pub(super) fn prepare(files: Vec<Arc<File>>) -> Result<Self, StoreError> {
        let held = files
            .into_iter()
            .map(|file| {
                let connection = Mutex::new(Some(file.reader()?));
                Ok(Held { file, position: Position::START, connection })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self { held })
    }

    /// Whether these are the files it was prepared for.
    pub(super) fn holds<'a>(&self, files: impl Iterator<Item = &'a Arc<File>>) -> bool {
        let address = |file: &Arc<File>| Arc::as_ptr(file);
        self.held.iter().map(|held| address(&held.file)).eq(files.map(address))
    }

    /// Begins every transaction; the caller stands in the turnstile.
    pub(super) fn begin(mut self) -> Result<Self, StoreError> {
        for held in &mut self.held {
            held.position = held.with(|connection| {
                connection.prepare_cached("BEGIN")?.raw_execute()?;
                // A transaction of SQLite begins with its first read.
                connection
                    .prepare_cached("SELECT position FROM checkpoint")?
                    .query_row([], |row| row.get::<_, i64>(0))
                    .map(|position| Position(position.cast_unsigned()))
            })?;
        }
        Ok(self)
    }

    fn of(&self, view: &str) -> Result<&Held, StoreError> {
        self.held
            .iter()
            .find(|held| held.file.view == view)
            .ok_or_else(|| StoreError::database(view, "this session was opened without it"))
    }
}

impl Held {
    fn with<T>(
        &self,
        run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = lock(&self.connection);
        let connection = connection
            .as_ref()
            .ok_or_else(|| StoreError::database(&*self.file.view, "the session was given back"))?;
        run(connection).map_err(failed(&self.file.view))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(connection) = lock(&self.connection).take() else { return };
        if connection.is_autocommit() || connection.execute_batch("COMMIT").is_ok() {
            self.file.give_back(connection);
        }
    }
}

impl Reader for SqliteReader {
    fn positions(&self) -> Vec<(&str, Position)> {
        self.held.iter().map(|held| (&*held.file.view, held.position)).collect()
    }

    fn rows(&self, view: &str, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.of(view)?.with(|connection| {
            let mut statement = connection.prepare_cached(&numbered(sql))?;
            bind(&mut statement, binds)?;
            collect(&mut statement)
        })
    }

    fn parked(&self, view: &str) -> Result<Vec<Parked>, StoreError> {
        self.of(view)?.with(parked)
    }

    fn scan(
        &self,
        view: &str,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError> {
        self.of(view)?.with(|connection| {
            let mut statement = connection.prepare_cached(&statements::scan(table))?;
            pass(&mut statement, each)
        })
    }
}
