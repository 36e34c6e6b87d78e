//! The certificate of an item-period: the equalities that staff print and sign.
//!
//! DISBURSEMENT.md 2.13: 应发 − 扣发 = 报盘 + 暂扣; 报盘 = 成功 + 退票 + 未回;
//! 期初 + 拨入 = 实付 + 在途 + 期末结余.

mod broken;

use serde::{Deserialize, Serialize};
use shared::{Money, PersonId};

pub use self::broken::Broken;
use crate::batch::{Batch, Outcome, Stage};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub item: ItemBridge,
    /// One per book that paid for the item: none where every line is held.
    pub books: Vec<BookBridge>,
    /// Distinct people, and payments: never the same figure.
    pub people: u32,
    /// What the statements say of this item's batches.
    pub statement_debits: Money,
    pub statement_credits: Money,
    /// Differences that are open, each with an owner. A certificate may list them.
    pub open_differences: u32,
    /// Digests of the bank files, replies and statements that stand behind the figures.
    pub evidence: Vec<String>,
}

/// The item's own equalities, in lines and in money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemBridge {
    /// 应发.
    pub gross: Money,
    /// 扣发.
    pub deductions: Money,
    pub planned_lines: u32,
    /// 报盘.
    pub instructed: Money,
    pub instructed_lines: u32,
    /// 暂扣: held after approval.
    pub held: Money,
    pub held_lines: u32,
    /// Netted to zero: settled without an instruction.
    pub netted_lines: u32,
    /// 成功.
    pub paid: Money,
    pub paid_lines: u32,
    /// 退票.
    pub returned: Money,
    pub returned_lines: u32,
    /// 未回.
    pub unreplied: Money,
    pub unreplied_lines: u32,
}

/// The book's equality: whatever else it paid in the month stands in it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookBridge {
    /// The account stream's id.
    pub book: String,
    /// 期初.
    pub opening: Money,
    /// 拨入.
    pub appropriated: Money,
    /// 实付.
    pub paid: Money,
    /// 在途, with what the banks returned and have not sent back yet.
    pub in_transit: Money,
    /// 期末结余.
    pub closing: Money,
    /// 不明款: unidentified credits in the account less unidentified debits out of it.
    #[serde(default = "zero", skip_serializing_if = "is_nothing")]
    pub unidentified: Money,
    /// 退回委托单位: what of an entrusting unit's money went back to it.
    #[serde(default = "zero", skip_serializing_if = "is_nothing")]
    pub sent_back: Money,
}

impl Certificate {
    /// Every equality, in the order in which staff print them.
    ///
    /// # Errors
    /// The first equality that does not hold, with its terms.
    pub fn check(&self) -> Result<(), Broken> {
        self.item.check()?;
        not_negative([self.statement_debits, self.statement_credits])?;
        let ItemBridge { instructed, returned, .. } = self.item;
        if self.statement_debits != instructed {
            return Err(Broken::Statement { debits: self.statement_debits, instructed });
        }
        if self.statement_credits > returned {
            return Err(Broken::StatementCredits { credits: self.statement_credits, returned });
        }
        if self.books.is_empty() && instructed.is_positive() {
            return Err(Broken::NoBook);
        }
        self.books.iter().try_for_each(BookBridge::check)
    }
}

impl ItemBridge {
    pub const EMPTY: Self = Self {
        gross: Money::ZERO,
        deductions: Money::ZERO,
        planned_lines: 0,
        instructed: Money::ZERO,
        instructed_lines: 0,
        held: Money::ZERO,
        held_lines: 0,
        netted_lines: 0,
        paid: Money::ZERO,
        paid_lines: 0,
        returned: Money::ZERO,
        returned_lines: 0,
        unreplied: Money::ZERO,
        unreplied_lines: 0,
    };

    /// Counts a batch in: nothing of one that its bank refused, or that was withdrawn.
    pub fn add_batch(&mut self, batch: &Batch) {
        if batch.stage == Stage::Rejected {
            return;
        }
        for line in &batch.lines {
            let amount = line.attempt.amount;
            let (lines, sum) = match line.result {
                Outcome::Unknown => (&mut self.unreplied_lines, &mut self.unreplied),
                Outcome::Paid => (&mut self.paid_lines, &mut self.paid),
                Outcome::Returned(_) => (&mut self.returned_lines, &mut self.returned),
            };
            *lines += 1;
            *sum += amount;
            self.instructed_lines += 1;
            self.instructed += amount;
        }
    }

    /// # Errors
    /// As [`Certificate::check`].
    pub fn check(&self) -> Result<(), Broken> {
        let Self { gross, deductions, instructed, held, paid, returned, unreplied, .. } = *self;
        // Two wrong signs would make a wrong equality hold.
        not_negative([gross, deductions, instructed, held, paid, returned, unreplied])?;
        if gross - deductions != instructed + held {
            return Err(Broken::Planned { gross, deductions, instructed, held });
        }
        if self.planned_lines != self.instructed_lines + self.held_lines + self.netted_lines {
            return Err(Broken::PlannedLines {
                planned: self.planned_lines,
                instructed: self.instructed_lines,
                held: self.held_lines,
                netted: self.netted_lines,
            });
        }
        if instructed != paid + returned + unreplied {
            return Err(Broken::Instructed { instructed, paid, returned, unreplied });
        }
        if self.instructed_lines != self.paid_lines + self.returned_lines + self.unreplied_lines {
            return Err(Broken::InstructedLines {
                instructed: self.instructed_lines,
                paid: self.paid_lines,
                returned: self.returned_lines,
                unreplied: self.unreplied_lines,
            });
        }
        Ok(())
    }
}

impl BookBridge {
    /// # Errors
    /// [`Broken::Book`].
    pub fn check(&self) -> Result<(), Broken> {
        let came = self.opening + self.appropriated + self.unidentified;
        if came == self.paid + self.in_transit + self.sent_back + self.closing {
            return Ok(());
        }
        Err(Broken::Book {
            book: self.book.clone(),
            opening: self.opening,
            appropriated: self.appropriated,
            unidentified: self.unidentified,
            paid: self.paid,
            in_transit: self.in_transit,
            sent_back: self.sent_back,
            closing: self.closing,
        })
    }
}

fn zero() -> Money {
    Money::ZERO
}

fn is_nothing(amount: &Money) -> bool {
    *amount == Money::ZERO
}

fn not_negative(figures: impl IntoIterator<Item = Money>) -> Result<(), Broken> {
    match figures.into_iter().find(|figure| figure.is_negative()) {
        Some(amount) => Err(Broken::Negative { amount }),
        None => Ok(()),
    }
}

/// What the bureau signs under a certificate: the item-period, the number, and `body`, which is the
/// certificate with every figure as JSON.
#[must_use]
pub fn message(period: &str, number: u32, body: &str) -> String {
    format!("renshe certificate v1\n{period}\n{number}\n{body}\n")
}

/// Distinct people among beneficiaries.
#[must_use]
pub fn people(persons: impl IntoIterator<Item = PersonId>) -> u32 {
    let distinct: std::collections::BTreeSet<PersonId> = persons.into_iter().collect();
    u32::try_from(distinct.len()).expect("a city has fewer than four billion people")
}
