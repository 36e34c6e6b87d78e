//! List entries: organisations, divisions and grid cells are registered, changed, closed.

use async_graphql::{ID, InputObject};
use commands::personal::Clear;
use commands::registry::{Close, GridDetails, GridHead, PutDivision, PutGrid, PutOrganisation};
use projections::employers::{GridRow, OrganisationRow};
use projections::{ReadSession, lists};
use registry::division::Division as DivisionEntry;
use registry::organisation::{Kind as Sort, Organisation as Entry};
use shared::{GridId, OrganisationId};

use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::words::OrganisationKind;
use crate::registry::{Grid, Organisation};
use crate::request::Request;
use crate::scalars::{Date, DivisionCode};

/// 机构信息 / What is listed of an organisation.
#[derive(Clone, InputObject)]
pub struct OrganisationEntryInput {
    /// 名称 / Its name.
    name: String,
    /// 区县 / Its county.
    county: DivisionCode,
    /// 类型 / What sort.
    kind: OrganisationKind,
    /// 经办机构或银行代码 / The code of an agency or bank.
    code: Option<String>,
}

/// 网格信息 / What is listed of a grid cell.
#[derive(Clone, InputObject)]
pub struct GridEntryInput {
    /// 名称 / Its name.
    name: String,
    /// 行政区划 / Its division.
    division: DivisionCode,
    /// 上级网格 / The cell above it.
    parent_id: Option<ID>,
    /// 所属机构 / The organisation that it belongs to.
    organisation_id: Option<ID>,
    /// 网格员姓名 / Who looks after it.
    head_name: Option<String>,
    /// 网格员电话 / How he is reached.
    head_phone: Option<String>,
}

impl OrganisationEntryInput {
    fn entry(self) -> Result<Entry, Fault> {
        let code = self.code.as_deref().unwrap_or_default();
        let kind = match self.kind {
            OrganisationKind::Agency => {
                Sort::Agency { agency: coded(code, "经办机构代码", "the code of an agency")? }
            }
            OrganisationKind::Bank => {
                Sort::Bank { bank: coded(code, "银行代码", "the code of a bank")? }
            }
            OrganisationKind::Outlet => Sort::Outlet,
            OrganisationKind::School => Sort::School,
            OrganisationKind::Training => Sort::Training,
            OrganisationKind::Hospital => Sort::Hospital,
            OrganisationKind::Other => Sort::Other,
        };
        Ok(Entry { name: self.name, county: self.county.0, kind })
    }
}

impl GridEntryInput {
    fn details(self) -> Result<GridDetails, Fault> {
        let head = match (self.head_name, self.head_phone) {
            (None, None) => None,
            (name, phone) => Some(GridHead {
                name: Clear::from(name.unwrap_or_default()),
                phone: Clear::from(phone.unwrap_or_default()),
            }),
        };
        Ok(GridDetails {
            name: self.name,
            division: self.division.0,
            parent: self.parent_id.map(|id| Kind::Grid.parse(&id)).transpose()?,
            organisation: self
                .organisation_id
                .map(|id| Kind::Organisation.parse(&id))
                .transpose()?,
            head,
        })
    }
}

inputs! {
    /// 登记机构 / Registers an organisation.
    OrganisationRegisterInput {
        /// 机构信息 / What is listed of it.
        entry: OrganisationEntryInput,
    }
    /// 变更机构 / Changes an organisation.
    OrganisationChangeInput {
        /// 机构 / The organisation.
        organisation_id: ID,
        /// 机构信息 / What is listed of it.
        entry: OrganisationEntryInput,
    }
    /// 关闭机构 / Closes an organisation.
    OrganisationCloseInput {
        /// 机构 / The organisation.
        organisation_id: ID,
        /// 原因 / Why.
        reason: String,
    }
    /// 登记行政区划 / Registers a division.
    DivisionRegisterInput {
        /// 代码 / Its code.
        code: DivisionCode,
        /// 名称 / Its name.
        name: String,
        /// 上级 / The division above it.
        parent: Option<DivisionCode>,
        /// 启用日期 / From this day.
        valid_from: Date,
    }
    /// 变更行政区划 / Changes a division.
    DivisionChangeInput {
        /// 代码 / Its code.
        code: DivisionCode,
        /// 名称 / Its name.
        name: String,
        /// 上级 / The division above it.
        parent: Option<DivisionCode>,
        /// 启用日期 / From this day.
        valid_from: Date,
    }
    /// 关闭行政区划 / Closes a division.
    DivisionCloseInput {
        /// 代码 / Its code.
        code: DivisionCode,
        /// 原因 / Why.
        reason: String,
    }
    /// 登记网格 / Registers a grid cell.
    GridRegisterInput {
        /// 网格信息 / What is listed of it.
        entry: GridEntryInput,
    }
    /// 变更网格 / Changes a grid cell.
    GridChangeInput {
        /// 网格 / The cell.
        grid_id: ID,
        /// 网格信息 / What is listed of it.
        entry: GridEntryInput,
    }
    /// 关闭网格 / Closes a grid cell.
    GridCloseInput {
        /// 网格 / The cell.
        grid_id: ID,
        /// 原因 / Why.
        reason: String,
    }
}

