//! Lets the live train go first: a rebuild looks here between slices of work.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::store::{Store, StoreError};
use super::table::{Row, Table, Value};

/// The longest that a rebuild stands aside for one slice: under unending live traffic it still
/// gets on.
const ASIDE_MAX: Duration = Duration::from_millis(2);

/// Rows written by a rebuild between two looks.
const ROWS_BETWEEN: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Gate {
    busy: Mutex<bool>,
    free: Condvar,
}

impl Gate {
    /// The train is at work until this is dropped.
    pub(super) fn enter(&self) -> Busy<'_> {
        *self.lock() = true;
        Busy(self)
    }

    /// Stands aside while the train works.
    pub(super) fn give_way(&self) {
        let busy = self.lock();
        if *busy {
            let waited = self.free.wait_timeout_while(busy, ASIDE_MAX, |busy| *busy);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        // A flag is whole whenever it is seen.
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Busy<'a>(&'a Gate);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *self.0.lock() = false;
        self.0.free.notify_all();
    }
}

/// A store that gives way between slices of rows.
pub(super) struct GivingWay<'a> {
    pub(super) store: &'a mut dyn Store,
    pub(super) gate: &'a Gate,
}

impl Store for GivingWay<'_> {
    fn get(&mut self, table: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
        self.store.get(table, key)
    }

    fn is_empty(&mut self, table: &'static Table) -> Result<bool, StoreError> {
        self.store.is_empty(table)
    }

    fn put(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        for slice in rows.chunks(ROWS_BETWEEN) {
            self.gate.give_way();
            self.store.put(table, slice)?;
        }
        Ok(())
    }

    fn delete(&mut self, table: &'static Table, keys: &[Row]) -> Result<(), StoreError> {
        for slice in keys.chunks(ROWS_BETWEEN) {
            self.gate.give_way();
            self.store.delete(table, slice)?;
        }
        Ok(())
    }

    fn rows(&mut self, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.store.rows(sql, binds)
    }

    fn scan(
        &mut self,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError> {
        self.store.scan(table, each)
    }
}
