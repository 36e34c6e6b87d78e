//! Pages of lists: keyset paging in both directions, with authenticated cursors.

use std::sync::Arc;

use async_graphql::SimpleObject;
use kernel::Position;
use projections::{ReadSession, Record, Value};

use crate::conditions::Conditions;
use crate::cursor::Cursors;
use crate::fault::Fault;
use crate::request::Request;

const PAGE_MAX: u32 = 100;

/// 本页所在位置 / Where a page lies in its list.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct PageInfo {
    /// 后面是否还有 / Whether rows follow.
    pub has_next_page: bool,
    /// 前面是否还有 / Whether rows stand before.
    pub has_previous_page: bool,
    /// 首行游标 / The cursor of the first row.
    pub start_cursor: Option<String>,
    /// 末行游标 / The cursor of the last row.
    pub end_cursor: Option<String>,
}

/// The four arguments of every connection.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// How many rows, from which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub size: u32,
    pub backward: bool,
}

impl Paging {
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self { first, after, last, before }
    }

    /// # Errors
    /// `BAD_INPUT` unless exactly one of `first` and `last` is given, from 1 to 100.
    pub fn window(&self) -> Result<Window, Fault> {
        let (size, backward) = match (self.first, self.last) {
            (Some(first), None) => (first, false),
            (None, Some(last)) => (last, true),
            (None, None) | (Some(_), Some(_)) => {
                return Err(Fault::bad_input(
                    "first 与 last 须且只须给出一个 / give exactly one of first and last",
                ));
            }
        };
        match u32::try_from(size) {
            Ok(size @ 1..=PAGE_MAX) => Ok(Window { size, backward }),
            Ok(_) | Err(_) => {
                Err(Fault::bad_input("first 或 last 为 1–100 / first or last lies from 1 to 100"))
            }
        }
    }
}

/// One column of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    pub column: &'static str,
    pub descending: bool,
}

impl By {
    pub const fn up(column: &'static str) -> Self {
        Self { column, descending: false }
    }

    pub const fn down(column: &'static str) -> Self {
        Self { column, descending: true }
    }
}

/// Rows of one page, each with its cursor.
pub struct Page<T> {
    pub rows: Vec<(T, String)>,
    pub info: PageInfo,
}

impl<T> Page<T> {
    /// # Errors
    /// What `each` says.
    pub fn map<U>(self, mut each: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(|(row, cursor)| (each(row), cursor)).collect();
        Page { rows, info: self.info }
    }
}

/// The page of a table that the conditions and the window select. `order` ends with what tells two
/// rows apart.
///
/// # Errors
/// `BAD_CURSOR`, `BAD_INPUT`, or when the read model cannot be read.
pub fn page<R: Record>(
    request: &Request,
    session: &ReadSession,
    mut conditions: Conditions,
    order: &[By],
    paging: &Paging,
) -> Result<Page<R>, Fault> {
    let window = paging.window()?;
    let cursors = cursors(request, R::TABLE.name, order);
    for (cursor, behind) in [(&paging.after, true), (&paging.before, false)] {
        if let Some(cursor) = cursor {
            let key = cursors.read(cursor, order.len())?;
            let part = beyond(&mut conditions, order, &key, behind);
            conditions.and(part);
        }
    }
    let by: Vec<String> = order
        .iter()
        .map(|by| {
            let down = by.descending != window.backward;
            format!("{} {}", by.column, if down { "DESC" } else { "ASC" })
        })
        .collect();
    // One more than asked tells whether the list goes on.
    let tail = conditions.tail(&format!("ORDER BY {} LIMIT {}", by.join(", "), window.size + 1));
    let rows: Vec<R> = session.query(&tail, conditions.binds())?;
    let places = places::<R>(order)?;
    let key = |row: &R| -> Vec<Value> {
        let values = row.write();
        places.iter().map(|place| values[*place].clone()).collect()
    };
    finish(rows, window, paging, &cursors, session.position(), key)
}

/// Cuts what was read to the window, in the list's own direction, and gives each row its cursor.
///
/// # Errors
/// When a cursor cannot be written.
pub fn finish<T>(
    mut rows: Vec<T>,
    window: Window,
    paging: &Paging,
    cursors: &Cursors<'_>,
    position: Position,
    key: impl Fn(&T) -> Vec<Value>,
) -> Result<Page<T>, Fault> {
    let more = rows.len() > window.size as usize;
    rows.truncate(window.size as usize);
    if window.backward {
        rows.reverse();
    }
    let mut cut = Vec::with_capacity(rows.len());
    for row in rows {
        let cursor = cursors.write(&key(&row), position)?;
        cut.push((row, cursor));
    }
    let info = PageInfo {
        has_next_page: if window.backward { paging.before.is_some() } else { more },
        has_previous_page: if window.backward { more } else { paging.after.is_some() },
        start_cursor: cut.first().map(|(_, cursor)| cursor.clone()),
        end_cursor: cut.last().map(|(_, cursor)| cursor.clone()),
    };
    Ok(Page { rows: cut, info })
}

