//! What is owed to frozen grants, line by line, or why nothing is.

use std::collections::BTreeSet;

use disbursement::line::{Excluded, Exclusion, Line, Workings};
use disbursement::plan::Header;
use shared::{Component, Money, Month, ObligationId, Payee};

use crate::disbursement::ports::{AddressFacts, Competing, Due, GrantFacts, Life, Usable};

/// What waits for this run, by name.
pub(super) fn waiting_lines(header: &Header, grants: &[GrantFacts]) -> BTreeSet<ObligationId> {
    let mut ids = BTreeSet::new();
    for facts in grants {
        for due in facts.due.iter().filter(|due| due.waits) {
            ids.insert(ObligationId {
                item: header.item,
                month: due.month,
                component: due.component,
                adjustment: due.adjustment,
                person: facts.person,
            });
        }
    }
    ids
}

/// Lines and exclusions of some grants; `claimed` obligations are somebody else's, and those in
/// `gone` wait no longer.
pub(super) fn owed(
    header: &Header,
    grants: &[GrantFacts],
    claimed: &BTreeSet<String>,
    gone: &BTreeSet<ObligationId>,
) -> (Vec<Line>, Vec<Excluded>) {
    let (mut lines, mut excluded) = (Vec::with_capacity(grants.len()), Vec::new());
    // Two ids of one human may stand in one chunk: the first has the claims of both.
    let mut here: BTreeSet<ObligationId> = BTreeSet::new();
    for facts in grants {
        let of_grant = lines_of(header, facts, claimed, gone).and_then(|mut of_grant| {
            if !facts.also.is_empty() {
                of_grant.retain(|line| !here.contains(&line.obligation(header.item, header.month)));
                for line in &of_grant {
                    let id = line.obligation(header.item, header.month);
                    here.extend(
                        facts.also.iter().map(|person| ObligationId { person: *person, ..id }),
                    );
                }
            }
            if of_grant.is_empty() { Err(Exclusion::AlreadyClaimed) } else { Ok(of_grant) }
        });
        match of_grant {
            Ok(of_grant) => lines.extend(of_grant),
            Err(reason) => {
                let (grant, person) = (facts.grant, facts.person);
                excluded.push(Excluded { grant, person, reason });
            }
        }
    }
    (lines, excluded)
}

fn lines_of(
    header: &Header,
    facts: &GrantFacts,
    claimed: &BTreeSet<String>,
    gone: &BTreeSet<ObligationId>,
) -> Result<Vec<Line>, Exclusion> {
    // The month of death is owed, but never to the dead person's account: that takes a case.
    let own = Some(facts.life).filter(|_| !matches!(facts.payee, Some(Payee::Heir { .. })));
    for life in [own, facts.payee_life].into_iter().flatten() {
        match life {
            Life::Dead { .. } => return Err(Exclusion::Dead),
            Life::DeathReported => return Err(Exclusion::DeathReported),
            Life::Alive => {}
        }
    }
    if facts.suspended && facts.due.is_empty() {
        return Err(Exclusion::Suspended);
    }
    if facts.competing == Some(Competing::Excluded) && facts.due.is_empty() {
        return Err(Exclusion::CompetingBenefit);
    }
    let address = facts.address.ok_or(Exclusion::NoUsableAddress)?;
    match address.usable {
        Usable::Yes => {}
        Usable::No => return Err(Exclusion::NoUsableAddress),
        Usable::Frozen => return Err(Exclusion::AddressFrozen),
    }
    if !facts.due.is_empty() {
        return due_lines(header, facts, address, claimed, gone);
    }
    let owed: Vec<_> = facts.components.iter().filter(|(_, amount, _)| !amount.is_zero()).collect();
    if owed.is_empty() {
        return Err(Exclusion::NothingDue);
    }
    let total: Money = owed.iter().map(|(_, amount, _)| *amount).sum();
    if total < header.amount_min || total > header.amount_max {
        return Err(Exclusion::OutOfBounds);
    }
    let mut less = match facts.competing {
        Some(Competing::Less { by }) => by,
        Some(Competing::Excluded) | None => Money::ZERO,
    };
    let lines: Vec<Line> = owed
        .into_iter()
        .map(|(component, gross, amount_from)| {
            let off = less.min(*gross);
            less -= off;
            (component, *gross - off, amount_from)
        })
        .filter(|(_, gross, _)| gross.is_positive())
        .map(|(component, gross, since)| first_line(facts, address, *component, gross, *since))
        .filter(|line| !is_claimed(header, facts, claimed, line))
        .collect();
    match lines.is_empty() {
        false => Ok(lines),
        // The other benefit takes all of it.
        true if matches!(facts.competing, Some(Competing::Less { by }) if by >= total) => {
            Err(Exclusion::CompetingBenefit)
        }
        true => Err(Exclusion::AlreadyClaimed),
    }
}

/// A first attempt to pay a component for the month of the run, by an amount that holds since a
/// month.
fn first_line(
    facts: &GrantFacts,
    address: AddressFacts,
    component: Component,
    gross: Money,
    since: Month,
) -> Line {
    Line {
        person: facts.person,
        component,
        month: None,
        adjustment: 0,
        attempt: 1,
        grant: facts.grant,
        payee: facts.payee,
        address: address.address,
        address_version: address.version,
        bank: address.bank,
        county: facts.county,
        gross,
        deductions: Money::ZERO,
        workings: Workings { grant_revision: facts.revision, amount_from: since },
    }
}

/// Under this id or under another one of the same human.
fn is_claimed(
    header: &Header,
    facts: &GrantFacts,
    claimed: &BTreeSet<String>,
    line: &Line,
) -> bool {
    let id = line.obligation(header.item, header.month);
    let mut ids = std::iter::once(facts.person).chain(facts.also.iter().copied());
    !claimed.is_empty()
        && ids.any(|person| claimed.contains(&ObligationId { person, ..id }.claim()))
}

/// Lines of what waits and of earlier months: each within the item's bounds.
fn due_lines(
    header: &Header,
    facts: &GrantFacts,
    address: AddressFacts,
    claimed: &BTreeSet<String>,
    gone: &BTreeSet<ObligationId>,
) -> Result<Vec<Line>, Exclusion> {
    if facts.due.iter().any(|due| due.gross > header.amount_max) {
        return Err(Exclusion::OutOfBounds);
    }
    let line = |due: &Due| Line {
        month: Some(due.month).filter(|month| *month != header.month),
        adjustment: due.adjustment,
        attempt: due.attempt,
        deductions: due.deductions,
        ..first_line(facts, address, due.component, due.gross, due.month)
    };
    let lines: Vec<Line> = facts
        .due
        .iter()
        .map(line)
        .filter(|line| !gone.contains(&line.obligation(header.item, header.month)))
        .filter(|line| !is_claimed(header, facts, claimed, line))
        .collect();
    if lines.is_empty() { Err(Exclusion::NotWaiting) } else { Ok(lines) }
}
