//! What a statement shows and nothing explains: who owns it, where the book holds it meanwhile, and
//! what came of it.

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::Batch;
use disbursement::statement::{self as day, Counter, Direction, Header, Line, Share, Statement};
use serde::{Deserialize, Serialize};
use shared::{Date, Money};

use super::{Day, entered_key, expected_debit, holder, stated_key, taken};
use crate::disbursement::Disbursement;
use crate::disbursement::books::{at_bank, living_book};
use crate::disbursement::fund::fund_and_policy;
use crate::disbursement::ports::StatementRow;
use crate::disbursement::postings::{About, Sums, cash_account, voucher};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

/// A movement that the book holds in a suspense account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspense {
    pub voucher: u64,
    pub amount: Money,
}

impl Disbursement {
    /// Matches a line by hand: with one batch, or with several whose shares add up to it.
    ///
    /// # Errors
    /// A line that is settled, a batch whose debit stands on another line, sums that differ.
    pub async fn match_line(
        &self,
        envelope: &Envelope,
        statement: &str,
        serial: &str,
        shares: &[Share],
    ) -> Result<Done, CommandError> {
        let (header, line) = self.line_of(statement, serial).await?;
        self.executor
            .run(envelope, "statement.match", &(statement, serial, shares), async |unit| {
                let day = Day { id: statement, bank: header.bank, account: &header.account };
                let row = row(&line);
                for share in shares {
                    may_share(&unit, &header, &line, share).await?;
                    let known = taken(&unit, stated_key(&share.batch)).await?;
                    if line.direction == Direction::Debit && known {
                        return Err(stated_already(&share.batch));
                    }
                    self.settle_share(&unit, &day, &row, share).await?;
                }
                let serial = serial.to_owned();
                let command = match shares {
                    [Share { batch, amount }] => {
                        let (batch, expected) = (batch.clone(), *amount);
                        day::Command::Match { serial, batch, expected }
                    }
                    _ => day::Command::Share { serial, shares: shares.to_vec() },
                };
                unit.decide::<Statement>(statement, command).await?;
                Ok(())
            })
            .await
    }

    /// Another person takes a difference.
    ///
    /// # Errors
    /// When the line has no open difference.
    pub async fn assign_difference(
        &self,
        envelope: &Envelope,
        statement: &str,
        serial: &str,
        owner: &str,
    ) -> Result<Done, CommandError> {
        let input = (statement, serial, owner);
        self.executor
            .run(envelope, "difference.assign", &input, async |unit| {
                let by = unit.envelope().actor.clone();
                let (serial, owner) = (serial.to_owned(), owner.to_owned());
                let assign = day::Command::Assign { serial, owner, by };
                unit.decide::<Statement>(statement, assign).await?;
                Ok(())
            })
            .await
    }

    /// The book holds the movement in a suspense account until somebody knows what it was.
    ///
    /// # Errors
    /// When the line has no open difference, or the book holds it already.
    pub async fn book_difference(
        &self,
        envelope: &Envelope,
        statement: &str,
        serial: &str,
    ) -> Result<Done<Suspense>, CommandError> {
        let (header, line) = self.line_of(statement, serial).await?;
        let occurs = match line.direction {
            Direction::Debit => Occurs::UnidentifiedDebit,
            Direction::Credit => Occurs::UnidentifiedCredit,
        };
        self.executor
            .run(envelope, "difference.book", &(statement, serial), async |unit| {
                let voucher = self.suspend(&unit, &header, &line, occurs).await?;
                let booked = day::Command::Book { serial: serial.to_owned(), voucher };
                unit.decide::<Statement>(statement, booked).await?;
                Ok(Suspense { voucher, amount: line.amount })
            })
            .await
    }

    /// A later movement took it back: both lines are cleared, and what the book holds goes.
    ///
    /// # Errors
    /// When the two are not of one book, of opposite directions and one sum, or have no open
    /// difference.
    pub async fn clear_difference(
        &self,
        envelope: &Envelope,
        first: &Counter,
        second: &Counter,
    ) -> Result<Done, CommandError> {
        let (header, line) = self.line_of(&first.statement, &first.serial).await?;
        let (back, counter) = self.line_of(&second.statement, &second.serial).await?;
        if header.account != back.account {
            return Err(Refused::new(
                "DIFFERENCE_OF_OTHER_BOOK",
                format!("两笔流水分属账套{}和{}，不能互相冲回", header.account, back.account),
                format!("the movements are of {} and {}", header.account, back.account),
            )
            .into());
        }
        let reversal = match line.direction {
            Direction::Debit => Occurs::UnidentifiedDebitReversed,
            Direction::Credit => Occurs::UnidentifiedCreditReturned,
        };
        self.executor
            .run(envelope, "difference.clear", &(first, second), async |unit| {
                let who = unit.envelope().actor.clone();
                let (held, _) = unit.load::<Statement>(&first.statement).await?;
                let (other, _) = unit.load::<Statement>(&second.statement).await?;
                let booked = (held.booked(&first.serial), other.booked(&second.serial));
                drop((held, other));
                // What one side holds is taken out by the other's entry.
                if let (Some(_), None) = booked {
                    let voucher = self.suspend(&unit, &back, &counter, reversal).await?;
                    let book = day::Command::Book { serial: second.serial.clone(), voucher };
                    unit.decide::<Statement>(&second.statement, book).await?;
                }
                for (own, by, by_line) in [(first, second, &counter), (second, first, &line)] {
                    let clear = day::Command::Clear {
                        serial: own.serial.clone(),
                        by: by.clone(),
                        amount: by_line.amount,
                        direction: by_line.direction,
                        who: who.clone(),
                    };
                    unit.decide::<Statement>(&own.statement, clear).await?;
                }
                Ok(())
            })
            .await
    }

