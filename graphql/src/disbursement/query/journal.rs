//! Journals, trial balances, reconciliations and bridges.

use async_graphql::{Context, ID, Object, Result};
use commands::Language;
use disbursement::journal::imbalance;
use projections::books::journal::{self, Asked};
use projections::books::{self, BookRow};
use projections::{ReadSession, runs};
use shared::BankCode;

use crate::disbursement::journal::{
    AccountJournal, BankReconciliation, Bridge, TrialBalance, TrialLine,
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
    #[expect(clippy::too_many_arguments, reason = "what one journal is asked for by")]
    async fn journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "账套 / The book.")] book_id: ID,
        #[graphql(desc = "科目，默认银行存款 / The account; the book's cash unless given.")]
        account: Option<String>,
        #[graphql(desc = "仅此银行 / Of this bank only.")] bank: Option<String>,
        #[graphql(desc = "起始日（含） / From this day.")] from: Date,
        #[graphql(desc = "终止日（含） / To this day.")] to: Date,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<AccountJournal>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let Some(book) = seen(request, &session, &book_id)? else { return Ok(None) };
        let account = account.unwrap_or(book.cash_account);
        let asked = Asked { book: book.book, account, bank: at(bank)?, from: from.0, to: to.0 };
        Ok(Some(AccountJournal { asked }))
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
