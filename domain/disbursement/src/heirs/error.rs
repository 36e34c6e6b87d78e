//! Why a command about a heirs' case is refused.

use kernel::refusals;
use shared::{Date, Money, Month, PersonId};

refusals! {
    /// A rule about heirs that forbids a command.
    Error {
        NotOpen = "HEIRS_NOT_OPEN",
            "no heirs' case is open for this person", "该人员没有在办的继承领取案件";
        AfterDeath { month: Month, died_on: Date } = "HEIRS_AFTER_DEATH",
            "{month} lies after the death on {died_on}: nothing is owed for it",
            "{month} 在 {died_on} 死亡之后，不再发放，不得由继承人领取";
        NotPositive { amount: Money } = "HEIRS_NOT_POSITIVE",
            "an amount lies above zero, not {amount}", "金额须大于零，不能为 {amount} 元";
        NoBasis = "HEIRS_BASIS_MISSING",
            "a document or a reason is needed", "须注明依据文书或原因";
        SamePerson { by: String } = "HEIRS_SAME_PERSON",
            "{by} cannot approve the heir whom he named", "{by} 不能审批本人经办的继承人";
        Deceased { heir: PersonId } = "HEIRS_HEIR_DEAD",
            "{heir} is dead and cannot draw", "{heir} 已死亡，不能作为领取人";
    }
}
