//! What a command answers: its result, or why a rule refused it, and the position it reached.

use async_graphql::{ID, InputObject, SimpleObject};
use commands::{CommandError, Done, Envelope, Language, Planned};
use kernel::{Position, Revision};
use uuid::Uuid;

use crate::codes::{ErrorCode, code_of};
use crate::fault::Fault;
use crate::request::Request;
use crate::scalars::{Date, Long};

/// What stands in the input of every command.
#[derive(Debug, Clone, InputObject)]
pub struct CommandInput {
    /// 操作编号（UUID），重试时不变 / The command's id (a UUID), the same when it is sent again.
    pub command_id: ID,
    /// 所见版本；给出后数据已变动即拒绝 / The revision that was seen: given, nothing is decided anew.
    pub if_revision: Option<Long>,
    /// 只试算不登记 / Decide and write nothing.
    #[graphql(default)]
    pub dry_run: bool,
    /// 业务日期，默认当前营业日 / The day on which it is true; the open business day unless given.
    pub business_date: Option<Date>,
}

impl CommandInput {
    /// # Errors
    /// `BAD_INPUT` for a command id that is no UUID.
    pub fn envelope(&self, request: &Request) -> Result<Envelope, Fault> {
        let id = Uuid::try_parse(&self.command_id.0)
            .map_err(|_| Fault::bad_input("commandId 须为 UUID / commandId is a UUID"))?;
        let mut envelope = Envelope::new(id, &request.scope.actor);
        envelope.client.clone_from(&request.client);
        envelope.business_date = self.business_date.map(|date| date.0);
        envelope.if_revision = self.if_revision.map(|revision| Revision(revision.0));
        envelope.dry_run = self.dry_run;
        envelope.language = request.language;
        Ok(envelope)
    }
}

/// 业务规则的拒绝 / A rule said no.
#[derive(Debug, Clone, SimpleObject)]
pub struct DomainError {
    /// 代码；未列入本模式的规则为 REFUSED / The code; REFUSED for a rule newer than this schema.
    pub code: ErrorCode,
    /// 规则的确切代码 / The rule's exact code.
    pub rule: String,
    /// 输入中的位置 / The place in the input.
    pub field: Option<Vec<String>>,
    /// 说明，按调用者的语言 / What it says, in the caller's language.
    pub message: String,
    /// 怎么办 / What to do.
    pub action: String,
    /// 说明中的事实 / The facts of the message.
    pub params: Vec<ErrorParam>,
}

/// 说明中的一项事实 / One fact of a message.
#[derive(Debug, Clone, SimpleObject)]
pub struct ErrorParam {
    /// 名称 / Its name.
    pub name: String,
    /// 值 / Its value.
    pub value: String,
}

/// 一条将写入或已写入的事件 / An event that was or would be written.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlannedEvent {
    /// 事件流 / Its stream.
    pub stream: String,
    /// 事件类型 / Its type.
    pub event_type: String,
}

impl From<&Planned> for PlannedEvent {
    fn from(planned: &Planned) -> Self {
        Self { stream: planned.stream.to_string(), event_type: planned.type_name.to_owned() }
    }
}

/// How a command ended, as a payload holds it.
pub struct Outcome<R> {
    pub result: Option<R>,
    pub errors: Vec<DomainError>,
    pub position: Option<Position>,
    pub replayed: bool,
    pub planned: Vec<PlannedEvent>,
    /// Nothing was written: there is nothing to read behind it.
    pub dry_run: bool,
}

impl<R> Outcome<R> {
    /// A refusal becomes data, everything else a fault.
    ///
    /// # Errors
    /// See [`CommandError`]: what is no refusal.
    pub fn of(request: &Request, done: Result<Done<R>, CommandError>) -> Result<Self, Fault> {
        match done {
            Ok(done) => {
                request.state.counts.command("OK");
                request.state.counts.log_writable(true);
                request.shows(done.position);
                Ok(Self {
                    result: Some(done.result),
                    errors: Vec::new(),
                    position: Some(done.position),
                    replayed: done.replayed,
                    planned: done.planned.iter().map(PlannedEvent::from).collect(),
                    dry_run: done.dry_run,
                })
            }
            Err(error) => {
                request.state.counts.command(error.code());
                if let CommandError::Unavailable { retryable: false, .. } = error {
                    request.state.counts.log_writable(false);
                }
                if !error.is_refusal() {
                    return Err(error.into());
                }
                Ok(Self::refused(vec![DomainError::of(&error, request.language)]))
            }
        }
    }

    pub fn refused(errors: Vec<DomainError>) -> Self {
        Self {
            result: None,
            errors,
            position: None,
            replayed: false,
            planned: Vec::new(),
            dry_run: false,
        }
    }

