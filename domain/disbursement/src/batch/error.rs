//! Why a command about a batch is refused.

use shared::{Money, ReplyId};

use super::Stage;
use kernel::{refusals, stages};

refusals! {
    /// A rule about batches that forbids a command.
    Error {
        AlreadyOpen = "BATCH_ALREADY_OPEN", "the batch is open already", "该批次已建立";
        Stage { is: Stage, needs: Stage } = "BATCH_STAGE",
            "the batch is {is:?}, this needs {needs:?}",
            "批次当前为“{is}”，此操作须在“{needs}”时办理",
            is = is.zh(), needs = needs.zh();
        Order { expected: u32, given: u32 } = "BATCH_CHUNK_ORDER",
            "the next chunk is {expected}, not {given}",
            "下一块应为第 {expected} 块，不是第 {given} 块";
        TooLarge(lines: usize) = "BATCH_CHUNK_TOO_LARGE",
            "a chunk holds at most 1000 lines, not {0}",
            "每块最多 1000 笔，不能为 {lines} 笔";
        NotPositive { line: u32, amount: Money } = "BATCH_NOT_POSITIVE",
            "line {line} asks for {amount}: an instruction lies above zero",
            "第 {line} 行报盘金额为 {amount} 元，须大于零";
        Again { line: u32 } = "BATCH_LINE_AGAIN",
            "line {line} stands in the batch already, or out of the part's order",
            "第 {line} 行已在本批次，或未按分片顺序排列";
        Empty = "BATCH_EMPTY", "a file has at least one line", "报盘文件至少要有一笔明细";
        DeclaredDiffers { lines: u32, total: Money, lines_here: u32, total_here: Money }
            = "BATCH_DECLARED_DIFFERS",
            "{lines} lines and {total} are declared, {lines_here} and {total_here} composed",
            "申报 {lines} 笔 {total} 元，实际组成 {lines_here} 笔 {total_here} 元，两者不符";
        SamePerson { by: String } = "BATCH_SAME_PERSON",
            "{by} signed already: the second key is another person's",
            "{by} 已签过该批次，第二把密钥须由另一人持有";
        SameRole { role: String } = "BATCH_SAME_ROLE",
            "the role {role} signed already: accountant and cashier each hold one key",
            "“{role}”岗位已签过，会计、出纳须各持一把密钥";
        ActedOnPlan { by: String, role: String } = "BATCH_ACTED_ON_PLAN",
            "{by} acted on the plan as {role} and cannot hold this key",
            "{by} 已以“{role}”身份经办该计划，不得持本批次密钥，请换人签发";
        Unsigned { has: usize } = "BATCH_UNSIGNED",
            "the batch has {has} of 2 keys", "批次已签 {has} 把密钥，须签满 2 把方可发送";
        NoReason = "BATCH_REASON_MISSING", "a reason is needed", "须填写原因";
        NoHandover = "BATCH_NO_HANDOVER",
            "no file of the batch was brought to the bank's server: send it first",
            "该批次没有已上传至银行服务器的文件，请先报盘";
        DebitedAlready = "BATCH_DEBITED_ALREADY",
            "the batch is debited already", "该批次银行已扣款";
        WrongDebit { slip: Money, file: Money } = "BATCH_WRONG_DEBIT",
            "the slip says {slip}, the file {file}",
            "银行回单为 {slip} 元，报盘文件为 {file} 元，两者不符，请与银行核对";
        NotDebited = "BATCH_NOT_DEBITED",
            "the batch is not debited yet: a reply is applied after the debit slip",
            "该批次尚未登记银行扣款回单，请先登记回单再处理回盘";
        ReplyAgain { first: ReplyId } = "BATCH_REPLY_AGAIN",
            "this reply was received before, as {first}", "该回盘文件已接收过，回盘号 {first}";
        NoReply(reply: ReplyId) = "BATCH_NO_REPLY",
            "there is no reply {0} to apply", "没有待处理的回盘 {reply}";
        Applied(reply: ReplyId) = "BATCH_REPLY_APPLIED",
            "reply {0} is applied", "回盘 {reply} 已处理完毕";
        TooMuchBack { amount: Money, returned: Money, before: Money } = "BATCH_TOO_MUCH_BACK",
            "{amount} came back, {returned} was returned and {before} of it is back already",
            "退回 {amount} 元，而退票共 {returned} 元、此前已退回 {before} 元，请列为差异核对";
        NoLine(seq: u32) = "BATCH_NO_LINE", "the batch has no line {0}", "该批次没有第 {seq} 笔";
        NotPaid { seq: u32 } = "BATCH_LINE_NOT_PAID",
            "line {seq} is not paid: only a paid line returns late, and once",
            "第 {seq} 笔不是成功状态，只有成功的明细可登记迟到退票，且只能一次";
        CreditAgain(serial: String) = "BATCH_CREDIT_AGAIN",
            "credit {0} is recorded already", "退回款流水 {serial} 已登记";
    }
}

stages! {
    Stage {
        Unopened = "unopened", "未建立";
        Open = "open", "组盘中";
        Composed = "composed", "已组盘";
        Signed = "signed", "已签发";
        Sent = "sent", "已报盘";
        Acknowledged = "acknowledged", "银行已受理";
        OutcomeUnknown = "outcome_unknown", "结果未明";
        Rejected = "rejected", "已退盘";
    }
}
