//! What can be asked about disbursement.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use kernel::StreamName;
use projections::books::{self, BookRow, StatementRow};
use projections::payments::{self, LineRow};
use projections::runs::{self, BatchRow, PeriodRow, PlanRow, Runs};
use shared::ObligationId;

use super::batch::{Batch, Reply};
use super::book::Book;
use super::line::{Line, LineConnection, LineOrderInput, LineWhere, lines_of};
use super::matrix::{Asked, Matrix, MatrixDimension, MatrixMeasure, matrix};
use super::period::Period;
use super::plan::Plan;
use super::statement::{Statement, StatementLine};
use super::words::{BatchStage, PlanStage, RunType};
use crate::conditions::{Conditions, filter};
use crate::connection::{self, By, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{DivisionCode, Money, Position, YearMonth};
use crate::scratch::{AsOfInput, Scratch};

connection!("发放计划", "plans": PlanConnection PlanEdge of Plan);
connection!("报盘批次", "batches": BatchConnection BatchEdge of Batch);
connection!("银行对账单", "statements": StatementConnection StatementEdge of Statement);

filter! {
    /// 发放计划条件 / Which plans.
    PlanWhere {
        /// 月份 / Of this month.
        month: YearMonth => |month, c| c.test("month =", &month.0),
        /// 月份不早于 / Of this month or later.
        month_from: YearMonth => |month, c| c.test("month >=", &month.0),
        /// 月份不晚于 / Of this month or earlier.
        month_to: YearMonth => |month, c| c.test("month <=", &month.0),
        /// 项目编号 / Of this pay item.
        item_code: String => |item, c| c.test("item =", item),
        /// 账期 / Of this item-period.
        period: ID => |id, c| { let period = Kind::Period.local(id)?; c.test("period =", &period) },
        /// 批次类型 / Of this sort.
        run: RunType => |run, c| c.test("run =", &run.code().to_owned()),
        /// 状态 / In one of these stages.
        stage: Vec<PlanStage> => |stages, c| {
            let tests: Vec<String> = stages
                .iter()
                .map(|stage| c.test("stage =", &stage.code().to_owned()))
                .collect();
            crate::conditions::any(&tests)
        },
        /// 等待的岗位或环节 / Waiting for this role or step.
        waits_for: String => |role, c| c.test("waits_for =", role),
        /// 统筹区（含下级） / Of a pooling area within this division.
        area: DivisionCode => |area, c| c.within("area", area.0),
        /// 基金 / Of this fund.
        fund: String => |fund, c| c.test("fund =", fund),
    }
}

filter! {
    /// 报盘批次条件 / Which batches.
    BatchWhere {
        /// 发放计划 / Of this plan.
        plan: ID => |id, c| { let plan = Kind::Plan.local(id)?; c.test("plan =", &plan) },
        /// 月份 / Of this month.
        month: YearMonth => |month, c| c.test("month =", &month.0),
        /// 项目编号 / Of this pay item.
        item_code: String => |item, c| c.test("item =", item),
        /// 银行 / At this bank.
        bank: String => |bank, c| c.test("bank =", bank),
        /// 状态 / In one of these stages.
        stage: Vec<BatchStage> => |stages, c| {
            let tests: Vec<String> = stages
                .iter()
                .map(|stage| c.test("stage =", &stage.code().to_owned()))
                .collect();
            crate::conditions::any(&tests)
        },
        /// 金额不低于 / Of at least this total.
        total_from: Money => |money, c| c.test("total >=", &money.0),
    }
}

/// 发放计划排序字段 / What plans are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PlanOrderField {
    /// 计划编号 / The id.
    Code,
    /// 月份 / The month.
    Month,
    /// 发放日 / The pay day.
    PayDay,
}

/// 排序 / One column of an order.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct PlanOrderInput {
    /// 字段 / By what.
    pub field: PlanOrderField,
    /// 降序 / From the largest down.
    #[graphql(default)]
    pub descending: bool,
}

/// The rest of a plan's, batch's, … fields come from its own stream up to the point.
async fn past(
    ctx: &Context<'_>,
    category: &str,
    id: &str,
    at: AsOfInput,
) -> std::result::Result<Scratch, Fault> {
    let streams = [StreamName::new(category, id)];
    Scratch::fold(request(ctx), Runs::default(), &streams, at).await
}

macro_rules! entity {
    ($ctx:ident, $row:ty, $view:ty, $kind:expr, $category:literal, $id:ident, $as_of:ident) => {{
        let id = $kind.local(&$id)?;
        match $as_of {
            None => {
                let session = request($ctx).session($ctx).await?;
                let row: Option<$row> = session.get(&id).map_err(Fault::from)?;
                Ok(row.map(<$view>::from))
            }
            Some(at) => {
                let scratch = past($ctx, $category, &id, at).await?;
                let row: Option<$row> = scratch.get(&id)?;
                Ok(row.map(|row| {
                    let mut view = <$view>::from(row);
                    view.ahead.past = Some(std::sync::Arc::new(scratch));
                    view
                }))
            }
        }
    }};
}

#[derive(Default)]
pub struct DisbursementQuery;

#[Object]
impl DisbursementQuery {
    /// 项目账期 / An item-period.
    async fn period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Period>> {
        let _ = at_least;
        entity!(ctx, PeriodRow, Period, Kind::Period, "period", id, as_of)
    }

