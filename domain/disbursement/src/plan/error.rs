//! Why a command about a plan is refused.

use shared::Money;

use super::Stage;
use kernel::{refusals, stages};

refusals! {
    /// A rule about plans that forbids a command.
    Error {
        AlreadyOpen = "PLAN_ALREADY_OPEN", "the plan is open already", "该发放计划已建立";
        NoChain = "PLAN_NO_CHAIN",
            "a review chain has at least one level that every plan passes",
            "审批链至少要有一级不论金额都须经过的审核，请检查审批链定义";
        Stage { is: Stage, needs: Stage } = "PLAN_STAGE",
            "the plan is {is:?}, this needs {needs:?}",
            "发放计划当前为“{is}”，此操作须在“{needs}”时办理",
            is = is.zh(), needs = needs.zh();
        PartAgain(part: u16) = "PLAN_PART_AGAIN",
            "part {0} is recorded already", "第 {part} 分片已登记";
        CountDiffers { frozen: u32, calculated: u32, excluded: u32 } = "PLAN_COUNT_DIFFERS",
            "{frozen} grants were frozen, {calculated} calculated and {excluded} excluded",
            "冻结名单 {frozen} 笔待遇，核算 {calculated} 笔、剔除 {excluded} 笔，两者不符";
        NothingToPay = "PLAN_NOTHING_TO_PAY",
            "the plan has no line to pay: cancel it",
            "该计划没有应发明细，请作废该计划";
        WrongRole { expected: String, given: String } = "PLAN_WRONG_ROLE",
            "the next level is {expected}, not {given}",
            "当前应由“{expected}”审核，不是“{given}”";
        SamePerson { by: String } = "PLAN_SAME_PERSON",
            "{by} acted on this plan already: every level needs another person",
            "{by} 已经办过该计划，每一级须由不同人员办理";
        EditedAddresses { by: String } = "PLAN_EDITED_ADDRESSES",
            "{by} changed a pay address in this period and cannot approve it",
            "{by} 本期修改过发放账户，不得审核本期计划，请换人审核";
        NoReason = "PLAN_REASON_MISSING", "a reason is needed", "须填写原因";
        WrongAmount { amount: Money, net: Money } = "PLAN_WRONG_AMOUNT",
            "{amount} reserved is not the plan's {net}",
            "预留资金 {amount} 元与计划实发 {net} 元不符";
        NoPart(part: u16) = "PLAN_NO_PART",
            "the plan has no part {0}", "该计划没有第 {part} 分片";
        BatchAgain(batch: String) = "PLAN_BATCH_AGAIN",
            "batch {0} is recorded already", "批次 {batch} 已登记";
        NoBatch(batch: String) = "PLAN_NO_BATCH",
            "the plan has no batch {0} that is out", "该计划没有在途批次 {batch}";
        NotWhole {
            composed: Money,
            held: Money,
            net: Money,
            composed_lines: u32,
            held_lines: u32,
            netted_lines: u32,
            lines: u32,
        } = "PLAN_NOT_WHOLE",
            "{composed} composed and {held} held is not the plan's {net}, or {composed_lines} and \
             {held_lines} lines with {netted_lines} netted are not its {lines}",
            "报盘 {composed} 元加暂扣 {held} 元应等于实发 {net} 元，报盘 {composed_lines} 笔、\
             暂扣 {held_lines} 笔、抵扣为零 {netted_lines} 笔应等于应发 {lines} 笔";
        Instructed(batches: usize) = "PLAN_INSTRUCTED",
            "what is composed cannot be cancelled: {0} batches are out",
            "已生成 {batches} 个报盘批次，计划不能作废";
    }
}

stages! {
    Stage {
        Unopened = "unopened", "未建立";
        Open = "open", "已建立";
        Frozen = "frozen", "名单已冻结";
        Calculated = "calculated", "已核算";
        InReview = "in_review", "审核中";
        Approved = "approved", "已审批";
        Funded = "funded", "资金已预留";
        Composed = "composed", "已报盘";
        Cancelled = "cancelled", "已作废";
    }
}
