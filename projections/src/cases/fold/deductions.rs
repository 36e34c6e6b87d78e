//! Deduction orders, what they kept, and what of it went on.

use disbursement::deduction::{Event, Order};
use disbursement::{Ledger, account};
use shared::Money;

use super::unopened;
use crate::cases::{Cases, DeductionKeptRow, DeductionRow};
use crate::engine::{FoldError, Happened, Store};

impl Cases {
    pub(in crate::cases) fn deduction(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        let on = happened.meta.business_date;
        match event {
            Event::Ordered(order) => {
                let county = self.county(order.person, order.item, store)?;
                self.deductions.put(DeductionRow { county, ..ordered(&id, order, happened) });
                return Ok(());
            }
            Event::Kept { part, amount } => {
                let key = (id.clone(), part.clone());
                let first = || DeductionKeptRow {
                    deduction: id.clone(),
                    part: part.clone(),
                    amount: Money::ZERO,
                    kept_on: on,
                };
                self.kept.update_or(&key, store, first, |row| row.amount += *amount)?;
            }
            Event::GivenBack { part, .. } => self.kept.remove(&(id.clone(), part.clone())),
            Event::Ended { .. } => {}
        }
        let known = self.deductions.update(&id, store, |row| {
            (row.revision, row.position) = (happened.recorded.revision, happened.position());
            match event {
                // Handled above: it makes the row.
                Event::Ordered(_) => {}
                Event::Kept { amount, .. } => row.kept += *amount,
                Event::GivenBack { amount, .. } => row.kept -= *amount,
                Event::Ended { by, reason } => {
                    row.ended_on = Some(on);
                    (row.ended_by, row.end_reason) = (Some(by.clone()), Some(reason.clone()));
                }
            }
        })?;
        if known { Ok(()) } else { Err(unopened(happened)) }
    }

    /// Money of an order that left its book: the entries name the order as their party.
    pub(in crate::cases) fn posted(
        &mut self,
        event: &account::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let account::Event::Posted { voucher, .. } = event else { return Ok(()) };
        for entry in voucher.entries.iter().filter(|entry| entry.ledger == Ledger::F) {
            if let Some(party) = &entry.party {
                self.deductions.update(party, store, |row| {
                    row.remitted += entry.debit - entry.credit;
                })?;
            }
        }
        Ok(())
    }
}

fn ordered(id: &str, order: &Order, happened: &Happened<'_>) -> DeductionRow {
    DeductionRow {
        deduction: id.to_owned(),
        kind: order.kind,
        item: order.item,
        person: order.person,
        county: None,
        third_party: order.third_party,
        per_month: order.per_month,
        whole: order.total,
        from_month: order.from,
        to_month: order.to,
        basis: order.basis.clone(),
        ordered_on: happened.meta.business_date,
        ordered_by: order.by.clone(),
        approver: order.approver.clone(),
        kept: Money::ZERO,
        remitted: Money::ZERO,
        ended_on: None,
        ended_by: None,
        end_reason: None,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}
