//! Rows of one table in memory, written back in bulk.
//!
//! **Invariant** what `get` answers is what the store would after a `flush`. Order of the map never
//! matters: rows are written in key order.

mod writing;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use self::writing::Writing;
use super::record::Record;
use super::store::{Store, StoreError};
use super::table::{Row, Value};

/// A write-back map over one table.
///
/// A table that was empty when the cache first looked lies wholly in memory until rows are evicted,
/// so filling one from zero never reads.
#[derive(Debug)]
pub struct Cached<R: Record> {
    rows: HashMap<R::Key, Slot<R>, RandomState>,
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
    /// None: absent.
    row: Option<R>,
    stored: Stored<R>,
    touched: u32,
}

/// What the store holds under a key.
#[derive(Debug)]
enum Stored<R> {
    /// What the slot holds.
    Same,
    /// Something else, which was seen.
    Other(Option<Box<R>>),
    /// It was never looked at.
    Unseen,
}

impl<R: Record> Slot<R> {
    /// Takes another row, and says whether it was unchanged until now.
    fn set(&mut self, row: Option<R>) -> bool {
        let before = std::mem::replace(&mut self.row, row);
        let first = matches!(self.stored, Stored::Same);
        if first {
            self.stored = Stored::Other(before.map(Box::new));
        }
        first
    }

    /// As [`Self::set`], in place.
    fn change(&mut self, change: impl FnOnce(&mut R), or: Option<impl FnOnce() -> R>) -> bool {
        let first = matches!(self.stored, Stored::Same);
        if first {
            self.stored = Stored::Other(self.row.clone().map(Box::new));
        }
        match (&mut self.row, or) {
            (Some(row), _) => change(row),
            (None, Some(or)) => change(self.row.insert(or())),
            (None, None) => {}
        }
        first
    }
}

impl<R: Record> Default for Cached<R> {
    fn default() -> Self {
        Self::bounded(R::KEPT)
    }
}

impl<R: Record> Cached<R> {
    /// Keeps about `kept` rows between two flushes; changed rows are never evicted.
    #[must_use]
    pub fn bounded(kept: usize) -> Self {
        Self { rows: HashMap::default(), changed: Vec::new(), complete: None, kept, round: 0 }
    }

    /// # Errors
    /// When the store fails or holds a row of another shape; so for all of these.
    pub fn get(&mut self, key: &R::Key, store: &mut dyn Store) -> Result<Option<&R>, StoreError> {
        Ok(self.slot(key, store)?.row.as_ref())
    }

