//! Books as they are printed: journals 日记账, trial balances, the reconciliation with the banks, and
//! the bridge of an item-period as it stands.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use disbursement::journal::TrialRow;
use disbursement::reconcile::{Item, Reconciliation};
use projections::ReadSession;
use projections::books::journal::{self, Asked, ORDER};
use projections::books::{EntryRow, VoucherRow};

use super::certificate::{BookBridge, ItemBridge};
use super::words::{Ledger, ReconcilingKind};
use crate::connection::{self, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::{Request, request};
use crate::scalars::{Date, Long, Money, YearMonth};
use crate::view::int;

connection!("日记账分录", "lines of a journal": JournalLineConnection JournalLineEdge of JournalLine);

/// 日记账的一行 / A line of a journal.
#[derive(Debug, Clone, SimpleObject)]
pub struct JournalLine {
    /// 凭证号 / The voucher's number.
    pub number: Long,
    /// 凭证 / The voucher.
    pub voucher_id: async_graphql::ID,
    /// 记账日 / The day it counts for.
    pub posted_on: Date,
    /// 业务 / What occurred.
    pub occurrence: String,
    /// 依据 / The document behind it.
    pub reference: String,
    /// 报盘批次 / The batch.
    pub batch_id: Option<async_graphql::ID>,
    /// 银行 / At which bank, where the account is kept per bank.
    pub bank: Option<String>,
    /// 借方 / Debit.
    pub debit: Money,
    /// 贷方 / Credit.
    pub credit: Money,
    /// 余额，借方为正 / The balance after it: debits less credits.
    pub balance: Money,
}

/// One account's journal between two days, as it was asked for.
pub struct AccountJournal {
    pub asked: Asked,
}

/// 一个科目在一段日期的日记账 / The journal of one account between two days.
#[Object]
impl AccountJournal {
    /// 科目 / The account.
    async fn account(&self) -> &str {
        &self.asked.account
    }

    /// 银行 / The bank, if only one was asked for.
    async fn bank(&self) -> Option<String> {
        self.asked.bank.map(|bank| bank.to_string())
    }

    /// 期初余额 / What stood before the first day.
    async fn opening(&self, ctx: &Context<'_>) -> Result<Money> {
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let opening = journal::opening(&session, &request.scope, &self.asked);
        Ok(opening.map_err(Fault::from)?.into())
    }

    /// 期末余额 / What stands after the last day.
    async fn closing(&self, ctx: &Context<'_>) -> Result<Money> {
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let closing = journal::closing(&session, &request.scope, &self.asked);
        Ok(closing.map_err(Fault::from)?.into())
    }

    /// 分录，按记账日 / Its lines, by day.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<JournalLineConnection> {
        let request = request(ctx);
        let session = request.session(ctx).await?;
        Ok(lines(request, session, &self.asked, &Paging::new(first, after, last, before))?)
    }
}

/// One page of a journal with its balances.
fn lines(
    request: &Request,
    session: Arc<ReadSession>,
    asked: &Asked,
    paging: &Paging,
) -> std::result::Result<JournalLineConnection, Fault> {
    let (scope, only) = (&request.scope, asked.only());
    let page = connection::page::<EntryRow>(request, &session, &only, &ORDER, paging)?;
    let mut balance = match page.rows.first() {
        Some((row, _)) => journal::balance_before(&session, scope, asked, row)?,
        None => shared::Money::ZERO,
    };
    let numbers = page.rows.iter().map(|(row, _)| row.number);
    let vouchers = journal::vouchers(&session, scope, &asked.book, numbers)?;
    let vouchers: HashMap<u64, VoucherRow> =
        vouchers.into_iter().map(|voucher| (voucher.number, voucher)).collect();
    let page = page.map(|row| {
        balance = balance + row.debit - row.credit;
        line(&row, vouchers.get(&row.number), balance)
    });
    let total = connection::total::<EntryRow>(request, session, only);
    Ok(JournalLineConnection::new(page, total))
}

fn line(row: &EntryRow, voucher: Option<&VoucherRow>, balance: shared::Money) -> JournalLine {
    let told = |of: fn(&VoucherRow) -> &String| voucher.map(of).cloned().unwrap_or_default();
    JournalLine {
        number: Long(row.number),
        voucher_id: Kind::Voucher.id(format_args!("{}/{}", row.book, row.number)),
        posted_on: row.posted_on.into(),
        occurrence: told(|voucher| &voucher.occurrence),
        reference: told(|voucher| &voucher.reference),
        batch_id: row.batch.as_ref().map(|batch| Kind::Batch.id(batch)),
        bank: row.bank.map(|bank| bank.to_string()),
        debit: row.debit.into(),
        credit: row.credit.into(),
        balance: balance.into(),
    }
}

/// 科目余额表的一行 / One account of a trial balance.
#[derive(Debug, Clone, SimpleObject)]
pub struct TrialLine {
    /// 账簿 / The ledger.
    pub ledger: Ledger,
    /// 科目 / The account.
    pub account: String,
    /// 期初余额，借方为正 / At the year's beginning: debits less credits.
    pub opening: Money,
    /// 借方发生额 / Debits of the year up to the day.
    pub debit: Money,
    /// 贷方发生额 / Credits of the year up to the day.
    pub credit: Money,
    /// 期末余额，借方为正 / At the end of the day: debits less credits.
    pub closing: Money,
}

