//! Employing units.

use async_graphql::{ComplexObject, Context, ID, Object, Result};
use projections::employers::{self, EmployerRow};

use super::words::{EmployerKind, EmployerState, word};
use crate::cards::PayAddress;
use crate::conditions::filter;
use crate::connection::{self, By, Paging, connection};
use crate::global_id::Kind;
use crate::personal::{Mask, shown};
use crate::request::request;
use crate::scalars::{Date, DivisionCode, Long, Position};
use crate::scratch::{AsOfInput, entity};
use crate::view::{Viewed, int, view};

view! {
    /// 单位 / An employing unit.
    complex struct Employer of row: EmployerRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Employer.id(row.employer),
        /// 统一社会信用代码；虚拟单位没有 / The credit code; a virtual unit has none.
        credit_code: Option<String> = row.code.map(|code| code.to_string()),
        /// 虚拟单位用途 / What a virtual unit is for.
        purpose: Option<String> = row.purpose.clone(),
        /// 名称 / Its name.
        name: String = row.name.clone(),
        /// 类型 / What sort.
        kind: EmployerKind = EmployerKind::stored(&word(&row.kind)),
        /// 区县 / Its county.
        county: DivisionCode = row.county.into(),
        /// 行业 / Its industry.
        industry: Option<String> = row.industry.clone(),
        /// 地址 / Its address.
        address: Option<String> = row.address.clone(),
        /// 状态 / How it stands.
        state: EmployerState = EmployerState::stored(row.state.code()),
        /// 已并入 / The unit that it was merged into.
        merged_into_id: Option<ID> = row.merged_into.map(|into| Kind::Employer.id(into)),
        /// 并入的单位数 / How many units were merged into it.
        absorbed: i32 = int(row.absorbed),
        /// 登记日期 / When it was registered.
        registered_on: Date = row.registered_on.into(),
        /// 终止日期 / When it ended.
        ended_on: Option<Date> = row.ended_on.map(Date),
        /// 终止原因 / Why it ended.
        end_reason: Option<String> = row.end_reason.clone(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

connection!("单位", "employers": EmployerConnection EmployerEdge of Employer);

#[ComplexObject]
impl Employer {
    /// 法定代表人；无权时为掩码 / The legal representative; masked without the right to it.
    async fn legal_representative(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.legal_representative else { return Ok(None) };
        let subject = self.row.employer.uuid();
        Ok(shown(ctx, subject, sealed, "employer.representative", Mask::Name).await?)
    }

    /// 联系方式；无权时为掩码 / How it is reached; masked without the right to it.
    async fn contact(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.contact else { return Ok(None) };
        let subject = self.row.employer.uuid();
        Ok(shown(ctx, subject, sealed, "employer.contact", Mask::Phone).await?)
    }

    /// 发放账户 / The places that it is paid to.
    async fn pay_addresses(&self, ctx: &Context<'_>) -> Result<Vec<PayAddress>> {
        self.present_only(request(ctx))?;
        Ok(crate::cards::addresses_of(ctx, self.row.employer.uuid()).await?)
    }
}

filter! {
    /// 单位条件 / Which employers.
    EmployerWhere {
        /// 统一社会信用代码 / Of this credit code.
        credit_code: String => |code| Only::equal("code", code),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 类型 / Of this sort.
        kind: EmployerKind => |kind| Only::equal("kind", &kind.code().to_owned()),
        /// 状态 / Standing so.
        state: EmployerState => |state| Only::equal("state", &state.code().to_owned()),
    }
}

#[derive(Default)]
pub struct EmployerQuery;

#[Object]
impl EmployerQuery {
    /// 单位 / An employer.
    async fn employer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Employer>> {
        let _ = at_least;
        entity!(
            ctx,
            EmployerRow,
            Employer,
            employers::Employers,
            Kind::Employer,
            "employer",
            id,
            as_of
        )
    }

    /// 各单位 / Employers.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn employers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which employers.")] r#where: Option<EmployerWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<EmployerConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("employer")];
        let page = connection::page::<EmployerRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<EmployerRow>(request, session, only);
        Ok(Some(EmployerConnection::new(page, total)))
    }
}
