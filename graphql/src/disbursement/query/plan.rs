//! Item-periods and plans.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use projections::runs::{self, PeriodRow, PlanRow};

use super::entity;
use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Paging, connection};
use crate::disbursement::period::Period;
use crate::disbursement::plan::Plan;
use crate::disbursement::words::{PlanStage, RunType};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{DivisionCode, Position, YearMonth};
use crate::scratch::AsOfInput;

connection!("发放计划", "plans": PlanConnection PlanEdge of Plan);

filter! {
    /// 发放计划条件 / Which plans.
    PlanWhere {
        /// 月份 / Of this month.
        month: YearMonth => |month| Only::equal("month", &month.0),
        /// 月份不早于 / Of this month or later.
        month_from: YearMonth => |month| Only::at_least("month", &month.0),
        /// 月份不晚于 / Of this month or earlier.
        month_to: YearMonth => |month| Only::at_most("month", &month.0),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 账期 / Of this item-period.
        period: ID => |id| { let period = Kind::Period.local(id)?; Only::equal("period", &period) },
        /// 批次类型 / Of this sort.
        run: RunType => |run| Only::equal("run", &run.code().to_owned()),
        /// 状态 / In one of these stages.
        stage: Vec<PlanStage> => |stages| one_of("stage", stages.iter().map(|each| each.code())),
        /// 等待的岗位或环节 / Waiting for this role or step.
        waits_for: String => |role| Only::equal("waits_for", role),
        /// 统筹区（含下级） / Of a pooling area within this division.
        area: DivisionCode => |area| Only::Within("area", area.0),
        /// 基金 / Of this fund.
        fund: String => |fund| Only::equal("fund", fund),
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

#[derive(Default)]
pub struct PlanQuery;

#[Object]
impl PlanQuery {
    /// 项目账期 / An item-period.
    async fn period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Period>> {
        let _ = at_least;
        entity!(ctx, PeriodRow, Period, runs::Runs, Kind::Period, "period", id, as_of)
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
        entity!(ctx, PlanRow, Plan, runs::Runs, Kind::Plan, "plan", id, as_of)
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
        let only = r#where.unwrap_or_default().only()?;
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
        let page = connection::page::<PlanRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<PlanRow>(request, session, only);
        Ok(Some(PlanConnection::new(page, total)))
    }
}
