//! What is asked of grants: lists, their amounts, and what is owed for a month.

use shared::{
    AreaCode, Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    PersonId,
};

use super::{GrantAmountRow, GrantRow, GrantStopRow, NAME};
use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::seen;
use crate::many::{by_keys, within};
use crate::scope::{Filter, Scope};

seen! { NAME;
    GrantRow: by("county");
    GrantAmountRow: through("grant_id:benefit_grant", "county");
    GrantStopRow: by("county");
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
