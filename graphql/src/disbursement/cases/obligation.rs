//! Obligations with a life of their own: held, waiting for a run, due to heirs, cancelled, overpaid,
//! or ordered as a special payment.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use projections::cases::{self, ObligationRow};
use projections::lists::Only;

use super::age::day;
use super::reads::{RecoveryOf, ReturnsOfLine};
use super::recovery::Recovery;
use super::returns::ReturnCase;
use super::words::{HoldReason, NotOwedReason, ObligationStage};
use crate::batches::load;
use crate::conditions::{filter, one_of};
use crate::connection::connection;
use crate::disbursement::Line;
use crate::disbursement::words::ReturnReason;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::listing::{lists, order};
use crate::reads::PersonOf;
use crate::registry::Person;
use crate::request::request;
use crate::scalars::{Date, DivisionCode, Long, Money, Position, YearMonth};
use crate::view::view;

view! {
    /// 应付义务的个别处理 / An obligation to which something happened apart from its plan.
    complex struct Obligation of row: ObligationRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Obligation.id(row.obligation),
        /// 义务编号 / The obligation as people write it.
        code: String = row.obligation.to_string(),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 所属月 / The month it is owed for.
        month: YearMonth = row.month.into(),
        /// 组成项 / The component.
        component: String = row.component.to_string(),
        /// 调整序号，0 为本次待遇 / Which adjustment of the month; 0 is the entitlement itself.
        adjustment: i32 = i32::from(row.adjustment),
        /// 人员编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 状态 / How it stands.
        stage: ObligationStage = ObligationStage::stored(row.stage.code()),
        /// 应进行的发放次数 / The attempt that is to be made, or was made and not returned.
        due_attempt: i32 = i32::from(row.due()),
        /// 金额 / What waits, is held, was cancelled or overpaid.
        amount: Money = row.amount.into(),
        /// 待发金额；不待发则为空 / What waits for a run; nothing where none may take it.
        waiting: Option<Money> = row.waiting().map(Money),
        /// 暂扣原因 / Why it is held.
        hold_reason: Option<HoldReason> =
            row.hold_reason.and_then(|reason| HoldReason::of(reason.code())),
        /// 核实期限 / The last day to find out.
        verify_by: Option<Date> = row.verify_by.map(Date),
        /// 退票原因 / Why its last attempt came back.
        return_reason: Option<ReturnReason> =
            row.return_reason.and_then(|reason| ReturnReason::of(reason.code())),
        /// 所在分片 / The part that took it.
        part: Option<String> = row.part.clone(),
        /// 死亡月份 / The month of death, of what is due to heirs.
        died_in: Option<YearMonth> = row.died_in.map(YearMonth),
        /// 不应发放的原因 / Why it is not owed.
        not_owed: Option<NotOwedReason> =
            row.not_owed.and_then(|reason| NotOwedReason::of(reason.code())),
        /// 多发所在账套 / The book that paid what is not owed.
        book_id: Option<ID> = row.book.as_ref().map(|book| Kind::Book.id(book)),
        /// 特殊补发原因 / Why a special payment was ordered.
        order_reason: Option<String> = row.order_reason.clone(),
        /// 特殊补发经办人 / Who ordered it.
        ordered_by: Option<String> = row.ordered_by.clone(),
        /// 特殊补发审批人 / Who approved it.
        approver: Option<String> = row.approver.clone(),
        /// 特殊补发日期 / When it was ordered.
        ordered_on: Option<Date> = row.ordered_on.map(Date),
        /// 重复的另一义务 / The same entitlement under another id of the same human.
        duplicate_of_id: Option<ID> = row.duplicate_of.map(|other| Kind::Obligation.id(other)),
        /// 最近变动日期 / When it changed last.
        since: Date = row.since.into(),
        /// 最近经办人 / Who changed it last.
        changed_by: String = row.changed_by.clone(),
        /// 最近变动的说明 / What he said.
        note: Option<String> = row.note.clone(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

connection!("应付义务", "obligations": ObligationConnection ObligationEdge of Obligation);

#[ComplexObject]
impl Obligation {
    /// 人员 / The beneficiary.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 发放明细 / Its line, where it stands in a plan.
    async fn line(&self, ctx: &Context<'_>) -> Result<Option<Line>> {
        Ok(super::reads::line(ctx, self.row.obligation).await?)
    }

    /// 追回 / The recovery of what was overpaid.
    async fn recovery(&self, ctx: &Context<'_>) -> Result<Option<Recovery>> {
        let rows = load(ctx, RecoveryOf(self.row.obligation)).await?;
        Ok(rows.into_iter().next().map(Recovery::from))
    }

    /// 退票 / Its returned attempts.
    async fn return_cases(&self, ctx: &Context<'_>) -> Result<Vec<ReturnCase>> {
        let rows = load(ctx, ReturnsOfLine(self.row.obligation)).await?;
        Ok(rows.into_iter().map(ReturnCase::from).collect())
    }

    /// 核实期限是否已过 / Whether the last day to find out is over.
    async fn deadline_passed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "截止日，默认今天 / On this day, today unless given.")] on: Option<Date>,
    ) -> Result<bool> {
        let on = day(request(ctx), on)?;
        Ok(self.row.verify_by.is_some_and(|last| last < on))
    }
}

