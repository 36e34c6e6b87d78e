//! What the other contexts ask about people, units and places: looked up and guarded, so that a
//! decision falls when the fact does.

use kernel::register::Register;
use registry::employer::{self, Employer};
use registry::organisation::Organisations;
use registry::person::{self, Person};
use shared::{Date, EmployerId, OrganisationId, PersonId};

use crate::error::CommandError;
use crate::unit::Unit;

/// The confirmed death of a registered id, if there is one.
///
/// # Errors
/// When nobody registered it, or it was merged into another id.
pub(crate) async fn death_of(unit: &Unit, person: PersonId) -> Result<Option<Date>, CommandError> {
    let (state, _) = unit.guard::<Person>(person).await?;
    match &*state {
        Person::Unknown => Err(person::Error::Unknown.into()),
        Person::Merged { into, .. } => Err(person::Error::Merged { into: *into }.into()),
        Person::Registered(_) => Ok(state.died_on()),
    }
}

/// # Errors
/// When the unit is not open.
pub(crate) async fn open_employer(unit: &Unit, employer: EmployerId) -> Result<(), CommandError> {
    employer_record(unit, employer).await.map(|_| ())
}

/// # Errors
/// When the unit is not open.
pub(super) async fn employer_record(
    unit: &Unit,
    employer: EmployerId,
) -> Result<employer::Record, CommandError> {
    let (state, _) = unit.guard::<Employer>(employer).await?;
    match &*state {
        Employer::Open(record) => Ok(record.clone()),
        Employer::Unknown => Err(employer::Error::Unknown.into()),
        Employer::Merged { into, on } => {
            Err(employer::Error::Merged { into: *into, on: *on }.into())
        }
        Employer::Deregistered { on } => Err(employer::Error::Deregistered { on: *on }.into()),
    }
}

/// # Errors
/// When there is no such organisation, or it is closed.
pub(crate) async fn open_organisation(
    unit: &Unit,
    organisation: OrganisationId,
) -> Result<(), CommandError> {
    let (state, _) = unit.guard::<Organisations>(organisation).await?;
    match &*state {
        Register::Open(_) => Ok(()),
        Register::Unknown | Register::Closed(_) => {
            Err(CommandError::NotFound { what: "organisation", id: organisation.to_string() })
        }
    }
}
