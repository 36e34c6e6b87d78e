//! A plan beside the item's month before, and what was decided of its exceptions.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::cases::{ComparisonEntryRow, ComparisonRow};
use projections::lists::Only;

use super::reads::GrantOf;
use super::words::{ComparisonDecision, ComparisonKind};
use crate::batches::load;
use crate::benefits::Grant;
use crate::conditions::{filter, one_of};
use crate::connection::{Paging, connection, page_among, total_among};
use crate::disbursement::Plan;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::listing::{ended, lists, order};
use crate::reads::{PersonOf, PlanOf};
use crate::registry::Person;
use crate::scalars::{Date, DivisionCode, Long, Money};
use crate::view::{int, view};

view! {
    /// 比对清单：本期与上月 / A plan beside the item's month before.
    complex struct Comparison of row: ComparisonRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Comparison.id(&row.plan),
        /// 发放计划 / The plan.
        plan_id: ID = Kind::Plan.id(&row.plan),
        /// 对比的计划；首月为空 / The plan that it was compared with; nothing in the first month.
        previous_plan_id: Option<ID> = row.previous.as_ref().map(|plan| Kind::Plan.id(plan)),
        /// 是否已生成完毕 / Whether it is drawn up to its end.
        sealed: bool = row.sealed,
        /// 无变化 / Unchanged grants.
        unchanged: i32 = int(row.unchanged),
        /// 新增 / New ones.
        new_grants: i32 = int(row.new_grants),
        /// 终止 / Ended ones.
        ended: i32 = int(row.ended),
        /// 续发 / Resumed ones.
        resumed: i32 = int(row.resumed),
        /// 补发 / Back-paid ones.
        back_paid: i32 = int(row.back_paid),
        /// 阈值内变动 / Changed within the item's threshold.
        changed: i32 = int(row.changed),
        /// 异常 / Exceptions.
        exceptions: i32 = int(row.exceptions),
        /// 未核实的异常 / Exceptions that nobody accepted yet.
        undecided: i32 = int(row.undecided),
        /// 生成日期 / When it was drawn up.
        drawn_on: Date = row.drawn_on.into(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

view! {
    /// 比对清单的一行 / One grant that is not what it was.
    complex struct ComparisonEntry of row: ComparisonEntryRow {
        /// 全局编号 / The global id.
        id: ID = Kind::ComparisonEntry.id(format_args!("{}/{}", row.plan, row.place)),
        /// 发放计划 / The plan.
        plan_id: ID = Kind::Plan.id(&row.plan),
        /// 清单行号，从 0 起 / Its place in the list, from 0.
        place: i32 = int(row.place),
        /// 分类 / What became of it.
        kind: ComparisonKind = ComparisonKind::stored(row.kind.code()),
        /// 待遇 / The grant.
        grant_id: ID = Kind::Grant.id(row.grant_id),
        /// 人员编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 上月应发 / What it owed the month before.
        before: Option<Money> = row.before_amount.map(Money),
        /// 本期应发 / What it owes now.
        now: Option<Money> = row.now_amount.map(Money),
        /// 处理结论 / What was decided.
        decision: Option<ComparisonDecision> =
            row.decision.and_then(|decision| ComparisonDecision::of(decision.code())),
        /// 处理日期 / When.
        decided_on: Option<Date> = row.decided_on.map(Date),
        /// 处理人 / By whom.
        decided_by: Option<String> = row.decided_by.clone(),
        /// 处理说明 / Why.
        decided_reason: Option<String> = row.decided_reason.clone(),
    }
}

connection!("比对清单", "comparisons": ComparisonConnection ComparisonEdge of Comparison);
connection!(
    "比对清单行", "comparison entries":
    ComparisonEntryConnection ComparisonEntryEdge of ComparisonEntry
);

#[ComplexObject]
impl Comparison {
    /// 发放计划 / The plan.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<Plan>> {
        let rows = load(ctx, PlanOf(self.row.plan.clone())).await?;
        Ok(rows.into_iter().next().map(Plan::from))
    }

    /// 清单各行 / Its entries.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which entries.")] r#where: Option<ComparisonEntryWhere>,
        #[graphql(desc = "排序 / In which order.")] order_by: Option<
            Vec<ComparisonEntryOrderInput>,
        >,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<ComparisonEntryConnection> {
        let only = r#where.unwrap_or_default().only()?.and(Only::equal("plan", &self.row.plan));
        let asked = order_by.unwrap_or_default().into_iter().map(Into::into);
        let order = ended::<ComparisonEntryRow>(asked);
        let paging = Paging::new(first, after, last, before);
        let page = page_among::<ComparisonEntryRow>(ctx, &only, &order, &paging).await?;
        Ok(ComparisonEntryConnection::new(page, total_among::<ComparisonEntryRow>(only)))
    }
}

#[ComplexObject]
impl ComparisonEntry {
    /// 人员 / The beneficiary.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 待遇 / The grant.
    async fn grant(&self, ctx: &Context<'_>) -> Result<Option<Grant>> {
        let rows = load(ctx, GrantOf(self.row.grant_id)).await?;
        Ok(rows.into_iter().next().map(Grant::from))
    }
}

filter! {
    /// 比对清单条件 / Which comparisons.
    ComparisonWhere {
        /// 是否有未核实的异常 / Whether an exception waits to be accepted.
        undecided: bool => |some| {
            let some_left = Only::at_least("undecided", &1_u32);
            if *some { some_left } else { Only::Not(Box::new(some_left)) }
        },
        /// 统筹区 / Of this pooling area.
        area: String => |area| Only::equal("area", area),
    }
}

filter! {
    /// 比对清单行条件 / Which entries.
    ComparisonEntryWhere {
        /// 分类 / Of one of these sorts.
        kind: Vec<ComparisonKind> => |kinds| one_of("kind", kinds.iter().map(|one| one.code())),
        /// 处理结论 / Decided so.
        decision: Vec<ComparisonDecision> => |decisions| {
            one_of("decision", decisions.iter().map(|one| one.code()))
        },
        /// 是否已处理 / Whether somebody decided it.
        decided: bool => |decided| Only::Null("decision", !*decided),
        /// 人员 / Of this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
    }
}

order! {
    /// 排序 / One column of an order.
    ComparisonOrderInput by
    /// 比对清单排序字段 / What comparisons are ordered by.
    ComparisonOrderField {
        /// 生成日期 / When it was drawn up.
        DrawnOn => "drawn_on",
        /// 未核实的异常 / Exceptions that nobody accepted.
        Undecided => "undecided",
    }
}

order! {
    /// 排序 / One column of an order.
    ComparisonEntryOrderInput by
    /// 比对清单行排序字段 / What entries are ordered by.
    ComparisonEntryOrderField {
        /// 清单行号 / Its place.
        Place => "place",
        /// 分类 / What became of it.
        Kind => "kind",
    }
}

/// `<plan>/<place>`.
pub fn entry_key(local: &str) -> std::result::Result<(String, u32), Fault> {
    let key = local
        .rsplit_once('/')
        .and_then(|(plan, place)| Some((plan.to_owned(), place.parse().ok()?)));
    key.ok_or_else(|| Fault::bad_input("不是比对清单行的编号 / not the id of a comparison entry"))
}

lists! { ComparisonQuery {
    one {
        /// 比对清单 / A comparison, by its id or its plan's.
        comparison(ComparisonRow) -> Comparison = |id| {
            Kind::Comparison.local(id).or_else(|_| Kind::Plan.local(id))?
        },
    }
    many {
        /// 各比对清单 / Comparisons.
        comparisons(ComparisonRow, ComparisonWhere, ComparisonOrderInput) -> ComparisonConnection,
    }
} }
