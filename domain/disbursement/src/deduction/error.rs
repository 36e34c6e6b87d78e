//! Why a command about a deduction is refused.

use kernel::refusals;
use shared::Money;

refusals! {
    /// A rule about deductions that forbids a command.
    Error {
        OrderedAlready = "DEDUCTION_ORDERED_ALREADY",
            "the deduction is ordered already", "该扣款已登记";
        Unknown = "DEDUCTION_UNKNOWN", "there is no such deduction", "查无此扣款";
        NoBasis = "DEDUCTION_BASIS_MISSING",
            "a document or a reason is needed", "须注明依据文书或原因";
        SamePerson { by: String } = "DEDUCTION_SAME_PERSON",
            "{by} cannot approve a deduction of his own", "{by} 不能审批本人经办的扣款";
        NotPositive { amount: Money } = "DEDUCTION_NOT_POSITIVE",
            "an amount lies above zero, not {amount}", "金额须大于零，不能为 {amount} 元";
        NoThirdParty = "DEDUCTION_NO_THIRD_PARTY",
            "mutual aid and court orders name who is paid", "互助和司法扣划须指明收款单位";
        NoTotal = "DEDUCTION_NO_TOTAL",
            "what was paid too much is a sum", "超额扣减和特殊退发须写明总额";
        TooMuch { amount: Money, left: Money } = "DEDUCTION_TOO_MUCH",
            "{amount} is more than the {left} that is left of the order",
            "扣款 {amount} 元超过尚应扣的 {left} 元";
        NothingKept { part: String } = "DEDUCTION_NOTHING_KEPT",
            "part {part} kept nothing back for it", "分片 {part} 没有该扣款";
        Ended = "DEDUCTION_ENDED", "the deduction has ended", "该扣款已终止";
    }
}
