//! What a death, its withdrawal or a merge makes of everything that a person is owed.
//!
//! | occurrence | what follows (DISBURSEMENT 2.1) |
//! |---|---|
//! | reported | unsent lines are held, with the day by which it must be verified |
//! | confirmed | months up to that of the death go to the heirs' case; later ones are cancelled, or overpaid where the bank paid |
//! | withdrawn | what was held, cancelled, passed on or found overpaid stands as before |
//! | merged | the same month under two ids is paid once |
//!
//! Each obligation is one command, so that one which cannot be decided stops no other.

use benefits::claims;
use benefits::grant::{EndReason, Grant, Record};
use definitions::Catalogue;
use disbursement::batch::Outcome;
use disbursement::heirs::{self, Heirs};
use disbursement::obligation::{self, NotOwed, Obligation, Stage};
use disbursement::part::{self, Hold, Part};
use disbursement::period::{self, Period};
use disbursement::return_case::Outcome as CaseEnd;
use kernel::StreamName;
use shared::{Component, Date, Month, ObligationId, PersonId};

use super::locate::{Located, locate};
use super::reply::watch_key;
use super::waiting::{self, Purse};
use super::{holds, ids, owed, returns};
use crate::error::{CommandError, Refused};
use crate::unit::Unit;

/// How far back an open end is looked for.
const MONTHS_BACK_MAX: i32 = 24;
/// How far ahead of the business date a run may plan.
const MONTHS_AHEAD: i32 = 2;
const ADJUSTMENTS_MAX: u16 = 6;
const PAGE: usize = 1_000;

/// The grants of a person, of every item, that hold their claim.
pub(crate) async fn grants_of(
    unit: &Unit,
    rules: &Catalogue,
    person: PersonId,
) -> Result<Vec<Record>, CommandError> {
    let mut found = Vec::new();
    for item in rules.items().keys() {
        let prefix = claims::open_grant(*item, person, None);
        for claim in unit.log().claims_from(&prefix, "", PAGE).await? {
            let stream = StreamName::stored(claim.holder);
            let (grant, _) = unit.load::<Grant>(stream.id()).await?;
            found.extend(grant.record().cloned());
        }
        // Claims of a page that starts behind the prefix itself leave the plain key out.
        let held = unit.log().claims(std::slice::from_ref(&prefix)).await?;
        for held in held.into_iter().flatten() {
            let stream = StreamName::stored(held.holder);
            let (grant, _) = unit.load::<Grant>(stream.id()).await?;
            if let Some(record) = grant.record()
                && found.iter().all(|known: &Record| known.grant != record.grant)
            {
                found.push(record.clone());
            }
        }
    }
    Ok(found)
}

/// Every obligation of a grant that stands, of the months around `on`.
pub(crate) async fn obligations_of(
    unit: &Unit,
    rules: &Catalogue,
    grant: &Record,
    from: Month,
    on: Date,
) -> Result<Vec<ObligationId>, CommandError> {
    let components: Vec<Component> = match rules.item(grant.item) {
        Ok(item) => item.components.iter().map(|part| part.component).collect(),
        Err(_) => vec![Component::whole()],
    };
    let mut ids = Vec::new();
    let last = (0..MONTHS_AHEAD).fold(Month::of(on), |month, _| month.next());
    for month in from.through(last) {
        for component in &components {
            for adjustment in 0..ADJUSTMENTS_MAX {
                let (component, person) = (*component, grant.person);
                ids.push(ObligationId { item: grant.item, month, component, adjustment, person });
            }
        }
    }
    let mut found = Vec::new();
    for piece in ids.chunks(PAGE) {
        let keys: Vec<String> = piece.iter().map(ObligationId::claim).collect();
        let held = unit.log().claims(&keys).await?;
        found.extend(piece.iter().zip(held).filter(|(_, held)| held.is_some()).map(|(id, _)| *id));
    }
    Ok(found)
}

/// The first month that is looked at for what happened on this day.
pub(crate) fn first_month(on: Date) -> Month {
    (0..MONTHS_BACK_MAX).fold(Month::of(on), |month, _| month.previous())
}

