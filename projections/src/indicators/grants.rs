//! What events of grants tell: one fact for each step, on the first day of the month from which it
//! holds.

use benefits::grant::Event;
use definitions::{Dimension, FactKind, Number};
use shared::{Date, GrantId};

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::{GrantRow, ItemRow};
use crate::engine::FoldError;
use crate::words::word_of;

pub(super) fn grant(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let grant_id: GrantId = teller.happened.id()?;
    if let Event::Registered(registration) = event {
        let row = GrantRow {
            grant_id,
            person: registration.person,
            county: registration.county,
            item: registration.item,
            fund: registration.fund,
            running: true,
            ended: false,
        };
        let amount: i64 = registration.components.iter().map(|one| one.amount.fen()).sum();
        let item = known.items.get(&row.item, teller.store)?.cloned();
        let told =
            row.told("registered", "registered", registration.from.first_day(), item.as_ref());
        teller.tell(told.number(Number::Amount, amount).number(Number::Change, 1))?;
        if let Some(last) = registration.to {
            let told = row.told("ended", "ended", last.next().first_day(), item.as_ref());
            let told = told.with(Dimension::Reason, "period_over");
            teller.tell(told.number(Number::Change, -1))?;
        }
        known.grants.put(row);
        return Ok(());
    }
    let Some(mut row) = known.grants.get(&grant_id, teller.store)?.cloned() else {
        return Err(FoldError::refused(format!("grant {grant_id} was never registered")));
    };
    let item = known.items.get(&row.item, teller.store)?.cloned();
    // A grant can be suspended and resumed more than once, but it ends once.
    let revision = teller.happened.recorded.revision.0.to_string();
    match event {
        Event::Suspended { from, reason } => {
            let told = row.told(&revision, "suspended", from.first_day(), item.as_ref());
            let change = if row.running && !row.ended { -1 } else { 0 };
            let told = told.with(Dimension::Reason, reason);
            teller.tell(told.number(Number::Change, change))?;
            row.running = false;
        }
        Event::Resumed { from, .. } => {
            let told = row.told(&revision, "resumed", from.first_day(), item.as_ref());
            let change = if row.running || row.ended { 0 } else { 1 };
            teller.tell(told.number(Number::Change, change))?;
            row.running = true;
        }
        Event::Ended { last, reason } => {
            let told = row.told("ended", "ended", last.next().first_day(), item.as_ref());
            let change = if row.running { -1 } else { 0 };
            let told = told.with(Dimension::Reason, word_of(reason));
            teller.tell_anew(told.number(Number::Change, change))?;
            row.ended = true;
        }
        // It goes on as if it had not ended.
        Event::Reinstated { to, .. } => {
            teller.withdraw(FactKind::GrantStep, format!("{grant_id}|ended"))?;
            if let Some(last) = to {
                let told = row.told("ended", "ended", last.next().first_day(), item.as_ref());
                let told = told.with(Dimension::Reason, "period_over");
                teller.tell_anew(told.number(Number::Change, -1))?;
            }
            row.ended = false;
        }
        // Other amounts are seen in the pay lines, and the rest changes nothing that is counted.
        _ => return Ok(()),
    }
    known.grants.put(row);
    Ok(())
}

impl GrantRow {
    fn told(&self, name: &str, step: &str, day: Date, item: Option<&ItemRow>) -> Told {
        Told::new(FactKind::GrantStep, format!("{}|{name}", self.grant_id), day)
            .of(self.person)
            .with(Dimension::County, self.county)
            .with(Dimension::Item, self.item)
            .with(Dimension::Class, item.map_or("", |item| item.class.as_str()))
            .with(Dimension::Fund, self.fund)
            .with(Dimension::Step, step)
    }
}
