//! Lets the live train go first: a rebuild looks here between slices of work.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::store::{Store, StoreError};
use super::table::{Columns, Row, Table, Value};

/// The longest that a rebuild stands aside for one slice: under unending live traffic it still
/// gets on.
const ASIDE_MAX: Duration = Duration::from_millis(2);

/// The train worked so short a time ago: more is likely to come.
const LIVELY: Duration = Duration::from_millis(20);

/// Beside lively traffic a rebuild rests after each slice, so that a commit finds a processor, the
/// disk and the locks of the database library free more often than not.
const REST: Duration = Duration::from_micros(500);

/// Rows written by a rebuild between two looks.
const ROWS_BETWEEN: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    free: Condvar,
    /// Nobody notifies it: a wait on it is a rest.
    resting: Condvar,
}

#[derive(Debug, Default)]
struct State {
    busy: bool,
    /// When the train last left.
    left: Option<Instant>,
}

impl Gate {
    /// The train is at work until this is dropped.
    pub(super) fn enter(&self) -> Busy<'_> {
        self.lock().busy = true;
        Busy(self)
    }

    /// Stands aside while the train works, and rests where it has just worked.
    pub(super) fn give_way(&self) {
        let mut state = self.lock();
        if state.busy {
            let waited = self.free.wait_timeout_while(state, ASIDE_MAX, |state| state.busy);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let lively = state.left.is_some_and(|left| left.elapsed() < LIVELY);
        if state.busy || lively {
            drop(self.resting.wait_timeout(state, REST));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Its fields are whole whenever they are seen.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Busy<'a>(&'a Gate);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        (state.busy, state.left) = (false, Some(Instant::now()));
        drop(state);
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

    fn get_all(&mut self, table: &'static Table, keys: &[Row]) -> Result<Vec<Row>, StoreError> {
        self.store.get_all(table, keys)
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

    fn change(
        &mut self,
        table: &'static Table,
        changed: Columns,
        rows: &[Row],
    ) -> Result<(), StoreError> {
        for slice in rows.chunks(ROWS_BETWEEN) {
            self.gate.give_way();
            self.store.change(table, changed, slice)?;
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
