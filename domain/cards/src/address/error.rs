//! Why a command about a pay address, or a payment to it, is refused.

use shared::{CardId, Date};

use kernel::refusals;

refusals! {
    /// A rule about pay addresses that forbids a command, or a payment.
    Error {
        Unknown = "ADDRESS_UNKNOWN", "there is no such pay address", "查无此发放账户";
        AlreadyRegistered = "ADDRESS_ALREADY_REGISTERED",
            "the pay address is registered already", "该发放账户已登记";
        EmployerHasNoCard = "ADDRESS_EMPLOYER_HAS_NO_CARD",
            "an employer's account has no social-security card", "单位账户不能关联社保卡";
        StaleVersion { version: u32, current: u32 } = "ADDRESS_STALE_VERSION",
            "version {version} is not the current version {current}",
            "版本 {version} 不是当前版本 {current}";
        AlreadyVerified { version: u32 } = "ADDRESS_ALREADY_VERIFIED",
            "version {version} is verified: freeze the address instead",
            "版本 {version} 已通过验证，请改用冻结";
        CardTakesNoCredits { card: CardId } = "ADDRESS_CARD_TAKES_NO_CREDITS",
            "the financial account of card {card} is not active", "社保卡 {card} 金融账户未激活";
        NotVerified { version: u32 } = "ADDRESS_NOT_VERIFIED",
            "version {version} is not verified", "版本 {version} 未通过验证";
        Frozen { since: Date } = "ADDRESS_FROZEN",
            "the pay address is frozen since {since}", "该发放账户自 {since} 起冻结";
        NotFrozen = "ADDRESS_NOT_FROZEN", "the pay address is not frozen", "该发放账户未冻结";
        NoReason = "ADDRESS_REASON_MISSING", "a reason is missing", "缺少原因说明";
        OutOfOrder { on: Date, since: Date } = "ADDRESS_OUT_OF_ORDER",
            "nothing can happen on {on}: the last change was on {since}",
            "日期 {on} 早于上一次变更日期 {since}";
    }
}
