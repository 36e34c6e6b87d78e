//! The ports of the engine: what a database must offer. Synchronous: the train is one OS thread.

use kernel::{Identity, Micros, Position};
use thiserror::Error;
use uuid::Uuid;

use super::session::Reader;
use super::table::{Columns, Row, Table, Unreadable, Value};

/// The tables of one generation of one read model, inside the transaction that the engine opened.
pub trait Store {
    /// # Errors
    /// When the database fails; so for all of these.
    fn get(&mut self, table: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError>;

    /// The rows of these keys, in any order, as far as they are there. Keys come in order.
    fn get_all(&mut self, table: &'static Table, keys: &[Row]) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.extend(self.get(table, key)?);
        }
        Ok(found)
    }

    fn is_empty(&mut self, table: &'static Table) -> Result<bool, StoreError>;

    /// Inserts or overwrites, by key. Rows come in key order where there are many.
    fn put(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError>;

    /// As [`Self::put`], for whole rows that are there and differ in `changed` alone: whoever can
    /// leaves the other columns and their indexes untouched.
    fn change(
        &mut self,
        table: &'static Table,
        changed: Columns,
        rows: &[Row],
    ) -> Result<(), StoreError> {
        let _ = changed;
        self.put(table, rows)
    }

    fn delete(&mut self, table: &'static Table, keys: &[Row]) -> Result<(), StoreError>;

    /// What a statement selects. It sees what was flushed, not what lies in a cache.
    fn rows(&mut self, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Every row in key order, text compared byte by byte.
    fn scan(
        &mut self,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError>;
}

/// How far a generation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checkpoint {
    pub position: Position,
    /// When the event at that position was recorded.
    pub recorded_at: Micros,
}

/// One generation, written by one thread.
pub trait Generation: Store + Send {
    fn number(&self) -> u32;

    /// What is committed.
    fn checkpoint(&self) -> Checkpoint;

    /// # Errors
    /// When the database fails; so for all of these.
    fn begin(&mut self) -> Result<(), StoreError>;

    /// Sets the checkpoint inside the transaction.
    ///
    /// # Errors
    /// [`StoreError::CheckpointMoved`] when another writer moved it.
    fn advance(&mut self, to: Checkpoint) -> Result<(), StoreError>;

    /// Ends the transaction; afterwards [`Self::checkpoint`] is what `advance` was told.
    fn commit(&mut self) -> Result<(), StoreError>;

    /// Gives the transaction up, if there is one.
    fn rollback(&mut self);

    fn park(&mut self, parked: &Parked) -> Result<(), StoreError>;

    fn unpark(&mut self, position: Position) -> Result<(), StoreError>;

    /// By position.
    fn parked(&mut self) -> Result<Vec<Parked>, StoreError>;

    /// The history is in and the generation is read next: what only readers need, like further
    /// indexes, may be made as late as this. Outside a transaction; again does no harm.
    fn filled(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// House-keeping that must not happen inside a commit.
    fn tidy(&mut self) -> Result<(), StoreError>;

    /// Whether what failed last was only that the database was away, full or busy: the train tries
    /// again by itself.
    fn is_away(&self) -> bool {
        false
    }

    /// Reaches for the database again; true when the generation can go on from what is committed.
    fn come_back(&mut self) -> bool {
        true
    }
}

/// An event that a read model could not fold and went past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub position: Position,
    pub event: Uuid,
    pub type_name: String,
    pub error: String,
}

/// What a generation holds: which read model, which version, which tables, of which log.
#[derive(Debug, Clone)]
pub struct Plan {
    pub name: &'static str,
    pub version: u32,
    pub tables: Vec<&'static Table>,
    pub identity: Identity,
}

/// Where a generation stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Building,
    /// The one that is read.
    Current,
    /// Was current; stays until it is dropped.
    Old,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationInfo {
    pub number: u32,
    pub version: u32,
    pub standing: Standing,
}

/// A database that holds generations.
pub trait Stores: Send + Sync + 'static {
    /// Every generation of a read model, by number.
    ///
    /// # Errors
    /// When the database fails; so for all of these.
    fn generations(&self, name: &str) -> Result<Vec<GenerationInfo>, StoreError>;

    /// A new one, empty, standing as [`Standing::Building`].
    fn create(&self, plan: &Plan) -> Result<Box<dyn Generation>, StoreError>;

    /// # Errors
    /// [`StoreError::OtherLog`] when it was filled from another log or epoch.
    fn open(&self, plan: &Plan, number: u32) -> Result<Box<dyn Generation>, StoreError>;

    /// Makes a generation the one that is read, at one instant for every reader.
    fn flip(&self, plan: &Plan, number: u32) -> Result<(), StoreError>;

    /// Commits all of them while no reader opens: one answer shows one position.
    fn commit(
        &self,
        generations: Vec<&mut (dyn Generation + 'static)>,
    ) -> Vec<Result<(), StoreError>>;

    /// Removes a generation that is not current, as soon as no reader has it.
    fn drop_generation(&self, name: &str, number: u32) -> Result<(), StoreError>;

    /// Called on a thread that fills a generation beside live traffic: whoever can tells the
    /// operating system that everybody else goes first.
    fn in_the_background(&self) {}

    /// One read transaction per current generation, all at one position; of these read models, or
    /// of all if none is named.
    fn reader(&self, views: &[&str]) -> Result<Box<dyn Reader>, StoreError>;
}

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the database of {what} failed")]
    Database {
        what: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The same may go well later.
    #[error("the database of {what} is away, full or busy")]
    Away {
        what: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the checkpoint should stand at {expected} and does not: another writer is at work")]
    CheckpointMoved { expected: Position },
    #[error("this generation was filled from another log, or before its last restore")]
    OtherLog,
    #[error("{name} has no generation {number}")]
    NoGeneration { name: String, number: u32 },
    #[error("generation {number} of {name} is the one that is read")]
    IsCurrent { name: String, number: u32 },
    #[error("a row of {table} does not have its shape")]
    Shape {
        table: &'static str,
        #[source]
        source: Unreadable,
    },
}

impl StoreError {
    pub fn database(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Database { what: what.into(), source: source.into() }
    }

    pub fn away(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Away { what: what.into(), source: source.into() }
    }

    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. })
    }
}
