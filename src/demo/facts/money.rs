//! Facts 10 and 13: what banks did wrong, and money that came late or twice.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;
use commands::CommandError;
use projections::books::{self, StatementLineRow};
use projections::runs::{self, BatchRow};
use shared::{Date, RunType};
use simulations::bank::Mischief;
use simulations::story::banks::{MISDEEDS, Misdeed, STRAYS};

use super::seen::{Seen, month};
use super::{Figures, one};
use crate::demo::deeds::pensions::second_subsidy;
use crate::demo::office::item;

/// The bank that times out, on which day, and when its statement comes (DISBURSEMENT 4.10).
const TIMED_OUT: Date = Date::constant(2026, 2, 14);
const STATED: Date = Date::constant(2026, 2, 24);
const UNKNOWN_LINES: u32 = 40;

pub fn banks(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    for misdeed in MISDEEDS {
        let batches = of_misdeed(seen, misdeed)?;
        let batch = one(batches.first(), "the batch of a misdeed")?;
        let replies = runs::replies(&seen.session, &seen.scope, Some(&batch.batch))?.len();
        match misdeed.mischief {
            Mischief::TimesOut => timed_out(seen, &batches, &mut figures)?,
            Mischief::TwoParts => figures.equal("parts of the reply in two parts", replies, 2),
            Mischief::SameTwice => {
                figures.equal("receipts of the reply that came twice", replies, 1);
                let twice = seen.office.node.dir.join("banks").join(misdeed.bank).join("in/2");
                figures.holds(
                    "it came twice",
                    fs::read_dir(twice).is_ok_and(|mut d| d.next().is_some()),
                );
            }
            Mischief::Contradicts { lines } => {
                figures.equal("contradictory lines", batch.contradictions, lines);
                figures.equal("files of the bank that contradicts itself", replies, 2);
            }
            Mischief::Stranger => figures.equal("lines nobody sent", batch.strangers, 1),
            Mischief::Straight | Mischief::WrongAmount { .. } | Mischief::Pending { .. } => {}
        }
        figures.equal(
            format!("lines of {} answered in the end", batch.batch),
            batch.paid_lines + batch.returned_lines,
            batch.lines,
        );
    }
    let lines = strays(seen)?;
    for stray in STRAYS {
        let line = one(lines.iter().find(|line| line.serial == stray.serial), stray.serial)?;
        let cleared = STRAYS.iter().any(|other| other.clears == Some(stray.serial));
        let waits = !cleared && stray.clears.is_none();
        let what = format!("{} of {} without a batch", stray.memo, stray.amount());
        figures.equal(&what, line.amount, stray.amount());
        figures.equal(
            format!("{what}: open, with an owner"),
            line.state == "different" && line.owner.is_some(),
            waits,
        );
    }
    Ok(figures)
}

fn of_misdeed(seen: &Seen<'_>, misdeed: &Misdeed) -> Result<Vec<BatchRow>> {
    let mut found = Vec::new();
    for plan in seen.run(item(misdeed.item)?, month(misdeed.month)?, RunType::Normal)? {
        let batches = seen.batches(&plan.plan)?;
        found.extend(batches.into_iter().filter(|batch| batch.bank.as_str() == misdeed.bank));
    }
    Ok(found)
}

fn timed_out(seen: &Seen<'_>, batches: &[BatchRow], figures: &mut Figures) -> Result<()> {
    let batch = one(batches.first(), "the batch that timed out")?;
    figures.equal("lines of which nothing was known", batch.lines, seen.scaled(UNKNOWN_LINES));
    figures.equal("batches that were sent of them", batches.len(), 1);
    let acts = runs::batch_acts(&seen.session, &seen.scope, &batch.batch)?;
    let lost = acts.iter().filter(|act| act.act == "outcome_unknown").count();
    figures.equal("times that the outcome was lost", lost, 1);
    let day = batch.debited_on.map_or_else(String::new, |day| day.to_string());
    figures.equal(
        format!("debited, after the time-out of {TIMED_OUT}, by the statement of"),
        day,
        STATED,
    );
    Ok(())
}

fn strays(seen: &Seen<'_>) -> Result<Vec<StatementLineRow>> {
    let serials: BTreeSet<&str> = STRAYS.iter().map(|stray| stray.serial).collect();
    let mut found = Vec::new();
    for statement in books::statements(&seen.session, &seen.scope, None, None, 100_000)? {
        let lines = books::statement_lines(&seen.session, &seen.scope, &statement.statement)?;
        found.extend(lines.into_iter().filter(|line| serials.contains(line.serial.as_str())));
    }
    Ok(found)
}

pub async fn late_money(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let (february, usual) = (month(2)?, Date::constant(2026, 2, 14));
    for (name, day) in
        [("C2", Date::constant(2026, 2, 27)), ("C1", usual), ("C3", usual), ("C4", usual)]
    {
        let mut debits: BTreeSet<Date> = BTreeSet::new();
        for plan in seen.run(item(name)?, february, RunType::Normal)? {
            let batches = seen.batches(&plan.plan)?;
            debits.extend(batches.iter().filter_map(|batch| batch.debited_on));
        }
        let debits: Vec<String> = debits.iter().map(ToString::to_string).collect();
        figures.equal(format!("{name} of February is paid on"), debits.join(" "), day);
    }
    let periods = runs::periods(&seen.session, &seen.scope, Some(february))?;
    let open = periods.iter().filter(|period| period.stage != "closed").count();
    figures.equal("item-periods of February that are open", open, 0);
    if let Some(second) = second_subsidy(seen.office)? {
        let asked = seen.office.envelope("registrar", "asked-again", "second-subsidy")?.dry_run();
        let code = match seen.office.node.benefits.register_grant(&asked, &second).await {
            Ok(_) => "granted".to_owned(),
            Err(CommandError::Refused(refused)) => refused.code.to_owned(),
            Err(fault) => return Err(fault.into()),
        };
        figures.equal("the second skill subsidy", code, "GRANT_COMPETES");
    }
    Ok(figures)
}
