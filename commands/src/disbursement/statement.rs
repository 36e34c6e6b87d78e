//! A day of a bank account, matched line by line; what matches nothing gets an owner.

mod differences;

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::{self, Batch};
use disbursement::plan::Plan;
use disbursement::statement::{self as day, Difference, Direction, Header, Line, Share, Statement};
use serde::{Deserialize, Serialize};
use shared::{BankCode, Money};

pub use self::differences::Suspense;
use super::books::{at_bank, living_book};
use super::fund::BookKey;
use super::open::not_defined;
use super::ports::StatementRow;
use super::postings::{About, Sums, cash_account, voucher};
use super::reply::posting_month;
use super::{Disbursement, debit};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::put;
use crate::unit::Unit;

/// Occurrences that bring money without a batch; a statement names them by their reference.
const WITHOUT_BATCH: [Occurs; 4] = [
    Occurs::AppropriationReceived,
    Occurs::HigherAppropriationReceived,
    Occurs::RemainderReturned,
    Occurs::DeductionRemitted,
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementMatched {
    pub statement: String,
    pub debits: Money,
    pub credits: Money,
    pub matched: u32,
    pub differences: u32,
}

/// A statement on its way in.
struct Day<'a> {
    id: &'a str,
    bank: BankCode,
    account: &'a str,
}

impl Disbursement {
    /// Imports a statement of one book's account at one bank and matches its lines: to the batch
    /// that a line names, to the batches of the plan that it names, to the voucher of its reference.
    /// A debit of a batch that is out proves its debit. All in one append.
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
                let day = Day { id: &id, bank, account: &account };
                let (mut matched, mut differences) = (0, 0);
                for row in &parsed.rows {
                    if self.match_row(&unit, &day, row).await? {
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

    /// Whether the row belongs to something that we know, with its sum; if not, a difference is
    /// open.
    async fn match_row(
        &self,
        unit: &Unit,
        day: &Day<'_>,
        row: &StatementRow,
    ) -> Result<bool, CommandError> {
        let serial = || row.serial.clone();
        let reason = match self.candidates(unit, day, row).await? {
            Candidates::Nothing => match self.voucher_of(unit, day.account, row).await? {
                Some(voucher) => {
                    unit.take(entered_key(day.account, voucher), holder(day.id));
                    let (serial, expected) = (serial(), row.amount);
                    let enter = day::Command::Enter { serial, voucher, expected };
                    unit.decide::<Statement>(day.id, enter).await?;
                    return Ok(true);
                }
                None => Difference::NoBatch,
            },
            Candidates::OtherSum => Difference::OtherAmount,
            Candidates::These(shares) => {
                for share in &shares {
                    self.settle_share(unit, day, row, share).await?;
                }
                let serial = serial();
                let command = match <[Share; 1]>::try_from(shares) {
                    Ok([Share { batch, amount: expected }]) => {
                        day::Command::Match { serial, batch, expected }
                    }
                    Err(shares) => day::Command::Share { serial, shares },
                };
                unit.decide::<Statement>(day.id, command).await?;
                return Ok(true);
            }
        };
        // Until somebody takes it, whoever imported the statement owns the difference.
        let owner = unit.envelope().actor.clone();
        let find = day::Command::FindDifference { serial: serial(), owner, reason };
        unit.decide::<Statement>(day.id, find).await?;
        Ok(false)
    }

    /// The batches behind a movement: the one that it names, or those of the plan that it names.
    async fn candidates(
        &self,
        unit: &Unit,
        day: &Day<'_>,
        row: &StatementRow,
    ) -> Result<Candidates, CommandError> {
        let Some(id) = &row.reference else { return Ok(Candidates::Nothing) };
        let (plan, _) = unit.load::<Plan>(id).await?;
        let names: Vec<String> = if plan.header.is_some() {
            let of = plan.batches.iter().filter(|batch| batch.bank == day.bank);
            of.map(|batch| batch.batch.clone()).collect()
        } else {
            vec![id.clone()]
        };
        let (mut shares, mut known) = (Vec::new(), false);
        for name in names {
            let (batch, _) = unit.load::<Batch>(&name).await?;
            let ours = batch
                .header
                .as_ref()
                .is_some_and(|header| header.account == day.account && header.bank == day.bank);
            if !ours {
                continue;
            }
            known = true;
            let amount = match row.direction {
                Direction::Debit if stated(unit, &name).await? => Money::ZERO,
                Direction::Debit => expected_debit(&batch),
                Direction::Credit => expected_credit(&batch, row.amount, plan.header.is_none()),
            };
            if amount.is_positive() {
                shares.push(Share { batch: name, amount });
            }
        }
        let sum: Money = shares.iter().map(|share| share.amount).sum();
        Ok(match known {
            false => Candidates::Nothing,
            true if sum == row.amount => Candidates::These(shares),
            true => Candidates::OtherSum,
        })
    }

    /// What a movement does to one of its batches.
    async fn settle_share(
        &self,
        unit: &Unit,
        day: &Day<'_>,
        row: &StatementRow,
        share: &Share,
    ) -> Result<(), CommandError> {
        match row.direction {
            Direction::Debit => {
                unit.take(stated_key(&share.batch), holder(day.id));
                self.prove_debit(unit, row, share).await
            }
            Direction::Credit => self.money_back(unit, row, share).await,
        }
    }

    /// A batch that no slip debited yet: the statement is the bank's word.
    async fn prove_debit(
        &self,
        unit: &Unit,
        row: &StatementRow,
        share: &Share,
    ) -> Result<(), CommandError> {
        let (batch, _) = unit.load::<Batch>(&share.batch).await?;
        let Some(header) = batch.header.clone().filter(|_| batch.debited.is_none()) else {
            return Ok(());
        };
        drop(batch);
        let (_, plan) = self.plan(&header.plan).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &header.account, item).await?;
        let about = debit::about(&rules, policy, &share.batch, &header, plan.fund)?;
        debit::debit(unit, &about, &row.serial, share.amount, unit.business_date()).await
    }

    async fn money_back(
        &self,
        unit: &Unit,
        row: &StatementRow,
        share: &Share,
    ) -> Result<(), CommandError> {
        let (batch, _) = unit.load::<Batch>(&share.batch).await?;
        let Some(header) = batch.header.clone() else { return Ok(()) };
        drop(batch);
        let (_, plan) = self.plan(&header.plan).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &header.account, item).await?;
        let month = posting_month(unit, &plan).await?;
        let on = unit.business_date();
        let (serial, amount) = (row.serial.clone(), share.amount);
        let back = batch::Command::ReturnMoney { serial, amount, on };
        unit.decide::<Batch>(&share.batch, back).await?;
        let about = About {
            item: Some(item),
            month: Some(month),
            batch: Some(&share.batch),
            reference: format!("batch-{}", share.batch),
            on,
        };
        let sums = [Sums::Total(amount)];
        if let Some(voucher) = voucher(policy, Occurs::ReturnMoneyReceived, &about, &sums)? {
            let voucher = at_bank(voucher, &cash_account(policy)?, header.bank);
            let book = living_book(unit, &header.account).await?;
            let post = account::Command::Post { fund: plan.fund, voucher, settles: None };
            unit.decide::<Account>(&book, post).await?;
        }
        Ok(())
    }