filter! {
    /// 应付义务条件 / Which obligations.
    ObligationWhere {
        /// 状态 / In one of these states.
        stage: Vec<ObligationStage> => |stages| {
            one_of("stage", stages.iter().map(|one| one.code()))
        },
        /// 是否待发 / Whether a run may take it now.
        waiting: bool => |waiting| {
            let some = one_of("stage", ["released", "returned", "due_to_heirs"].into_iter());
            if *waiting { some } else { Only::Not(Box::new(some)) }
        },
        /// 暂扣原因 / Held for one of these reasons.
        hold_reason: Vec<HoldReason> => |reasons| {
            one_of("hold_reason", reasons.iter().map(|one| one.code()))
        },
        /// 核实期限早于或等于 / To be verified by this day or earlier.
        verify_to: Date => |day| Only::at_most("verify_by", &day.0),
        /// 不应发放的原因 / Not owed for one of these reasons.
        not_owed: Vec<NotOwedReason> => |reasons| {
            one_of("not_owed", reasons.iter().map(|one| one.code()))
        },
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 所属月 / Owed for this month.
        month: YearMonth => |month| Only::equal("month", &month.0),
        /// 人员 / Of this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 是否特殊补发 / Whether somebody ordered it as a special payment.
        ordered: bool => |ordered| Only::Null("ordered_by", !*ordered),
        /// 变动不早于 / Changed on this day or later.
        since_from: Date => |day| Only::at_least("since", &day.0),
    }
}

order! {
    /// 排序 / One column of an order.
    ObligationOrderInput by
    /// 应付义务排序字段 / What obligations are ordered by.
    ObligationOrderField {
        /// 义务编号 / The obligation.
        Code => "obligation",
        /// 最近变动日期 / When it changed last.
        Since => "since",
        /// 金额 / The sum.
        Amount => "amount",
    }
}

lists! { ObligationQuery {
    one {
        /// 应付义务的个别处理 / What happened to an obligation alone.
        obligation(ObligationRow) -> Obligation = |id| Kind::Obligation.parse(id)?,
    }
    many {
        /// 各应付义务 / Obligations to which something happened alone.
        obligations(ObligationRow, ObligationWhere, ObligationOrderInput) -> ObligationConnection,
        /// 暂扣 / What is held now.
        holds(ObligationRow, ObligationWhere, ObligationOrderInput) -> ObligationConnection
            = Only::equal("stage", &"held".to_owned()),
        /// 多发 / What was paid and is not owed.
        overpayments(ObligationRow, ObligationWhere, ObligationOrderInput) -> ObligationConnection
            = Only::equal("stage", &"overpaid".to_owned()),
        /// 特殊补发 / Special payments that somebody ordered.
        special_payments(ObligationRow, ObligationWhere, ObligationOrderInput)
            -> ObligationConnection = Only::Null("ordered_by", false),
    }
} }

/// 个别处理汇总 / How many obligations stand how.
#[derive(SimpleObject)]
pub struct ObligationSummary {
    /// 状态 / How they stand.
    stage: ObligationStage,
    /// 笔数 / How many.
    count: Long,
    /// 人数 / Distinct people.
    people: Long,
    /// 金额 / Their sum.
    amount: Money,
}

#[derive(Default)]
pub struct ObligationSummaryQuery;

#[Object]
impl ObligationSummaryQuery {
    /// 个别处理汇总 / Obligations by how they stand.
    async fn obligation_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which obligations.")] r#where: Option<ObligationWhere>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<ObligationSummary>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let found = cases::standing(&session, &request.scope, &only).map_err(Fault::from)?;
        let shown = found.into_iter().map(|(stage, count, people, amount)| ObligationSummary {
            stage: ObligationStage::stored(&stage),
            count: Long(count),
            people: Long(people),
            amount: Money(amount),
        });
        Ok(Some(shown.collect()))
    }
}
