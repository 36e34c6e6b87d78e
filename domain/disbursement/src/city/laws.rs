//! What holds at every moment of a city's log, with arithmetic of its own: no law asks a decider.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a law looks at the events that it is about, and lets the others pass"
)]

use std::collections::{BTreeMap, BTreeSet};

use shared::{Money, ObligationId, PersonId};

use super::Fact;
use super::world::{CASH, book, fund};
use crate::batch::event::{Attempt, Header};
use crate::batch::{Said, event::Event as B};
use crate::ledger::Ledger;
use crate::part::event::Event as P;
use crate::statement::{Direction, event::Event as S};
use crate::{account::Event as A, period::Event as D, plan::Event as L};

pub(super) type Law = fn(&[Fact]) -> Result<(), String>;
type Held = Result<(), String>;

macro_rules! ensure {
    ($holds:expr, $($said:tt)+) => {
        if !$holds {
            return Err(format!($($said)+));
        }
    };
}

fn batches(facts: &[Fact]) -> impl Iterator<Item = (&String, &B)> {
    facts.iter().filter_map(|fact| match fact {
        Fact::Batch(id, event) => Some((id, event)),
        _ => None,
    })
}

/// 3.4.1 and 3.4.6: debits are credits in every voucher; vouchers have no gap; what is set aside
/// never exceeds the cash.
pub(super) fn books_balance_at_every_moment(facts: &[Fact]) -> Held {
    let mut cash: BTreeMap<&str, i64> = BTreeMap::new();
    let mut aside: BTreeMap<&str, i64> = BTreeMap::new();
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    for fact in facts {
        let Fact::Account(id, event) = fact else { continue };
        let entries = match event {
            A::Opened { opening, .. } => opening.as_slice(),
            A::Posted { number, voucher } => {
                let last = numbers.entry(id).or_default();
                ensure!(*number == *last + 1, "voucher {number} follows {last}");
                *last = *number;
                &voucher.entries
            }
            A::Reserved { amount, .. } => {
                *aside.entry(id).or_default() += amount.fen();
                &[]
            }
            A::PendingSettled { amount, posted: true, .. } | A::Released { amount, .. } => {
                *aside.entry(id).or_default() -= amount.fen();
                &[]
            }
            // Within the reservation: split for a batch, and given back by one.
            A::Split { .. }
            | A::PendingSettled { posted: false, .. }
            | A::ItemClosed { .. }
            | A::ItemReopened { .. }
            | A::CarriedForward { .. }
            | A::CarriedOver { .. }
            | A::Closed {} => &[],
        };
        for ledger in [Ledger::F, Ledger::M] {
            let of = entries.iter().filter(|entry| entry.ledger == ledger);
            let sum: i64 = of.map(|entry| entry.debit.fen() - entry.credit.fen()).sum();
            ensure!(sum == 0, "{ledger:?} is {sum} off in {id}");
        }
        for entry in entries.iter().filter(|e| e.ledger == Ledger::F && e.account == CASH) {
            *cash.entry(id).or_default() += entry.debit.fen() - entry.credit.fen();
        }
        // A settled entry and its posting are two events of one append.
        if !matches!(event, A::PendingSettled { .. }) {
            let (cash, aside) = (cash.get(id.as_str()), aside.get(id.as_str()));
            let (cash, aside) = (cash.copied().unwrap_or(0), aside.copied().unwrap_or(0));
            ensure!(cash >= aside && aside >= 0, "{aside} is set aside of {cash} in {id}");
        }
    }
    Ok(())
}

/// 3.4.11: no entry of an item stands in the book of another fund.
pub(super) fn funds_never_mix(facts: &[Fact]) -> Held {
    for fact in facts {
        if let Fact::Account(id, A::Posted { voucher, .. }) = fact {
            for item in voucher.entries.iter().filter_map(|entry| entry.item) {
                ensure!(*id == book(fund(item)), "{item} is booked in {id}");
            }
        }
    }
    Ok(())
}

/// The lines of each batch as they were composed.
#[derive(Default)]
struct Composed<'a> {
    headers: BTreeMap<&'a str, &'a Header>,
    lines: BTreeMap<&'a str, Vec<&'a Attempt>>,
}

impl<'a> Composed<'a> {
    fn note(&mut self, id: &'a str, event: &'a B) {
        match event {
            B::Opened(header) => drop(self.headers.insert(id, header)),
            B::LinesComposed { lines, .. } => self.lines.entry(id).or_default().extend(lines),
            _ => {}
        }
    }

