//! The certificate is drawn up from the streams themselves, and the item-period closed on it.

use std::collections::{BTreeMap, BTreeSet};

use definitions::Posting;
use definitions::kinds::account::{Ledger as BookLedger, Side};
use definitions::kinds::posting::{Occurs, Term};
use disbursement::account::Account;
use disbursement::batch::{self, Batch, Outcome};
use disbursement::certificate::{BookBridge, Certificate, ItemBridge};
use disbursement::ledger::Ledger;
use disbursement::part::Part;
use disbursement::period::{self, Period};
use disbursement::plan::Plan;
use disbursement::statement::Statement;
use shared::{Money, PersonId};

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
                Ok(certificate)
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
            bridge.gross += plan.totals.gross;
            bridge.deductions += plan.totals.deductions;
            bridge.planned_lines += plan.totals.lines;
            for part in &plan.parts {
                let (part, _) = unit.guard::<Part>(ids::part(plan_id, part.part)).await?;
                let (lines, held) = part.held_totals();
                bridge.held_lines += lines;
                bridge.held += held;
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
        let transit = transit_accounts(policy);
        let kept = kept_accounts(policy);
        let brought = |occurs: Occurs| {
            account.cash_by_occurrence.get(occurs.word()).copied().unwrap_or(Money::ZERO)
        };
        Ok(BookBridge {
            book: id.to_owned(),
            opening: account.opening.unwrap_or(Money::ZERO),
            appropriated: brought(Occurs::AppropriationReceived)
                + brought(Occurs::HigherAppropriationReceived),
            // Spending is gross; what was kept back for others never left the account.
            paid: on(&|code| expenses.contains(code) || kept.contains(code)),
            in_transit: on(&|code| transit.contains(code)),
            closing: account.cash(),
        })
    }
}

/// Where money stands that has left the cash and is not spent: in transit, and what banks returned
/// and have not sent back yet.
fn transit_accounts(policy: &Posting) -> BTreeSet<String> {
    [Occurs::BatchDebited, Occurs::LineReturned]
        .into_iter()
        .filter_map(|occurs| policy.on(occurs))
        .flat_map(|occurrence| &occurrence.legs)
        .filter(|leg| leg.ledger == BookLedger::Fund && leg.side == Side::Debit)
        .filter_map(|leg| leg.account.clone())
        .collect()
}

/// What is kept back from a line: liabilities to third parties, and overpayments that it clears.
fn kept_accounts(policy: &Posting) -> BTreeSet<String> {
    let legs = policy.on(Occurs::LinePaid).map_or(&[][..], |occurrence| &occurrence.legs);
    legs.iter()
        .filter(|leg| leg.ledger == BookLedger::Fund && leg.side == Side::Credit)
        .filter(|leg| matches!(leg.amount, Term::Deducted | Term::Offset))
        .filter_map(|leg| leg.account.clone())
        .collect()
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
    use disbursement::statement::{Direction, Settling};
    let mut sums = (Money::ZERO, Money::ZERO);
    for line in &statement.lines {
        let ours = match statement.settled.get(&line.serial) {
            Some(Settling::Matched { batch }) => batches.contains(batch),
            Some(Settling::Different { .. } | Settling::Resolved) | None => false,
        };
        match line.direction {
            Direction::Debit if ours => sums.0 += line.amount,
            Direction::Credit if ours => sums.1 += line.amount,
            Direction::Debit | Direction::Credit => {}
        }
    }
    sums
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
