//! What happens to one obligation alone.

use disbursement::obligation::{Event, Overpayment, Stage};
use shared::{Money, ObligationId};

use crate::cases::{Cases, HoldRow, ObligationRow};
use crate::engine::{FoldError, Happened, Store};

impl Cases {
    pub(in crate::cases) fn obligation(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id: ObligationId = happened.id()?;
        let county = self.county(id.person, id.item, store)?;
        let first = || ObligationRow { county, ..as_planned(id, happened) };
        let (mut before, mut now) = (None, None);
        self.obligations.update_or(&id, store, first, |row| {
            before = row.hold;
            row.change(event, happened);
            now = Some(row.clone());
        })?;
        let Some(now) = now else { return Ok(()) };
        if let Some(hold) = before.filter(|hold| now.hold != Some(*hold)) {
            self.holds.update(&(id, hold), store, |held| {
                held.ended_on = Some(now.since);
                held.ended_by = Some(now.changed_by.clone());
                (held.became, held.end_reason) = (Some(now.stage), now.note.clone());
            })?;
        }
        if let Event::Held { attempt, reason, amount, .. } = event {
            self.holds.put(HoldRow {
                obligation: id,
                hold: happened.recorded.revision.0,
                item: id.item,
                month: id.month,
                person: id.person,
                county,
                attempt: *attempt,
                reason: *reason,
                amount: *amount,
                verify_by: now.verify_by,
                held_on: now.since,
                held_by: now.changed_by,
                ended_on: None,
                ended_by: None,
                became: None,
                end_reason: None,
            });
        }
        Ok(())
    }
}

impl ObligationRow {
    fn change(&mut self, event: &Event, happened: &Happened<'_>) {
        (self.revision, self.position) = (happened.recorded.revision, happened.position());
        (self.since, self.changed_by) = (happened.meta.business_date, happened.meta.actor.clone());
        self.note = None;
        match event {
            Event::Held { attempt, reason, amount, by, verify_by } => {
                self.stands(Stage::Held, *attempt, *amount);
                (self.hold_reason, self.verify_by) = (Some(*reason), *verify_by);
                self.hold = Some(happened.recorded.revision.0);
                self.changed_by.clone_from(by);
            }
            Event::Released { by, reason, part } => {
                (self.changed_by, self.note) = (by.clone(), Some(reason.clone()));
                if self.stage != Stage::Held {
                    return;
                }
                let stage = if part.is_some() { Stage::Taken } else { Stage::Released };
                self.stands(stage, self.attempt, self.amount);
                self.part.clone_from(part);
            }
            Event::Returned { attempt, reason, amount, .. } => {
                self.stands(Stage::Returned, *attempt, *amount);
                self.return_reason = Some(*reason);
            }
            Event::Taken { attempt, part, amount } => {
                self.stands(Stage::Taken, *attempt, *amount);
                self.part = Some(part.clone());
            }
            Event::Freed { .. } => match self.stage {
                Stage::Taken => self.stands(Stage::Released, self.attempt, self.amount),
                Stage::Held => self.stands(Stage::AsPlanned, 1, Money::ZERO),
                Stage::AsPlanned
                | Stage::Released
                | Stage::Returned
                | Stage::DueToHeirs
                | Stage::Cancelled
                | Stage::Overpaid => {}
            },
            Event::DueToHeirs { attempt, amount, died_in } => {
                self.stands(Stage::DueToHeirs, *attempt, *amount);
                self.died_in = Some(*died_in);
            }
            Event::Cancelled { attempt, amount, reason, by } => {
                self.stands(Stage::Cancelled, *attempt, *amount);
                (self.not_owed, self.changed_by) = (Some(*reason), by.clone());
            }
            Event::Reinstated { by, reason } => {
                (self.changed_by, self.note) = (by.clone(), Some(reason.clone()));
                if matches!(self.stage, Stage::DueToHeirs | Stage::Cancelled) {
                    self.stands(Stage::Released, self.attempt, self.amount);
                }
            }
            Event::Overpaid(found) => self.overpaid(found),
            Event::OverpaymentWithdrawn { by, reason, .. } => {
                (self.changed_by, self.note) = (by.clone(), Some(reason.clone()));
                if let (Some(was), Some(amount)) = (self.was.take(), self.was_amount.take()) {
                    (self.stage, self.amount) = (was, amount);
                    (self.not_owed, self.fund, self.book) = (None, None, None);
                }
            }
            Event::Ordered { amount, reason, by, approver } => {
                self.stands(Stage::Released, 1, *amount);
                (self.ordered_on, self.ordered_by) = (Some(self.since), Some(by.clone()));
                (self.approver, self.order_reason) = (Some(approver.clone()), Some(reason.clone()));
            }
            Event::DuplicateFound { other } => self.duplicate_of = Some(*other),
        }
    }

    /// Enters a stage; what belonged to the one before is over.
    fn stands(&mut self, stage: Stage, attempt: u16, amount: Money) {
        (self.stage, self.attempt, self.amount) = (stage, attempt, amount);
        (self.hold_reason, self.verify_by, self.hold) = (None, None, None);
        (self.return_reason, self.part) = (None, None);
        (self.died_in, self.not_owed) = (None, None);
    }

    fn overpaid(&mut self, found: &Overpayment) {
        (self.was, self.was_amount) = (Some(self.stage), Some(self.amount));
        (self.stage, self.amount) = (Stage::Overpaid, found.amount);
        self.not_owed = Some(found.reason);
        (self.fund, self.book) = (Some(found.fund), Some(found.book.clone()));
        self.changed_by.clone_from(&found.by);
    }
}

fn as_planned(id: ObligationId, happened: &Happened<'_>) -> ObligationRow {
    ObligationRow {
        obligation: id,
        item: id.item,
        month: id.month,
        component: id.component,
        adjustment: id.adjustment,
        person: id.person,
        county: None,
        stage: Stage::AsPlanned,
        attempt: 1,
        amount: Money::ZERO,
        hold_reason: None,
        verify_by: None,
        hold: None,
        return_reason: None,
        part: None,
        died_in: None,
        not_owed: None,
        was: None,
        was_amount: None,
        fund: None,
        book: None,
        ordered_on: None,
        ordered_by: None,
        approver: None,
        order_reason: None,
        duplicate_of: None,
        since: happened.meta.business_date,
        changed_by: happened.meta.actor.clone(),
        note: None,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}
