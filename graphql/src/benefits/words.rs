//! The closed lists of benefits, as the schema spells them.

use crate::view::coded;

coded! {
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
