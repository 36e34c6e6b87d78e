//! A day of a bank account, matched line by line; what matches nothing gets an owner.

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::{self, Batch};
use disbursement::statement::{self as day, Difference, Direction, Header, Line, Statement};
use serde::{Deserialize, Serialize};
use shared::{BankCode, Money};

use super::fund::BookKey;
use super::open::not_defined;
use super::ports::StatementRow;
use super::postings::{About, Sums, voucher};
use super::review::open_period;
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::put;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementMatched {
    pub statement: String,
    pub debits: Money,
    pub credits: Money,
    pub matched: u32,
    pub differences: u32,
}

impl Disbursement {
    /// Imports a statement of one book's account at one bank and matches its lines: a debit to the
    /// batch it names, a credit to the money that a batch's returns bring back. All in one append.
    ///
    /// # Errors
    /// Every fault of the file; a day that is imported already.
    pub async fn import_statement(
        &self,
        envelope: &Envelope,
        bank: BankCode,
        book: BookKey,
        name: &str,
        bytes: &[u8],
    ) -> Result<Done<StatementMatched>, CommandError> {
        let stored = put(&*self.ports.artefacts, bytes).await.map_err(CommandError::fault)?;
        let rules = self.rules(self.executor.today()?)?;
        let parsed = self.ports.files.statement(&rules, bank, name, bytes);
        let parsed = parsed.map_err(|rejected| Refused::of_file(&rejected.faults))?;
        let id = format!("{bank}-{book}-{}", parsed.on);
        let account = book.to_string();
        let header = Header {
            bank,
            fund: book.fund,
            account: account.clone(),
            on: parsed.on,
            opening: parsed.opening,
            closing: parsed.closing,
            artefact: stored.id,
        };
        let lines: Vec<Line> = parsed.rows.iter().map(line).collect();
        self.executor
            .run(envelope, "statement.import", &(bank, book, stored.id), async |unit| {
                let (header, lines) = (header.clone(), lines.clone());
                let import = day::Command::Import { header, lines };
                unit.decide::<Statement>(&id, import).await?;
                let (mut matched, mut differences) = (0, 0);
                for row in &parsed.rows {
                    if self.match_row(&unit, &id, &account, row).await? {
                        matched += 1;
                    } else {
                        differences += 1;
                    }
                }
                let (statement, _) = unit.load::<Statement>(&id).await?;
                let (debits, credits) = statement.sums();
                let statement = id.clone();
                Ok(StatementMatched { statement, debits, credits, matched, differences })
            })
            .await
    }

    /// Whether the row belongs to a batch, with its sum; if not, a difference is open.
    async fn match_row(
        &self,
        unit: &Unit,
        statement: &str,
        account: &str,
        row: &StatementRow,
    ) -> Result<bool, CommandError> {
        let StatementRow { serial, amount, .. } = row;
        let found = match &row.reference {
            Some(id) => {
                let (batch, _) = unit.load::<Batch>(id).await?;
                let ours = batch.header.as_ref().is_some_and(|header| header.account == account);
                ours.then(|| (id.clone(), batch))
            }
            None => None,
        };
        let reason = match found {
            None => Difference::NoBatch,
            Some((id, batch)) => match row.direction {
                Direction::Debit if batch.debited == Some(*amount) => {
                    let (serial, expected) = (serial.clone(), *amount);
                    let settle = day::Command::Match { serial, batch: id, expected };
                    unit.decide::<Statement>(statement, settle).await?;
                    return Ok(true);
                }
                Direction::Credit if comes_back(&batch, *amount) => {
                    self.money_back(unit, &id, &batch, row).await?;
                    let (serial, expected) = (serial.clone(), *amount);
                    let settle = day::Command::Match { serial, batch: id, expected };
                    unit.decide::<Statement>(statement, settle).await?;
                    return Ok(true);
                }
                Direction::Debit | Direction::Credit => Difference::OtherAmount,
            },
        };
        // Until somebody takes it, whoever imported the statement owns the difference.
        let owner = unit.envelope().actor.clone();
        let find = day::Command::FindDifference { serial: serial.clone(), owner, reason };
        unit.decide::<Statement>(statement, find).await?;
        Ok(false)
    }

    async fn money_back(
        &self,
        unit: &Unit,
        batch_id: &str,
        batch: &Batch,
        row: &StatementRow,
    ) -> Result<(), CommandError> {
        let Some(header) = &batch.header else { return Ok(()) };
        let (_, plan) = self.plan(&header.plan).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = rules.posting(&item.posting).map_err(not_defined)?;
        open_period(unit, &ids::period(plan.item, plan.month, plan.area)).await?;
        let on = unit.business_date();
        let (serial, amount) = (row.serial.clone(), row.amount);
        let back = batch::Command::ReturnMoney { serial, amount, on };
        unit.decide::<Batch>(batch_id, back).await?;
        let about = About {
            item: Some(item),
            month: Some(header.month),
            batch: Some(batch_id),
            reference: format!("batch-{batch_id}"),
            on,
        };
        let sums = [Sums::Total(amount)];
        if let Some(voucher) = voucher(policy, Occurs::ReturnMoneyReceived, &about, &sums)? {
            let post = account::Command::Post { fund: plan.fund, voucher, settles: None };
            unit.decide::<Account>(&header.account, post).await?;
        }
        Ok(())
    }
}

fn comes_back(batch: &Batch, amount: Money) -> bool {
    let (_, returned) = batch.returned();
    let before = batch.money_returned.unwrap_or(Money::ZERO);
    before + amount <= returned
}

fn line(row: &StatementRow) -> Line {
    Line {
        serial: row.serial.clone(),
        direction: row.direction,
        amount: row.amount,
        reference: row.reference.clone(),
        balance: row.balance,
    }
}
