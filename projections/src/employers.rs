//! Units, organisations, divisions and the grid: the lists that other read models' ids point to.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What can be asked? | [`read`] |

mod read;
mod rows;

use kernel::register::Changed;
use registry::division::Division;
use registry::employer::{Details, Event};
use registry::grid::Grid;
use registry::organisation::{Kind as OrganisationKind, Organisation};
use shared::{
    AgencyCode, BankCode, CreditCode, Date, DivisionCode, EmployerId, GridId, OrganisationId,
};

pub use self::read::{
    EmployerFilter, count, divisions, employer, employers, grids, many, many_organisations,
    organisations,
};
pub use self::rows::{
    DivisionRow, EmployerRow, EmployerState, GridRow, OrganisationRow, OrganisationSort,
};
use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, Record, Store, StoreError, Table,
};
use crate::facts::Fact;

pub const NAME: &str = "employers";

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
