//! Recoveries, step by step.

use disbursement::recovery::{About, Event, Instalment, Place, Stage};
use shared::{Date, Money, ObligationId};

use super::unopened;
use crate::cases::{Cases, InstalmentRow, RecoveryRow, RecoveryStep, RecoveryStepRow};
use crate::engine::{FoldError, Happened, Store};

impl Cases {
    pub(in crate::cases) fn recovery(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id: ObligationId = happened.id()?;
        if let Event::Opened(about) = event {
            let county = self.county(about.person, about.item, store)?;
            self.recoveries.put(RecoveryRow { county, ..found(id, about, happened) });
        }
        if let Event::InstalmentsAgreed { instalments, .. } = event {
            self.agree(id, instalments, store)?;
        }
        let mut owed = Money::ZERO;
        let known = self.recoveries.update(&id, store, |row| {
            owed = row.owed;
            row.change(event);
            (row.revision, row.position) = (happened.recorded.revision, happened.position());
        })?;
        if !known {
            return Err(unopened(happened));
        }
        self.steps.put(step(id, event, owed, happened));
        Ok(())
    }

    /// Takes the place of the agreement before.
    fn agree(
        &mut self,
        obligation: ObligationId,
        instalments: &[Instalment],
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let before = self.recoveries.get(&obligation, store)?.map_or(0, |row| row.instalments);
        for number in 1..=before {
            self.instalments.remove(&(obligation, number));
        }
        for (number, part) in (1..).zip(instalments) {
            let (due, amount) = (part.due, part.amount);
            self.instalments.put(InstalmentRow { obligation, number, due, amount });
        }
        Ok(())
    }
}

impl RecoveryRow {
    fn change(&mut self, event: &Event) {
        match event {
            // It made the row.
            Event::Opened(_) => {}
            Event::Demanded { notice, on, due, .. } => {
                self.stage = Stage::Demanded;
                self.notices += 1;
                (self.notice, self.demanded_on) = (Some(notice.clone()), Some(*on));
                self.due = Some(*due);
            }
            Event::InstalmentsAgreed { agreement, on, instalments, .. } => {
                (self.agreement, self.agreed_on) = (Some(agreement.clone()), Some(*on));
                self.instalments = u32::try_from(instalments.len()).unwrap_or(u32::MAX);
            }
            Event::Received { amount, .. } => {
                self.received += *amount;
                self.owed -= *amount;
            }
            Event::Offset { amount, .. } => {
                self.set_off += *amount;
                self.owed -= *amount;
            }
            Event::SentToCourt { court, case, .. } => {
                self.in_court = true;
                (self.court, self.court_case) = (Some(court.clone()), Some(case.clone()));
            }
            Event::WrittenOff { amount, .. } => {
                self.written_off += *amount;
                self.owed -= *amount;
            }
            Event::Settled { on } => {
                (self.stage, self.ended_on) = (Stage::Settled, Some(*on));
            }
            Event::Withdrawn { on, .. } => {
                (self.withdrawn, self.owed) = (self.owed, Money::ZERO);
                (self.stage, self.ended_on) = (Stage::Withdrawn, Some(*on));
            }
        }
    }
}

fn found(obligation: ObligationId, about: &About, happened: &Happened<'_>) -> RecoveryRow {
    RecoveryRow {
        obligation,
        person: about.person,
        item: about.item,
        month: about.month,
        component: about.component,
        county: None,
        fund: about.fund,
        book: about.book.clone(),
        amount: about.amount,
        reason: about.reason.clone(),
        found_on: about.found_on,
        carried: about.carried,
        stage: Stage::Found,
        notices: 0,
        notice: None,
        demanded_on: None,
        due: None,
        agreement: None,
        agreed_on: None,
        instalments: 0,
        in_court: false,
        court: None,
        court_case: None,
        received: Money::ZERO,
        set_off: Money::ZERO,
        written_off: Money::ZERO,
        withdrawn: Money::ZERO,
        owed: about.amount,
        ended_on: None,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}

/// `owed`: what was owed before it.
fn step(
    obligation: ObligationId,
    event: &Event,
    owed: Money,
    happened: &Happened<'_>,
) -> RecoveryStepRow {
    let bare = |step: RecoveryStep, happened_on: Date| RecoveryStepRow {
        obligation,
        revision: happened.recorded.revision.0,
        step,
        happened_on,
        moved: Money::ZERO,
        reference: None,
        authority: None,
        due: None,
        into_account: None::<Place>,
        against: None,
        actor: happened.meta.actor.clone(),
        at: happened.recorded.recorded_at,
        event: happened.recorded.id,
    };
    let told = |text: &str| Some(text.to_owned());
    match event {
        Event::Opened(about) => RecoveryStepRow {
            reference: told(&about.reason),
            ..bare(RecoveryStep::Opened, about.found_on)
        },
        Event::Demanded { notice, on, due, .. } => RecoveryStepRow {
            reference: told(notice),
            due: Some(*due),
            ..bare(RecoveryStep::Demanded, *on)
        },
        Event::InstalmentsAgreed { agreement, on, instalments, .. } => RecoveryStepRow {
            reference: told(agreement),
            due: instalments.last().map(|part| part.due),
            ..bare(RecoveryStep::Agreed, *on)
        },
        Event::Received { serial, amount, into, on } => RecoveryStepRow {
            reference: told(serial),
            moved: *amount,
            into_account: Some(*into),
            ..bare(RecoveryStep::Received, *on)
        },
        Event::Offset { against, amount, on, .. } => RecoveryStepRow {
            against: Some(*against),
            moved: *amount,
            ..bare(RecoveryStep::Offset, *on)
        },
        Event::SentToCourt { court, case, on, .. } => RecoveryStepRow {
            reference: told(case),
            authority: told(court),
            ..bare(RecoveryStep::SentToCourt, *on)
        },
        Event::WrittenOff { approval, authority, amount, on, .. } => RecoveryStepRow {
            reference: told(approval),
            authority: told(authority),
            moved: *amount,
            ..bare(RecoveryStep::WrittenOff, *on)
        },
        Event::Settled { on } => bare(RecoveryStep::Settled, *on),
        Event::Withdrawn { reason, on, .. } => RecoveryStepRow {
            reference: told(reason),
            moved: owed,
            ..bare(RecoveryStep::Withdrawn, *on)
        },
    }
}
