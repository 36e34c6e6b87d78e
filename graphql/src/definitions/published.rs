//! Every version of every definition, with who published it.

use async_graphql::{Context, ID, Object, Result};
use projections::rulebook::{self, DefinitionRow};

use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Date, DateTime, Position};
use crate::view::{int, view};

view! {
    /// 定义的一个版本 / One version of a definition.
    struct Definition of row: DefinitionRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Definition.id(format_args!("{}/{}/{}", row.kind, row.id, row.version)),
        /// 种类 / Its kind, like item or layout.
        kind: String = row.kind.clone(),
        /// 编号 / Its id within the kind.
        code: String = row.id.clone(),
        /// 版本 / Its version, from 1.
        version: i32 = int(row.version),
        /// 摘要 / The digest of its text.
        digest: String = row.digest.clone(),
        /// 生效日 / The day from which it holds.
        holds_from: Date = row.from_day.into(),
        /// 停用日 / The day from which it is retired.
        retired_from: Option<Date> = row.retired_from.map(Date),
        /// 内容（TOML） / Its text, as TOML.
        body: String = row.body.clone(),
        /// 编制人 / Who wrote it.
        author: String = row.author.clone(),
        /// 批准人 / Who approved it.
        approver: String = row.approver.clone(),
        /// 原因 / Why.
        reason: Option<String> = row.reason.clone(),
        /// 发布时刻 / When it was published.
        published_at: DateTime = row.at.into(),
    }
}

#[derive(Default)]
pub struct DefinitionQuery;

#[Object]
impl DefinitionQuery {
    /// 一项定义的各版本 / The versions of one definition.
    async fn definition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "种类 / Its kind.")] kind: String,
        #[graphql(desc = "编号 / Its id within the kind.")] code: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Definition>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = rulebook::definitions(&session, &request.scope, Some(&kind), Some(&code));
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(Definition::from).collect()))
    }

    /// 某种定义的全部版本 / Every version of every definition of a kind.
    async fn definitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "种类 / Of this kind.")] kind: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Definition>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = rulebook::definitions(&session, &request.scope, Some(&kind), None);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(Definition::from).collect()))
    }
}
