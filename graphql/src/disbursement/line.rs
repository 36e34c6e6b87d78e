//! The line register: who is owed what for which month, how far it got, and what happened to it.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use kernel::{Limit, Recorded, Revision, StreamName};
use projections::lists::Only;
use projections::payments::LineRow;
use shared::ObligationId;

use super::cases::{
    CardLost, Obligation, ObligationOf, Recovery, RecoveryOf, ReturnCase, ReturnsOfLine,
};
use super::words::{LineState, ReturnReason};
use crate::audit::Event;
use crate::batches::load;
use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Page, PageInfo, Paging};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::reads::{PersonOf, PlanOf, TotalsOf};
use crate::registry::Person;
use crate::request::{Request, request};
use crate::scalars::{DivisionCode, Long, Money, YearMonth};
use crate::view::{int, view};

view! {
    /// 发放明细：一笔应付义务 / One obligation in the run that planned it.
    complex struct Line of row: LineRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Line.id(row.obligation),
        /// 义务编号 / The obligation as people write it.
        code: String = row.obligation.to_string(),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 所属月 / The month it is owed for.
        month: YearMonth = row.month.into(),
        /// 发放月 / The month whose plan pays it.
        run_month: YearMonth = row.run_month.into(),
        /// 组成项 / The component.
        component: String = row.component.to_string(),
        /// 发放计划 / Its plan.
        plan_id: ID = Kind::Plan.id(&row.plan),
        /// 分片 / Its part.
        part: i32 = i32::from(row.part),
        /// 人员编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 待遇 / The grant behind it.
        grant_id: ID = Kind::Grant.id(row.grant_id),
        /// 发放账户 / The pay address.
        pay_address_id: ID = Kind::PayAddress.id(row.address),
        /// 发放账户版本 / Its version.
        pay_address_version: i32 = int(row.address_version),
        /// 银行 / The bank.
        bank: String = row.bank.to_string(),
        /// 区县 / The county.
        county: DivisionCode = row.county.into(),
        /// 基金 / The fund.
        fund: String = row.fund.to_string(),
        /// 应发 / Gross.
        gross: Money = row.gross.into(),
        /// 扣发 / Deductions.
        deductions: Money = row.deductions.into(),
        /// 实发 / Net.
        net: Money = row.net.into(),
        /// 状态 / How far it got.
        state: LineState = LineState::stored(row.state.code()),
        /// 暂扣原因代码 / Why it is held.
        hold_reason: Option<String> =
            row.reason.clone().filter(|_| row.state == projections::payments::LineState::Held),
        /// 退票原因 / Why the bank returned it.
        return_reason: Option<ReturnReason> = match row.state {
            projections::payments::LineState::Returned => row.reason.as_deref().and_then(ReturnReason::of),
            _ => None,
        },
        /// 报盘批次 / Its batch.
        batch_id: Option<ID> = row.batch.as_ref().map(|batch| Kind::Batch.id(batch)),
        /// 报盘行号 / Its number in the bank file.
        seq: Option<i32> = row.seq.map(int),
        /// 银行流水号 / The bank's serial.
        serial: Option<String> = row.serial.clone(),
    }
}

#[ComplexObject]
impl Line {
    /// 人员 / The beneficiary.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 退票：各次退回的发放 / Its returned attempts.
    async fn return_cases(&self, ctx: &Context<'_>) -> Result<Vec<ReturnCase>> {
        let rows = load(ctx, ReturnsOfLine(self.row.obligation)).await?;
        Ok(rows.into_iter().map(ReturnCase::from).collect())
    }

    /// 个别处理：暂扣、应付继承人、取消、多发等 / What happened to it alone: held, overpaid, …
    async fn obligation(&self, ctx: &Context<'_>) -> Result<Option<Obligation>> {
        let rows = load(ctx, ObligationOf(self.row.obligation)).await?;
        Ok(rows.into_iter().next().map(Obligation::from))
    }

