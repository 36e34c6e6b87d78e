//! Returned attempts on their way to a reissue, or to the heirs.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use projections::cases::{self, ReturnRow};

use super::age::{AgedInput, day, days};
use super::words::{AgeBand, ReturnOutcome, ReturnStage};
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
use crate::view::{int, view};

view! {
    /// 退票处理：一次退回的发放 / One returned attempt, until it is paid or passed on.
    complex struct ReturnCase of row: ReturnRow {
        /// 全局编号 / The global id.
        id: ID = Kind::ReturnCase.id(row.case_id),
        /// 发放尝试编号 / The attempt as people write it.
        code: String = row.case_id.to_string(),
        /// 发放明细 / The line.
        line_id: ID = Kind::Line.id(row.obligation),
        /// 第几次发放 / Which attempt came back.
        attempt: i32 = i32::from(row.attempt),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 所属月 / The month it is owed for.
        month: YearMonth = row.month.into(),
        /// 人员编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 待遇 / The grant behind it.
        grant_id: ID = Kind::Grant.id(row.grant_id),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 银行 / The bank that gave it back.
        bank: String = row.bank.to_string(),
        /// 报盘批次 / The batch in which it was sent.
        batch_id: ID = Kind::Batch.id(&row.batch),
        /// 退票原因 / Why.
        reason: ReturnReason = ReturnReason::stored(row.reason.code()),
        /// 金额 / How much.
        amount: Money = row.amount.into(),
        /// 退回的账户 / The address that it had been sent to.
        pay_address_id: ID = Kind::PayAddress.id(row.address),
        /// 退回的账户版本 / Its version.
        pay_address_version: i32 = int(row.address_version),
        /// 是否支付后退回 / Whether it had been paid before.
        late: bool = row.late,
        /// 退票日期 / When the bank said so; its age counts from here.
        returned_on: Date = row.returned_on.into(),
        /// 环节 / How it stands.
        stage: ReturnStage = ReturnStage::stored(row.stage.code()),
        /// 通知次数 / How often the payee was told.
        notices: i32 = int(row.notices),
        /// 最近通知日期 / When he was told last.
        notified_on: Option<Date> = row.notified_on.map(Date),
        /// 通知方式 / How.
        channel: Option<String> = row.channel.clone(),
        /// 更正后的账户 / The address of the next attempt.
        corrected_address_id: Option<ID> =
            row.corrected_address.map(|address| Kind::PayAddress.id(address)),
        /// 更正后的账户版本 / Its version.
        corrected_version: Option<i32> = row.corrected_version.map(int),
        /// 更正日期 / When it was put right.
        corrected_on: Option<Date> = row.corrected_on.map(Date),
        /// 更正人 / Who put it right.
        corrected_by: Option<String> = row.corrected_by.clone(),
        /// 重发计划 / The plan of the next attempt.
        reissue_plan_id: Option<ID> = row.part.as_ref().and_then(|part| {
            part.rsplit_once('-').map(|(plan, _)| Kind::Plan.id(plan))
        }),
        /// 结案方式 / How it ended.
        outcome: Option<ReturnOutcome> =
            row.outcome.and_then(|outcome| ReturnOutcome::of(outcome.code())),
        /// 结案日期 / When it ended.
        closed_on: Option<Date> = row.closed_on.map(Date),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

connection!("退票", "return cases": ReturnCaseConnection ReturnCaseEdge of ReturnCase);

#[ComplexObject]
impl ReturnCase {
    /// 人员 / The beneficiary.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 发放明细 / The line as it stands now.
    async fn line(&self, ctx: &Context<'_>) -> Result<Option<Line>> {
        Ok(super::reads::line(ctx, self.row.obligation).await?)
    }

    /// 账龄天数；已结案为空 / Days since the bank gave it back; nothing once it was over.
    async fn age_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "截止日，默认今天 / Counted to this day, today unless given.")] on: Option<
            Date,
        >,
    ) -> Result<Option<i32>> {
        let on = day(request(ctx), on)?;
        let over = self.row.closed_on.is_some_and(|closed| closed <= on);
        Ok((!over && self.row.returned_on <= on).then(|| days(self.row.returned_on, on)))
    }

    /// 账龄段；已结案为空 / The band of its age; nothing once it was over.
    async fn age_band(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "截止日，默认今天 / Counted to this day, today unless given.")] on: Option<
            Date,
        >,
    ) -> Result<Option<AgeBand>> {
        Ok(self.age_days(ctx, on).await?.map(|days| cases::AgeBand::of(days).into()))
    }
}

