//! Units, organisations, divisions and the grid: the lists that other read models' ids point to.

use kernel::register::Changed;
use kernel::{Micros, Position, Revision};
use registry::division::Division;
use registry::employer::{Details, Event, Kind};
use registry::grid::Grid;
use registry::organisation::{Kind as OrganisationKind, Organisation};
use shared::{
    AgencyCode, BankCode, CreditCode, Date, DivisionCode, EmployerId, GridId, OrganisationId,
    Sealed,
};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, StoreError,
    Table, Value, ViewError,
};
use crate::facts::Fact;
use crate::many::{by_keys, within};
use crate::record;
use crate::scope::{Filter, Scope};
use crate::words::{word_columns, words};

pub const NAME: &str = "employers";

words! {
    EmployerState {
        Open "open",
        Merged "merged",
        Deregistered "deregistered",
    }

    OrganisationSort {
        Agency "agency",
        Bank "bank",
        Outlet "outlet",
        School "school",
        Training "training",
        Hospital "hospital",
        Other "other",
    }
}

word_columns!(Kind);

record! {
    pub struct EmployerRow in "employer" key(employer: EmployerId)
        index("county", "employer") index("code") index("state", "employer")
    {
        /// None for a virtual unit 虚拟单位.
        pub code: Option<CreditCode>,
        /// What a virtual unit is for; none for a real one.
        pub purpose: Option<String>,
        pub name: String,
        pub kind: Kind,
        pub county: DivisionCode,
        pub industry: Option<String>,
        pub address: Option<String>,
        pub legal_representative: Option<Sealed>,
        pub contact: Option<Sealed>,
        pub state: EmployerState,
        pub merged_into: Option<EmployerId>,
        /// How many units it has absorbed.
        pub absorbed: u32,
        pub registered_on: Date,
        /// When it was merged or deregistered, and why.
        pub ended_on: Option<Date>,
        pub end_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct OrganisationRow in "organisation" key(organisation: OrganisationId)
        index("sort", "organisation") index("bank") index("agency")
    {
        pub name: String,
        pub county: DivisionCode,
        pub sort: OrganisationSort,
        pub agency: Option<AgencyCode>,
        pub bank: Option<BankCode>,
        pub open: bool,
        pub close_reason: Option<String>,
        pub registered_at: Micros,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct DivisionRow in "division" key(code: DivisionCode) index("parent", "code") {
        pub name: String,
        pub parent: Option<DivisionCode>,
        pub valid_from: Date,
        pub open: bool,
        pub close_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct GridRow in "grid" key(grid: GridId) index("division", "grid") index("parent") {
        pub name: String,
        pub division: DivisionCode,
        pub parent: Option<GridId>,
        pub organisation: Option<OrganisationId>,
        pub head_name: Option<Sealed>,
        pub head_phone: Option<Sealed>,
        pub open: bool,
        pub close_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }
}

#[derive(Default)]
pub struct Employers {
    employers: Cached<EmployerRow>,
    organisations: Cached<OrganisationRow>,
    divisions: Cached<DivisionRow>,
    grids: Cached<GridRow>,
}

impl Projection for Employers {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![EmployerRow::TABLE, OrganisationRow::TABLE, DivisionRow::TABLE, GridRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn categories(&self) -> &'static [&'static str] {
        &["employer", "organisation", "division", "grid"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Employer(event) => self.employer(happened, event, store),
            Fact::Organisation(changed) => self.organisation(happened, changed, store),
            Fact::Division(changed) => self.division(happened, changed, store),
            Fact::Grid(changed) => self.grid(happened, changed, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.employers.flush(store)?;
        self.organisations.flush(store)?;
        self.divisions.flush(store)?;
        self.grids.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Employers {
    fn employer(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let employer: EmployerId = happened.id()?;
        match event {
            Event::Registered { code, details, on, .. } => {
                let (code, purpose) = (Some(*code), None);
                self.employers.put(new_employer((employer, code, purpose), details, *on, happened));
            }
            Event::VirtualRegistered { details, purpose, on, .. } => {
                let (code, purpose) = (None, Some(purpose.clone()));
                self.employers.put(new_employer((employer, code, purpose), details, *on, happened));
            }
            Event::Changed { code, details, .. } => {
                self.changed(employer, happened, store, |row| {
                    row.code = code.or(row.code);
                    row.describe(details);
                })?;
            }
            Event::Merged { into, on, reason } => {
                self.changed(employer, happened, store, |row| {
                    row.end(EmployerState::Merged, *on, reason);
                    row.merged_into = Some(*into);
                })?;
            }
            Event::Absorbed { .. } => {
                self.changed(employer, happened, store, |row| row.absorbed += 1)?;
            }
            Event::Deregistered { on, reason } => {
                self.changed(employer, happened, store, |row| {
                    row.end(EmployerState::Deregistered, *on, reason);
                })?;
            }
        }
        Ok(())
    }

    fn changed(
        &mut self,
        employer: EmployerId,
        happened: &Happened<'_>,
        store: &mut dyn Store,
        change: impl FnOnce(&mut EmployerRow),
    ) -> Result<(), StoreError> {
        self.employers.update(&employer, store, |row| {
            change(row);
            (row.revision, row.position) = (happened.recorded.revision, happened.position());
        })?;
        Ok(())
    }

    fn organisation(
        &mut self,
        happened: &Happened<'_>,
        changed: &Changed<Organisation>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let organisation: OrganisationId = happened.id()?;
        let (revision, position) = (happened.recorded.revision, happened.position());
        match changed {
            Changed::Registered(entry) | Changed::Changed(entry) => {
                let known = self.organisations.get(&organisation, store)?;
                let registered_at =
                    known.map_or(happened.recorded.recorded_at, |known| known.registered_at);
                let (sort, agency, bank) = sort_of(&entry.kind);
                self.organisations.put(OrganisationRow {
                    organisation,
                    name: entry.name.clone(),
                    county: entry.county,
                    sort,
                    agency,
                    bank,
                    open: true,
                    close_reason: None,
                    registered_at,
                    revision,
                    position,
                });
            }
            Changed::Closed { reason } => {
                self.organisations.update(&organisation, store, |row| {
                    (row.open, row.close_reason) = (false, Some(reason.clone()));
                    (row.revision, row.position) = (revision, position);
                })?;
            }
        }
        Ok(())
    }

    fn division(
        &mut self,
        happened: &Happened<'_>,
        changed: &Changed<Division>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let code: DivisionCode = happened.id()?;
        let (revision, position) = (happened.recorded.revision, happened.position());
        match changed {
            Changed::Registered(entry) | Changed::Changed(entry) => {
                self.divisions.put(DivisionRow {
                    code,
                    name: entry.name.clone(),
                    parent: entry.parent,
                    valid_from: entry.valid_from,
                    open: true,
                    close_reason: None,
                    revision,
                    position,
                });
            }
            Changed::Closed { reason } => {
                self.divisions.update(&code, store, |row| {
                    (row.open, row.close_reason) = (false, Some(reason.clone()));
                    (row.revision, row.position) = (revision, position);
                })?;
            }
        }
        Ok(())
    }

    fn grid(
        &mut self,
        happened: &Happened<'_>,
        changed: &Changed<Grid>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let grid: GridId = happened.id()?;
        let (revision, position) = (happened.recorded.revision, happened.position());
        match changed {
            Changed::Registered(entry) | Changed::Changed(entry) => {
                self.grids.put(GridRow {
                    grid,
                    name: entry.name.clone(),
                    division: entry.division,
                    parent: entry.parent,
                    organisation: entry.organisation,
                    head_name: entry.head.as_ref().map(|head| head.name.clone()),
                    head_phone: entry.head.as_ref().map(|head| head.phone.clone()),
                    open: true,
                    close_reason: None,
                    revision,
                    position,
                });
            }
            Changed::Closed { reason } => {
                self.grids.update(&grid, store, |row| {
                    (row.open, row.close_reason) = (false, Some(reason.clone()));
                    (row.revision, row.position) = (revision, position);
                })?;
            }
        }
        Ok(())
    }
}

fn new_employer(
    (employer, code, purpose): (EmployerId, Option<CreditCode>, Option<String>),
    details: &Details,
    on: Date,
    happened: &Happened<'_>,
) -> EmployerRow {
    EmployerRow {
        employer,
        code,
        purpose,
        name: details.name.clone(),
        kind: details.kind,
        county: details.county,
        industry: details.industry.clone(),
        address: details.address.clone(),
        legal_representative: details.legal_representative.clone(),
        contact: details.contact.clone(),
        state: EmployerState::Open,
        merged_into: None,
        absorbed: 0,
        registered_on: on,
        ended_on: None,
        end_reason: None,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}

impl EmployerRow {
    /// Everything as it is now.
    fn describe(&mut self, details: &Details) {
        let Details { name, kind, county, industry, address, legal_representative, contact } =
            details;
        self.name.clone_from(name);
        (self.kind, self.county) = (*kind, *county);
        self.industry.clone_from(industry);
        self.address.clone_from(address);
        self.legal_representative.clone_from(legal_representative);
        self.contact.clone_from(contact);
    }

    fn end(&mut self, state: EmployerState, on: Date, reason: &str) {
        self.state = state;
        (self.ended_on, self.end_reason) = (Some(on), Some(reason.to_owned()));
    }
}

fn sort_of(kind: &OrganisationKind) -> (OrganisationSort, Option<AgencyCode>, Option<BankCode>) {
    match kind {
        OrganisationKind::Agency { agency } => (OrganisationSort::Agency, Some(*agency), None),
        OrganisationKind::Bank { bank } => (OrganisationSort::Bank, None, Some(*bank)),
        OrganisationKind::Outlet => (OrganisationSort::Outlet, None, None),
        OrganisationKind::School => (OrganisationSort::School, None, None),
        OrganisationKind::Training => (OrganisationSort::Training, None, None),
        OrganisationKind::Hospital => (OrganisationSort::Hospital, None, None),
        OrganisationKind::Other => (OrganisationSort::Other, None, None),
    }
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