    /// 追回 / The recovery of what was overpaid.
    async fn recovery(&self, ctx: &Context<'_>) -> Result<Option<Recovery>> {
        let rows = load(ctx, RecoveryOf(self.row.obligation)).await?;
        Ok(rows.into_iter().next().map(Recovery::from))
    }

    /// 收款卡是否挂失；挂失不暂扣 / Whether its card is reported lost: a flag, no hold.
    async fn card_lost(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(load(ctx, CardLost(self.row.address)).await?)
    }

    /// 经历：本笔义务的事件 / What happened to it, in its own, its part's and its batch's streams.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<Event>> {
        // The events of parts and batches speak of other people's lines too.
        let whole = !load(ctx, PlanOf(self.row.plan.clone())).await?.is_empty();
        Ok(history(request(ctx), &self.row, whole).await?)
    }
}

filter! {
    /// 明细条件 / Which lines.
    LineWhere {
        /// 发放计划 / Of this plan.
        plan: ID => |id| { let plan = Kind::Plan.local(id)?; Only::equal("plan", &plan) },
        /// 报盘批次 / Of this batch.
        batch: ID => |id| { let batch = Kind::Batch.local(id)?; Only::equal("batch", &batch) },
        /// 人员 / Of this person.
        person: ID => |id| {
            Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?)
        },
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 发放月 / Paid in this month.
        run_month: YearMonth => |month| Only::equal("run_month", &month.0),
        /// 所属月 / Owed for this month.
        month: YearMonth => |month| Only::equal("month", &month.0),
        /// 银行 / At this bank.
        bank: String => |bank| Only::equal("bank", bank),
        /// 基金 / Of this fund.
        fund: String => |fund| Only::equal("fund", fund),
        /// 行政区划（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 状态 / In one of these states.
        state: Vec<LineState> => |states| one_of("state", states.iter().map(|each| each.code())),
        /// 退票原因 / Returned for this reason.
        return_reason: ReturnReason => |reason| {
            Only::equal("reason", &reason.code().to_owned())
        },
        /// 实发不低于 / Net of at least this.
        net_from: Money => |money| Only::at_least("net", &money.0),
        /// 实发不高于 / Net of at most this.
        net_to: Money => |money| Only::at_most("net", &money.0),
    }
}

/// 明细排序字段 / What lines are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum LineOrderField {
    /// 义务编号 / The obligation.
    Code,
    /// 实发 / The net sum.
    Net,
    /// 区县 / The county.
    County,
    /// 发放月 / The month of the run.
    RunMonth,
}

/// 排序 / One column of an order.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct LineOrderInput {
    /// 字段 / By what.
    pub field: LineOrderField,
    /// 降序 / From the largest down.
    #[graphql(default)]
    pub descending: bool,
}

/// 发放明细及其位置 / A line and its place.
#[derive(SimpleObject)]
pub struct LineEdge {
    /// 内容 / What it is.
    node: Line,
    /// 游标 / Its place in the list.
    cursor: String,
}

/// 明细合计 / Sums over all lines of the list, not of the page alone.
#[derive(SimpleObject)]
pub struct LineTotals {
    /// 人数 / Distinct people.
    people: Long,
    /// 人次 / Lines.
    lines: Long,
    /// 实发 / Net.
    net: Money,
}

/// 发放明细分页 / A page of lines.
pub struct LineConnection {
    page: Page<LineRow>,
    only: Only,
}

/// 发放明细分页 / A page of lines.
#[Object]
impl LineConnection {
    /// 本页各行 / The rows of this page.
    async fn edges(&self) -> Vec<LineEdge> {
        let rows = self.page.rows.iter();
        rows.map(|(row, cursor)| LineEdge { node: Line::from(row.clone()), cursor: cursor.clone() })
            .collect()
    }

    /// 本页所在位置 / Where this page lies.
    async fn page_info(&self) -> &PageInfo {
        &self.page.info
    }

