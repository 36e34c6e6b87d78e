//! A run from its opening to its bank files.

use async_graphql::ID;
use commands::disbursement::{Calculated, Composed, OpenRun};

use super::about;
use crate::disbursement::batch::Batch;
use crate::disbursement::plan::Plan;
use crate::disbursement::steps::{self, Of};
use crate::disbursement::words::RunType;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::{Date, Money, YearMonth};
use crate::view::int;

inputs! {
    /// 建立发放计划 / Opens a run.
    RunOpenInput {
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 月份 / The month.
        month: YearMonth,
        /// 统筹区 / The pooling area.
        area: String,
        /// 批次类型 / Why it is made.
        run: RunType,
        /// 经办机构 / The agency.
        agency: String,
        /// 基金；项目只有一项基金时可不填 / The fund; needed only where the item has several.
        fund: Option<String>,
        /// 发放日；默认按日历 / The pay day; by the calendar unless given.
        pay_day: Option<Date>,
        /// 上月未关而开启的原因 / Why it opens although the month before is open.
        exception: Option<String>,
    }

    /// 冻结名单 / Freezes a plan's population.
    PlanFreezeInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 核算 / Calculates a plan.
    PlanCalculateInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 提交 / Submits a plan.
    PlanSubmitInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 审核通过 / Reviews a plan.
    PlanReviewInput {
        /// 发放计划 / The plan.
        plan_id: ID,
        /// 以何岗位 / In which role.
        role: String,
    }

    /// 退回 / Sends a plan back.
    PlanSendBackInput {
        /// 发放计划 / The plan.
        plan_id: ID,
        /// 以何岗位 / In which role.
        role: String,
        /// 原因 / Why.
        reason: String,
    }

    /// 预留资金 / Reserves a plan's funds.
    PlanReserveInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 报盘 / Composes a plan's bank files.
    PlanComposeInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }
}

payloads! {
    /// 建立发放计划的结果 / What came of opening a run.
    RunOpenPayload(String) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 冻结名单的结果 / What came of freezing a population.
    PlanFreezePayload(Of<u32>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        ;
        /// 名单待遇数 / Grants in the population.
        grants: i32 => |of| int(of.told),
    }
    /// 核算的结果 / What came of calculating.
    PlanCalculatePayload(Of<Calculated>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        ;
        /// 笔数 / Lines.
        line_count: i32 => |of| int(of.told.lines),
        /// 实发 / Net.
        net: Money => |of| Money(of.told.net),
        /// 剔除数 / Grants left out.
        excluded: i32 => |of| int(of.told.excluded),
    }
    /// 提交的结果 / What came of a submission.
    PlanSubmitPayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 审核的结果 / What came of a review.
    PlanReviewPayload(Of<bool>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        ;
        /// 是否已最终批准 / Whether that was the last level.
        approved: bool => |of| of.told,
    }
    /// 退回的结果 / What came of sending back.
    PlanSendBackPayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 预留资金的结果 / What came of reserving.
    PlanReservePayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 报盘的结果 / What came of composing.
    PlanComposePayload(Of<Composed>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        /// 报盘批次 / Its batches.
        batches: Vec<Batch> = steps::plan_batches,
        ;
        /// 报盘金额 / Instructed.
        instructed: Money => |of| Money(of.told.instructed),
        /// 暂扣笔数 / Lines held.
        held_lines: i32 => |of| int(of.told.held_lines),
        /// 暂扣金额 / Held.
        held: Money => |of| Money(of.told.held),
    }
}

mutations! { PlanMutation {
    /// 建立发放计划 / Opens a run, and its item-period if it is the first one.
    run_open(RunOpenInput) -> RunOpenPayload = |app, envelope, input| {
        let asked = OpenRun {
            item: coded(&input.item_code, "项目编号", "the id of a pay item")?,
            month: input.month.0,
            area: coded(&input.area, "统筹区", "a pooling area")?,
            run: coded(input.run.code(), "批次类型", "a run type")?,
            agency: coded(&input.agency, "经办机构", "an agency")?,
            fund: input.fund.map(|fund| coded(&fund, "基金代码", "a fund")).transpose()?,
            pay_day: input.pay_day.map(|day| day.0),
            exception: input.exception,
        };
        app.disbursement.open_run(envelope, &asked).await
    },
    /// 冻结名单 / Freezes a plan's population.
    plan_freeze(PlanFreezeInput) -> PlanFreezePayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.freeze(envelope, &plan).await)
    },
    /// 核算 / Calculates a plan.
    plan_calculate(PlanCalculateInput) -> PlanCalculatePayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.calculate(envelope, &plan).await)
    },
    /// 提交审核 / Submits a plan for review.
    plan_submit(PlanSubmitInput) -> PlanSubmitPayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.submit(envelope, &plan).await)
    },
    /// 审核通过 / One level of review; the last one approves.
    plan_review(PlanReviewInput) -> PlanReviewPayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.review(envelope, &plan, &input.role).await)
    },
    /// 退回 / Sends a plan back to be calculated anew.
    plan_send_back(PlanSendBackInput) -> PlanSendBackPayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.send_back(envelope, &plan, &input.role, &input.reason).await)
    },
    /// 预留资金 / Reserves what an approved plan needs.
    plan_reserve(PlanReserveInput) -> PlanReservePayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.reserve(envelope, &plan).await)
    },
    /// 报盘 / Composes every batch of a funded plan.
    plan_compose(PlanComposeInput) -> PlanComposePayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.compose(envelope, &plan).await)
    },
} }
