//! What can go wrong with a command, for machines (a code) and for people (Chinese and English).
//!
//! A refusal by a rule is an answer ([`CommandError::is_refusal`]); everything else is a fault.

use kernel::log::ReadError;
use kernel::{AppendError, Conflicts, DecodeError, Revision, StreamName};
use thiserror::Error;
use uuid::Uuid;

use crate::envelope::Language;
use crate::ports::{ArtefactFault, KeyFault};

/// A decider's error as the caller reads it. [`crate::refusal!`] implements it for an error that
/// has its own `code` and `zh`.
pub trait Refusal: std::error::Error {
    /// `SCREAMING_SNAKE`, stable, in the published table of codes.
    fn code(&self) -> &'static str;

    fn zh(&self) -> String;

    fn en(&self) -> String {
        self.to_string()
    }

    /// The field of the input that the rule is about.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// The facts of the message, by name.
    fn params(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Implements [`Refusal`] for an error with inherent `code(&self) -> &'static str` and
/// `zh(&self) -> String`; the English text is its `Display`.
#[macro_export]
macro_rules! refusal {
    ($($error:ty),+ $(,)?) => {$(
        // Without methods of its own the error would call this very impl for ever.
        #[deny(unconditional_recursion)]
        impl $crate::error::Refusal for $error {
            fn code(&self) -> &'static str {
                <$error>::code(self)
            }

            fn zh(&self) -> String {
                <$error>::zh(self)
            }
        }
    )+};
}

/// A rule said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    pub zh: String,
    pub en: String,
    pub field: Option<&'static str>,
    pub params: Vec<(&'static str, String)>,
}

impl Refused {
    #[must_use]
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, zh: zh.into(), en: en.into(), field: None, params: Vec::new() }
    }

    #[must_use]
    pub fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    #[must_use]
    pub fn param(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

#[derive(Debug, Error)]
pub enum CommandError {
    #[error("refused, {}: {}", .0.code, .0.en)]
    Refused(Box<Refused>),
    #[error("{stream} stands at revision {actual}, the caller saw {expected}")]
    Moved { stream: StreamName, expected: Revision, actual: Revision },
    /// What is contested or came between, with holders and positions: the caller may leave those
    /// lines out and ask again under a new command id.
    #[error(
        "the command stands against what is written: {} streams moved, {} events came between, {} keys are contested",
        .0.revisions.len(), .0.since.len(), .0.claims.len()
    )]
    Conflict(Conflicts),
    #[error("command {id} was carried out before with another content")]
    CommandAltered { id: Uuid },
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: String },
    #[error("not available: {what}")]
    Unavailable { what: String, retryable: bool },
    /// Written or not: asking again with the same command id tells.
    #[error("the outcome of command {id} is not known: {what}")]
    Uncertain { id: Uuid, what: String },
    #[error("the command is too large: {what}")]
    TooLarge { what: String },
    /// The program or what it reads is wrong; asking again changes nothing.
    #[error("fault: {what}")]
    Fault { what: String },
}

