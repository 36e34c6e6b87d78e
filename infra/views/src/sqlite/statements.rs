//! The text of statements, and values on their way in and out.

use std::fmt::Write;

use projections::engine::{Columns, Kind, Row, Table, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ToSql};

/// What every generation has besides its read model's tables.
pub(super) const SYSTEM_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS checkpoint (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        position INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        log_id TEXT NOT NULL,
        epoch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS parked (
        position INTEGER PRIMARY KEY,
        event TEXT NOT NULL,
        type TEXT NOT NULL,
        error TEXT NOT NULL
    ) STRICT;";

pub(super) fn create_table(table: &Table) -> String {
    let mut sql = format!("CREATE TABLE IF NOT EXISTS {} (", table.name);
    for column in table.columns {
        let kind = match column.kind {
            Kind::Int => "INTEGER",
            Kind::Text => "TEXT",
            Kind::Blob => "BLOB",
        };
        let absent = if column.nullable { "" } else { " NOT NULL" };
        push(&mut sql, format_args!("{} {kind}{absent}, ", column.name));
    }
    push(&mut sql, format_args!("PRIMARY KEY ({})) STRICT, WITHOUT ROWID;", key_list(table)));
    sql
}

/// The further indexes: only readers need them.
pub(super) fn create_indexes(table: &Table) -> String {
    let mut sql = String::new();
    for (place, index) in table.indexes.iter().enumerate() {
        let (name, columns) = (table.name, index.join(", "));
        push(
            &mut sql,
            format_args!(" CREATE INDEX IF NOT EXISTS {name}_{place} ON {name} ({columns});"),
        );
    }
    sql
}

/// One row at a time: a statement of several rows keeps a copy of every page it changes, in case
/// that one of the rows fails, and rows in key order lie far apart in the further indexes.
pub(super) fn upsert(table: &Table) -> String {
    let binds: Vec<String> = (1..=table.columns.len()).map(|place| format!("?{place}")).collect();
    let others: Vec<String> = table.columns[table.key..]
        .iter()
        .map(|column| format!("{0} = excluded.{0}", column.name))
        .collect();
    let action = if others.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", others.join(", "))
    };
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {action}",
        table.name,
        table.column_list(),
        binds.join(", "),
        key_list(table),
    )
}

/// Sets some columns of one row; every value is bound by the place of its column.
pub(super) fn update(table: &Table, changed: Columns) -> String {
    let set = |place: usize| format!("{} = ?{}", table.columns[place].name, place + 1);
    let sets: Vec<String> = changed.places().map(set).collect();
    let keys: Vec<String> = (0..table.key).map(set).collect();
    format!("UPDATE {} SET {} WHERE {}", table.name, sets.join(", "), keys.join(" AND "))
}

pub(super) fn delete(table: &Table) -> String {
    format!("DELETE FROM {} WHERE {}", table.name, by_key(table))
}

pub(super) fn select(table: &Table) -> String {
    format!("SELECT {} FROM {} WHERE {}", table.column_list(), table.name, by_key(table))
}

pub(super) fn scan(table: &Table) -> String {
    format!("SELECT {} FROM {} ORDER BY {}", table.column_list(), table.name, key_list(table))
}

/// What `?1` is to SQLite is `$1` to a read model: a name with a dollar would have to be looked up
/// among all others for each bind. No text of a read model holds a dollar besides.
pub(super) fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Binds by number: `?2` may stand before `?1`, or twice.
pub(super) fn bind(statement: &mut CachedStatement<'_>, binds: &[Value]) -> rusqlite::Result<()> {
    for (place, value) in (1..).zip(binds) {
        statement.raw_bind_parameter(place, Bound(value))?;
    }
    Ok(())
}

pub(super) struct Bound<'a>(pub(super) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Into a row that may hold the one before: its memory is used again.
pub(super) fn row(row: &rusqlite::Row<'_>, columns: usize, into: &mut Row) -> rusqlite::Result<()> {
    into.resize(columns, Value::Null);
    for (column, value) in into.iter_mut().enumerate() {
        match row.get_ref(column)? {
            ValueRef::Null => *value = Value::Null,
            ValueRef::Integer(number) => *value = Value::Int(number),
            // An average or a division: read models divide in Rust.
            ValueRef::Real(_) => {
                let name = format!("column {column}");
                let kind = rusqlite::types::Type::Real;
                return Err(rusqlite::Error::InvalidColumnType(column, name, kind));
            }
            text @ ValueRef::Text(_) => match value {
                Value::Text(there) => text.as_str()?.clone_into(there),
                other => *other = Value::Text(text.as_str()?.to_owned()),
            },
            ValueRef::Blob(bytes) => match value {
                Value::Blob(there) => bytes.clone_into(there),
                other => *other = Value::Blob(bytes.to_owned()),
            },
        }
    }
    Ok(())
}

/// Every row that a bound statement gives.
pub(super) fn collect(statement: &mut CachedStatement<'_>) -> rusqlite::Result<Vec<Row>> {
    let columns = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(next) = rows.next()? {
        let mut values = Row::with_capacity(columns);
        row(next, columns, &mut values)?;
        found.push(values);
    }
    Ok(found)
}

/// Passes every row of a bound statement to `each`.
pub(super) fn pass(
    statement: &mut CachedStatement<'_>,
    each: &mut dyn FnMut(&[Value]),
) -> rusqlite::Result<()> {
    let columns = statement.column_count();
    let mut values = Row::with_capacity(columns);
    let mut rows = statement.raw_query();
    while let Some(next) = rows.next()? {
        row(next, columns, &mut values)?;
        each(&values);
    }
    Ok(())
}

fn key_list(table: &Table) -> String {
    let names: Vec<&str> = table.key_columns().iter().map(|column| column.name).collect();
    names.join(", ")
}

fn by_key(table: &Table) -> String {
    let conditions: Vec<String> = (1..)
        .zip(table.key_columns())
        .map(|(place, column)| format!("{} = ?{place}", column.name))
        .collect();
    conditions.join(" AND ")
}

fn push(sql: &mut String, text: std::fmt::Arguments<'_>) {
    sql.write_fmt(text).expect("a string takes whatever is written to it");
}

#[cfg(test)]
mod tests {
    use projections::engine::Record;

    use super::*;

    projections::record! {
        struct SumRow in "sum" key(month: String, item: String) {
            pub fen: i64,
            pub lines: u32,
        }
    }

    #[test]
    fn a_changed_row_is_written_by_its_changed_columns() {
        let row = |fen| SumRow { month: "m".to_owned(), item: "i".to_owned(), fen, lines: 1 };
        let changed = row(2).changes(&row(1));
        assert_eq!(
            update(SumRow::TABLE, changed),
            "UPDATE sum SET fen = ?3 WHERE month = ?1 AND item = ?2"
        );
        assert!(row(1).changes(&row(1)).is_empty());
    }

    #[test]
    fn binds_go_by_number() {
        assert_eq!(numbered("WHERE a = $2 AND b = $1"), "WHERE a = ?2 AND b = ?1");
    }
}
