//! `generations.db`: which generations there are, and which are read.

use std::collections::HashSet;
use std::path::Path;

use projections::engine::{GenerationInfo, Plan, Standing, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use super::file::file_name;

const WHAT: &str = "the catalogue of generations";

pub(super) struct Catalogue(Connection);

impl Catalogue {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path).map_err(failed(WHAT))?;
        // A dropped generation keeps its row: numbers, and so file names, are never used twice.
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA busy_timeout = 5000;
                 CREATE TABLE IF NOT EXISTS generation (
                    name TEXT NOT NULL,
                    number INTEGER NOT NULL,
                    version INTEGER NOT NULL,
                    standing TEXT NOT NULL
                        CHECK (standing IN ('building', 'current', 'old', 'dropped')),
                    PRIMARY KEY (name, number)
                 ) STRICT, WITHOUT ROWID;
                 CREATE UNIQUE INDEX IF NOT EXISTS generation_current
                    ON generation (name) WHERE standing = 'current';",
            )
            .map_err(failed(WHAT))?;
        Ok(Self(connection))
    }

    pub(super) fn generations(&self, name: &str) -> Result<Vec<GenerationInfo>, StoreError> {
        let mut statement = self
            .0
            .prepare_cached(
                "SELECT number, version, standing FROM generation \
                 WHERE name = $1 AND standing <> 'dropped' ORDER BY number",
            )
            .map_err(failed(WHAT))?;
        let rows = statement.query_map([name], info).map_err(failed(WHAT))?;
        rows.collect::<Result<_, _>>().map_err(failed(WHAT))
    }

    pub(super) fn generation(&self, name: &str, number: u32) -> Result<GenerationInfo, StoreError> {
        self.0
            .query_row(
                "SELECT number, version, standing FROM generation \
                 WHERE name = $1 AND number = $2 AND standing <> 'dropped'",
                params![name, number],
                info,
            )
            .optional()
            .map_err(failed(WHAT))?
            .ok_or_else(|| StoreError::NoGeneration { name: name.to_owned(), number })
    }

    /// A new generation, being built: its number.
    pub(super) fn add(&self, plan: &Plan) -> Result<u32, StoreError> {
        self.0
            .query_row(
                "INSERT INTO generation (name, number, version, standing) \
                 SELECT $1, COALESCE(MAX(number), 0) + 1, $2, 'building' \
                 FROM generation WHERE name = $1 RETURNING number",
                params![plan.name, plan.version],
                |row| row.get(0),
            )
            .map_err(failed(WHAT))
    }

    pub(super) fn flip(&self, name: &str, number: u32) -> Result<(), StoreError> {
        let flip = || {
            let transaction = self.0.unchecked_transaction()?;
            transaction.execute(
                "UPDATE generation SET standing = 'old' WHERE name = $1 AND standing = 'current'",
                [name],
            )?;
            transaction.execute(
                "UPDATE generation SET standing = 'current' WHERE name = $1 AND number = $2",
                params![name, number],
            )?;
            transaction.commit()
        };
        flip().map_err(failed(WHAT))
    }

    pub(super) fn forget(&self, name: &str, number: u32) -> Result<(), StoreError> {
        self.0
            .execute(
                "UPDATE generation SET standing = 'dropped' WHERE name = $1 AND number = $2",
                params![name, number],
            )
            .map(|_| ())
            .map_err(failed(WHAT))
    }

    /// The files that some generation owns.
    pub(super) fn file_names(&self) -> Result<HashSet<String>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT name, version, number FROM generation WHERE standing <> 'dropped'")
            .map_err(failed(WHAT))?;
        let rows = statement
            .query_map([], |row| {
                let name: String = row.get(0)?;
                Ok(file_name(&name, row.get(1)?, row.get(2)?))
            })
            .map_err(failed(WHAT))?;
        rows.collect::<Result<_, _>>().map_err(failed(WHAT))
    }
}

fn info(row: &rusqlite::Row<'_>) -> rusqlite::Result<GenerationInfo> {
    let standing = match row.get_ref(2)?.as_str()? {
        "building" => Standing::Building,
        "current" => Standing::Current,
        _ => Standing::Old,
    };
    Ok(GenerationInfo { number: row.get(0)?, version: row.get(1)?, standing })
}
