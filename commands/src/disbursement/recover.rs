//! Getting back what was overpaid: each step of a recovery with its entries in the book.
//!
//! **Invariant** what a recovery says is still owed is what the book's 待追回 holds of it.

use definitions::kinds::posting::Occurs;
use definitions::{Catalogue, Posting};
use disbursement::account::{self, Account};
use disbursement::deduction::Deduction;
use disbursement::obligation::{self, Obligation};
use disbursement::period::{self, Period};
use disbursement::recovery::{self, About as Recovered, Instalment, Place, Recovery};
use kernel::{Decider, Limit, Revision, StreamName};
use shared::{Date, Money, ObligationId};

use super::books::{living_book, of_party};
use super::open::not_defined;
use super::postings::{About, Sums, voucher};
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

impl Disbursement {
    /// Opens the recovery of an overpayment that was found on an obligation, and books it. The id of
    /// the recovery is the obligation's.
    ///
    /// # Errors
    /// When no overpayment was found there, or it is being recovered already.
    pub async fn open_recovery(
        &self,
        envelope: &Envelope,
        id: ObligationId,
    ) -> Result<Done<String>, CommandError> {
        let found = self.overpayment(id).await?;
        let rules = self.rules(self.executor.today()?)?;
        let item = rules.item(id.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &found.book, item).await?;
        self.executor
            .run(envelope, "recovery.open", &id, async |unit| {
                unit.guard::<Obligation>(id).await?;
                let about = Recovered {
                    obligation: id,
                    person: found.person,
                    item: id.item,
                    month: id.month,
                    component: id.component,
                    fund: found.fund,
                    book: found.book.clone(),
                    amount: found.amount,
                    reason: found.reason.code().to_owned(),
                    found_on: unit.business_date(),
                    carried: false,
                };
                let post = Move { rules: &rules, policy, about: &about };
                unit.decide::<Recovery>(id, recovery::Command::Open(about.clone())).await?;
                post.enter(&unit, Occurs::OverpaymentFound, found.amount).await?;
                Ok(id.to_string())
            })
            .await
    }

    /// A recovery that was open before the cut-over: the book's opening balances hold its sum.
    ///
    /// # Errors
    /// When it is open already, or payments of the item have begun.
    pub async fn carry_recovery(
        &self,
        envelope: &Envelope,
        about: &Recovered,
    ) -> Result<Done, CommandError> {
        let about = Recovered { carried: true, ..about.clone() };
        self.executor
            .run(envelope, "recovery.carry", &about, async |unit| {
                let (account, _) = unit.guard::<Account>(&about.book).await?;
                let area = account.book.as_ref().map(|book| book.area);
                let area = area.ok_or_else(|| super::books::no_book(&about.book))?;
                super::opening::before_runs(&unit, about.item, area).await?;
                let open = recovery::Command::Open(about.clone());
                unit.decide::<Recovery>(about.obligation, open).await?;
                Ok(())
            })
            .await
    }

    /// The written notice 书面通知.
    ///
    /// # Errors
    /// When nothing is owed, or the day lies before today.
    pub async fn demand_recovery(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        notice: &str,
        due: Date,
    ) -> Result<Done, CommandError> {
        self.recovery_step(envelope, "recovery.demand", &(id, notice, due), id, |unit| {
            let (notice, by) = (notice.to_owned(), unit.envelope().actor.clone());
            recovery::Command::Demand { notice, on: unit.business_date(), due, by }
        })
        .await
    }

    /// # Errors
    /// When the instalments are not what is owed.
    pub async fn agree_instalments(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        agreement: &str,
        instalments: &[Instalment],
    ) -> Result<Done, CommandError> {
        let input = (id, agreement, instalments);
        self.recovery_step(envelope, "recovery.agree", &input, id, |unit| {
            recovery::Command::Agree {
                agreement: agreement.to_owned(),
                on: unit.business_date(),
                instalments: instalments.to_vec(),
                by: unit.envelope().actor.clone(),
            }
        })
        .await
    }

