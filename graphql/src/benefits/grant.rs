//! A grant, with its amounts and stops.

use async_graphql::{ComplexObject, Context, ID, Object, Result};
use projections::grants::{self, GrantAmountRow, GrantRow, GrantStopRow};

use super::stop::StopReason;
use super::words::{EndReason, PayeeKind};
use crate::batches::load;
use crate::conditions::filter;
use crate::connection::{self, By, Paging, connection};
use crate::global_id::Kind;
use crate::reads::{AmountsOf, PersonOf, StopsOf};
use crate::registry::{Person, word};
use crate::request::request;
use crate::scalars::{DateTime, DivisionCode, Long, Money, Position, YearMonth};
use crate::scratch::{AsOfInput, entity};
use crate::view::view;

view! {
    /// 待遇：一人对一个项目的领取资格 / One person's entitlement to one pay item.
    complex struct Grant of row: GrantRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Grant.id(row.grant_id),
        /// 受益人编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 所源于的人员 / The person that it arises from.
        arises_from_id: Option<ID> = row.arises_from.map(|person| Kind::Person.id(person)),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 领取人类别 / Who draws.
        payee_kind: PayeeKind = PayeeKind::stored(row.payee.code()),
        /// 领取人编号 / The one who draws.
        payee_id: ID = match row.payee {
            shared::Payee::Employer { employer } => Kind::Employer.id(employer),
            shared::Payee::Person { person }
            | shared::Payee::Guardian { person }
            | shared::Payee::Heir { person }
            | shared::Payee::Relative { person } => Kind::Person.id(person),
        },
        /// 基金 / The fund.
        fund: String = row.fund.to_string(),
        /// 统筹区 / The pooling area.
        area: String = row.area.to_string(),
        /// 区县 / The county.
        county: DivisionCode = row.county.into(),
        /// 发放账户 / The pay address.
        pay_address_id: ID = Kind::PayAddress.id(row.address),
        /// 核定依据 / The document that granted it.
        basis: String = row.basis.clone(),
        /// 起始月 / The first month.
        from_month: YearMonth = row.from_month.into(),
        /// 末月 / The last month, once it is known.
        last_month: Option<YearMonth> = row.last_month.map(YearMonth),
        /// 终止原因 / Why it ended.
        ended: Option<EndReason> =
            row.ended.as_ref().and_then(|reason| EndReason::of(&word(reason))),
        /// 暂停起月 / Since which month it is stopped.
        stopped_from: Option<YearMonth> = row.stopped_from.map(YearMonth),
        /// 暂停原因代码 / Why it is stopped, by code.
        stop_reason_code: Option<String> = row.stop_reason.map(|reason| reason.to_string()),
        /// 登记时刻 / When we wrote it.
        registered_at: DateTime = row.registered_at.into(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

view! {
    /// 一段时期的月金额 / What a component pays from a month on.
    struct GrantAmount of row: GrantAmountRow {
        /// 组成项 / The component.
        component: String = row.component.to_string(),
        /// 月金额 / Its amount a month.
        amount: Money = row.amount.into(),
        /// 自 / From this month.
        from_month: YearMonth = row.from_month.into(),
        /// 至（不含） / Until this month, not with it.
        until_month: Option<YearMonth> = row.until_month.map(YearMonth),
    }
}

view! {
    /// 一段暂停 / A stop.
    struct GrantStop of row: GrantStopRow {
        /// 自 / From this month.
        from_month: YearMonth = row.from_month.into(),
        /// 原因代码 / Why, by code.
        reason_code: String = row.reason.to_string(),
        /// 续发月 / The month from which it is paid again.
        resumed_month: Option<YearMonth> = row.resumed_month.map(YearMonth),
        /// 停发月份应补发 / Whether the missed months are owed.
        owed: bool = row.owed,
    }
}

connection!("待遇", "grants": GrantConnection GrantEdge of Grant);

#[ComplexObject]
impl Grant {
    /// 暂停原因 / Why it is stopped.
    async fn stop_reason(&self, ctx: &Context<'_>) -> Result<Option<StopReason>> {
        let Some(code) = self.row.stop_reason else { return Ok(None) };
        Ok(StopReason::today(request(ctx), code)?)
    }

    /// 受益人 / The beneficiary.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 各期月金额 / Its amounts, by the month from which they hold.
    async fn amounts(&self, ctx: &Context<'_>) -> Result<Vec<GrantAmount>> {
        let rows: Vec<GrantAmountRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, AmountsOf(self.row.grant_id)).await?,
        };
        Ok(rows.into_iter().map(GrantAmount::from).collect())
    }

    /// 各次暂停 / Its stops.
    async fn stops(&self, ctx: &Context<'_>) -> Result<Vec<GrantStop>> {
        let rows: Vec<GrantStopRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, StopsOf(self.row.grant_id)).await?,
        };
        Ok(rows.into_iter().map(GrantStop::from).collect())
    }
}

filter! {
    /// 待遇条件 / Which grants.
    GrantWhere {
        /// 受益人 / Of this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 基金 / Of this fund.
        fund: String => |fund| Only::equal("fund", fund),
        /// 统筹区 / Of this pooling area.
        area: String => |area| Only::equal("area", area),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 发放账户 / Paid to this address.
        pay_address: ID => |id| {
            Only::equal("address", &Kind::PayAddress.parse::<shared::PayAddressId>(id)?)
        },
        /// 是否暂停 / Whether it is stopped.
        stopped: bool => |stopped| {
            Only::Null("stopped_from", !*stopped)
        },
        /// 起始月不早于 / Beginning in this month or later.
        from_month: YearMonth => |month| Only::at_least("from_month", &month.0),
    }
}

#[derive(Default)]
pub struct GrantQuery;

#[Object]
impl GrantQuery {
    /// 待遇 / A grant.
    async fn grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Grant>> {
        let _ = at_least;
        entity!(ctx, GrantRow, Grant, grants::Grants, Kind::Grant, "grant", id, as_of)
    }

    /// 各待遇 / Grants.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which grants.")] r#where: Option<GrantWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<GrantConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("grant_id")];
        let page = connection::page::<GrantRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<GrantRow>(request, session, only);
        Ok(Some(GrantConnection::new(page, total)))
    }
}
