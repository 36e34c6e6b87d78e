//! Overpayments on their way back.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use projections::cases::{self, InstalmentRow, RecoveryRow, RecoveryStepRow};

use super::age::day;
use super::reads::{InstalmentsOf, StepsOf};
use super::words::{NotOwedReason, RecoveryStage, RecoveryStepKind, RepaymentAccount};
use crate::batches::load;
use crate::conditions::{filter, one_of};
use crate::connection::connection;
use crate::disbursement::Line;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::listing::{lists, order};
use crate::reads::PersonOf;
use crate::registry::Person;
use crate::request::request;
use crate::scalars::{Date, DateTime, DivisionCode, Long, Money, Position, YearMonth};
use crate::view::{int, view};

view! {
    /// 追回：一笔多发，直到分文不欠 / One overpayment until nothing is owed.
    complex struct Recovery of row: RecoveryRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Recovery.id(row.obligation),
        /// 义务编号 / The obligation that was overpaid.
        code: String = row.obligation.to_string(),
        /// 发放明细 / Its line.
        line_id: ID = Kind::Line.id(row.obligation),
        /// 人员编号 / Who owes it.
        person_id: ID = Kind::Person.id(row.person),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 所属月 / The month that was paid.
        month: YearMonth = row.month.into(),
        /// 组成项 / The component.
        component: String = row.component.to_string(),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 基金 / Whose money it is.
        fund: String = row.fund.to_string(),
        /// 账套 / The book that paid it.
        book_id: ID = Kind::Book.id(&row.book),
        /// 多发金额 / What was overpaid.
        amount: Money = row.amount.into(),
        /// 原因；期初转入的可为其他文字 / Why, where it is one of the list.
        reason: Option<NotOwedReason> = NotOwedReason::of(&row.reason),
        /// 原因文字 / Why, as it was written.
        reason_text: String = row.reason.clone(),
        /// 发现日期 / When it was found.
        found_on: Date = row.found_on.into(),
        /// 是否期初转入 / Whether it comes from before the system.
        carried: bool = row.carried,
        /// 环节 / How it stands.
        stage: RecoveryStage = RecoveryStage::stored(row.stage.code()),
        /// 最近通知文号 / The last written notice.
        notice: Option<String> = row.notice.clone(),
        /// 通知次数 / How many there were.
        notices: i32 = int(row.notices),
        /// 通知日期 / When it was given.
        demanded_on: Option<Date> = row.demanded_on.map(Date),
        /// 还款期限 / By when it asks for the money.
        due: Option<Date> = row.due.map(Date),
        /// 分期协议 / The agreement that stands.
        agreement: Option<String> = row.agreement.clone(),
        /// 协议日期 / From which day it counts.
        agreed_on: Option<Date> = row.agreed_on.map(Date),
        /// 是否移送法院 / Whether a court has it.
        in_court: bool = row.in_court,
        /// 法院 / The court.
        court: Option<String> = row.court.clone(),
        /// 案号 / Its case number.
        court_case: Option<String> = row.court_case.clone(),
        /// 已收回 / What came back.
        received: Money = row.received.into(),
        /// 已抵扣 / What was kept back from other payments.
        offset: Money = row.set_off.into(),
        /// 已核销 / What was written off.
        written_off: Money = row.written_off.into(),
        /// 尚欠 / What is owed now.
        owed: Money = row.owed.into(),
        /// 结束日期 / When it was settled or withdrawn.
        ended_on: Option<Date> = row.ended_on.map(Date),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

view! {
    /// 追回的一步 / One step of a recovery.
    struct RecoveryStep of row: RecoveryStepRow {
        /// 事项 / What happened.
        kind: RecoveryStepKind = RecoveryStepKind::stored(row.step.code()),
        /// 日期 / On which day.
        on: Date = row.happened_on.into(),
        /// 减少的欠款 / By how much the debt got smaller.
        amount: Money = row.moved.into(),
        /// 文号、流水号或案号 / The notice, receipt, case or approval.
        reference: Option<String> = row.reference.clone(),
        /// 法院或批准机关 / The court, or who approved it.
        authority: Option<String> = row.authority.clone(),
        /// 期限 / By when.
        due: Option<Date> = row.due.map(Date),
        /// 入账账户 / Where it arrived.
        account: Option<RepaymentAccount> =
            row.into_account.and_then(|place| RepaymentAccount::of(place.code())),
        /// 从哪笔应付抵扣 / What it was kept back from.
        against_line_id: Option<ID> = row.against.map(|other| Kind::Line.id(other)),
        /// 经办人 / Who entered it.
        actor: String = row.actor.clone(),
        /// 登记时刻 / When we wrote it.
        at: DateTime = row.at.into(),
        /// 事件 / The event.
        event_id: ID = Kind::Event.id(row.event),
    }
}

view! {
    /// 一期还款 / One instalment.
    struct Instalment of row: InstalmentRow {
        /// 期次 / Which one, from 1.
        number: i32 = int(row.number),
        /// 应还日期 / When it is due.
        due: Date = row.due.into(),
        /// 金额 / How much.
        amount: Money = row.amount.into(),
    }
}

connection!("追回", "recoveries": RecoveryConnection RecoveryEdge of Recovery);

#[ComplexObject]
impl Recovery {
    /// 人员 / Who owes it.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 发放明细 / The line that was overpaid.
    async fn line(&self, ctx: &Context<'_>) -> Result<Option<Line>> {
        Ok(super::reads::line(ctx, self.row.obligation).await?)
    }

    /// 经过 / What happened, in order.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<RecoveryStep>> {
        let rows = load(ctx, StepsOf(self.row.obligation)).await?;
        Ok(rows.into_iter().map(RecoveryStep::from).collect())
    }

    /// 分期 / The instalments of the agreement that stands.
    async fn instalments(&self, ctx: &Context<'_>) -> Result<Vec<Instalment>> {
        let rows = load(ctx, InstalmentsOf(self.row.obligation)).await?;
        Ok(rows.into_iter().map(Instalment::from).collect())
    }

    /// 某日日终尚欠 / What was owed at the end of a day.
    async fn owed_on(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "哪一日 / Which day.")] on: Date,
    ) -> Result<Money> {
        let steps = load(ctx, StepsOf(self.row.obligation)).await?;
        Ok(Money(cases::owed_on(&self.row, &steps, on.0)))
    }

    /// 某日日终逾期未还的分期款 / What of the instalments should have come by then and did not.
    async fn overdue_on(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "哪一日，默认今天 / Which day, today unless given.")] on: Option<Date>,
    ) -> Result<Money> {
        let on = day(request(ctx), on)?;
        let steps = load(ctx, StepsOf(self.row.obligation)).await?;
        let parts = load(ctx, InstalmentsOf(self.row.obligation)).await?;
        Ok(Money(cases::overdue_on(&self.row, &parts, &steps, on)))
    }
}

