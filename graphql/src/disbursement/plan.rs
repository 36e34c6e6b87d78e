//! A plan: one run of one pay item, with who acted, whom it left out, its lines and batches.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::lists::Only;
use projections::payments::{ExcludedRow, PartSums};
use projections::runs::{ActRow, PlanRow};

use super::batch::Batch;
use super::cases::{Comparison, ComparisonOf};
use super::line::{LineConnection, LineWhere, lines_of};
use super::words::{ActKind, PlanStage, RunType};
use crate::batches::load;
use crate::connection::{self, By, Paging, connection};
use crate::definitions::Item;
use crate::global_id::Kind;
use crate::reads::{ActsOf, BatchesOf, ExcludedCount, ExcludedOf, PartsOf};
use crate::request::request;
use crate::scalars::{Date, DateTime, Long, Money, Position, YearMonth};
use crate::view::{Viewed, coded, int, view};

view! {
    /// 发放计划：一个账期的一次发放 / One run of an item-period.
    complex struct Plan of row: PlanRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Plan.id(&row.plan),
        /// 计划编号 / The id as people write it.
        code: String = row.plan.clone(),
        /// 账期 / Its item-period.
        period_id: ID = Kind::Period.id(&row.period),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 月份 / The month.
        month: YearMonth = row.month.into(),
        /// 统筹区 / The pooling area.
        area: String = row.area.to_string(),
        /// 基金 / The fund.
        fund: String = row.fund.to_string(),
        /// 经办机构 / The agency.
        agency: String = row.agency.to_string(),
        /// 批次类型 / Why it is made.
        run: RunType = RunType::stored(row.run.code()),
        /// 序号 / Its number in the item-period.
        number: i32 = i32::from(row.number),
        /// 发放日 / The pay day.
        pay_day: Date = row.pay_day.into(),
        /// 状态 / How it stands.
        stage: PlanStage = PlanStage::stored(&row.stage),
        /// 等待的岗位或环节 / The role or step that it waits for.
        waits_for: Option<String> = row.waits_for.clone(),
        /// 其后的审核岗位 / The levels of review after that.
        levels_ahead: Vec<String> = row.chain.clone(),
        /// 冻结名单待遇数 / Grants in the frozen population.
        frozen: i32 = int(row.frozen),
        /// 剔除数 / Grants left out.
        excluded: i32 = int(row.excluded),
        /// 明细笔数 / Lines.
        line_count: i32 = int(row.lines),
        /// 应发 / Gross.
        gross: Money = row.gross.into(),
        /// 扣发 / Deductions.
        deductions: Money = row.deductions.into(),
        /// 实发 / Net.
        net: Money = row.net().into(),
        /// 已预留 / Reserved.
        reserved: Money = row.reserved.into(),
        /// 出款账套 / The book that pays.
        book_id: Option<ID> = row.account.as_ref().map(|account| Kind::Book.id(account)),
        /// 报盘笔数 / Lines instructed.
        instructed_lines: i32 = int(row.instructed_lines),
        /// 报盘金额 / Instructed.
        instructed: Money = row.instructed.into(),
        /// 暂扣笔数 / Lines held.
        held_lines: i32 = int(row.held_lines),
        /// 暂扣金额 / Held.
        held: Money = row.held.into(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision),
    }
}

view! {
    /// 一次经办动作 / What somebody did to a plan.
    struct PlanAct of row: ActRow {
        /// 动作 / The act.
        act: ActKind = ActKind::stored(&row.act),
        /// 岗位 / In which role.
        role: Option<String> = row.role,
        /// 经办人 / Who.
        actor: String = row.actor,
        /// 原因 / Why.
        reason: Option<String> = row.reason,
        /// 时刻 / When.
        at: DateTime = row.at.into(),
        /// 事件 / The event that says so.
        event_id: ID = Kind::Event.id(row.event),
    }
}

view! {
    /// 被剔除的待遇 / A grant of the population that got no line.
    struct Exclusion of row: ExcludedRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Exclusion.id(format_args!("{}/{}", row.plan, row.grant_id)),
        /// 待遇 / The grant.
        grant_id: ID = Kind::Grant.id(row.grant_id),
        /// 人员 / The person.
        person_id: ID = Kind::Person.id(row.person),
        /// 原因 / Why.
        reason: ExclusionReason = ExclusionReason::stored(&row.reason),
    }
}

connection!("被剔除的待遇", "grants left out": ExclusionConnection ExclusionEdge of Exclusion);

