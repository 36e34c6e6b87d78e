//! A batch: one bank's file of one part of a plan, and the replies to it.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::runs::{BatchActRow, BatchRow, ReplyRow};

use super::line::{LineConnection, LineWhere, lines_of};
use super::plan::Plan;
use super::words::{BatchActKind, BatchStage};
use crate::batches::load;
use crate::connection::Paging;
use crate::global_id::Kind;
use crate::reads::{BatchActsOf, PlanOf, RepliesOf};
use crate::request::request;
use crate::scalars::{Date, DateTime, Decimal, Long, Money, YearMonth};
use crate::view::{Viewed, int, view};

view! {
    /// 报盘批次：一个分片在一家银行的报盘文件 / One bank's file of one part of a plan.
    complex struct Batch of row: BatchRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Batch.id(&row.batch),
        /// 批次编号 / The id as people and banks write it.
        code: String = row.batch.clone(),
        /// 发放计划 / Its plan.
        plan_id: ID = Kind::Plan.id(&row.plan),
        /// 分片 / Its part.
        part: i32 = i32::from(row.part),
        /// 银行 / The bank.
        bank: String = row.bank.to_string(),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 月份 / The month.
        month: YearMonth = row.month.into(),
        /// 出款账套 / The book that pays.
        book_id: ID = Kind::Book.id(&row.account),
        /// 状态 / How it stands.
        stage: BatchStage = BatchStage::stored(&row.stage),
        /// 笔数 / Lines.
        line_count: i32 = int(row.lines),
        /// 金额 / Its total.
        total: Money = row.total.into(),
        /// 文件名 / The name of its file.
        file_name: Option<String> = row.file.clone(),
        /// 文件摘要（SM3） / The digest of its file.
        file_digest: Option<String> = row.digest.map(|digest| digest.to_string()),
        /// 文件格式定义 / The layout of its file.
        layout: Option<String> = row.layout.clone(),
        /// 已签发人 / Who signed.
        signers: Vec<String> = row.signers.clone(),
        /// 银行受理号 / The bank's reference.
        reference: Option<String> = row.reference.clone(),
        /// 银行扣款 / What the bank debited.
        debited: Option<Money> = row.debited.map(Money),
        /// 扣款日 / When it did.
        debited_on: Option<Date> = row.debited_on.map(Date),
        /// 回单号 / The debit slip.
        slip: Option<String> = row.slip.clone(),
        /// 成功笔数 / Lines paid.
        paid_lines: i32 = int(row.paid_lines),
        /// 成功金额 / Paid.
        paid: Money = row.paid.into(),
        /// 退票笔数 / Lines returned.
        returned_lines: i32 = int(row.returned_lines),
        /// 退票金额 / Returned.
        returned: Money = row.returned.into(),
        /// 未回笔数 / Lines not replied yet.
        unreplied_lines: i32 = int(row.unreplied_lines()),
        /// 成功率，按笔数 / The share of lines that was paid.
        success_rate: Option<Decimal> = share(row.paid_lines, row.lines),
        /// 重复回盘笔数 / Lines that were said again.
        duplicates: i32 = int(row.duplicates),
        /// 前后矛盾笔数 / Lines that were said otherwise before.
        contradictions: i32 = int(row.contradictions),
        /// 不属本批次笔数 / Lines that are none of ours.
        strangers: i32 = int(row.strangers),
        /// 已退回资金 / Money that came back.
        money_returned: Money = row.money_returned.into(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision),
    }
}

view! {
    /// 回盘文件 / A reply file of a bank.
    struct Reply of row: ReplyRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Reply.id(row.reply),
        /// 报盘批次 / The batch that it answers.
        batch_id: ID = Kind::Batch.id(&row.batch),
        /// 文件摘要（SM3） / The digest of the file.
        digest: String = row.digest.to_string(),
        /// 行数 / Rows.
        row_count: i32 = int(row.rows_count),
        /// 是否已处理 / Whether it is applied.
        applied: bool = row.applied,
        /// 收到时刻 / When it came.
        received_at: DateTime = row.at.into(),
    }
}

view! {
    /// 一次批次经办动作 / What somebody did to a batch, or its bank said of it.
    struct BatchAct of row: BatchActRow {
        /// 动作 / The act.
        act: BatchActKind = BatchActKind::stored(&row.act),
        /// 岗位 / In which role a key was used.
        role: Option<String> = row.role,
        /// 经办人 / Who did it, or entered it.
        actor: String = row.actor,
        /// 原因 / Why.
        reason: Option<String> = row.reason,
        /// 银行受理号或回单号 / The bank's reference or debit slip.
        reference: Option<String> = row.reference,
        /// 扣款或迟到退票的金额 / What was debited, or came back late.
        amount: Option<Money> = row.amount.map(Money),
        /// 时刻 / When.
        at: DateTime = row.at.into(),
        /// 事件 / The event that says so.
        event_id: ID = Kind::Event.id(row.event),
    }
}

/// A part of a whole with four decimals, half up; none where the whole is nothing.
pub fn share(part: u32, whole: u32) -> Option<Decimal> {
    use rust_decimal::{Decimal as Exact, RoundingStrategy};
    if whole == 0 {
        return None;
    }
    let exact = Exact::from(part) / Exact::from(whole);
    Some(Decimal(exact.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)))
}

#[ComplexObject]
impl Batch {
    /// 发放计划 / Its plan.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<Plan>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, PlanOf(self.row.plan.clone())).await?;
        Ok(rows.into_iter().next().map(Plan::from))
    }

    /// 经办记录 / Who did what to it, and what its bank said of the whole of it.
    async fn acts(&self, ctx: &Context<'_>) -> Result<Vec<BatchAct>> {
        let rows: Vec<BatchActRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, BatchActsOf(self.row.batch.clone())).await?,
        };
        Ok(rows.into_iter().map(BatchAct::from).collect())
    }

    /// 回盘文件 / The replies to it.
    async fn replies(&self, ctx: &Context<'_>) -> Result<Vec<Reply>> {
        let rows: Vec<ReplyRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, RepliesOf(self.row.batch.clone())).await?,
        };
        Ok(rows.into_iter().map(Reply::from).collect())
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
            batch: Some(self.id.clone()),
            and: r#where.map(|more| vec![more]),
            ..LineWhere::default()
        };
        let paging = Paging::new(first, after, last, before);
        Ok(lines_of(ctx, Some(only), &[], &paging).await?)
    }
}