filter! {
    /// 追回条件 / Which recoveries.
    RecoveryWhere {
        /// 环节 / In one of these stages.
        stage: Vec<RecoveryStage> => |stages| one_of("stage", stages.iter().map(|one| one.code())),
        /// 未结束 / Whether something is still owed.
        open: bool => |open| Only::Null("ended_on", *open),
        /// 人员 / From this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 基金 / Of this fund.
        fund: String => |fund| Only::equal("fund", fund),
        /// 账套 / Of this book.
        book: ID => |id| Only::equal("book", &Kind::Book.local(id)?),
        /// 原因 / For one of these reasons.
        reason: Vec<NotOwedReason> => |reasons| {
            one_of("reason", reasons.iter().map(|one| one.code()))
        },
        /// 是否移送法院 / Whether a court has it.
        in_court: bool => |yes| Only::equal("in_court", yes),
        /// 是否期初转入 / Whether it comes from before the system.
        carried: bool => |yes| Only::equal("carried", yes),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 发现不早于 / Found on this day or later.
        found_from: Date => |day| Only::at_least("found_on", &day.0),
        /// 发现不晚于 / Found on this day or earlier.
        found_to: Date => |day| Only::at_most("found_on", &day.0),
        /// 还款期限不晚于 / To be paid by this day or earlier.
        due_to: Date => |day| Only::at_most("due", &day.0),
        /// 尚欠不低于 / With at least this owed.
        owed_from: Money => |money| Only::at_least("owed", &money.0),
    }
}

order! {
    /// 排序 / One column of an order.
    RecoveryOrderInput by
    /// 追回排序字段 / What recoveries are ordered by.
    RecoveryOrderField {
        /// 发现日期 / When it was found.
        FoundOn => "found_on",
        /// 尚欠 / What is owed.
        Owed => "owed",
        /// 多发金额 / What was overpaid.
        Amount => "amount",
        /// 义务编号 / The obligation.
        Code => "obligation",
    }
}

lists! { RecoveryQuery {
    one {
        /// 追回 / A recovery.
        recovery(RecoveryRow) -> Recovery = |id| Kind::Recovery.parse(id)?,
    }
    many {
        /// 各追回 / Recoveries.
        recoveries(RecoveryRow, RecoveryWhere, RecoveryOrderInput) -> RecoveryConnection,
    }
} }

/// 一项基金的待追回 / What one fund was overpaid, and what of it is still owed.
#[derive(SimpleObject)]
pub struct RecoveryFund {
    /// 基金 / The fund.
    fund: String,
    /// 追回数 / Recoveries.
    recoveries: Long,
    /// 人数 / Distinct people.
    people: Long,
    /// 多发金额 / What was found up to the day.
    found: Money,
    /// 已追回、抵扣、核销或撤销 / What had come back or fallen away by then.
    moved: Money,
    /// 尚欠 / What was owed at its end.
    owed: Money,
}

/// 待追回汇总 / What was still owed at the end of a day.
#[derive(SimpleObject)]
pub struct RecoverySummary {
    /// 截止日 / The day.
    on: Date,
    /// 尚欠合计 / Owed in all.
    owed: Money,
    /// 各基金；基金之间不得相抵 / By fund: no fund pays for another.
    funds: Vec<RecoveryFund>,
}

#[derive(Default)]
pub struct RecoverySummaryQuery;

#[Object]
impl RecoverySummaryQuery {
    /// 待追回汇总，任一日期 / What was still owed at the end of any day.
    async fn recovery_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "截止日，默认今天 / The day, today unless given.")] on: Option<Date>,
        #[graphql(desc = "条件 / Which recoveries.")] r#where: Option<RecoveryWhere>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<RecoverySummary>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let on = day(request, on)?;
        let only = r#where.unwrap_or_default().only()?;
        let found = cases::outstanding(&session, &request.scope, &only, on).map_err(Fault::from)?;
        Ok(Some(RecoverySummary {
            on: Date(on),
            owed: Money(found.iter().map(cases::Standing::owed).sum()),
            funds: found
                .into_iter()
                .map(|one| RecoveryFund {
                    fund: one.fund.to_string(),
                    recoveries: Long(one.recoveries),
                    people: Long(one.people),
                    found: Money(one.found),
                    moved: Money(one.moved),
                    owed: Money(one.owed()),
                })
                .collect(),
        }))
    }
}
