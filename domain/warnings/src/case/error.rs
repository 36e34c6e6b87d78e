//! Why a command about a warning is refused.

use kernel::refusals;
use shared::Date;

use crate::words::{Handling, Level, Stage};

refusals! {
    /// A rule about warnings that forbids a command.
    Error {
        Unknown = "WARNING_UNKNOWN", "there is no such warning", "查无此预警";
        AlreadyOpen = "WARNING_ALREADY_RAISED", "the warning was raised already", "该预警已登记";
        NotNow { stage: Stage } = "WARNING_NOT_IN_THIS_STAGE",
            "this cannot be done while the warning is {stage}",
            "该预警处于“{stage}”环节，不能办理此项", stage = stage.zh();
        Closed { stage: Stage } = "WARNING_CLOSED",
            "the warning is closed: {stage}", "该预警已办结：{stage}", stage = stage.zh();
        OutOfOrder { on: Date, last: Date } = "WARNING_OUT_OF_ORDER",
            "nothing can happen on {on}: the last step was on {last}",
            "日期 {on} 早于上一环节日期 {last}";
        NoReason = "WARNING_REASON_MISSING", "a reason is needed", "须说明原因";
        IntoItself = "WARNING_MERGED_INTO_ITSELF",
            "a warning cannot be merged into itself", "预警不能并入自身";
        DispatchedToNobody = "WARNING_DISPATCHED_TO_NOBODY",
            "it must be dispatched to a role in a division, an organisation or a person",
            "须指明分派到的区划、机构或人员及其岗位";
        OutOfScope = "WARNING_OUT_OF_SCOPE",
            "the warning is not assigned to this actor", "该预警未分派给当前办理人";
        HandlingNotAllowed { how: Handling } = "WARNING_HANDLING_NOT_ALLOWED",
            "this warning is not handled by {how}", "该类预警不适用“{how}”", how = how.zh();
        NeverByItself { level: Level } = "WARNING_NEVER_CLEARS_BY_ITSELF",
            "a {level} warning is closed by a person, never by its metric",
            "{level}预警须人工解除，不能自动消除", level = level.zh();
        AlreadyAt { level: Level } = "WARNING_ALREADY_AT_LEVEL",
            "the warning is {level} already", "该预警已是{level}", level = level.zh();
        NotReleaser { releaser: String } = "WARNING_NOT_ITS_RELEASER",
            "only {releaser}, who released it, may undo that",
            "只有解除人 {releaser} 可以撤销解除";
        NotInitiator { initiator: String } = "WARNING_NOT_ITS_INITIATOR",
            "only {initiator}, who entered it, may lift it",
            "只有录入人 {initiator} 可以撤回误报";
        NotEntered = "WARNING_NOT_ENTERED",
            "a rule raised it: it is rejected, not lifted", "自动预警不能撤回，请审核不通过";
        CooldownOver { until: Date } = "WARNING_COOLDOWN_OVER",
            "the cooldown ended on {until}: it is a new warning", "冷却期已于 {until} 结束，应新增预警";
        NoClock = "WARNING_NO_CLOCK", "no clock runs in this stage", "本环节不计时";
        ClockStopped = "WARNING_CLOCK_STOPPED", "the clock is stopped already", "计时已中止";
        ClockRunning = "WARNING_CLOCK_RUNNING", "the clock is running", "计时未中止";
        DaysUnpublished { year: i16 } = "WARNING_DAYS_UNPUBLISHED",
            "the working days of {year} are not published", "{year} 年放假安排尚未公布";
        ApprovedByHimself = "WARNING_EXTENSION_BY_HIMSELF",
            "nobody approves his own extension", "延期须由他人批准";
    }
}
