//! The closed lists of disbursement, as the schema spells them.

use crate::view::coded;

coded! {
    /// 账期状态 / How an item-period stands.
    PeriodStage {
        /// 开启 / Open.
        Open "open",
        /// 关闭 / Closed.
        Closed "closed",
    }

    /// 发放计划状态 / How a plan stands.
    PlanStage {
        /// 已建立 / Opened.
        Open "open",
        /// 名单已冻结 / Its population is frozen.
        Frozen "frozen",
        /// 已核算 / Calculated.
        Calculated "calculated",
        /// 审核中 / Under review.
        InReview "in_review",
        /// 已批准 / Approved.
        Approved "approved",
        /// 已预留资金 / Funds are reserved.
        Funded "funded",
        /// 已报盘 / Composed into bank files.
        Composed "composed",
        /// 已作废 / Cancelled.
        Cancelled "cancelled",
    }

    /// 批次类型 / Why a run is made.
    RunType {
        /// 正常 / The regular run of the month.
        Normal "normal",
        /// 补发 / Back-pay.
        BackPay "back_pay",
        /// 重发 / Reissue of what came back.
        Reissue "reissue",
        /// 零星 / Sporadic.
        Sporadic "sporadic",
        /// 一次性 / One-off.
        OneOff "one_off",
    }

    /// 项目大类 / The class of a pay item.
    PayClass {
        /// 社保待遇 / Social insurance benefit.
        SocialInsurance "social_insurance",
        /// 就业补贴 / Employment subsidy.
        EmploymentSubsidy "employment_subsidy",
        /// 代发项目 / Agency item.
        Agency "agency",
    }

    /// 经办动作 / What somebody did to a plan.
    ActKind {
        /// 建立 / Opened it.
        Opened "opened",
        /// 冻结名单 / Froze its population.
        Frozen "frozen",
        /// 核算 / Calculated it.
        Calculated "calculated",
        /// 提交 / Submitted it.
        Submitted "submitted",
        /// 审核通过 / Reviewed it.
        Reviewed "reviewed",
        /// 退回 / Sent it back.
        SentBack "sent_back",
        /// 预留资金 / Reserved its funds.
        FundsReserved "funds_reserved",
        /// 报盘 / Composed it.
        Composed "composed",
        /// 作废 / Cancelled it.
        Cancelled "cancelled",
    }

    /// 明细状态 / How far a line got.
    LineState {
        /// 计划中 / In a plan.
        Planned "planned",
        /// 暂扣 / Taken out of the bank file.
        Held "held",
        /// 已报盘 / In a bank file.
        Instructed "instructed",
        /// 成功 / Paid.
        Paid "paid",
        /// 退票 / Returned by the bank.
        Returned "returned",
    }

    /// 报盘批次状态 / How a batch stands.
    BatchStage {
        /// 组批中 / Being composed.
        Open "open",
        /// 已组批 / Composed.
        Composed "composed",
        /// 已签发 / Signed with both keys.
        Signed "signed",
        /// 已发送 / Sent.
        Sent "sent",
        /// 银行已受理 / Acknowledged by the bank.
        Acknowledged "acknowledged",
        /// 银行拒收 / Refused by the bank.
        Rejected "rejected",
        /// 已撤回 / Withdrawn.
        Withdrawn "withdrawn",
        /// 结果未知 / Its outcome is not known.
        OutcomeUnknown "outcome_unknown",
    }

    /// 报盘文件在途状态 / How a sent file stands with its bank's server.
    HandoverState {
        /// 已送达 / It lies where the bank takes it, or the bank took it.
        HandedOver "handed_over",
        /// 未找到，须向银行查询 / It is not found there: the bank is to be asked.
        Unknown "unknown",
        /// 银行已答复 / The bank said what became of it.
        Settled "settled",
        /// 等待下次 / It waits for the next exchange.
        Waits "waits",
    }

    /// 批次经办动作 / What somebody did to a batch, or its bank said of it.
    BatchActKind {
        /// 组批 / Composed it.
        Composed "composed",
        /// 签发 / Signed it with a key.
        Signed "signed",
        /// 发送 / Sent it.
        Sent "sent",
        /// 已送达银行服务器 / Its file lies where the bank takes it.
        HandedOver "handed_over",
        /// 银行受理 / The bank took it.
        Acknowledged "acknowledged",
        /// 银行拒收 / The bank refused it.
        Rejected "rejected",
        /// 撤回 / Took it back.
        Withdrawn "withdrawn",
        /// 结果未知 / Lost sight of it.
        OutcomeUnknown "outcome_unknown",
        /// 查询结果 / Asked the bank what became of it.
        Queried "queried",
        /// 银行扣款 / The bank debited it.
        Debited "debited",
        /// 成功后退票 / A line that was paid came back.
        ReturnedLate "returned_late",
    }

    /// 银行对查询的答复 / What a bank says about a file that it was asked for.
    BankAnswer {
        /// 已受理 / It has the file.
        Received "received",
        /// 没有或不予办理 / It does not have it, or does not carry it out: nothing was paid.
        Refused "refused",
        /// 尚不能答复 / It cannot say yet.
        Unknown "unknown",
    }

    /// 账簿 / A ledger of a book.
    Ledger {
        /// 基金账 / The fund's own.
        #[graphql(name = "FUND")]
        Fund "F",
        /// 备查账 / What is owed, kept for memory.
        #[graphql(name = "MEMO")]
        Memo "M",
    }

    /// 资金方向 / Which way money moved.
    Direction {
        /// 借：付出 / Out of the account.
        Debit "debit",
        /// 贷：收入 / Into the account.
        Credit "credit",
    }

    /// 对账单行状态 / How a statement line stands.
    StatementLineState {
        /// 未匹配 / Not looked at.
        Open "open",
        /// 已匹配 / Matched.
        Matched "matched",
        /// 有差异 / It differs, and somebody owns that.
        Different "different",
        /// 差异已处理 / The difference is resolved.
        Resolved "resolved",
    }

    /// 对账差异原因 / Why a statement line differs.
    DifferenceReason {
        /// 无对应批次 / No batch fits.
        NoBatch "no_batch",
        /// 金额不同 / Another amount.
        OtherAmount "other_amount",
    }

    /// 对账了结方式 / How a statement line was settled.
    SettledHow {
        /// 与一个批次匹配 / Matched with one batch.
        Batch "batch",
        /// 与多个批次匹配 / Matched with several batches.
        Batches "batches",
        /// 与凭证匹配 / Matched with a voucher of the book.
        Voucher "voucher",
        /// 由另一笔流水冲回 / Another movement took it back.
        Cleared "cleared",
        /// 以文字说明了结 / Resolved in words.
        Noted "noted",
    }

    /// 未达账项类别 / Which side entered a movement and which has not.
    ReconcilingKind {
        /// 银行已收、单位未收 / The bank received it, the book has not.
        BankCredit "bank_credit",
        /// 银行已付、单位未付 / The bank paid it, the book has not.
        BankDebit "bank_debit",
        /// 单位已收、银行未收 / The book received it, the bank has not.
        BookDebit "book_debit",
        /// 单位已付、银行未付 / The book paid it, the bank has not.
        BookCredit "book_credit",
    }

    /// 外部发放批次状态 / How far an external run got.
    FeedRunState {
        /// 已到 / Here, whole.
        Received "received",
        /// 入账中 / Being entered.
        Running "running",
        /// 已入账 / Entered.
        Entered "entered",
    }

    /// 期初状态 / How an opening stands.
    OpeningStage {
        /// 已录入 / Entered, and not whole yet.
        Entered "entered",
        /// 已封存 / Sealed: payments may begin.
        Sealed "sealed",
        /// 已开始发放 / Payments have begun.
        Running "running",
    }

    /// 退票原因 / Why a bank returned a line.
    ReturnReason {
        /// 户名不符 / Name mismatch.
        NameMismatch "R01",
        /// 账号不存在 / No such account.
        NoSuchAccount "R02",
        /// 账户已销户 / Account closed.
        AccountClosed "R03",
        /// 账户冻结或止付 / Account frozen or stopped.
        AccountFrozen "R04",
        /// 社保卡金融功能未激活 / The card's financial function is not active.
        CardNotActive "R05",
        /// 非一般结算账户或二类户限制 / Not a general settlement account, or class II limit.
        AccountLimited "R06",
        /// 银行预留证件已过期 / Identity document expired at the bank.
        DocumentExpired "R07",
        /// 无法连接收款行 / Bank not reached.
        BankNotReached "R08",
        /// 超过金额限额 / Amount limit exceeded.
        AmountLimit "R09",
        /// 银行登记收款人已死亡 / Payee deceased at the bank.
        PayeeDeceased "R10",
        /// 银行判为重复 / Duplicate at the bank.
        DuplicateAtBank "R11",
        /// 文件格式错误 / File format error.
        FileFormat "R12",
        /// 其他 / Other.
        Other "R99",
    }
}
