//! Who is entitled to what: grants, their amounts by month, and the months that are kept back.
//!
//! **Invariant** for every month the amounts here are those of [`benefits::grant::Grant`]'s own
//! fold: within the grant, outside its standing and forfeited stops, by the last adjustment that
//! holds from that month or before.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What can be asked? | [`read`] |

mod read;
mod rows;

use benefits::grant::{ComponentAmount, Event, Registration};
use shared::{GrantId, Month, Payee};

pub use self::read::{
    GrantFilter, Owed, amounts, amounts_for, count, grant, grants, grants_of, many, stops,
};
pub use self::rows::{GrantAmountRow, GrantRow, GrantStopRow, Step};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "grants";

#[derive(Default)]
pub struct Grants {
    grants: Cached<GrantRow>,
    amounts: Cached<GrantAmountRow>,
    stops: Cached<GrantStopRow>,
}

impl Projection for Grants {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![GrantRow::TABLE, GrantAmountRow::TABLE, GrantStopRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["grant"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let Fact::Grant(event) = happened.fact else { return Ok(()) };
        let grant: GrantId = happened.id()?;
        if let Event::Registered(registration) = event {
            let row = registered(grant, registration, happened)?;
            self.put_amounts(grant, registration.from, None, &registration.components);
            self.grants.put(row);
            return Ok(());
        }
        let Some(row) = self.grants.get(&grant, store)? else {
            return Err(FoldError::refused(format!("grant {grant} was never registered")));
        };
        let mut row = row.clone();
        (row.revision, row.position) = (happened.recorded.revision, happened.position());
        match event {
            // Handled above: it makes the row.
            Event::Registered(_) => {}
            Event::Adjusted { from, components, .. } => {
                self.adjust(&mut row, *from, components, store)?;
            }
            Event::Suspended { from, reason } => {
                let (grant_id, place, from_month, reason) = (grant, row.stops, *from, *reason);
                (row.stopped_from, row.stop_reason) = (Some(from_month), Some(reason));
                row.stops += 1;
                self.stops.put(GrantStopRow {
                    grant_id,
                    place,
                    person: row.person,
                    item: row.item,
                    county: row.county,
                    from_month,
                    reason,
                    stopped_on: happened.meta.business_date,
                    stopped_by: happened.meta.actor.clone(),
                    resumed_month: None,
                    lifted_on: None,
                    lifted_by: None,
                    lifted_reason: None,
                    owed: false,
                    missed: Vec::new(),
                });
            }
            Event::Resumed { from, back_pay, reason } => {
                (row.stopped_from, row.stop_reason) = (None, None);
                let last = (grant, row.stops.saturating_sub(1));
                self.stops.update(&last, store, |stop| {
                    (stop.resumed_month, stop.owed) = (Some(*from), !back_pay.is_empty());
                    stop.missed.clone_from(back_pay);
                    stop.lifted_on = Some(happened.meta.business_date);
                    stop.lifted_by = Some(happened.meta.actor.clone());
                    stop.lifted_reason = Some(reason.clone());
                })?;
            }
            Event::Ended { last, reason } => {
                (row.last_month, row.ended) = (Some(*last), Some(*reason));
            }
            Event::Reinstated { to, .. } => (row.last_month, row.ended) = (*to, None),
            Event::CompetingNoted { .. } => {}
            Event::PayeeChanged { payee, address, .. } => {
                (row.payee, row.address) = (*payee, *address);
                row.to_other = *payee != Payee::Person { person: row.person };
            }
        }
        self.grants.put(row);
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.grants.flush(store)?;
        self.amounts.flush(store)?;
        self.stops.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Grants {
    /// Puts a step between those there are: the one before ends with it, and it ends with the next.
    fn adjust(
        &mut self,
        row: &mut GrantRow,
        from: Month,
        components: &[ComponentAmount],
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let place = row.steps.partition_point(|step| step.from < from);
        let step = step(from, components)?;
        match row.steps.get_mut(place) {
            Some(known) if known.from == from => {
                for place in 0..std::mem::replace(known, step).components {
                    self.amounts.remove(&(row.grant_id, from, place));
                }
            }
            Some(_) | None => row.steps.insert(place, step),
        }
        if let Some(before) = place.checked_sub(1).and_then(|before| row.steps.get(before)) {
            for place in 0..before.components {
                self.amounts.update(&(row.grant_id, before.from, place), store, |amount| {
                    amount.until_month = Some(from);
                })?;
            }
        }
        let until = row.steps.get(place + 1).map(|next| next.from);
        self.put_amounts(row.grant_id, from, until, components);
        Ok(())
    }

    fn put_amounts(
        &mut self,
        grant_id: GrantId,
        from_month: Month,
        until_month: Option<Month>,
        components: &[ComponentAmount],
    ) {
        for (place, ComponentAmount { component, amount }) in (0..).zip(components) {
            let (component, amount) = (*component, *amount);
            let row =
                GrantAmountRow { grant_id, from_month, place, component, amount, until_month };
            self.amounts.put(row);
        }
    }
}

fn registered(
    grant_id: GrantId,
    registration: &Registration,
    happened: &Happened<'_>,
) -> Result<GrantRow, FoldError> {
    Ok(GrantRow {
        grant_id,
        person: registration.person,
        arises_from: registration.arises_from,
        item: registration.item,
        payee: registration.payee,
        to_other: registration.payee != Payee::Person { person: registration.person },
        fund: registration.fund,
        area: registration.area,
        county: registration.county,
        address: registration.address,
        basis: registration.basis.clone(),
        from_month: registration.from,
        last_month: registration.to,
        ended: None,
        stopped_from: None,
        stop_reason: None,
        stops: 0,
        steps: vec![step(registration.from, &registration.components)?],
        registered_at: happened.recorded.recorded_at,
        revision: happened.recorded.revision,
        position: happened.position(),
    })
}

fn step(from: Month, components: &[ComponentAmount]) -> Result<Step, FoldError> {
    let components = u16::try_from(components.len())
        .map_err(|_| FoldError::refused("a grant has more components than a row can count"))?;
    Ok(Step { from, components })
}

impl GrantRow {
    /// Whether the month lies between the first and the last one, stopped or not.
    #[must_use]
    pub fn reaches(&self, month: Month) -> bool {
        self.from_month <= month && self.last_month.is_none_or(|last| month <= last)
    }
}

impl GrantStopRow {
    /// Whether the month is not owed because of this stop, as far as is known now.
    #[must_use]
    pub fn keeps_back(&self, month: Month) -> bool {
        !self.owed
            && self.from_month <= month
            && self.resumed_month.is_none_or(|resumed| month < resumed)
    }
}
