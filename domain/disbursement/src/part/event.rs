//! What is stored of a part for ever.

use serde::{Deserialize, Serialize};
use shared::{BankCode, Component, Money, PersonId};

use crate::line::{Excluded, Line, Totals};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// At most 1,000 lines and 256 KiB.
    #[serde(rename = "part.lines-calculated.v1")]
    LinesCalculated { chunk: u32, lines: Vec<Line> },
    #[serde(rename = "part.grants-excluded.v1")]
    GrantsExcluded { chunk: u32, excluded: Vec<Excluded> },
    #[serde(rename = "part.sealed.v1")]
    Sealed { grants: u32, totals: Totals, excluded: u32 },
    /// Taken out of the bank files after approval: from 报盘 to 暂扣.
    #[serde(rename = "part.lines-held.v1")]
    LinesHeld { lines: Vec<Held> },
    /// Back in the bank files before they were made: places in the part.
    #[serde(rename = "part.lines-released.v1")]
    LinesReleased { lines: Vec<u32> },
    /// The payable lines of one bank stand in a batch: they cannot be held any more.
    #[serde(rename = "part.instructed.v1")]
    Instructed { bank: BankCode, batch: String, lines: u32, total: Money },
    /// The batch was refused by the bank, or withdrawn: they stand in none.
    #[serde(rename = "part.freed.v1")]
    Freed { bank: BankCode, batch: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The line's place in the part, from 0.
    pub line: u32,
    pub person: PersonId,
    pub component: Component,
    pub reason: Hold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    DeathReported,
    DeathConfirmed,
    AddressChanged,
    PersonMerged,
    /// The bank's character set cannot hold the name.
    BankCharset,
    /// A clerk's or a court's word.
    Ordered,
    /// The account is closed, frozen, or has another number.
    AccountUnusable,
    /// It waits for the end of a dispute or of a check of its conditions.
    InDispute,
}

impl Hold {
    pub const ALL: [Self; 8] = [
        Self::DeathReported,
        Self::DeathConfirmed,
        Self::AddressChanged,
        Self::PersonMerged,
        Self::BankCharset,
        Self::Ordered,
        Self::AccountUnusable,
        Self::InDispute,
    ];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DeathReported => "death_reported",
            Self::DeathConfirmed => "death_confirmed",
            Self::AddressChanged => "address_changed",
            Self::PersonMerged => "person_merged",
            Self::BankCharset => "bank_charset",
            Self::Ordered => "ordered",
            Self::AccountUnusable => "account_unusable",
            Self::InDispute => "in_dispute",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::DeathReported => "死亡待核实",
            Self::DeathConfirmed => "死亡已确认",
            Self::AddressChanged => "发放账户变更",
            Self::PersonMerged => "人员合并",
            Self::BankCharset => "银行字符集无法表示姓名",
            Self::Ordered => "人工或司法暂扣",
            Self::AccountUnusable => "发放账户不可用",
            Self::InDispute => "待核实",
        }
    }
}
