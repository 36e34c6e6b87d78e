//! One line of a plan, and why a grant got none.

use serde::{Deserialize, Serialize};
use shared::{
    BankCode, Component, DivisionCode, GrantId, ItemId, Money, Month, ObligationId, PayAddressId,
    Payee, PersonId,
};

/// What is owed to one person for one component of one month, and where it is to go.
///
/// The account number is not here: `address` and its version name it, and the bank file is
/// composed by unsealing that version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The beneficiary.
    pub person: PersonId,
    #[serde(default, skip_serializing_if = "is_whole")]
    pub component: Component,
    /// The month it is owed for, where that is not the plan's own (back-pay 补发).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// 0 for the entitlement itself; adjustments count upwards.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adjustment: u16,
    /// Which try to pay it this is: above 1 after a return.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub attempt: u16,
    pub grant: GrantId,
    /// Who receives it, where that is not the beneficiary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Payee>,
    pub address: PayAddressId,
    pub address_version: u32,
    pub bank: BankCode,
    pub county: DivisionCode,
    pub gross: Money,
    #[serde(default = "zero", skip_serializing_if = "is_nothing")]
    pub deductions: Money,
    pub workings: Workings,
}

/// How the amount came about, so that a clerk can follow it to the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workings {
    /// The grant's revision that was read.
    pub grant_revision: u64,
    /// The month from which the amount holds.
    pub amount_from: Month,
}

impl Line {
    #[must_use]
    pub fn obligation(&self, item: ItemId, plan_month: Month) -> ObligationId {
        ObligationId {
            item,
            month: self.month.unwrap_or(plan_month),
            component: self.component,
            adjustment: self.adjustment,
            person: self.person,
        }
    }

    /// What the bank is asked to pay.
    #[must_use]
    pub fn net(&self) -> Money {
        self.gross - self.deductions
    }
}

fn is_whole(component: &Component) -> bool {
    *component == Component::whole()
}

fn is_zero(adjustment: &u16) -> bool {
    *adjustment == 0
}

fn first() -> u16 {
    1
}

fn is_first(attempt: &u16) -> bool {
    *attempt == 1
}

fn is_nothing(amount: &Money) -> bool {
    *amount == Money::ZERO
}

fn zero() -> Money {
    Money::ZERO
}

/// A grant of the frozen population that gets no line this time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    pub grant: GrantId,
    pub person: PersonId,
    pub reason: Exclusion,
}

/// Why (INVENTORY Part 3.2, step 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// A confirmed death before the month (劳社厅发〔2001〕8号: paid up to the month of death).
    Dead,
    /// A death is reported and not yet confirmed or withdrawn.
    DeathReported,
    /// The grant is suspended in this month.
    Suspended,
    /// No pay address, or one that failed its verification.
    NoUsableAddress,
    /// The pay address is frozen.
    AddressFrozen,
    /// The obligation is claimed: it was planned before.
    AlreadyClaimed,
    /// Outside the item's bounds.
    OutOfBounds,
    /// The change against last month is above the item's threshold and not yet decided.
    ChangeUndecided,
    /// The amount for this month is nothing.
    NothingDue,
    /// Another benefit of the person excludes it, by the competing-benefit matrix.
    CompetingBenefit,
    /// It is due to heirs and their case names nobody yet, or it moved on since the freeze.
    NotWaiting,
}

impl Exclusion {
    pub const ALL: [Self; 11] = [
        Self::Dead,
        Self::DeathReported,
        Self::Suspended,
        Self::NoUsableAddress,
        Self::AddressFrozen,
        Self::AlreadyClaimed,
        Self::OutOfBounds,
        Self::ChangeUndecided,
        Self::NothingDue,
        Self::CompetingBenefit,
        Self::NotWaiting,
    ];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::DeathReported => "death_reported",
            Self::Suspended => "suspended",
            Self::NoUsableAddress => "no_usable_address",
            Self::AddressFrozen => "address_frozen",
            Self::AlreadyClaimed => "already_claimed",
            Self::OutOfBounds => "out_of_bounds",
            Self::ChangeUndecided => "change_undecided",
            Self::NothingDue => "nothing_due",
            Self::CompetingBenefit => "competing_benefit",
            Self::NotWaiting => "not_waiting",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Dead => "已死亡",
            Self::DeathReported => "死亡待核实",
            Self::Suspended => "待遇暂停",
            Self::NoUsableAddress => "无可用发放账户",
            Self::AddressFrozen => "发放账户冻结",
            Self::AlreadyClaimed => "本月已列入发放",
            Self::OutOfBounds => "金额超出项目上下限",
            Self::ChangeUndecided => "环比变动未处理",
            Self::NothingDue => "本月应发为零",
            Self::CompetingBenefit => "与其他待遇冲突",
            Self::NotWaiting => "已不在待发状态",
        }
    }
}

/// Lines and money, together because they are always asked together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub lines: u32,
    pub gross: Money,
    pub deductions: Money,
}

impl Default for Totals {
    fn default() -> Self {
        Self { lines: 0, gross: Money::ZERO, deductions: Money::ZERO }
    }
}

impl Totals {
    /// # Panics
    /// When the sum leaves 64 bits of fen: 92 quadrillion yuan.
    #[must_use]
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        lines.into_iter().fold(Self::default(), |sum, line| {
            sum.plus(Self { lines: 1, gross: line.gross, deductions: line.deductions })
        })
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            lines: self.lines + other.lines,
            gross: self.gross + other.gross,
            deductions: self.deductions + other.deductions,
        }
    }

    #[must_use]
    pub fn net(self) -> Money {
        self.gross - self.deductions
    }
}
