//! The certificate of an item-period: the equalities that staff print and sign.

use async_graphql::SimpleObject;
use disbursement::certificate as drawn;
use projections::runs::CertificateRow;

use crate::fault::Fault;
use crate::scalars::{DateTime, Money};
use crate::view::int;

/// 核证表：应发−扣发=报盘+暂扣；报盘=成功+退票+未回 / The certificate, and the equalities in it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Certificate {
    /// 序号 / Its number, from 1.
    pub number: i32,
    /// 核证人 / Who drew it up.
    pub drawn_by: String,
    /// 核证时刻 / When.
    pub drawn_at: DateTime,
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
    /// 佐证文件摘要 / Digests of the files behind the figures.
    pub evidence: Vec<String>,
    /// 所签内容摘要（SM3） / The digest of what is signed.
    pub digest: String,
    /// 签名（SM2，十六进制 DER） / The bureau's signature, hexadecimal DER.
    pub signature: Option<String>,
    /// 签名时经办人 / Who had it signed.
    pub signed_by: Option<String>,
    /// 据此关闭账期的人 / Who closed the item-period on it.
    pub closed_by: Option<String>,
    /// 据此关闭账期的时刻 / When.
    pub closed_at: Option<DateTime>,
}

/// 项目的核证数字 / The item's figures on a certificate.
#[derive(Debug, Clone, SimpleObject)]
pub struct ItemBridge {
    /// 应发 / Gross.
    pub gross: Money,
    /// 扣发 / Deductions.
    pub deductions: Money,
    /// 应发笔数 / Lines planned.
    pub planned_lines: i32,
    /// 报盘 / Instructed.
    pub instructed: Money,
    /// 报盘笔数 / Lines instructed.
    pub instructed_lines: i32,
    /// 暂扣 / Held.
    pub held: Money,
    /// 暂扣笔数 / Lines held.
    pub held_lines: i32,
    /// 轧差为零笔数 / Lines netted to zero.
    pub netted_lines: i32,
    /// 成功 / Paid.
    pub paid: Money,
    /// 成功笔数 / Lines paid.
    pub paid_lines: i32,
    /// 退票 / Returned.
    pub returned: Money,
    /// 退票笔数 / Lines returned.
    pub returned_lines: i32,
    /// 未回 / Not replied yet.
    pub unreplied: Money,
    /// 未回笔数 / Lines not replied yet.
    pub unreplied_lines: i32,
}

/// 账套的核证数字：期初+拨入=实付+在途+期末 / A book's figures on a certificate.
#[derive(Debug, Clone, SimpleObject)]
pub struct BookBridge {
    /// 账套 / The book.
    pub book: String,
    /// 期初 / Opening.
    pub opening: Money,
    /// 拨入 / Appropriated.
    pub appropriated: Money,
    /// 实付 / Paid.
    pub paid: Money,
    /// 在途 / In transit.
    pub in_transit: Money,
    /// 期末结余 / Closing.
    pub closing: Money,
    /// 不明款 / Unidentified credits in the account less unidentified debits out of it.
    pub unidentified: Money,
    /// 退回委托单位 / What of an entrusting unit's money went back to it.
    pub sent_back: Money,
}

impl Certificate {
    /// # Errors
    /// When what is stored is not one: a fault of the program.
    pub fn read(row: CertificateRow) -> Result<Self, Fault> {
        let body: drawn::Certificate = serde_json::from_str(&row.body).map_err(Fault::internal)?;
        Ok(Self {
            number: int(row.number),
            drawn_by: row.by,
            drawn_at: row.at.into(),
            people: int(body.people),
            item: ItemBridge::from(&body.item),
            books: body.books.iter().map(BookBridge::from).collect(),
            statement_debits: body.statement_debits.into(),
            statement_credits: body.statement_credits.into(),
            open_differences: int(body.open_differences),
            evidence: body.evidence,
            digest: row.digest,
            signature: row.signature,
            signed_by: row.signed_by,
            closed_by: row.closed_by,
            closed_at: row.closed_at.map(DateTime),
        })
    }
}

impl From<&drawn::ItemBridge> for ItemBridge {
    fn from(item: &drawn::ItemBridge) -> Self {
        Self {
            gross: item.gross.into(),
            deductions: item.deductions.into(),
            planned_lines: int(item.planned_lines),
            instructed: item.instructed.into(),
            instructed_lines: int(item.instructed_lines),
            held: item.held.into(),
            held_lines: int(item.held_lines),
            netted_lines: int(item.netted_lines),
            paid: item.paid.into(),
            paid_lines: int(item.paid_lines),
            returned: item.returned.into(),
            returned_lines: int(item.returned_lines),
            unreplied: item.unreplied.into(),
            unreplied_lines: int(item.unreplied_lines),
        }
    }
}

impl From<&drawn::BookBridge> for BookBridge {
    fn from(book: &drawn::BookBridge) -> Self {
        Self {
            book: book.book.clone(),
            opening: book.opening.into(),
            appropriated: book.appropriated.into(),
            paid: book.paid.into(),
            in_transit: book.in_transit.into(),
            closing: book.closing.into(),
            unidentified: book.unidentified.into(),
            sent_back: book.sent_back.into(),
        }
    }
}
