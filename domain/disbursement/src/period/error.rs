//! Why a command about an item-period is refused.

use super::Stage;
use crate::certificate::Broken;
use kernel::{refusals, stages};

refusals! {
    /// A rule about item-periods that forbids a command.
    Error {
        AlreadyOpen = "PERIOD_ALREADY_OPEN", "the item-period is open already", "该账期已开启";
        NotOpen = "PERIOD_NOT_OPEN", "the item-period is not open", "该账期未开启";
        Closed = "PERIOD_CLOSED",
            "the item-period is closed", "该账期已关闭，请在后续账期办理";
        BeforeIsOpen = "PERIOD_BEFORE_IS_OPEN",
            "the month before is open: close it, or give the reason of an exception",
            "上月账期未关闭，请先关闭上月账期或填写例外原因";
        RunAgain(plan: String) = "PERIOD_RUN_AGAIN",
            "plan {0} is a run of it already", "计划 {plan} 已列入该账期";
        NoRun = "PERIOD_NO_RUN",
            "an item-period without a run has nothing to certify", "该账期没有发放计划，无可核证";
        Broken(broken: Broken) = "PERIOD_BROKEN",
            "a certificate does not hold: {0}", "核证表不平：{broken}", broken = broken.zh();
        NoCertificate { number: u32, last: u32 } = "PERIOD_NO_CERTIFICATE",
            "certificate {number} is not the last one, {last}",
            "第 {number} 号核证表不是最后一份（第 {last} 号）";
        NotClosed = "PERIOD_NOT_CLOSED",
            "only a closed item-period is reopened", "只有已关闭的账期才能重新开启";
        NoReason = "PERIOD_REASON_MISSING", "a reason is needed", "须填写原因";
        ReopeningAsked { by: String } = "PERIOD_REOPENING_ASKED",
            "{by} asked for it already: another person reopens it",
            "{by} 已申请重新开启，请由另一人批准";
        ReopeningUnasked = "PERIOD_REOPENING_UNASKED",
            "nobody asked to reopen it", "尚无人申请重新开启该账期";
        ReopeningByOne { by: String } = "PERIOD_REOPENING_BY_ONE",
            "{by} asked for it: another person reopens it",
            "重新开启由 {by} 申请，须由另一人批准";
        NotCertified = "PERIOD_NOT_CERTIFIED",
            "an item-period is closed on a certificate of all its runs, and it has none",
            "账期须凭覆盖全部发放计划的核证表关闭，请先核证";
    }
}

stages! {
    Stage {
        Unopened = "unopened", "未开启";
        Open = "open", "已开启";
        Closed = "closed", "已关闭";
    }
}
