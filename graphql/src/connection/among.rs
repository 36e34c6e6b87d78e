//! Pages of lists that stand below each of many rows: what siblings ask is read in one statement.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use async_graphql::Context;
use projections::lists::{self, Only, Seen};
use projections::{ReadSession, Record, Scope};

use super::{Asked, By, Page, Paging, Totals, cursors, finish, key_of};
use crate::batches::{Many, load};
use crate::fault::Fault;
use crate::request::request;

/// As [`super::page`], together with what the siblings ask.
///
/// # Errors
/// As [`super::page`].
pub async fn page_among<R: Seen>(
    ctx: &Context<'_>,
    only: &Only,
    order: &[By],
    paging: &Paging,
) -> Result<Page<R>, Fault> {
    page_with(ctx, R::TABLE.name, only, order, paging, async |asked| {
        load(ctx, Among::<R>(asked, PhantomData)).await
    })
    .await
}

/// As [`super::total`], together with what the siblings ask.
pub fn total_among<R: Seen>(only: Only) -> Totals {
    Totals::Among(Box::new(move |ctx| {
        let key = CountAmong::<R>(only.clone(), PhantomData);
        Box::pin(load(ctx, key))
    }))
}

/// A page of the list `name`, of rows that `read` answers.
///
/// # Errors
/// `BAD_CURSOR`, `BAD_INPUT`, and what `read` says.
pub async fn page_with<R: Record>(
    ctx: &Context<'_>,
    name: &str,
    only: &Only,
    order: &[By],
    paging: &Paging,
    read: impl AsyncFnOnce(Asked) -> Result<Vec<R>, Fault>,
) -> Result<Page<R>, Fault> {
    let window = paging.window()?;
    let asked = Asked::new(only, order, paging, window, &cursors(request(ctx), name, order))?;
    let rows = read(asked).await?;
    let position = request(ctx).session(ctx).await?.position();
    let cursors = cursors(request(ctx), name, order);
    finish(rows, window, paging, &cursors, position, key_of::<R>(order)?)
}

/// A page of rows of one table, among those of its siblings.
struct Among<R>(Asked, PhantomData<fn() -> R>);

/// A list whose rows are counted, among its siblings.
struct CountAmong<R>(Only, PhantomData<fn() -> R>);

// Derived, they would ask the same of the rows.
macro_rules! compared_by_what_is_asked {
    ($($name:ident)*) => {$(
        impl<R> Clone for $name<R> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<R> PartialEq for $name<R> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<R> Eq for $name<R> {}

        impl<R> Hash for $name<R> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
    )*};
}

compared_by_what_is_asked!(Among CountAmong);

impl<R: Seen> Many for Among<R> {
    type Answer = Vec<R>;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Vec<R>>, Fault> {
        let mut found = HashMap::new();
        for keys in keys.chunk_by(|one, next| one.0.way() == next.0.way()) {
            let asked: Vec<_> = keys.iter().map(|key| key.0.page()).collect();
            let pages = lists::pages::<R>(session, scope, &asked)?;
            found.extend(keys.iter().cloned().zip(pages));
        }
        Ok(found)
    }
}

impl<R: Seen> Many for CountAmong<R> {
    type Answer = u64;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, u64>, Fault> {
        let asked: Vec<Only> = keys.iter().map(|key| key.0.clone()).collect();
        let counts = lists::counts::<R>(session, scope, &asked)?;
        Ok(keys.iter().cloned().zip(counts).collect())
    }
}
