//! The certificate is drawn up from the streams themselves, and the item-period closed on it.

use std::collections::{BTreeMap, BTreeSet};

use definitions::Posting;
use definitions::kinds::account::{Ledger as BookLedger, Side};
use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::{self, Batch, Outcome};
use disbursement::certificate::{BookBridge, Broken, Certificate, ItemBridge};
use disbursement::ledger::Ledger;
use disbursement::part::Part;
use disbursement::period::{self, Period};
use disbursement::plan::{Plan, Stage};
use disbursement::statement::Statement;
use shared::{ItemId, Money, Month, PersonId};

use super::fund::BookKey;
use super::open::not_defined;
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

impl Disbursement {
    /// Draws up the certificate of an item-period. `statements` are the ids of the statements that
    /// prove its debits and credits.
    ///
    /// # Errors
    /// The first equality that does not hold, with its terms.
    pub async fn certify(
        &self,
        envelope: &Envelope,
        period_id: &str,
        statements: &[String],
    ) -> Result<Done<Certificate>, CommandError> {
        self.executor
            .run(envelope, "period.certify", &(period_id, statements), async |unit| {
                let certificate = self.draw_up(&unit, period_id, statements).await?;
                let certify = period::Command::Certify { certificate: certificate.clone() };
                unit.decide::<Period>(period_id, certify).await?;
                let (period, _) = unit.load::<Period>(period_id).await?;
                let number = u32::try_from(period.certificates.len());
                let number = number.map_err(CommandError::fault)?;
                drop(period);
                let message = certificate_message(period_id, number, &certificate)?;
                let signed = self.ports.signer.sign(message.as_bytes());
                let signature = signed.map_err(CommandError::fault)?;
                let by = unit.envelope().actor.clone();
                let signature = period::Signature { certificate: number, by, signature };
                unit.decide::<Period>(period_id, period::Command::Sign { signature }).await?;
                Ok(certificate)
            })
            .await
    }

    /// The equalities as they stand, whether or not they hold: nothing is drawn up. Also the first
    /// one that does not hold.
    ///
    /// # Errors
    /// When there is no such item-period, statement or book.
    pub async fn bridge(
        &self,
        period_id: &str,
        statements: &[String],
    ) -> Result<(Certificate, Option<Broken>), CommandError> {
        let (period, _) = self.executor.load::<Period>(period_id).await?;
        if period.stage == period::Stage::Unopened {
            let (what, id) = ("item-period", period_id.to_owned());
            return Err(CommandError::NotFound { what, id });
        }
        drop(period);
        let mut envelope = Envelope::new(self.executor.ids().next(), "bridge");
        envelope.dry_run = true;
        let drawn = self
            .executor
            .run(&envelope, "period.bridge", &(period_id, statements), async |unit| {
                self.draw_up(&unit, period_id, statements).await
            })
            .await?
            .result;
        let broken = drawn.check().err();
        Ok((drawn, broken))
    }

