//! Why a command about a grant is refused.

use shared::{Component, Month, PersonId};

use kernel::refusals;

refusals! {
    /// A rule about grants that forbids a command.
    Error {
        Unknown = "GRANT_UNKNOWN", "there is no such grant", "查无此待遇";
        AlreadyRegistered = "GRANT_ALREADY_REGISTERED",
            "the grant is registered already", "该待遇已登记";
        NoBasis = "GRANT_BASIS_MISSING",
            "a grant names the document that granted it", "待遇须注明核定依据";
        NoReason = "GRANT_REASON_MISSING", "a reason is missing", "缺少原因说明";
        NoComponents = "GRANT_NO_COMPONENTS",
            "a grant pays at least one component", "待遇至少有一个组成项";
        ComponentTwice { component: Component } = "GRANT_COMPONENT_TWICE",
            "component {component} stands twice", "组成项 {component} 重复";
        NotPositive { component: Component } = "GRANT_AMOUNT_NOT_POSITIVE",
            "the amount of component {component} is not above zero",
            "组成项 {component} 的金额必须大于零";
        TotalTooLarge = "GRANT_TOTAL_TOO_LARGE",
            "the components add up to more than there is room for", "组成项合计超出范围";
        NotTheBeneficiary { person: PersonId } = "GRANT_PAYEE_NOT_BENEFICIARY",
            "the payee {person} draws for himself but is not the beneficiary",
            "领取人 {person} 以本人身份领取，但不是受益人";
        BeneficiaryForHimself { person: PersonId } = "GRANT_PAYEE_IS_BENEFICIARY",
            "{person} cannot draw for himself in another's place",
            "{person} 不能以他人身份代领本人待遇";
        NoOrigin = "GRANT_ORIGIN_MISSING",
            "an heir's or relative's grant names the person it arises from",
            "继承人或亲属的待遇须注明所源于的人员";
        EndsBeforeStart { from: Month, last: Month } = "GRANT_ENDS_BEFORE_START",
            "a grant from {from} cannot end with {last}", "{from} 起的待遇不能止于 {last}";
        BeforeStart { month: Month, from: Month } = "GRANT_MONTH_BEFORE_START",
            "{month} lies before the grant's first month {from}",
            "{month} 早于待遇起始月 {from}";
        AfterEnd { month: Month, last: Month } = "GRANT_MONTH_AFTER_END",
            "{month} lies after the grant's last month {last}", "{month} 晚于待遇终止月 {last}";
        AlreadySuspended { from: Month } = "GRANT_ALREADY_SUSPENDED",
            "the grant is suspended from {from}", "该待遇自 {from} 起已暂停";
        SuspensionOverlaps { from: Month, resumed: Month } = "GRANT_SUSPENSION_OVERLAPS",
            "a suspension from {from} overlaps the one that ended with {resumed}",
            "自 {from} 的暂停与 {resumed} 续发前的暂停重叠";
        NotSuspended = "GRANT_NOT_SUSPENDED", "the grant is not suspended", "该待遇未暂停";
        ResumedBeforeStop { from: Month, stopped: Month } = "GRANT_RESUMED_BEFORE_STOP",
            "a stop from {stopped} cannot be lifted from {from}",
            "{stopped} 起的暂停不能自 {from} 续发";
        NotEndedByDeath = "GRANT_NOT_ENDED_BY_DEATH",
            "the grant did not end by a death", "该待遇不是因死亡终止的";
        AlreadyEnded { last: Month } = "GRANT_ALREADY_ENDED",
            "the grant ended with {last}: a later month needs a new grant",
            "该待遇已于 {last} 终止，其后月份须重新核定";
    }
}
