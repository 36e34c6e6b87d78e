//! Rows in bulk: fixed-size multi-row VALUES, so that every statement text is prepared once.
//!
//! `OR FAIL`: where one row fails the writer rolls the whole transaction back, so no statement needs
//! to keep a copy of every page that it changes in order to be undone alone.

use rusqlite::{CachedStatement, Connection, ToSql};

/// Rows per statement, largest first.
const SIZES: [usize; 3] = [64, 8, 1];

/// An INSERT into one table, in the sizes it comes in.
struct Text {
    columns: usize,
    sized: [String; SIZES.len()],
}

impl Text {
    fn new(insert: &str, columns: usize) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        let sized =
            SIZES.map(|size| format!("{insert} VALUES {}", vec![row.as_str(); size].join(",")));
        Self { columns, sized }
    }

    fn write<T>(
        &self,
        connection: &Connection,
        rows: &[T],
        bind: impl Fn(&mut Binds<'_, '_>, &T) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut rest = rows;
        for (size, text) in SIZES.iter().zip(&self.sized) {
            if rest.len() < *size {
                continue;
            }
            let mut statement = connection.prepare_cached(text)?;
            while rest.len() >= *size {
                let (now, later) = rest.split_at(*size);
                let mut binds = Binds { statement: &mut statement, last: 0 };
                for row in now {
                    bind(&mut binds, row)?;
                }
                debug_assert_eq!(binds.last, size * self.columns, "every column is bound");
                statement.raw_execute()?;
                rest = later;
            }
        }
        Ok(())
    }
}

struct Binds<'a, 'c> {
    statement: &'a mut CachedStatement<'c>,
    last: usize,
}

impl Binds<'_, '_> {
    fn next(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.last += 1;
        self.statement.raw_bind_parameter(self.last, value)
    }
}

pub(super) struct EventRow<'g> {
    pub(super) position: i64,
    pub(super) stream: &'g str,
    pub(super) revision: i64,
    pub(super) type_name: &'g str,
    pub(super) id: &'g [u8; 16],
    pub(super) recorded_at: i64,
    pub(super) meta: &'g str,
    pub(super) data: &'g str,
}

pub(super) struct ClaimRow<'g> {
    pub(super) key: &'g str,
    pub(super) holder: &'g str,
    pub(super) position: u64,
}

pub(super) struct CommandRow<'g> {
    pub(super) id: &'g [u8; 16],
    pub(super) digest: &'g [u8; 32],
    pub(super) result: &'g str,
    pub(super) last: u64,
}

pub(super) struct LookupRow<'g> {
    pub(super) kind: &'g str,
    pub(super) blind: &'g str,
    pub(super) subject: &'g [u8; 16],
}

pub(super) struct Bulk {
    events: Text,
    claims: Text,
    commands: Text,
    lookups: Text,
}

impl Bulk {
    pub(super) fn new() -> Self {
        Self {
            events: Text::new(
                "INSERT OR FAIL INTO events (position, stream, revision, type, id, recorded_at, meta, data)",
                8,
            ),
            claims: Text::new("INSERT OR FAIL INTO claims (key, holder, position)", 3),
            commands: Text::new("INSERT OR FAIL INTO commands (id, digest, result, last)", 4),
            lookups: Text::new("INSERT OR IGNORE INTO lookups (kind, blind, subject)", 3),
        }
    }

    pub(super) fn events(
        &self,
        connection: &Connection,
        rows: &[EventRow<'_>],
    ) -> rusqlite::Result<()> {
        self.events.write(connection, rows, |binds, row| {
            binds.next(row.position)?;
            binds.next(row.stream)?;
            binds.next(row.revision)?;
            binds.next(row.type_name)?;
            binds.next(&row.id[..])?;
            binds.next(row.recorded_at)?;
            binds.next(row.meta)?;
            binds.next(row.data)
        })
    }

    pub(super) fn claims(
        &self,
        connection: &Connection,
        rows: &[ClaimRow<'_>],
    ) -> rusqlite::Result<()> {
        self.claims.write(connection, rows, |binds, row| {
            binds.next(row.key)?;
            binds.next(row.holder)?;
            binds.next(row.position.cast_signed())
        })
    }

    pub(super) fn commands(
        &self,
        connection: &Connection,
        rows: &[CommandRow<'_>],
    ) -> rusqlite::Result<()> {
        self.commands.write(connection, rows, |binds, row| {
            binds.next(&row.id[..])?;
            binds.next(&row.digest[..])?;
            binds.next(row.result)?;
            binds.next(row.last.cast_signed())
        })
    }

    /// Each row with whatever the caller keeps beside it.
    pub(super) fn lookups<T>(
        &self,
        connection: &Connection,
        rows: &[(T, LookupRow<'_>)],
    ) -> rusqlite::Result<()> {
        self.lookups.write(connection, rows, |binds, (_, row)| {
            binds.next(row.kind)?;
            binds.next(row.blind)?;
            binds.next(&row.subject[..])
        })
    }
}
