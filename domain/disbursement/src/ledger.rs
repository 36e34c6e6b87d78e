//! Double entry in two linked ledgers: F, the fund's money; M, the memorandum of what is owed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::{BankCode, Date, ItemId, Money, Month};

use crate::faults::{Fault, planted};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ledger {
    /// The fund ledger 基金账: cash, in transit, expense.
    F,
    /// The obligation ledger 备查账: commitment and payable.
    M,
}

impl Ledger {
    pub const ALL: [Self; 2] = [Self::F, Self::M];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::F => "F",
            Self::M => "M",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::F => "基金账",
            Self::M => "备查账",
        }
    }
}

/// One side of a voucher. Exactly one of `debit` and `credit` is above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub ledger: Ledger,
    /// The account's code in the posting policy's chart, such as `expenditure-account`.
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// The batch stream's id, for accounts kept per batch (in transit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// At which bank the money stands or moves, for accounts kept per bank (支出户).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankCode>,
    /// Who is owed or owes it, for accounts kept per payee or recovery: a third party's id, an
    /// obligation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    #[serde(default = "zero", skip_serializing_if = "is_nothing")]
    pub debit: Money,
    #[serde(default = "zero", skip_serializing_if = "is_nothing")]
    pub credit: Money,
}

/// One posting with its evidence. Numbers run from 1 in each book, without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// What happened, a word of the posting policies: `batch_debited`.
    pub occurrence: String,
    /// The stream or document that proves it.
    pub reference: String,
    pub on: Date,
    pub entries: Vec<Entry>,
}

/// What is wrong with a voucher by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherFault {
    Empty,
    OneSided,
    Unbalanced { ledger: Ledger, debit: Money, credit: Money },
}

impl Voucher {
    /// # Errors
    /// When it is empty, an entry has no side or two, or a ledger's debits are not its credits.
    pub fn check(&self) -> Result<(), VoucherFault> {
        if self.entries.is_empty() {
            return Err(VoucherFault::Empty);
        }
        let mut sums: BTreeMap<Ledger, (Money, Money)> = BTreeMap::new();
        for entry in &self.entries {
            let sides = (entry.debit.is_positive(), entry.credit.is_positive());
            if !matches!(sides, (true, false) | (false, true))
                || entry.debit.is_negative()
                || entry.credit.is_negative()
            {
                return Err(VoucherFault::OneSided);
            }
            let (debit, credit) = sums.entry(entry.ledger).or_insert((Money::ZERO, Money::ZERO));
            *debit += entry.debit;
            *credit += entry.credit;
        }
        let unbalanced = sums.into_iter().find(|(_, (debit, credit))| debit != credit);
        match unbalanced.filter(|_| !planted(Fault::BalanceUnchecked)) {
            Some((ledger, (debit, credit))) => {
                Err(VoucherFault::Unbalanced { ledger, debit, credit })
            }
            None => Ok(()),
        }
    }
}

fn zero() -> Money {
    Money::ZERO
}

fn is_nothing(amount: &Money) -> bool {
    *amount == Money::ZERO
}
