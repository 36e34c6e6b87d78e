//! A line is held or released, a plan cancelled.

use async_graphql::ID;
use commands::disbursement::{HoldLine, ReleaseLine};
use shared::ObligationId;

use super::super::about;
use super::obligation;
use crate::disbursement::Plan;
use crate::disbursement::cases::{HoldReason, Obligation};
use crate::disbursement::steps::{self, Of};
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::registry::of_word;
use crate::scalars::Date;

inputs! {
    /// 暂扣 / Holds a line.
    LineHoldInput {
        /// 发放明细 / The line.
        line_id: ID,
        /// 原因 / Why.
        reason: HoldReason,
        /// 核实期限 / The last day to find out.
        verify_by: Option<Date>,
    }
    /// 解除暂扣 / Releases a line.
    LineReleaseInput {
        /// 发放明细 / The line.
        line_id: ID,
        /// 原因 / Why.
        reason: String,
    }
    /// 作废发放计划 / Cancels a plan.
    PlanCancelInput {
        /// 发放计划 / The plan.
        plan_id: ID,
        /// 原因 / Why.
        reason: String,
    }
}

payloads! {
    /// 暂扣的结果 / What came of a hold.
    LineHoldPayload(Of<()>) {
        /// 应付义务 / The obligation.
        obligation: Obligation = obligation,
    }
    /// 解除暂扣的结果 / What came of a release.
    LineReleasePayload(Of<()>) {
        /// 应付义务 / The obligation.
        obligation: Obligation = obligation,
    }
    /// 作废发放计划的结果 / What came of a cancellation.
    PlanCancelPayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
}

mutations! { HoldMutation {
    /// 暂扣：报盘前将一笔移出银行文件 / Keeps a line out of the bank files before they are made.
    line_hold(LineHoldInput) -> LineHoldPayload = |app, envelope, input| {
        let obligation: ObligationId = Kind::Line.parse(&input.line_id)?;
        let reason = of_word(input.reason.code())?;
        let verify_by = input.verify_by.map(|day| day.0);
        let asked = HoldLine { obligation, reason, verify_by };
        about(&obligation.to_string(), app.disbursement.hold_line(envelope, &asked).await)
    },
    /// 解除暂扣；赶上报盘则入本批，否则待补发 / Into its own file where that is not made, else it waits.
    line_release(LineReleaseInput) -> LineReleasePayload = |app, envelope, input| {
        let obligation: ObligationId = Kind::Line.parse(&input.line_id)?;
        let asked = ReleaseLine { obligation, reason: input.reason };
        about(&obligation.to_string(), app.disbursement.release_line(envelope, &asked).await)
    },
    /// 作废发放计划，其义务可由下一计划发放 / Cancels a plan: its obligations are free for the next.
    plan_cancel(PlanCancelInput) -> PlanCancelPayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.cancel_plan(envelope, &plan, &input.reason).await)
    },
} }
