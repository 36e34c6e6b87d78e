//! What is wrong with a file, as data and as a refusal.

use definitions::Mistake;
use definitions::publication::Refusal as Rule;
use thiserror::Error;

use crate::error::{CommandError, Refusal, Refused};

/// How many mistakes stand in one message; the data has them all.
const MISTAKES_SHOWN: usize = 5;

/// Why nothing was published.
#[derive(Debug, Error)]
pub enum PublishError {
    /// Every mistake, by file and line, with the allowed words.
    #[error("the definitions have {} mistakes", .0.len())]
    Faulty(Vec<Mistake>),
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl From<PublishError> for CommandError {
    /// The first mistakes in words, all of them as parameters `mistake`.
    fn from(error: PublishError) -> Self {
        let mistakes = match error {
            PublishError::Faulty(mistakes) => mistakes,
            PublishError::Command(error) => return error,
        };
        let zh = |it: &Mistake| format!("{}:{}:{} {}", it.file, it.line, it.column, it.zh);
        let shown = |text: &dyn Fn(&Mistake) -> String, gap: &str| {
            mistakes.iter().take(MISTAKES_SHOWN).map(text).collect::<Vec<_>>().join(gap)
        };
        let mut refused = Refused::new(
            "DEFINITIONS_FAULTY",
            format!("定义文件有{}处错误：{}", mistakes.len(), shown(&zh, "；")),
            format!(
                "the definitions have {} mistakes: {}",
                mistakes.len(),
                shown(&ToString::to_string, "; ")
            ),
        )
        .field("text");
        for mistake in &mistakes {
            refused = refused.param("mistake", mistake);
        }
        refused.into()
    }
}

impl Refusal for Rule {
    fn code(&self) -> &'static str {
        match self {
            Self::ApprovedByAuthor { .. } => "DEFINITION_APPROVED_BY_AUTHOR",
            Self::SystemAfterFirst { .. } => "DEFINITION_SYSTEM_AFTER_FIRST",
            Self::Unchanged { .. } => "DEFINITION_UNCHANGED",
            Self::BeforePrevious { .. } => "DEFINITION_BEFORE_PREVIOUS",
            Self::OtherDigest { .. } => "DEFINITION_OTHER_DIGEST",
            Self::NotCanonical => "DEFINITION_NOT_CANONICAL",
            Self::NotPublished => "DEFINITION_NOT_PUBLISHED",
            Self::AlreadyRetired { .. } => "DEFINITION_ALREADY_RETIRED",
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::ApprovedByAuthor { person } => format!("{person}不能审批本人编写的定义"),
            Self::SystemAfterFirst { next } => {
                format!("system只能发布定义的第一版，这是第{next}版")
            }
            Self::Unchanged { version } => format!("与第{version}版内容相同"),
            Self::BeforePrevious { from, previous, version } => {
                format!("{from}早于第{version}版的生效日{previous}，须说明原因")
            }
            Self::OtherDigest { .. } => "定义内容与其摘要不符".to_owned(),
            Self::NotCanonical => "定义内容不是规范的JSON".to_owned(),
            Self::NotPublished => "该定义尚未发布，不能废止".to_owned(),
            Self::AlreadyRetired { from } => format!("该定义已自{from}起废止"),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::ApprovedByAuthor { .. } | Self::SystemAfterFirst { .. } => Some("approver"),
            Self::BeforePrevious { .. } => Some("reason"),
            Self::Unchanged { .. }
            | Self::OtherDigest { .. }
            | Self::NotCanonical
            | Self::NotPublished
            | Self::AlreadyRetired { .. } => None,
        }
    }
}
