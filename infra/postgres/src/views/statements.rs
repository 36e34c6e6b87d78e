//! The text of statements over the tables of read models; tables stand in their generation's schema.

use std::fmt::Write;

use projections::engine::{Field, Kind, Table};

pub(super) fn create_table(schema: &str, table: &Table) -> String {
    let mut sql = format!("CREATE TABLE IF NOT EXISTS {schema}.{} (", table.name);
    for column in table.columns {
        let kind = match column.kind {
            Kind::Int => "BIGINT",
            // Byte by byte, as everywhere.
            Kind::Text => "TEXT COLLATE \"C\"",
            Kind::Blob => "BYTEA",
        };
        let absent = if column.nullable { "" } else { " NOT NULL" };
        push(&mut sql, format_args!("{} {kind}{absent}, ", column.name));
    }
    // Room for rows that change without touching an index.
    let filled = if table.key == table.columns.len() { 100 } else { 85 };
    push(
        &mut sql,
        format_args!("PRIMARY KEY ({})) WITH (fillfactor = {filled});", key_list(table)),
    );
    sql
}

/// What only readers need.
pub(super) fn create_indexes(schema: &str, table: &Table) -> String {
    let name = table.name;
    let index = |(place, columns): (usize, &&[&str])| {
        let columns = columns.join(", ");
        format!("CREATE INDEX IF NOT EXISTS {name}_{place} ON {schema}.{name} ({columns});")
    };
    table.indexes.iter().enumerate().map(index).collect()
}

/// One statement for any number of rows: a column is an array.
pub(super) fn upsert(schema: &str, table: &Table) -> String {
    let arrays = arrays(table.columns);
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
        "INSERT INTO {schema}.{} ({}) SELECT * FROM UNNEST({arrays}) ON CONFLICT ({}) DO {action}",
        table.name,
        table.column_list(),
        key_list(table)
    )
}

/// As [`upsert`] for rows that are there: key columns and changed ones alone, so that an index on
/// other columns is not touched.
pub(super) fn update(schema: &str, table: &Table, columns: &[Field]) -> String {
    let set = |column: &Field| format!("{0} = new.{0}", column.name);
    let sets: Vec<String> = columns[table.key..].iter().map(set).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    format!(
        "UPDATE {schema}.{} held SET {} FROM UNNEST({}) AS new ({}) WHERE {}",
        table.name,
        sets.join(", "),
        arrays(columns),
        names.join(", "),
        held_is("new", table)
    )
}

pub(super) fn delete(schema: &str, table: &Table) -> String {
    format!(
        "DELETE FROM {schema}.{} held USING UNNEST({}) AS gone ({}) WHERE {}",
        table.name,
        arrays(table.key_columns()),
        key_list(table),
        held_is("gone", table)
    )
}

pub(super) fn select(schema: &str, table: &Table) -> String {
    let conditions: Vec<String> = (1..)
        .zip(table.key_columns())
        .map(|(place, column)| format!("{} = ${place}", column.name))
        .collect();
    format!(
        "SELECT {} FROM {schema}.{} WHERE {}",
        table.column_list(),
        table.name,
        conditions.join(" AND ")
    )
}

/// The rows of any number of keys, each found by its index whatever the planner knows of the table.
pub(super) fn select_all(schema: &str, table: &Table) -> String {
    format!(
        "SELECT found.* FROM UNNEST({}) AS wanted ({}) CROSS JOIN LATERAL ( \
             SELECT {} FROM {schema}.{} held WHERE {} LIMIT 1 \
         ) found",
        arrays(table.key_columns()),
        key_list(table),
        table.column_list(),
        table.name,
        held_is("wanted", table)
    )
}

pub(super) fn scan(schema: &str, table: &Table) -> String {
    format!(
        "SELECT {} FROM {schema}.{} ORDER BY {}",
        table.column_list(),
        table.name,
        key_list(table)
    )
}

/// The row `held` has the key of the row `other`.
fn held_is(other: &str, table: &Table) -> String {
    let equal = |column: &Field| format!("held.{0} = {other}.{0}", column.name);
    table.key_columns().iter().map(equal).collect::<Vec<_>>().join(" AND ")
}

fn arrays(columns: &[Field]) -> String {
    let arrays: Vec<String> = (1..)
        .zip(columns)
        .map(|(place, column)| match column.kind {
            Kind::Int => format!("${place}::bigint[]"),
            Kind::Text => format!("${place}::text[]"),
            Kind::Blob => format!("${place}::bytea[]"),
        })
        .collect();
    arrays.join(", ")
}

fn key_list(table: &Table) -> String {
    let names: Vec<&str> = table.key_columns().iter().map(|column| column.name).collect();
    names.join(", ")
}

fn push(sql: &mut String, text: std::fmt::Arguments<'_>) {
    sql.write_fmt(text).expect("a string takes whatever is written to it");
}
