//! The text of statements, and values on their way in and out.

use std::fmt::Write;

use projections::engine::{Kind, Row, Table, Value};
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

/// Rows per statement; whatever is left over goes by the next smaller size.
pub(super) const SIZES: [usize; 3] = [64, 8, 1];

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
    for (place, index) in table.indexes.iter().enumerate() {
        let (name, columns) = (table.name, index.join(", "));
        push(
            &mut sql,
            format_args!(" CREATE INDEX IF NOT EXISTS {name}_{place} ON {name} ({columns});"),
        );
    }
    sql
}

pub(super) fn upsert(table: &Table, rows: usize) -> String {
    let mut sql = format!("INSERT INTO {} ({}) VALUES ", table.name, table.column_list());
    push_groups(&mut sql, rows, table.columns.len());
    let others: Vec<String> = table.columns[table.key..]
        .iter()
        .map(|column| format!("{0} = excluded.{0}", column.name))
        .collect();
    let action = if others.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", others.join(", "))
    };
    push(&mut sql, format_args!(" ON CONFLICT ({}) DO {action}", key_list(table)));
    sql
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

/// Binds by the number in the name: `$2` may stand before `$1`, or twice.
pub(super) fn bind(statement: &mut CachedStatement<'_>, binds: &[Value]) -> rusqlite::Result<()> {
    for (place, value) in binds.iter().enumerate() {
        let name = format!("${}", place + 1);
        let index =
            statement.parameter_index(&name)?.ok_or(rusqlite::Error::InvalidParameterName(name))?;
        statement.raw_bind_parameter(index, Bound(value))?;
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

pub(super) fn row(row: &rusqlite::Row<'_>, columns: usize, into: &mut Row) -> rusqlite::Result<()> {
    into.clear();
    for column in 0..columns {
        into.push(match row.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            // An average or a division: read models divide in Rust.
            ValueRef::Real(_) => {
                let name = format!("column {column}");
                let kind = rusqlite::types::Type::Real;
                return Err(rusqlite::Error::InvalidColumnType(column, name, kind));
            }
            text @ ValueRef::Text(_) => Value::Text(text.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_owned()),
        });
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
        .map(|(place, column)| format!("{} = ${place}", column.name))
        .collect();
    conditions.join(" AND ")
}

fn push_groups(sql: &mut String, rows: usize, columns: usize) {
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { ", " };
            push(sql, format_args!("{comma}${}", row * columns + column + 1));
        }
        sql.push(')');
    }
}

fn push(sql: &mut String, text: std::fmt::Arguments<'_>) {
    sql.write_fmt(text).expect("a string takes whatever is written to it");
}
