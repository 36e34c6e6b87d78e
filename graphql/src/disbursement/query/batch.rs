//! Batches and the replies to them.

use async_graphql::{Context, ID, Object, Result};
use projections::runs::{self, BatchRow};

use super::entity;
use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Paging, connection};
use crate::disbursement::batch::{Batch, Reply};
use crate::disbursement::words::BatchStage;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Money, Position, YearMonth};
use crate::scratch::AsOfInput;

connection!("报盘批次", "batches": BatchConnection BatchEdge of Batch);

filter! {
    /// 报盘批次条件 / Which batches.
    BatchWhere {
        /// 发放计划 / Of this plan.
        plan: ID => |id| { let plan = Kind::Plan.local(id)?; Only::equal("plan", &plan) },
        /// 月份 / Of this month.
        month: YearMonth => |month| Only::equal("month", &month.0),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 银行 / At this bank.
        bank: String => |bank| Only::equal("bank", bank),
        /// 状态 / In one of these stages.
        stage: Vec<BatchStage> => |stages| one_of("stage", stages.iter().map(|each| each.code())),
        /// 金额不低于 / Of at least this total.
        total_from: Money => |money| Only::at_least("total", &money.0),
    }
}

#[derive(Default)]
pub struct BatchQuery;

#[Object]
impl BatchQuery {
    /// 报盘批次 / A batch.
    async fn batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Batch>> {
        let _ = at_least;
        entity!(ctx, BatchRow, Batch, runs::Runs, Kind::Batch, "batch", id, as_of)
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
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("batch")];
        let page = connection::page::<BatchRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<BatchRow>(request, session, only);
        Ok(Some(BatchConnection::new(page, total)))
    }

    /// 待处理的回盘 / Replies that wait to be applied.
    async fn replies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Reply>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = runs::replies(&session, &request.scope, None).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(Reply::from).collect()))
    }
}