    /// Money came back, into the income account or the fiscal account.
    ///
    /// # Errors
    /// Into the expenditure account, a receipt that is known, or more than is owed.
    pub async fn receive_repayment(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        serial: &str,
        amount: Money,
        into: Place,
    ) -> Result<Done, CommandError> {
        let occurs = match into {
            Place::FiscalAccount => Occurs::RecoveryReceivedInFiscalAccount,
            // The decider refuses the last one.
            Place::IncomeAccount | Place::ExpenditureAccount => Occurs::RecoveryReceived,
        };
        let input = (id, serial, amount, into);
        self.recovery_move(envelope, "recovery.receive", &input, id, occurs, async |unit: Unit| {
            let (serial, on) = (serial.to_owned(), unit.business_date());
            Ok((recovery::Command::Receive { serial, amount, into, on }, amount))
        })
        .await
    }

    /// What a deduction order of the same fund kept back from what the person is paid. It clears
    /// what is owed once, up to what the order kept.
    ///
    /// # Errors
    /// Another fund, or more than the order kept and than is owed.
    pub async fn offset_recovery(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        deduction: &str,
        against: ObligationId,
        amount: Money,
    ) -> Result<Done, CommandError> {
        let input = (id, deduction, against, amount);
        let occurs = Occurs::RecoveryOffset;
        let rules = self.rules(self.executor.today()?)?;
        self.recovery_move(envelope, "recovery.offset", &input, id, occurs, async |unit: Unit| {
            let (order, _) = unit.guard::<Deduction>(deduction).await?;
            let kept: Money = order.kept.values().copied().sum();
            let ours = order.order.as_ref().is_some_and(|order| {
                order.third_party.is_none()
                    && order.person == against.person
                    && order.item == against.item
            });
            // Each fen that was kept clears something once.
            let (used, _) = unit.guard::<Recovery>(id).await?;
            let before = used.by(recovery::How::Offset);
            if !ours || before + amount > kept {
                return Err(not_kept_back(deduction, amount, kept - before));
            }
            let fund = rules.item(against.item).map_err(not_defined)?.fund();
            let on = unit.business_date();
            Ok((recovery::Command::Offset { against, fund, amount, on }, amount))
        })
        .await
    }

    /// # Errors
    /// Before the written notice, or twice.
    pub async fn send_to_court(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        court: &str,
        case: &str,
    ) -> Result<Done, CommandError> {
        self.recovery_step(envelope, "recovery.court", &(id, court, case), id, |unit| {
            recovery::Command::GoToCourt {
                court: court.to_owned(),
                case: case.to_owned(),
                on: unit.business_date(),
                by: unit.envelope().actor.clone(),
            }
        })
        .await
    }

    /// # Errors
    /// Without the number and giver of the outside approval.
    pub async fn write_off_recovery(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        approval: &str,
        authority: &str,
        amount: Money,
    ) -> Result<Done, CommandError> {
        let input = (id, approval, authority, amount);
        let occurs = Occurs::RecoveryWrittenOff;
        self.recovery_move(
            envelope,
            "recovery.write-off",
            &input,
            id,
            occurs,
            async |unit: Unit| {
                let command = recovery::Command::WriteOff {
                    approval: approval.to_owned(),
                    authority: authority.to_owned(),
                    amount,
                    on: unit.business_date(),
                    by: unit.envelope().actor.clone(),
                };
                Ok((command, amount))
            },
        )
        .await
    }

    /// It was found by mistake: the entries are taken back.
    ///
    /// # Errors
    /// When money came back already.
    pub async fn withdraw_recovery(
        &self,
        envelope: &Envelope,
        id: ObligationId,
        reason: &str,
    ) -> Result<Done, CommandError> {
        let occurs = Occurs::OverpaymentWithdrawn;
        let input = (id, reason);
        self.recovery_move(envelope, "recovery.withdraw", &input, id, occurs, async |unit: Unit| {
            let (recovery, _) = unit.load::<Recovery>(id).await?;
            let (reason, on) = (reason.to_owned(), unit.business_date());
            let by = unit.envelope().actor.clone();
            Ok((recovery::Command::Withdraw { reason, on, by }, recovery.owed()))
        })
        .await
    }

