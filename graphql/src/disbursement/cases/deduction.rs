//! Standing orders to keep something back, and what third parties are owed of it.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::cases::{DeductionKeptRow, DeductionRow};

use super::reads::KeptOf;
use super::words::DeductionKind;
use crate::batches::load;
use crate::conditions::{filter, one_of};
use crate::connection::connection;
use crate::global_id::Kind;
use crate::listing::{lists, order};
use crate::reads::PersonOf;
use crate::registry::Person;
use crate::scalars::{Date, DivisionCode, Long, Money, YearMonth};
use crate::view::view;

view! {
    /// 扣款：从待遇中留存的指令 / A standing order to keep something back.
    complex struct Deduction of row: DeductionRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Deduction.id(&row.deduction),
        /// 种类 / What it is for.
        kind: DeductionKind = DeductionKind::stored(row.kind.code()),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 人员编号 / From whose pay.
        person_id: ID = Kind::Person.id(row.person),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 第三方 / Whom the money is owed to then.
        third_party_id: Option<ID> = row.third_party.map(|third| Kind::Organisation.id(third)),
        /// 每月最多 / The most that a month gives up.
        per_month: Option<Money> = row.per_month.map(Money),
        /// 合计应扣 / What all months together give up.
        total: Option<Money> = row.whole.map(Money),
        /// 起始月 / The first month.
        from_month: YearMonth = row.from_month.into(),
        /// 末月 / The last month.
        to_month: Option<YearMonth> = row.to_month.map(YearMonth),
        /// 依据 / The document.
        basis: String = row.basis.clone(),
        /// 登记日期 / When it was ordered.
        ordered_on: Date = row.ordered_on.into(),
        /// 经办人 / Who ordered it.
        ordered_by: String = row.ordered_by.clone(),
        /// 审批人 / Who approved it.
        approver: String = row.approver.clone(),
        /// 已扣 / What was kept back.
        kept: Money = row.kept.into(),
        /// 未扣 / What is still to be kept, where the order says how much.
        left: Option<Money> = row.whole.map(|whole| Money(whole - row.kept)),
        /// 已转付 / What went on to the third party.
        remitted: Money = row.remitted.into(),
        /// 欠第三方 / What was kept and did not go on yet.
        owed_to_third_party: Money = row.owed_to_third_party().into(),
        /// 终止日期 / When it ended.
        ended_on: Option<Date> = row.ended_on.map(Date),
        /// 终止经办人 / Who ended it.
        ended_by: Option<String> = row.ended_by.clone(),
        /// 终止原因 / Why.
        end_reason: Option<String> = row.end_reason.clone(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

view! {
    /// 一个分片扣留的金额 / What the lines of one part kept back.
    struct DeductionKept of row: DeductionKeptRow {
        /// 分片 / The part.
        part: String = row.part.clone(),
        /// 发放计划 / Its plan.
        plan_id: Option<ID> = row.part.rsplit_once('-').map(|(plan, _)| Kind::Plan.id(plan)),
        /// 金额 / How much.
        amount: Money = row.amount.into(),
        /// 日期 / When.
        on: Date = row.kept_on.into(),
    }
}

connection!("扣款", "deductions": DeductionConnection DeductionEdge of Deduction);

#[ComplexObject]
impl Deduction {
    /// 人员 / From whose pay.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 各分片扣留的金额 / What each part kept back.
    async fn parts(&self, ctx: &Context<'_>) -> Result<Vec<DeductionKept>> {
        let rows = load(ctx, KeptOf(self.row.deduction.clone())).await?;
        Ok(rows.into_iter().map(DeductionKept::from).collect())
    }
}

filter! {
    /// 扣款条件 / Which deductions.
    DeductionWhere {
        /// 种类 / Of one of these sorts.
        kind: Vec<DeductionKind> => |kinds| one_of("kind", kinds.iter().map(|one| one.code())),
        /// 人员 / From this person's pay.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 第三方 / Owed to this organisation.
        third_party: ID => |id| {
            let third = Kind::Organisation.parse::<shared::OrganisationId>(id)?;
            Only::equal("third_party", &third)
        },
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 是否有效 / Whether it stands.
        open: bool => |open| Only::Null("ended_on", *open),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
    }
}

order! {
    /// 排序 / One column of an order.
    DeductionListOrderInput by
    /// 扣款排序字段 / What deductions are ordered by.
    DeductionListOrderField {
        /// 登记日期 / When it was ordered.
        OrderedOn => "ordered_on",
        /// 已扣 / What was kept back.
        Kept => "kept",
    }
}

lists! { DeductionQuery {
    one {
        /// 扣款 / A deduction.
        deduction(DeductionRow) -> Deduction = |id| Kind::Deduction.local(id)?,
    }
    many {
        /// 各扣款 / Deductions.
        deductions(DeductionRow, DeductionWhere, DeductionListOrderInput) -> DeductionConnection,
    }
} }
