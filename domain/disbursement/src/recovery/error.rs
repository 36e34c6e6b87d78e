//! Why a command about a recovery is refused.

use shared::{Date, FundCode, Money};

use super::Stage;
use kernel::{refusals, stages};

refusals! {
    /// A rule about recoveries that forbids a command.
    Error {
        AlreadyOpen = "RECOVERY_ALREADY_OPEN",
            "this overpayment is being recovered already", "该笔多发款已立案追回";
        NotOpen = "RECOVERY_NOT_OPEN", "no overpayment was found here", "该笔应付未登记多发";
        Over { is: Stage } = "RECOVERY_OVER",
            "the recovery is {is:?}", "该追回{is}，不能再办理", is = is.zh();
        NotDemanded = "RECOVERY_NOT_DEMANDED",
            "a written notice comes first", "须先发出书面追回通知";
        NotPositive(amount: Money) = "RECOVERY_NOT_POSITIVE",
            "an amount lies above zero, not {0}", "金额须大于零，不能为 {amount} 元";
        TooMuch { amount: Money, owed: Money } = "RECOVERY_TOO_MUCH",
            "{amount} is more than the {owed} that is owed",
            "{amount} 元超过尚欠 {owed} 元";
        NeverThere = "RECOVERY_NEVER_EXPENDITURE",
            "recovered money enters the income account or the fiscal account, never the \
             expenditure account",
            "追回款不得进入支出户，应缴入收入户或财政专户（财社〔2017〕144号第四十一条）";
        ReceiptAgain(serial: String) = "RECOVERY_RECEIPT_AGAIN",
            "receipt {0} is recorded already", "流水 {serial} 的还款已登记";
        OtherFund { given: FundCode, owed_to: FundCode } = "RECOVERY_OTHER_FUND",
            "{given} cannot pay what is owed to {owed_to}: an offset stays inside one fund",
            "{given} 不得抵扣 {owed_to} 的应追回款，抵扣须在同一基金内";
        OffsetOfItself = "RECOVERY_OFFSET_OF_ITSELF",
            "what was overpaid cannot pay itself back", "不得用多发的该笔应付抵扣自身";
        InCourtAlready = "RECOVERY_IN_COURT",
            "the case is with a court already", "该追回已移送法院";
        NoApproval = "RECOVERY_NO_APPROVAL",
            "a write-off names the outside approval and who gave it",
            "核销须填写外部批准文号和批准机关";
        InstalmentCount(given: usize) = "RECOVERY_INSTALMENT_COUNT",
            "an agreement has 1 to 120 instalments, not {0}",
            "分期协议须为 1 至 120 期，不能为 {given} 期";
        Instalment { number: u32, due: Date, amount: Money } = "RECOVERY_INSTALMENT",
            "instalment {number} of {amount} on {due} is not above zero or not in order",
            "第 {number} 期（{due}，{amount} 元）金额须大于零，日期须依次递增";
        InstalmentsDiffer { sum: Money, owed: Money } = "RECOVERY_INSTALMENTS_DIFFER",
            "the instalments are {sum} together, {owed} is owed",
            "分期合计 {sum} 元，尚欠 {owed} 元，两者须相等";
        DueBefore { on: Date, due: Date } = "RECOVERY_DUE_BEFORE",
            "a notice of {on} cannot ask for {due}",
            "还款期限 {due} 早于通知日期 {on}";
        PaidAlready { received: Money } = "RECOVERY_PAID_ALREADY",
            "{received} came back already: give it back before it is withdrawn",
            "已追回 {received} 元，须先退还方可撤销";
        NoWords = "RECOVERY_WORDS_MISSING",
            "a number or a reason is missing", "须填写文号、流水号或原因";
    }
}

stages! {
    Stage {
        Unopened = "unopened", "未登记";
        Found = "found", "已发现";
        Demanded = "demanded", "已通知";
        Settled = "settled", "已结清";
        Withdrawn = "withdrawn", "已撤销";
    }
}
