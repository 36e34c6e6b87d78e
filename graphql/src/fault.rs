//! Faults: what stands in the top-level `errors`, with a published code. Refusals are data.

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextSubscribe,
};
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Error, ErrorExtensionValues, Response, ServerError, Value};
use commands::access::AccessError;
use commands::disbursement::FactsFault;
use commands::{ArtefactFault, CommandError, KeyFault, Language};
use futures_util::StreamExt;
use kernel::Identity;
use kernel::log::ReadError;
use kernel::stream::TokenError;
use projections::engine::{NotReached, ViewError};
use std::sync::Arc;

use crate::codes;
use crate::request::Request;

/// Neither `Display` nor `Error`: its words depend on the caller's language and are set last.
#[derive(Debug, Clone)]
pub struct Fault {
    code: &'static str,
    /// Added to the code's text, as `zh / en` or in neither language.
    detail: String,
    retryable: Option<bool>,
    more: Vec<(&'static str, Value)>,
}

impl Fault {
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retryable: None, more: Vec::new() }
    }

    pub fn bad_input(detail: impl Into<String>) -> Self {
        Self::new("BAD_INPUT", detail)
    }

    /// For what the caller cannot help; the text goes to the log only.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!(%what, "a resolver failed");
        Self::new("INTERNAL", "")
    }

    pub fn not_prepared(nearest: &crate::scalars::Position) -> Self {
        let mut fault = Self::new("AS_OF_NOT_PREPARED", "");
        fault.more.push(("nearest", Value::from(nearest.0.to_string())));
        fault.more.push(("job", Value::Null));
        fault
    }

    pub fn not_reached(missing: &NotReached, here: Identity) -> Self {
        let mut fault = Self::new("NOT_REACHED", "");
        fault.more.push(("reached", Value::from(here.token(missing.reached).to_string())));
        if let Some(blocker) = &missing.blocker {
            fault.more.push(("blocker", Value::from(blocker.view.clone())));
        }
        fault
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let mut values = ErrorExtensionValues::default();
        values.set("code", fault.code);
        if let Some(retryable) = fault.retryable {
            values.set("retryable", retryable);
        }
        for (name, value) in fault.more {
            values.set(name, value);
        }
        Error { message: fault.detail, source: None, extensions: Some(values) }
    }
}

impl From<ViewError> for Fault {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::NotReady { view } => Self::new("VIEW_NOT_READY", view),
            ViewError::Store(source) => Self::internal(source),
            ViewError::Shape(source) => Self::internal(source),
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(_) => Self::new("UNAVAILABLE", ""),
            ReadError::Damaged { .. } => Self::internal(error),
        }
    }
}

impl From<KeyFault> for Fault {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Unavailable(_) => Self::new("UNAVAILABLE", ""),
            KeyFault::Erased { .. } => Self::new("SUBJECT_ERASED", ""),
            KeyFault::Broken(_) => Self::internal(fault),
        }
    }
}

impl From<ArtefactFault> for Fault {
    fn from(fault: ArtefactFault) -> Self {
        match fault {
            ArtefactFault::Absent(id) => Self::new("ARTEFACT_ABSENT", id.to_string()),
            ArtefactFault::TooLarge { .. } => Self::new("FILE_TOO_LARGE", ""),
            ArtefactFault::Unavailable(_) => Self::new("UNAVAILABLE", ""),
            ArtefactFault::Damaged { .. } => Self::internal(fault),
        }
    }
}

impl From<FactsFault> for Fault {
    fn from(fault: FactsFault) -> Self {
        match fault {
            FactsFault::NotReached { .. } => Self::new("NOT_REACHED", ""),
            FactsFault::Unavailable(_) => Self::new("UNAVAILABLE", ""),
        }
    }
}

/// Without a record nothing is shown.
impl From<AccessError> for Fault {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotRecorded(source) => {
                tracing::error!(%source, "the access log takes no record");
                Self::new("ACCESS_NOT_RECORDED", "")
            }
            AccessError::Unreadable(source) => source.into(),
            AccessError::Shape(source) => Self::internal(source),
        }
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Malformed => Self::bad_input(error.to_string()),
            TokenError::OtherLog { .. } | TokenError::OtherEpoch { .. } => {
                Self::new("POSITION_OF_OTHER_EPOCH", error.to_string())
            }
        }
    }
}

impl From<kernel::DecodeError> for Fault {
    fn from(error: kernel::DecodeError) -> Self {
        Self::internal(error)
    }
}

/// Of a command's error that is no refusal.
impl From<CommandError> for Fault {
    fn from(error: CommandError) -> Self {
        let retryable = error.is_retryable();
        let mut fault = match &error {
            CommandError::Unavailable { .. } => Self::new("UNAVAILABLE", ""),
            CommandError::Uncertain { .. } => Self::new("OUTCOME_UNKNOWN", ""),
            CommandError::Refused(_)
            | CommandError::Moved { .. }
            | CommandError::Conflict(_)
            | CommandError::CommandAltered { .. }
            | CommandError::NotFound { .. }
            | CommandError::TooLarge { .. }
            | CommandError::Fault { .. } => Self::internal(&error),
        };
        fault.retryable = Some(retryable);
        fault
    }
}

/// Gives every coded error its words in the caller's language.
pub struct Words;

impl ExtensionFactory for Words {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Words {
    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let language = language(ctx);
        next.run(ctx, stream)
            .map(move |mut response| {
                put_in_words(&mut response.errors, language);
                response
            })
            .boxed()
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        put_in_words(&mut response.errors, language(ctx));
        response
    }
}

fn language(ctx: &ExtensionContext<'_>) -> Language {
    ctx.data::<Request>().map_or(Language::Zh, |request| request.language)
}

fn put_in_words(errors: &mut [ServerError], language: Language) {
    for error in errors {
        let code = error.extensions.as_ref().and_then(|values| values.get("code"));
        let Some(Value::String(code)) = code else { continue };
        let Some(text) = codes::fault_text(code, language) else { continue };
        // A subscription's answer passes both hooks.
        if error.message.starts_with(text) {
            continue;
        }
        error.message = match (error.message.is_empty(), language) {
            (true, _) => text.to_owned(),
            (false, Language::Zh) => format!("{text}：{}", error.message),
            (false, Language::En) => format!("{text}: {}", error.message),
        };
    }
}
