//! How banks did, and what was paid in full by its pay day.

use async_graphql::SimpleObject;
use projections::quality as kept;
use rust_decimal::Decimal as Exact;

use crate::scalars::{Decimal, Long, Money, YearMonth};
use crate::view::int;

/// 一家银行一个月的代发质量 / One bank in one month.
#[derive(Debug, Clone, SimpleObject)]
pub struct BankQuality {
    /// 月份 / The month.
    pub month: YearMonth,
    /// 银行 / The bank.
    pub bank: String,
    /// 发出文件数 / Files that were sent.
    pub files: i32,
    /// 拒收文件数 / Files that the bank refused.
    pub rejected_files: i32,
    /// 结果未知次数 / How often it was not known what became of a file.
    pub unknown_outcomes: i32,
    /// 查询次数 / How often the bank was asked.
    pub queries: i32,
    /// 报盘笔数 / Lines that were sent and not refused.
    pub line_count: i32,
    /// 报盘金额 / Their money.
    pub instructed: Money,
    /// 成功笔数 / Lines paid.
    pub paid_lines: i32,
    /// 成功金额 / Paid.
    pub paid: Money,
    /// 退票笔数 / Lines returned.
    pub returned_lines: i32,
    /// 退票金额 / Returned.
    pub returned: Money,
    /// 成功后退票笔数 / Lines that were paid first and returned afterwards.
    pub late_lines: i32,
    /// 未回笔数 / Lines not replied.
    pub unknown_lines: i32,
    /// 退票率，占已回笔数 / Returned lines of those replied, from 0 to 1.
    pub return_rate: Option<Decimal>,
    /// 平均回盘天数 / Days from sending to the first reply, on average.
    pub days_to_reply: Option<Decimal>,
    /// 最长回盘天数 / The longest of them.
    pub longest_days_to_reply: i32,
    /// 重复行 / Rows that said the same twice.
    pub duplicates: i32,
    /// 矛盾行 / Rows that contradicted an earlier one.
    pub contradictions: i32,
    /// 陌生行 / Rows of lines that nobody sent.
    pub strangers: i32,
}

impl From<&kept::BankQuality> for BankQuality {
    fn from(row: &kept::BankQuality) -> Self {
        Self {
            month: row.month.into(),
            bank: row.bank.to_string(),
            files: int(row.files),
            rejected_files: int(row.rejected_files),
            unknown_outcomes: int(row.unknown_outcomes),
            queries: int(row.queries),
            line_count: int(row.lines),
            instructed: row.instructed.into(),
            paid_lines: int(row.paid_lines),
            paid: row.paid.into(),
            returned_lines: int(row.returned_lines),
            returned: row.returned.into(),
            late_lines: int(row.late_lines),
            unknown_lines: int(row.unknown_lines()),
            return_rate: row.return_rate().map(basis_points),
            days_to_reply: row.days_hundredths().map(|days| places(days, 2)),
            longest_days_to_reply: int(row.days_to_reply_max),
            duplicates: int(row.duplicates),
            contradictions: int(row.contradictions),
            strangers: int(row.strangers),
        }
    }
}

/// 一个项目一个月的按时足额发放 / What one item owed on its pay days of one month.
#[derive(Debug, Clone, SimpleObject)]
pub struct Promptness {
    /// 月份 / The month.
    pub month: YearMonth,
    /// 项目编号 / The pay item's id.
    pub item_code: String,
    /// 应发笔数 / Lines that were due.
    pub due_lines: Long,
    /// 应发金额 / Their money.
    pub due: Money,
    /// 按时足额笔数 / Lines that were credited from files debited by the pay day.
    pub prompt_lines: Long,
    /// 按时足额金额 / Their money.
    pub prompt: Money,
    /// 逾期发放笔数 / Lines that were credited later.
    pub late_lines: Long,
    /// 逾期发放金额 / Their money.
    pub late: Money,
    /// 按时足额发放率 / Prompt lines of those due, from 0 to 1.
    pub rate: Option<Decimal>,
}

impl From<&kept::Promptness> for Promptness {
    fn from(row: &kept::Promptness) -> Self {
        Self {
            month: row.month.into(),
            item_code: row.item.to_string(),
            due_lines: Long(row.due_lines),
            due: row.due.into(),
            prompt_lines: Long(row.prompt_lines),
            prompt: row.prompt.into(),
            late_lines: Long(row.late_lines),
            late: row.late.into(),
            rate: row.rate().map(basis_points),
        }
    }
}

/// Basis points as a part of 1, rounded down.
fn basis_points(points: u64) -> Decimal {
    places(points, 4)
}

fn places(number: u64, scale: u32) -> Decimal {
    Decimal(Exact::new(i64::try_from(number).unwrap_or(i64::MAX), scale))
}
