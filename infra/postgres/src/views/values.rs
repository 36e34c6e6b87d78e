//! A statement with its values, and the rows that it gives.

use futures_util::TryStreamExt;
use projections::engine::{Field, Kind, Row, Value};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Arguments, AssertSqlSafe, Column as _, Error, Row as _, TypeInfo as _};

/// What is sent to the server: texts made by us, values beside them.
pub(super) struct Statement {
    sql: String,
    how: How,
}

enum How {
    /// One or several texts without values, in one round trip.
    Plain,
    Bound {
        arguments: PgArguments,
        /// Whether the server keeps it prepared.
        kept: bool,
    },
}

impl Statement {
    pub(super) fn plain(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), how: How::Plain }
    }

    pub(super) fn bound(sql: impl Into<String>, binds: &[Value]) -> Result<Self, Error> {
        let mut arguments = PgArguments::default();
        for bind in binds {
            let added = match bind {
                Value::Null => arguments.add(Option::<&str>::None),
                Value::Int(number) => arguments.add(*number),
                Value::Text(text) => arguments.add(text.as_str()),
                Value::Blob(bytes) => arguments.add(bytes.as_slice()),
            };
            added.map_err(Error::Encode)?;
        }
        Ok(Self { sql: sql.into(), how: How::Bound { arguments, kept: true } })
    }

    /// Rows by column: an array each.
    pub(super) fn columns(
        sql: impl Into<String>,
        columns: &[Field],
        rows: &[&Row],
    ) -> Result<Self, Error> {
        let mut arguments = PgArguments::default();
        for (place, column) in columns.iter().enumerate() {
            let values = rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null));
            let added = match column.kind {
                Kind::Int => arguments.add(values.map(int).collect::<Result<Vec<_>, _>>()?),
                Kind::Text => arguments.add(values.map(text).collect::<Result<Vec<_>, _>>()?),
                Kind::Blob => arguments.add(values.map(bytes).collect::<Result<Vec<_>, _>>()?),
            };
            added.map_err(Error::Encode)?;
        }
        Ok(Self { sql: sql.into(), how: How::Bound { arguments, kept: true } })
    }

    /// Not worth keeping prepared, or only right for the tables of this moment.
    pub(super) fn once(mut self) -> Self {
        if let How::Bound { kept, .. } = &mut self.how {
            *kept = false;
        }
        self
    }

    pub(super) async fn ask(self, connection: &mut PgConnection) -> Result<Vec<Row>, Error> {
        let text = AssertSqlSafe(self.sql);
        let mut kinds = Vec::new();
        let mut found = Vec::new();
        let mut take = |row: PgRow| {
            if kinds.is_empty() {
                kinds = kinds_of(&row)?;
            }
            found.push(read(&row, &kinds)?);
            Ok::<_, Error>(())
        };
        match self.how {
            How::Plain => {
                let mut rows = sqlx::raw_sql(text).fetch(connection);
                while let Some(row) = rows.try_next().await? {
                    take(row)?;
                }
            }
            How::Bound { arguments, kept } => {
                let query = sqlx::query_with(text, arguments).persistent(kept);
                let mut rows = query.fetch(connection);
                while let Some(row) = rows.try_next().await? {
                    take(row)?;
                }
            }
        }
        Ok(found)
    }
}

fn int(value: &Value) -> Result<Option<i64>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Int(number) => Ok(Some(*number)),
        Value::Text(_) | Value::Blob(_) => Err(other_kind(value)),
    }
}

fn text(value: &Value) -> Result<Option<&str>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        Value::Int(_) | Value::Blob(_) => Err(other_kind(value)),
    }
}

fn bytes(value: &Value) -> Result<Option<&[u8]>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Blob(bytes) => Ok(Some(bytes)),
        Value::Int(_) | Value::Text(_) => Err(other_kind(value)),
    }
}

fn other_kind(value: &Value) -> Error {
    Error::Encode(format!("{value:?} is not of its column's kind").into())
}

/// What a column of an answer is read as.
#[derive(Clone, Copy)]
enum Read {
    Long,
    Int,
    Short,
    Bool,
    Text,
    Bytes,
}

fn kinds_of(row: &PgRow) -> Result<Vec<Read>, Error> {
    let kind = |column: &sqlx::postgres::PgColumn| match column.type_info().name() {
        "INT8" => Ok(Read::Long),
        "INT4" => Ok(Read::Int),
        "INT2" => Ok(Read::Short),
        "BOOL" => Ok(Read::Bool),
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" => Ok(Read::Text),
        "BYTEA" => Ok(Read::Bytes),
        // A sum without a cast, an average: read models cast and divide in Rust.
        other => Err(Error::ColumnDecode {
            index: column.name().to_owned(),
            source: format!("read models know whole numbers, text and bytes, no {other}").into(),
        }),
    };
    row.columns().iter().map(kind).collect()
}

fn read(row: &PgRow, kinds: &[Read]) -> Result<Row, Error> {
    let value = |(place, kind): (usize, &Read)| {
        let value = match kind {
            Read::Long => row.try_get_unchecked::<Option<i64>, _>(place)?.map(Value::Int),
            Read::Int => row
                .try_get_unchecked::<Option<i32>, _>(place)?
                .map(|number| Value::Int(number.into())),
            Read::Short => row
                .try_get_unchecked::<Option<i16>, _>(place)?
                .map(|number| Value::Int(number.into())),
            Read::Bool => {
                row.try_get_unchecked::<Option<bool>, _>(place)?.map(|yes| Value::Int(yes.into()))
            }
            Read::Text => row.try_get_unchecked::<Option<String>, _>(place)?.map(Value::Text),
            Read::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(place)?.map(Value::Blob),
        };
        Ok(value.unwrap_or(Value::Null))
    };
    kinds.iter().enumerate().map(value).collect()
}
