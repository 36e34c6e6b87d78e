//! What is asked of units, organisations, divisions and the grid.

use registry::employer::Kind;
use shared::{CreditCode, DivisionCode, EmployerId, GridId, OrganisationId};

use super::{
    DivisionRow, EmployerRow, EmployerState, GridRow, NAME, OrganisationRow, OrganisationSort,
};
use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::seen;
use crate::many::{by_keys, within};
use crate::scope::{Filter, Scope};

// Agencies and banks are public, and so is a list of places.
seen! { NAME;
    EmployerRow: by("county");
    OrganisationRow: public;
    DivisionRow: public;
    GridRow: by("division");
}

/// Which units are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmployerFilter {
    /// A division: the units of every county within it.
    pub county: Option<DivisionCode>,
    pub code: Option<CreditCode>,
    pub kind: Option<Kind>,
    pub state: Option<EmployerState>,
}

impl EmployerFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        within(Filter::new().divisions(scope, "county"), "county", self.county)
            .and_if("code =", self.code.map(|code| code.as_str().to_owned()))
            .and_if("kind =", self.kind)
            .and_if("state =", self.state)
    }
}

/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn employer(
    session: &ReadSession,
    scope: &Scope,
    employer: EmployerId,
) -> Result<Option<EmployerRow>, ViewError> {
    let row: Option<EmployerRow> = session.get(&employer)?;
    Ok(row.filter(|row| scope.covers(row.county)))
}

/// Those of `employers` that there are and that may be seen, by id.
pub fn many(
    session: &ReadSession,
    scope: &Scope,
    employers: &[EmployerId],
) -> Result<Vec<EmployerRow>, ViewError> {
    let keys = employers.iter().map(|employer| Value::from(*employer));
    let mut rows: Vec<EmployerRow> = by_keys(session, "employer", keys)?;
    rows.retain(|row| scope.covers(row.county));
    rows.sort_unstable_by_key(|row| row.employer);
    Ok(rows)
}

/// Units after `after`, by id.
pub fn employers(
    session: &ReadSession,
    scope: &Scope,
    filter: &EmployerFilter,
    after: Option<EmployerId>,
    limit: u32,
) -> Result<Vec<EmployerRow>, ViewError> {
    let filter = filter.filter(scope).and_if("employer >", after);
    session.query(&filter.tail(&format!("ORDER BY employer LIMIT {limit}")), filter.binds())
}

pub fn count(
    session: &ReadSession,
    scope: &Scope,
    filter: &EmployerFilter,
) -> Result<u64, ViewError> {
    let filter = filter.filter(scope);
    let sql = filter.tail("");
    session.scalar(NAME, &format!("SELECT COUNT(*) FROM employer {sql}"), filter.binds())
}

/// Organisations after `after`, by id. Agencies and banks are public: the scope hides none.
pub fn organisations(
    session: &ReadSession,
    _scope: &Scope,
    sort: Option<OrganisationSort>,
    after: Option<OrganisationId>,
    limit: u32,
) -> Result<Vec<OrganisationRow>, ViewError> {
    let filter = Filter::new().and_if("sort =", sort).and_if("organisation >", after);
    session.query(&filter.tail(&format!("ORDER BY organisation LIMIT {limit}")), filter.binds())
}

/// Those of `organisations` that there are, by id.
pub fn many_organisations(
    session: &ReadSession,
    _scope: &Scope,
    organisations: &[OrganisationId],
) -> Result<Vec<OrganisationRow>, ViewError> {
    let keys = organisations.iter().map(|organisation| Value::from(*organisation));
    let mut rows: Vec<OrganisationRow> = by_keys(session, "organisation", keys)?;
    rows.sort_unstable_by_key(|row| row.organisation);
    Ok(rows)
}

/// Divisions as the bureau lists them, after `after`, by code; of one parent, or of all. A list of
/// places is public: the scope hides none.
pub fn divisions(
    session: &ReadSession,
    _scope: &Scope,
    parent: Option<DivisionCode>,
    after: Option<DivisionCode>,
    limit: u32,
) -> Result<Vec<DivisionRow>, ViewError> {
    let filter = Filter::new().and_if("parent =", parent).and_if("code >", after);
    session.query(&filter.tail(&format!("ORDER BY code LIMIT {limit}")), filter.binds())
}

/// Cells of the grid within a division, after `after`, by id.
pub fn grids(
    session: &ReadSession,
    scope: &Scope,
    area: Option<DivisionCode>,
    after: Option<GridId>,
    limit: u32,
) -> Result<Vec<GridRow>, ViewError> {
    let filter = within(Filter::new().divisions(scope, "division"), "division", area)
        .and_if("grid >", after.map(|grid| grid.to_string()));
    session.query(&filter.tail(&format!("ORDER BY grid LIMIT {limit}")), filter.binds())
}
