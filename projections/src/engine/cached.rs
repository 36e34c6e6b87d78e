//! Rows of one table in memory, written back in bulk.
//!
//! **Invariant** what `get` answers is what the store would after a `flush`. Order of the map never
//! matters: rows are written in key order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::record::Record;
use super::store::{Store, StoreError};
use super::table::Row;

/// How many rows a cache keeps between two commits unless told otherwise.
pub const ROWS_KEPT: usize = 200_000;

/// How many rows go to the store in one call.
const ROWS_PUT: usize = 1_024;

/// A write-back map over one table.
///
/// A table that was empty when the cache first looked lies wholly in memory until rows are evicted,
/// so filling one from zero never reads.
#[derive(Debug)]
pub struct Cached<R: Record> {
    rows: HashMap<R::Key, Slot<R>>,
    /// Keys of slots that differ from the store.
    changed: Vec<R::Key>,
    /// Unknown until the store is first asked.
    complete: Option<bool>,
    kept: usize,
    /// Counts flushes: rows untouched for the longest go first.
    round: u32,
}

#[derive(Debug)]
struct Slot<R> {
    /// None: known to be absent.
    row: Option<R>,
    changed: bool,
    touched: u32,
}

impl<R: Record> Default for Cached<R> {
    fn default() -> Self {
        Self::bounded(ROWS_KEPT)
    }
}

impl<R: Record> Cached<R> {
    /// Keeps about `kept` rows between two flushes; changed rows are never evicted.
    #[must_use]
    pub fn bounded(kept: usize) -> Self {
        Self { rows: HashMap::new(), changed: Vec::new(), complete: None, kept, round: 0 }
    }

    /// # Errors
    /// When the store fails or holds a row of another shape; so for all of these.
    pub fn get(&mut self, key: &R::Key, store: &mut dyn Store) -> Result<Option<&R>, StoreError> {
        Ok(self.slot(key, store)?.row.as_ref())
    }

    /// Inserts or overwrites, without a look at what was there.
    pub fn put(&mut self, row: R) {
        let key = row.key();
        self.set(key, Some(row));
    }

    pub fn remove(&mut self, key: &R::Key) {
        self.set(key.clone(), None);
    }

    /// Changes a row if there is one, and says whether there was. The change must not touch the key.
    pub fn update(
        &mut self,
        key: &R::Key,
        store: &mut dyn Store,
        change: impl FnOnce(&mut R),
    ) -> Result<bool, StoreError> {
        let slot = self.slot(key, store)?;
        let Some(row) = &mut slot.row else { return Ok(false) };
        change(row);
        if !std::mem::replace(&mut slot.changed, true) {
            self.changed.push(key.clone());
        }
        Ok(true)
    }

    /// Changes a row, made by `first` if there is none: counters and sums.
    pub fn update_or(
        &mut self,
        key: &R::Key,
        store: &mut dyn Store,
        first: impl FnOnce() -> R,
        change: impl FnOnce(&mut R),
    ) -> Result<(), StoreError> {
        let slot = self.slot(key, store)?;
        change(slot.row.get_or_insert_with(first));
        if !std::mem::replace(&mut slot.changed, true) {
            self.changed.push(key.clone());
        }
        Ok(())
    }

    /// Writes what changed, in key order, and lets go of what was not touched lately.
    pub fn flush(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        let (mut rows, mut gone): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
        for key in changed {
            let Some(slot) = self.rows.get_mut(&key) else { continue };
            slot.changed = false;
            match &slot.row {
                Some(row) => rows.push(row.write()),
                None => gone.push(R::key_row(&key)),
            }
            if rows.len() == ROWS_PUT {
                store.put(R::TABLE, &rows)?;
                rows.clear();
            }
        }
        if !rows.is_empty() {
            store.put(R::TABLE, &rows)?;
        }
        if !gone.is_empty() {
            store.delete(R::TABLE, &gone)?;
        }
        self.evict();
        Ok(())
    }

    /// Drops everything, changed or not: the transaction was rolled back.
    pub fn forget(&mut self) {
        self.rows = HashMap::new();
        self.changed = Vec::new();
        self.complete = None;
    }

    fn slot(&mut self, key: &R::Key, store: &mut dyn Store) -> Result<&mut Slot<R>, StoreError> {
        let complete = self.is_complete(store)?;
        let touched = self.round;
        match self.rows.entry(key.clone()) {
            Entry::Occupied(held) => {
                let slot = held.into_mut();
                slot.touched = touched;
                Ok(slot)
            }
            Entry::Vacant(free) => {
                let row = if complete { None } else { load::<R>(key, store)? };
                Ok(free.insert(Slot { row, changed: false, touched }))
            }
        }
    }

    fn is_complete(&mut self, store: &mut dyn Store) -> Result<bool, StoreError> {
        if let Some(complete) = self.complete {
            return Ok(complete);
        }
        // Rows put blindly before the first look are in memory, so an empty table is all there is.
        let complete = store.is_empty(R::TABLE)?;
        self.complete = Some(complete);
        Ok(complete)
    }

    fn set(&mut self, key: R::Key, row: Option<R>) {
        let touched = self.round;
        match self.rows.entry(key) {
            Entry::Occupied(mut held) => {
                let slot = held.get_mut();
                (slot.row, slot.touched) = (row, touched);
                if !std::mem::replace(&mut slot.changed, true) {
                    self.changed.push(held.key().clone());
                }
            }
            Entry::Vacant(free) => {
                self.changed.push(free.key().clone());
                free.insert(Slot { row, changed: true, touched });
            }
        }
    }

    /// Nothing is changed when this is called.
    fn evict(&mut self) {
        let round = self.round;
        self.round = self.round.wrapping_add(1);
        if self.rows.len() <= self.kept {
            return;
        }
        self.rows.retain(|_, slot| slot.touched == round);
        if self.rows.len() > self.kept {
            self.rows.clear();
        }
        self.complete = Some(false);
    }
}

fn load<R: Record>(key: &R::Key, store: &mut dyn Store) -> Result<Option<R>, StoreError> {
    let row = store.get(R::TABLE, &R::key_row(key))?;
    row.map(|row| R::read(&row))
        .transpose()
        .map_err(|source| StoreError::Shape { table: R::TABLE.name, source })
}
