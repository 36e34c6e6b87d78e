//! Books are opened and get money; statements of their bank accounts are matched.

use async_graphql::ID;
use commands::disbursement::{BookKey, StatementMatched};

use super::{about, file, told};
use crate::disbursement::book::Book;
use crate::disbursement::statement::Statement;
use crate::disbursement::steps::{self, Of};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::Money;
use crate::view::int;

inputs! {
    /// 建账 / Opens a book.
    BookOpenInput {
        /// 基金 / The fund.
        fund: String,
        /// 统筹区 / The pooling area.
        area: String,
        /// 经办机构 / The agency.
        agency: String,
        /// 年度 / The year.
        year: i32,
        /// 上年结转现金 / The cash that the year before left.
        opening: Money,
    }

    /// 登记拨款 / Records money that came into a book.
    BookAppropriateInput {
        /// 账套 / The book.
        book_id: ID,
        /// 金额 / How much.
        amount: Money,
        /// 依据 / The document behind it.
        reference: String,
    }

    /// 导入对账单 / Imports a bank's statement.
    StatementImportInput {
        /// 银行 / The bank.
        bank: String,
        /// 账套 / The book whose account it is of.
        book_id: ID,
        /// 文件名 / What the bank called the file.
        file_name: String,
        /// 已上传文件的编号 / The id that `POST /files` answered.
        artefact_id: ID,
    }
}

payloads! {
    /// 建账的结果 / What came of opening a book.
    BookOpenPayload(String) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 登记拨款的结果 / What came of an appropriation.
    BookAppropriatePayload(Of<()>) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 导入对账单的结果 / What came of a statement.
    StatementImportPayload(Of<(u32, u32)>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
        ;
        /// 已匹配 / Lines matched.
        matched: i32 => |of| int(of.told.0),
        /// 差异 / Differences.
        differences: i32 => |of| int(of.told.1),
    }
}

/// `employee-pension-320600-NT01-2026`: the fund and the agency may hold hyphens, so the book's own
/// row tells its parts where it is open.
///
/// # Errors
/// `BAD_INPUT` for what is no book's id.
pub fn book_key(id: &ID) -> Result<BookKey, Fault> {
    let code = Kind::Book.local(id)?;
    let wrong = || Fault::bad_input("账套编号不正确 / not the id of a book");
    let (rest, year) = code.rsplit_once('-').ok_or_else(wrong)?;
    let words: Vec<&str> = rest.split('-').collect();
    let area = words.iter().position(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let area = area.ok_or_else(wrong)?;
    Ok(BookKey {
        fund: words[..area].join("-").parse().map_err(|_| wrong())?,
        area: words[area].parse().map_err(|_| wrong())?,
        agency: words[area + 1..].join("-").parse().map_err(|_| wrong())?,
        year: year.parse().map_err(|_| wrong())?,
    })
}

/// A book by its parts.
pub(super) fn named(fund: &str, area: &str, agency: &str, year: i32) -> Result<BookKey, Fault> {
    Ok(BookKey {
        fund: coded(fund, "基金代码", "a fund")?,
        area: coded(area, "统筹区", "a pooling area")?,
        agency: coded(agency, "经办机构", "an agency")?,
        year: i16::try_from(year)
            .ok()
            .filter(|year| (1949..=9999).contains(year))
            .ok_or_else(|| Fault::bad_input("年度不正确 / not a year"))?,
    })
}

mutations! { BookMutation {
    /// 建账 / Opens a book.
    book_open(BookOpenInput) -> BookOpenPayload = |app, envelope, input| {
        let key = named(&input.fund, &input.area, &input.agency, input.year)?;
        app.disbursement.open_book(envelope, key, input.opening.0).await
    },
    /// 登记拨款 / Records money that came into a book.
    book_appropriate(BookAppropriateInput) -> BookAppropriatePayload = |app, envelope, input| {
        let key = book_key(&input.book_id)?;
        let pay = &app.disbursement;
        let done =
            pay.receive_appropriation(envelope, key, input.amount.0, &input.reference).await;
        about(&key.to_string(), done)
    },
    /// 导入对账单 / Imports a bank's statement and matches its lines.
    statement_import(StatementImportInput) -> StatementImportPayload = |app, envelope, input| {
        let bank = coded(&input.bank, "银行", "a bank")?;
        let key = book_key(&input.book_id)?;
        let bytes = file(app, &input.artefact_id).await?;
        let pay = &app.disbursement;
        let done = pay.import_statement(envelope, bank, key, &input.file_name, &bytes).await;
        told(done, |matched: StatementMatched| {
            (matched.statement, (matched.matched, matched.differences))
        })
    },
} }
