//! Organisations and the cells of the grid.

use async_graphql::{ComplexObject, Context, ID, Object, Result};
use projections::employers::{self, GridRow, OrganisationRow};

use super::words::OrganisationKind;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::coded;
use crate::personal::{Mask, shown};
use crate::request::request;
use crate::scalars::{DivisionCode, Long, Position};
use crate::view::view;

/// More entries than a city has.
const LIST_MAX: u32 = 2_000;

view! {
    /// 机构 / An agency, bank, school or training body.
    struct Organisation of row: OrganisationRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Organisation.id(row.organisation),
        /// 名称 / Its name.
        name: String = row.name.clone(),
        /// 区县 / Its county.
        county: DivisionCode = row.county.into(),
        /// 类型 / What sort.
        kind: OrganisationKind = OrganisationKind::stored(row.sort.code()),
        /// 经办机构代码 / Its code, if it is an agency.
        agency: Option<String> = row.agency.map(|agency| agency.to_string()),
        /// 银行代码 / Its code, if it is a bank.
        bank: Option<String> = row.bank.map(|bank| bank.to_string()),
        /// 是否有效 / Whether it is open.
        open: bool = row.open,
        /// 关闭原因 / Why it was closed.
        close_reason: Option<String> = row.close_reason.clone(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

view! {
    /// 网格 / A cell of the grid.
    complex struct Grid of row: GridRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Grid.id(row.grid),
        /// 名称 / Its name.
        name: String = row.name.clone(),
        /// 行政区划 / Its division.
        division: DivisionCode = row.division.into(),
        /// 上级网格 / The cell above it.
        parent_id: Option<ID> = row.parent.map(|parent| Kind::Grid.id(parent)),
        /// 所属机构 / The organisation that it belongs to.
        organisation_id: Option<ID> = row.organisation.map(|id| Kind::Organisation.id(id)),
        /// 是否有效 / Whether it is open.
        open: bool = row.open,
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

#[ComplexObject]
impl Grid {
    /// 网格员姓名；无权时为掩码 / Who looks after it; masked without the right to it.
    async fn head_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.head_name else { return Ok(None) };
        Ok(shown(ctx, self.row.grid.uuid(), sealed, "grid.head", Mask::Name).await?)
    }

    /// 网格员电话；无权时为掩码 / How he is reached; masked without the right to it.
    async fn head_phone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.head_phone else { return Ok(None) };
        Ok(shown(ctx, self.row.grid.uuid(), sealed, "grid.head", Mask::Phone).await?)
    }
}

#[derive(Default)]
pub struct ListQuery;

#[Object]
impl ListQuery {
    /// 各机构 / Organisations.
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "类型 / Of this sort.")] kind: Option<OrganisationKind>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Organisation>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let kind = kind.map(|kind| coded(kind.code(), "机构类型", "a sort")).transpose()?;
        let rows = employers::organisations(&session, &request.scope, kind, None, LIST_MAX);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(Organisation::from).collect()))
    }

    /// 某行政区划内的网格 / Cells of the grid within a division.
    async fn grids(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "行政区划（含下级） / Within this division.")] within: DivisionCode,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Grid>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let within = Some(within.0);
        let rows = employers::grids(&session, &request.scope, within, None, LIST_MAX);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(Grid::from).collect()))
    }
}
