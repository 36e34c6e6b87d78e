//! What waits for a run: returned with a better address, released, reinstated, due to heirs,
//! ordered.
//!
//! Whatever waits holds the claim `due:<item>/<area>/<fund>/<obligation>`, taken and released in the
//! append that changes it: the list of a run is read from the log itself and never lags.

use disbursement::heirs::Heirs;
use disbursement::obligation::{self, Obligation};
use disbursement::return_case::{self, ReturnCase};
use kernel::StreamName;
use shared::{AreaCode, FundCode, ItemId, Money, ObligationId, PayAddressId, Payee, RunType};

use super::locate::locate;
use crate::error::CommandError;
use crate::unit::Unit;

const PAGE: usize = 1_000;

/// The book's side of an obligation: which runs may take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purse {
    pub area: AreaCode,
    pub fund: FundCode,
}

fn prefix(item: ItemId, purse: Purse) -> String {
    format!("due:{item}/{}/{}/", purse.area, purse.fund)
}

fn key(purse: Purse, id: ObligationId) -> String {
    format!("{}{id}", prefix(id.item, purse))
}

/// Decides upon an obligation and keeps the list of what waits.
///
/// # Errors
/// The refusal of the rule.
pub(crate) async fn decide(
    unit: &Unit,
    purse: Purse,
    id: ObligationId,
    command: obligation::Command,
) -> Result<(), CommandError> {
    let (state, _) = unit.guard::<Obligation>(id).await?;
    let before = state.waiting().is_some();
    drop(state);
    unit.decide::<Obligation>(id, command).await?;
    let (state, _) = unit.load::<Obligation>(id).await?;
    let holder = format!("obligation-{id}");
    match (before, state.waiting().is_some()) {
        (false, true) => unit.take(key(purse, id), holder),
        (true, false) => unit.release(key(purse, id), holder),
        (true, true) | (false, false) => {}
    }
    Ok(())
}

/// One obligation that a run may take now.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub obligation: ObligationId,
    pub attempt: u16,
    pub amount: Money,
    /// Who draws it instead of the grant's payee, and where.
    pub payee: Option<Payee>,
    pub address: Option<PayAddressId>,
}

/// Everything that waits for a run of this type, in the order of its obligations.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn ready(
    unit: &Unit,
    item: ItemId,
    purse: Purse,
    run: RunType,
) -> Result<Vec<Ready>, CommandError> {
    let prefix = prefix(item, purse);
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = unit.log().claims_from(&prefix, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.key);
        for claim in &page {
            let id = StreamName::stored(claim.holder.clone());
            let id: ObligationId = id.id().parse().map_err(CommandError::fault)?;
            found.extend(one(unit, id, run).await?);
        }
    }
}

async fn one(unit: &Unit, id: ObligationId, run: RunType) -> Result<Option<Ready>, CommandError> {
    let (state, _) = unit.load::<Obligation>(id).await?;
    let Some(amount) = state.waiting() else { return Ok(None) };
    let ready = Ready { obligation: id, attempt: state.due(), amount, payee: None, address: None };
    Ok(match (run, &*state) {
        (RunType::Reissue, Obligation::Returned { attempt, .. }) => {
            let (case, _) = unit.load::<ReturnCase>(id.attempt(*attempt)).await?;
            let corrected = case.corrected.as_ref();
            let usable = case.stage == return_case::Stage::Corrected;
            corrected
                .filter(|_| usable)
                .map(|corrected| Ready { address: Some(corrected.address), ..ready })
        }
        (RunType::BackPay, Obligation::DueToHeirs { .. }) => {
            let (case, _) = unit.load::<Heirs>(id.person).await?;
            case.named.as_ref().filter(|_| case.is_open()).map(|named| Ready {
                payee: Some(Payee::Heir { person: named.heir }),
                address: Some(named.address),
                ..ready
            })
        }
        (RunType::Sporadic, Obligation::Released { .. }) if id.adjustment > 0 => Some(ready),
        (RunType::BackPay, Obligation::Released { .. }) => Some(ready),
        (
            RunType::Normal
            | RunType::OneOff
            | RunType::Sporadic
            | RunType::Reissue
            | RunType::BackPay,
            _,
        ) => None,
    })
}

/// Gross and deductions of what waits: as its line had them, where that paid the same.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn split(unit: &Unit, ready: &Ready) -> Result<(Money, Money), CommandError> {
    let line = locate(unit, ready.obligation).await?.map(|found| found.line);
    Ok(match line.filter(|line| line.net() == ready.amount) {
        Some(line) => (line.gross, line.deductions),
        None => (ready.amount, Money::ZERO),
    })
}