    fn of(&self, id: &str) -> &[&'a Attempt] {
        self.lines.get(id).map_or(&[], Vec::as_slice)
    }

    fn line(&self, id: &str, seq: u32) -> Option<(ObligationId, Money)> {
        let attempt = self.of(id).get((seq as usize).checked_sub(1)?)?;
        let header = self.headers.get(id)?;
        Some((attempt.obligation(header.item, header.month), attempt.amount))
    }
}

/// 3.4.2 and 3.4.9: an obligation has at most one attempt that is open, unknown or paid, and is
/// paid at most its net.
pub(super) fn nothing_is_paid_twice(facts: &[Fact]) -> Held {
    let mut composed = Composed::default();
    let mut live: BTreeMap<ObligationId, &str> = BTreeMap::new();
    let mut paid: BTreeMap<ObligationId, Money> = BTreeMap::new();
    for (id, event) in batches(facts) {
        composed.note(id, event);
        match event {
            B::Composed { lines, .. } => {
                for seq in 1..=*lines {
                    let (obligation, _) = composed.line(id, seq).ok_or("a line is missing")?;
                    let other = live.insert(obligation, id);
                    ensure!(other.is_none(), "{obligation} stands in {id} and in {other:?}");
                }
            }
            B::Rejected { .. } | B::Withdrawn { .. } => live.retain(|_, batch| *batch != id),
            B::LinesSettled { settled, .. } => {
                for returned in &settled.returned {
                    let (obligation, _) = composed.line(id, returned.seq).ok_or("no such line")?;
                    live.remove(&obligation);
                }
                for one in &settled.paid {
                    let (obligation, net) = composed.line(id, one.seq).ok_or("no such line")?;
                    let sum = paid.entry(obligation).or_insert(Money::ZERO);
                    *sum += net;
                    ensure!(*sum <= net, "{obligation} of {net} is paid {sum}");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// 3.4.3: whoever is known to be dead when a file is made or goes out stands in no line of it.
pub(super) fn no_attempt_to_a_dead_persons_account(facts: &[Fact]) -> Held {
    let mut dead: BTreeSet<PersonId> = BTreeSet::new();
    let mut composed = Composed::default();
    for fact in facts {
        match fact {
            Fact::Died(person) => drop(dead.insert(*person)),
            Fact::Batch(id, event) => {
                composed.note(id, event);
                if matches!(event, B::Composed { .. } | B::Sent { .. }) {
                    let of = composed.of(id).iter().find(|line| dead.contains(&line.person));
                    ensure!(of.is_none(), "{id} pays the dead: {of:?}");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// 2.13: a line held after approval is in 暂扣 and not in 报盘.
pub(super) fn a_held_line_is_in_no_batch(facts: &[Fact]) -> Held {
    let mut held: BTreeSet<(String, u32)> = BTreeSet::new();
    let mut sent: BTreeMap<&str, BTreeSet<(String, u32)>> = BTreeMap::new();
    let mut composed = Composed::default();
    for fact in facts {
        match fact {
            Fact::Part(id, P::LinesHeld { lines }) => {
                held.extend(lines.iter().map(|line| (id.clone(), line.line)));
            }
            Fact::Batch(id, event) => {
                composed.note(id, event);
                match event {
                    B::Composed { .. } => {
                        let header = composed.headers[id.as_str()];
                        let part = format!("{}-{}", header.plan, header.part);
                        let places = composed.of(id).iter().map(|line| (part.clone(), line.line));
                        sent.insert(id, places.collect());
                    }
                    B::Rejected { .. } | B::Withdrawn { .. } => drop(sent.remove(id.as_str())),
                    _ => {}
                }
            }
            _ => continue,
        }
        for (batch, places) in &sent {
            let both = places.intersection(&held).next();
            ensure!(both.is_none(), "{both:?} is held and stands in {batch}");
        }
    }
    Ok(())
}

/// 3.4.4: frozen list = calculated + excluded.
pub(super) fn the_population_is_whole(facts: &[Fact]) -> Held {
    let mut frozen: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for fact in facts {
        let Fact::Plan(id, event) = fact else { continue };
        let (all, counted) = frozen.entry(id).or_default();
        match event {
            L::PopulationFrozen { grants, .. } => *all = *grants,
            L::PartCalculated { grants, excluded, .. } => *counted += grants + excluded,
            L::Calculated { .. } => {
                ensure!(all == counted, "{id}: {all} frozen, {counted} counted")
            }
            _ => {}
        }
    }
    Ok(())
}

/// 3.4.5: nothing is sent without two keys of two persons, one of whom never saw the plan.
pub(super) fn two_keys_two_persons(facts: &[Fact]) -> Held {
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut acted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut plan_of: BTreeMap<&str, &str> = BTreeMap::new();
    for fact in facts {
        match fact {
            Fact::Plan(id, L::Submitted { by }) => drop(acted.insert(id, BTreeSet::from([&**by]))),
            Fact::Plan(id, L::Reviewed { by, .. }) => {
                let new = acted.entry(id).or_default().insert(by);
                ensure!(new, "{by} acted twice on {id}");
            }
            Fact::Batch(id, B::Opened(header)) => drop(plan_of.insert(id, &header.plan)),
            Fact::Batch(id, B::Signed { by, .. }) => keys.entry(id).or_default().push(by),
            Fact::Batch(id, B::Sent { .. }) => {
                let [first, second] = keys.get(id.as_str()).map_or(&[][..], Vec::as_slice) else {
                    return Err(format!("{id} went out without two keys"));
                };
                let acted = &acted[plan_of[id.as_str()]];
                let strangers = !acted.contains(first) || !acted.contains(second);
                ensure!(first != second && strangers, "{id} is signed by {first} and {second}");
            }
            _ => {}
        }
    }
    Ok(())
}

/// 2.7 and 3.4.4: the debit slip is the batch's own sum, once.
pub(super) fn a_batch_is_debited_once_with_its_own_sum(facts: &[Fact]) -> Held {
    let (mut totals, mut debited) = (BTreeMap::new(), BTreeSet::new());
    for (id, event) in batches(facts) {
        match event {
            B::Composed { total, .. } => drop(totals.insert(id, *total)),
            B::Debited { amount, .. } => {
                ensure!(totals.get(id) == Some(amount), "{id} of {:?}: {amount}", totals.get(id));
                ensure!(debited.insert(id), "{id} is debited twice");
            }
            _ => {}
        }
    }
    Ok(())
}

/// 3.4.8: the first result of a line is its last.
pub(super) fn a_result_is_never_overwritten(facts: &[Fact]) -> Held {
    let mut said: BTreeSet<(&str, u32)> = BTreeSet::new();
    for (id, event) in batches(facts) {
        if let B::LinesSettled { settled, .. } = event {
            let paid = settled.paid.iter().map(|paid| paid.seq);
            for seq in paid.chain(settled.returned.iter().map(|returned| returned.seq)) {
                ensure!(said.insert((id, seq)), "line {seq} of {id} has a second result");
            }
        }
    }
    Ok(())
}

/// 3.4.8: a result stands in the reply, about this very line and with its amount.
pub(super) fn a_result_is_the_banks_word(facts: &[Fact]) -> Held {
    let mut replies = BTreeMap::new();
    let mut composed = Composed::default();
    for fact in facts {
        match fact {
            Fact::Said(reply, rows) => drop(replies.insert(reply, rows)),
            Fact::Batch(id, event) => {
                composed.note(id, event);
                let B::LinesSettled { reply, settled, .. } = event else { continue };
                let rows = replies[reply];
                let says = |seq: u32, wanted: &dyn Fn(&Said) -> bool| {
                    let amount = composed.line(id, seq).map(|(_, amount)| amount);
                    let own = |row: &&crate::batch::Row| row.seq == Some(seq);
                    rows.iter()
                        .filter(own)
                        .any(|row| Some(row.amount) == amount && wanted(&row.said))
                };
                for paid in &settled.paid {
                    let word = says(paid.seq, &|said| matches!(said, Said::Paid { .. }));
                    ensure!(word, "nobody said that line {} of {id} is paid", paid.seq);
                }
                for returned in &settled.returned {
                    let word = says(returned.seq, &|said| match said {
                        Said::Returned { reason } => *reason == returned.reason,
                        Said::Paid { .. } => false,
                    });
                    ensure!(word, "nobody said that line {} of {id} is returned", returned.seq);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// 2.7: money comes back for lines that were returned, and for no other.
pub(super) fn no_more_comes_back_than_was_returned(facts: &[Fact]) -> Held {
    let mut composed = Composed::default();
    let mut left: BTreeMap<&str, Money> = BTreeMap::new();
    for (id, event) in batches(facts) {
        composed.note(id, event);
        let left = left.entry(id).or_insert(Money::ZERO);
        match event {
            B::LinesSettled { settled, .. } => {
                for returned in &settled.returned {
                    *left += composed.line(id, returned.seq).ok_or("no such line")?.1;
                }
            }
            B::MoneyReturned { amount, .. } => {
                *left -= *amount;
                ensure!(!left.is_negative(), "{amount} is too much for {id}");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Step 14: opening + credits − debits = closing; a line is matched, or different with an owner.
pub(super) fn a_statement_adds_up_and_a_line_is_settled_once(facts: &[Fact]) -> Held {
    let mut settled: BTreeSet<(&str, &str)> = BTreeSet::new();
    for fact in facts {
        let Fact::Statement(id, event) = fact else { continue };
        match event {
            S::Imported { header, lines } => {
                let sum = lines.iter().fold(header.opening, |sum, line| match line.direction {
                    Direction::Debit => sum - line.amount,
                    Direction::Credit => sum + line.amount,
                });
                ensure!(sum == header.closing, "{id} does not add up");
            }
            S::Matched { serial, .. }
            | S::MatchedToMany { serial, .. }
            | S::MatchedToVoucher { serial, .. }
            | S::DifferenceFound { serial, .. } => {
                ensure!(settled.insert((id, serial)), "{serial} of {id} is settled twice");
            }
            S::DifferenceAssigned { .. }
            | S::DifferenceBooked { .. }
            | S::DifferenceCleared { .. }
            | S::DifferenceResolved { .. } => {}
        }
    }
    Ok(())
}

/// 2.13: the equalities that staff print, and paid and returned as the log has them.
pub(super) fn the_bridge_holds(facts: &[Fact]) -> Held {
    let mut composed = Composed::default();
    let mut plans: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut results: BTreeMap<&str, (Money, Money)> = BTreeMap::new();
    for fact in facts {
        match fact {
            Fact::Period(id, D::RunAdded { plan }) => plans.entry(id).or_default().push(plan),
            Fact::Batch(id, event) => {
                composed.note(id, event);
                if let (B::LinesSettled { settled, .. }, Some(header)) =
                    (event, composed.headers.get(id.as_str()))
                {
                    let sum = |seqs: Vec<u32>| -> Money {
                        seqs.into_iter().filter_map(|seq| Some(composed.line(id, seq)?.1)).sum()
                    };
                    let zero = (Money::ZERO, Money::ZERO);
                    let (paid, returned) = results.entry(&header.plan).or_insert(zero);
                    *paid += sum(settled.paid.iter().map(|line| line.seq).collect());
                    *returned += sum(settled.returned.iter().map(|line| line.seq).collect());
                }
            }
            Fact::Period(id, D::Certified { certificate, .. }) => {
                let item = &certificate.item;
                let planned = item.gross - item.deductions;
                ensure!(planned == item.instructed + item.held, "{id}: 应发 − 扣发 = 报盘 + 暂扣");
                let replied = item.paid + item.returned + item.unreplied;
                ensure!(item.instructed == replied, "{id}: 报盘 = 成功 + 退票 + 未回");
                let of = plans.get(id.as_str()).into_iter().flatten();
                let known = of.filter_map(|plan| results.get(plan));
                let (paid, returned) = known
                    .fold((Money::ZERO, Money::ZERO), |sum, more| (sum.0 + more.0, sum.1 + more.1));
                ensure!((paid, returned) == (item.paid, item.returned), "{id}: {paid}, {returned}");
                ensure!(certificate.statement_debits == item.instructed, "{id}: 对账单");
                ensure!(certificate.statement_credits <= item.returned, "{id}: 退回");
                for book in &certificate.books {
                    let left = book.paid + book.in_transit + book.closing;
                    let came = book.opening + book.appropriated;
                    ensure!(came == left, "{id}: 期初 + 拨入 = 实付 + 在途 + 期末结余");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// 3.4.10: after its close an item-period is silent.
pub(super) fn closed_stays_closed(facts: &[Fact]) -> Held {
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    for fact in facts {
        if let Fact::Period(id, event) = fact {
            ensure!(!closed.contains(id.as_str()), "{event:?} after the close of {id}");
            if matches!(event, D::Closed { .. }) {
                closed.insert(id);
            }
        }
    }
    Ok(())
}
