//! What holds of the money in every year, with arithmetic of its own.

use std::collections::{BTreeMap, BTreeSet};

use shared::Money;

use super::Fact;
use crate::account::Event as A;
use crate::city::world::{CASH, DEDUCTED};
use crate::feed::Event as F;
use crate::ledger::Ledger;
use crate::opening::Event as O;
use crate::period::Event as P;
use crate::recovery::{Event as R, Place};
use crate::statement::Event as S;

pub(super) type Law = fn(&[Fact]) -> Result<(), String>;
type Held = Result<(), String>;

pub(super) const ALL: &[(&str, Law)] = &[
    ("opening_and_vouchers_are_what_is_carried", opening_and_vouchers_are_what_is_carried),
    ("nothing_posts_to_a_closed_item_period", nothing_posts_to_a_closed_item_period),
    ("nobody_gets_more_than_was_kept", nobody_gets_more_than_was_kept),
    ("no_more_comes_back_than_was_overpaid", no_more_comes_back_than_was_overpaid),
    ("recovered_money_keeps_to_its_ways", recovered_money_keeps_to_its_ways),
    ("a_day_has_one_statement_that_adds_up", a_day_has_one_statement_that_adds_up),
    ("runs_of_a_feed_have_no_gap", runs_of_a_feed_have_no_gap),
    ("nothing_is_opened_after_the_first_run", nothing_is_opened_after_the_first_run),
    ("two_persons_reopen", two_persons_reopen),
];

macro_rules! ensure {
    ($holds:expr, $($said:tt)+) => {
        if !$holds {
            return Err(format!($($said)+));
        }
    };
}

/// 3.4.1, 3.4.13: debits are credits in every voucher, numbers have no gap, and a closed book's
/// balances are its successor's opening, account by account.
fn opening_and_vouchers_are_what_is_carried(facts: &[Fact]) -> Held {
    let mut balances: BTreeMap<&str, BTreeMap<(Ledger, &str), Money>> = BTreeMap::new();
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    for fact in facts {
        let Fact::Account(id, event) = fact else { continue };
        let entries = match event {
            A::Opened { opening, .. } => opening,
            A::Posted { number, voucher } => {
                let last = numbers.entry(id).or_default();
                ensure!(*number == *last + 1, "voucher {number} follows {last} in {id}");
                *last = *number;
                &voucher.entries
            }
            A::CarriedOver { balances: kept, .. } => {
                let mut left = balances.remove(id.as_str()).unwrap_or_default();
                for entry in kept {
                    let key = (entry.ledger, entry.account.as_str());
                    let sum = left.entry(key).or_insert(Money::ZERO);
                    *sum = *sum - entry.debit + entry.credit;
                }
                let lost = left.iter().find(|(_, sum)| !sum.is_zero());
                ensure!(lost.is_none(), "{id} does not carry {lost:?}");
                continue;
            }
            A::Reserved { .. }
            | A::Split { .. }
            | A::PendingSettled { .. }
            | A::Released { .. }
            | A::ItemClosed { .. }
            | A::ItemReopened { .. }
            | A::CarriedForward { .. }
            | A::Closed {} => continue,
        };
        let off: Money = entries.iter().map(|entry| entry.debit - entry.credit).sum();
        ensure!(off.is_zero(), "a voucher of {id} is {off} off");
        let of = balances.entry(id).or_default();
        for entry in entries {
            let sum = of.entry((entry.ledger, entry.account.as_str())).or_insert(Money::ZERO);
            *sum = *sum + entry.debit - entry.credit;
        }
        let cash = of.get(&(Ledger::F, CASH)).copied().unwrap_or(Money::ZERO);
        ensure!(!cash.is_negative(), "{id} has {cash} in its account");
    }
    Ok(())
}

/// 3.4.10.
fn nothing_posts_to_a_closed_item_period(facts: &[Fact]) -> Held {
    let mut closed = BTreeSet::new();
    for fact in facts {
        let Fact::Account(id, event) = fact else { continue };
        if let A::ItemClosed { item, month } = event {
            closed.insert((id, *item, *month));
        }
        if let A::ItemReopened { item, month } = event {
            closed.remove(&(id, *item, *month));
        }
        let A::Posted { voucher, .. } = event else { continue };
        for entry in &voucher.entries {
            if let (Some(item), Some(month)) = (entry.item, entry.month) {
                ensure!(!closed.contains(&(id, item, month)), "{item} {month} is closed in {id}");
            }
        }
    }
    Ok(())
}