    async fn recovery_step(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &impl serde::Serialize,
        id: ObligationId,
        command: impl Fn(&Unit) -> recovery::Command,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, operation, input, async |unit| {
                unit.decide::<Recovery>(id, command(&unit)).await?;
                Ok(())
            })
            .await
    }

    /// A step that makes the debt smaller, with its entries.
    async fn recovery_move<P>(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &impl serde::Serialize,
        id: ObligationId,
        occurs: Occurs,
        command: impl Fn(Unit) -> P,
    ) -> Result<Done, CommandError>
    where
        P: Future<Output = Result<(recovery::Command, Money), CommandError>>,
    {
        let (recovery, _) = self.executor.load::<Recovery>(id).await?;
        let about = recovery.about.clone().ok_or(recovery::Error::NotOpen)?;
        let rules = self.rules(self.executor.today()?)?;
        let item = rules.item(about.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &about.book, item).await?;
        self.executor
            .run(envelope, operation, input, async |unit: Unit| {
                let (command, amount) = command(unit.handle()).await?;
                unit.decide::<Recovery>(id, command).await?;
                let post = Move { rules: &rules, policy, about: &about };
                post.enter(&unit, occurs, amount).await
            })
            .await
    }

    /// What was found, from the obligation's own stream.
    async fn overpayment(&self, id: ObligationId) -> Result<obligation::Overpayment, CommandError> {
        let stream = StreamName::new(Obligation::CATEGORY, id);
        let (mut found, mut after) = (None, Revision::NONE);
        loop {
            let page = self.executor.log().read_stream(&stream, after, Limit::PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.revision;
            for recorded in &page {
                match recorded.decode()? {
                    obligation::Event::Overpaid(one) => found = Some(one),
                    obligation::Event::OverpaymentWithdrawn { .. } => found = None,
                    _ => {}
                }
            }
        }
        found.ok_or_else(|| recovery::Error::NotOpen.into())
    }
}

/// One step of a recovery in the book.
struct Move<'a> {
    rules: &'a Catalogue,
    policy: &'a Posting,
    about: &'a Recovered,
}

impl Move<'_> {
    async fn enter(&self, unit: &Unit, occurs: Occurs, amount: Money) -> Result<(), CommandError> {
        let Self { rules, policy, about } = *self;
        let item = rules.item(about.item).map_err(not_defined)?;
        let book = living_book(unit, &about.book).await?;
        let (account, _) = unit.load::<Account>(&about.book).await?;
        let area = account.book.as_ref().map(|book| book.area);
        let area = area.ok_or_else(|| super::books::no_book(&about.book))?;
        let (period, _) = unit.guard::<Period>(ids::period(about.item, about.month, area)).await?;
        // A late fact is entered without the item-period that is closed, or was never run here.
        let open = period.stage == period::Stage::Open;
        let about_it = About {
            item: Some(item),
            month: open.then_some(about.month),
            batch: None,
            reference: format!("recovery-{}", about.obligation),
            on: unit.business_date(),
        };
        let sums = [Sums::Of { component: about.component, total: amount }];
        if let Some(voucher) = voucher(policy, occurs, &about_it, &sums)? {
            let voucher = of_party(voucher, rules, &about.obligation.to_string());
            let post = account::Command::Post { fund: about.fund, voucher, settles: None };
            unit.decide::<Account>(&book, post).await?;
        }
        Ok(())
    }
}

fn not_kept_back(deduction: &str, amount: Money, left: Money) -> CommandError {
    Refused::new(
        "OFFSET_NOT_KEPT",
        format!("扣款 {deduction} 可用于抵扣的余额为 {left} 元，不能抵扣 {amount} 元"),
        format!("{left} that deduction {deduction} kept can clear an overpayment, not {amount}"),
    )
    .field("amount")
    .into()
}
