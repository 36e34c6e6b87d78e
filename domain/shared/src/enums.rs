//! Closed lists with a stored code, a Chinese and an English name.

use std::fmt;
use std::str::FromStr;

use crate::text::serde_as_text;

/// A text that is in none of the list's codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {list}; it is one of {allowed:?}")]
pub struct UnknownCode {
    pub list: &'static str,
    pub text: String,
    pub allowed: &'static [&'static str],
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident, $list:literal {
        $($variant:ident $code:literal $zh:literal $en:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant,)* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            pub const CODES: &'static [&'static str] = &[$($code,)*];

            /// The stored form.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            pub const fn zh(self) -> &'static str {
                match self { $($name::$variant => $zh,)* }
            }

            pub const fn en(self) -> &'static str {
                match self { $($name::$variant => $en,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;
            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                match text {
                    $($code => Ok($name::$variant),)*
                    _ => Err(UnknownCode {
                        list: $list,
                        text: text.to_owned(),
                        allowed: $name::CODES,
                    }),
                }
            }
        }

        serde_as_text!($name, concat!("the code of a ", $list));
    )*};
}

lists! {
    /// Why a run is made (DISBURSEMENT.md, rule 5).
    RunType, "run type" {
        Normal "normal" "正常" "normal",
        BackPay "back_pay" "补发" "back-pay",
        Reissue "reissue" "重发" "reissue",
        Sporadic "sporadic" "零星" "sporadic",
        OneOff "one_off" "一次性" "one-off",
    }
    /// The three classes of the screens; the class is not the book (DISBURSEMENT.md, rule 11).
    PayClass, "pay class" {
        SocialInsurance "social_insurance" "社保待遇" "social insurance benefit",
        EmploymentSubsidy "employment_subsidy" "就业补贴" "employment subsidy",
        Agency "agency" "代发项目" "agency item",
    }
    /// Why a bank returned a line, normalised over the banks (INVENTORY.md, Part 3.2).
    ReturnReason, "return reason" {
        NameMismatch "R01" "户名不符" "name mismatch",
        NoSuchAccount "R02" "账号不存在" "no such account",
        AccountClosed "R03" "账户已销户" "account closed",
        AccountFrozen "R04" "账户冻结或止付" "account frozen or stopped",
        CardNotActive "R05" "社保卡金融功能未激活" "card's financial function not active",
        AccountLimited "R06" "非一般结算账户或二类户限制" "not a general settlement account, or class II limit",
        DocumentExpired "R07" "银行预留证件已过期" "identity document expired at the bank",
        BankNotReached "R08" "无法连接收款行" "bank not reached",
        AmountLimit "R09" "超过金额限额" "amount limit exceeded",
        PayeeDeceased "R10" "银行登记收款人已死亡" "payee deceased at the bank",
        DuplicateAtBank "R11" "银行判为重复" "duplicate at the bank",
        FileFormat "R12" "文件格式错误" "file format error",
        Other "R99" "其他" "other",
    }
    /// Sex as registered (GB/T 2261.1).
    Sex, "sex" {
        Male "male" "男" "male",
        Female "female" "女" "female",
    }
}

impl Sex {
    /// The digit of GB/T 2261.1: 1 male, 2 female.
    pub const fn gb(self) -> char {
        match self {
            Sex::Male => '1',
            Sex::Female => '2',
        }
    }
}
