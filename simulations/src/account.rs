//! The four banks, and who has an account or a card there.

use shared::{BankCode, CardId, CardNumber, PayAddressId};

use crate::dice::Dice;

/// A bank that pays for the bureau. Its code is that of its layout in `definitions`; the table of
/// card prefixes knows two of the four under another code.
pub(crate) struct PayingBank {
    pub(crate) code: &'static str,
    issuer: &'static str,
    share: u32,
    /// Prefixes of 19-digit cards (`shared`'s table of card prefixes).
    prefixes: &'static [&'static str],
}

/// DISBURSEMENT 4.3; the shares are ours.
pub(crate) const BANKS: &[PayingBank] = &[
    PayingBank {
        code: "BOC",
        issuer: "BOC",
        share: 34,
        prefixes: &["621660", "621661", "621756", "621785", "623208"],
    },
    PayingBank {
        code: "BOCOM",
        issuer: "COMM",
        share: 19,
        prefixes: &["622260", "622261", "622262", "621436"],
    },
    PayingBank { code: "CMB", issuer: "CMB", share: 15, prefixes: &["620520"] },
    PayingBank {
        code: "JSB",
        issuer: "JSBANK",
        share: 32,
        prefixes: &["621076", "622131", "622173", "622876"],
    },
];

/// Takes everything that is in GB18030 and not in GBK.
pub(crate) const UTF8_BANK: &str = "BOC";
pub(crate) const GBK_BANK: &str = "JSB";
/// Times out in February, with forty of the unemployed (DISBURSEMENT 4.10).
pub(crate) const SILENT_BANK: &str = "JSB";

/// A person's social-security card, whose number is also the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: CardId,
    pub bank: BankCode,
    pub number: CardNumber,
    pub state: CardState,
    /// The pay address that the account gets when it is registered.
    pub address: PayAddressId,
}

/// What the card's record says; what the bank knows may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardState {
    /// Made, waiting at the counter.
    Delivered,
    /// In the holder's hands, social function active, financial account not.
    SocialOnly,
    /// Both functions active.
    Active,
    /// Reported lost: credits still arrive (DISBURSEMENT, rule 2).
    ReportedLost,
    /// The holder died.
    Cancelled,
}

/// An account of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAccount {
    pub bank: BankCode,
    /// 18 digits, no card number.
    pub number: String,
    pub address: PayAddressId,
}

/// The banks of the city by the codes of their layouts.
#[must_use]
pub fn banks() -> Vec<BankCode> {
    BANKS.iter().map(PayingBank::bank).collect()
}

/// Under which code the table of card prefixes knows a bank: `COMM` for `BOCOM`, `JSBANK` for
/// `JSB`, else the same.
#[must_use]
pub fn card_issuer(bank: BankCode) -> BankCode {
    BANKS.iter().find(|one| one.code == bank.as_str()).map_or(bank, |one| parse(one.issuer))
}

pub(crate) fn bank(dice: &mut Dice) -> &'static PayingBank {
    let shares: Vec<(&PayingBank, u32)> = BANKS.iter().map(|bank| (bank, bank.share)).collect();
    dice.weighted::<&PayingBank>(&shares)
}

pub(crate) fn bank_of(code: &str) -> &'static PayingBank {
    BANKS.iter().find(|bank| bank.code == code).expect("one of the four banks")
}

impl PayingBank {
    pub(crate) fn bank(&self) -> BankCode {
        parse(self.code)
    }

    pub(crate) fn prefix(&self, dice: &mut Dice) -> &'static str {
        dice.pick::<&str>(self.prefixes)
    }
}

impl CardState {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            CardState::Delivered => "delivered",
            CardState::SocialOnly => "social-only",
            CardState::Active => "active",
            CardState::ReportedLost => "reported-lost",
            CardState::Cancelled => "cancelled",
        }
    }
}

fn parse(code: &str) -> BankCode {
    BankCode::parse(code).expect("the codes of this module are banks")
}
