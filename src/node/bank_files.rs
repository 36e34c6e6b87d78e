//! The bank-file port of the write side: layouts are data, their interpreter is `bank`.

use bank::{FileError, Header, Rule};
use commands::disbursement::{
    BankFiles, ComposedFile, FileFault, Instruction, InstructionHeader, ParsedReply,
    ParsedStatement, Rejected, ReplyRow, StatementRow,
};
use definitions::{Catalogue, Layout};
use disbursement::statement::Direction;
use shared::{BankCode, Money, Pii};

pub struct LayoutFiles;

impl BankFiles for LayoutFiles {
    fn instruction(
        &self,
        rules: &Catalogue,
        header: &InstructionHeader,
        lines: &[Instruction],
    ) -> Result<ComposedFile, Rejected> {
        let layout = layout(rules, header.bank)?;
        let about = Header {
            batch: header.batch.clone(),
            kind: Some("DF".to_owned()),
            agency: header.agency.parse().ok(),
            division: Some(header.division),
            insurance: Some(header.fund.clone()),
            item: Some(header.item),
            period: Some(header.period),
            made_on: Some(header.made_on),
            count: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            total: lines.iter().map(|line| line.amount).sum(),
        };
        let bank_name = layout.name.zh.as_str();
        let lines = lines.iter().map(|line| bank::Line {
            seq: line.seq,
            attempt: line.attempt.as_str(),
            obligation: Some(line.obligation.as_str()),
            name: Some(borrowed(&line.account_name)),
            id_number: Some(borrowed(&line.id_number)),
            account: borrowed(&line.account),
            account_name: borrowed(&line.account_name),
            bank_name: Some(bank_name),
            amount: line.amount,
            month: Some(line.month),
            memo: None,
        });
        let file = bank::write_instruction(layout, &about, lines)
            .map_err(|errors| once_a_line(rejected(errors, HEADER_ROWS)))?;
        let definition = rules.definition("layout", header.bank.as_str());
        Ok(ComposedFile {
            name: file.name,
            bytes: file.bytes,
            ready_name: file.ready_name,
            ready_bytes: file.ready_bytes,
            layout: format!("layout/{}", header.bank),
            layout_digest: definition.map_or_else(String::new, |one| one.digest.clone()),
        })
    }

    fn ready_mark(
        &self,
        rules: &Catalogue,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<(String, Vec<u8>), Rejected> {
        Ok(bank::ready_mark(layout(rules, bank)?, name, bytes))
    }

    fn reply(
        &self,
        rules: &Catalogue,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<ParsedReply, Rejected> {
        let reply = bank::parse_reply(layout(rules, bank)?, name, bytes)
            .map_err(|errors| rejected(errors, 0))?;
        let rows = reply.rows.into_iter().map(|row| ReplyRow {
            row: row.row,
            attempt: Some(row.attempt).filter(|attempt| !attempt.is_empty()),
            seq: row.seq,
            amount: row.amount,
            said: match row.said {
                bank::Said::Paid { serial } => Some(Ok(serial)),
                bank::Said::Returned { reason, .. } => Some(Err(reason)),
                bank::Said::Pending => None,
            },
        });
        Ok(ParsedReply { batch: reply.header.batch, rows: rows.collect() })
    }

    fn statement(
        &self,
        rules: &Catalogue,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<ParsedStatement, Rejected> {
        let statement = bank::parse_statement(layout(rules, bank)?, name, bytes)
            .map_err(|errors| rejected(errors, 0))?;
        let on = statement
            .header
            .made_on
            .or_else(|| statement.rows.first().map(|row| row.posted_on))
            .ok_or_else(|| undated(name))?;
        let mut balance = statement.opening().unwrap_or(Money::ZERO);
        let opening = balance;
        let mut rows = Vec::with_capacity(statement.rows.len());
        for row in statement.rows {
            let direction = match row.direction {
                definitions::Direction::Debit => Direction::Debit,
                definitions::Direction::Credit => Direction::Credit,
            };
            balance = match direction {
                Direction::Debit => balance - row.amount,
                Direction::Credit => balance + row.amount,
            };
            rows.push(StatementRow {
                row: row.row,
                serial: row.serial,
                direction,
                amount: row.amount,
                reference: row.reference.filter(|reference| !reference.is_empty()),
                balance: row.balance.unwrap_or(balance),
            });
        }
        let closing = rows.last().map_or(opening, |row| row.balance);
        Ok(ParsedStatement { on, opening, closing, rows })
    }
}

/// The header is the first row of every instruction, so that line 1 stands in row 2.
const HEADER_ROWS: u32 = 1;

fn borrowed(clear: &Pii<String>) -> Pii<&str> {
    Pii::new(clear.expose().as_str())
}

fn layout(rules: &Catalogue, bank: BankCode) -> Result<&Layout, Rejected> {
    rules.layout(bank).map_err(|_| {
        let zh = format!("银行{bank}没有报盘版式");
        let en = format!("bank {bank} has no file layout");
        fault("", "NO_LAYOUT", zh, en)
    })
}

fn undated(name: &str) -> Rejected {
    let (zh, en) = ("对账单没有日期", "the statement has no date");
    fault(name, "NO_DATE", zh.to_owned(), en.to_owned())
}

fn fault(file: &str, code: &str, zh: String, en: String) -> Rejected {
    let (file, code) = (file.to_owned(), code.to_owned());
    Rejected { faults: vec![FileFault { file, row: None, field: None, code, zh, en }] }
}

/// A line is held once, in however many of its fields the name stands that cannot be written.
fn once_a_line(Rejected { mut faults }: Rejected) -> Rejected {
    let mut seen = std::collections::BTreeSet::new();
    faults.retain(|fault| seen.insert((fault.row, fault.code.clone())));
    Rejected { faults }
}

/// `header_rows` are taken off, so that a fault names the line's own number.
fn rejected(errors: Vec<FileError>, header_rows: u32) -> Rejected {
    let faults = errors.into_iter().map(|error| FileFault {
        file: error.file,
        row: error.row.map(|row| row.saturating_sub(header_rows)),
        field: error.field.map(str::to_owned),
        code: match error.rule {
            Rule::Character => "CHARSET".to_owned(),
            rule => rule.code().to_owned(),
        },
        zh: error.zh,
        en: error.en,
    });
    Rejected { faults: faults.collect() }
}
