//! Why a command about an employer is refused.

use shared::{Date, EmployerId};

use kernel::refusals;

refusals! {
    /// A rule of the employer register that forbids a command.
    Error {
        Unknown = "EMPLOYER_UNKNOWN", "there is no such employer", "查无此单位";
        AlreadyRegistered = "EMPLOYER_ALREADY_REGISTERED",
            "the employer is registered already", "该单位已登记";
        Merged { into: EmployerId, on: Date } = "EMPLOYER_MERGED",
            "the employer was merged into {into} on {on}", "该单位已于 {on} 并入 {into}";
        Deregistered { on: Date } = "EMPLOYER_DEREGISTERED",
            "the employer was deregistered on {on}", "该单位已于 {on} 注销";
        NoName = "EMPLOYER_NAME_MISSING", "an employer has a name", "单位名称不能为空";
        NoReason = "EMPLOYER_REASON_MISSING", "a reason is missing", "缺少原因说明";
        VirtualHasNoCode = "EMPLOYER_VIRTUAL_HAS_NO_CODE",
            "a virtual employer has no credit code: register the real one",
            "虚拟单位没有统一社会信用代码，请另行登记实际单位";
        BeforeLastChange { on: Date, since: Date } = "EMPLOYER_BEFORE_LAST_CHANGE",
            "nothing can happen on {on}: the last change was on {since}",
            "日期 {on} 早于最近一次变更日期 {since}";
        IntoItself = "EMPLOYER_INTO_ITSELF",
            "an employer cannot be merged into itself", "单位不能并入自身";
        AlreadyAbsorbed { employer: EmployerId } = "EMPLOYER_ALREADY_ABSORBED",
            "{employer} was absorbed before", "{employer} 此前已并入";
    }
}