filter! {
    /// 退票条件 / Which return cases.
    ReturnCaseWhere {
        /// 环节 / In one of these stages.
        stage: Vec<ReturnStage> => |stages| one_of("stage", stages.iter().map(|one| one.code())),
        /// 未结案 / Whether it is still open.
        open: bool => |open| Only::Null("closed_on", *open),
        /// 退票原因 / Returned for one of these reasons.
        reason: Vec<ReturnReason> => |reasons| {
            one_of("reason", reasons.iter().map(|one| one.code()))
        },
        /// 账龄 / Of this age on a day.
        age: AgedInput => |aged| aged.only("returned_on"),
        /// 银行 / At this bank.
        bank: String => |bank| Only::equal("bank", bank),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 所属月 / Owed for this month.
        month: YearMonth => |month| Only::equal("month", &month.0),
        /// 人员 / Of this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 发放明细 / Of this line.
        line: ID => |id| {
            Only::equal("obligation", &Kind::Line.parse::<shared::ObligationId>(id)?)
        },
        /// 报盘批次 / Sent in this batch.
        batch: ID => |id| Only::equal("batch", &Kind::Batch.local(id)?),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 支付后退回 / Whether it had been paid before.
        late: bool => |late| Only::equal("late", late),
        /// 退票不早于 / Returned on this day or later.
        returned_from: Date => |day| Only::at_least("returned_on", &day.0),
        /// 退票不晚于 / Returned on this day or earlier.
        returned_to: Date => |day| Only::at_most("returned_on", &day.0),
    }
}

order! {
    /// 排序 / One column of an order.
    ReturnCaseOrderInput by
    /// 退票排序字段 / What return cases are ordered by.
    ReturnCaseOrderField {
        /// 退票日期 / The day of the return.
        ReturnedOn => "returned_on",
        /// 金额 / The sum.
        Amount => "amount",
        /// 银行 / The bank.
        Bank => "bank",
        /// 编号 / The attempt.
        Code => "case_id",
    }
}

lists! { ReturnQuery {
    one {
        /// 退票 / A return case.
        return_case(ReturnRow) -> ReturnCase = |id| Kind::ReturnCase.parse(id)?,
    }
    many {
        /// 各退票 / Return cases.
        return_cases(ReturnRow, ReturnCaseWhere, ReturnCaseOrderInput) -> ReturnCaseConnection,
    }
} }

/// 退票汇总的一格 / Returns of one reason and one age.
#[derive(SimpleObject)]
pub struct ReturnSummaryCell {
    /// 退票原因 / Why the bank gave it back.
    reason: ReturnReason,
    /// 账龄段 / How long ago.
    age: AgeBand,
    /// 笔数 / Cases.
    cases: Long,
    /// 人数 / Distinct people.
    people: Long,
    /// 金额 / Their sum.
    amount: Money,
}

/// 退票汇总 / What stood open in a day's evening, by reason and age.
#[derive(SimpleObject)]
pub struct ReturnSummary {
    /// 截止日 / The day.
    on: Date,
    /// 笔数 / Cases in all.
    cases: Long,
    /// 金额 / Their sum.
    amount: Money,
    /// 各格 / By reason and age.
    cells: Vec<ReturnSummaryCell>,
}

#[derive(Default)]
pub struct ReturnSummaryQuery;

#[Object]
impl ReturnSummaryQuery {
    /// 退票汇总：原因 × 账龄 / Open returns by reason and age.
    async fn return_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "截止日，默认今天 / The day, today unless given.")] on: Option<Date>,
        #[graphql(desc = "条件 / Which cases.")] r#where: Option<ReturnCaseWhere>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<ReturnSummary>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let on = day(request, on)?;
        let only = r#where.unwrap_or_default().only()?;
        let found = cases::returned(&session, &request.scope, &only, on).map_err(Fault::from)?;
        Ok(Some(ReturnSummary {
            on: Date(on),
            cases: Long(found.iter().map(|cell| cell.cases).sum()),
            amount: Money(found.iter().map(|cell| cell.amount).sum()),
            cells: found
                .into_iter()
                .map(|cell| ReturnSummaryCell {
                    reason: ReturnReason::stored(cell.reason.code()),
                    age: cell.age.into(),
                    cases: Long(cell.cases),
                    people: Long(cell.people),
                    amount: Money(cell.amount),
                })
                .collect(),
        }))
    }
}
