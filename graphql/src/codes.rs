//! Every code that an answer can carry: refusals ([`ErrorCode`]) and faults ([`FAULTS`]), in both
//! languages and with what to do.

mod table;

use commands::Language;
use transport::{Code, Row};

pub use table::ErrorCode;

/// What a person can do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Correct,
    Reload,
    Look,
    Stage,
    OtherPerson,
    Compare,
    Fund,
    Split,
    Definition,
    NewId,
}

impl Action {
    const fn text(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Correct => {
                ("按提示修改输入后重新提交", "correct what is shown and send it again")
            }
            Self::Reload => ("刷新数据后重新办理", "load it again and decide anew"),
            Self::Look => ("核对编号后重新办理", "check the id and try again"),
            Self::Stage => {
                ("查看当前状态，办理应先完成的环节", "see how it stands and do what comes first")
            }
            Self::OtherPerson => ("请由另一名有权人员办理", "have another authorised person do it"),
            Self::Compare => {
                ("与银行或原始资料核对后更正", "compare with the bank or the documents")
            }
            Self::Fund => ("先申请并登记拨款", "ask for money and record it first"),
            Self::Split => ("分批提交", "send it in parts"),
            Self::Definition => ("请规则管理人员核对定义", "have the definitions checked"),
            Self::NewId => ("使用新的操作编号", "use a new command id"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $zh:literal $en:literal $action:ident;)*) => {
        /// 业务规则的代码 / The code of a rule that refused a command.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
        pub enum ErrorCode {
            /// 本模式尚未列出的规则，见 rule / A rule that this schema does not list yet: see `rule`.
            #[graphql(name = "REFUSED")]
            Refused,
            $(
                #[doc = concat!($zh, " / ", $en)]
                #[graphql(name = $code)]
                $name,
            )*
        }

        impl ErrorCode {
            /// Of a rule's exact code, with what to do.
            pub(super) fn of(rule: &str) -> (Self, super::Action) {
                match rule {
                    $($code => (Self::$name, super::Action::$action),)*
                    _ => (Self::Refused, super::Action::Correct),
                }
            }
        }
    };
}

use codes;

/// The code of a rule, and what to do about it.
pub fn code_of(rule: &str, language: Language) -> (ErrorCode, &'static str) {
    let (code, action) = ErrorCode::of(rule);
    (code, action.text(language))
}

/// The words of a fault, ours or the transport's.
pub fn fault_text(code: &str, language: Language) -> Option<&'static str> {
    let row = FAULTS.iter().chain(Code::TABLE).find(|row| row.code == code)?;
    Some(match language {
        Language::Zh => row.zh,
        Language::En => row.en,
    })
}

macro_rules! faults {
    ($($code:literal $status:literal $retryable:literal $zh:literal $en:literal
        $action_zh:literal $action_en:literal;)*) => {
        /// Faults of the schema's own; the transport has those of the protocol.
        pub static FAULTS: &[Row] = &[$(Row {
            code: $code,
            status: $status,
            status_always: $status >= 500,
            retryable: $retryable,
            zh: $zh,
            en: $en,
            action_zh: $action_zh,
            action_en: $action_en,
        }),*];
    };
}

faults! {
    "BAD_CURSOR" 400 false
        "游标无效" "the cursor is not valid"
        "从第一页重新查询" "start again from the first page";
    "POSITION_OF_OTHER_EPOCH" 409 false
        "位置令牌属于其他日志或恢复前的日志" "the position is of another log or from before a restore"
        "不带位置重新查询" "ask again without the position";
    "NOT_REACHED" 503 true
        "查询数据尚未到达所要求的位置" "the read models have not reached the position yet"
        "稍后重试，或去掉 atLeast" "try again later, or leave atLeast out";
    "AS_OF_NOT_PREPARED" 409 false
        "该内容没有为历史时点准备" "this is not prepared for a point of the past"
        "查询当前数据，或由管理员安排历史重建" "ask for the present, or have the past rebuilt";
    "VIEW_NOT_READY" 503 true
        "查询数据正在重建" "a read model is not filled yet"
        "稍后重试" "try again later";
    "UNAVAILABLE" 503 true
        "系统暂时不可用" "not available now"
        "稍后以同一 commandId 重试" "try again later with the same commandId";
    "OUTCOME_UNKNOWN" 503 true
        "办理结果未知" "the outcome of the command is not known"
        "以同一 commandId 重试以确认" "send it again with the same commandId to learn it";
    "SUBJECT_ERASED" 410 false
        "该对象的个人信息已依法删除" "the personal data of this subject was erased"
        "无法恢复" "it cannot be brought back";
    "ARTEFACT_ABSENT" 404 false
        "没有该文件" "there is no such file"
        "重新上传文件" "upload the file again";
    "ACCESS_NOT_RECORDED" 503 true
        "无法登记本次查看，因此不显示" "the look could not be recorded, so nothing is shown"
        "稍后重试" "try again later";
    "FILE_TOO_LARGE" 413 false
        "文件过大" "the file is too large"
        "拆分文件" "split the file";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_newer_than_the_table_is_still_told() {
        assert_eq!(code_of("PERSON_UNKNOWN", Language::En).0, ErrorCode::PersonUnknown);
        assert_eq!(code_of("SOMETHING_NEW", Language::Zh).0, ErrorCode::Refused);
    }

    #[test]
    fn no_fault_has_the_code_of_another() {
        let mut codes: Vec<&str> = FAULTS.iter().chain(Code::TABLE).map(|row| row.code).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
