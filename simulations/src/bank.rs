//! A bank as the bureau sees it: it takes an instruction, debits it in one sum, pays most lines,
//! returns some, says nothing of a few, and sends the returned money back later in one credit.
//!
//! Rows only: `Instruction::from` takes what the crate `bank` has read, `to_rows` gives what it
//! writes.
//!
//! **Invariant** seed, bank and instruction decide everything; what was paid, returned and left
//! unmentioned is together what was sent.

mod book;
mod files;
mod mischief;

use std::collections::{BTreeMap, BTreeSet};

use definitions::LineResult;
use shared::{BankCode, Date, Money, ReturnReason};
use thiserror::Error;

pub use book::{AccountBook, BookError, Statement, StatementLine, line};
pub use mischief::Mischief;

use crate::dice::Dice;

/// One file of lines to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    pub batch: String,
    pub lines: Vec<Line>,
}

/// One line, as far as the bank looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub seq: u32,
    /// The reference that comes back in the reply, `<obligation>#<n>`.
    pub attempt: String,
    pub account: String,
    pub account_name: String,
    pub amount: Money,
}

/// The bank has read the file; nothing is paid yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub reference: String,
    pub count: u32,
    pub total: Money,
}

/// 银行回单 of the payment order: the whole batch has left the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebitSlip {
    pub serial: String,
    pub batch: String,
    pub amount: Money,
    pub on: Date,
}

/// One reply file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub batch: String,
    pub rows: Vec<ReplyRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyRow {
    pub seq: u32,
    pub attempt: String,
    pub account: String,
    pub account_name: String,
    pub amount: Money,
    pub result: LineResult,
    /// For a returned line only.
    pub reason: Option<ReturnReason>,
    /// For a paid line only.
    pub bank_serial: Option<String>,
    pub posted_on: Date,
}

/// The money of a batch's returned lines, coming back as one credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnCredit {
    pub serial: String,
    pub batch: String,
    pub amount: Money,
    pub on: Date,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InstructionError {
    #[error("the total of batch {batch} is beyond what an amount can hold")]
    Overflow { batch: String },
}

/// How often a bank does what, in ten thousand lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    pub returned_per_10k: u32,
    pub unmentioned_per_10k: u32,
    /// Why lines come back, with weights.
    pub reasons: Vec<(ReturnReason, u32)>,
    /// Of the lines that were not mentioned, how many a later reply returns; the others it pays.
    pub late_returned_per_10k: u32,
}

impl Default for Habits {
    /// The first month of the demo: mostly cards whose financial function is not active
    /// (DISBURSEMENT 4.9).
    fn default() -> Self {
        Self {
            returned_per_10k: 90,
            unmentioned_per_10k: 15,
            reasons: vec![
                (ReturnReason::CardNotActive, 64),
                (ReturnReason::AccountClosed, 14),
                (ReturnReason::NameMismatch, 10),
                (ReturnReason::AccountFrozen, 7),
                (ReturnReason::NoSuchAccount, 5),
            ],
            late_returned_per_10k: 2_000,
        }
    }
}

impl Habits {
    /// Every account is right, and every line is answered at once.
    pub const NONE: Self = Self {
        returned_per_10k: 0,
        unmentioned_per_10k: 0,
        reasons: Vec::new(),
        late_returned_per_10k: 0,
    };
}

/// What a bank knows of accounts, whatever its habits are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownAccounts {
    /// Accounts that cannot be credited, and why.
    pub wrong: BTreeMap<String, ReturnReason>,
    /// Accounts that the first reply leaves out.
    pub silent: BTreeSet<String>,
}

/// One of the city's banks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedBank {
    pub code: BankCode,
    seed: u64,
    habits: Habits,
    known: KnownAccounts,
    mischief: Mischief,
}

/// What really becomes of a line at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Paid,
    Returned(ReturnReason),
    /// The first reply says nothing of it.
    Unmentioned,
}

impl SimulatedBank {
    /// An honest bank with the usual habits.
    #[must_use]
    pub fn new(code: BankCode, seed: u64) -> Self {
        let (known, mischief) = (KnownAccounts::default(), Mischief::Straight);
        Self { code, seed, habits: Habits::default(), known, mischief }
    }

    #[must_use]
    pub fn with_habits(self, habits: Habits) -> Self {
        Self { habits, ..self }
    }

    #[must_use]
    pub fn knowing(self, known: KnownAccounts) -> Self {
        Self { known, ..self }
    }

    #[must_use]
    pub fn with_mischief(self, mischief: Mischief) -> Self {
        Self { mischief, ..self }
    }

    /// The bank's reference for the file; `None` when it gives no answer, and nobody outside
    /// knows whether it has the file.
    ///
    /// # Errors
    /// When the lines sum to more than an amount can hold.
    pub fn acknowledge(
        &self,
        instruction: &Instruction,
    ) -> Result<Option<Acknowledgement>, InstructionError> {
        let total = instruction.total()?;
        if self.mischief == Mischief::TimesOut {
            return Ok(None);
        }
        let reference = format!("{}R{:08}", self.code, self.tag("reference", &instruction.batch));
        Ok(Some(Acknowledgement { reference, count: instruction.count(), total }))
    }

    /// The debit of the whole batch, also by a bank that gave no answer.
    ///
    /// # Errors
    /// As [`SimulatedBank::acknowledge`].
    pub fn debit(
        &self,
        instruction: &Instruction,
        on: Date,
    ) -> Result<DebitSlip, InstructionError> {
        let Instruction { batch, .. } = instruction;
        let serial = self.serial("D", batch, on, 0);
        Ok(DebitSlip { serial, batch: batch.clone(), amount: instruction.total()?, on })
    }

