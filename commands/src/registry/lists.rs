//! List entries: organisations, divisions, grid cells. Codes are claimed while an entry is open.

use std::fmt::Display;

use kernel::register::Command;
use kernel::{Entry, Register, StreamName};
use registry::claims;
use registry::division::Division;
use registry::grid::{Grid, Head};
use registry::organisation::{Kind, Organisation};
use serde::{Deserialize, Serialize};
use shared::{DivisionCode, GridId, OrganisationId};

use super::Registry;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refusal, Refused};
use crate::execute::Done;
use crate::personal::{self, Clear, number_refused, seal};
use crate::taken;
use crate::unit::Unit;

/// `organisation`: made from the command where it is absent on registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutOrganisation {
    pub organisation: Option<OrganisationId>,
    pub entry: Organisation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutDivision {
    pub entry: Division,
}

/// `grid`: made from the command where it is absent on registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutGrid {
    pub grid: Option<GridId>,
    pub entry: GridDetails,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridDetails {
    pub name: String,
    pub division: DivisionCode,
    pub parent: Option<GridId>,
    pub organisation: Option<OrganisationId>,
    /// Absent in a change: it stays as it was.
    pub head: Option<GridHead>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridHead {
    pub name: Clear,
    pub phone: Clear,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close<Id> {
    pub id: Id,
    pub reason: String,
}

impl Registry {
    /// # Errors
    /// A code that another open organisation has.
    pub async fn register_organisation(
        &self,
        envelope: &Envelope,
        input: &PutOrganisation,
    ) -> Result<Done<OrganisationId>, CommandError> {
        let done =
            self.executor.run(envelope, "organisation.register", input, async |unit: Unit| {
                let made = || OrganisationId::from_uuid(unit.new_id("organisation", 0));
                let id = input.organisation.unwrap_or_else(made);
                put(&unit, id, Command::Register(input.entry.clone()), organisation_key).await?;
                Ok(id)
            });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// As [`Registry::register_organisation`]; an entry that is not open.
    pub async fn change_organisation(
        &self,
        envelope: &Envelope,
        input: &PutOrganisation,
    ) -> Result<Done<OrganisationId>, CommandError> {
        let done = self.executor.run(envelope, "organisation.change", input, async |unit: Unit| {
            let id = input.organisation.ok_or_else(no_id)?;
            put(&unit, id, Command::Change(input.entry.clone()), organisation_key).await?;
            Ok(id)
        });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// An entry that is not open, no reason.
    pub async fn close_organisation(
        &self,
        envelope: &Envelope,
        input: &Close<OrganisationId>,
    ) -> Result<Done<OrganisationId>, CommandError> {
        self.executor
            .run(envelope, "organisation.close", input, async |unit: Unit| {
                let close = Command::Close { reason: input.reason.clone() };
                put(&unit, input.id, close, organisation_key).await?;
                Ok(input.id)
            })
            .await
    }

    /// # Errors
    /// A division that is registered already.
    pub async fn register_division(
        &self,
        envelope: &Envelope,
        input: &PutDivision,
    ) -> Result<Done<DivisionCode>, CommandError> {
        let done = self.executor.run(envelope, "division.register", input, async |unit: Unit| {
            let code = input.entry.code;
            put(&unit, code, Command::Register(input.entry.clone()), division_key).await?;
            Ok(code)
        });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// An entry that is not open.
    pub async fn change_division(
        &self,
        envelope: &Envelope,
        input: &PutDivision,
    ) -> Result<Done<DivisionCode>, CommandError> {
        self.executor
            .run(envelope, "division.change", input, async |unit: Unit| {
                let code = input.entry.code;
                put(&unit, code, Command::Change(input.entry.clone()), division_key).await?;
                Ok(code)
            })
            .await
    }

    /// # Errors
    /// An entry that is not open, no reason.
    pub async fn close_division(
        &self,
        envelope: &Envelope,
        input: &Close<DivisionCode>,
    ) -> Result<Done<DivisionCode>, CommandError> {
        self.executor
            .run(envelope, "division.close", input, async |unit: Unit| {
                let close = Command::Close { reason: input.reason.clone() };
                put(&unit, input.id, close, division_key).await?;
                Ok(input.id)
            })
            .await
    }

    /// # Errors
    /// What is wrong with the head's phone number.
    pub async fn register_grid(
        &self,
        envelope: &Envelope,
        input: &PutGrid,
    ) -> Result<Done<GridId>, CommandError> {
        self.executor
            .run(envelope, "grid.register", input, async |unit: Unit| {
                let grid = input.grid.unwrap_or_else(|| GridId::from_uuid(unit.new_id("grid", 0)));
                let entry = cell(&unit, grid, &input.entry, None).await?;
                put(&unit, grid, Command::Register(entry), |_: &Grid| None).await?;
                Ok(grid)
            })
            .await
    }

    /// # Errors
    /// As [`Registry::register_grid`]; an entry that is not open.
    pub async fn change_grid(
        &self,
        envelope: &Envelope,
        input: &PutGrid,
    ) -> Result<Done<GridId>, CommandError> {
        self.executor
            .run(envelope, "grid.change", input, async |unit: Unit| {
                let grid = input.grid.ok_or_else(no_id)?;
                let (now, _) = unit.guard::<Register<Grid>>(grid).await?;
                let head = open_entry(&now).and_then(|now| now.head.clone());
                let entry = cell(&unit, grid, &input.entry, head).await?;
                put(&unit, grid, Command::Change(entry), |_: &Grid| None).await?;
                Ok(grid)
            })
            .await
    }

    /// # Errors
    /// An entry that is not open, no reason.
    pub async fn close_grid(
        &self,
        envelope: &Envelope,
        input: &Close<GridId>,
    ) -> Result<Done<GridId>, CommandError> {
        self.executor
            .run(envelope, "grid.close", input, async |unit: Unit| {
                let close = Command::Close { reason: input.reason.clone() };
                put(&unit, input.id, close, |_: &Grid| None).await?;
                Ok(input.id)
            })
            .await
    }
}

/// Decides, and moves the claim from what the entry was to what it is.
async fn put<T>(
    unit: &Unit,
    id: impl Display,
    command: Command<T>,
    key: impl Fn(&T) -> Option<String>,
) -> Result<(), CommandError>
where
    T: Entry,
    T::Invalid: Refusal,
{
    let stream = StreamName::new(T::CATEGORY, &id);
    let (before, _) = unit.guard::<Register<T>>(&id).await?;
    let before = open_entry(&before).and_then(&key);
    unit.decide::<Register<T>>(&id, command).await?;
    let (after, _) = unit.load::<Register<T>>(&id).await?;
    let after = open_entry(&after).and_then(&key);
    if before != after {
        if let Some(key) = before {
            unit.release(key, stream.as_str());
        }
        if let Some(key) = after {
            unit.take(key, stream.as_str());
        }
    }
    Ok(())
}

fn open_entry<T>(state: &Register<T>) -> Option<&T> {
    match state {
        Register::Open(entry) => Some(entry),
        Register::Unknown | Register::Closed(_) => None,
    }
}

fn organisation_key(entry: &Organisation) -> Option<String> {
    match entry.kind {
        Kind::Agency { agency } => Some(claims::agency(agency)),
        Kind::Bank { bank } => Some(claims::bank(bank)),
        Kind::Outlet | Kind::School | Kind::Training | Kind::Hospital | Kind::Other => None,
    }
}

fn division_key(entry: &Division) -> Option<String> {
    Some(claims::division(entry.code))
}

/// The entry with its head sealed under the cell's own id.
async fn cell(
    unit: &Unit,
    grid: GridId,
    input: &GridDetails,
    now: Option<Head>,
) -> Result<Grid, CommandError> {
    let head = match &input.head {
        None => now,
        Some(head) => {
            let name = personal::name(&head.name, "head.name")?;
            let phone = shared::Phone::parse(head.phone.expose())
                .map_err(|error| number_refused(&error, "head.phone"))?;
            let subject = grid.uuid();
            unit.keys().ensure(&[subject]).await?;
            Some(Head {
                name: seal(unit, subject, 0, "head.name", &name)?,
                phone: seal(unit, subject, 0, "head.phone", phone.as_str())?,
            })
        }
    };
    Ok(Grid {
        grid,
        name: input.name.clone(),
        division: input.division,
        parent: input.parent,
        organisation: input.organisation,
        head,
    })
}

fn no_id() -> CommandError {
    Refused::new("ID_MISSING", "未指明要变更的条目", "the entry to change is not named").into()
}
