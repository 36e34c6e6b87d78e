//! Definitions are published and retired.

use async_graphql::{Context, Object, Result};
use commands::rulebook::{Publish, PublishedVersion, Retire};
use commands::{CommandError, Done};

use crate::outcome::{Outcome, inputs, payloads};
use crate::request::request;
use crate::scalars::Date;
use crate::view::int;

inputs! {
    /// 发布定义 / Publishes a file of definitions.
    DefinitionPublishInput {
        /// 文件名，用于报错 / The file's name, for mistakes.
        file_name: String,
        /// 内容（TOML） / Its text, as TOML.
        text: String,
        /// 生效日 / The first business date on which it holds.
        holds_from: Date,
        /// 批准人，非经办人本人 / Who approved it: not the acting person.
        approver: String,
        /// 早于前一版本生效的原因 / Why, when it holds from before the version that it follows.
        reason: Option<String>,
    }

    /// 停用定义 / Retires a definition.
    DefinitionRetireInput {
        /// 种类 / Its kind.
        kind: String,
        /// 编号 / Its id within the kind.
        code: String,
        /// 停用日 / The first business date on which it no longer holds.
        retired_from: Date,
        /// 批准人，非经办人本人 / Who approved it: not the acting person.
        approver: String,
        /// 原因 / Why.
        reason: String,
    }
}

/// 已发布的一个版本 / A version that was published.
#[derive(Debug, Clone, async_graphql::SimpleObject)]
pub struct PublishedDefinition {
    /// 种类 / Its kind.
    kind: String,
    /// 编号 / Its id within the kind.
    code: String,
    /// 版本 / Its version.
    version: i32,
}

payloads! {
    /// 发布定义的结果 / What came of publishing.
    DefinitionPublishPayload(Vec<PublishedVersion>) {
        ;
        /// 发布的各版本 / The versions that are new.
        published: Vec<PublishedDefinition> => |versions| {
            versions.iter().map(PublishedDefinition::from).collect()
        },
    }
    /// 停用定义的结果 / What came of retiring.
    DefinitionRetirePayload(Vec<PublishedVersion>) {
        ;
        /// 已停用 / Whether it is retired.
        retired: bool => |_| true,
    }
}

impl From<&PublishedVersion> for PublishedDefinition {
    fn from(version: &PublishedVersion) -> Self {
        Self { kind: version.kind.clone(), code: version.id.clone(), version: int(version.version) }
    }
}

#[derive(Default)]
pub struct DefinitionMutation;

#[Object]
impl DefinitionMutation {
    /// 发布定义 / Publishes a file of definitions, all of it or nothing.
    async fn definition_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: DefinitionPublishInput,
    ) -> Result<DefinitionPublishPayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let asked = Publish {
            file: input.file_name,
            text: input.text,
            from: input.holds_from.0,
            approver: input.approver,
            reason: input.reason,
        };
        let done = request.app().rulebook.publish(&envelope, &asked).await;
        let done: std::result::Result<Done<_>, CommandError> = done.map_err(CommandError::from);
        Ok(DefinitionPublishPayload(Outcome::of(request, done)?))
    }

    /// 停用定义 / Retires a definition.
    async fn definition_retire(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: DefinitionRetireInput,
    ) -> Result<DefinitionRetirePayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let asked = Retire {
            kind: input.kind,
            id: input.code,
            from: input.retired_from.0,
            approver: input.approver,
            reason: input.reason,
        };
        let done = request.app().rulebook.retire(&envelope, &asked).await;
        let done: std::result::Result<Done<_>, CommandError> = done.map_err(CommandError::from);
        Ok(DefinitionRetirePayload(Outcome::of(request, done)?))
    }
}
