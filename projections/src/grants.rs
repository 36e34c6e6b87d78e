//! Who is entitled to what: grants, their amounts by month, and the months that are kept back.
//!
//! **Invariant** for every month the amounts here are those of [`benefits::grant::Grant`]'s own
//! fold: within the grant, outside its standing and forfeited stops, by the last adjustment that
//! holds from that month or before.

use benefits::grant::{ComponentAmount, EndReason, Event, Registration, StopReason};
use kernel::{Micros, Position, Revision};
use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    Payee, PersonId,
};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, Value,
    ViewError,
};
use crate::facts::Fact;
use crate::many::{by_keys, within};
use crate::scope::{Filter, Scope};
use crate::words::word_columns;
use crate::{json_column, record};

pub const NAME: &str = "grants";

word_columns!(StopReason, EndReason);

/// A month from which amounts were set, and how many components they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub from: Month,
    pub components: u16,
}

json_column!(Vec<Step>);

record! {
    pub struct GrantRow in "benefit_grant" key(grant_id: GrantId)
        index("item", "area") index("person") index("address") index("county", "grant_id")
        index("arises_from")
    {
        /// The beneficiary.
        pub person: PersonId,
        /// The deceased behind a survivor's grant.
        pub arises_from: Option<PersonId>,
        pub item: ItemId,
        pub payee: Payee,
        /// The payee is not the beneficiary himself.
        pub to_other: bool,
        pub fund: FundCode,
        pub area: AreaCode,
        pub county: DivisionCode,
        pub address: PayAddressId,
        pub basis: String,
        pub from_month: Month,
        /// The last month, once it is known.
        pub last_month: Option<Month>,
        /// Set once it was ended, rather than limited from the start.
        pub ended: Option<EndReason>,
        /// The stop that stands, if one does.
        pub stopped_from: Option<Month>,
        pub stop_reason: Option<StopReason>,
        /// How many stops there were.
        pub stops: u16,
        /// By month.
        pub steps: Vec<Step>,
        pub registered_at: Micros,
        pub revision: Revision,
        pub position: Position,
    }

    /// What one component pays from one month until the next step.
    pub struct GrantAmountRow in "grant_amount"
        key(grant_id: GrantId, from_month: Month, place: u16)
    {
        pub component: Component,
        pub amount: Money,
        /// The month from which other amounts hold.
        pub until_month: Option<Month>,
    }

    /// Months `from_month` up to `resumed_month`, which is paid again.
    pub struct GrantStopRow in "grant_stop" key(grant_id: GrantId, place: u16) {
        pub from_month: Month,
        pub reason: StopReason,
        pub resumed_month: Option<Month>,
        /// Its months are owed after all, so they are kept back no more.
        pub owed: bool,
    }
}

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
        1
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
                let (resumed_month, owed) = (None, false);
                let stop =
                    GrantStopRow { grant_id, place, from_month, reason, resumed_month, owed };
                self.stops.put(stop);
            }
            Event::Resumed { from, back_pay, .. } => {
                (row.stopped_from, row.stop_reason) = (None, None);
                let last = (grant, row.stops.saturating_sub(1));
                self.stops.update(&last, store, |stop| {
                    (stop.resumed_month, stop.owed) = (Some(*from), !back_pay.is_empty());
                })?;
            }
            Event::Ended { last, reason } => {
                (row.last_month, row.ended) = (Some(*last), Some(*reason));
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

/// Which grants are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantFilter {
    pub person: Option<PersonId>,
    pub item: Option<ItemId>,
    pub fund: Option<FundCode>,
    pub area: Option<AreaCode>,
    /// A division: the grants of every county within it.
    pub county: Option<DivisionCode>,
    pub address: Option<PayAddressId>,
    /// Reaching into this month, stopped or not.
    pub month: Option<Month>,
    /// Whether a stop stands.
    pub stopped: Option<bool>,
}

impl GrantFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        let filter = within(Filter::new().divisions(scope, "county"), "county", self.county)
            .and_if("person =", self.person)
            .and_if("item =", self.item)
            .and_if("fund =", self.fund)
            .and_if("area =", self.area)
            .and_if("address =", self.address)
            .and_if("from_month <=", self.month)
            .and_if("COALESCE(last_month, '9999-12') >=", self.month);
        match self.stopped {
            None => filter,
            Some(true) => filter.and_that("stopped_from IS NOT NULL"),
            Some(false) => filter.and_that("stopped_from IS NULL"),
        }
    }
}

