//! Books, bank statements and the differences in them.

use async_graphql::{Context, ID, Object, Result};
use projections::books::{self, BookRow, StatementRow};
use projections::lists::Only;

use super::entity;
use crate::connection::{self, By, Paging, connection};
use crate::disbursement::book::Book;
use crate::disbursement::statement::{Statement, StatementLine};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::Position;
use crate::scratch::AsOfInput;

connection!("银行对账单", "statements": StatementConnection StatementEdge of Statement);

#[derive(Default)]
pub struct BookQuery;

#[Object]
impl BookQuery {
    /// 账套 / A book.
    async fn book(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Book>> {
        let _ = at_least;
        entity!(ctx, BookRow, Book, books::Books, Kind::Book, "account", id, as_of)
    }

    /// 各账套 / Books.
    async fn books(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "基金 / Of this fund.")] fund: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Book>>> {
        let _ = at_least;
        let request = request(ctx);
        let fund = fund
            .map(|fund| fund.parse().map_err(|_| Fault::bad_input("基金代码 / a fund's code")))
            .transpose()?;
        let session = request.session(ctx).await?;
        let rows = books::books(&session, &request.scope, fund).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(Book::from).collect()))
    }

    /// 银行对账单 / A bank's statement.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Statement>> {
        let _ = at_least;
        let code = Kind::Statement.local(&id)?;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let row = books::statement(&session, &request.scope, &code).map_err(Fault::from)?;
        Ok(row.map(Statement::from))
    }

    /// 各银行对账单，最近在前 / Statements, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn statements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "银行 / Of this bank.")] bank: Option<String>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<StatementConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = bank.map_or(Only::everything(), |bank| Only::equal("bank", &bank));
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("posted_on"), By::up("statement")];
        let page = connection::page::<StatementRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<StatementRow>(request, session, only);
        Ok(Some(StatementConnection::new(page, total)))
    }

    /// 未了结的对账差异 / Statement lines that wait for their owner's word.
    async fn differences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<StatementLine>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = books::differences(&session, &request.scope).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(StatementLine::from).collect()))
    }
}
