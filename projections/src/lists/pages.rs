//! Pages and counts for many parents, read at once: one statement for up to twenty-five of them.

use super::{Clause, Only, Page, Seen, page};
use crate::engine::{ReadSession, Record, Row, Unreadable, Value, ViewError};
use crate::scope::Scope;

/// Pages in one statement. Each brings its own binds.
const PAGES: usize = 25;

/// The rows of several pages, in their order. All of them have the order and the direction of the
/// first one.
///
/// # Errors
/// When the read model cannot be read, or has no such column; so for all of these.
pub fn pages<R: Seen>(
    session: &ReadSession,
    scope: &Scope,
    asked: &[Page<'_>],
) -> Result<Vec<Vec<R>>, ViewError> {
    if let [alone] = asked {
        return Ok(vec![page(session, scope, alone)?]);
    }
    pages_of(session, R::VIEW, &Clause::seen::<R>(scope), asked)
}

/// Where the caller has made sure in another way that the rows may be seen.
pub(crate) fn pages_of<R: Record>(
    session: &ReadSession,
    view: &str,
    seen: &Clause,
    asked: &[Page<'_>],
) -> Result<Vec<Vec<R>>, ViewError> {
    let mut found: Vec<Vec<R>> = vec![Vec::new(); asked.len()];
    for (chunk, first) in asked.chunks(PAGES).zip((0..).step_by(PAGES)) {
        let columns = R::TABLE.column_list();
        let order = chunk[0].order::<R>()?;
        let (selects, binds) = each(seen, chunk, |place, asked, clause| {
            clause.narrow::<R>(asked)?;
            Ok(format!(
                "SELECT {}, {columns} FROM (SELECT {columns} FROM {} {} ORDER BY {order} LIMIT {}) \
                 AS page_{place}",
                numbered(place),
                R::TABLE.name,
                clause.text(),
                asked.limit
            ))
        })?;
        let sql =
            format!("SELECT page, {columns} FROM ({selects}) AS pages ORDER BY page, {order}");
        for row in session.rows(view, &sql, &binds)? {
            let (place, row) = split(&row)?;
            found[first + place].push(R::read(row)?);
        }
    }
    Ok(found)
}

/// How many rows several whole lists have, in their order.
///
/// # Errors
/// As [`pages`].
pub fn counts<R: Seen>(
    session: &ReadSession,
    scope: &Scope,
    lists: &[Only],
) -> Result<Vec<u64>, ViewError> {
    let rows = sums_of::<R>(session, R::VIEW, &Clause::seen::<R>(scope), "COUNT(*)", lists)?;
    rows.iter().map(|row| Ok(row.first().unwrap_or(&Value::Null).to()?)).collect()
}

/// The same sums over several whole lists, in their order. The caller has made sure that the rows
/// may be seen.
pub(crate) fn sums_of<R: Record>(
    session: &ReadSession,
    view: &str,
    seen: &Clause,
    sums: &str,
    lists: &[Only],
) -> Result<Vec<Row>, ViewError> {
    let mut found = vec![Row::new(); lists.len()];
    for (chunk, first) in lists.chunks(PAGES).zip((0..).step_by(PAGES)) {
        let (sql, binds) = each(seen, chunk, |place, only, clause| {
            clause.and::<R>(only)?;
            let (number, table) = (numbered(place), R::TABLE.name);
            Ok(format!("SELECT {number}, {sums} FROM {table} {}", clause.text()))
        })?;
        for row in session.rows(view, &sql, &binds)? {
            let (place, row) = split(&row)?;
            found[first + place] = row.to_vec();
        }
    }
    Ok(found)
}

fn numbered(place: usize) -> String {
    format!("CAST({place} AS BIGINT) AS page")
}

/// One select for each of `parts`, behind the same condition; their binds are counted through.
fn each<T>(
    seen: &Clause,
    parts: &[T],
    mut select: impl FnMut(usize, &T, &mut Clause) -> Result<String, ViewError>,
) -> Result<(String, Vec<Value>), ViewError> {
    let (mut selects, mut binds) = (Vec::with_capacity(parts.len()), seen.binds.clone());
    for (place, part) in parts.iter().enumerate() {
        let mut clause = Clause { parts: seen.parts.clone(), binds };
        selects.push(select(place, part, &mut clause)?);
        binds = clause.binds;
    }
    Ok((selects.join(" UNION ALL "), binds))
}

/// The number of the page that a row belongs to, and the row.
fn split(row: &Row) -> Result<(usize, &[Value]), ViewError> {
    let (place, row) = row.split_first().ok_or_else(|| Unreadable::new("a numbered row", row))?;
    let place: u64 = place.to()?;
    let place = usize::try_from(place).map_err(|_| Unreadable::new("a page's number", place))?;
    Ok((place, row))
}