/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn grant(
    session: &ReadSession,
    scope: &Scope,
    grant: GrantId,
) -> Result<Option<GrantRow>, ViewError> {
    let row: Option<GrantRow> = session.get(&grant)?;
    Ok(row.filter(|row| scope.covers(row.county)))
}

/// Grants after `after`, by id.
pub fn grants(
    session: &ReadSession,
    scope: &Scope,
    filter: &GrantFilter,
    after: Option<GrantId>,
    limit: u32,
) -> Result<Vec<GrantRow>, ViewError> {
    let filter = filter.filter(scope).and_if("grant_id >", after);
    session.query(&filter.tail(&format!("ORDER BY grant_id LIMIT {limit}")), filter.binds())
}

pub fn count(session: &ReadSession, scope: &Scope, filter: &GrantFilter) -> Result<u64, ViewError> {
    let filter = filter.filter(scope);
    let sql = filter.tail("");
    session.scalar(NAME, &format!("SELECT COUNT(*) FROM benefit_grant {sql}"), filter.binds())
}

/// Those of `grants` that there are and that may be seen, by id.
pub fn many(
    session: &ReadSession,
    scope: &Scope,
    grants: &[GrantId],
) -> Result<Vec<GrantRow>, ViewError> {
    let keys = grants.iter().map(|grant| Value::from(*grant));
    let mut rows: Vec<GrantRow> = by_keys(session, "grant_id", keys)?;
    rows.retain(|row| scope.covers(row.county));
    rows.sort_unstable_by_key(|row| row.grant_id);
    Ok(rows)
}

/// Every grant of these beneficiaries, by person and id.
pub fn grants_of(
    session: &ReadSession,
    scope: &Scope,
    people: &[PersonId],
) -> Result<Vec<GrantRow>, ViewError> {
    let keys = people.iter().map(|person| Value::from(*person));
    let mut rows: Vec<GrantRow> = by_keys(session, "person", keys)?;
    rows.retain(|row| scope.covers(row.county));
    rows.sort_unstable_by_key(|row| (row.person, row.grant_id));
    Ok(rows)
}

/// Every amount that these grants ever had, by grant, month and place.
pub fn amounts(
    session: &ReadSession,
    scope: &Scope,
    grants: &[GrantId],
) -> Result<Vec<GrantAmountRow>, ViewError> {
    let keys = many(session, scope, grants)?.into_iter().map(|row| Value::from(row.grant_id));
    let mut rows: Vec<GrantAmountRow> = by_keys(session, "grant_id", keys)?;
    rows.sort_unstable_by_key(|row| (row.grant_id, row.from_month, row.place));
    Ok(rows)
}

/// Every stop of these grants, by grant and place.
pub fn stops(
    session: &ReadSession,
    scope: &Scope,
    grants: &[GrantId],
) -> Result<Vec<GrantStopRow>, ViewError> {
    let keys = many(session, scope, grants)?.into_iter().map(|row| Value::from(row.grant_id));
    let mut rows: Vec<GrantStopRow> = by_keys(session, "grant_id", keys)?;
    rows.sort_unstable_by_key(|row| (row.grant_id, row.place));
    Ok(rows)
}

/// What is owed for a month, by component, and since which month the amount holds.
pub type Owed = Vec<(Component, Money, Month)>;

/// What is owed for a month; none when nothing is, or when the grant may not be seen.
pub fn amounts_for(
    session: &ReadSession,
    scope: &Scope,
    id: GrantId,
    month: Month,
) -> Result<Option<Owed>, ViewError> {
    let Some(row) = grant(session, scope, id)? else { return Ok(None) };
    let stops: Vec<GrantStopRow> = session.query("WHERE grant_id = $1", &[Value::from(id)])?;
    if !row.reaches(month) || stops.iter().any(|stop| stop.keeps_back(month)) {
        return Ok(None);
    }
    let amounts: Vec<GrantAmountRow> = session.query(
        "WHERE grant_id = $1 AND from_month <= $2 \
         AND (until_month IS NULL OR until_month > $2) ORDER BY place",
        &[Value::from(id), Value::from(month)],
    )?;
    let owed: Vec<_> =
        amounts.into_iter().map(|row| (row.component, row.amount, row.from_month)).collect();
    Ok((!owed.is_empty()).then_some(owed))
}