    /// Asks to reopen a closed item-period; another person does it.
    ///
    /// # Errors
    /// When it is not closed, or somebody asked already.
    pub async fn ask_reopening(
        &self,
        envelope: &Envelope,
        period_id: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "period.ask-reopening", &(period_id, reason), async |unit| {
                let (by, reason) = (unit.envelope().actor.clone(), reason.to_owned());
                let ask = period::Command::AskReopen { by, reason };
                unit.decide::<Period>(period_id, ask).await?;
                Ok(())
            })
            .await
    }

    /// Reopens it: its books take its vouchers again. The certificate that it was closed on stays.
    ///
    /// # Errors
    /// When nobody asked, or the same person did.
    pub async fn reopen(&self, envelope: &Envelope, period_id: &str) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "period.reopen", &period_id, async |unit| {
                let by = unit.envelope().actor.clone();
                unit.decide::<Period>(period_id, period::Command::Reopen { by }).await?;
                for (book, item, month) in books_of(&unit, period_id).await? {
                    let reopen = account::Command::ReopenItem { item, month };
                    unit.decide::<Account>(&book, reopen).await?;
                }
                Ok(())
            })
            .await
    }

    /// Closes on the last certificate, if it still says what the streams say.
    ///
    /// # Errors
    /// When it has no certificate, or a reply was applied after it was drawn up.
    pub async fn close(&self, envelope: &Envelope, period_id: &str) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "period.close", &period_id, async |unit| {
                let now = self.draw_up(&unit, period_id, &[]).await?;
                let (period, _) = unit.load::<Period>(period_id).await?;
                let stale = |last: &Certificate| last.item != now.item || last.people != now.people;
                if period.certificates.last().is_some_and(stale) {
                    return Err(Refused::new(
                        "CERTIFICATE_STALE",
                        "出具证书后又有回盘入账，请重新出具证书再结账",
                        "replies were applied after the certificate was drawn up: certify anew",
                    )
                    .into());
                }
                let by = envelope.actor.clone();
                unit.decide::<Period>(period_id, period::Command::Close { by }).await?;
                for (book, item, month) in books_of(&unit, period_id).await? {
                    let close = account::Command::CloseItem { item, month };
                    unit.decide::<Account>(&book, close).await?;
                }
                Ok(())
            })
            .await
    }

    async fn draw_up(
        &self,
        unit: &Unit,
        period_id: &str,
        statements: &[String],
    ) -> Result<Certificate, CommandError> {
        let (period, _) = unit.load::<Period>(period_id).await?;
        let mut bridge = EMPTY;
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        let mut books: BTreeMap<String, BookBridge> = BTreeMap::new();
        let mut evidence: BTreeSet<String> = BTreeSet::new();
        let mut batches: BTreeSet<String> = BTreeSet::new();
        for plan_id in &period.plans {
            let (plan, _) = unit.guard::<Plan>(plan_id).await?;
            // Its obligations are free for another run: it planned nothing.
            if plan.stage == Stage::Cancelled {
                continue;
            }
            bridge.gross += plan.totals.gross;
            bridge.deductions += plan.totals.deductions;
            bridge.planned_lines += plan.totals.lines;
            for part in &plan.parts {
                let (part, _) = unit.guard::<Part>(ids::part(plan_id, part.part)).await?;
                let (lines, held) = part.held_totals();
                bridge.held_lines += lines;
                bridge.held += held;
                bridge.netted_lines +=
                    u32::try_from(part.netted().count()).map_err(CommandError::fault)?;
                people.extend(part.payable().map(|(_, line)| line.person));
            }
            for composed in &plan.batches {
                let (batch, _) = unit.guard::<Batch>(&composed.batch).await?;
                add(&mut bridge, &batch);
                let file = batch.file.iter().map(|file| file.artefact.to_string());
                evidence.extend(file);
                evidence.extend(batch.replies.iter().map(|reply| reply.artefact.to_string()));
                batches.insert(composed.batch.clone());
                if let Some(header) = &batch.header
                    && !books.contains_key(&header.account)
                {
                    let book = self.book(unit, &header.account, header).await?;
                    books.insert(header.account.clone(), book);
                }
            }
        }
        let (mut debits, mut credits, mut open) = (Money::ZERO, Money::ZERO, 0);
        for id in statements {
            let (statement, _) = unit.guard::<Statement>(id).await?;
            let Some(header) = &statement.header else {
                return Err(CommandError::NotFound { what: "statement", id: id.clone() });
            };
            evidence.insert(header.artefact.to_string());
            let (of_debits, of_credits) = matched(&statement, &batches);
            debits += of_debits;
            credits += of_credits;
            open += u32::try_from(statement.open()).map_err(CommandError::fault)?;
        }
        Ok(Certificate {
            item: bridge,
            books: books.into_values().collect(),
            people: u32::try_from(people.len()).map_err(CommandError::fault)?,
            statement_debits: debits,
            statement_credits: credits,
            open_differences: open,
            evidence: evidence.into_iter().collect(),
        })
    }

    /// The book's equality, from its own balances: other items of the month stand in it too.
    async fn book(
        &self,
        unit: &Unit,
        id: &str,
        header: &batch::Header,
    ) -> Result<BookBridge, CommandError> {
        let (account, _) = unit.guard::<Account>(id).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = rules.posting(&item.posting).map_err(not_defined)?;
        let expenses: BTreeSet<&str> = rules
            .items()
            .values()
            .flat_map(|item| &item.components)
            .map(|component| component.expense_account.as_str())
            .collect();
        let on = |wanted: &dyn Fn(&str) -> bool| -> Money {
            let balances = account.balances.iter();
            balances
                .filter(|((ledger, code), _)| *ledger == Ledger::F && wanted(code))
                .map(|(_, amount)| *amount)
                .sum()
        };
        let own = account.book.as_ref().map(|book| book.policy.as_str());
        let policy = own.map_or(Ok(policy), |own| rules.posting(own)).map_err(not_defined)?;
        let roles = Roles::of(policy, &account, &expenses);
        let since = |wanted: &BTreeSet<String>| on(&|code| wanted.contains(code));
        let brought = |occurs: Occurs| {
            account.cash_by_occurrence.get(occurs.word()).copied().unwrap_or(Money::ZERO)
        };
        let before = |wanted: &BTreeSet<String>| -> Money {
            let opening = account.opening_balances.iter();
            opening.filter(|(code, _)| wanted.contains(*code)).map(|(_, amount)| *amount).sum()
        };
        let in_transit = since(&roles.transit);
        Ok(BookBridge {
            book: id.to_owned(),
            // What was on its way when the year began is the book's as well.
            opening: account.opening.unwrap_or(Money::ZERO) + before(&roles.transit),
            appropriated: brought(Occurs::AppropriationReceived)
                + brought(Occurs::HigherAppropriationReceived),
            // Spending is gross; what was kept back for others never left the account, and what is
            // to be recovered did.
            paid: since(&roles.paid) - before(&roles.paid),
            in_transit,
            closing: account.cash(),
            unidentified: before(&roles.unidentified) - since(&roles.unidentified),
            sent_back: -brought(Occurs::RemainderReturned),
        })
    }
}