/// A reported death: a line that is not in a file yet stays out of it.
pub(crate) async fn reported(
    unit: &Unit,
    id: ObligationId,
    verify_by: Date,
) -> Result<(), CommandError> {
    let (state, _) = unit.load::<Obligation>(id).await?;
    if !matches!(state.stage(), Stage::AsPlanned | Stage::Taken) {
        return Ok(());
    }
    let Some(found) = locate(unit, id).await? else { return Ok(()) };
    if found.batch.is_some() || found.bank_instructed {
        // Sending refuses by itself; what is out is answered by the bank.
        return Ok(());
    }
    holds::hold(unit, id, &found, Hold::DeathReported, Some(verify_by)).await
}

/// A confirmed death: to the heirs, to nobody, or back from whoever got it.
pub(crate) async fn confirmed(
    unit: &Unit,
    id: ObligationId,
    deceased: PersonId,
    died_on: Date,
) -> Result<(), CommandError> {
    let (state, _) = unit.load::<Obligation>(id).await?;
    let (stage, due, waiting) = (state.stage(), state.due(), state.waiting());
    let held = match &*state {
        Obligation::Held { amount, .. } => Some(*amount),
        Obligation::AsPlanned
        | Obligation::Released { .. }
        | Obligation::Returned { .. }
        | Obligation::Taken { .. }
        | Obligation::DueToHeirs { .. }
        | Obligation::Cancelled { .. }
        | Obligation::Overpaid { .. } => None,
    };
    drop(state);
    let Some(found) = locate(unit, id).await? else { return Ok(()) };
    let owed = id.month <= Month::of(died_on);
    let amount = held.or(waiting).unwrap_or_else(|| found.line.net());
    match stage {
        Stage::DueToHeirs | Stage::Cancelled | Stage::Overpaid => Ok(()),
        Stage::Held | Stage::Released | Stage::Returned => {
            if stage == Stage::Returned {
                let end = if owed { CaseEnd::PassedOn } else { CaseEnd::Cancelled };
                returns::close_last(unit, id, due - 1, end).await?;
            }
            settle(unit, id, &found, deceased, died_on, amount).await
        }
        Stage::AsPlanned | Stage::Taken => match &found.batch {
            None if found.bank_instructed => Ok(()),
            None if !found.sealed => Err(not_yet(id)),
            None => {
                holds::hold(unit, id, &found, Hold::DeathConfirmed, None).await?;
                settle(unit, id, &found, deceased, died_on, amount).await
            }
            Some(batch) if !batch.is_out() => Err(withdraw_first(&batch.id)),
            Some(_) if owed => Ok(()),
            Some(batch) => match batch.result {
                Outcome::Paid => {
                    owed::overpaid(unit, id, &found, found.line.net(), NotOwed::AfterDeath).await
                }
                Outcome::Unknown => {
                    let key = watch_key(&batch.id, batch.seq);
                    unit.take(key, format!("obligation-{id}"));
                    Ok(())
                }
                Outcome::Returned(_) => Ok(()),
            },
        },
    }
}

/// What nobody has yet goes to the heirs' case, or to nobody.
async fn settle(
    unit: &Unit,
    id: ObligationId,
    found: &Located,
    deceased: PersonId,
    died_on: Date,
    amount: shared::Money,
) -> Result<(), CommandError> {
    let purse = holds::purse(found);
    if id.month > Month::of(died_on) {
        let by = unit.envelope().actor.clone();
        let cancel = obligation::Command::Cancel { reason: NotOwed::AfterDeath, by };
        return waiting::decide(unit, purse, id, cancel).await;
    }
    pass_on(unit, purse, id, deceased, died_on, amount).await
}

pub(crate) async fn pass_on(
    unit: &Unit,
    purse: Purse,
    id: ObligationId,
    deceased: PersonId,
    died_on: Date,
    amount: shared::Money,
) -> Result<(), CommandError> {
    let died_in = Month::of(died_on);
    waiting::decide(unit, purse, id, obligation::Command::PassOn { amount, died_in }).await?;
    let add = heirs::Command::Add { deceased, died_on, obligation: id, amount };
    unit.decide::<Heirs>(deceased, add).await?;
    Ok(())
}

