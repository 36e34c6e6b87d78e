//! Why a command about one obligation is refused.

use kernel::{refusals, stages};
use shared::Money;

use super::Stage;

refusals! {
    /// A rule about obligations that forbids a command.
    Error {
        HeldAlready = "OBLIGATION_HELD_ALREADY", "the obligation is held already", "该笔应付已暂扣";
        NotHeld = "OBLIGATION_NOT_HELD", "the obligation is not held", "该笔应付未暂扣";
        ReturnedAlready { attempt: u16 } = "OBLIGATION_RETURNED_ALREADY",
            "attempt {attempt} was returned already", "第 {attempt} 次发放已退票";
        NoAttempt { attempt: u16, next: u16 } = "OBLIGATION_NO_ATTEMPT",
            "attempt {attempt} is not the one that is due: that is {next}",
            "第 {attempt} 次发放不存在，当前为第 {next} 次";
        NotSent = "OBLIGATION_NOT_SENT",
            "an obligation that waits or is held was not sent, so no bank can return it",
            "暂扣或待发的应付未报盘，银行不可能退票，请核对回盘";
        NotWaiting = "OBLIGATION_NOT_WAITING",
            "the last attempt is planned, out or paid: without a return there is no next one",
            "上一次发放在办、未回盘或已成功，没有退票不得重发";
        OtherAmount { amount: Money, owed: Money } = "OBLIGATION_OTHER_AMOUNT",
            "{amount} is not the {owed} that is owed",
            "金额 {amount} 元与应付 {owed} 元不符";
        OtherPart { part: String } = "OBLIGATION_OTHER_PART",
            "it stands in no run of part {part}", "该笔应付不在分片 {part} 的发放计划中";
        Stage { is: Stage } = "OBLIGATION_STAGE",
            "the obligation is {is:?}: this cannot be done now",
            "该笔应付当前为“{is}”，不能办理此操作", is = is.zh();
        NotPositive { amount: Money } = "OBLIGATION_NOT_POSITIVE",
            "an amount lies above zero, not {amount}", "金额须大于零，不能为 {amount} 元";
        SamePerson { by: String } = "OBLIGATION_SAME_PERSON",
            "{by} cannot approve an order of his own", "{by} 不能审批本人经办的事项";
        NoReason = "OBLIGATION_REASON_MISSING", "a reason is needed", "须填写原因";
    }
}

stages! {
    Stage {
        AsPlanned = "as_planned", "按计划";
        Held = "held", "已暂扣";
        Released = "released", "待补发";
        Returned = "returned", "已退票";
        Taken = "taken", "已列入发放";
        DueToHeirs = "due_to_heirs", "应付继承人";
        Cancelled = "cancelled", "已取消";
        Overpaid = "overpaid", "已认定多付";
    }
}