    /// 总笔数，按需统计 / How many there are in all; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        Ok(Long(connection::total_among::<LineRow>(self.only.clone()).count(ctx).await?))
    }

    /// 合计，按需统计 / The sums; made only when asked for.
    async fn totals(&self, ctx: &Context<'_>) -> Result<LineTotals> {
        let (lines, people, net) = load(ctx, TotalsOf(self.only.clone())).await?;
        Ok(LineTotals { people: Long(people), lines: Long(lines), net: Money(net) })
    }
}

/// The page of lines that may be seen and are asked for.
///
/// # Errors
/// `BAD_INPUT`, `BAD_CURSOR`, or when the read model cannot be read.
pub async fn lines_of(
    ctx: &Context<'_>,
    only: Option<LineWhere>,
    order: &[LineOrderInput],
    paging: &Paging,
) -> std::result::Result<LineConnection, Fault> {
    let only = only.unwrap_or_default().only()?;
    let mut by: Vec<By> = order
        .iter()
        .map(|each| {
            let column = match each.field {
                LineOrderField::Code => "obligation",
                LineOrderField::Net => "net",
                LineOrderField::County => "county",
                LineOrderField::RunMonth => "run_month",
            };
            By { column, descending: each.descending }
        })
        .collect();
    if !by.iter().any(|by| by.column == "obligation") {
        by.push(By::up("obligation"));
    }
    let page = connection::page_among::<LineRow>(ctx, &only, &by, paging).await?;
    Ok(LineConnection { page, only })
}

/// The events that a line is behind: those of its obligation, and of its part and batches those
/// that speak of all their lines or of this one.
async fn history(
    request: &Request,
    row: &LineRow,
    whole: bool,
) -> std::result::Result<Vec<Event>, Fault> {
    let own = StreamName::new("obligation", row.obligation);
    let part = StreamName::new("part", format_args!("{}-{}", row.plan, row.part));
    let mut streams = vec![(own, true)];
    if whole {
        streams.push((part, false));
        streams.extend(row.batch.as_ref().map(|batch| (StreamName::new("batch", batch), false)));
    }
    let mut found = Vec::new();
    let log = request.app().executor.log();
    for (stream, own) in streams {
        let mut after = Revision::NONE;
        loop {
            let page = log.read_stream(&stream, after, Limit::PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.revision;
            found.extend(page.into_iter().filter(|event| own || concerns(event, row)));
        }
    }
    found.sort_unstable_by_key(|event| event.position);
    found.iter().map(|event| Event::of(request, event)).collect()
}

/// Whether an event of a part or batch speaks of this line.
fn concerns(event: &Recorded, row: &LineRow) -> bool {
    use disbursement::{batch, part};
    let obligation: ObligationId = row.obligation;
    if let Ok(event) = event.decode::<part::Event>() {
        return match event {
            part::Event::LinesCalculated { lines, .. } => {
                lines.iter().any(|line| line.obligation(row.item, row.run_month) == obligation)
            }
            part::Event::GrantsExcluded { .. } | part::Event::LinesHeld { .. } => false,
            part::Event::LinesReleased { lines } => lines.contains(&row.place),
            part::Event::Sealed { .. }
            | part::Event::Instructed { .. }
            | part::Event::Freed { .. } => true,
        };
    }
    match event.decode::<batch::Event>() {
        Ok(batch::Event::LinesComposed { lines, .. }) => {
            lines.iter().any(|line| line.obligation(row.item, row.run_month) == obligation)
        }
        Ok(batch::Event::LinesSettled { settled, .. }) => {
            let seq = row.seq.unwrap_or_default();
            settled.paid.iter().any(|paid| paid.seq == seq)
                || settled.returned.iter().any(|returned| returned.seq == seq)
                || settled.contradictions.contains(&seq)
        }
        Ok(_) => true,
        Err(_) => false,
    }
}