    /// What becomes of each line, in the order of the lines, whatever the bank says of it.
    #[must_use]
    pub fn fates(&self, instruction: &Instruction) -> Vec<Fate> {
        let fate = |line: &Line| self.fate(&instruction.batch, line);
        instruction.lines.iter().map(fate).collect()
    }

    /// The reply files, in the order in which they come: one from an honest bank.
    #[must_use]
    pub fn replies(&self, instruction: &Instruction, posted_on: Date) -> Vec<Reply> {
        let batch = &instruction.batch;
        let rows = instruction.lines.iter().filter_map(|line| match self.fate(batch, line) {
            Fate::Paid => Some(self.paid(batch, line, posted_on)),
            Fate::Returned(reason) => Some(returned(line, reason, posted_on)),
            Fate::Unmentioned => None,
        });
        let mut dice = Dice::of_text(self.seed, "mischief", &self.subject(batch));
        self.mischief
            .files(rows.collect(), &mut dice)
            .into_iter()
            .map(|rows| Reply { batch: batch.clone(), rows })
            .collect()
    }

    /// The later reply, when the bank is asked: the lines that the first one left out, or all of
    /// them after a time-out. Every line has then been paid or returned.
    #[must_use]
    pub fn late_reply(&self, instruction: &Instruction, posted_on: Date) -> Reply {
        let batch = &instruction.batch;
        let unheard = self.mischief == Mischief::TimesOut;
        let rows = instruction.lines.iter().filter_map(|line| match self.fate(batch, line) {
            Fate::Paid => unheard.then(|| self.paid(batch, line, posted_on)),
            Fate::Returned(reason) => unheard.then(|| returned(line, reason, posted_on)),
            Fate::Unmentioned => Some(self.decided_late(batch, line, posted_on)),
        });
        Reply { batch: batch.clone(), rows: rows.collect() }
    }

    /// The money of the reply's returned lines; `None` when there are none.
    #[must_use]
    pub fn money_back(&self, reply: &Reply, on: Date) -> Option<ReturnCredit> {
        let returned = reply.rows.iter().filter(|row| row.result == LineResult::Returned);
        let amount = Money::try_sum(returned.map(|row| row.amount))?;
        let serial = self.serial("C", &reply.batch, on, 0);
        amount.is_positive().then(|| ReturnCredit {
            serial,
            batch: reply.batch.clone(),
            amount,
            on,
        })
    }

    fn fate(&self, batch: &str, line: &Line) -> Fate {
        if let Some(reason) = self.known.wrong.get(&line.account) {
            return Fate::Returned(*reason);
        }
        if self.known.silent.contains(&line.account) {
            return Fate::Unmentioned;
        }
        let mut dice = self.line_dice("fate", batch, line);
        let Habits { returned_per_10k, unmentioned_per_10k, reasons, .. } = &self.habits;
        let throw = dice.below(10_000);
        if throw < *returned_per_10k && !reasons.is_empty() {
            Fate::Returned(*dice.weighted(reasons))
        } else if throw >= *returned_per_10k && throw < returned_per_10k + unmentioned_per_10k {
            Fate::Unmentioned
        } else {
            Fate::Paid
        }
    }

    fn decided_late(&self, batch: &str, line: &Line, posted_on: Date) -> ReplyRow {
        let mut dice = self.line_dice("late", batch, line);
        if dice.chance(self.habits.late_returned_per_10k) {
            returned(line, ReturnReason::BankNotReached, posted_on)
        } else {
            self.paid(batch, line, posted_on)
        }
    }

    fn paid(&self, batch: &str, line: &Line, posted_on: Date) -> ReplyRow {
        ReplyRow {
            result: LineResult::Paid,
            bank_serial: Some(self.serial("P", batch, posted_on, line.seq)),
            ..returned_or_paid(line, posted_on)
        }
    }

    /// Unique by batch and line, but for two batches in 10⁸ of one bank and day.
    fn serial(&self, kind: &str, batch: &str, on: Date, seq: u32) -> String {
        let Self { code, .. } = self;
        let day = on.strftime("%Y%m%d");
        format!("{code}{kind}{day}{:08}{seq:06}", self.tag("serial", batch))
    }

    fn tag(&self, label: &str, batch: &str) -> u32 {
        Dice::of_text(self.seed, label, &self.subject(batch)).below(100_000_000)
    }

    fn line_dice(&self, label: &str, batch: &str, line: &Line) -> Dice {
        let subject = format!("{}/{}", self.subject(batch), line.seq);
        Dice::of_text(self.seed, label, &subject)
    }

    fn subject(&self, batch: &str) -> String {
        format!("{}/{batch}", self.code)
    }
}

impl Instruction {
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.lines.len()).expect("a file has fewer lines than 2^32")
    }

    /// # Errors
    /// When the lines sum to more than an amount can hold.
    pub fn total(&self) -> Result<Money, InstructionError> {
        Money::try_sum(self.lines.iter().map(|line| line.amount))
            .ok_or_else(|| InstructionError::Overflow { batch: self.batch.clone() })
    }
}

fn returned(line: &Line, reason: ReturnReason, posted_on: Date) -> ReplyRow {
    ReplyRow { reason: Some(reason), ..returned_or_paid(line, posted_on) }
}

/// What both kinds of row repeat of the line.
fn returned_or_paid(line: &Line, posted_on: Date) -> ReplyRow {
    let Line { seq, attempt, account, account_name, amount } = line.clone();
    ReplyRow {
        seq,
        attempt,
        account,
        account_name,
        amount,
        result: LineResult::Returned,
        reason: None,
        bank_serial: None,
        posted_on,
    }
}