/// Months up to that of the death for which nothing was ever planned: he was left out of their runs
/// because his death was reported, or died before they were frozen.
pub(crate) async fn never_planned(
    unit: &Unit,
    rules: &Catalogue,
    grant: &Record,
    died_on: Date,
) -> Result<(), CommandError> {
    let (state, _) = unit.guard::<Grant>(grant.grant).await?;
    let died_in = Month::of(died_on);
    let purse = Purse { area: grant.area, fund: grant.fund };
    let mut month = died_in;
    for _ in 0..MONTHS_BACK_MAX {
        let id = ids::period(grant.item, month, grant.area);
        let (period, _) = unit.load::<Period>(id).await?;
        if month < grant.from || (month != died_in && period.stage == period::Stage::Unopened) {
            break;
        }
        let known = obligations_in(unit, rules, grant, month).await?;
        if !known.is_empty() {
            break;
        }
        for one in state.amounts_for(month).unwrap_or(&[]) {
            let id = ObligationId::new(grant.item, month, one.component, grant.person);
            unit.take(id.claim(), format!("obligation-{id}"));
            pass_on(unit, purse, id, grant.person, died_on, one.amount).await?;
        }
        month = month.previous();
    }
    Ok(())
}

async fn obligations_in(
    unit: &Unit,
    rules: &Catalogue,
    grant: &Record,
    month: Month,
) -> Result<Vec<ObligationId>, CommandError> {
    let components: Vec<Component> = match rules.item(grant.item) {
        Ok(item) => item.components.iter().map(|part| part.component).collect(),
        Err(_) => vec![Component::whole()],
    };
    let ids: Vec<ObligationId> = components
        .into_iter()
        .map(|component| ObligationId::new(grant.item, month, component, grant.person))
        .collect();
    let keys: Vec<String> = ids.iter().map(ObligationId::claim).collect();
    let held = unit.log().claims(&keys).await?;
    Ok(ids.into_iter().zip(held).filter(|(_, held)| held.is_some()).map(|(id, _)| id).collect())
}

/// Whether the month of death is the last one of a grant already.
pub(crate) async fn end_grant(
    unit: &Unit,
    grant: &Record,
    died_on: Date,
) -> Result<(), CommandError> {
    let last = Month::of(died_on).max(grant.from.previous());
    if grant.last.is_some_and(|known| known <= last) {
        return Ok(());
    }
    let reason = EndReason::Death;
    unit.decide::<Grant>(grant.grant, benefits::grant::Command::End { last, reason }).await?;
    Ok(())
}

/// A grant that ended by a death which was false goes on.
pub(crate) async fn reinstate_grant(
    unit: &Unit,
    grant: &Record,
    reason: &str,
) -> Result<(), CommandError> {
    if grant.ended != Some(EndReason::Death) {
        return Ok(());
    }
    let reason = reason.to_owned();
    unit.decide::<Grant>(grant.grant, benefits::grant::Command::Reinstate { reason }).await?;
    Ok(())
}

/// A false death: whatever it held back or took is as before.
pub(crate) async fn withdrawn(
    unit: &Unit,
    id: ObligationId,
    reason: &str,
) -> Result<(), CommandError> {
    let (state, _) = unit.load::<Obligation>(id).await?;
    let by = unit.envelope().actor.clone();
    let found = locate(unit, id).await?;
    match (&*state, found) {
        (
            Obligation::Held { reason: Hold::DeathReported | Hold::DeathConfirmed, .. },
            Some(found),
        ) => holds::release(unit, id, &found, reason).await,
        (Obligation::Cancelled { reason: NotOwed::AfterDeath, .. }, Some(found)) => {
            let reinstate = obligation::Command::Reinstate { by, reason: reason.to_owned() };
            waiting::decide(unit, holds::purse(&found), id, reinstate).await
        }
        (Obligation::Overpaid { reason: NotOwed::AfterDeath, .. }, Some(_)) => {
            let reason = reason.to_owned();
            let back = obligation::Command::WithdrawOverpayment { by, reason };
            unit.decide::<Obligation>(id, back).await?;
            Ok(())
        }
        (Obligation::AsPlanned | Obligation::Taken { .. }, Some(found)) => {
            if let Some(batch) = &found.batch {
                let (key, holder) = (watch_key(&batch.id, batch.seq), format!("obligation-{id}"));
                for key in crate::taken::held_by(unit.log(), vec![key], &holder).await? {
                    unit.release(key, &holder);
                }
            }
            Ok(())
        }
        (Obligation::DueToHeirs { .. }, _)
        | (
            Obligation::AsPlanned
            | Obligation::Held { .. }
            | Obligation::Released { .. }
            | Obligation::Returned { .. }
            | Obligation::Taken { .. }
            | Obligation::Cancelled { .. }
            | Obligation::Overpaid { .. },
            _,
        ) => Ok(()),
    }
}

