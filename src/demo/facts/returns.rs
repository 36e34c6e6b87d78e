//! Fact 9: what came back, why, and what the reissue runs made of it.

use std::collections::BTreeMap;

use anyhow::Result;
use disbursement::obligation::Stage;
use disbursement::return_case;
use shared::{Month, ReturnReason, RunType};
use simulations::story::accounts::{REISSUES, RENEWING_BANK, Returned, cleared, left_open};
use warnings::Level;

use super::Figures;
use super::seen::{Seen, month};
use crate::demo::deeds::accounts::obligation;

/// DISBURSEMENT 4.9: so many lines came back in each month.
const ORANGE_PER_10K: u64 = 200;
const RED_PER_10K: u64 = 500;

pub async fn returns(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let story = &seen.office.story.accounts.returns;
    let of = |month: Month| story.iter().filter(move |one| one.month == month);
    for number in 1..=3 {
        let month = month(number)?;
        figures.equal(format!("returned in {month}"), by_banks(seen, month)?, of(month).count());
    }
    let reasons = reasons(seen, month(1)?).await?;
    let not_active = reasons.get(&ReturnReason::CardNotActive).copied().unwrap_or(0);
    let others = reasons.iter().filter(|(reason, _)| **reason != ReturnReason::CardNotActive);
    figures.holds("January mostly R05", others.into_iter().all(|(_, count)| *count <= not_active));
    let renewed = seen.scaled(29);
    let repointed = seen.office.story.accounts.renewals.len();
    figures.equal("renewed cards re-pointed in time", repointed, renewed);
    let february = self::reasons(seen, month(2)?).await?;
    let closed = of(month(2)?).filter(|one| one.reason == ReturnReason::AccountClosed).count();
    let found = february.get(&ReturnReason::AccountClosed).copied().unwrap_or(0);
    figures.equal("renewed cards not re-pointed (R03)", found, closed);
    let rate = rate(seen, month(2)?)?;
    let what = format!(
        "rate of {RENEWING_BANK} in February, {}.{:02} %, between the lines of orange and red",
        rate / 100,
        rate % 100
    );
    figures.holds(what, (ORANGE_PER_10K..RED_PER_10K).contains(&rate));
    let warned = seen.raised("bank-return-rate")?;
    let orange = warned.iter().any(|row| row.about == RENEWING_BANK && row.level == Level::Orange);
    figures.holds("an orange warning of it", orange);
    for (number, paid) in REISSUES.into_iter().take(3) {
        let all: Vec<&Returned> = of(month(number)?).collect();
        let mut again = 0;
        for one in &all {
            again += usize::from(one.reissued == Some(paid) && is_closed(seen, one).await?);
        }
        figures.equal(format!("paid again on {paid}"), again, cleared(all.len()));
    }
    let (mut open, march) = (0, of(month(3)?).count());
    for one in story {
        let waits = seen.obligation(obligation(seen.office, one)?).await?;
        open += usize::from(waits.stage() == Stage::Returned);
    }
    figures.equal("still open", open, left_open(march));
    Ok(figures)
}

/// Lines that came back of the month's own runs, as the banks' replies counted them.
fn by_banks(seen: &Seen<'_>, month: Month) -> Result<u32> {
    let mut returned = 0;
    for plan in seen.plans(None, Some(month))? {
        if plan.run == RunType::Normal {
            let batches = seen.batches(&plan.plan)?;
            returned += batches.iter().map(|batch| batch.returned_lines).sum::<u32>();
        }
    }
    Ok(returned)
}

async fn reasons(seen: &Seen<'_>, month: Month) -> Result<BTreeMap<ReturnReason, usize>> {
    let mut reasons = BTreeMap::new();
    let story = seen.office.story.accounts.returns.iter();
    for one in story.filter(|one| one.month == month) {
        let case = seen.return_case(obligation(seen.office, one)?).await?;
        if let Some(opened) = &case.opened {
            *reasons.entry(opened.reason).or_insert(0) += 1;
        }
    }
    Ok(reasons)
}

async fn is_closed(seen: &Seen<'_>, one: &Returned) -> Result<bool> {
    let case = seen.return_case(obligation(seen.office, one)?).await?;
    Ok(case.stage == return_case::Stage::Closed)
}

/// Returned of answered lines of the bank whose cards were renewed, in ten thousand.
fn rate(seen: &Seen<'_>, month: Month) -> Result<u64> {
    let (mut answered, mut returned) = (0, 0);
    for plan in seen.plans(None, Some(month))? {
        let batches = seen.batches(&plan.plan)?;
        for batch in batches.iter().filter(|batch| batch.bank.as_str() == RENEWING_BANK) {
            answered += u64::from(batch.paid_lines + batch.returned_lines);
            returned += u64::from(batch.returned_lines);
        }
    }
    Ok((returned * 10_000).checked_div(answered).unwrap_or(0))
}
