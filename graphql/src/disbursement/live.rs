//! Live views of disbursement.

use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use projections::runs;

use super::batch::Batch;
use super::matrix::{Asked, Matrix, MatrixDimension, MatrixMeasure, matrix};
use super::plan::Plan;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::live::live;
use crate::scalars::{Position, YearMonth};

/// 发放计划的变化 / A plan as it stands now.
#[derive(SimpleObject)]
pub struct PlanChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 发放计划 / The plan.
    plan: Option<Plan>,
}

/// 报盘批次的变化 / A batch as it stands now.
#[derive(SimpleObject)]
pub struct BatchChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 报盘批次 / The batch.
    batch: Option<Batch>,
}

/// 发放矩阵的变化 / A month's matrix as it stands now.
#[derive(SimpleObject)]
pub struct MatrixChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 发放矩阵 / The matrix.
    matrix: Matrix,
}

#[derive(Default)]
pub struct DisbursementSubscription;

#[Subscription]
impl DisbursementSubscription {
    /// 发放计划的变化 / A plan, whenever it changes.
    async fn plan_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<PlanChange>> + use<'a>> {
        let id = Kind::Plan.local(&id)?;
        let rows = live(ctx, after, move |request, session| {
            Ok(runs::plan(session, &request.scope, &id)?)
        })?;
        Ok(rows.map(|row| {
            row.map(|(position, plan)| PlanChange { position, plan: plan.map(Plan::from) })
        }))
    }

    /// 报盘批次的变化 / A batch, whenever it changes.
    async fn batch_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<BatchChange>> + use<'a>> {
        let id = Kind::Batch.local(&id)?;
        let rows = live(ctx, after, move |request, session| {
            Ok(runs::batch(session, &request.scope, &id)?)
        })?;
        Ok(rows.map(|row| {
            row.map(|(position, batch)| BatchChange { position, batch: batch.map(Batch::from) })
        }))
    }

    /// 某月发放矩阵的变化 / A month's matrix, whenever it changes.
    async fn matrix_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "月份 / Of this month.")] month: YearMonth,
        #[graphql(desc = "维度 / Broken down by these.")] by: Vec<MatrixDimension>,
        #[graphql(desc = "指标 / Showing these.")] measures: Vec<MatrixMeasure>,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<MatrixChange>> + use<'a>> {
        let asked = Asked { from: month.0, to: month.0, by, measures };
        let rows = live(ctx, after, move |request, session| {
            matrix(request, session, &asked) as std::result::Result<_, Fault>
        })?;
        Ok(rows.map(|row| row.map(|(position, matrix)| MatrixChange { position, matrix })))
    }
}