fn organisation(
    request: &Request,
    session: &ReadSession,
    id: &OrganisationId,
) -> Result<Option<Organisation>, Fault> {
    let row = lists::one::<OrganisationRow>(session, &request.scope, id)?;
    Ok(row.map(Organisation::from))
}

fn grid(request: &Request, session: &ReadSession, id: &GridId) -> Result<Option<Grid>, Fault> {
    Ok(lists::one::<GridRow>(session, &request.scope, id)?.map(Grid::from))
}

payloads! {
    /// 登记机构的结果 / What came of a registration.
    OrganisationRegisterPayload(OrganisationId) {
        /// 机构 / The organisation.
        organisation: Organisation = organisation,
    }
    /// 变更机构的结果 / What came of a change.
    OrganisationChangePayload(OrganisationId) {
        /// 机构 / The organisation.
        organisation: Organisation = organisation,
    }
    /// 关闭机构的结果 / What came of closing.
    OrganisationClosePayload(OrganisationId) {
        /// 机构 / The organisation.
        organisation: Organisation = organisation,
    }
    /// 登记行政区划的结果 / What came of a registration.
    DivisionRegisterPayload(shared::DivisionCode) {
        ;
        /// 代码 / Its code.
        code: DivisionCode => |code| DivisionCode(*code),
    }
    /// 变更行政区划的结果 / What came of a change.
    DivisionChangePayload(shared::DivisionCode) {
        ;
        /// 代码 / Its code.
        code: DivisionCode => |code| DivisionCode(*code),
    }
    /// 关闭行政区划的结果 / What came of closing.
    DivisionClosePayload(shared::DivisionCode) {
        ;
        /// 代码 / Its code.
        code: DivisionCode => |code| DivisionCode(*code),
    }
    /// 登记网格的结果 / What came of a registration.
    GridRegisterPayload(GridId) {
        /// 网格 / The cell.
        grid: Grid = grid,
    }
    /// 变更网格的结果 / What came of a change.
    GridChangePayload(GridId) {
        /// 网格 / The cell.
        grid: Grid = grid,
    }
    /// 关闭网格的结果 / What came of closing.
    GridClosePayload(GridId) {
        /// 网格 / The cell.
        grid: Grid = grid,
    }
}

mutations! { ListMutation {
    /// 登记机构 / Registers an organisation.
    organisation_register(OrganisationRegisterInput) -> OrganisationRegisterPayload
        = |app, envelope, input| {
        let asked = PutOrganisation { organisation: None, entry: input.entry.entry()? };
        app.registry.register_organisation(envelope, &asked).await
    },
    /// 变更机构 / Changes an organisation.
    organisation_change(OrganisationChangeInput) -> OrganisationChangePayload
        = |app, envelope, input| {
        let organisation = Some(Kind::Organisation.parse(&input.organisation_id)?);
        let asked = PutOrganisation { organisation, entry: input.entry.entry()? };
        app.registry.change_organisation(envelope, &asked).await
    },
    /// 关闭机构 / Closes an organisation.
    organisation_close(OrganisationCloseInput) -> OrganisationClosePayload
        = |app, envelope, input| {
        let id = Kind::Organisation.parse(&input.organisation_id)?;
        let asked = Close { id, reason: input.reason };
        app.registry.close_organisation(envelope, &asked).await
    },
    /// 登记行政区划 / Registers a division.
    division_register(DivisionRegisterInput) -> DivisionRegisterPayload
        = |app, envelope, input| {
        let entry = DivisionEntry {
            code: input.code.0,
            name: input.name,
            parent: input.parent.map(|parent| parent.0),
            valid_from: input.valid_from.0,
        };
        app.registry.register_division(envelope, &PutDivision { entry }).await
    },
    /// 变更行政区划 / Changes a division.
    division_change(DivisionChangeInput) -> DivisionChangePayload = |app, envelope, input| {
        let entry = DivisionEntry {
            code: input.code.0,
            name: input.name,
            parent: input.parent.map(|parent| parent.0),
            valid_from: input.valid_from.0,
        };
        app.registry.change_division(envelope, &PutDivision { entry }).await
    },
    /// 关闭行政区划 / Closes a division.
    division_close(DivisionCloseInput) -> DivisionClosePayload = |app, envelope, input| {
        let asked = Close { id: input.code.0, reason: input.reason };
        app.registry.close_division(envelope, &asked).await
    },
    /// 登记网格 / Registers a grid cell.
    grid_register(GridRegisterInput) -> GridRegisterPayload = |app, envelope, input| {
        let asked = PutGrid { grid: None, entry: input.entry.details()? };
        app.registry.register_grid(envelope, &asked).await
    },
    /// 变更网格 / Changes a grid cell.
    grid_change(GridChangeInput) -> GridChangePayload = |app, envelope, input| {
        let grid = Some(Kind::Grid.parse(&input.grid_id)?);
        let asked = PutGrid { grid, entry: input.entry.details()? };
        app.registry.change_grid(envelope, &asked).await
    },
    /// 关闭网格 / Closes a grid cell.
    grid_close(GridCloseInput) -> GridClosePayload = |app, envelope, input| {
        let asked = Close { id: Kind::Grid.parse(&input.grid_id)?, reason: input.reason };
        app.registry.close_grid(envelope, &asked).await
    },
} }
