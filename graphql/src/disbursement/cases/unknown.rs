//! What a bank was told and has not answered, by batch, with its age.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use projections::Value;
use projections::cases;
use projections::lists::Only;
use projections::unknowns::{self, Unknown};

use super::age::{day, days};
use super::words::AgeBand;
use crate::connection::{self, By, PageInfo, Paging};
use crate::disbursement::line::{LineConnection, LineWhere, lines_of};
use crate::disbursement::words::LineState;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Date, Long, Money, Position, YearMonth};

/// 未回盘：一个批次中银行尚未答复的明细 / The unanswered lines of one batch.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct UnknownBatch {
    /// 报盘批次 / The batch.
    batch_id: ID,
    /// 发放计划 / Its plan.
    plan_id: ID,
    /// 银行 / The bank.
    bank: String,
    /// 项目编号 / The pay item's id.
    item_code: String,
    /// 发放月 / The month of the run.
    month: YearMonth,
    /// 发送日期 / When the file went out; its age counts from here.
    sent_on: Date,
    /// 账龄天数 / Days since then.
    age_days: i32,
    /// 账龄段 / The band of its age.
    age_band: AgeBand,
    /// 笔数 / Unanswered lines.
    line_count: Long,
    /// 人数 / Distinct people.
    people: Long,
    /// 金额 / Their sum.
    amount: Money,
}

#[ComplexObject]
impl UnknownBatch {
    /// 未回盘的明细 / The unanswered lines.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<LineConnection> {
        let only = LineWhere {
            batch: Some(self.batch_id.clone()),
            state: Some(vec![LineState::Instructed]),
            ..LineWhere::default()
        };
        let paging = Paging::new(first, after, last, before);
        Ok(lines_of(ctx, Some(only), &[], &paging).await?)
    }
}

/// 未回盘批次及其位置 / A batch with unanswered lines, and its place.
#[derive(SimpleObject)]
pub struct UnknownBatchEdge {
    /// 内容 / What it is.
    node: UnknownBatch,
    /// 游标 / Its place in the list.
    cursor: String,
}

/// 未回盘批次分页 / A page of batches with unanswered lines.
#[derive(SimpleObject)]
pub struct UnknownBatchConnection {
    /// 本页各行 / The rows of this page.
    edges: Vec<UnknownBatchEdge>,
    /// 本页所在位置 / Where this page lies.
    page_info: PageInfo,
}

#[derive(Default)]
pub struct UnknownQuery;

#[Object]
impl UnknownQuery {
    /// 未回盘：已发送而银行尚未答复 / What went out and no bank has answered.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn unknown_batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账龄截止日，默认今天 / Ages count to this day, today unless given.")]
        on: Option<Date>,
        #[graphql(desc = "银行 / At this bank.")] bank: Option<String>,
        #[graphql(desc = "项目编号 / Of this pay item.")] item_code: Option<String>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<UnknownBatchConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let on = day(request, on)?;
        let mut only = Only::everything();
        if let Some(bank) = &bank {
            only = only.and(Only::equal("bank", bank));
        }
        if let Some(item) = &item_code {
            only = only.and(Only::equal("item", item));
        }
        let paging = Paging::new(first, after, None, None);
        let window = paging.window()?;
        let cursors = connection::cursors(request, "unknown_batch", &[By::up("batch")]);
        let after = paging.after.as_ref().map(|cursor| cursors.read(cursor, 1)).transpose()?;
        let after = match after.as_deref() {
            Some([Value::Text(batch)]) => Some(batch.as_str()),
            _ => None,
        };
        let scope = &request.scope;
        let rows = unknowns::unknowns(&session, scope, &only, after, window.size + 1)
            .map_err(Fault::from)?;
        let key = |row: &Unknown| vec![Value::from(row.batch.as_str())];
        let page = connection::finish(rows, window, &paging, &cursors, session.position(), key)?;
        let edge = |(row, cursor)| UnknownBatchEdge { node: shown(row, on), cursor };
        let edges = page.rows.into_iter().map(edge).collect();
        Ok(Some(UnknownBatchConnection { edges, page_info: page.info }))
    }
}

fn shown(row: Unknown, on: shared::Date) -> UnknownBatch {
    let age_days = days(row.sent_on, on);
    UnknownBatch {
        batch_id: Kind::Batch.id(&row.batch),
        plan_id: Kind::Plan.id(&row.plan),
        bank: row.bank.to_string(),
        item_code: row.item.to_string(),
        month: row.month.into(),
        sent_on: row.sent_on.into(),
        age_days,
        age_band: cases::AgeBand::of(age_days).into(),
        line_count: Long(row.lines),
        people: Long(row.people),
        amount: row.amount.into(),
    }
}