/// The cursors of the list `name` in this order.
pub fn cursors<'a>(request: &'a Request, name: &str, order: &[By]) -> Cursors<'a> {
    let mut sort = name.to_owned();
    for by in order {
        sort.push(if by.descending { '-' } else { '+' });
        sort.push_str(by.column);
    }
    Cursors { keys: &*request.app().keys, here: request.identity(), sort }
}

/// Rows on one side of a key: `(a > x) OR (a = x AND b > y) OR …`.
fn beyond(conditions: &mut Conditions, order: &[By], key: &[Value], behind: bool) -> String {
    let mut alternatives = Vec::new();
    for last in 0..order.len() {
        let mut parts = Vec::new();
        for (by, value) in order.iter().zip(key).take(last) {
            let place = conditions.bind(value.clone());
            parts.push(format!("{} = {place}", by.column));
        }
        let by = order[last];
        let sign = if by.descending == behind { "<" } else { ">" };
        let place = conditions.bind(key[last].clone());
        parts.push(format!("{} {sign} {place}", by.column));
        alternatives.push(crate::conditions::all(&parts));
    }
    crate::conditions::any(&alternatives)
}

fn places<R: Record>(order: &[By]) -> Result<Vec<usize>, Fault> {
    let columns = R::TABLE.columns;
    order
        .iter()
        .map(|by| {
            columns
                .iter()
                .position(|column| column.name == by.column)
                .ok_or_else(|| Fault::internal(format!("no column {}", by.column)))
        })
        .collect()
}

/// How many rows of a table meet the conditions.
///
/// # Errors
/// When the read model cannot be read.
pub fn count<R: Record>(
    session: &ReadSession,
    view: &str,
    conditions: &Conditions,
) -> Result<u64, Fault> {
    let sql = format!("SELECT COUNT(*) FROM {} {}", R::TABLE.name, conditions.tail(""));
    Ok(session.scalar(view, &sql, conditions.binds())?)
}

/// Declares a connection and its edge over a node. The count is made only when it is asked for.
macro_rules! connection {
    (
        $zh:literal, $en:literal: $connection:ident $edge:ident of $node:ty
    ) => {
        #[doc = concat!($zh, "分页 / A page of ", $en, ".")]
        pub struct $connection {
            page: $crate::connection::Page<$node>,
            total: $crate::connection::Total,
        }

        #[doc = concat!($zh, "及其位置 / One of the ", $en, " and its place.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// 内容 / What it is.
            node: $node,
            /// 游标 / Its place in the list.
            cursor: String,
        }

        impl $connection {
            pub fn new(
                page: $crate::connection::Page<impl Into<$node>>,
                total: $crate::connection::Total,
            ) -> Self {
                Self { page: page.map(Into::into), total }
            }
        }

        #[doc = concat!($zh, "分页 / A page of ", $en, ".")]
        #[async_graphql::Object]
        impl $connection {
            /// 本页各行 / The rows of this page.
            async fn edges(&self) -> Vec<$edge> {
                let rows = self.page.rows.iter();
                rows.map(|(node, cursor)| $edge { node: node.clone(), cursor: cursor.clone() })
                    .collect()
            }

            /// 本页所在位置 / Where this page lies.
            async fn page_info(&self) -> &$crate::connection::PageInfo {
                &self.page.info
            }

            /// 总数，按需统计 / How many there are in all; counted only when asked for.
            async fn total_count(&self) -> async_graphql::Result<$crate::scalars::Long> {
                Ok($crate::scalars::Long((self.total)()?))
            }
        }
    };
}

pub(crate) use connection;

/// Counts a whole list.
pub type Total = Box<dyn Fn() -> Result<u64, Fault> + Send + Sync>;

/// Counts later, over the same look, if anybody asks.
pub fn total<R: Record>(
    session: Arc<ReadSession>,
    view: &'static str,
    conditions: Conditions,
) -> Total {
    Box::new(move || count::<R>(&session, view, &conditions))
}
