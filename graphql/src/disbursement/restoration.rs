//! How work is taken up after the log came back from a backup.

use async_graphql::SimpleObject;
use disbursement::restoration::{Heard, Restoration as Standing};
use shared::BankCode;

use crate::view::int;

/// 从备份恢复后的核对：银行所知多于日志，放行前不得发送 / What is held against the banks' lists after a
/// restoration: nothing is sent before its release.
#[derive(Debug, Clone, SimpleObject)]
pub struct Restoration {
    /// 纪元：首次为1，每次恢复加1 / The epoch: 1 at first, one more with each restoration.
    pub epoch: i32,
    /// 是否禁止发送 / Whether sending is locked.
    pub locked: bool,
    /// 已核对的银行 / The banks that were heard.
    pub banks: Vec<BankHeard>,
    /// 申请放行人 / Who asked for the release.
    pub asked_by: Option<String>,
    /// 放行人 / Who released.
    pub released_by: Option<String>,
}

/// 一家银行自备份以来收到的文件 / What a bank received since the backup.
#[derive(Debug, Clone, SimpleObject)]
pub struct BankHeard {
    /// 银行 / The bank.
    pub bank: String,
    /// 文件数 / How many files it named.
    pub files: i32,
    /// 补记为已发送的批次数 / How many batches were recorded as sent.
    pub found: i32,
    /// 银行已收而日志没有、尚未交代的批次 / Batches that only the bank knows and nobody accounted for.
    pub open: Vec<String>,
    /// 已交代的批次 / Those that somebody accounted for.
    pub explained: Vec<LostExplained>,
}

/// 对一个缺失批次的交代 / What was done about a lost batch.
#[derive(Debug, Clone, SimpleObject)]
pub struct LostExplained {
    /// 批次 / The batch.
    pub batch: String,
    /// 处理方式 / What was done.
    pub reason: String,
}

impl Restoration {
    pub fn of(epoch: u32, standing: Standing) -> Self {
        Self {
            epoch: int(epoch),
            locked: standing.released.is_none(),
            banks: standing.banks.iter().map(|(bank, heard)| BankHeard::of(*bank, heard)).collect(),
            asked_by: standing.asked,
            released_by: standing.released,
        }
    }
}

impl BankHeard {
    fn of(bank: BankCode, heard: &Heard) -> Self {
        let explained = heard.explained.iter();
        Self {
            bank: bank.to_string(),
            files: int(heard.files),
            found: int(heard.found),
            open: heard.open().cloned().collect(),
            explained: explained
                .map(|(batch, reason)| LostExplained {
                    batch: batch.clone(),
                    reason: reason.clone(),
                })
                .collect(),
        }
    }
}
