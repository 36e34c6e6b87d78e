//! A rise that reaches back into months of a life that is over: the difference is the heirs'
//! (DISBURSEMENT 2.1).
//!
//! **Invariant** what is passed on is claimed in the same append: no back-pay run plans it.

use benefits::grant::{Grant, Record};
use disbursement::obligation::Obligation;
use kernel::{Decider, StreamName};
use shared::{Component, Date, Money, Month, ObligationId};

use super::lives::pass_on;
use super::locate::locate;
use super::waiting::Purse;
use crate::error::CommandError;
use crate::unit::Unit;

/// How many adjustments of one month are looked for.
const ADJUSTMENTS_MAX: u16 = 20;

/// Passes on what the months from `from` to that of the death owe beyond what was planned for them.
/// A month of which nothing was planned is settled with the death itself.
pub(crate) async fn passed_on(
    unit: &Unit,
    grant: &Record,
    from: Month,
    died_on: Date,
) -> Result<(), CommandError> {
    let (state, _) = unit.guard::<Grant>(grant.grant).await?;
    let purse = Purse { area: grant.area, fund: grant.fund };
    let first = from.max(grant.from);
    if first > Month::of(died_on) {
        return Ok(());
    }
    for month in first.through(Month::of(died_on)) {
        for one in state.amounts_for(month).unwrap_or(&[]) {
            let Some((id, left)) = left(unit, grant, month, one.component, one.amount).await?
            else {
                continue;
            };
            unit.take(id.claim(), format!("obligation-{id}"));
            pass_on(unit, purse, id, grant.person, died_on, left).await?;
        }
    }
    Ok(())
}

/// The next adjustment of a month, and what it would pay; nothing where all is planned, or nothing
/// was.
async fn left(
    unit: &Unit,
    grant: &Record,
    month: Month,
    component: Component,
    amount: Money,
) -> Result<Option<(ObligationId, Money)>, CommandError> {
    let mut left = amount;
    for adjustment in 0..ADJUSTMENTS_MAX {
        let (item, person) = (grant.item, grant.person);
        let id = ObligationId { item, month, component, adjustment, person };
        let held = unit.log().claims(&[id.claim()]).await?;
        let Some(held) = held.into_iter().flatten().next() else {
            let owed = adjustment > 0 && left.is_positive();
            return Ok(owed.then_some((id, left)));
        };
        match locate(unit, id).await? {
            Some(found) => left -= found.line.gross,
            // Due to the heirs already, and never planned.
            None if StreamName::stored(held.holder).category() == Obligation::CATEGORY => {
                let (state, _) = unit.load::<Obligation>(id).await?;
                left -= state.waiting().unwrap_or(Money::ZERO);
            }
            // Settled before this system: nothing is known of it.
            None => return Ok(None),
        }
    }
    Ok(None)
}
