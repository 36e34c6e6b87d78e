//! Many rows by their keys: statements of one fixed length, so that each is prepared once.

use shared::DivisionCode;

use crate::engine::{ReadSession, Record, Row, Value, ViewError};
use crate::scope::{Filter, Scope};

/// Keys in one statement. SQLite finds each bind by its name among all of them, so that more keys
/// cost more than the statements that they save.
const KEYS: usize = 100;

/// Rows of `R` whose `column` is one of `keys`, in the order of the keys' text.
pub(crate) fn by_keys<R: Record>(
    session: &ReadSession,
    column: &str,
    keys: impl IntoIterator<Item = Value>,
) -> Result<Vec<R>, ViewError> {
    let (tail, mut found) = (format!("WHERE {}", one_of(column)), Vec::new());
    for chunk in chunks(keys) {
        found.extend(session.query::<R>(&tail, &chunk)?);
    }
    Ok(found)
}

/// Rows of a whole statement, which ends where `WHERE <column> IN (…)` is put.
pub(crate) fn rows_by_keys(
    session: &ReadSession,
    view: &str,
    (select, column): (&str, &str),
    keys: impl IntoIterator<Item = Value>,
    each: &mut dyn FnMut(&Row) -> Result<(), ViewError>,
) -> Result<(), ViewError> {
    let sql = format!("{select} WHERE {}", one_of(column));
    for chunk in chunks(keys) {
        session.rows(view, &sql, &chunk)?.iter().try_for_each(&mut *each)?;
    }
    Ok(())
}

/// Narrows to what lies within `area`, if one is given.
pub(crate) fn within(filter: Filter, column: &str, area: Option<DivisionCode>) -> Filter {
    match area {
        Some(area) => {
            let only = Scope { divisions: Some(vec![area]), ..Scope::everything("filter") };
            filter.divisions(&only, column)
        }
        None => filter,
    }
}

fn one_of(column: &str) -> String {
    let binds: Vec<String> = (1..=KEYS).map(|place| format!("${place}")).collect();
    format!("{column} IN ({})", binds.join(", "))
}

/// Sorted, without doubles; the last chunk repeats its last key until it is full.
fn chunks(keys: impl IntoIterator<Item = Value>) -> Vec<Vec<Value>> {
    let mut keys: Vec<Value> = keys.into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    let full = |chunk: &[Value]| {
        let mut chunk = chunk.to_vec();
        if let Some(last) = chunk.last().cloned() {
            chunk.resize(KEYS, last);
        }
        chunk
    };
    keys.chunks(KEYS).map(full).collect()
}