    /// 各项目账期，最近月份在前 / Item-periods, the newest month first.
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "月份 / Of this month.")] month: Option<YearMonth>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Period>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = runs::periods(&session, &request.scope, month.map(|month| month.0));
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(Period::from).collect()))
    }

    /// 发放计划 / A plan.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Plan>> {
        let _ = at_least;
        entity!(ctx, PlanRow, Plan, Kind::Plan, "plan", id, as_of)
    }

    /// 各发放计划 / Plans.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which plans.")] r#where: Option<PlanWhere>,
        #[graphql(desc = "排序 / In which order.")] order_by: Option<Vec<PlanOrderInput>>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<PlanConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let mut conditions = Conditions::scoped(&request.scope, "area");
        if let Some(only) = r#where {
            let part = only.text(&mut conditions)?;
            conditions.and(part);
        }
        let mut order: Vec<By> = order_by
            .iter()
            .flatten()
            .map(|each| {
                let column = match each.field {
                    PlanOrderField::Code => "plan",
                    PlanOrderField::Month => "month",
                    PlanOrderField::PayDay => "pay_day",
                };
                By { column, descending: each.descending }
            })
            .collect();
        if !order.iter().any(|by| by.column == "plan") {
            order.push(By::up("plan"));
        }
        let paging = Paging::new(first, after, last, before);
        let page =
            connection::page::<PlanRow>(request, &session, conditions.clone(), &order, &paging)?;
        let total = connection::total::<PlanRow>(session, runs::NAME, conditions);
        Ok(Some(PlanConnection::new(page, total)))
    }

    /// 发放明细 / A line.
    async fn line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点（未准备） / As it stood then: not prepared.")] as_of: Option<
            AsOfInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Line>> {
        let _ = at_least;
        if as_of.is_some() {
            return Err(crate::scratch::not_prepared().into());
        }
        let obligation: ObligationId = Kind::Line.parse(&id)?;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let row: Option<LineRow> =
            payments::line(&session, &request.scope, obligation).map_err(Fault::from)?;
        Ok(row.map(Line::from))
    }

    /// 各发放明细 / Lines.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which lines.")] r#where: Option<LineWhere>,
        #[graphql(desc = "排序 / In which order.")] order_by: Option<Vec<LineOrderInput>>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "历史时点（未准备） / As it stood then: not prepared.")] as_of: Option<
            AsOfInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<LineConnection>> {
        let _ = at_least;
        if as_of.is_some() {
            return Err(crate::scratch::not_prepared().into());
        }
        let paging = Paging::new(first, after, last, before);
        Ok(Some(lines_of(ctx, r#where, &order_by.unwrap_or_default(), &paging).await?))
    }

    /// 报盘批次 / A batch.
    async fn batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Batch>> {
        let _ = at_least;
        entity!(ctx, BatchRow, Batch, Kind::Batch, "batch", id, as_of)
    }

    /// 各报盘批次 / Batches.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which batches.")] r#where: Option<BatchWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<BatchConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let mut conditions = Conditions::default();
        if let Some(only) = r#where {
            let part = only.text(&mut conditions)?;
            conditions.and(part);
        }
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("batch")];
        let page =
            connection::page::<BatchRow>(request, &session, conditions.clone(), &order, &paging)?;
        let total = connection::total::<BatchRow>(session, runs::NAME, conditions);
        Ok(Some(BatchConnection::new(page, total)))
    }

    /// 待处理的回盘 / Replies that wait to be applied.
    async fn replies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Reply>>> {
        let _ = at_least;
        let session = request(ctx).session(ctx).await?;
        let rows = runs::replies(&session, None).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(Reply::from).collect()))
    }

    /// 账套 / A book.
    async fn book(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Book>> {
        let _ = at_least;
        let code = Kind::Book.local(&id)?;
        let Some(at) = as_of else {
            let session = request(ctx).session(ctx).await?;
            let row = books::book(&session, &code).map_err(Fault::from)?;
            return Ok(row.map(Book::from));
        };
        let streams = [StreamName::new("account", &code)];
        let scratch = Scratch::fold(request(ctx), books::Books::default(), &streams, at).await?;
        let row: Option<BookRow> = scratch.get(&code)?;
        Ok(row.map(|row| {
            let mut book = Book::from(row);
            book.ahead.past = Some(std::sync::Arc::new(scratch));
            book
        }))
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
        let session = request(ctx).session(ctx).await?;
        let row: Option<StatementRow> = session.get(&code).map_err(Fault::from)?;
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
        let mut conditions = Conditions::default();
        if let Some(bank) = bank {
            let part = conditions.test("bank =", &bank);
            conditions.and(part);
        }
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("posted_on"), By::up("statement")];
        let page = connection::page::<StatementRow>(
            request,
            &session,
            conditions.clone(),
            &order,
            &paging,
        )?;
        let total = connection::total::<StatementRow>(session, books::NAME, conditions);
        Ok(Some(StatementConnection::new(page, total)))
    }

    /// 未了结的对账差异 / Statement lines that wait for their owner's word.
    async fn differences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<StatementLine>>> {
        let _ = at_least;
        let session = request(ctx).session(ctx).await?;
        let rows = books::differences(&session).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(StatementLine::from).collect()))
    }

    /// 发放矩阵 / The payment matrix.
    #[expect(clippy::too_many_arguments, reason = "what a matrix is asked by")]
    async fn matrix(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "起始月 / From this month.")] from: YearMonth,
        #[graphql(desc = "截止月 / To this month.")] to: YearMonth,
        #[graphql(desc = "维度 / Broken down by these.")] by: Vec<MatrixDimension>,
        #[graphql(desc = "指标 / Showing these.")] measures: Vec<MatrixMeasure>,
        #[graphql(desc = "历史时点（未准备） / As it stood then: not prepared.")] as_of: Option<
            AsOfInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Matrix>> {
        let _ = at_least;
        if as_of.is_some() {
            return Err(crate::scratch::not_prepared().into());
        }
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let asked = Asked { from: from.0, to: to.0, by, measures };
        Ok(Some(matrix(request, &session, &asked)?))
    }
}
