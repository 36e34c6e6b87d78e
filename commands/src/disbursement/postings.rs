//! Vouchers out of a posting policy: which accounts move is data, how much is the command's.

use definitions::kinds::account::{Ledger as Book, Side};
use definitions::kinds::item::Item;
use definitions::kinds::posting::{Effect, Occurs, Posting, Term};
use disbursement::ledger::{Entry, Ledger, Voucher};
use shared::{Component, Date, ItemId, Money, Month};

use crate::error::{CommandError, Refused};

/// The sums of one occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    Total(Money),
    /// A whole sum of one component.
    Of {
        component: Component,
        total: Money,
    },
    /// Gross is what is owed, net what the bank is told to pay.
    Line {
        component: Component,
        gross: Money,
        deducted: Money,
        offset: Money,
    },
}

/// What a voucher is about.
#[derive(Debug, Clone)]
pub struct About<'a> {
    pub item: Option<&'a Item>,
    pub month: Option<Month>,
    pub batch: Option<&'a str>,
    pub reference: String,
    pub on: Date,
}

/// One voucher for one occurrence; nothing where every leg is zero.
///
/// # Errors
/// When the policy has nothing for the occurrence, or a component has no expense account.
pub fn voucher(
    policy: &Posting,
    occurs: Occurs,
    about: &About<'_>,
    sums: &[Sums],
) -> Result<Option<Voucher>, CommandError> {
    let occurrence = policy.on(occurs).ok_or_else(|| {
        Refused::new(
            "NO_POSTING_RULE",
            format!("记账规则{}未规定{occurs}的分录", policy.id),
            format!("posting policy {} has no entries for {occurs}", policy.id),
        )
    })?;
    let mut entries: Vec<Entry> = Vec::new();
    for sums in sums {
        for leg in &occurrence.legs {
            let amount = sums.term(leg.amount);
            if amount.is_zero() {
                continue;
            }
            let account = match &leg.account {
                Some(code) => code.clone(),
                None => expense(about, sums)?,
            };
            let (debit, credit) = match leg.side {
                Side::Debit => (amount, Money::ZERO),
                Side::Credit => (Money::ZERO, amount),
            };
            let ledger = match leg.ledger {
                Book::Fund => Ledger::F,
                Book::Memo => Ledger::M,
            };
            add(
                &mut entries,
                Entry {
                    ledger,
                    account,
                    item: about.item.map(|item| item.id),
                    month: about.month,
                    batch: about.batch.map(str::to_owned),
                    bank: None,
                    party: None,
                    debit,
                    credit,
                },
            );
        }
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let occurrence = occurs.to_string();
    let (reference, on) = (about.reference.clone(), about.on);
    Ok(Some(Voucher { occurrence, reference, on, entries }))
}

/// Two vouchers of one occurrence as one: a bank debits a batch once.
#[must_use]
pub fn joined(occurs: Occurs, first: Option<Voucher>, second: Option<Voucher>) -> Option<Voucher> {
    let (mut first, second) = match (first, second) {
        (Some(first), Some(second)) => (first, second),
        (one, other) => {
            let occurrence = occurs.to_string();
            return one.or(other).map(|voucher| Voucher { occurrence, ..voucher });
        }
    };
    for entry in second.entries {
        add(&mut first.entries, entry);
    }
    Some(first)
}

/// The account that holds the cash: the one that a reservation binds.
///
/// # Errors
/// When the policy reserves nothing.
pub fn cash_account(policy: &Posting) -> Result<String, CommandError> {
    policy
        .on(Occurs::FundsReserved)
        .filter(|occurrence| occurrence.effect == Effect::Reserve)
        .and_then(|occurrence| occurrence.legs.iter().find(|leg| leg.side == Side::Credit))
        .and_then(|leg| leg.account.clone())
        .ok_or_else(|| {
            Refused::new(
                "NO_CASH_ACCOUNT",
                format!("记账规则{}没有预留资金的分录", policy.id),
                format!("posting policy {} reserves no funds", policy.id),
            )
            .into()
        })
}

impl Sums {
    fn term(&self, term: Term) -> Money {
        match (*self, term) {
            (Self::Total(total) | Self::Of { total, .. }, Term::Total) => total,
            (Self::Line { gross, deducted, offset, .. }, Term::Total | Term::Net) => {
                gross - deducted - offset
            }
            (Self::Line { gross, .. }, Term::Gross) => gross,
            (Self::Line { deducted, .. }, Term::Deducted) => deducted,
            (Self::Line { offset, .. }, Term::Offset) => offset,
            (Self::Total(total) | Self::Of { total, .. }, Term::Gross | Term::Net) => total,
            (Self::Total(_) | Self::Of { .. }, Term::Deducted | Term::Offset) => Money::ZERO,
        }
    }
}

fn expense(about: &About<'_>, sums: &Sums) -> Result<String, CommandError> {
    let component = match sums {
        Sums::Line { component, .. } | Sums::Of { component, .. } => *component,
        Sums::Total(_) => Component::whole(),
    };
    let item = about.item.map(|item| (item.id, item.expense_account(component)));
    match item {
        Some((_, Some(account))) => Ok(account.to_owned()),
        Some((item, None)) => Err(no_account(Some(item), component)),
        None => Err(no_account(None, component)),
    }
}

fn no_account(item: Option<ItemId>, component: Component) -> CommandError {
    let item = item.map_or_else(String::new, |item| item.to_string());
    Refused::new(
        "NO_EXPENSE_ACCOUNT",
        format!("项目{item}的{component}没有支出科目"),
        format!("{component} of item {item} has no expense account"),
    )
    .into()
}

/// One entry per account and side, so that a voucher stays as short as its policy.
fn add(entries: &mut Vec<Entry>, entry: Entry) {
    let same = entries.iter_mut().find(|known| {
        known.ledger == entry.ledger
            && known.account == entry.account
            && known.debit.is_positive() == entry.debit.is_positive()
    });
    match same {
        Some(known) => {
            known.debit += entry.debit;
            known.credit += entry.credit;
        }
        None => entries.push(entry),
    }
}
