//! A book of one fund: its trial balance, vouchers and journal.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::books::{BalanceRow, BookRow, ClosedItemRow, EntryRow, VoucherRow};
use projections::lists::Only;

use super::words::Ledger;
use crate::batches::load;
use crate::connection::{self, By, Paging, connection};
use crate::global_id::Kind;
use crate::reads::{BalancesOf, ClosedItemsOf, EntriesOf};
use crate::request::request;
use crate::scalars::{Date, DateTime, Long, Money, YearMonth};
use crate::view::{Viewed, int, view};

view! {
    /// 账套：一项基金在一个统筹区、一家机构、一个年度的账 / One fund's book for one year.
    complex struct Book of row: BookRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Book.id(&row.book),
        /// 账套编号 / The id as people write it.
        code: String = row.book.clone(),
        /// 基金 / The fund.
        fund: String = row.fund.to_string(),
        /// 统筹区 / The pooling area.
        area: String = row.area.to_string(),
        /// 经办机构 / The agency.
        agency: String = row.agency.to_string(),
        /// 年度 / The year.
        year: i32 = row.year,
        /// 记账规则 / The posting policy.
        policy: String = row.policy.clone(),
        /// 支出户科目 / The account of its cash.
        cash_account: String = row.cash_account.clone(),
        /// 期初 / The opening cash.
        opening: Money = row.opening.into(),
        /// 支出户余额 / Cash.
        cash: Money = row.cash.into(),
        /// 已预留 / Set aside and not taken yet.
        reserved: Money = row.reserved.into(),
        /// 可用 / Free.
        free: Money = Money(row.cash - row.reserved),
        /// 凭证数 / Vouchers.
        voucher_count: Long = Long(row.vouchers),
        /// 已结账 / Whether it is closed.
        closed: bool = row.closed,
        /// 上年账套 / The book of the year before, whose balances it opened on.
        carried_from_id: Option<ID> = row.carried_from.as_ref().map(|book| Kind::Book.id(book)),
        /// 下年账套 / The next year's book, once this year is closed.
        carried_into_id: Option<ID> = row.carried_into.as_ref().map(|book| Kind::Book.id(book)),
    }
}

view! {
    /// 已结账的项目月份 / An item-month that a book takes no voucher of any more.
    struct ClosedItem of row: ClosedItemRow {
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 月份 / The month.
        month: YearMonth = row.month.into(),
        /// 结账人 / Who closed it.
        closed_by: String = row.closed_by.clone(),
        /// 结账日 / On which day.
        closed_on: Date = row.closed_on.into(),
    }
}

view! {
    /// 科目余额 / One account of a trial balance.
    struct Balance of row: BalanceRow {
        /// 账簿 / The ledger.
        ledger: Ledger = Ledger::stored(&row.ledger),
        /// 科目 / The account.
        account: String = row.account.clone(),
        /// 借方合计 / Debits.
        debit: Money = row.debit.into(),
        /// 贷方合计 / Credits.
        credit: Money = row.credit.into(),
    }
}

view! {
    /// 记账凭证 / A voucher.
    complex struct Voucher of row: VoucherRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Voucher.id(format_args!("{}/{}", row.book, row.number)),
        /// 凭证号 / Its number in the book, from 1.
        number: Long = Long(row.number),
        /// 业务 / What occurred.
        occurrence: String = row.occurrence.clone(),
        /// 依据 / The document behind it.
        reference: String = row.reference.clone(),
        /// 记账日 / The day it counts for.
        posted_on: Date = row.posted_on.into(),
        /// 金额 / Its amount.
        amount: Money = row.amount.into(),
        /// 记账人 / Who posted it.
        posted_by: String = row.by.clone(),
        /// 记账时刻 / When.
        posted_at: DateTime = row.at.into(),
        /// 事件 / The event that says so.
        event_id: ID = Kind::Event.id(row.event),
    }
}

view! {
    /// 会计分录 / An entry of a voucher.
    struct Entry of row: EntryRow {
        /// 行次 / Its place in the voucher.
        place: i32 = int(row.place),
        /// 账簿 / The ledger.
        ledger: Ledger = Ledger::stored(&row.ledger),
        /// 科目 / The account.
        account: String = row.account.clone(),
        /// 项目编号 / The pay item's id.
        item_code: Option<String> = row.item.map(|item| item.to_string()),
        /// 月份 / The month.
        month: Option<YearMonth> = row.month.map(YearMonth),
        /// 报盘批次 / The batch.
        batch_id: Option<ID> = row.batch.as_ref().map(|batch| Kind::Batch.id(batch)),
        /// 银行 / At which bank, where the account is kept per bank.
        bank: Option<String> = row.bank.map(|bank| bank.to_string()),
        /// 往来方 / Who is owed or owes it, where the account is kept per payee or recovery.
        party: Option<String> = row.party.clone(),
        /// 借方 / Debit.
        debit: Money = row.debit.into(),
        /// 贷方 / Credit.
        credit: Money = row.credit.into(),
    }
}

connection!("记账凭证", "vouchers": VoucherConnection VoucherEdge of Voucher);

#[ComplexObject]
impl Book {
    /// 试算平衡 / The trial balance.
    async fn trial_balance(&self, ctx: &Context<'_>) -> Result<Vec<Balance>> {
        let rows: Vec<BalanceRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, BalancesOf(self.row.book.clone())).await?,
        };
        Ok(rows.into_iter().map(Balance::from).collect())
    }

    /// 期初分录；结转而来的即上年余额 / The entries of its opening: the balances that were carried, if they were.
    async fn opening_entries(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, EntriesOf(self.row.book.clone(), 0)).await?;
        Ok(rows.into_iter().map(Entry::from).collect())
    }

    /// 已结账的项目月份 / The item-months that it takes no voucher of any more.
    async fn closed_items(&self, ctx: &Context<'_>) -> Result<Vec<ClosedItem>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, ClosedItemsOf(self.row.book.clone())).await?;
        Ok(rows.into_iter().map(ClosedItem::from).collect())
    }

    /// 日记账 / Its vouchers.
    async fn vouchers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "仅此依据 / Only those of this document.")] reference: Option<String>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<VoucherConnection> {
        self.present_only(request(ctx))?;
        let mut only = Only::equal("book", &self.row.book);
        if let Some(reference) = reference {
            only = only.and(Only::equal("reference", &reference));
        }
        let order = [By::up("number")];
        let paging = Paging::new(first, after, last, before);
        let page = connection::page_among::<VoucherRow>(ctx, &only, &order, &paging).await?;
        Ok(VoucherConnection::new(page, connection::total_among::<VoucherRow>(only)))
    }
}

#[ComplexObject]
impl Voucher {
    /// 分录 / Its entries.
    async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        let rows = load(ctx, EntriesOf(self.row.book.clone(), self.row.number)).await?;
        Ok(rows.into_iter().map(Entry::from).collect())
    }
}
