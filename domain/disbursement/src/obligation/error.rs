//! Why a command about one obligation is refused.

use kernel::refusals;

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
            "a held obligation was not sent, so no bank can return it",
            "暂扣的应付未报盘，银行不可能退票，请核对回盘";
        NoReason = "OBLIGATION_REASON_MISSING", "a reason is needed", "须填写原因";
    }
}
