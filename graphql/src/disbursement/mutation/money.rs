//! What happens to a book besides paying: it opens on balances, money leaves it for others than
//! payees, its year ends.

use async_graphql::{ID, InputObject};
use commands::disbursement::OpeningBalance;

use super::about;
use super::book::{book_key, named};
use crate::disbursement::book::Book;
use crate::disbursement::steps::{self, Of};
use crate::fault::Fault;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::Money;

/// 一个科目的期初余额 / What stood on an account before the book was kept here.
#[derive(Debug, Clone, InputObject)]
pub struct OpeningBalanceInput {
    /// 科目 / The account.
    pub account: String,
    /// 银行，按银行核算的科目 / The bank, where the account is kept per bank.
    pub bank: Option<String>,
    /// 往来方 / Who is owed or owes it, where the account is kept per payee or recovery.
    pub party: Option<String>,
    /// 借方 / Debit.
    pub debit: Option<Money>,
    /// 贷方 / Credit.
    pub credit: Option<Money>,
}

inputs! {
    /// 按科目余额建账 / Opens a book at a cut-over, on the balances of its accounts.
    BookOpenOnInput {
        /// 基金 / The fund.
        fund: String,
        /// 统筹区 / The pooling area.
        area: String,
        /// 经办机构 / The agency.
        agency: String,
        /// 年度 / The year.
        year: i32,
        /// 各科目期初余额 / The balances.
        balances: Vec<OpeningBalanceInput>,
    }

    /// 结余退回委托单位 / Sends what is left of an entrusting unit's money back to it.
    BookReturnRemainderInput {
        /// 账套 / The book.
        book_id: ID,
        /// 金额 / How much.
        amount: Money,
        /// 依据 / The document behind it.
        reference: String,
    }

    /// 转付扣款 / Sends what one order kept back on to the third party.
    BookRemitDeductionInput {
        /// 账套 / The book.
        book_id: ID,
        /// 扣款编号 / The order's id.
        deduction: String,
        /// 金额 / How much.
        amount: Money,
        /// 依据 / The document behind it.
        reference: String,
    }

    /// 年终结账 / Ends a book's year and opens the next one on its balances.
    BookCloseYearInput {
        /// 账套 / The book.
        book_id: ID,
    }
}

payloads! {
    /// 按余额建账的结果 / What came of opening a book on balances.
    BookOpenOnPayload(String) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 退回结余的结果 / What came of sending the remainder back.
    BookReturnRemainderPayload(Of<()>) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 转付扣款的结果 / What came of remitting a deduction.
    BookRemitDeductionPayload(Of<()>) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 年终结账的结果 / What came of ending the year.
    BookCloseYearPayload(String) {
        /// 下年账套 / The next year's book.
        next: Book = steps::book,
    }
}

fn balance(input: OpeningBalanceInput) -> Result<OpeningBalance, Fault> {
    let side = |amount: Option<Money>| amount.map_or(shared::Money::ZERO, |amount| amount.0);
    Ok(OpeningBalance {
        account: input.account,
        bank: input.bank.map(|bank| coded(&bank, "银行", "a bank")).transpose()?,
        party: input.party,
        debit: side(input.debit),
        credit: side(input.credit),
    })
}

mutations! { MoneyMutation {
    /// 按科目余额建账 / Opens a book at a cut-over, on the balances of its accounts.
    book_open_on(BookOpenOnInput) -> BookOpenOnPayload = |app, envelope, input| {
        let key = named(&input.fund, &input.area, &input.agency, input.year)?;
        let balances = input.balances.into_iter().map(balance);
        let balances = balances.collect::<Result<Vec<_>, _>>()?;
        app.disbursement.open_book_on(envelope, key, &balances).await
    },
    /// 结余退回委托单位 / Sends what is left of an entrusting unit's money back to it.
    book_return_remainder(BookReturnRemainderInput) -> BookReturnRemainderPayload
        = |app, envelope, input| {
        let key = book_key(&input.book_id)?;
        let (pay, amount) = (&app.disbursement, input.amount.0);
        let done = pay.return_remainder(envelope, key, amount, &input.reference).await;
        about(&key.to_string(), done)
    },
    /// 转付扣款 / Sends what one order kept back on to the third party.
    book_remit_deduction(BookRemitDeductionInput) -> BookRemitDeductionPayload
        = |app, envelope, input| {
        let key = book_key(&input.book_id)?;
        let (pay, amount, reference) = (&app.disbursement, input.amount.0, &input.reference);
        let done = pay.remit_deduction(envelope, key, &input.deduction, amount, reference).await;
        about(&key.to_string(), done)
    },
    /// 年终结账 / Ends a book's year and opens the next one on its balances, in one step.
    book_close_year(BookCloseYearInput) -> BookCloseYearPayload = |app, envelope, input| {
        let key = book_key(&input.book_id)?;
        app.disbursement.close_year(envelope, key).await
    },
} }