coded! {
    /// 剔除原因 / Why a grant got no line.
    ExclusionReason {
        /// 已死亡 / Dead.
        Dead "dead",
        /// 死亡待核实 / A death is reported.
        DeathReported "death_reported",
        /// 待遇暂停 / Suspended.
        Suspended "suspended",
        /// 无可用发放账户 / No usable pay address.
        NoUsableAddress "no_usable_address",
        /// 发放账户冻结 / The pay address is frozen.
        AddressFrozen "address_frozen",
        /// 本月已列入发放 / Planned before.
        AlreadyClaimed "already_claimed",
        /// 金额超出项目上下限 / Outside the item's bounds.
        OutOfBounds "out_of_bounds",
        /// 环比变动未处理 / A change above the threshold that nobody decided.
        ChangeUndecided "change_undecided",
        /// 本月应发为零 / Nothing is due.
        NothingDue "nothing_due",
    }
}

/// 分片合计 / The sums of one part of a plan.
#[derive(Debug, Clone, async_graphql::SimpleObject)]
pub struct PlanPart {
    /// 分片号 / Its number.
    number: i32,
    /// 笔数 / Lines.
    line_count: i32,
    /// 人数 / Distinct people.
    people: i32,
    /// 应发 / Gross.
    gross: Money,
    /// 扣发 / Deductions.
    deductions: Money,
    /// 实发 / Net.
    net: Money,
}

#[ComplexObject]
impl Plan {
    /// 比对清单 / Its comparison with the month before, once it is drawn up.
    async fn comparison(&self, ctx: &Context<'_>) -> Result<Option<Comparison>> {
        let rows = load(ctx, ComparisonOf(self.row.plan.clone())).await?;
        Ok(rows.into_iter().next().map(Comparison::from))
    }

    /// 项目定义 / The pay item as it was defined in that month.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<Item>> {
        Ok(Item::on(request(ctx), self.row.item, self.row.month.last_day())?)
    }

    /// 名单冻结位置 / The position at which its population was frozen.
    async fn frozen_at(&self, ctx: &Context<'_>) -> Option<Position> {
        (self.row.frozen_at.0 > 0).then(|| request(ctx).token(self.row.frozen_at))
    }

    /// 经办记录 / Who did what, in order.
    async fn acts(&self, ctx: &Context<'_>) -> Result<Vec<PlanAct>> {
        let rows: Vec<ActRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, ActsOf(self.row.plan.clone())).await?,
        };
        Ok(rows.into_iter().map(PlanAct::from).collect())
    }

    /// 分片合计 / Its parts with their sums.
    async fn parts(&self, ctx: &Context<'_>) -> Result<Vec<PlanPart>> {
        self.present_only(request(ctx))?;
        let parts = load(ctx, PartsOf(self.row.plan.clone())).await?;
        Ok(parts.iter().map(PlanPart::from).collect())
    }

    /// 被剔除的待遇 / Whom it left out, and why.
    async fn exclusions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<ExclusionConnection> {
        self.present_only(request(ctx))?;
        let (plan, order) = (self.row.plan.clone(), [By::up("grant_id")]);
        let paging = Paging::new(first, after, last, before);
        let (name, everything) = (format!("excluded/{plan}"), Only::everything());
        let read = async |asked| load(ctx, ExcludedOf(plan.clone(), asked)).await;
        let page = connection::page_with(ctx, &name, &everything, &order, &paging, read).await?;
        let total = connection::Totals::Among(Box::new(move |ctx| {
            Box::pin(load(ctx, ExcludedCount(plan.clone())))
        }));
        Ok(ExclusionConnection::new(page, total))
    }

    /// 发放明细 / Its lines.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which lines.")] r#where: Option<LineWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<LineConnection> {
        self.present_only(request(ctx))?;
        let only = LineWhere {
            plan: Some(self.id.clone()),
            and: r#where.map(|more| vec![more]),
            ..LineWhere::default()
        };
        let paging = Paging::new(first, after, last, before);
        Ok(lines_of(ctx, Some(only), &[], &paging).await?)
    }

    /// 报盘批次 / Its batches.
    async fn batches(&self, ctx: &Context<'_>) -> Result<Vec<Batch>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, BatchesOf(self.row.plan.clone())).await?;
        Ok(rows.into_iter().map(Batch::from).collect())
    }
}

impl From<&PartSums> for PlanPart {
    fn from(sums: &PartSums) -> Self {
        Self {
            number: int(sums.part),
            line_count: int(sums.lines),
            people: int(sums.people),
            gross: sums.gross.into(),
            deductions: sums.deductions.into(),
            net: sums.net.into(),
        }
    }
}