    /// The voucher of this reference, sum and direction that no statement line was matched with.
    async fn voucher_of(
        &self,
        unit: &Unit,
        book: &str,
        row: &StatementRow,
    ) -> Result<Option<u64>, CommandError> {
        let Some(reference) = &row.reference else { return Ok(None) };
        let (account, _) = unit.load::<Account>(book).await?;
        let Some(cash) = account.book.as_ref().map(|book| book.cash.clone()) else {
            return Ok(None);
        };
        drop(account);
        let journal = self.journal(book).await?;
        for (number, voucher) in &journal.vouchers {
            let ours = voucher.reference == *reference
                && WITHOUT_BATCH.iter().any(|occurs| occurs.word() == voucher.occurrence);
            let on_cash = voucher.entries.iter().filter(|entry| entry.account == cash);
            let moved: Money = on_cash.map(|entry| entry.debit - entry.credit).sum();
            let wanted = match row.direction {
                Direction::Debit => -row.amount,
                Direction::Credit => row.amount,
            };
            if ours && moved == wanted && !taken(unit, entered_key(book, *number)).await? {
                return Ok(Some(*number));
            }
        }
        Ok(None)
    }
}

enum Candidates {
    Nothing,
    OtherSum,
    These(Vec<Share>),
}

/// What the bank should take for a batch: its file's total, once it is out.
fn expected_debit(batch: &Batch) -> Money {
    use disbursement::batch::Stage;
    match batch.stage {
        Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown => {
            batch.debited.or(batch.total).unwrap_or(Money::ZERO)
        }
        Stage::Unopened | Stage::Open | Stage::Composed | Stage::Signed | Stage::Rejected => {
            Money::ZERO
        }
    }
}

/// What can come back for a batch. Named alone, it may come in several credits.
fn expected_credit(batch: &Batch, amount: Money, alone: bool) -> Money {
    let (_, returned) = batch.returned();
    let left = returned - batch.money_returned.unwrap_or(Money::ZERO);
    if alone && amount <= left { amount } else { left }
}

/// A batch's debit stands on one statement line, and a voucher on one.
fn stated_key(batch: &str) -> String {
    format!("stated-debit:{batch}")
}

fn entered_key(book: &str, voucher: u64) -> String {
    format!("stated-voucher:{book}/{voucher}")
}

fn holder(statement: &str) -> String {
    format!("statement-{statement}")
}

/// Whether a batch's debit stands on a line already: of another statement, or of this one.
async fn stated(unit: &Unit, batch: &str) -> Result<bool, CommandError> {
    taken(unit, stated_key(batch)).await
}

async fn taken(unit: &Unit, key: String) -> Result<bool, CommandError> {
    Ok(unit.takes(&key) || unit.log().claims(&[key]).await?.iter().any(Option::is_some))
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
