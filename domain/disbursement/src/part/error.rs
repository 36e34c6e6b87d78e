//! Why a command about a part is refused.

use shared::{BankCode, Money};

use kernel::refusals;

refusals! {
    /// A rule about parts that forbids a command.
    Error {
        Sealed = "PART_SEALED", "the part is sealed", "该分片已封存";
        NotSealed = "PART_NOT_SEALED", "the part is not sealed", "该分片尚未封存";
        Order { expected: u32, given: u32 } = "PART_CHUNK_ORDER",
            "the next chunk is {expected}, not {given}",
            "下一块应为第 {expected} 块，不是第 {given} 块";
        TooLarge = "PART_TOO_LARGE",
            "a part holds at most 50000 lines, a chunk 1000",
            "每个分片最多 50000 笔，每块最多 1000 笔，请分片办理";
        NotPositive { line: u32, net: Money } = "PART_NOT_POSITIVE",
            "a line owes something and pays no less than nothing, line {line} pays {net}",
            "应发须大于零、实发不得为负，第 {line} 行实发为 {net} 元";
        Again { line: u32 } = "PART_LINE_AGAIN",
            "line {line} names a person and component of this part again",
            "第 {line} 行与本分片其他明细重复（同一人员、同一组成、同一所属月）";
        NoLine(line: u32) = "PART_NO_LINE", "there is no line {0}", "没有第 {line} 行";
        HeldAlready(line: u32) = "PART_HELD_ALREADY",
            "line {0} is held already", "第 {line} 行已暂扣";
        NotHeld(line: u32) = "PART_NOT_HELD", "line {0} is not held", "第 {line} 行未暂扣";
        Instructed { line: u32, batch: String } = "PART_LINE_INSTRUCTED",
            "line {line} stands in batch {batch}: withdraw the batch first",
            "第 {line} 行已在批次 {batch} 报盘，请先撤回该批次再暂扣";
        InstructedAlready { bank: BankCode, batch: String } = "PART_BANK_INSTRUCTED",
            "the lines for {bank} stand in batch {batch} already",
            "{bank} 的明细已在批次 {batch} 报盘";
        OtherLines { lines: u32, total: Money, lines_here: u32, total_here: Money }
            = "PART_OTHER_LINES",
            "the batch has {lines} lines and {total}, the part {lines_here} and {total_here} for \
             this bank",
            "批次为 {lines} 笔 {total} 元，本分片该银行应报 {lines_here} 笔 {total_here} 元，两者不符";
        NotInstructed(batch: String) = "PART_NOT_INSTRUCTED",
            "no line of the part stands in batch {0}", "本分片没有在批次 {batch} 报盘的明细";
    }
}