    /// Reads together what is asked for next, row by row: one question to the store instead of one
    /// for each.
    pub fn ahead(
        &mut self,
        keys: impl IntoIterator<Item = R::Key>,
        store: &mut dyn Store,
    ) -> Result<(), StoreError> {
        if self.is_complete(store)? {
            return Ok(());
        }
        let touched = self.round;
        let mut unknown = Vec::new();
        for key in keys {
            if let Entry::Vacant(free) = self.rows.entry(key) {
                unknown.push(free.key().clone());
                free.insert(Slot { row: None, stored: Stored::Same, touched });
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort_unstable();
        let unknown: Vec<Row> = unknown.iter().map(R::key_row).collect();
        for row in store.get_all(R::TABLE, &unknown)? {
            let row = read::<R>(&row)?;
            if let Some(slot) = self.rows.get_mut(&row.key()) {
                slot.row = Some(row);
            }
        }
        Ok(())
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
        if slot.row.is_none() {
            return Ok(false);
        }
        if slot.change(change, None::<fn() -> R>) {
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
        if self.slot(key, store)?.change(change, Some(first)) {
            self.changed.push(key.clone());
        }
        Ok(())
    }

    /// The rows in memory, in no order: all there are where nothing was ever evicted or stored.
    pub fn held(&self) -> impl Iterator<Item = &R> {
        self.rows.values().filter_map(|slot| slot.row.as_ref())
    }

    /// Writes what changed, in key order, and lets go of what was not touched lately.
    pub fn flush(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        let mut writing = Writing::<R>::new(store);
        for key in changed {
            let Some(slot) = self.rows.get_mut(&key) else { continue };
            let stored = std::mem::replace(&mut slot.stored, Stored::Same);
            writing.take(&key, slot.row.as_ref(), stored)?;
        }
        writing.finish()?;
        self.evict();
        Ok(())
    }

    /// Drops everything, changed or not: the transaction was rolled back.
    pub fn forget(&mut self) {
        self.rows = HashMap::default();
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
                Ok(free.insert(Slot { row, stored: Stored::Same, touched }))
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
                slot.touched = touched;
                if slot.set(row) {
                    self.changed.push(held.key().clone());
                }
            }
            Entry::Vacant(free) => {
                self.changed.push(free.key().clone());
                free.insert(Slot { row, stored: Stored::Unseen, touched });
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
    row.map(|row| read(&row)).transpose()
}

fn read<R: Record>(row: &[Value]) -> Result<R, StoreError> {
    R::read(row).map_err(|source| StoreError::Shape { table: R::TABLE.name, source })
}

#[cfg(test)]
mod tests {
    use super::super::table::{Columns, Table};
    use super::*;

    crate::record! {
        struct SumRow in "sum" key(of: String) index("fen") {
            pub fen: i64,
            pub lines: u32,
        }
    }

    /// Notes what it is asked and told, and holds what it was given at first.
    #[derive(Default)]
    struct Noting {
        held: Vec<SumRow>,
        told: Vec<String>,
    }

    impl Store for Noting {
        fn get(&mut self, _: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
            self.told.push("get".to_owned());
            Ok(self.held.iter().map(Record::write).find(|row| row[..1] == *key))
        }

        fn get_all(&mut self, _: &'static Table, keys: &[Row]) -> Result<Vec<Row>, StoreError> {
            self.told.push(format!("get {keys:?}"));
            let rows = self.held.iter().rev().map(Record::write);
            Ok(rows.filter(|row| keys.contains(&row[..1].to_vec())).collect())
        }

        fn is_empty(&mut self, _: &'static Table) -> Result<bool, StoreError> {
            Ok(self.held.is_empty())
        }

        fn put(&mut self, _: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
            self.told.push(format!("put {}", rows.len()));
            Ok(())
        }

        fn change(
            &mut self,
            table: &'static Table,
            changed: Columns,
            rows: &[Row],
        ) -> Result<(), StoreError> {
            let names: Vec<_> = changed.places().map(|place| table.columns[place].name).collect();
            self.told.push(format!("change {} of {}", names.join(" "), rows.len()));
            Ok(())
        }

        fn delete(&mut self, _: &'static Table, keys: &[Row]) -> Result<(), StoreError> {
            self.told.push(format!("delete {}", keys.len()));
            Ok(())
        }

        fn rows(&mut self, _: &str, _: &[Value]) -> Result<Vec<Row>, StoreError> {
            Ok(Vec::new())
        }

        fn scan(
            &mut self,
            _: &'static Table,
            _: &mut dyn FnMut(&[Value]),
        ) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn sum(of: &str, fen: i64) -> SumRow {
        SumRow { of: of.to_owned(), fen, lines: 1 }
    }

    #[test]
    fn a_store_is_told_what_differs_and_nothing_else() {
        let (mut rows, mut store) = (Cached::<SumRow>::default(), Noting::default());
        for of in ["a", "b", "c"] {
            rows.put(sum(of, 1));
        }
        rows.flush(&mut store).unwrap();
        // Two changes that cancel out, one that stays, a row that came and went, one that goes.
        rows.update(&"a".to_owned(), &mut store, |row| row.fen = 2).unwrap();
        rows.update(&"a".to_owned(), &mut store, |row| row.fen = 1).unwrap();
        rows.put(sum("b", 5));
        rows.remove(&"c".to_owned());
        assert!(rows.get(&"d".to_owned(), &mut store).unwrap().is_none());
        rows.put(sum("d", 1));
        rows.remove(&"d".to_owned());
        rows.flush(&mut store).unwrap();
        assert_eq!(store.told, ["put 3", "change fen of 1", "delete 1"]);
    }

    #[test]
    fn rows_read_ahead_are_asked_for_once_and_together() {
        let held = vec![sum("a", 1), sum("b", 2), sum("c", 3)];
        let mut store = Noting { held, told: Vec::new() };
        let mut rows = Cached::<SumRow>::default();
        rows.put(sum("b", 9));
        let keys = || ["c", "b", "a", "d", "a"].map(str::to_owned);
        rows.ahead(keys(), &mut store).unwrap();
        rows.ahead(keys(), &mut store).unwrap();
        let fen = keys().map(|of| {
            let row = rows.get(&of, &mut store).unwrap();
            row.map_or(0, |row| row.fen)
        });
        assert_eq!(fen, [3, 9, 1, 0, 1], "what was put is kept, what is not there is known");
        let asked = ["a", "c", "d"].map(|of| vec![Value::from(of)]);
        assert_eq!(store.told, [format!("get {asked:?}")]);
    }
}
