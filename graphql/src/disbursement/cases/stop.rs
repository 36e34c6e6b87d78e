//! Stops as standing facts: person × item × from a month × reason, and what of the missed months is
//! owed once they are lifted.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::grants::GrantStopRow;
use shared::Month;

use super::reads::GrantOf;
use crate::batches::load;
use crate::benefits::{Grant, StopReason};
use crate::conditions::filter;
use crate::connection::connection;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::listing::{lists, order};
use crate::reads::PersonOf;
use crate::registry::Person;
use crate::request::request;
use crate::scalars::{Date, DivisionCode, YearMonth};
use crate::view::{int, view};

view! {
    /// 停发：一人一项目自某月起 / A stop of one person's item from a month on.
    complex struct Stop of row: GrantStopRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Stop.id(format_args!("{}/{}", row.grant_id, row.place)),
        /// 待遇 / The grant.
        grant_id: ID = Kind::Grant.id(row.grant_id),
        /// 人员编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 区县 / The county.
        county: DivisionCode = row.county.into(),
        /// 自 / From this month.
        from_month: YearMonth = row.from_month.into(),
        /// 原因代码 / Why, by code.
        reason_code: String = row.reason.to_string(),
        /// 停发日期 / When it was made.
        recorded_on: Date = row.stopped_on.into(),
        /// 停发经办人 / By whom.
        recorded_by: String = row.stopped_by.clone(),
        /// 续发月 / The month from which it is paid again.
        resumed_month: Option<YearMonth> = row.resumed_month.map(YearMonth),
        /// 解除日期 / When it was lifted.
        lifted_on: Option<Date> = row.lifted_on.map(Date),
        /// 解除经办人 / By whom.
        lifted_by: Option<String> = row.lifted_by.clone(),
        /// 解除说明 / Why.
        lifted_reason: Option<String> = row.lifted_reason.clone(),
        /// 停发月份应补发 / Whether the missed months are owed.
        owed: bool = row.owed,
        /// 应补发的月份 / The missed months that are owed.
        missed_months: Vec<YearMonth> = row.missed.iter().copied().map(YearMonth).collect(),
    }
}

connection!("停发", "stops": StopConnection StopEdge of Stop);

#[ComplexObject]
impl Stop {
    /// 原因 / Why; none where the definitions no longer name it.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<StopReason>> {
        Ok(StopReason::today(request(ctx), self.row.reason)?)
    }

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

    /// 截至某月停发的月数 / How many months it keeps back up to a month.
    async fn months_kept_back(
        &self,
        #[graphql(desc = "截至（含） / Up to and with this month.")] through: YearMonth,
    ) -> i32 {
        let last = match self.row.resumed_month.map(Month::previous) {
            Some(last) => last.min(through.0),
            None => through.0,
        };
        if last < self.row.from_month { 0 } else { int(self.row.from_month.through(last).count()) }
    }
}

filter! {
    /// 停发条件 / Which stops.
    StopWhere {
        /// 人员 / Of this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 待遇 / Of this grant.
        grant: ID => |id| Only::equal("grant_id", &Kind::Grant.parse::<shared::GrantId>(id)?),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 原因代码 / For one of these reasons, by code.
        reason: Vec<String> => |reasons| {
            Only::Any(reasons.iter().map(|reason| Only::equal("reason", reason)).collect())
        },
        /// 是否仍停发 / Whether it stands.
        open: bool => |open| Only::Null("resumed_month", *open),
        /// 停发月份是否应补发 / Whether its months are owed.
        owed: bool => |owed| Only::equal("owed", owed),
        /// 起始月不晚于 / From this month or earlier.
        from_to: YearMonth => |month| Only::at_most("from_month", &month.0),
        /// 起始月不早于 / From this month or later.
        from_from: YearMonth => |month| Only::at_least("from_month", &month.0),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
    }
}

order! {
    /// 排序 / One column of an order.
    StopOrderInput by
    /// 停发排序字段 / What stops are ordered by.
    StopOrderField {
        /// 起始月 / From which month.
        FromMonth => "from_month",
        /// 停发日期 / When it was made.
        RecordedOn => "stopped_on",
        /// 原因 / Why.
        Reason => "reason",
    }
}

/// `<grant>/<place>`.
pub fn stop_key(local: &str) -> std::result::Result<(shared::GrantId, u16), Fault> {
    let key = local
        .rsplit_once('/')
        .and_then(|(grant, place)| Some((grant.parse().ok()?, place.parse().ok()?)));
    key.ok_or_else(|| Fault::bad_input("不是停发的编号 / not the id of a stop"))
}

lists! { StopQuery {
    one {
        /// 停发 / A stop.
        stop(GrantStopRow) -> Stop = |id| stop_key(&Kind::Stop.local(id)?)?,
    }
    many {
        /// 各停发 / Stops.
        stops(GrantStopRow, StopWhere, StopOrderInput) -> StopConnection,
    }
} }
