//! Why a command about a comparison list is refused.

use kernel::refusals;

refusals! {
    /// A rule about comparison lists that forbids a command.
    Error {
        Sealed = "COMPARISON_SEALED", "the list is drawn up already", "比对清单已生成";
        NotSealed = "COMPARISON_NOT_SEALED",
            "the list is not drawn up yet", "比对清单尚未生成";
        Order { expected: u32, given: u32 } = "COMPARISON_CHUNK_ORDER",
            "the next chunk is {expected}, not {given}",
            "下一块应为第 {expected} 块，不是第 {given} 块";
        TooLarge(entries: usize) = "COMPARISON_CHUNK_TOO_LARGE",
            "a chunk holds at most 1000 entries, not {0}",
            "每块最多 1000 条，不能为 {entries} 条";
        NoException(place: u32) = "COMPARISON_NO_EXCEPTION",
            "entry {0} is no exception that could be decided", "第 {place} 条不是待处理的异常";
        NoReason = "COMPARISON_REASON_MISSING", "a reason is needed", "须填写原因";
        Undecided { left: u32 } = "COMPARISON_UNDECIDED",
            "{left} exceptions are not accepted yet: decide each of them before submitting",
            "尚有 {left} 条异常未核实，请逐条处理后再提交";
    }
}
