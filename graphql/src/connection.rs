//! Pages of lists: keyset paging in both directions, with authenticated cursors.

mod among;

use std::sync::Arc;

use async_graphql::{Context, SimpleObject};
use futures_util::future::BoxFuture;
use kernel::Position;
use projections::lists::{self, Only, Seen};
use projections::{ReadSession, Record, Value};

pub use projections::lists::By;

pub use self::among::{page_among, page_with, total_among};

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

/// The page of a table that may be seen and is asked for. `order` ends with what tells two rows
/// apart.
///
/// # Errors
/// `BAD_CURSOR`, `BAD_INPUT`, or when the read model cannot be read.
pub fn page<R: Seen>(
    request: &Request,
    session: &ReadSession,
    only: &Only,
    order: &[By],
    paging: &Paging,
) -> Result<Page<R>, Fault> {
    let window = paging.window()?;
    let cursors = cursors(request, R::TABLE.name, order);
    let asked = Asked::new(only, order, paging, window, &cursors)?;
    let rows = lists::page(session, &request.scope, &asked.page())?;
    finish(rows, window, paging, &cursors, session.position(), key_of::<R>(order)?)
}

/// A page as it is asked for, comparable: what siblings have in common is read at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    only: Only,
    order: Vec<By>,
    after: Option<Vec<Value>>,
    before: Option<Vec<Value>>,
    backward: bool,
    limit: u32,
}

impl Asked {
    /// # Errors
    /// `BAD_CURSOR`.
    pub fn new(
        only: &Only,
        order: &[By],
        paging: &Paging,
        window: Window,
        cursors: &Cursors<'_>,
    ) -> Result<Self, Fault> {
        let key = |cursor: &Option<String>| {
            cursor.as_ref().map(|cursor| cursors.read(cursor, order.len())).transpose()
        };
        Ok(Self {
            only: only.clone(),
            order: order.to_vec(),
            after: key(&paging.after)?,
            before: key(&paging.before)?,
            backward: window.backward,
            // One more than asked tells whether the list goes on.
            limit: window.size + 1,
        })
    }

    pub fn page(&self) -> lists::Page<'_> {
        lists::Page {
            only: &self.only,
            order: &self.order,
            after: self.after.clone(),
            before: self.before.clone(),
            backward: self.backward,
            limit: self.limit,
        }
    }

    /// Pages that one statement can read.
    pub fn way(&self) -> (&[By], bool) {
        (&self.order, self.backward)
    }
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

/// Between which numbers (the first excluded, the last included) a page lies.
pub fn bounds(
    cursors: &Cursors<'_>,
    paging: &Paging,
    low: u64,
    high: u64,
) -> Result<(u64, u64), Fault> {
    let number = |cursor: &Option<String>| {
        let key = cursor.as_ref().map(|cursor| cursors.read(cursor, 1)).transpose()?;
        Ok::<_, Fault>(match key.as_deref() {
            Some([Value::Int(number)]) => Some(number.cast_unsigned()),
            _ => None,
        })
    };
    let low = number(&paging.after)?.map_or(low, |after| after.max(low));
    let high = number(&paging.before)?.map_or(high, |before| high.min(before.saturating_sub(1)));
    Ok((low.min(high), high))
}

/// What a cursor keeps of a row.
fn key_of<R: Record>(order: &[By]) -> Result<impl Fn(&R) -> Vec<Value>, Fault> {
    let places = places::<R>(order)?;
    Ok(move |row: &R| {
        let values = row.write();
        places.iter().map(|place| values[*place].clone()).collect()
    })
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

/// Declares a connection and its edge over a node. The count is made only when it is asked for.
macro_rules! connection {
    (
        $zh:literal, $en:literal: $connection:ident $edge:ident of $node:ty
    ) => {
        #[doc = concat!($zh, "分页 / A page of ", $en, ".")]
        pub struct $connection {
            page: $crate::connection::Page<$node>,
            total: $crate::connection::Totals,
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
                total: impl Into<$crate::connection::Totals>,
            ) -> Self {
                Self { page: page.map(Into::into), total: total.into() }
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
            async fn total_count(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<$crate::scalars::Long> {
                Ok($crate::scalars::Long(self.total.count(ctx).await?))
            }
        }
    };
}

pub(crate) use connection;

/// How a whole list is counted: for itself, or together with its siblings.
pub enum Totals {
    Alone(Total),
    Among(AmongSiblings),
}

type AmongSiblings =
    Box<dyn for<'c> Fn(&'c Context<'_>) -> BoxFuture<'c, Result<u64, Fault>> + Send + Sync>;

impl Totals {
    /// # Errors
    /// When the read model cannot be read.
    pub async fn count(&self, ctx: &Context<'_>) -> Result<u64, Fault> {
        match self {
            Self::Alone(count) => count(),
            Self::Among(count) => count(ctx).await,
        }
    }
}

impl From<Total> for Totals {
    fn from(total: Total) -> Self {
        Self::Alone(total)
    }
}

/// Counts a whole list.
pub type Total = Box<dyn Fn() -> Result<u64, Fault> + Send + Sync>;

/// Counts later, over the same look, if anybody asks.
pub fn total<R: Seen>(request: &Request, session: Arc<ReadSession>, only: Only) -> Total {
    let scope = request.scope.clone();
    Box::new(move || Ok(lists::count::<R>(&session, &scope, &only)?))
}
