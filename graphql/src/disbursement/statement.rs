//! Bank statements and the differences in them.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::books::{StatementLineRow, StatementMatchRow, StatementRow};

use super::words::{DifferenceReason, Direction, SettledHow, StatementLineState};
use crate::batches::load;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::reads::{MatchesOf, StatementLinesOf};
use crate::request::request;
use crate::scalars::{Date, Long, Money};
use crate::view::{int, view};

view! {
    /// 银行对账单 / A bank's statement of one day.
    complex struct Statement of row: StatementRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Statement.id(&row.statement),
        /// 对账单编号 / The id as people write it.
        code: String = row.statement.clone(),
        /// 银行 / The bank.
        bank: String = row.bank.to_string(),
        /// 基金 / The fund.
        fund: String = row.fund.to_string(),
        /// 账套 / The book.
        book_id: ID = Kind::Book.id(&row.book),
        /// 日期 / The day.
        posted_on: Date = row.posted_on.into(),
        /// 期初余额 / The opening balance.
        opening: Money = row.opening.into(),
        /// 期末余额 / The closing balance.
        closing: Money = row.closing.into(),
        /// 付出合计 / Debits.
        debits: Money = row.debits.into(),
        /// 收入合计 / Credits.
        credits: Money = row.credits.into(),
        /// 行数 / Lines.
        line_count: i32 = int(row.lines),
        /// 已匹配 / Lines matched.
        matched: i32 = int(row.matched),
        /// 未了结差异 / Differences that are open.
        difference_count: i32 = int(row.differences),
        /// 文件摘要（SM3） / The digest of the file.
        digest: String = row.digest.to_string(),
    }
}

view! {
    /// 对账单行 / A line of a statement.
    complex struct StatementLine of row: StatementLineRow {
        /// 对账单 / Its statement.
        bank_statement_id: ID = Kind::Statement.id(&row.statement),
        /// 银行 / The bank.
        bank: String = row.bank.to_string(),
        /// 账套 / The book.
        book_id: ID = Kind::Book.id(&row.book),
        /// 日期 / The day of the movement.
        posted_on: Date = row.posted_on.into(),
        /// 银行流水号 / The bank's serial.
        serial: String = row.serial.clone(),
        /// 方向 / Which way.
        direction: Direction = Direction::stored(&row.direction),
        /// 金额 / How much.
        amount: Money = row.amount.into(),
        /// 附言 / The reference that it carries.
        reference: Option<String> = row.reference.clone(),
        /// 余额 / The balance after it.
        balance: Money = row.balance.into(),
        /// 状态 / How it stands.
        state: StatementLineState = StatementLineState::stored(&row.state),
        /// 匹配批次；有多个时为空 / The one batch that it belongs to; none where there are several.
        batch_id: Option<ID> = row.batch.as_ref().map(|batch| Kind::Batch.id(batch)),
        /// 责任人 / Who owns the difference.
        owner: Option<String> = row.owner.clone(),
        /// 差异原因 / Why it differs.
        reason: Option<DifferenceReason> = row.reason.as_deref().and_then(DifferenceReason::of),
        /// 差异发现日 / The day on which the difference was found.
        found_on: Option<Date> = row.found_on.map(Date),
        /// 暂收暂付凭证号 / The voucher that holds it in a suspense account.
        booked_voucher: Option<Long> = row.booked.map(Long),
        /// 了结方式 / How it was settled.
        settled: Option<SettledHow> = row.settled.as_deref().and_then(SettledHow::of),
        /// 了结日 / When.
        settled_on: Option<Date> = row.settled_on.map(Date),
        /// 差异了结人 / Who resolved the difference.
        resolved_by: Option<String> = row.resolved_by.clone(),
        /// 冲回流水，对账单/流水号 / The movement that took it back: statement and serial.
        cleared_by: Option<String> = row.cleared_by.clone(),
        /// 处理说明 / How it was resolved.
        note: Option<String> = row.note.clone(),
    }
}

view! {
    /// 对账匹配 / What a movement was matched with.
    struct StatementMatch of row: StatementMatchRow {
        /// 报盘批次 / The batch.
        batch_id: Option<ID> = row.batch.as_ref().map(|batch| Kind::Batch.id(batch)),
        /// 凭证号 / The voucher of the book.
        voucher_number: Option<Long> = row.voucher.map(Long),
        /// 金额 / How much of the movement.
        amount: Money = row.amount.into(),
    }
}

#[ComplexObject]
impl StatementLine {
    /// 差异账龄，天；已了结的算到了结日 / Days from the finding of the difference to its end, or to today.
    async fn age_days(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let Some(found) = self.row.found_on else { return Ok(None) };
        let end = match self.row.settled_on {
            Some(end) => end,
            None => request(ctx).app().executor.today().map_err(Fault::from)?,
        };
        let days = end.since((jiff::Unit::Day, found)).map(|span| span.get_days());
        Ok(Some(days.unwrap_or_default().max(0)))
    }

    /// 匹配：一对一或一对多 / What it was matched with: one, or several.
    async fn matches(&self, ctx: &Context<'_>) -> Result<Vec<StatementMatch>> {
        let rows = load(ctx, MatchesOf(self.row.statement.clone())).await?;
        let own = rows.into_iter().filter(|row| row.serial == self.row.serial);
        Ok(own.map(StatementMatch::from).collect())
    }
}

#[ComplexObject]
impl Statement {
    /// 各行 / Its lines.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<StatementLine>> {
        let rows = load(ctx, StatementLinesOf(self.row.statement.clone())).await?;
        Ok(rows.into_iter().map(StatementLine::from).collect())
    }
}
