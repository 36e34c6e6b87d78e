//! One generation, written: its tables, its checkpoint, its parked events.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Micros, Position};
use projections::engine::{
    Checkpoint, Columns, Generation, Parked, Plan, Record, Row, Signal, Store, StoreError, Table,
    Value,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use super::file::File;
use super::statements::{
    self, Bound, SYSTEM_TABLES, bind, collect, create_indexes, create_table, numbered, pass,
};

/// A write-ahead log longer than this is carried into the file after a commit.
const WAL_BYTES_MAX: u64 = 32 * 1024 * 1024;
const WAL_PAGES_MAX: i64 = 4_000;

pub(super) struct SqliteGeneration {
    connection: Connection,
    file: Arc<File>,
    number: u32,
    committed: Checkpoint,
    pending: Option<Checkpoint>,
    /// By table.
    upserts: HashMap<&'static str, String>,
    updates: HashMap<(&'static str, Columns), String>,
    tables: Vec<&'static Table>,
}

impl SqliteGeneration {
    pub(super) fn open(file: Arc<File>, plan: &Plan, number: u32) -> Result<Self, StoreError> {
        let connection = file.writer()?;
        let committed = prepare(&connection, plan).map_err(failed(plan.name))?;
        let committed = committed.ok_or(StoreError::OtherLog)?;
        Ok(Self {
            connection,
            file,
            number,
            committed,
            pending: None,
            upserts: HashMap::new(),
            updates: HashMap::new(),
            tables: plan.tables.iter().copied().chain([Signal::TABLE]).collect(),
        })
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
        failed(&self.file.view)
    }
}

/// Creates what is missing; None where the generation belongs to another log or epoch.
fn prepare(connection: &Connection, plan: &Plan) -> rusqlite::Result<Option<Checkpoint>> {
    let (log, epoch) = (plan.identity.log_id.0.to_string(), plan.identity.epoch.0);
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(SYSTEM_TABLES)?;
    for table in plan.tables.iter().copied().chain([Signal::TABLE]) {
        transaction.execute_batch(&create_table(table))?;
    }
    transaction.execute(
        "INSERT INTO checkpoint (only_one, position, recorded_at, log_id, epoch) \
         VALUES (1, 0, 0, $1, $2) ON CONFLICT (only_one) DO NOTHING",
        params![log, epoch],
    )?;
    let committed = transaction
        .query_row(
            "SELECT position, recorded_at FROM checkpoint WHERE log_id = $1 AND epoch = $2",
            params![log, epoch],
            |row| {
                let position: i64 = row.get(0)?;
                Ok(Checkpoint {
                    position: Position(position.cast_unsigned()),
                    recorded_at: Micros(row.get(1)?),
                })
            },
        )
        .optional()?;
    transaction.commit()?;
    Ok(committed)
}

impl Store for SqliteGeneration {
    fn get(&mut self, table: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(&statements::select(table), key)?.pop())
    }

    fn is_empty(&mut self, table: &'static Table) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", table.name);
        Ok(self.rows(&sql, &[])?.is_empty())
    }

    fn put(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        let sql = self.upserts.entry(table.name).or_insert_with(|| statements::upsert(table));
        let write = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            for row in rows {
                bind(&mut statement, row)?;
                statement.raw_execute()?;
            }
            Ok(())
        };
        write().map_err(failed(&self.file.view))
    }

    fn change(
        &mut self,
        table: &'static Table,
        changed: Columns,
        rows: &[Row],
    ) -> Result<(), StoreError> {
        let sql = self.updates.entry((table.name, changed));
        let sql = sql.or_insert_with(|| statements::update(table, changed));
        let write = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut missing = 0;
            for row in rows {
                for place in (0..table.key).chain(changed.places()) {
                    statement.raw_bind_parameter(place + 1, Bound(&row[place]))?;
                }
                missing += usize::from(statement.raw_execute()? != 1);
            }
            Ok(missing)
        };
        match write().map_err(failed(&self.file.view))? {
            0 => Ok(()),
            missing => {
                let what = format!("{missing} rows of {} were seen and are gone", table.name);
                Err(StoreError::database(&*self.file.view, what))
            }
        }
    }

    fn delete(&mut self, table: &'static Table, keys: &[Row]) -> Result<(), StoreError> {
        let delete = || {
            let mut statement = self.connection.prepare_cached(&statements::delete(table))?;
            for key in keys {
                bind(&mut statement, key)?;
                statement.raw_execute()?;
            }
            Ok(())
        };
        delete().map_err(self.failed())
    }

    fn rows(&mut self, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError> {
        let select = || {
            let mut statement = self.connection.prepare_cached(&numbered(sql))?;
            bind(&mut statement, binds)?;
            collect(&mut statement)
        };
        select().map_err(self.failed())
    }

    fn scan(
        &mut self,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError> {
        let mut statement =
            self.connection.prepare_cached(&statements::scan(table)).map_err(self.failed())?;
        pass(&mut statement, each).map_err(self.failed())
    }
}

impl Generation for SqliteGeneration {
    fn number(&self) -> u32 {
        self.number
    }

    fn checkpoint(&self) -> Checkpoint {
        self.committed
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(self.failed())
    }

    fn advance(&mut self, to: Checkpoint) -> Result<(), StoreError> {
        let expected = self.committed.position;
        let moved = self
            .connection
            .prepare_cached(
                "UPDATE checkpoint SET position = $1, recorded_at = $2 WHERE position = $3",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    to.position.0.cast_signed(),
                    to.recorded_at.0,
                    expected.0.cast_signed()
                ])
            })
            .map_err(self.failed())?;
        if moved != 1 {
            return Err(StoreError::CheckpointMoved { expected });
        }
        self.pending = Some(to);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("COMMIT").map_err(self.failed())?;
        if let Some(to) = self.pending.take() {
            self.committed = to;
        }
        Ok(())
    }

    fn rollback(&mut self) {
        self.pending = None;
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            tracing::error!(view = self.file.view, %error, "a transaction cannot be rolled back");
        }
    }

    fn park(&mut self, parked: &Parked) -> Result<(), StoreError> {
        self.connection
            .execute(
                "INSERT INTO parked (position, event, type, error) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (position) DO UPDATE SET error = excluded.error",
                params![
                    parked.position.0.cast_signed(),
                    parked.event.to_string(),
                    parked.type_name,
                    parked.error
                ],
            )
            .map(|_| ())
            .map_err(self.failed())
    }

    fn unpark(&mut self, position: Position) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM parked WHERE position = $1", [position.0.cast_signed()])
            .map(|_| ())
            .map_err(self.failed())
    }

    fn parked(&mut self) -> Result<Vec<Parked>, StoreError> {
        parked(&self.connection).map_err(self.failed())
    }

    fn filled(&mut self) -> Result<(), StoreError> {
        let create = || {
            for table in &self.tables {
                self.connection.execute_batch(&create_indexes(table))?;
            }
            Ok(())
        };
        create().map_err(self.failed())
    }

    fn tidy(&mut self) -> Result<(), StoreError> {
        if self.file.wal_bytes() <= WAL_BYTES_MAX {
            return Ok(());
        }
        // The file keeps its length when it is begun anew: what counts is what was not carried over.
        let waiting = checkpoint(&self.connection, "NOOP").map_err(self.failed())?;
        if waiting > WAL_PAGES_MAX {
            checkpoint(&self.connection, "PASSIVE").map_err(self.failed())?;
        }
        Ok(())
    }
}

/// Pages of the write-ahead log that are not in the file afterwards.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let (logged, carried): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(logged - carried)
    })
}

pub(super) fn parked(connection: &Connection) -> rusqlite::Result<Vec<Parked>> {
    let mut statement = connection
        .prepare_cached("SELECT position, event, type, error FROM parked ORDER BY position")?;
    let rows = statement.query_map([], |row| {
        let (position, event): (i64, String) = (row.get(0)?, row.get(1)?);
        let event = event.parse().map_err(|error: uuid::Error| {
            let kind = rusqlite::types::Type::Text;
            rusqlite::Error::FromSqlConversionFailure(1, kind, Box::new(error))
        })?;
        Ok(Parked {
            position: Position(position.cast_unsigned()),
            event,
            type_name: row.get(2)?,
            error: row.get(3)?,
        })
    })?;
    rows.collect()
}