impl From<TrialRow> for TrialLine {
    fn from(row: TrialRow) -> Self {
        Self {
            ledger: Ledger::stored(row.ledger.code()),
            account: row.account,
            opening: row.opening.into(),
            debit: row.debit.into(),
            credit: row.credit.into(),
            closing: row.closing.into(),
        }
    }
}

/// 一日终了的科目余额表 / The trial balance of a book at the end of a day.
#[derive(Debug, Clone, SimpleObject)]
pub struct TrialBalance {
    /// 账套 / The book.
    pub book_id: async_graphql::ID,
    /// 日期 / The day.
    pub on: Date,
    /// 是否借贷相等 / Whether debits are credits in each ledger.
    pub balanced: bool,
    /// 各科目 / Its accounts.
    pub lines: Vec<TrialLine>,
}

/// 未达账项 / What one side entered and the other has not.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReconcilingItem {
    /// 类别 / Which side has it.
    pub kind: ReconcilingKind,
    /// 日期 / The day.
    pub on: Date,
    /// 流水号、凭证号或批次 / The bank's serial, the voucher's number, or the batch.
    pub reference: String,
    /// 金额 / How much.
    pub amount: Money,
}

/// 一家银行最近的对账单 / The last statement of a bank.
#[derive(Debug, Clone, SimpleObject)]
pub struct LastStatement {
    /// 银行 / The bank.
    pub bank: String,
    /// 日期 / Its day.
    pub on: Date,
}

/// 银行支出户存款余额调节表 / Why the bank's balance and the book's differ at a month's end.
#[derive(Debug, Clone, SimpleObject)]
pub struct BankReconciliation {
    /// 支出户科目 / The account of the cash.
    pub account: String,
    /// 银行 / The bank, if only one was asked for.
    pub bank: Option<String>,
    /// 月份 / The month.
    pub month: YearMonth,
    /// 银行对账单余额 / The banks' balance.
    pub bank_balance: Money,
    /// 单位账面余额 / The book's balance.
    pub book_balance: Money,
    /// 调节后银行余额 / The banks' balance with what only the book entered.
    pub bank_adjusted: Money,
    /// 调节后账面余额 / The book's balance with what only the banks entered.
    pub book_adjusted: Money,
    /// 无法解释的差额 / What neither side explains.
    pub unexplained: Money,
    /// 未达账项 / What one side entered and the other has not.
    pub items: Vec<ReconcilingItem>,
    /// 所据对账单 / The last statement of each bank.
    pub statements: Vec<LastStatement>,
}

impl From<Reconciliation> for BankReconciliation {
    fn from(drawn: Reconciliation) -> Self {
        let unexplained = drawn.unexplained().into();
        Self {
            account: drawn.account,
            bank: drawn.bank.map(|bank| bank.to_string()),
            month: drawn.month.into(),
            bank_balance: drawn.bank_balance.into(),
            book_balance: drawn.book_balance.into(),
            bank_adjusted: drawn.bank_adjusted.into(),
            book_adjusted: drawn.book_adjusted.into(),
            unexplained,
            items: drawn.items.into_iter().map(ReconcilingItem::from).collect(),
            statements: drawn
                .statements
                .into_iter()
                .map(|(bank, on)| LastStatement { bank: bank.to_string(), on: on.into() })
                .collect(),
        }
    }
}

impl From<Item> for ReconcilingItem {
    fn from(item: Item) -> Self {
        Self {
            kind: ReconcilingKind::stored(item.kind.code()),
            on: item.on.into(),
            reference: item.reference,
            amount: item.amount.into(),
        }
    }
}

/// 账期勾稽：应发−扣发=报盘+暂扣；报盘=成功+退票+未回；期初+拨入=实付+在途+期末 / The equalities of an
/// item-period as they stand now, whether or not they hold.
#[derive(Debug, Clone, SimpleObject)]
pub struct Bridge {
    /// 账期 / The item-period.
    pub period_id: async_graphql::ID,
    /// 人数 / Distinct people.
    pub people: i32,
    /// 项目等式 / The item's own figures.
    pub item: ItemBridge,
    /// 账套等式 / The figures of each book that paid.
    pub books: Vec<BookBridge>,
    /// 对账单扣款 / What the statements debit.
    pub statement_debits: Money,
    /// 对账单退回 / What the statements credit.
    pub statement_credits: Money,
    /// 未了结差异数 / Differences that are open.
    pub open_differences: i32,
    /// 是否全部成立 / Whether every equality holds.
    pub holds: bool,
    /// 首个不成立的等式 / The first equality that does not hold, with its terms.
    pub broken: Option<String>,
}

impl Bridge {
    pub fn of(period: &str, drawn: &disbursement::Certificate, broken: Option<String>) -> Self {
        Self {
            period_id: Kind::Period.id(period),
            people: int(drawn.people),
            item: ItemBridge::from(&drawn.item),
            books: drawn.books.iter().map(BookBridge::from).collect(),
            statement_debits: drawn.statement_debits.into(),
            statement_credits: drawn.statement_credits.into(),
            open_differences: int(drawn.open_differences),
            holds: broken.is_none(),
            broken,
        }
    }
}