    /// A movement that the book knows by a voucher without a batch.
    ///
    /// # Errors
    /// When the voucher moved another sum, or stands on another line.
    pub async fn match_voucher(
        &self,
        envelope: &Envelope,
        statement: &str,
        serial: &str,
        number: u64,
    ) -> Result<Done, CommandError> {
        let (header, line) = self.line_of(statement, serial).await?;
        let journal = self.journal(&header.account).await?;
        let cash = journal.book.as_ref().map_or_else(String::new, |book| book.cash.clone());
        let missing = || CommandError::NotFound { what: "voucher", id: number.to_string() };
        let voucher = journal.vouchers.get(&number).ok_or_else(missing)?;
        let on_cash = voucher.entries.iter().filter(|entry| entry.account == cash);
        let moved: Money = on_cash.map(|entry| entry.debit - entry.credit).sum();
        let expected = match line.direction {
            Direction::Debit => -moved,
            Direction::Credit => moved,
        };
        self.executor
            .run(envelope, "statement.match-voucher", &(statement, serial, number), async |unit| {
                let key = entered_key(&header.account, number);
                if taken(&unit, key.clone()).await? {
                    return Err(stated_already(&number.to_string()));
                }
                unit.take(key, holder(statement));
                let serial = serial.to_owned();
                let enter = day::Command::Enter { serial, voucher: number, expected };
                unit.decide::<Statement>(statement, enter).await?;
                Ok(())
            })
            .await
    }

    /// What came of a difference, in words.
    ///
    /// # Errors
    /// When the line has no open difference, or no words are given.
    pub async fn resolve_difference(
        &self,
        envelope: &Envelope,
        statement: &str,
        serial: &str,
        note: &str,
    ) -> Result<Done, CommandError> {
        let input = (statement, serial, note);
        self.executor
            .run(envelope, "difference.resolve", &input, async |unit| {
                let by = unit.envelope().actor.clone();
                let (serial, note) = (serial.to_owned(), note.to_owned());
                let resolve = day::Command::Resolve { serial, by, note };
                unit.decide::<Statement>(statement, resolve).await?;
                Ok(())
            })
            .await
    }

    /// Enters a movement that no batch explains; the voucher's number.
    async fn suspend(
        &self,
        unit: &Unit,
        header: &Header,
        line: &Line,
        occurs: Occurs,
    ) -> Result<u64, CommandError> {
        let book = living_book(unit, &header.account).await?;
        let (account, _) = unit.load::<Account>(&book).await?;
        let own = account.book.clone();
        drop(account);
        let own = own.ok_or_else(|| crate::disbursement::books::no_book(&book))?;
        let rules = self.rules(Date::constant(own.year, 12, 31))?;
        let (_, usual) = fund_and_policy(&rules, own.fund, own.year)?;
        let policy = rules.posting(&own.policy).unwrap_or(usual);
        let (reference, on) = (line.serial.clone(), unit.business_date());
        let about = About { item: None, month: None, batch: None, reference, on };
        let posted = voucher(policy, occurs, &about, &[Sums::Total(line.amount)])?;
        if let Some(voucher) = posted {
            let voucher = at_bank(voucher, &cash_account(policy)?, header.bank);
            let post = account::Command::Post { fund: own.fund, voucher, settles: None };
            unit.decide::<Account>(&book, post).await?;
        }
        let (account, _) = unit.load::<Account>(&book).await?;
        Ok(account.vouchers)
    }

    async fn line_of(&self, statement: &str, serial: &str) -> Result<(Header, Line), CommandError> {
        let (state, _) = self.executor.load::<Statement>(statement).await?;
        let header = state.header.clone();
        let header = header.ok_or_else(|| CommandError::NotFound {
            what: "statement",
            id: statement.to_owned(),
        })?;
        let line = state.line(serial).cloned();
        let line = line.ok_or_else(|| day::Error::NoLine(serial.to_owned()))?;
        Ok((header, line))
    }
}

/// A share is of a batch that this account at this bank pays, and of a debit all that its file took.
async fn may_share(
    unit: &Unit,
    header: &Header,
    line: &Line,
    share: &Share,
) -> Result<(), CommandError> {
    let (batch, _) = unit.load::<Batch>(&share.batch).await?;
    let ours = batch
        .header
        .as_ref()
        .is_some_and(|of| of.account == header.account && of.bank == header.bank);
    if !ours {
        return Err(CommandError::NotFound { what: "batch", id: share.batch.clone() });
    }
    let expected = match line.direction {
        Direction::Debit => expected_debit(&batch),
        // How much may come back, its own rule says.
        Direction::Credit => share.amount,
    };
    if share.amount != expected {
        let (serial, amount) = (line.serial.clone(), share.amount);
        return Err(day::Error::OtherAmount { serial, amount, expected }.into());
    }
    Ok(())
}

fn row(line: &Line) -> StatementRow {
    StatementRow {
        row: 0,
        serial: line.serial.clone(),
        direction: line.direction,
        amount: line.amount,
        reference: line.reference.clone(),
        balance: line.balance,
    }
}

fn stated_already(what: &str) -> CommandError {
    Refused::new(
        "STATED_ALREADY",
        format!("{what}已与另一笔对账单流水匹配"),
        format!("{what} stands on another statement line already"),
    )
    .into()
}
