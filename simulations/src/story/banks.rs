//! What the banks do wrong, batch by batch, and movements that nobody expects (DISBURSEMENT 4.10).

use definitions::Direction;
use shared::{Date, Money, Month};

use super::cast::{day, month};
use crate::bank::Mischief;

/// A batch of a normal run whose bank misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misdeed {
    pub item: &'static str,
    pub month: i8,
    pub bank: &'static str,
    pub mischief: Mischief,
}

const fn misdeed(item: &'static str, bank: &'static str, mischief: Mischief) -> Misdeed {
    Misdeed { item, month: 2, bank, mischief }
}

/// All on 14 February.
pub const MISDEEDS: &[Misdeed] = &[
    misdeed("A1", "BOC", Mischief::TwoParts),
    misdeed("A1", "CMB", Mischief::SameTwice),
    misdeed("A1", "BOCOM", Mischief::Contradicts { lines: 2 }),
    misdeed("A1", "JSB", Mischief::Stranger),
    misdeed("A5", "JSB", Mischief::TimesOut),
];

/// When the bank that timed out shows the debit on a statement, and says what became of the lines.
pub const ANSWERED_LATE: Date = day(2, 24);
/// When the bank tells of January's line that it had left out, after January was closed.
pub const LATE_RECEIPT: Date = day(2, 5);

/// How many of A5 are paid through the bank that times out, among 20,000 people.
pub(crate) const THROUGH_SILENT_BANK: u32 = 40;

/// A movement on the employee pension's main account that no batch explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stray {
    pub on: Date,
    pub direction: Direction,
    pub fen: i64,
    pub serial: &'static str,
    pub memo: &'static str,
    /// The movement that takes it back, by its serial.
    pub clears: Option<&'static str>,
}

pub const STRAYS: &[Stray] = &[
    Stray {
        on: day(2, 24),
        direction: Direction::Debit,
        fen: 128_000,
        serial: "XD20260224001",
        memo: "扣款",
        clears: None,
    },
    Stray {
        on: day(2, 26),
        direction: Direction::Credit,
        fen: 360_000,
        serial: "XC20260226001",
        memo: "汇入",
        clears: None,
    },
    Stray {
        on: day(3, 10),
        direction: Direction::Credit,
        fen: 128_000,
        serial: "XC20260310001",
        memo: "冲正",
        clears: Some("XD20260224001"),
    },
];

impl Stray {
    #[must_use]
    pub fn amount(&self) -> Money {
        Money::from_fen(self.fen)
    }
}

/// What the bank does with the batch of a normal run.
#[must_use]
pub fn mischief(item: &str, of: Month, bank: &str) -> Mischief {
    let found =
        MISDEEDS.iter().find(|one| one.item == item && month(one.month) == of && one.bank == bank);
    found.map_or(Mischief::Straight, |one| one.mischief)
}
