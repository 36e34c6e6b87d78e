//! The closed lists of cases, as the schema spells them.

use crate::view::coded;

coded! {
    /// 退票处理环节 / How a return case stands.
    ReturnStage {
        /// 已立案 / Open: nobody was told yet.
        Open "open",
        /// 已通知 / The payee was told.
        Notified "notified",
        /// 账户已更正 / It has a verified address.
        Corrected "corrected",
        /// 已列入重发 / A reissue run has it.
        Reissued "reissued",
        /// 已结案 / Closed.
        Closed "closed",
    }

    /// 退票结案方式 / How a return case ended.
    ReturnOutcome {
        /// 重发成功 / The next attempt was paid.
        Paid "paid",
        /// 再次退票 / The next attempt came back too.
        ReturnedAgain "returned_again",
        /// 转继承人领取 / It went to the heirs.
        PassedOn "passed_on",
        /// 不再发放 / It was not owed.
        Cancelled "cancelled",
    }

    /// 账龄 / How long money has been out.
    #[expect(clippy::enum_variant_names, reason = "the words of the field")]
    AgeBand {
        /// 7 天以内 / Up to 7 days.
        #[graphql(name = "UP_TO_7_DAYS")]
        UpTo7Days "7",
        /// 8–30 天 / From 8 to 30 days.
        #[graphql(name = "UP_TO_30_DAYS")]
        UpTo30Days "30",
        /// 31–90 天 / From 31 to 90 days.
        #[graphql(name = "UP_TO_90_DAYS")]
        UpTo90Days "90",
        /// 90 天以上 / More than 90 days.
        #[graphql(name = "OVER_90_DAYS")]
        Over90Days "over",
    }

    /// 应付义务状态 / How an obligation stands.
    ObligationStage {
        /// 按计划 / As planned.
        AsPlanned "as_planned",
        /// 已暂扣 / Held.
        Held "held",
        /// 待补发 / Waits for a run.
        Released "released",
        /// 已退票 / Returned; it waits for a reissue.
        Returned "returned",
        /// 已列入发放 / A later run has it.
        Taken "taken",
        /// 应付继承人 / Due to heirs.
        DueToHeirs "due_to_heirs",
        /// 已取消 / Not owed and not paid.
        Cancelled "cancelled",
        /// 已认定多付 / Paid and not owed.
        Overpaid "overpaid",
    }

    /// 暂扣原因 / Why a line is held.
    HoldReason {
        /// 死亡待核实 / A death is reported.
        DeathReported "death_reported",
        /// 死亡已确认 / A death is confirmed.
        DeathConfirmed "death_confirmed",
        /// 发放账户变更 / The pay address changed.
        AddressChanged "address_changed",
        /// 人员合并 / Two ids are one person.
        PersonMerged "person_merged",
        /// 银行字符集无法表示姓名 / The bank cannot spell the name.
        BankCharset "bank_charset",
        /// 人工或司法暂扣 / A clerk's or a court's word.
        Ordered "ordered",
        /// 发放账户不可用 / The account is closed or frozen.
        AccountUnusable "account_unusable",
        /// 待核实 / A dispute, or a check of its conditions.
        InDispute "in_dispute",
    }

    /// 不应发放的原因 / Why something is not owed.
    NotOwedReason {
        /// 死亡次月起不再发放 / A month after that of the death.
        AfterDeath "after_death",
        /// 同一人重复享受 / The same entitlement under another id.
        Duplicate "duplicate",
        /// 与其他待遇冲突 / Another benefit excludes it.
        CompetingBenefit "competing_benefit",
        /// 条件丧失 / Its conditions were lost.
        ConditionsLost "conditions_lost",
        /// 核定或核算错误 / Granted or calculated wrongly.
        Mistake "mistake",
    }

    /// 追回环节 / How a recovery stands.
    RecoveryStage {
        /// 已发现 / Found; no notice is out.
        Found "found",
        /// 已通知 / Demanded in writing.
        Demanded "demanded",
        /// 已结清 / Nothing is owed.
        Settled "settled",
        /// 已撤销 / Nobody was overpaid.
        Withdrawn "withdrawn",
    }

    /// 追回事项 / What happened in a recovery.
    RecoveryStepKind {
        /// 立案 / Opened.
        Opened "opened",
        /// 书面通知 / Demanded in writing.
        Demanded "demanded",
        /// 分期协议 / Instalments were agreed.
        Agreed "agreed",
        /// 收到还款 / Money came back.
        Received "received",
        /// 抵扣 / Kept back from another payment.
        Offset "offset",
        /// 移送法院 / Sent to court.
        SentToCourt "sent_to_court",
        /// 核销 / Written off.
        WrittenOff "written_off",
        /// 结清 / Settled.
        Settled "settled",
        /// 撤销 / Withdrawn.
        Withdrawn "withdrawn",
    }

    /// 还款入账账户 / Where a repayment arrives.
    #[expect(clippy::enum_variant_names, reason = "the words of the field")]
    RepaymentAccount {
        /// 收入户 / The income account.
        IncomeAccount "income_account",
        /// 财政专户 / The fiscal account.
        FiscalAccount "fiscal_account",
        /// 支出户（不得进入） / The expenditure account: a rule refuses it.
        ExpenditureAccount "expenditure_account",
    }

    /// 扣款种类 / What a deduction is for.
    DeductionKind {
        /// 互助 / Mutual aid.
        MutualAid "mutual_aid",
        /// 司法扣划 / A court's order.
        Court "court",
        /// 超额扣减 / What was paid too much.
        Excess "excess",
        /// 特殊退发 / A special refund.
        SpecialRefund "special_refund",
    }

    /// 比对分类 / What became of a grant since the month before.
    ComparisonKind {
        /// 新增 / New.
        New "new",
        /// 终止 / Ended.
        Ended "ended",
        /// 续发 / Resumed.
        Resumed "resumed",
        /// 补发 / Back-paid.
        BackPaid "back_paid",
        /// 异常 / It changed by more than the item's threshold.
        Exception "exception",
    }

    /// 异常处理结论 / What was decided of an exception.
    ComparisonDecision {
        /// 核实无误 / It is right as it is.
        Accepted "accepted",
        /// 须更正 / It is wrong.
        Disputed "disputed",
    }
}