impl CommandError {
    /// The stable code, `SCREAMING_SNAKE`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.code,
            Self::Moved { .. } => "REVISION_MOVED",
            Self::Conflict(conflicts) if conflicts.claims.is_empty() => "FACTS_CHANGED",
            Self::Conflict(_) => "CLAIMED_ALREADY",
            Self::CommandAltered { .. } => "COMMAND_ALTERED",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::Unavailable { .. } => "UNAVAILABLE",
            Self::Uncertain { .. } => "OUTCOME_UNKNOWN",
            Self::TooLarge { .. } => "COMMAND_TOO_LARGE",
            Self::Fault { .. } => "FAULT",
        }
    }

    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Refused(refused) => refused.zh.clone(),
            Self::Moved { expected, actual, .. } => {
                format!(
                    "数据已被他人修改（您看到的是第{expected}版，现为第{actual}版），请刷新后重试"
                )
            }
            Self::Conflict(Conflicts { revisions, since, claims }) => format!(
                "与已登记的数据冲突：{}项数据已变动，{}条新事件影响本次操作，{}项已被占用",
                revisions.len(),
                since.len(),
                claims.len()
            ),
            Self::CommandAltered { .. } => "同一操作编号已用于内容不同的操作".to_owned(),
            Self::NotFound { id, .. } => format!("未找到：{id}"),
            Self::Unavailable { .. } => "系统暂时无法办理，请稍后重试".to_owned(),
            Self::Uncertain { .. } => "办理结果未知，请用同一操作编号重试以确认".to_owned(),
            Self::TooLarge { .. } => "一次办理的内容过多，请分批提交".to_owned(),
            Self::Fault { .. } => "系统故障，请联系运维人员".to_owned(),
        }
    }

    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Refused(refused) => refused.en.clone(),
            Self::Fault { .. } => "an internal fault".to_owned(),
            Self::Unavailable { .. } => "not available now, try again later".to_owned(),
            Self::Moved { .. }
            | Self::Conflict(_)
            | Self::CommandAltered { .. }
            | Self::NotFound { .. }
            | Self::Uncertain { .. }
            | Self::TooLarge { .. } => self.to_string(),
        }
    }

    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refused) => refused.field,
            _ => None,
        }
    }

    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Refused(refused) => refused.params.clone(),
            Self::Moved { stream, expected, actual } => vec![
                ("stream", stream.to_string()),
                ("expected", expected.to_string()),
                ("actual", actual.to_string()),
            ],
            Self::NotFound { what, id } => vec![("what", (*what).to_owned()), ("id", id.clone())],
            Self::CommandAltered { id } | Self::Uncertain { id, .. } => {
                vec![("command", id.to_string())]
            }
            Self::Conflict(_)
            | Self::Unavailable { .. }
            | Self::TooLarge { .. }
            | Self::Fault { .. } => Vec::new(),
        }
    }

    /// Whether this is an answer by the rules (data to the caller) and not a fault.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::Moved { .. }
            | Self::Conflict(_)
            | Self::CommandAltered { .. }
            | Self::NotFound { .. }
            | Self::TooLarge { .. } => true,
            Self::Unavailable { .. } | Self::Uncertain { .. } | Self::Fault { .. } => false,
        }
    }

    /// Whether asking again with the same command id may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Uncertain { .. } | Self::Unavailable { retryable: true, .. })
    }

    pub(crate) fn fault(what: impl ToString) -> Self {
        Self::Fault { what: what.to_string() }
    }

    pub(crate) fn of_append(error: AppendError, id: Uuid) -> Self {
        match error {
            AppendError::Conflict(conflicts) => Self::Conflict(conflicts),
            AppendError::CommandAltered { id } => Self::CommandAltered { id },
            AppendError::TooLarge { .. } => Self::TooLarge { what: error.to_string() },
            AppendError::Uncertain(what) => Self::Uncertain { id, what },
            AppendError::Unavailable(what) => Self::Unavailable { what, retryable: true },
            AppendError::ReadOnly(_) | AppendError::Fenced { .. } => {
                Self::Unavailable { what: error.to_string(), retryable: false }
            }
            AppendError::EventIdTaken { .. } | AppendError::Twice { .. } => Self::fault(error),
        }
    }
}

impl<E: Refusal> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Refused(Box::new(Refused {
            code: error.code(),
            zh: error.zh(),
            en: error.en(),
            field: error.field(),
            params: error.params(),
        }))
    }
}

impl From<Refused> for CommandError {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<ReadError> for CommandError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(what) => Self::Unavailable { what, retryable: true },
            ReadError::Damaged { .. } => Self::fault(error),
        }
    }
}

impl From<DecodeError> for CommandError {
    fn from(error: DecodeError) -> Self {
        Self::fault(error)
    }
}

impl From<KeyFault> for CommandError {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Unavailable(what) => Self::Unavailable { what, retryable: true },
            KeyFault::Erased { subject } => Refused::new(
                "SUBJECT_ERASED",
                "该对象的个人信息已依法删除",
                "the personal data of this subject was erased",
            )
            .param("subject", subject)
            .into(),
            KeyFault::Broken(_) => Self::fault(fault),
        }
    }
}

impl From<ArtefactFault> for CommandError {
    fn from(fault: ArtefactFault) -> Self {
        match fault {
            ArtefactFault::Absent(id) => Self::NotFound { what: "artefact", id: id.to_string() },
            ArtefactFault::TooLarge { .. } => Self::TooLarge { what: fault.to_string() },
            ArtefactFault::Unavailable(what) => Self::Unavailable { what, retryable: true },
            ArtefactFault::Damaged { .. } => Self::fault(fault),
        }
    }
}

impl<E> Refusal for kernel::register::Refused<E>
where
    E: Refusal,
{
    fn code(&self) -> &'static str {
        match self {
            Self::Registered => "ENTRY_REGISTERED",
            Self::Unknown => "ENTRY_UNKNOWN",
            Self::Closed => "ENTRY_CLOSED",
            Self::NoReason => "REASON_MISSING",
            Self::Invalid(error) => error.code(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Registered => "该条目已登记".to_owned(),
            Self::Unknown => "该条目不存在".to_owned(),
            Self::Closed => "该条目已关闭".to_owned(),
            Self::NoReason => "关闭须填写原因".to_owned(),
            Self::Invalid(error) => error.zh(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoReason => Some("reason"),
            Self::Invalid(error) => error.field(),
            Self::Registered | Self::Unknown | Self::Closed => None,
        }
    }
}

impl Refusal for kernel::timer::Error {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadySet => "TIMER_SET",
            Self::Unset => "TIMER_UNSET",
            Self::Over => "TIMER_OVER",
            Self::TooEarly { .. } => "TIMER_EARLY",
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::AlreadySet => "定时已设置".to_owned(),
            Self::Unset => "定时未设置".to_owned(),
            Self::Over => "定时已结束".to_owned(),
            Self::TooEarly { due, .. } => format!("未到时间：{due}"),
        }
    }
}
