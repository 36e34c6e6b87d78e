//! Books, bank statements and the differences in them.

use async_graphql::{Context, ID, Object, Result};
use projections::books::{self, BookRow, StatementLineRow, StatementRow};
use projections::lists::Only;

use super::entity;
use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Paging, connection};
use crate::disbursement::book::Book;
use crate::disbursement::statement::{Statement, StatementLine};
use crate::disbursement::words::{DifferenceReason, SettledHow, StatementLineState};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Date, Position};
use crate::scratch::AsOfInput;

connection!("银行对账单", "statements": StatementConnection StatementEdge of Statement);

connection!("对账差异", "differences": DifferenceConnection DifferenceEdge of StatementLine);

filter! {
    /// 对账差异条件 / Which differences.
    DifferenceWhere {
        /// 状态 / In one of these states.
        state: Vec<StatementLineState>
            => |states| one_of("state", states.iter().map(|each| each.code())),
        /// 责任人 / Owned by this person.
        owner: String => |owner| Only::equal("owner", owner),
        /// 银行 / Of this bank.
        bank: String => |bank| Only::equal("bank", bank),
        /// 账套 / Of this book.
        book_id: ID => |id| { let book = Kind::Book.local(id)?; Only::equal("book", &book) },
        /// 发现日不晚于 / Found on this day or before.
        found_to: Date => |day| Only::at_most("found_on", &day.0),
        /// 原因 / For this reason.
        reason: DifferenceReason => |reason| Only::equal("reason", &reason.code().to_owned()),
        /// 了结方式 / Settled in this way.
        settled: SettledHow => |how| Only::equal("settled", &how.code().to_owned()),
    }
}

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

    /// 对账差异，最早发现的在前 / Differences between banks and books, the oldest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn differences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件；默认未了结 / Which; the open ones unless given.")] r#where: Option<
            DifferenceWhere,
        >,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<DifferenceConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let asked = match r#where {
            Some(asked) => asked.only()?,
            None => Only::equal("state", &"different".to_owned()),
        };
        let only = asked.and(Only::Null("found_on", false));
        let order = [By::up("found_on"), By::up("statement"), By::up("serial")];
        let paging = Paging::new(first, after, last, before);
        let page = connection::page::<StatementLineRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<StatementLineRow>(request, session, only);
        Ok(Some(DifferenceConnection::new(page, total)))
    }
}