/// What waits in the heirs' case of somebody who lives is his own again.
pub(crate) async fn heirs_withdrawn(
    unit: &Unit,
    rules: &Catalogue,
    person: PersonId,
    reason: &str,
) -> Result<(), CommandError> {
    let (case, _) = unit.guard::<Heirs>(person).await?;
    if !case.is_open() {
        return Ok(());
    }
    for id in case.owed.keys() {
        let (state, _) = unit.load::<Obligation>(id).await?;
        if state.stage() != Stage::DueToHeirs {
            continue;
        }
        drop(state);
        let purse = match locate(unit, *id).await? {
            Some(found) => holds::purse(&found),
            None => {
                let grants = grants_of(unit, rules, person).await?;
                let Some(grant) = grants.iter().find(|grant| grant.item == id.item) else {
                    continue;
                };
                Purse { area: grant.area, fund: grant.fund }
            }
        };
        let (by, reason) = (unit.envelope().actor.clone(), reason.to_owned());
        let reinstate = obligation::Command::Reinstate { by, reason };
        waiting::decide(unit, purse, *id, reinstate).await?;
    }
    let reason = reason.to_owned();
    unit.decide::<Heirs>(person, heirs::Command::Withdraw { reason }).await?;
    Ok(())
}

/// The same month under two ids of one human: the one under the id that was given up is paid back,
/// or cancelled where the bank does not have it yet.
pub(crate) async fn merged(
    unit: &Unit,
    id: ObligationId,
    into: PersonId,
) -> Result<(), CommandError> {
    let other = ObligationId { person: into, ..id };
    let held = unit.log().claims(&[other.claim()]).await?;
    if held.into_iter().flatten().next().is_none() {
        return Ok(());
    }
    let Some(found) = locate(unit, id).await? else { return Ok(()) };
    let (state, _) = unit.load::<Obligation>(id).await?;
    let stage = state.stage();
    drop(state);
    let by = unit.envelope().actor.clone();
    let purse = holds::purse(&found);
    let paid = match (stage, &found.batch) {
        (Stage::Cancelled | Stage::Overpaid | Stage::DueToHeirs, _) => return Ok(()),
        (Stage::Held | Stage::Released | Stage::Returned, _) => None,
        (Stage::AsPlanned | Stage::Taken, Some(batch)) if batch.result == Outcome::Paid => {
            let net = found.line.net();
            Some(owed::overpayment(unit, &found, net, NotOwed::Duplicate))
        }
        (Stage::AsPlanned | Stage::Taken, Some(batch)) => return Err(withdraw_first(&batch.id)),
        (Stage::AsPlanned | Stage::Taken, None) if found.bank_instructed => return Ok(()),
        (Stage::AsPlanned | Stage::Taken, None) => {
            let lines = vec![(found.place, Hold::PersonMerged)];
            unit.decide::<Part>(&found.part_id, part::Command::Hold { lines }).await?;
            let hold = obligation::Command::Hold {
                attempt: found.line.attempt,
                reason: Hold::PersonMerged,
                amount: found.line.net(),
                by: by.clone(),
                verify_by: None,
            };
            waiting::decide(unit, purse, id, hold).await?;
            None
        }
    };
    let find = obligation::Command::FindDuplicate { other, paid, by };
    waiting::decide(unit, purse, id, find).await
}

fn withdraw_first(batch: &str) -> CommandError {
    Refused::new(
        "LINE_IN_BATCH",
        format!("该笔应付在批次{batch}中：未发送的请先撤回批次，已发送的请等待银行回盘"),
        format!("the line stands in batch {batch}: withdraw it, or wait for the bank's answer"),
    )
    .param("batch", batch)
    .into()
}

fn not_yet(id: ObligationId) -> CommandError {
    Refused::new(
        "LINE_IN_CALCULATION",
        format!("应付{id}所在的计划正在核算，请核算完成后再办理"),
        format!("the plan of {id} is being calculated: try again when it is done"),
    )
    .param("obligation", id)
    .into()
}