    /// The result, where it can be read back.
    pub fn written(&self) -> Option<(&R, Position)> {
        match (&self.result, self.position) {
            (Some(result), Some(position)) if !self.dry_run => Some((result, position)),
            _ => None,
        }
    }
}

impl DomainError {
    pub fn of(error: &CommandError, language: Language) -> Self {
        let (code, action) = code_of(error.code(), language);
        let params = error.params().into_iter();
        Self {
            code,
            rule: error.code().to_owned(),
            field: error.field().map(|field| {
                let path = ["input"].into_iter().chain(field.split('.'));
                path.map(str::to_owned).collect()
            }),
            message: error.message(language),
            action: action.to_owned(),
            params: params
                .map(|(name, value)| ErrorParam { name: name.to_owned(), value })
                .collect(),
        }
    }
}

/// Declares payloads: what the command's result is in Rust, and the fields that show it.
///
/// `payload! { /// doc \n PlanSubmitPayload(String) { /// doc \n plan: Plan = load_plan, } }` where
/// `load_plan` is `async fn(&Request, &ReadSession, &String) -> Result<Option<Plan>, Fault>`; a field
/// written `lines: i32 => |result| …` is computed from the result alone.
macro_rules! payloads {
    ($(
        $(#[$meta:meta])*
        $name:ident($result:ty) {
            $($(#[$node_meta:meta])* $node:ident: $node_type:ty = $load:path,)*
            $(; $($(#[$field_meta:meta])* $field:ident: $type:ty => $value:expr,)*)?
        }
    )*) => {$(
        pub struct $name(pub $crate::outcome::Outcome<$result>);

        $(#[$meta])*
        #[async_graphql::Object]
        impl $name {
            $($(#[$node_meta])*
            async fn $node(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::Result<Option<$node_type>> {
                let Some((result, position)) = self.0.written() else { return Ok(None) };
                let request = $crate::request::request(ctx);
                let session = request.session_behind(position).await?;
                Ok($load(request, &session, result)?)
            })*

            $($($(#[$field_meta])*
            async fn $field(&self) -> Option<$type> {
                let value: fn(&$result) -> $type = $value;
                self.0.result.as_ref().map(value)
            })*)?

            /// 规则的拒绝；为空即已办理 / Why a rule refused it; empty where it was carried out.
            async fn errors(&self) -> &[$crate::outcome::DomainError] {
                &self.0.errors
            }

            /// 办理到达的日志位置 / The position that it reached.
            async fn position(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> Option<$crate::scalars::Position> {
                let position = self.0.position?;
                Some($crate::request::request(ctx).token(position))
            }

            /// 同一操作早已办理，此为首次结果 / It was carried out before: this is the first result.
            async fn replayed(&self) -> bool {
                self.0.replayed
            }

            /// 写入或将写入的事件 / What was, or in a dry run would be, written.
            async fn planned(&self) -> &[$crate::outcome::PlannedEvent] {
                &self.0.planned
            }
        }
    )*};
}

/// Declares the inputs of commands: `inputs! { /// doc \n PlanSubmitInput { /// doc \n plan: ID, } }`.
macro_rules! inputs {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, async_graphql::InputObject)]
        pub struct $name {
            #[graphql(flatten)]
            pub command: $crate::outcome::CommandInput,
            $($(#[$field_meta])* pub $field: $type,)*
        }
    )*};
}

pub(crate) use {inputs, payloads};

/// Declares a root of mutations, each one command:
/// `mutations! { PersonMutation { /// doc \n person_register(In) -> Out = |app, envelope, input| … } }`
/// where the body is the command's end, `Result<Done<_>, CommandError>`, and may use `?` on faults.
macro_rules! mutations {
    (
        $root:ident { $(
            $(#[$meta:meta])*
            $name:ident($input:ty) -> $payload:ident
                = |$app:ident, $envelope:ident, $asked:ident| $body:expr,
        )* }
    ) => {
        #[derive(Default)]
        pub struct $root;

        #[async_graphql::Object]
        impl $root {
            $($(#[$meta])*
            async fn $name(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "输入 / What is asked.")] input: $input,
            ) -> async_graphql::Result<$payload> {
                let request = $crate::request::request(ctx);
                let ($app, $asked) = (request.app(), input);
                let $envelope = &$asked.command.envelope(request)?;
                let done = $body;
                Ok($payload($crate::outcome::Outcome::of(request, done)?))
            })*
        }
    };
}

pub(crate) use mutations;

/// A code of one of the closed or checked sorts.
///
/// # Errors
/// `BAD_INPUT` where it is none.
pub fn coded<T: std::str::FromStr>(text: &str, zh: &str, en: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::bad_input(format!("{zh}不正确 / not {en}")))
}
