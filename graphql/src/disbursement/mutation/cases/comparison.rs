//! Comparison lists: drawn up, and decided exception by exception.

use async_graphql::ID;
use commands::disbursement::{Compared, DecideExceptions};

use super::super::about;
use super::comparison;
use crate::disbursement::cases::{Comparison, ComparisonDecision};
use crate::disbursement::steps::Of;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::registry::of_word;
use crate::view::int;

inputs! {
    /// 生成比对清单 / Draws a comparison up.
    ComparisonDrawInput {
        /// 已核算的发放计划 / The calculated plan.
        plan_id: ID,
    }
    /// 处理异常 / Decides exceptions.
    ComparisonDecideInput {
        /// 发放计划 / The plan.
        plan_id: ID,
        /// 清单行号，从 0 起 / Their places in the list, from 0.
        places: Vec<i32>,
        /// 结论 / What was found.
        decision: ComparisonDecision,
        /// 说明 / Why.
        reason: String,
    }
}

payloads! {
    /// 生成比对清单的结果 / What a comparison came to.
    ComparisonDrawPayload(Of<Compared>) {
        /// 比对清单 / The list.
        comparison: Comparison = comparison,
        ;
        /// 异常 / Exceptions.
        exceptions: i32 => |of| int(of.told.exceptions),
        /// 未核实的异常 / Those that nobody accepted yet.
        undecided: i32 => |of| int(of.told.undecided),
    }
    /// 处理异常的结果 / What came of a decision.
    ComparisonDecidePayload(Of<()>) {
        /// 比对清单 / The list.
        comparison: Comparison = comparison,
    }
}

mutations! { ComparisonMutation {
    /// 生成比对清单：本期与上月 / Puts a calculated plan beside the month before.
    comparison_draw(ComparisonDrawInput) -> ComparisonDrawPayload = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        about(&plan, app.disbursement.compare(envelope, &plan).await)
    },
    /// 处理异常；全部核实无误后方可提交 / Decides exceptions: all are accepted before submission.
    comparison_decide(ComparisonDecideInput) -> ComparisonDecidePayload
        = |app, envelope, input| {
        let plan = Kind::Plan.local(&input.plan_id)?;
        let place = |place: &i32| u32::try_from(*place);
        let entries = input.places.iter().map(place).collect::<Result<Vec<u32>, _>>();
        let entries =
            entries.map_err(|_| Fault::bad_input("行号从 0 起 / places count from 0"))?;
        let decision = of_word(input.decision.code())?;
        let asked = DecideExceptions { entries, decision, reason: input.reason };
        about(&plan, app.disbursement.decide_exceptions(envelope, &plan, &asked).await)
    },
} }
