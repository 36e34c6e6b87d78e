//! Between the simulated bank and the files of the crate `bank`: the bank reads the bureau's
//! instruction, and writes its reply and statement.

use ::bank::{Said, reply, statement};
use definitions::LineResult;
use shared::{Pii, ReturnReason};

use super::{Instruction, Line, Reply, ReplyRow, Statement, StatementLine};

impl From<&::bank::Instruction> for Instruction {
    /// As the bank reads the file.
    fn from(read: &::bank::Instruction) -> Self {
        let lines = read.lines.iter().map(|line| Line {
            seq: line.seq,
            attempt: line.attempt.clone(),
            account: line.account.expose().clone(),
            account_name: line.account_name.expose().clone(),
            amount: line.amount,
        });
        Self { batch: read.header.batch.clone(), lines: lines.collect() }
    }
}

impl Reply {
    /// The rows to write; the reason goes out in the bank's own first code for it.
    #[must_use]
    pub fn to_rows(&self) -> Vec<reply::Row> {
        self.rows.iter().map(ReplyRow::to_row).collect()
    }
}

impl ReplyRow {
    fn to_row(&self) -> reply::Row {
        let said = match self.result {
            LineResult::Paid => Said::Paid { serial: self.bank_serial.clone().unwrap_or_default() },
            LineResult::Returned => Said::Returned {
                reason: self.reason.unwrap_or(ReturnReason::Other),
                bank_code: String::new(),
            },
            LineResult::Pending => Said::Pending,
        };
        reply::Row {
            row: 0,
            attempt: self.attempt.clone(),
            seq: Some(self.seq),
            account: Some(Pii::new(self.account.clone())),
            account_name: Some(Pii::new(self.account_name.clone())),
            amount: self.amount,
            said,
            posted_on: Some(self.posted_on),
            memo: None,
        }
    }
}

impl Statement {
    /// The rows to write.
    #[must_use]
    pub fn to_rows(&self) -> Vec<statement::Row> {
        self.lines.iter().map(StatementLine::to_row).collect()
    }
}

impl StatementLine {
    fn to_row(&self) -> statement::Row {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        statement::Row {
            row: 0,
            serial: self.bank_serial.clone(),
            posted_on: self.posted_on,
            direction: self.direction,
            amount: self.amount,
            balance: Some(self.balance),
            reference: filled(&self.reference),
            memo: filled(&self.memo),
        }
    }
}