/// 2.12: a deduction goes on from what was kept.
fn nobody_gets_more_than_was_kept(facts: &[Fact]) -> Held {
    let mut kept: BTreeMap<&str, Money> = BTreeMap::new();
    for fact in facts {
        let Fact::Account(id, A::Posted { voucher, .. }) = fact else { continue };
        let of = voucher.entries.iter().filter(|entry| entry.account == DEDUCTED);
        let moved: Money = of.map(|entry| entry.credit - entry.debit).sum();
        let sum = kept.entry(id).or_insert(Money::ZERO);
        *sum += moved;
        let remitted = voucher.occurrence == "deduction_remitted";
        ensure!(!remitted || !sum.is_negative(), "{id} remits what it did not keep: {sum}");
    }
    Ok(())
}

/// 2.9: what came back, was offset and written off is at most what was overpaid.
fn no_more_comes_back_than_was_overpaid(facts: &[Fact]) -> Held {
    let mut owed: BTreeMap<&str, Money> = BTreeMap::new();
    for fact in facts {
        let Fact::Recovery(id, event) = fact else { continue };
        let left = owed.entry(id).or_insert(Money::ZERO);
        match event {
            R::Opened(about) => *left += about.amount,
            R::Received { amount, .. }
            | R::Offset { amount, .. }
            | R::WrittenOff { amount, .. } => {
                *left -= *amount;
            }
            R::Settled { .. } => ensure!(left.is_zero(), "{id} is settled with {left} owed"),
            R::Demanded { .. }
            | R::InstalmentsAgreed { .. }
            | R::SentToCourt { .. }
            | R::Withdrawn { .. } => {}
        }
        ensure!(!left.is_negative(), "{id} gets {left} too much");
    }
    Ok(())
}

/// 2.9: never into the expenditure account, never across funds, never without an approval.
fn recovered_money_keeps_to_its_ways(facts: &[Fact]) -> Held {
    let mut funds = BTreeMap::new();
    for fact in facts {
        let Fact::Recovery(id, event) = fact else { continue };
        if let R::Opened(about) = event {
            funds.insert(id, about.fund);
        }
        if let R::Received { into, .. } = event {
            ensure!(*into != Place::ExpenditureAccount, "{id} came back into 支出户");
        }
        if let R::Offset { fund, .. } = event {
            ensure!(funds.get(id) == Some(fund), "{fund} pays what is owed to another fund");
        }
        if let R::WrittenOff { approval, .. } = event {
            ensure!(!approval.trim().is_empty(), "{id} is written off by nobody");
        }
    }
    Ok(())
}

/// Step 14: one statement a day; shares add up to their line.
fn a_day_has_one_statement_that_adds_up(facts: &[Fact]) -> Held {
    let mut days = BTreeMap::new();
    for fact in facts {
        let Fact::Statement(id, event) = fact else { continue };
        if let S::Imported { lines, .. } = event {
            ensure!(days.insert(id, lines).is_none(), "{id} is imported twice");
        }
        if let S::MatchedToMany { serial, batches } = event {
            let line = days[id].iter().find(|line| line.serial == *serial);
            let sum: Money = batches.iter().map(|share| share.amount).sum();
            ensure!(line.map(|line| line.amount) == Some(sum), "{serial} of {id} is not {sum}");
        }
    }
    Ok(())
}

/// 1.2: what is entered follows what was entered.
fn runs_of_a_feed_have_no_gap(facts: &[Fact]) -> Held {
    let mut next: BTreeMap<&str, u32> = BTreeMap::new();
    for fact in facts {
        let Fact::Feed(id, event) = fact else { continue };
        if let F::Opened { first, .. } = event {
            next.insert(id, *first);
        }
        if let F::RunBegun { sequence, .. } = event {
            let expected = next.get_mut(id.as_str()).ok_or("a feed that nobody opened")?;
            ensure!(sequence == expected, "run {sequence} of {id} is entered before {expected}");
            *expected += 1;
        }
    }
    Ok(())
}

/// Issue 4, part 1.
fn nothing_is_opened_after_the_first_run(facts: &[Fact]) -> Held {
    let mut begun = BTreeSet::new();
    for fact in facts {
        let Fact::Opening(id, event) = fact else { continue };
        ensure!(!begun.contains(id), "{event:?} after the first run of {id}");
        if matches!(event, O::RunsBegun {}) {
            begun.insert(id);
        }
    }
    Ok(())
}

/// 3.2 step 15.
fn two_persons_reopen(facts: &[Fact]) -> Held {
    for fact in facts {
        if let Fact::Period(id, P::Reopened { by, asked_by, .. }) = fact {
            ensure!(by != asked_by, "{by} reopens {id} alone");
        }
    }
    Ok(())
}
