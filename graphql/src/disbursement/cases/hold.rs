//! Holds that are over: what was kept out of the bank files, for how long, and what it became.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::cases::HoldRow;
use projections::lists::Only;
use shared::ObligationId;

use super::words::{HoldReason, ObligationStage};
use crate::batches::load;
use crate::conditions::{filter, one_of};
use crate::connection::connection;
use crate::disbursement::Line;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::listing::{lists, order};
use crate::reads::PersonOf;
use crate::registry::Person;
use crate::scalars::{Date, DivisionCode, Money, YearMonth};
use crate::view::view;

view! {
    /// 已结束的暂扣 / A hold that is over.
    complex struct PastHold of row: HoldRow {
        /// 全局编号 / The global id.
        id: ID = Kind::PastHold.id(format_args!("{}/{}", row.obligation, row.hold)),
        /// 应付义务 / The obligation that was held.
        obligation_id: ID = Kind::Obligation.id(row.obligation),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 所属月 / The month it is owed for.
        month: YearMonth = row.month.into(),
        /// 人员编号 / The beneficiary.
        person_id: ID = Kind::Person.id(row.person),
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 暂扣的发放次数 / The attempt that was held.
        attempt: i32 = i32::from(row.attempt),
        /// 暂扣原因 / Why.
        reason: Option<HoldReason> = HoldReason::of(row.reason.code()),
        /// 金额 / What was held.
        amount: Money = row.amount.into(),
        /// 核实期限 / The last day to find out.
        verify_by: Option<Date> = row.verify_by.map(Date),
        /// 暂扣日期 / When it began.
        held_on: Date = row.held_on.into(),
        /// 暂扣经办人 / By whom.
        held_by: String = row.held_by.clone(),
        /// 结束日期 / When it ended.
        ended_on: Option<Date> = row.ended_on.map(Date),
        /// 结束经办人 / By whom.
        ended_by: Option<String> = row.ended_by.clone(),
        /// 结束后的状态 / How the obligation stood then.
        became: Option<ObligationStage> =
            row.became.map(|stage| ObligationStage::stored(stage.code())),
        /// 结束原因 / Why it ended, where somebody said so.
        end_reason: Option<String> = row.end_reason.clone(),
    }
}

connection!("暂扣", "holds": PastHoldConnection PastHoldEdge of PastHold);

#[ComplexObject]
impl PastHold {
    /// 人员 / The beneficiary.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let rows = load(ctx, PersonOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(Person::from))
    }

    /// 发放明细 / The line, where it stands in a plan.
    async fn line(&self, ctx: &Context<'_>) -> Result<Option<Line>> {
        Ok(super::reads::line(ctx, self.row.obligation).await?)
    }
}

filter! {
    /// 已结束暂扣的条件 / Which holds that are over.
    PastHoldWhere {
        /// 人员 / Of this person.
        person: ID => |id| Only::equal("person", &Kind::Person.parse::<shared::PersonId>(id)?),
        /// 项目编号 / Of this pay item.
        item_code: String => |item| Only::equal("item", item),
        /// 所属月 / Of this month.
        month: YearMonth => |month| Only::equal("month", &month.0),
        /// 暂扣原因 / For one of these reasons.
        reason: Vec<HoldReason> => |reasons| {
            one_of("reason", reasons.iter().map(|one| one.code()))
        },
        /// 结束后的状态 / What became one of these.
        became: Vec<ObligationStage> => |stages| {
            one_of("became", stages.iter().map(|one| one.code()))
        },
        /// 结束日期不早于 / Ended on this day or later.
        ended_from: Date => |day| Only::at_least("ended_on", &day.0),
        /// 结束日期不晚于 / Ended on this day or earlier.
        ended_to: Date => |day| Only::at_most("ended_on", &day.0),
        /// 区县（含下级） / Within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
    }
}

order! {
    /// 排序 / One column of an order.
    PastHoldOrderInput by
    /// 已结束暂扣排序字段 / What holds that are over are ordered by.
    PastHoldOrderField {
        /// 结束日期 / When it ended.
        EndedOn => "ended_on",
        /// 暂扣日期 / When it began.
        HeldOn => "held_on",
        /// 金额 / What was held.
        Amount => "amount",
    }
}

/// `<obligation>/<hold>`.
pub fn hold_key(local: &str) -> std::result::Result<(ObligationId, u64), Fault> {
    let key = local
        .rsplit_once('/')
        .and_then(|(obligation, hold)| Some((obligation.parse().ok()?, hold.parse().ok()?)));
    key.ok_or_else(|| Fault::bad_input("不是暂扣的编号 / not the id of a hold"))
}

lists! { PastHoldQuery {
    one {
        /// 已结束的暂扣 / A hold that is over.
        past_hold(HoldRow) -> PastHold = |id| hold_key(&Kind::PastHold.local(id)?)?,
    }
    many {
        /// 各已结束的暂扣 / Holds that are over; those that stand are `holds`.
        past_holds(HoldRow, PastHoldWhere, PastHoldOrderInput) -> PastHoldConnection
            = Only::Null("ended_on", false),
    }
} }
