//! The closed lists of benefits, as the schema spells them.

use crate::view::coded;

coded! {
    /// 暂停原因 / Why a grant is stopped.
    StopReason {
        /// 资格认证逾期 / The qualification has run out.
        QualificationExpired "qualification_expired",
        /// 死亡报告待核实 / A death is reported.
        DeathReported "death_reported",
        /// 服刑 / In prison.
        Imprisoned "imprisoned",
        /// 失踪 / Missing.
        Missing "missing",
        /// 与其他待遇冲突 / Another benefit stands against it.
        CompetingBenefit "competing_benefit",
        /// 数据比对疑点 / A comparison raised a doubt.
        ComparisonDoubt "comparison_doubt",
        /// 本人申请 / At his own request.
        OwnRequest "own_request",
        /// 其他 / Other.
        Other "other",
    }

    /// 终止原因 / Why a grant ended.
    EndReason {
        /// 死亡 / Death.
        Death "death",
        /// 期满 / Its time is over.
        PeriodOver "period_over",
        /// 重新就业 / Employed again.
        Employed "employed",
        /// 转享其他待遇 / Another benefit takes its place.
        OtherBenefit "other_benefit",
        /// 条件丧失 / The conditions are gone.
        ConditionsLost "conditions_lost",
        /// 撤销 / Granted by mistake.
        Revoked "revoked",
        /// 本人放弃 / Waived.
        Waived "waived",
    }

    /// 领取人类别 / Who draws.
    PayeeKind {
        /// 本人 / The beneficiary.
        Person "person",
        /// 监护人 / A guardian.
        Guardian "guardian",
        /// 继承人 / An heir.
        Heir "heir",
        /// 亲属 / A relative.
        Relative "relative",
        /// 用人单位 / The employer.
        Employer "employer",
    }
}
