//! The closed lists of cards, as the schema spells them.

use crate::view::coded;

coded! {
    /// 社保卡状态 / How a card stands.
    CardStage {
        /// 已制卡 / Made.
        Made "made",
        /// 已送达网点 / At the counter.
        Delivered "delivered",
        /// 已发放 / In the holder's hands.
        Issued "issued",
        /// 挂失 / Lost.
        Lost "lost",
        /// 已换卡 / Replaced.
        Replaced "replaced",
        /// 已注销 / Cancelled.
        Cancelled "cancelled",
    }

    /// 账户验证状态 / How sure we are of an account.
    AddressState {
        /// 待验证 / Registered, not verified.
        Registered "registered",
        /// 已验证 / Verified by the bank.
        Verified "verified",
        /// 验证失败 / The bank does not know it so.
        Failed "failed",
    }

    /// 冻结原因 / Why nothing may be sent there.
    FreezeReason {
        /// 账户已销户 / The account is closed.
        AccountClosed "account_closed",
        /// 账户被冻结 / The account is frozen.
        AccountFrozen "account_frozen",
        /// 证件号码变更 / The identity number changed.
        NumberChanged "number_changed",
        /// 退票 / The bank returned a line.
        Returned "returned",
        /// 调查中 / Under investigation.
        Investigation "investigation",
        /// 所有人死亡 / Its owner is dead.
        OwnerDead "owner_dead",
    }

    /// 换卡对账户的影响 / What a replacement does to the account.
    CardAccount {
        /// 账户不变 / Kept.
        Kept "kept",
        /// 账户改变 / Changed.
        Changed "changed",
    }
}