/// What the accounts of a book are for, by its posting policy.
struct Roles {
    /// Money that has left the cash and is not spent: in transit, and what banks returned and have
    /// not sent back yet.
    transit: BTreeSet<String>,
    /// Spending, what is kept back from it or came back of it, and what of it is to be recovered,
    /// was recovered or written off.
    paid: BTreeSet<String>,
    /// Suspense accounts of movements that nobody knows.
    unidentified: BTreeSet<String>,
}

impl Roles {
    fn of(policy: &Posting, account: &Account, expenses: &BTreeSet<&str>) -> Self {
        let cash = account.book.as_ref().map_or("", |book| book.cash.as_str());
        let legs = |all: &[Occurs], side: Option<Side>| -> BTreeSet<String> {
            all.iter()
                .filter_map(|occurs| policy.on(*occurs))
                .flat_map(|occurrence| &occurrence.legs)
                .filter(|leg| leg.ledger == BookLedger::Fund && side.is_none_or(|s| leg.side == s))
                .filter_map(|leg| leg.account.clone())
                .filter(|code| code != cash)
                .collect()
        };
        let transit: BTreeSet<String> =
            legs(&[Occurs::BatchDebited, Occurs::LineReturned], Some(Side::Debit));
        let mut paid = legs(
            &[
                Occurs::BatchDebited,
                Occurs::ReissueDebited,
                Occurs::LinePaid,
                Occurs::LineNetted,
                Occurs::ReturnMoneyReceived,
                Occurs::OverpaymentFound,
                Occurs::RecoveryReceived,
                Occurs::RecoveryReceivedInFiscalAccount,
                Occurs::RecoveryOffset,
                Occurs::RecoveryWrittenOff,
                Occurs::DeductionRemitted,
            ],
            None,
        );
        paid.extend(expenses.iter().map(|code| (*code).to_owned()));
        paid.retain(|code| !transit.contains(code));
        let unidentified = legs(&[Occurs::UnidentifiedCredit, Occurs::UnidentifiedDebit], None);
        Self { transit, paid, unidentified }
    }
}

/// What the bureau signs under a certificate: the item-period, its number and every figure of it.
///
/// # Errors
/// Never in practice: a certificate is plain data.
pub fn certificate_message(
    period: &str,
    number: u32,
    certificate: &Certificate,
) -> Result<String, CommandError> {
    let body = serde_json::to_string(certificate).map_err(CommandError::fault)?;
    Ok(disbursement::certificate::message(period, number, &body))
}

/// The books that paid for an item-period and stand open.
async fn books_of(
    unit: &Unit,
    period_id: &str,
) -> Result<Vec<(String, ItemId, Month)>, CommandError> {
    let (period, _) = unit.load::<Period>(period_id).await?;
    let mut books = BTreeMap::new();
    for plan_id in &period.plans {
        let (plan, _) = unit.load::<Plan>(plan_id).await?;
        let Some(header) = &plan.header else { continue };
        let book = BookKey::of(header).to_string();
        let (account, _) = unit.load::<Account>(&book).await?;
        if account.book.is_some() && !account.closed {
            books.insert(book, (header.item, header.month));
        }
    }
    Ok(books.into_iter().map(|(book, (item, month))| (book, item, month)).collect())
}

fn add(bridge: &mut ItemBridge, batch: &Batch) {
    if batch.stage == batch::Stage::Rejected {
        return;
    }
    let (lines, total) = batch.sum(|_| true);
    bridge.instructed_lines += lines;
    bridge.instructed += total;
    let (lines, total) = batch.sum(|result| result == Outcome::Paid);
    bridge.paid_lines += lines;
    bridge.paid += total;
    let (lines, total) = batch.returned();
    bridge.returned_lines += lines;
    bridge.returned += total;
    let (lines, total) = batch.sum(|result| result == Outcome::Unknown);
    bridge.unreplied_lines += lines;
    bridge.unreplied += total;
}

/// What a statement says of these batches: debits and credits.
fn matched(statement: &Statement, batches: &BTreeSet<String>) -> (Money, Money) {
    use disbursement::statement::Direction;
    let sum = |direction| -> Money {
        batches.iter().map(|batch| statement.stated(direction, batch)).sum()
    };
    (sum(Direction::Debit), sum(Direction::Credit))
}

const EMPTY: ItemBridge = ItemBridge {
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
