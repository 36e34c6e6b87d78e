//! Journals, trial balances, reconciliations and bridges.

use async_graphql::{Context, ID, Object, Result};
use commands::Language;
use disbursement::journal::imbalance;
use projections::books::journal::{self, Asked};
use projections::books::{self, BookRow};
use projections::{ReadSession, runs};
use shared::BankCode;

use crate::connection::Paging;
use crate::disbursement::journal::{
    AccountJournal, BankReconciliation, Bridge, TrialBalance, TrialLine, account_journal,
};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::coded;
use crate::request::{Request, request};
use crate::scalars::{Date, Position, YearMonth};

/// Statements that one reconciliation or bridge rests on: some years of a book's days.
const STATEMENTS_MAX: u32 = 2_000;

#[derive(Default)]
pub struct JournalQuery;

#[Object]
impl JournalQuery {
    /// 一个科目的日记账 / The journal of one account of a book.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账套 / The book.")] book_id: ID,
        #[graphql(desc = "科目 / The account.")] account: String,
        #[graphql(desc = "仅此银行 / Of this bank only.")] bank: Option<String>,
        #[graphql(desc = "起始日（含） / From this day.")] from: Date,
        #[graphql(desc = "终止日（含） / To this day.")] to: Date,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<AccountJournal>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let Some(book) = seen(request, &session, &book_id)? else { return Ok(None) };
        let asked = Asked { book: book.book, account, bank: at(bank)?, from: from.0, to: to.0 };
        let paging = Paging::new(first, after, last, before);
        Ok(Some(account_journal(request, session, &asked, &paging)?))
    }

    /// 银行存款日记账 / The journal of a book's cash.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn cash_journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账套 / The book.")] book_id: ID,
        #[graphql(desc = "仅此银行 / Of this bank only.")] bank: Option<String>,
        #[graphql(desc = "起始日（含） / From this day.")] from: Date,
        #[graphql(desc = "终止日（含） / To this day.")] to: Date,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<AccountJournal>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let Some(book) = seen(request, &session, &book_id)? else { return Ok(None) };
        let (account, bank) = (book.cash_account, at(bank)?);
        let asked = Asked { book: book.book, account, bank, from: from.0, to: to.0 };
        let paging = Paging::new(first, after, last, before);
        Ok(Some(account_journal(request, session, &asked, &paging)?))
    }

    /// 任意一日的科目余额表 / The trial balance of a book at the end of any day.
    async fn trial_balance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账套 / The book.")] book_id: ID,
        #[graphql(desc = "日期 / The day.")] on: Date,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<TrialBalance>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let Some(book) = seen(request, &session, &book_id)? else { return Ok(None) };
        let rows = journal::trial_balance(&session, &request.scope, &book.book, on.0);
        let rows = rows.map_err(Fault::from)?;
        Ok(Some(TrialBalance {
            book_id: Kind::Book.id(&book.book),
            on,
            balanced: imbalance(&rows).is_empty(),
            lines: rows.into_iter().map(TrialLine::from).collect(),
        }))
    }

    /// 银行支出户存款余额调节表 / The reconciliation of a book's cash with its banks at a month's end.
    async fn reconciliation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账套 / The book.")] book_id: ID,
        #[graphql(desc = "仅此银行 / Of this bank only.")] bank: Option<String>,
        #[graphql(desc = "月份 / The month.")] month: YearMonth,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<BankReconciliation>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let Some(book) = seen(request, &session, &book_id)? else { return Ok(None) };
        let (scope, bank, end) = (&request.scope, at(bank)?, month.0.last_day());
        let ids = books::statements_of(&session, scope, &book.book, bank, end, STATEMENTS_MAX);
        let ids = ids.map_err(Fault::from)?;
        let pay = &request.app().disbursement;
        let drawn = pay.reconciliation(&book.book, bank, month.0, &ids).await;
        Ok(Some(drawn.map_err(Fault::from)?.into()))
    }

    /// 账期勾稽，按现状 / The equalities of an item-period as they stand now.
    async fn bridge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账期 / The item-period.")] period_id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Bridge>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let (scope, id) = (&request.scope, Kind::Period.local(&period_id)?);
        let Some(period) = runs::period(&session, scope, &id).map_err(Fault::from)? else {
            return Ok(None);
        };
        let statements = books::statements_behind(&session, scope, &period.period, STATEMENTS_MAX);
        let statements = statements.map_err(Fault::from)?;
        let (drawn, broken) = request
            .app()
            .disbursement
            .bridge(&period.period, &statements)
            .await
            .map_err(Fault::from)?;
        let broken = broken.map(|broken| match request.language {
            Language::Zh => broken.zh(),
            Language::En => broken.to_string(),
        });
        Ok(Some(Bridge::of(&period.period, &drawn, broken)))
    }
}

/// The book, if the reader may see it.
fn seen(
    request: &Request,
    session: &ReadSession,
    id: &ID,
) -> std::result::Result<Option<BookRow>, Fault> {
    Ok(books::book(session, &request.scope, &Kind::Book.local(id)?)?)
}

fn at(bank: Option<String>) -> std::result::Result<Option<BankCode>, Fault> {
    bank.map(|bank| coded(&bank, "银行", "a bank")).transpose()
}
