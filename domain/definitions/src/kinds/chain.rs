//! Review chains: who must see a plan, in order, before money moves. No person takes two steps
//! of one chain (DISBURSEMENT 2.14; 社会保险经办条例 art 37, graded review).

use serde::Serialize;
use shared::Money;

use super::Kind;
use super::account::plain_id;
use crate::block::{Block, Name};
use crate::mistake::{Code, Fault};
use crate::word::words;

words! {
    pub enum Role {
        /// 经办.
        Handler = "handler",
        /// 复核.
        Checker = "checker",
        /// 审批.
        Approver = "approver",
        /// 科室负责人.
        SectionHead = "section-head",
        /// 分管领导.
        DeputyDirector = "deputy-director",
        /// 主要负责人.
        Director = "director",
        /// 会计.
        Accountant = "accountant",
        /// 出纳.
        Cashier = "cashier",
    }
}

words! {
    /// What a step does.
    pub enum Stage {
        /// Submits the plan; always the first step and only that.
        Submit = "submit",
        /// Checks or approves the plan.
        Review = "review",
        /// Checks the funds and makes the payment order.
        Finance = "finance",
        /// Holds a key at the bank.
        Key = "key",
    }
}

/// One step: a role, what it does, and from which sum on it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub role: Role,
    pub stage: Stage,
    /// Needed only when the plan's total is above this.
    pub above: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    pub id: String,
    pub name: Name,
    pub source: String,
    pub steps: Vec<Step>,
}

impl Chain {
    /// The steps that a plan of this total goes through, in order; all persons differ.
    #[must_use]
    pub fn steps_for(&self, total: Money) -> Vec<Step> {
        let needed = |step: &&Step| step.above.is_none_or(|above| total > above);
        self.steps.iter().filter(needed).cloned().collect()
    }
}

impl Kind for Chain {
    const WORD: &'static str = "chain";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let steps = block.tables("step", |step| {
            let (role, stage) = (step.word("role"), step.word("stage"));
            let above = step.money_if_any("above");
            Some(Step { role: role?, stage: stage?, above })
        });
        let steps = steps.and_then(|steps| in_order(block, steps));
        let id = id?;
        Some((id.clone(), Self { id, name: name?, source: source?, steps: steps? }))
    }
}

fn in_order(block: &Block<'_>, steps: Vec<Step>) -> Option<Vec<Step>> {
    if steps.first().is_some_and(|first| first.stage != Stage::Submit || first.above.is_some()) {
        return block.refuse(
            "step",
            Fault::contradiction(
                "第一步必须是 submit,且不得设 above",
                "the first step must be submit and always needed",
            ),
        );
    }
    if let Some(pair) = steps.windows(2).find(|pair| pair[0].stage > pair[1].stage) {
        let (earlier, later) = (pair[0].stage, pair[1].stage);
        return block.refuse(
            "step",
            Fault::contradiction(
                format!("{later} 不能排在 {earlier} 之后"),
                format!("{later} cannot come after {earlier}"),
            ),
        );
    }
    let always = |stage| steps.iter().filter(|s| s.stage == stage && s.above.is_none()).count();
    for (stage, least) in
        [(Stage::Submit, 1), (Stage::Review, 2), (Stage::Finance, 1), (Stage::Key, 1)]
    {
        if always(stage) < least {
            return block.refuse(
                "step",
                Fault::new(
                    Code::MissingField,
                    format!("任何金额都至少要有 {least} 个 {stage} 步骤"),
                    format!("whatever the sum, there must be {least} step(s) of {stage}"),
                ),
            );
        }
    }
    if always(Stage::Submit) > 1 {
        return block.refuse("step", Fault::repeated("submit"));
    }
    Some(steps)
}
