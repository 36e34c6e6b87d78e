//! Why a command about a bank statement is refused.

use shared::{Date, Money};

use kernel::refusals;

refusals! {
    /// A rule about statements that forbids a command.
    Error {
        Again { on: Date, artefact: String } = "STATEMENT_AGAIN",
            "the statement of {on} is imported already, from file {artefact}: a day has one",
            "{on} 的对账单已导入（文件 {artefact}），同一账户一天只能有一份对账单";
        Missing = "STATEMENT_MISSING", "there is no statement of this day", "当日对账单尚未导入";
        TooLong(lines: usize) = "STATEMENT_TOO_LONG",
            "a statement holds at most 1000 lines, not {0}",
            "每份对账单最多 1000 行，不能为 {lines} 行";
        SerialTwice(serial: String) = "STATEMENT_SERIAL_TWICE",
            "serial {0} stands twice", "流水号 {serial} 重复";
        NotPositive { serial: String, amount: Money } = "STATEMENT_NOT_POSITIVE",
            "line {serial} moves {amount}: a movement lies above zero",
            "流水 {serial} 发生额为 {amount} 元，须大于零";
        Balance { serial: String, stated: Money, counted: Money } = "STATEMENT_BALANCE",
            "after line {serial} the balance is {stated}, by the lines it is {counted}",
            "流水 {serial} 后余额列示 {stated} 元，按发生额推算应为 {counted} 元";
        Closing { stated: Money, counted: Money } = "STATEMENT_CLOSING",
            "the closing balance is {stated}, by the lines it is {counted}",
            "期末余额列示 {stated} 元，按发生额推算应为 {counted} 元";
        NoLine(serial: String) = "STATEMENT_NO_LINE",
            "the statement has no line {0}", "对账单没有流水 {serial}";
        Settled(serial: String) = "STATEMENT_SETTLED",
            "line {0} is settled already", "流水 {serial} 已处理";
        OtherAmount { serial: String, amount: Money, expected: Money } = "STATEMENT_OTHER_AMOUNT",
            "line {serial} moves {amount}, the batch says {expected}",
            "流水 {serial} 为 {amount} 元，批次为 {expected} 元，请登记差异";
        NoDifference(serial: String) = "STATEMENT_NO_DIFFERENCE",
            "line {0} has no open difference", "流水 {serial} 没有未了结的差异";
        NotShares(serial: String) = "STATEMENT_NOT_SHARES",
            "line {0} is shared by at least two batches, each once and above zero",
            "流水 {serial} 须对应至少两个不同批次，且每个批次金额大于零";
        SharesDiffer { serial: String, amount: Money, sum: Money } = "STATEMENT_SHARES_DIFFER",
            "line {serial} moves {amount}, its batches {sum} together",
            "流水 {serial} 为 {amount} 元，各批次合计 {sum} 元，两者不符";
        OwnerAlready { serial: String, owner: String } = "STATEMENT_OWNER_ALREADY",
            "{owner} owns the difference of line {serial} already",
            "流水 {serial} 的差异已由 {owner} 负责";
        BookedAlready { serial: String, voucher: u64 } = "STATEMENT_BOOKED_ALREADY",
            "line {serial} stands in the book as voucher {voucher}",
            "流水 {serial} 已记入第 {voucher} 号凭证";
        NotCounter { serial: String, own: Money, other: Money } = "STATEMENT_NOT_COUNTER",
            "line {serial} of {own} is not taken back by a movement of {other} in its direction",
            "流水 {serial}（{own} 元）须由方向相反、金额相等的流水冲回，不能由 {other} 元冲回";
        NoWords = "STATEMENT_WORDS_MISSING",
            "a difference needs an owner, and its end a note",
            "差异须有责任人，了结时须写明处理说明";
    }
}
