//! The bank's side of one expenditure account, day by day.

use definitions::Direction;
use shared::{Date, Money};
use thiserror::Error;

use super::{DebitSlip, ReturnCredit};

/// One account's book at the bank. Money in arrives before the money out that it covers.
///
/// **Invariant** the balance is never negative, and is the opening balance with every line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBook {
    /// The account's number, as the statement names it.
    pub account: String,
    opening: Money,
    balance: Money,
    lines: Vec<StatementLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    pub bank_serial: String,
    pub posted_on: Date,
    /// As the account's holder reads it: a debit lowers the balance.
    pub direction: Direction,
    pub amount: Money,
    /// After this line.
    pub balance: Money,
    /// The batch, where the bank carries it through; empty otherwise.
    pub reference: String,
    pub memo: String,
}

/// One day of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub account: String,
    pub on: Date,
    pub opening: Money,
    pub lines: Vec<StatementLine>,
    pub closing: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BookError {
    #[error("a debit of {amount} on {account}, which holds {balance}")]
    Overdrawn { account: String, amount: Money, balance: Money },
    #[error("a line of {on} cannot be posted after one of {last}")]
    Backdated { on: Date, last: Date },
    #[error("a line of {amount} is not posted: only more than nothing is")]
    NotPositive { amount: Money },
    #[error("a credit of {amount} is more than {account} can hold")]
    Overflow { account: String, amount: Money },
}

impl AccountBook {
    #[must_use]
    pub fn new(account: &str, opening: Money) -> Self {
        let account = account.to_owned();
        Self { account, opening, balance: opening, lines: Vec::new() }
    }

    #[must_use]
    pub fn balance(&self) -> Money {
        self.balance
    }

    /// A batch leaves the account.
    ///
    /// # Errors
    /// When it is more than the balance, or a later day has lines already.
    pub fn debit(&mut self, slip: &DebitSlip) -> Result<(), BookError> {
        let line = StatementLine {
            reference: slip.batch.clone(),
            ..line(&slip.serial, slip.on, Direction::Debit, slip.amount, "代发")
        };
        self.post(line)
    }

    /// The money of returned lines arrives.
    ///
    /// # Errors
    /// When a later day has lines already.
    pub fn credit_back(&mut self, credit: &ReturnCredit) -> Result<(), BookError> {
        let line = StatementLine {
            reference: credit.batch.clone(),
            ..line(&credit.serial, credit.on, Direction::Credit, credit.amount, "退票")
        };
        self.post(line)
    }

    /// Any other line: an appropriation, interest, a credit that nobody can explain, a debit without
    /// batch. The balance of `line` is not looked at.
    ///
    /// # Errors
    /// As [`AccountBook::debit`].
    pub fn post(&mut self, line: StatementLine) -> Result<(), BookError> {
        let StatementLine { amount, posted_on: on, .. } = line;
        if !amount.is_positive() {
            return Err(BookError::NotPositive { amount });
        }
        if let Some(last) = self.lines.last().map(|last| last.posted_on)
            && on < last
        {
            return Err(BookError::Backdated { on, last });
        }
        let (account, balance) = (&self.account, self.balance);
        let after = match line.direction {
            Direction::Debit => balance
                .checked_sub(amount)
                .filter(|after| !after.is_negative())
                .ok_or_else(|| BookError::Overdrawn { account: account.clone(), amount, balance }),
            Direction::Credit => balance
                .checked_add(amount)
                .ok_or_else(|| BookError::Overflow { account: account.clone(), amount }),
        }?;
        self.balance = after;
        self.lines.push(StatementLine { balance: after, ..line });
        Ok(())
    }

    /// The lines of one day between its opening and closing balance.
    #[must_use]
    pub fn statement(&self, on: Date) -> Statement {
        let start = self.lines.partition_point(|line| line.posted_on < on);
        let end = self.lines.partition_point(|line| line.posted_on <= on);
        let balance_before = |at: usize| match at.checked_sub(1) {
            Some(last) => self.lines[last].balance,
            None => self.opening,
        };
        Statement {
            account: self.account.clone(),
            on,
            opening: balance_before(start),
            lines: self.lines[start..end].to_vec(),
            closing: balance_before(end),
        }
    }
}

/// A line without reference; the book sets its balance.
#[must_use]
pub fn line(
    serial: &str,
    on: Date,
    direction: Direction,
    amount: Money,
    memo: &str,
) -> StatementLine {
    StatementLine {
        bank_serial: serial.to_owned(),
        posted_on: on,
        direction,
        amount,
        balance: Money::ZERO,
        reference: String::new(),
        memo: memo.to_owned(),
    }
}
