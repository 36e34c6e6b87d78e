//! What the dead were still owed, and who draws it.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use projections::cases::{HeirsDueRow, HeirsRow};

use super::obligation::Obligation;
use super::reads::{HeirsDuesOf, ObligationOf};
use crate::batches::load;
use crate::conditions::filter;
use crate::connection::connection;
use crate::global_id::Kind;
use crate::listing::{lists, order};
use crate::reads::PersonOf;
use crate::registry::Person;
use crate::scalars::{Date, DivisionCode, Long, Money};
use crate::view::{int, view};

view! {
    /// 继承人领取 / What a dead person was still owed, and who draws it.
    complex struct HeirsCase of row: HeirsRow {
        /// 全局编号 / The global id.
        id: ID = Kind::HeirsCase.id(row.deceased),
        /// 死者编号 / The dead person.
        deceased_id: ID = Kind::Person.id(row.deceased),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 死亡日期 / When he died.
        died_on: Date = row.died_on.into(),
        /// 立案日期 / When the case opened.
        opened_on: Date = row.opened_on.into(),
        /// 应付笔数 / Obligations in it.
        obligation_count: i32 = int(row.obligations),
        /// 应付合计 / What was passed on in all.
        owed: Money = row.owed.into(),
        /// 领取的继承人 / Who draws it.
        heir_id: Option<ID> = row.heir.map(|heir| Kind::Person.id(heir)),
        /// 领取账户 / Where it goes.
        pay_address_id: Option<ID> = row.address.map(|address| Kind::PayAddress.id(address)),
        /// 依据 / The document.
        basis: Option<String> = row.basis.clone(),
        /// 经办人 / Who named him.
        named_by: Option<String> = row.named_by.clone(),
        /// 审批人 / Who approved it.
        approver: Option<String> = row.approver.clone(),
        /// 确定日期 / When.
        named_on: Option<Date> = row.named_on.map(Date),
        /// 撤销日期 / When it was withdrawn: the death was false.
        withdrawn_on: Option<Date> = row.withdrawn_on.map(Date),
        /// 撤销原因 / Why.
        withdrawn_reason: Option<String> = row.withdrawn_reason.clone(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

connection!("继承人领取", "heirs' cases": HeirsCaseConnection HeirsCaseEdge of HeirsCase);

/// 一笔应付继承人的款项 / One obligation of a heirs' case.
#[derive(SimpleObject)]
pub struct HeirsDue {
    /// 义务编号 / The obligation as people write it.
    code: String,
    /// 发放明细 / Its line.
    line_id: ID,
    /// 金额 / What was passed on.
    amount: Money,
    /// 现状 / How it stands now.
    obligation: Option<Obligation>,
}

#[ComplexObject]
impl HeirsCase {
    /// 死者 / The dead person.
    async fn deceased(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.deceased)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 继承人 / Who draws it.
    async fn heir(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let Some(heir) = self.row.heir else { return Ok(None) };
        let rows = load(ctx, PersonOf(heir)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 各笔应付 / Its obligations.
    async fn dues(&self, ctx: &Context<'_>) -> Result<Vec<HeirsDue>> {
        let rows = load(ctx, HeirsDuesOf(self.row.deceased)).await?;
        // Each leaves its key before the first of them is read.
        let dues = rows.into_iter().map(|row: HeirsDueRow| async move {
            let own = load(ctx, ObligationOf(row.obligation)).await?;
            Ok::<_, crate::fault::Fault>(HeirsDue {
                code: row.obligation.to_string(),
                line_id: Kind::Line.id(row.obligation),
                amount: row.amount.into(),
                obligation: own.into_iter().next().map(Obligation::from),
            })
        });
        Ok(futures_util::future::try_join_all(dues).await?)
    }
}

filter! {
    /// 继承人领取条件 / Which heirs' cases.
    HeirsCaseWhere {
        /// 是否已确定继承人 / Whether somebody is named.
        named: bool => |named| Only::Null("heir", !*named),
        /// 是否有效 / Whether it stands.
        open: bool => |open| Only::Null("withdrawn_on", *open),
        /// 继承人 / Drawn by this person.
        heir: ID => |id| Only::equal("heir", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 死亡不早于 / Who died on this day or later.
        died_from: Date => |day| Only::at_least("died_on", &day.0),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
    }
}

order! {
    /// 排序 / One column of an order.
    HeirsCaseOrderInput by
    /// 继承人领取排序字段 / What heirs' cases are ordered by.
    HeirsCaseOrderField {
        /// 死亡日期 / The day of death.
        DiedOn => "died_on",
        /// 立案日期 / When it opened.
        OpenedOn => "opened_on",
        /// 应付合计 / What is owed.
        Owed => "owed",
    }
}

lists! { HeirsQuery {
    one {
        /// 继承人领取 / A heirs' case.
        heirs_case(HeirsRow) -> HeirsCase = |id| Kind::HeirsCase.parse(id)?,
    }
    many {
        /// 各继承人领取 / Heirs' cases.
        heirs_cases(HeirsRow, HeirsCaseWhere, HeirsCaseOrderInput) -> HeirsCaseConnection,
    }
} }
