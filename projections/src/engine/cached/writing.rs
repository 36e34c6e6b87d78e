//! Changed rows go to the store in bulk, and nothing else does.

use super::Stored;
use crate::engine::record::Record;
use crate::engine::store::{Store, StoreError};
use crate::engine::table::{Columns, Row};

/// How many rows go to the store in one call.
const ROWS_PUT: usize = 1_024;

/// Rows on their way into the store, gathered by what is done with them.
pub(super) struct Writing<'a, R> {
    store: &'a mut dyn Store,
    put: Vec<Row>,
    /// By the columns in which they differ: few different ones at a time.
    changed: Vec<(Columns, Vec<Row>)>,
    gone: Vec<Row>,
    of: std::marker::PhantomData<R>,
}

impl<'a, R: Record> Writing<'a, R> {
    pub(super) fn new(store: &'a mut dyn Store) -> Self {
        let of = std::marker::PhantomData;
        Self { store, put: Vec::new(), changed: Vec::new(), gone: Vec::new(), of }
    }

    pub(super) fn take(
        &mut self,
        key: &R::Key,
        row: Option<&R>,
        stored: Stored<R>,
    ) -> Result<(), StoreError> {
        match (row, stored) {
            (_, Stored::Same) | (None, Stored::Other(None)) => Ok(()),
            (Some(row), Stored::Other(Some(before))) => self.change(row, &before),
            (Some(row), Stored::Other(None) | Stored::Unseen) => {
                self.put.push(row.write());
                if self.put.len() < ROWS_PUT {
                    return Ok(());
                }
                self.store.put(R::TABLE, &std::mem::take(&mut self.put))
            }
            (None, Stored::Other(Some(_)) | Stored::Unseen) => {
                self.gone.push(R::key_row(key));
                Ok(())
            }
        }
    }

    fn change(&mut self, row: &R, before: &R) -> Result<(), StoreError> {
        let columns = row.changes(before);
        if columns.is_empty() {
            return Ok(());
        }
        let place = self.changed.iter().position(|(known, _)| *known == columns);
        let place = place.unwrap_or_else(|| {
            self.changed.push((columns, Vec::new()));
            self.changed.len() - 1
        });
        let rows = &mut self.changed[place].1;
        rows.push(row.write());
        if rows.len() < ROWS_PUT {
            return Ok(());
        }
        self.store.change(R::TABLE, columns, &std::mem::take(rows))
    }

    pub(super) fn finish(self) -> Result<(), StoreError> {
        if !self.put.is_empty() {
            self.store.put(R::TABLE, &self.put)?;
        }
        for (columns, rows) in &self.changed {
            if !rows.is_empty() {
                self.store.change(R::TABLE, *columns, rows)?;
            }
        }
        if !self.gone.is_empty() {
            self.store.delete(R::TABLE, &self.gone)?;
        }
        Ok(())
    }
}
