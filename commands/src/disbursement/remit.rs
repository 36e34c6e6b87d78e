//! Money that leaves a book for others than payees: kept deductions go on to third parties, what is
//! left of entrusted money goes back.

use definitions::kinds::fund::Appropriation;
use definitions::kinds::posting::Occurs;
use definitions::{Catalogue, Posting};
use disbursement::account::{self, Account};
use disbursement::deduction::Deduction;
use disbursement::ledger::Voucher;
use shared::{Date, Money};

use super::Disbursement;
use super::books::of_party;
use super::fund::{BookKey, fund_and_policy};
use super::open::not_defined;
use super::postings::{About, Sums, voucher};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

impl Disbursement {
    /// What is left of an entrusting unit's money goes back to it: never what is set aside.
    ///
    /// # Errors
    /// For a book of an insurance fund, or more than is free.
    pub async fn return_remainder(
        &self,
        envelope: &Envelope,
        key: BookKey,
        amount: Money,
        reference: &str,
    ) -> Result<Done, CommandError> {
        let rules = self.rules(Date::constant(key.year, 12, 31))?;
        let (fund, usual) = fund_and_policy(&rules, key.fund, key.year)?;
        if fund.appropriation != Appropriation::EntrustingUnit {
            return Err(Refused::new(
                "REMAINDER_OF_INSURANCE_FUND",
                format!("{}不是受托资金，结余不退回委托单位", key.fund),
                format!("{} is no entrusted money: its remainder goes back to nobody", key.fund),
            )
            .field("fund")
            .into());
        }
        above_zero(amount)?;
        let policy = self.own_policy(&rules, key, usual).await?;
        let input = (key, amount, reference);
        self.executor
            .run(envelope, "book.return-remainder", &input, async |unit| {
                let about = plain(reference, unit.business_date());
                let sums = [Sums::Total(amount)];
                let posted = voucher(policy, Occurs::RemainderReturned, &about, &sums)?;
                pay_out(&unit, key, posted).await
            })
            .await
    }

    /// What was kept back by one order goes on to the third party.
    ///
    /// # Errors
    /// More than the order kept, or an order whose money nobody else is owed.
    pub async fn remit_deduction(
        &self,
        envelope: &Envelope,
        key: BookKey,
        deduction: &str,
        amount: Money,
        reference: &str,
    ) -> Result<Done, CommandError> {
        let rules = self.rules(Date::constant(key.year, 12, 31))?;
        let (_, usual) = fund_and_policy(&rules, key.fund, key.year)?;
        above_zero(amount)?;
        let policy = self.own_policy(&rules, key, usual).await?;
        let input = (key, deduction, amount, reference);
        self.executor
            .run(envelope, "book.remit-deduction", &input, async |unit| {
                let (order, _) = unit.guard::<Deduction>(deduction).await?;
                let (account, _) = unit.guard::<Account>(key).await?;
                let left =
                    order.kept.values().copied().sum::<Money>() - remitted(&account, deduction);
                let third = order.order.as_ref().and_then(|order| order.third_party);
                if third.is_none() || amount > left {
                    return Err(not_kept(deduction, amount, left));
                }
                let about = plain(reference, unit.business_date());
                let sums = [Sums::Total(amount)];
                let posted = voucher(policy, Occurs::DeductionRemitted, &about, &sums)?;
                let posted = posted.map(|voucher| of_party(voucher, &rules, deduction));
                pay_out(&unit, key, posted).await
            })
            .await
    }

    /// The policy that a book was opened with, or the usual one of its fund and year.
    pub(super) async fn own_policy<'a>(
        &self,
        rules: &'a Catalogue,
        key: BookKey,
        usual: &'a Posting,
    ) -> Result<&'a Posting, CommandError> {
        let (account, _) = self.executor.load::<Account>(key).await?;
        match &account.book {
            Some(book) => rules.posting(&book.policy).map_err(not_defined),
            None => Ok(usual),
        }
    }
}

async fn pay_out(unit: &Unit, key: BookKey, posted: Option<Voucher>) -> Result<(), CommandError> {
    if let Some(voucher) = posted {
        let post = account::Command::Post { fund: key.fund, voucher, settles: None };
        unit.decide::<Account>(key, post).await?;
    }
    Ok(())
}

/// What went on from one order already.
fn remitted(account: &Account, deduction: &str) -> Money {
    let of = account.parties.iter().filter(|((_, party), _)| party == deduction);
    of.map(|(_, moved)| *moved).sum()
}

pub(super) fn above_zero(amount: Money) -> Result<(), CommandError> {
    if amount.is_positive() {
        return Ok(());
    }
    let (zh, en) = ("金额必须大于零", "an amount lies above zero");
    Err(Refused::new("AMOUNT_NOT_POSITIVE", zh, en).field("amount").into())
}

fn plain(reference: &str, on: Date) -> About<'static> {
    About { item: None, month: None, batch: None, reference: reference.to_owned(), on }
}

fn not_kept(deduction: &str, amount: Money, left: Money) -> CommandError {
    Refused::new(
        "DEDUCTION_NOT_KEPT",
        format!("扣款 {deduction} 可转付 {left} 元，不能转付 {amount} 元；基金自留的扣款不转付"),
        format!(
            "{left} of deduction {deduction} can go on, not {amount}: what a fund keeps for itself \
             goes to nobody"
        ),
    )
    .field("amount")
    .into()
}
