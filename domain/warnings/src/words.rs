//! The closed lists of a case, each word with its code, its Chinese and its English.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is in none of the list's codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is none of {allowed:?}")]
pub struct NoSuchWord {
    pub text: String,
    pub allowed: Vec<&'static str>,
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident $code:literal $zh:literal $en:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $code)] $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stored form.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }

        impl FromStr for $name {
            type Err = NoSuchWord;

            fn from_str(text: &str) -> Result<Self, NoSuchWord> {
                Self::ALL.iter().copied().find(|word| word.code() == text).ok_or_else(|| {
                    let allowed = Self::ALL.iter().map(|word| word.code()).collect();
                    NoSuchWord { text: text.to_owned(), allowed }
                })
            }
        }
    )*};
}

lists! {
    /// Three colours, and a notice below them (DISBURSEMENT.md, rule 18).
    Level {
        Notice "notice" "提示" "notice",
        Yellow "yellow" "黄色（三级）" "yellow",
        Orange "orange" "橙色（二级）" "orange",
        Red "red" "红色（一级）" "red",
    }
    /// Where a warning comes from.
    Channel {
        Automatic "automatic" "自动预警" "automatic",
        Grid "grid" "网格上报" "grid",
        Complaint "complaint" "投诉举报" "complaint",
        Other "other" "其他渠道" "other channels",
    }
    /// How a verified warning was handled (S1: seven kinds).
    Handling {
        WrittenReview "written_review" "书面审查" "written review",
        Patrol "patrol" "日常巡查" "patrol",
        SpecialCheck "special_check" "专项检查" "special check",
        Filing "filing" "立案" "filing",
        Interview "interview" "约谈负责人" "interview of the head",
        Symposium "symposium" "座谈会" "symposium",
        Other "other" "其他" "other",
    }
    /// What is waited for: each has a clock of its own.
    Step {
        Review "review" "审核" "review",
        Accept "accept" "签收" "acceptance",
        Verify "verify" "现场核实" "site verification",
        Feedback "feedback" "处置反馈" "feedback",
    }
    /// What a rung of the escalation ladder does.
    Effect {
        Notify "notify" "提醒" "a reminder",
        YellowMark "yellow_mark" "黄牌" "a yellow mark",
        RedMark "red_mark" "红牌" "a red mark",
        RaiseLevel "raise_level" "升级" "a higher level",
    }
    /// How a message goes out.
    Sending {
        Sms "sms" "短信" "SMS",
        Mobile "mobile" "移动端" "the mobile app",
    }
    /// What a message is about.
    Notice {
        Dispatched "dispatched" "新分派" "a dispatch",
        Due "due" "今日到期" "due today",
        Late "late" "已超期" "late",
        Escalated "escalated" "督办" "an escalation",
    }
    /// How far a case is.
    Stage {
        Raised "raised" "待审核" "to be reviewed",
        Confirmed "confirmed" "待分派" "to be dispatched",
        Dispatched "dispatched" "待签收" "to be accepted",
        Accepted "accepted" "待核实" "to be verified",
        Verified "verified" "待处置" "to be handled",
        Handled "handled" "待反馈" "to be fed back",
        FedBack "fed_back" "待解除" "to be released",
        PreFiled "pre_filed" "预立案" "pre-filed",
        Released "released" "已解除" "released",
        Cleared "cleared" "自动消除" "cleared by itself",
        Rejected "rejected" "审核不通过" "rejected",
        Merged "merged" "已合并" "merged",
        Lifted "lifted" "误报撤回" "lifted by its initiator",
        Archived "archived" "已归档" "archived",
    }
}

impl Stage {
    /// Whether somebody still has to do something: while so, its fingerprint is taken.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Raised
            | Self::Confirmed
            | Self::Dispatched
            | Self::Accepted
            | Self::Verified
            | Self::Handled
            | Self::FedBack
            | Self::PreFiled => true,
            Self::Released
            | Self::Cleared
            | Self::Rejected
            | Self::Merged
            | Self::Lifted
            | Self::Archived => false,
        }
    }

    /// What is waited for in this stage, if a clock runs.
    #[must_use]
    pub const fn step(self) -> Option<Step> {
        match self {
            Self::Raised => Some(Step::Review),
            Self::Dispatched => Some(Step::Accept),
            Self::Accepted => Some(Step::Verify),
            Self::Verified | Self::Handled => Some(Step::Feedback),
            Self::Confirmed
            | Self::FedBack
            | Self::PreFiled
            | Self::Released
            | Self::Cleared
            | Self::Rejected
            | Self::Merged
            | Self::Lifted
            | Self::Archived => None,
        }
    }
}

impl Level {
    /// One higher; red stays red.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Notice => Self::Yellow,
            Self::Yellow => Self::Orange,
            Self::Orange | Self::Red => Self::Red,
        }
    }

    /// Whether the metric alone may close it: never for orange and red.
    #[must_use]
    pub const fn clears_by_itself(self) -> bool {
        match self {
            Self::Notice | Self::Yellow => true,
            Self::Orange | Self::Red => false,
        }
    }
}
