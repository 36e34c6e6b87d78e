//! Bank statements and the differences in them.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::books::{StatementLineRow, StatementRow};

use super::words::{DifferenceReason, Direction, StatementLineState};
use crate::batches::load;
use crate::global_id::Kind;
use crate::reads::StatementLinesOf;
use crate::scalars::{Date, Money};
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
    struct StatementLine of row: StatementLineRow {
        /// 对账单 / Its statement.
        bank_statement_id: ID = Kind::Statement.id(&row.statement),
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
        /// 匹配批次 / The batch that it belongs to.
        batch_id: Option<ID> = row.batch.as_ref().map(|batch| Kind::Batch.id(batch)),
        /// 责任人 / Who owns the difference.
        owner: Option<String> = row.owner.clone(),
        /// 差异原因 / Why it differs.
        reason: Option<DifferenceReason> = row.reason.as_deref().and_then(DifferenceReason::of),
        /// 处理说明 / How it was resolved.
        note: Option<String> = row.note.clone(),
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
