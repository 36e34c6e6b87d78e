//! Comparison lists, and what was decided of their exceptions.

use disbursement::comparison::{Counts, Decision, Entry, Event};
use shared::{AreaCode, ItemId};

use crate::cases::{Cases, ComparisonEntryRow, ComparisonRow};
use crate::engine::{FoldError, Happened, Store};

impl Cases {
    pub(in crate::cases) fn comparison(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let plan = happened.subject().to_owned();
        let (item, area) = parts_of(&plan)?;
        let mut decided = 0;
        match event {
            Event::Drawn { entries, .. } => {
                let first = self.comparisons.get(&plan, store)?.map_or(0, |row| row.entries);
                for (place, entry) in (first..).zip(entries) {
                    let county = self.county(entry.person, item, store)?;
                    let row = ComparisonEntryRow { county, ..drawn(&plan, place, entry) };
                    self.entries.put(row);
                }
            }
            Event::Sealed { .. } => {}
            Event::Decided { entries, decision, by, reason } => {
                let on = happened.meta.business_date;
                for place in entries {
                    self.entries.update(&(plan.clone(), *place), store, |entry| {
                        let (was, is) = (accepted(entry.decision), accepted(Some(*decision)));
                        decided += i64::from(is) - i64::from(was);
                        (entry.decision, entry.decided_on) = (Some(*decision), Some(on));
                        entry.decided_by = Some(by.clone());
                        entry.decided_reason = Some(reason.clone());
                    })?;
                }
            }
        }
        let first = || empty(&plan, area, happened);
        self.comparisons.update_or(&plan, store, first, |row| {
            (row.revision, row.position) = (happened.recorded.revision, happened.position());
            match event {
                Event::Drawn { entries, .. } => {
                    row.entries += u32::try_from(entries.len()).unwrap_or(u32::MAX);
                }
                Event::Sealed { previous, counts } => {
                    row.sealed = true;
                    row.previous.clone_from(previous);
                    row.count(*counts);
                }
                Event::Decided { .. } => {
                    let left = i64::from(row.undecided) - decided;
                    row.undecided = u32::try_from(left).unwrap_or(0);
                }
            }
        })?;
        Ok(())
    }
}

impl ComparisonRow {
    fn count(&mut self, counts: Counts) {
        let Counts { unchanged, new, ended, resumed, back_paid, changed, exceptions } = counts;
        (self.unchanged, self.new_grants, self.ended) = (unchanged, new, ended);
        (self.resumed, self.back_paid, self.changed) = (resumed, back_paid, changed);
        (self.exceptions, self.undecided) = (exceptions, exceptions);
    }
}

fn accepted(decision: Option<Decision>) -> bool {
    decision == Some(Decision::Accepted)
}

/// `A1-2026-01-320600-1`: the item stands first, the area before the number.
fn parts_of(plan: &str) -> Result<(ItemId, AreaCode), FoldError> {
    let item = plan.split('-').next().and_then(|item| item.parse().ok());
    let area = plan.rsplit('-').nth(1).and_then(|area| area.parse().ok());
    item.zip(area).ok_or_else(|| FoldError::refused(format!("{plan} does not name a plan")))
}

fn drawn(plan: &str, place: u32, entry: &Entry) -> ComparisonEntryRow {
    ComparisonEntryRow {
        plan: plan.to_owned(),
        place,
        kind: entry.kind,
        grant_id: entry.grant,
        person: entry.person,
        county: None,
        before_amount: entry.before,
        now_amount: entry.now,
        decision: None,
        decided_on: None,
        decided_by: None,
        decided_reason: None,
    }
}

fn empty(plan: &str, area: AreaCode, happened: &Happened<'_>) -> ComparisonRow {
    ComparisonRow {
        plan: plan.to_owned(),
        area,
        previous: None,
        sealed: false,
        entries: 0,
        unchanged: 0,
        new_grants: 0,
        ended: 0,
        resumed: 0,
        back_paid: 0,
        changed: 0,
        exceptions: 0,
        undecided: 0,
        drawn_on: happened.meta.business_date,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}
