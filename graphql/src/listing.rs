//! Lists as roots: each with its typed `where` and `orderBy`, and what is found under an id.

use async_graphql::Context;
use projections::lists::{Only, Seen};

use crate::connection::{self, By, Page, Paging, Total};
use crate::fault::Fault;
use crate::request::request;

/// The page of a table that may be seen and is asked for, and how it is counted.
///
/// # Errors
/// `BAD_INPUT`, `BAD_CURSOR`, or when the read model cannot be read.
pub async fn listed<R: Seen>(
    ctx: &Context<'_>,
    only: Only,
    order: &[By],
    paging: &Paging,
) -> Result<(Page<R>, Total), Fault> {
    let request = request(ctx);
    let session = request.session(ctx).await?;
    let page = connection::page::<R>(request, &session, &only, order, paging)?;
    Ok((page, connection::total::<R>(request, session, only)))
}

/// An order that ends with the key, which tells two rows apart.
#[must_use]
pub fn ended<R: Seen>(asked: impl IntoIterator<Item = By>) -> Vec<By> {
    let mut by: Vec<By> = asked.into_iter().collect();
    for key in R::TABLE.key_columns() {
        if !by.iter().any(|by| by.column == key.name) {
            by.push(By::up(key.name));
        }
    }
    by
}

/// Declares what a list is ordered by: `order! { /// doc \n ReturnOrderInput by /// doc \n
/// ReturnOrderField { /// doc \n Amount => "amount", } }`.
macro_rules! order {
    (
        $(#[$meta:meta])*
        $input:ident by
        $(#[$field_meta:meta])*
        $field:ident { $($(#[$variant_meta:meta])* $variant:ident => $column:literal,)* }
    ) => {
        $(#[$field_meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
        pub enum $field { $($(#[$variant_meta])* $variant,)* }

        $(#[$meta])*
        #[derive(Debug, Clone, Copy, async_graphql::InputObject)]
        pub struct $input {
            /// 字段 / By what.
            pub field: $field,
            /// 降序 / From the largest down.
            #[graphql(default)]
            pub descending: bool,
        }

        impl From<$input> for $crate::connection::By {
            fn from(asked: $input) -> Self {
                let column = match asked.field { $($field::$variant => $column,)* };
                Self { column, descending: asked.descending }
            }
        }
    };
}

/// Declares a root of queries. `one`: what stands under an id, by the key that `key` makes of it;
/// `many`: a connection, narrowed by what stands behind `=` where something does.
macro_rules! lists {
    ($root:ident {
        one { $(
            $(#[$one_meta:meta])*
            $one:ident($one_row:ty) -> $node:ty = |$id:ident| $key:expr,
        )* }
        many { $(
            $(#[$meta:meta])*
            $many:ident($row:ty, $where:ty, $order:ty) -> $connection:ident $(= $preset:expr)?,
        )* }
    }) => {
        #[derive(Default)]
        pub struct $root;

        #[async_graphql::Object]
        impl $root {
            $($(#[$one_meta])*
            async fn $one(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "编号 / Its id.")] id: async_graphql::ID,
                #[graphql(desc = "至少到此位置 / Covering this position.")]
                at_least: Option<$crate::scalars::Position>,
            ) -> async_graphql::Result<Option<$node>> {
                let _ = at_least;
                let request = $crate::request::request(ctx);
                let session = request.session(ctx).await?;
                let $id = &id;
                let key = $key;
                let row = projections::lists::one::<$one_row>(&session, &request.scope, &key);
                Ok(row.map_err($crate::fault::Fault::from)?.map(<$node>::from))
            })*

            $($(#[$meta])*
            #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
            async fn $many(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "条件 / Which of them.")] r#where: Option<$where>,
                #[graphql(desc = "排序 / In which order.")] order_by: Option<Vec<$order>>,
                #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
                #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
                #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
                #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
                #[graphql(desc = "至少到此位置 / Covering this position.")]
                at_least: Option<$crate::scalars::Position>,
            ) -> async_graphql::Result<Option<$connection>> {
                let _ = at_least;
                let only = r#where.unwrap_or_default().only()?;
                $(let only = only.and($preset);)?
                let asked = order_by.unwrap_or_default().into_iter().map(Into::into);
                let order = $crate::listing::ended::<$row>(asked);
                let paging = $crate::connection::Paging::new(first, after, last, before);
                let (page, total) =
                    $crate::listing::listed::<$row>(ctx, only, &order, &paging).await?;
                Ok(Some($connection::new(page, total)))
            })*
        }
    };
}

pub(crate) use {lists, order};
